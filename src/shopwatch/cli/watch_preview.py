"""Shows what is behind an address before it is watched: title, price, availability, variants."""

from __future__ import annotations

from shopwatch.bootstrap.clients import client_of
from shopwatch.bootstrap.core import opened, retailer_of
from shopwatch.bootstrap.looking import details, look
from shopwatch.cli import context as ctx
from shopwatch.cli import logs
from shopwatch.cli.output import complain, say
from shopwatch.config.watches import name_of
from shopwatch.domain.errors import Conflict, Gone, NotFound, RetailerError
from shopwatch.domain.stock import Details, Key, Observation


def show_preview(call: ctx.Context, key: Key) -> None:
    """Ask, print, save nothing.

    Raises:
        NotFound: the retailer has no such product.
        RetailerError: neither the details nor the stock could be read.
    """
    logs.set_up(None, verbose=call.verbose)
    found, seen = ctx.run(_asked(call, key))
    offer = (found.offer if found else None) or (seen.offer if seen else None)
    title = (found.title if found else "") or (seen.product.name if seen else "")
    say(f"{name_of(key)} at {key[0]}: {title or 'no title was told'}")
    say(f"price         {offer.price if offer and offer.price else 'unknown'}")
    if offer and offer.sold_by:
        say(f"sold by       {offer.sold_by}, not by the retailer itself")
    if seen is not None:
        say(f"shipping      {seen.availability} ({seen.reason})")
        say(f"pickup        {seen.pickup}")
    if found and found.purchase_limit:
        say(f"limit         {found.purchase_limit} a customer")
    if found and (release := found.released_on(ctx.now().date())):
        say(f"release       {release:%Y-%m-%d}")
    if found and found.is_parent:
        say("It has variants and is never orderable itself: watch one of them")
        for sku, name in found.variants:
            say(f"  {sku}  {name}")
    say("nothing was saved: leave --preview away to watch it")


async def _asked(call: ctx.Context, key: Key) -> tuple[Details | None, Observation | None]:
    found, seen = None, None
    async with opened(call.paths) as core, client_of(core) as client:
        try:
            found = await details(core, client, key)
        except Gone:
            raise NotFound(f"{retailer_of(key[0]).name} has no product {key[1]}") from None
        except (RetailerError, Conflict) as error:
            complain(f"details: {error}")
        try:
            seen = await look(core, client, key)
        except (RetailerError, Conflict) as error:
            if found is None:
                raise
            complain(f"stock: {error}")
    return found, seen
