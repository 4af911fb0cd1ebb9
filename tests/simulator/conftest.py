"""One simulator process for all tests of the simulator, put back to its first day before each."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import aiohttp
import pytest
from tests.simulator_fixture import Simulator, simulator_process


@pytest.fixture(scope="session")
def simulator_origins() -> Iterator[dict[str, str]]:
    with simulator_process() as origins:
        yield origins


@pytest.fixture
async def simulator(simulator_origins: dict[str, str]) -> AsyncIterator[Simulator]:
    async with aiohttp.ClientSession() as session:
        simulator = Simulator(simulator_origins, session)
        await simulator.tell("POST", "/reset", {"stores": False})
        yield simulator
