"""``shopwatch simulate``: the six retailers on loopback, and a configuration that points at them."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from shopwatch.bootstrap.simulated import write_configuration
from shopwatch.cli import context as ctx
from shopwatch.domain.errors import Unusable
from shopwatch.simulator.server import CannotStart, Options, serve

__all__ = ["simulate", "write_configuration"]


def simulate(
    *,
    port: Annotated[
        int, typer.Option(min=0, max=65_526, help="Of the control API; the sites take the next nine. 0: any.")
    ] = 8800,
    latency_ms: Annotated[float, typer.Option(min=0, help="Milliseconds each answer takes.")] = 50.0,
    seed: Annotated[int, typer.Option(help="Same seed, same world.")] = 1,
    stores: Annotated[Path | None, typer.Option(help="Folder of GeoJSON store sets.")] = None,
    store_count: Annotated[
        int | None, typer.Option(min=1, help="Stores in each made-up set; default: a few hundred.")
    ] = None,
    products: Annotated[int, typer.Option(min=0, help="Products on each shelf.")] = 200,
    write_config: Annotated[
        Path | None, typer.Option(help="Write a configuration folder that points at this simulator.")
    ] = None,
) -> None:
    """Run the six retailers on loopback until stopped; prints their addresses as one JSON line."""
    options = Options(
        port=port,
        latency_ms=latency_ms,
        seed=seed,
        stores=stores,
        store_count=store_count,
        products=products,
    )

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
