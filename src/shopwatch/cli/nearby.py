"""Shows which stores near a ZIP code have a product, for the commands that ask it."""

from __future__ import annotations

from collections.abc import Sequence

import typer

from shopwatch.bootstrap.clients import client_of
from shopwatch.bootstrap.core import opened, retailer_of
from shopwatch.bootstrap.nearby import NearStock, in_stock_near
from shopwatch.cli import context as ctx
from shopwatch.cli.output import print_json, say, table
from shopwatch.domain.stock import Availability, Key

HAS_IT, NOBODY, UNKNOWN = 0, 1, 3  #: exit statuses, as those of ``check``


def show_near(call: ctx.Context, key: Key, zip_code: str, *, miles: float, as_json: bool) -> None:
    """Ask, print, and end with the status."""

    async def ask() -> list[NearStock]:
        async with opened(call.paths) as core, client_of(core) as client:
            return await in_stock_near(core, client, key, zip_code, miles=miles)

    found = ctx.run(ask())
    if as_json:
        print_json(found)
    else:
        _print(found, key, zip_code, miles)
    raise typer.Exit(_status(found))


def _print(found: Sequence[NearStock], key: Key, zip_code: str, miles: float) -> None:
    rows = (
        (
            "–" if one.miles is None else f"{one.miles:.1f}",
            one.stock.store_ref,
            one.stock.name or (one.store.name if one.store else ""),
            one.stock.pickup,
            one.stock.in_store,
            one.stock.quantity,
            ", ".join(one.store.address) if one.store else "",
            one.store.city if one.store else "",
            one.store.phone if one.store else "",
        )
        for one in found
    )
    columns = ("miles>", "store", "name", "pickup", "in store", "pieces>", "address", "city", "phone")
    name = retailer_of(key[0]).name
    table(columns, rows, empty=f"{name} names no store within {miles:g} miles of {zip_code} that has it")
    if any(one.store is None for one in found):
        say(f"addresses are missing where our directory has no such store: `shopwatch crawl {key[0]}`")


def _status(found: Sequence[NearStock]) -> int:
    if any(one.has_it for one in found):
        return HAS_IT
    silent = any(one.stock.pickup is Availability.UNKNOWN for one in found)
    return UNKNOWN if silent else NOBODY
