"""``shopwatch simulate``: the six retailers on loopback, and a configuration that points at them."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from shopwatch.cli import context as ctx
from shopwatch.config import documents
from shopwatch.config.files import ConfigFolder
from shopwatch.config.watchlist import HEAD
from shopwatch.domain.errors import Conflict, Unusable
from shopwatch.simulator.server import CannotStart, Options, serve

#: Which origin of the simulator stands for which address of which retailer.
_ADDRESSES: Mapping[str, Mapping[str, str]] = {
    "verizon": {"base_url": "verizon"},
    "att": {"base_url": "att"},
    "target": {
        "base_url": "target",
        "api_url": "target-api",
        "carts_url": "target-carts",
        "account_url": "target-api",
    },
    "tmobile": {"base_url": "tmobile"},
    "walmart": {"base_url": "walmart"},
    "bestbuy": {"base_url": "bestbuy", "api_url": "bestbuy-api"},
}
_LOCATION = {"store_id": "2272", "zip": "20147", "state": "VA", "latitude": 39.03, "longitude": -77.49}


def simulate(
    *,
    port: Annotated[
        int, typer.Option(help="Of the control API; the sites take the next nine. 0: any.")
    ] = 8800,
    latency_ms: Annotated[float, typer.Option(min=0, help="Milliseconds each answer takes.")] = 50.0,
    seed: Annotated[int, typer.Option(help="Same seed, same world.")] = 1,
    stores: Annotated[Path | None, typer.Option(help="Folder of GeoJSON store sets.")] = None,
    products: Annotated[int, typer.Option(min=0, help="Products on each shelf.")] = 200,
    write_config: Annotated[
        Path | None, typer.Option(help="Write a configuration folder that points at this simulator.")
    ] = None,
) -> None:
    """Run the six retailers on loopback until stopped; prints one JSON line with all origins when ready."""
    options = Options(port=port, latency_ms=latency_ms, seed=seed, stores=stores, products=products)

    def ready(told: dict[str, Any]) -> None:
        if write_config is not None:
            write_configuration(write_config, told["origins"])
        sys.stdout.write(json.dumps(told) + "\n")
        sys.stdout.flush()

    try:
        ctx.run(_serve(options, ready))
    except CannotStart as error:
        raise Unusable(str(error)) from None


async def _serve(options: Options, ready: Any) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await serve(options, ready=ready, stop=stop)


def write_configuration(
    folder: Path,
    origins: Mapping[str, str],
    *,
    products: Mapping[str, Any] | None = None,
    delays_s: tuple[float, float] = (0.0, 0.05),
    workers: int = 4,
    retailers: Sequence[str] = tuple(_ADDRESSES),
) -> None:
    """Write a configuration whose every address is the simulator's.

    Raises:
        Conflict: the folder has a configuration already; somebody's own is never overwritten.
    """
    for name in ("shopwatch.yaml", "retailers.yaml"):
        if (folder / name).exists():
            raise Conflict(f"{folder / name} exists: choose another folder, or delete it")
    sections = {name: _section(name, origins) for name in retailers}
    file = {
        "defaults": {"min_delay": delays_s[0], "max_delay": delays_s[1], "workers": workers},
        "retailers": sections,
    }
    now = ctx.now()
    head = "# Points at a simulator, not at the real sites.\n"
    configuration = ConfigFolder(folder)
    configuration.save_text("retailers.yaml", documents.dump(file, head=head), now=now)
    shopwatch = {"products": dict(products or {})}
    configuration.save_text("shopwatch.yaml", documents.dump(shopwatch, head=HEAD), now=now)


def _section(retailer: str, origins: Mapping[str, str]) -> dict[str, Any]:
    addresses = {setting: origins[origin] for setting, origin in _ADDRESSES[retailer].items()}
    section: dict[str, Any] = {"enabled": True, **addresses}
    if retailer in ("target", "bestbuy", "walmart"):
        section["location"] = dict(_LOCATION)
        section["stock_requests_per_second"] = 20.0
        section["stock_in_flight"] = 8
        section["stock_min_interval"] = 0.5
    if retailer == "bestbuy":
        section["keys"] = {"api": "simulator"}
    return section
