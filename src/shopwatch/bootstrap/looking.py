"""Looking at one product now, because a person asked: asked, read and paced as by the monitor."""

from __future__ import annotations

import asyncio
import os

from shopwatch.bootstrap.core import Core, retailer_of
from shopwatch.domain.crawling import Page, Request
from shopwatch.domain.errors import Conflict, NotFound
from shopwatch.domain.retailer import Retailer, StockApi
from shopwatch.domain.stock import Details, Key, Observation, StoreStock
from shopwatch.retailers.registry import RETAILERS
from shopwatch.transport.client import Client
from shopwatch.transport.policy import stock_policy


async def look(core: Core, client: Client, key: Key, *, patience_s: float = 25.0) -> Observation:
    """One check.

    Raises:
        NotFound: no retailer whose stock can be read.
        Conflict: the retailer's request budget leaves no room within ``patience_s`` seconds.
        RetailerError: the site did not give it.
    """
    retailer, stock = _stock_of(key)
    site = core.site(retailer)
    page = await _fetch(core, client, retailer, stock.request([key[1]], site), patience_s)
    return stock.read(page, [key[1]], site)[0]


async def details(core: Core, client: Client, key: Key, *, patience_s: float = 25.0) -> Details | None:
    """Title, price, picture, variants; ``None`` where the retailer has no such request."""
    retailer, stock = _stock_of(key)
    if stock.details_request is None or stock.read_details is None:
        return None
    site = core.site(retailer)
    page = await _fetch(core, client, retailer, stock.details_request(key[1], site), patience_s)
    return stock.read_details(page, key[1], site)


async def pickup(
    core: Core, client: Client, key: Key, zip_code: str, *, patience_s: float = 25.0
) -> list[StoreStock]:
    """What the stores near a ZIP code have, as the retailer says it.

    Raises:
        NotFound: the retailer cannot be asked that.
        RetailerError: the site did not give it.
    """
    retailer, stock = _stock_of(key)
    if stock.pickup_request is None or stock.read_pickup is None:
        able = [one.name for one in RETAILERS.values() if one.stock and one.stock.pickup_request]
        raise NotFound(f"{retailer.name} does not tell what its stores have; {' and '.join(able)} do")
    site = core.site(retailer)
    page = await _fetch(core, client, retailer, stock.pickup_request(key[1], zip_code, site), patience_s)
    return stock.read_pickup(page, key[1], site)


def product_url(core: Core, key: Key) -> str:
    """The address of the product's page."""
    retailer, stock = _stock_of(key)
    return stock.product_url(key[1], core.site(retailer))


def _stock_of(key: Key) -> tuple[Retailer, StockApi]:
    retailer = retailer_of(key[0])
    if retailer.stock is None:
        raise NotFound(f"{retailer.name}'s stock cannot be read")
    return retailer, retailer.stock


async def _fetch(core: Core, client: Client, retailer: Retailer, request: Request, patience_s: float) -> Page:
    fetcher = client.fetcher(stock_policy(retailer, core.settings, os.environ))
    try:
        async with asyncio.timeout(patience_s):
            return await fetcher.fetch(request)
    except TimeoutError:
        raise Conflict(
            f"{retailer.name}'s request budget had no room for {patience_s:g} s; the monitor looks in turn"
        ) from None
