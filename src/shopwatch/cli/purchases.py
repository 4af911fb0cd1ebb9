"""``shopwatch purchases``: the book of purchases, and a person's word on what became of an unclear one."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from shopwatch.bootstrap.core import opened
from shopwatch.cli import context as ctx
from shopwatch.cli.groups import ListsByDefault
from shopwatch.cli.output import AsJson, plain, print_json, say, table
from shopwatch.domain.errors import Invalid
from shopwatch.domain.money import Money
from shopwatch.domain.purchase import Entry, Purchase
from shopwatch.purchase.emergency import EmergencyStop
from shopwatch.purchase.reconcile import resolve as resolve_purchase

app = typer.Typer(help="The book of purchases: `purchases` lists.", cls=ListsByDefault)
Number = Annotated[int, typer.Argument(max=2**60, help="The number of a purchase.")]


@app.command("list")
def list_(
    context: typer.Context,
    *,
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="Purchases, at most.")] = 20,
    as_json: AsJson = False,
) -> None:
    """List purchases, newest first."""

    async def fetch() -> list[Purchase]:
        async with opened(ctx.of(context).paths) as core:
            return await core.ledger.recent(limit)

    found = ctx.run(fetch())
    if as_json:
        print_json(found)
        return
    rows = (
        (
            one.id,
            one.created_at,
            "/".join(one.key),
            one.state.value,
            "live" if one.live else "test",
            one.total,
            one.order_number,
            "; ".join(one.reasons),
        )
        for one in found
    )
    columns = ("no.>", "begun", "product", "state", "mode", "total>", "order", "why")
    table(columns, rows, empty="nothing was bought or rehearsed yet")


@app.command()
def show(context: typer.Context, number: Number, *, as_json: AsJson = False) -> None:
    """Show a purchase with every line of the book."""

    async def fetch() -> tuple[Purchase, list[Entry]]:
        async with opened(ctx.of(context).paths) as core:
            return await core.ledger.get(number), await core.ledger.entries(number)

    purchase, entries = ctx.run(fetch())
    if as_json:
        print_json({"purchase": purchase, "entries": entries})
        return
    say(f"purchase {purchase.id} of {'/'.join(purchase.key)}, restock {purchase.restock_id}")
    rows = ((one.at, one.after.value, _facts(one)) for one in entries)
    table(("at", "state", "what"), rows, empty="the book has no line of it")


def _facts(entry: Entry) -> str:
    """All that the book says of a step, but for who walked it."""
    told = {name: plain(value) for name, value in entry.facts.items() if name != "owner"}
    return "; ".join(f"{name.replace('_', ' ')} {_words(value)}" for name, value in told.items() if value)


def _words(value: object) -> str:
    if isinstance(value, dict) and value.keys() == {"cents", "currency"}:
        return str(Money(**value))
    if isinstance(value, dict):
        return ", ".join(f"{name} {inner}" for name, inner in value.items())
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


@app.command()
def resolve(
    context: typer.Context,
    number: Number,
    *,
    placed: Annotated[
        bool | None, typer.Option("--placed/--not-placed", help="Whether your orders show it.")
    ] = None,
    order: Annotated[str | None, typer.Option(help="The order's number.")] = None,
) -> None:
    """Say what became of an ambiguous purchase, after you have looked at your orders."""
    if placed is None:
        raise Invalid("say --placed or --not-placed, after a look at your orders at the retailer")

    async def settle() -> Purchase:
        async with opened(ctx.of(context).paths) as core:
            return await resolve_purchase(
                core.ledger, number, placed=placed, order_number=order, now=core.clock.now()
            )

    say(f"purchase {number} is {ctx.run(settle()).state.value}")


def stop_buying(
    context: typer.Context, reason: Annotated[str, typer.Argument(help="Why, for whoever asks.")] = ""
) -> None:
    """Emergency stop: nobody buys any more, also in the middle of a purchase, until resume-buying."""
    _stop_of(context).set(reason or "stopped on the command line")
    say("the emergency stop is on: nothing is clicked any more; `shopwatch resume-buying` ends it")


def resume_buying(context: typer.Context) -> None:
    """End the emergency stop."""
    _stop_of(context).clear()
    say("the emergency stop is off")


def _stop_of(context: Any) -> EmergencyStop:
    return EmergencyStop(ctx.of(context).paths.emergency_stop)
