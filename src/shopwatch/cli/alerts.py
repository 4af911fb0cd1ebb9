"""``shopwatch alerts``: what was told, what waits and why; a test of the channels; sending once more."""

from __future__ import annotations

from typing import Annotated

import typer

from shopwatch.bootstrap.alerting import Tried, try_channels
from shopwatch.bootstrap.core import opened
from shopwatch.cli import context as ctx
from shopwatch.cli.groups import ListsByDefault
from shopwatch.cli.output import AsJson, print_json, say, table
from shopwatch.domain.errors import Conflict, NotFound
from shopwatch.ports import OutboxRow

app = typer.Typer(help="Alerts: `alerts` lists what was told, what waits and why.", cls=ListsByDefault)


@app.command("list")
def list_(
    context: typer.Context,
    *,
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="Alerts, at most.")] = 20,
    as_json: AsJson = False,
) -> None:
    """List alerts, newest first: what was told, what waits and why."""

    async def fetch() -> list[OutboxRow]:
        async with opened(ctx.of(context).paths) as core:
            return await core.outbox.rows(limit)

    found = ctx.run(fetch())
    if as_json:
        print_json(found)
        return
    rows = (
        (
            one.id,
            one.created_at,
            one.alert.kind.value.replace("_", " "),
            one.alert.facts.get("name") or one.alert.facts.get("text") or one.alert.retailer,
            "waits" if one.state == "pending" else one.state,
            one.sent_at or (one.next_try_at if one.state == "pending" and one.last_error else None),
            one.last_error,
        )
        for one in found
    )
    columns = ("no.>", "happened", "alert", "of", "state", "left, or will", "why")
    table(columns, rows, empty="nothing was told yet")


@app.command("test")
def try_them(
    context: typer.Context,
    *,
    channel: Annotated[
        int | None, typer.Option(min=1, help="Only this one, by its number in the list.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Send a test message to each channel, and say truly which of them took it.

    Exit status: 0 all of them, 1 not all, or there is none.
    """

    async def work() -> list[Tried]:
        async with opened(ctx.of(context).paths) as core:
            return await try_channels(core, channel)

    tried = ctx.run(work())
    if not tried:
        which = "" if channel is None else f" {channel}"
        raise NotFound(f"there is no channel{which}: notify.channels in shopwatch.yaml lists them")
    if as_json:
        print_json(tried)
    else:
        for one in tried:
            say(f"{one.channel}: {'took it' if one.ok else f'did not take it: {one.error}'}")
    raise typer.Exit(0 if all(one.ok for one in tried) else 1)


@app.command()
def resend(
    context: typer.Context, number: Annotated[int, typer.Argument(max=2**60, help="The number of an alert.")]
) -> None:
    """Send an alert once more, to every channel; a running monitor does it within two seconds."""

    async def work() -> bool:
        async with opened(ctx.of(context).paths) as core:
            return await core.outbox.resend(number, core.clock.now())

    if not ctx.run(work()):
        raise Conflict(f"alert {number} is on its way already, or there is none: see `shopwatch alerts`")
    say(f"alert {number} will be sent again")
