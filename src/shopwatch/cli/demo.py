"""``shopwatch demo``: simulator and product on a throw-away folder, busy from the first second."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

import aiohttp
import typer

from shopwatch.bootstrap.core import Core
from shopwatch.bootstrap.paths import Paths
from shopwatch.bootstrap.simulated import simulator, write_configuration
from shopwatch.bootstrap.simulated_account import sign_in_simulated
from shopwatch.cli import context as ctx
from shopwatch.cli import logs
from shopwatch.cli.output import say
from shopwatch.cli.serve import heed_signals
from shopwatch.domain.errors import ShopwatchError
from shopwatch.retailers.registry import CHECKOUTS
from shopwatch.web.serving import Interrupted, Served, Wish, serve

_SHELF = 60  #: products of each shop
_WATCHED = 24  #: products of each shelf that the demo watches
_CRAWLED = ("verizon", "target", "att")  #: start at once; the others by a click
#: Test mode, with the caps without which the guard refuses everything.
_SAFETY = {
    "test_mode": True,
    "max_order_total": 120.0,
    "max_daily_spend": 400.0,
    "purchase_cooldown": 60.0,
    "ship_to_zip": "20147",
    "card_last_four": "4444",
}
_PRIORITIES = ("normal", "normal", "high", "low", "normal", "critical")


def demo(
    context: typer.Context,
    *,
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port of the dashboard; 0 takes any.")] = 5001,
    seconds: Annotated[
        float | None, typer.Option(min=1, help="Stop by itself after so many seconds.")
    ] = None,
) -> None:
    """Show everything against the built-in simulator: watches, restocks, crawls. Nothing is kept."""
    with TemporaryDirectory(prefix="shopwatch-demo-") as folder:
        paths = Paths(config_dir=Path(folder) / "config", data_dir=Path(folder) / "data")
        logs.set_up(paths.logs / "shopwatch.log", verbose=ctx.of(context).verbose)
        ctx.run(_demo(paths, port, seconds))


async def _demo(paths: Paths, port: int, seconds: float | None) -> None:
    stop = Interrupted()
    heed_signals(stop)
    if seconds is not None:
        asyncio.get_running_loop().call_later(seconds, stop.set)
    async with simulator(products=_SHELF, latency_ms=40) as told:
        await _prepare(paths, told)
        begun: list[asyncio.Task[None]] = []

        def ready(served: Served, core: Core) -> None:
            begun.append(asyncio.create_task(_start_crawls(served.url), name="demo crawls"))
            say(f"Dashboard: {served.url}")
            say(f"Simulator: {told['control']}  (its sites, faults and shelves)")
            say("Press Ctrl-C to end the demo; nothing of it is kept.")

        wish = Wish(host="127.0.0.1", port=port, end_children=True)
        await serve(paths, wish, stop=stop, ready=ready)
        for task in begun:
            task.cancel()


async def _prepare(paths: Paths, told: Mapping[str, Any]) -> None:
    """Lay products on the watch list and plan restocks, price changes and a drop or two."""
    products: dict[str, Any] = {}
    async with aiohttp.ClientSession(told["control"]) as session:
        for site in ("target", "bestbuy", "walmart"):
            async with session.get(f"/products/{site}") as response:
                shelf = (await response.json())["products"]
            chosen = [one for one in shelf if one["kind"] != "VAP"][:_WATCHED]
            products |= {_name(site, one): _watch(site, one, number) for number, one in enumerate(chosen)}
            plan = {
                "seed": 7,
                "site": site,
                "duration": 1800,
                "restocks": 120,
                "window": [15, 120],
                "drops": 6,
            }
            async with session.post("/scenario", json={"plan": plan, "replace": False}) as response:
                response.raise_for_status()
    write_configuration(
        paths.config_dir,
        told["origins"],
        products=products,
        delays_s=(0.05, 0.25),
        workers=2,
        sections={"safety": _SAFETY},
    )
    await sign_in_simulated(told["origins"], paths.sessions)


def _name(site: str, product: Mapping[str, Any]) -> str:
    return product["sku"] if site == "target" else f"{site}:{product['sku']}"


def _watch(site: str, product: Mapping[str, Any], number: int) -> dict[str, Any]:
    return {
        "name": product["title"],
        "max_price": round(product["price_cents"] * 1.1 / 100, 2),
        "priority": _PRIORITIES[number % len(_PRIORITIES)],
        "check_frequency": 5 if number % 3 == 0 else 10,
        "tags": [product["brand"] or "other"],
        # Some may be bought: rehearsed to the last click, or refused where they are over the caps.
        "auto_purchase": site in CHECKOUTS and number % 2 == 0,
    }


async def _start_crawls(url: str) -> None:
    """Press the buttons a person would press first."""
    async with aiohttp.ClientSession(url) as session:
        for retailer in _CRAWLED:
            with suppress(aiohttp.ClientError, ShopwatchError):
                async with session.post("/api/scraper/start", json={"retailer": retailer}):
                    pass
