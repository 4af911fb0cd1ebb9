"""``shopwatch drill``: is everything in place for the day it matters, and how long does each leg take?"""

from __future__ import annotations

import asyncio
import signal
from typing import Annotated

import typer

from shopwatch.bootstrap.drill import Report, rehearse
from shopwatch.cli import context as ctx
from shopwatch.cli import logs
from shopwatch.cli.output import AsJson, complain, print_json, say, table

DONE, FAILED, IN_PART = 0, 1, 3


def drill(
    context: typer.Context,
    *,
    patience: Annotated[
        float, typer.Option(min=1, max=600, help="Seconds after which a leg counts as failed.")
    ] = 60.0,
    as_json: AsJson = False,
) -> None:
    """Rehearse detect, confirm, alert and buy on a simulator. Nothing of yours is read, nothing is bought.

    Exit status: 0 every leg was walked, 1 one failed, 3 no browser: only detect and alert were walked.
    """
    logs.set_up(None, verbose=ctx.of(context).verbose)
    report = ctx.run(_heeding_signals(patience))
    if as_json:
        print_json(document(report))
    else:
        _show(report)
    raise typer.Exit(status_of(report))


async def _heeding_signals(patience_s: float) -> Report:
    """SIGTERM breaks it off as Ctrl-C does: simulator, browser and folder are cleared away."""
    task = asyncio.ensure_future(rehearse(patience_s=patience_s))
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    try:
        return await task
    except asyncio.CancelledError:
        raise KeyboardInterrupt from None


def status_of(report: Report) -> int:
    if not report.ok:
        return FAILED
    return DONE if report.is_whole else IN_PART


def document(report: Report) -> dict[str, object]:
    """The report as JSON has it."""
    return {
        "ok": report.ok,
        "whole": report.is_whole,
        "total_ms": report.total_ms,
        "orders": report.orders,
        "legs": report.legs,
    }


def _show(report: Report) -> None:
    words = {True: "ok", False: "FAILED", None: "not here"}
    rows = [(leg.name, words[leg.ok], leg.ms, leg.says) for leg in report.legs]
    table(("leg", "", "ms>", "says"), rows, empty="")
    say(f"{report.total_ms:,.0f} ms from the shelf to the end; {report.orders} orders in the shop's book")
    if not report.ok:
        complain("the rehearsal failed: `shopwatch doctor` looks at each part")
