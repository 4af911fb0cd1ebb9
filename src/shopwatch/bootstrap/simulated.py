"""A simulator as a child of ours, and a configuration that points at it: for demo and rehearsals."""

from __future__ import annotations

import asyncio
import json
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from shopwatch.bootstrap.ending import end
from shopwatch.bootstrap.folder import config_folder
from shopwatch.config import documents
from shopwatch.config.watchlist import HEAD
from shopwatch.domain.errors import Conflict, Unusable
from shopwatch.retailers.registry import RETAILERS

_LONGEST_START_S = 60.0
_LONGEST_END_S = 10.0
#: Which of a retailer's origins stands for which address of its site, where the site has one of its own.
_ORIGINS = {"base_url": "", "api_url": "-api", "carts_url": "-carts", "account_url": "-api"}
_LOCATION = {"store_id": "2272", "zip": "20147", "state": "VA", "latitude": 39.03, "longitude": -77.49}


@asynccontextmanager
async def simulator(*, products: int, latency_ms: float) -> AsyncIterator[dict[str, Any]]:
    """The six retailers on free ports of loopback while the block lasts; gives what the simulator told.

    It ends with this process too, however that ends: what it reads from us comes to an end then.

    Raises:
        Unusable: it does not start.
    """
    words = [sys.executable, "-m", "shopwatch.simulator", "--port", "0"]
    words += ["--products", str(products), "--latency-ms", str(latency_ms), "--until-eof"]
    process = await asyncio.create_subprocess_exec(*words, stdin=PIPE, stdout=PIPE, start_new_session=True)
    try:
        yield await _told(process)
    finally:
        await end(process, within_s=_LONGEST_END_S)


async def _told(process: Process) -> dict[str, Any]:
    """The one line that it prints when it answers."""
    line = b""
    if process.stdout is not None:
        with suppress(TimeoutError):
            async with asyncio.timeout(_LONGEST_START_S):
                line = await process.stdout.readline()
    if not line:
        raise Unusable("the simulator did not start; run `shopwatch simulate` to see why")
    told: dict[str, Any] = json.loads(line)
    return told


def write_configuration(
    folder: Path,
    origins: Mapping[str, str],
    *,
    products: Mapping[str, Any] | None = None,
    delays_s: tuple[float, float] = (0.0, 0.05),
    workers: int = 4,
    retailers: Sequence[str] = tuple(RETAILERS),
    sections: Mapping[str, Any] | None = None,
) -> None:
    """Write a configuration whose every address is the simulator's; ``sections``: more of shopwatch.yaml.

    Raises:
        Conflict: the folder has a configuration already; somebody's own is never overwritten.
    """
    for name in ("shopwatch.yaml", "retailers.yaml"):
        if (folder / name).exists():
            raise Conflict(f"{folder / name} exists: choose another folder, or delete it")
    file = {
        "defaults": {"min_delay": delays_s[0], "max_delay": delays_s[1], "workers": workers},
        "retailers": {name: _section(name, origins) for name in retailers},
    }
    now = datetime.now(UTC)
    head = "# Points at a simulator, not at the real sites.\n"
    configuration = config_folder(folder)
    configuration.save_text("retailers.yaml", documents.dump(file, head=head), now=now)
    shopwatch = {"products": dict(products or {}), **(sections or {})}
    configuration.save_text("shopwatch.yaml", documents.dump(shopwatch, head=HEAD), now=now)


def _section(retailer: str, origins: Mapping[str, str]) -> dict[str, Any]:
    known = RETAILERS[retailer]
    addresses = {
        setting: origins[f"{retailer}{part}"]
        for setting, part in _ORIGINS.items()
        if getattr(known.site, setting)
    }
    section: dict[str, Any] = {"enabled": True, **addresses}
    if known.stock is not None:
        section["location"] = dict(_LOCATION)
        section["stock_requests_per_second"] = 20.0
        section["stock_in_flight"] = 8
        section["stock_min_interval"] = 0.5
    if known.site.api_url and not known.site.keys:
        section["keys"] = {"api": "simulator"}
    return section
