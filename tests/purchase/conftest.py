"""The ledger's databases, as the storage tests have them; one simulated shop and one browser for all."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import nullcontext
from pathlib import Path

import aiohttp
import pytest
import pytest_asyncio
from tests.buying_shop import Counter, counter, furnish, pool_at
from tests.simulator_fixture import Simulator, simulator_process
from tests.storage.conftest import (
    address,
    database,
    open_database,
    postgres_template,
    server,
    sqlite_template,
)

from shopwatch.browser.pool import Pool
from shopwatch.config.files import ConfigFolder

__all__ = ["address", "database", "open_database", "postgres_template", "server", "sqlite_template"]

#: What happened to a purchase, and how it ended: (kind, what, before, after, orders).
Row = tuple[str, str, str, str, int]


@pytest.fixture(scope="session")
def origins() -> Iterator[dict[str, str]]:
    with simulator_process() as found:
        yield found


@pytest.fixture(scope="session")
def sessions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the shared browser looks for who is signed in."""
    return tmp_path_factory.mktemp("sessions")


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def pool(origins: dict[str, str], sessions: Path) -> AsyncIterator[Pool]:
    await furnish(origins, sessions / "site")
    async with pool_at(sessions, ConfigFolder(sessions / "site" / "config").load().settings) as pool:
        yield pool


@pytest_asyncio.fixture(loop_scope="session")
async def simulator(origins: dict[str, str]) -> AsyncIterator[Simulator]:
    async with aiohttp.ClientSession() as session:
        simulator = Simulator(origins, session)
        await simulator.tell("POST", "/reset", {"stores": False})
        yield simulator


@pytest_asyncio.fixture(loop_scope="session")
async def shop(simulator: Simulator, pool: Pool, sessions: Path, tmp_path: Path) -> AsyncIterator[Counter]:
    """A folder and a book of one's own, at the shared browser, newly signed in."""
    (tmp_path / "sessions").symlink_to(sessions)
    await furnish(simulator.origins, tmp_path)
    async with counter(tmp_path, pool=pool) as shop:
        yield shop


@pytest.fixture(scope="session")
def matrix(request: pytest.FixtureRequest) -> Iterator[list[Row]]:
    """What every case of the matrix came to, printed in the end."""
    rows: list[Row] = []
    yield rows
    capture = request.config.pluginmanager.getplugin("capturemanager")
    with nullcontext() if capture is None else capture.global_and_fixture_disabled():
        for kind, what, before, after, orders in sorted(rows):
            told = f"{kind:<9} {what:<34} {before:>10} -> {after:<10} {orders} in the order book"
            sys.stdout.write(f"\n{told}")
