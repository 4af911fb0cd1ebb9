"""``shopwatch monitor``, and ``monitor --sweep``: every enabled watch once."""

from __future__ import annotations

import asyncio
import signal
from collections import Counter
from pathlib import Path
from typing import Annotated

import typer

from shopwatch.bootstrap.clients import client_of
from shopwatch.bootstrap.core import opened
from shopwatch.bootstrap.watching import MonitorWish, sources_of, watch
from shopwatch.cli import context as ctx
from shopwatch.cli import logs
from shopwatch.cli.confirming import PACINGS, check_pacing, confirm_live, mode_line
from shopwatch.cli.output import complain, print_json, say, table
from shopwatch.config.files import Loaded
from shopwatch.domain.errors import Invalid
from shopwatch.monitor.recorder import Recorder
from shopwatch.monitor.sweep import SweepReport, sweep
from shopwatch.monitor.watchlist import WatchList


def monitor(
    context: typer.Context,
    *,
    live: Annotated[bool, typer.Option("--live", help="May buy, within the limits of `safety`.")] = False,
    confirmed: Annotated[bool, typer.Option("--confirmed", hidden=True)] = False,
    pacing: Annotated[str | None, typer.Option(help=" | ".join(PACINGS))] = None,
    one_sweep: Annotated[
        bool, typer.Option("--sweep", help="Check every enabled watch once and end.")
    ] = False,
    old_format: Annotated[bool, typer.Option("--old-format", help="Read product_config.json.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="With --sweep: print JSON.")] = False,
) -> None:
    """Watch stock until stopped; or check every enabled watch once and print what was seen."""
    call = ctx.of(context)
    check_pacing(pacing)
    if as_json and not one_sweep:
        raise Invalid("--json goes with --sweep: a monitor that stays prints no table")
    logs.set_up(call.paths.logs / "monitor.log", verbose=call.verbose)
    if one_sweep:
        _show(ctx.run(_sweep(call, old_format=old_format)), as_json=as_json)
        return
    wish = MonitorWish(live=live, pacing=pacing, old_format=old_format)
    ctx.run(_monitor(call, wish, _confirmed(call, wish, ask=live and not confirmed)))


def _confirmed(call: ctx.Context, wish: MonitorWish, *, ask: bool) -> Loaded:
    """The settings, once the person has agreed to what they mean."""
    loaded = call.folder.load(old_format=wish.old_format)
    if ask:
        confirm_live(loaded.settings, call.paths)
    say(mode_line(loaded.settings, call.paths, live=wish.live))
    logs.name_old_format(loaded.products_file)
    say(plan_line(loaded, call.paths.logs / "monitor.log", old_format=wish.old_format))
    return loaded


def plan_line(loaded: Loaded, log: Path, *, old_format: bool) -> str:
    """What it is about to do, so that silence is not taken for an empty list."""
    shops = Counter(watch.retailer for watch in loaded.watches if watch.enabled)
    watched = ", ".join(f"{count} of {name}" for name, count in sorted(shops.items()))
    channels = len(loaded.settings.shopwatch.notify.channels)
    told = f"{channels} {'channel' if channels == 1 else 'channels'}" if channels else "the dashboard only"
    empty = "nothing yet: `shopwatch watch add URL` adds a product"
    if old_format:
        empty = "nothing: product_config.json is not there or names no product, and only it was asked for"
    what = f"products: {watched}" if shops else empty
    return f"Watching {what}. Alerts go to {told}. Log: {log}. Ctrl-C ends it."


async def _monitor(call: ctx.Context, wish: MonitorWish, loaded: Loaded) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with opened(call.paths, loaded=loaded, stays=True) as core:
        del loaded  # the monitor keeps the watches only
        await watch(core, wish, stop)


async def _sweep(call: ctx.Context, *, old_format: bool) -> SweepReport:
    async with opened(call.paths, old_format=old_format) as core, client_of(core) as client:
        sources = sources_of(core.settings, core.watches, client)
        watches = WatchList(core.watches, sources)
        recorder = Recorder(core.observations)
        await recorder.load()
        most = core.settings.shopwatch.monitor.max_concurrent_checks
        note = "a sweep by hand: no browser looks"
        return await sweep(watches, sources, recorder, core.clock, most_in_flight=most, note=note)


def _counted(number: int, what: str) -> str:
    return f"{number:,} {what}" if number == 1 else f"{number:,} {what}s"


def _show(report: SweepReport, *, as_json: bool) -> None:
    if as_json:
        print_json(report)
        return
    rows = (
        (
            seen.product.retailer,
            seen.product.sku,
            seen.product.name,
            seen.availability,
            seen.pickup,
            seen.offer.price if seen.offer else None,
            seen.reason,
        )
        for seen in report.seen
    )
    columns = ("retailer", "SKU", "name", "shipping", "pickup", "price>", "why")
    table(columns, rows, empty="nothing was seen")
    products, requests = _counted(len(report.seen), "product"), _counted(report.requests, "request")
    say(f"{products} in {report.duration_s:.3f} s, {requests}")
    for retailer, reasons in report.unanswered.items():
        complain(f"{retailer}: {'; '.join(reasons)}")
