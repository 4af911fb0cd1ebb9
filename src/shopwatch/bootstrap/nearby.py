"""In stock near me: what a retailer says its stores have of a product, joined with our store directory."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from shopwatch.bootstrap.core import Core
from shopwatch.bootstrap.looking import pickup
from shopwatch.domain.stock import Availability, Key, StoreStock
from shopwatch.domain.store import Store
from shopwatch.locator.places import place_of
from shopwatch.transport.client import Client


@dataclass(frozen=True, kw_only=True, slots=True)
class NearStock:
    """A store near the person and what it has; a store the retailer did not speak of has unknown stock."""

    stock: StoreStock
    store: Store | None = None  #: None: our directory does not know it
    miles: float | None = None

    @property
    def has_it(self) -> bool:
        return self.stock.pickup.is_buyable or self.stock.in_store.is_buyable


async def in_stock_near(
    core: Core, client: Client, key: Key, zip_code: str, *, miles: float
) -> list[NearStock]:
    """The stores that have it, the nearest first; then the others.

    Raises:
        Invalid, NotFound: it is no ZIP code, or the retailer cannot be asked.
        RetailerError: the site did not answer.
    """
    lat, lon = await asyncio.to_thread(place_of, zip_code)
    told = await pickup(core, client, key, zip_code)
    known = await core.stores.near(lat, lon, miles, [key[0]])
    return joined(told, known, miles=miles)


def joined(
    told: Iterable[StoreStock], known: Sequence[tuple[Store, float]], *, miles: float
) -> list[NearStock]:
    """Match by store number; the directory's distance wins, as it is from the same point for all."""
    stores = {_number(store.ref): (store, away) for store, away in known}
    found: list[NearStock] = []
    for stock in told:
        store, away = stores.pop(_number(stock.store_ref), (None, stock.miles))
        if away is None or away <= miles:
            found.append(NearStock(stock=stock, store=store, miles=away))
    for store, away in stores.values():
        unknown = StoreStock(store_ref=store.ref, name=store.name, pickup=Availability.UNKNOWN)
        found.append(NearStock(stock=unknown, store=store, miles=away))
    return sorted(found, key=lambda one: (not one.has_it, float("inf") if one.miles is None else one.miles))


def _number(ref: str) -> str:
    return ref.lstrip("0")
