"""``shopwatch check``: look now, and say why."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AsyncExitStack, suppress
from dataclasses import replace
from typing import Annotated
from urllib.parse import urlsplit

import typer

from shopwatch.bootstrap.clients import client_of
from shopwatch.bootstrap.core import Core, opened
from shopwatch.bootstrap.looking import details, look, product_url
from shopwatch.bootstrap.watching import browser_of
from shopwatch.cli import context as ctx
from shopwatch.cli import logs
from shopwatch.cli.nearby import show_near
from shopwatch.cli.output import AsJson, complain, print_json, table
from shopwatch.domain.errors import Blocked, Conflict, Invalid, RetailerError, Unusable
from shopwatch.domain.stock import Availability, Key, Observation
from shopwatch.domain.watch import Watch
from shopwatch.retailers.addresses import key_of
from shopwatch.transport.client import Client

BUYABLE, NOT_BUYABLE, UNKNOWN, BLOCKED = 0, 1, 3, 4  #: exit statuses; the worst of several products counts


def check(
    context: typer.Context,
    skus: Annotated[
        list[str], typer.Argument(metavar="SKU", help="SKU, retailer:SKU or a product's address.")
    ],
    *,
    retailer: Annotated[
        str | None, typer.Option("--retailer", "-r", help="Of bare SKUs; else target.")
    ] = None,
    browser: Annotated[bool, typer.Option("--browser", help="Look at the page in a real browser.")] = False,
    near: Annotated[
        str | None, typer.Option(metavar="ZIP", help="Which stores near this ZIP code have it, instead.")
    ] = None,
    miles: Annotated[float, typer.Option(min=0.1, max=500, help="With --near: the radius.")] = 15.0,
    as_json: AsJson = False,
) -> None:
    """Look at products now: verdict, price, and why; or which stores near you have one.

    Exit status: 0 buyable, 1 not, 3 unknown, 4 blocked.
    """
    call = ctx.of(context)
    logs.set_up(None, verbose=call.verbose)
    keys = [key_of(sku, retailer=retailer) for sku in skus]
    if near is not None:
        if len(keys) > 1 or browser:
            raise Invalid("--near asks the retailer about one product: name one SKU, without --browser")
        show_near(call, keys[0], near, miles=miles, as_json=as_json)
    seen, status = ctx.run(_check(call, keys, browser=browser))
    if as_json:
        print_json(seen)
    elif seen:
        _show(seen)
    raise typer.Exit(status)


def _show(seen: Sequence[Observation]) -> None:
    rows = (
        (
            one.product.retailer,
            one.product.sku,
            one.availability,
            one.pickup,
            one.in_store,
            one.offer.price if one.offer else None,
            one.reason,
        )
        for one in seen
    )
    columns = ("retailer", "SKU", "shipping", "pickup", "in store", "price>", "why")
    table(columns, rows, empty="nothing was seen")


async def _check(call: ctx.Context, keys: Sequence[Key], *, browser: bool) -> tuple[list[Observation], int]:
    seen: list[Observation] = []
    status = BUYABLE
    async with opened(call.paths) as core, client_of(core) as client, AsyncExitStack() as stack:
        pool = await stack.enter_async_context(browser_of(core, client)) if browser else None
        if browser and (pool is None or not pool.ready):
            reason = pool.health()["why"] if pool else "monitor.background_sessions is 0"
            raise Unusable(f"no browser can look: {reason}")
        for key in keys:
            try:
                if browser and pool is not None:
                    watch = Watch(retailer=key[0], sku=key[1])
                    one = await pool.confirm(watch, product_url(core, key))
                else:
                    one = await look(core, client, key)
            except RetailerError as error:
                complain(refusal(key, error))
                status = max(status, BLOCKED if isinstance(error, Blocked) else UNKNOWN)
            else:
                seen.append(await with_price(core, client, one))
                status = max(status, _status(one))
    return seen, status


def refusal(key: Key, error: RetailerError) -> str:
    """Why there is no verdict and who said so, without the length of an address; and what a person can do."""
    said = f"{':'.join(key)}: {error.reason} (asked {urlsplit(error.url).hostname})"
    if isinstance(error, Blocked):
        said += f". Look at the site yourself; `shopwatch unpause {key[0]}` ends a pause"
    return said


async def with_price(core: Core, client: Client, seen: Observation) -> Observation:
    """A price that is not told with the stock and was never read is asked for by itself."""
    seen = await with_known_price(core, seen)
    if seen.offer is None or seen.offer.price is not None:
        return seen
    found = None
    with suppress(RetailerError, Conflict):  # the verdict counts, with or without it
        found = await details(core, client, seen.product.key)
    if found is None or found.offer is None:
        return seen
    return replace(seen, offer=replace(seen.offer, price=found.offer.price))


async def with_known_price(core: Core, seen: Observation) -> Observation:
    """A batch answer tells no price: the last one read stands in, where the product is watched."""
    if seen.offer is None or seen.offer.price is not None:
        return seen
    states = await core.observations.states([seen.product.key])
    price = states[seen.product.key].price if seen.product.key in states else None
    if price is None:
        return seen
    note = f"{seen.reason}; the price is the last one read"
    return replace(seen, offer=replace(seen.offer, price=price), reason=note)


def _status(seen: Observation) -> int:
    if seen.availability.is_buyable or seen.pickup.is_buyable:
        return BUYABLE
    return UNKNOWN if seen.availability is Availability.UNKNOWN else NOT_BUYABLE
