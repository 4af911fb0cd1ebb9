"""Which stores near a ZIP have one of Best Buy's products ready for pickup."""

from __future__ import annotations

import msgspec

from shopwatch.domain.crawling import Page
from shopwatch.domain.errors import LayoutChanged
from shopwatch.domain.site import Site
from shopwatch.domain.stock import Availability, StoreStock
from shopwatch.retailers.reading import plain, reading, shown


class Store(msgspec.Struct, gc=False):
    storeID: str  # noqa: N815 - the site's own names
    name: str | None = None
    lowStock: bool | None = None  # noqa: N815
    distance: float | None = None  #: miles


class Answer(msgspec.Struct, gc=False):
    """Only stores that have it are listed."""

    ispuEligible: bool  # noqa: N815 - in-store pickup
    stores: list[Store]


_ANSWER = msgspec.json.Decoder(Answer)


def read_pickup(page: Page, sku: str, site: Site) -> list[StoreStock]:
    """The stores that have it; none is an answer too.

    Raises:
        LayoutChanged: it is no such answer, or contradicts itself.
    """
    with reading(page):
        answer = _ANSWER.decode(page.body)
    if answer.stores and not answer.ispuEligible:
        raise LayoutChanged(shown(page.url), "stores have it, and yet it is not for pickup")
    return [
        StoreStock(
            store_ref=store.storeID,
            name=plain(store.name),
            pickup=Availability.LIMITED if store.lowStock else Availability.IN_STOCK,
            miles=store.distance,
        )
        for store in answer.stores
    ]
