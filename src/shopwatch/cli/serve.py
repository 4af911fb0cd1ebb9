"""``shopwatch serve``: the dashboard with everything behind it."""

from __future__ import annotations

import asyncio
import signal
from typing import Annotated

import typer

from shopwatch.bootstrap.core import Core
from shopwatch.cli import context as ctx
from shopwatch.cli import logs
from shopwatch.cli.confirming import PACINGS, check_pacing, confirm_live, mode_line
from shopwatch.cli.output import say
from shopwatch.web.serving import Interrupted, Served, Wish
from shopwatch.web.serving import serve as serve_all


def serve(
    context: typer.Context,
    *,
    host: Annotated[
        str | None,
        typer.Option(help="Address to listen at; 0.0.0.0: from elsewhere too, with the token it prints."),
    ] = None,
    port: Annotated[int | None, typer.Option(min=0, max=65535, help="Port; 0 takes any.")] = None,
    no_monitor: Annotated[bool, typer.Option("--no-monitor", help="Do not start the monitor.")] = False,
    live: Annotated[
        bool, typer.Option("--live", help="The monitor may buy, within the limits of `safety`.")
    ] = False,
    pacing: Annotated[str | None, typer.Option(help=" | ".join(PACINGS))] = None,
    old_format: Annotated[bool, typer.Option("--old-format", help="Read product_config.json.")] = False,
) -> None:
    """Run the dashboard, the supervisor and the monitor until stopped.

    Ctrl-C ends everything. After SIGTERM or a crash the children live on, and the next `serve` adopts them.
    There is one `serve` for each database: a second one is refused.
    """
    call = ctx.of(context)
    check_pacing(pacing)
    logs.set_up(call.paths.logs / "shopwatch.log", verbose=call.verbose)
    loaded = call.folder.load(old_format=old_format)
    logs.name_old_format(loaded.products_file)
    settings = loaded.settings
    if live:
        confirm_live(settings, call.paths)
    dashboard = settings.shopwatch.dashboard
    wish = Wish(
        host=host or dashboard.host,
        port=dashboard.port if port is None else port,
        monitor=not no_monitor,
        live=live,
        pacing=pacing,
        old_format=old_format,
    )
    say(mode_line(settings, call.paths, live=live))
    ctx.run(_serve(call, wish))


async def _serve(call: ctx.Context, wish: Wish) -> None:
    stop = Interrupted()
    heed_signals(stop)

    def ready(served: Served, _core: Core) -> None:
        say(f"Dashboard: {served.url}")

    await serve_all(call.paths, wish, stop=stop, ready=ready)


def heed_signals(stop: Interrupted) -> None:
    """SIGTERM asks for a stop; Ctrl-C too, and means the children as well."""

    def by_person() -> None:
        stop.by_person = True
        stop.set()

    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, stop.set)
    loop.add_signal_handler(signal.SIGINT, by_person)
