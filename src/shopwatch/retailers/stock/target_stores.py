"""What the stores near a ZIP have of one of Target's products."""

from __future__ import annotations

import msgspec

from shopwatch.domain.crawling import Page
from shopwatch.domain.errors import Gone, LayoutChanged
from shopwatch.domain.site import Site
from shopwatch.domain.stock import Availability, StoreStock
from shopwatch.retailers.reading import plain, reading, shown
from shopwatch.retailers.stock.target_facts import IN_STORE, PICKUP
from shopwatch.retailers.stock.target_shape import Complaint, Status

_UNKNOWN = Availability.UNKNOWN


class Store(msgspec.Struct, gc=False):
    location_name: str | None = None


class Location(msgspec.Struct, gc=False):
    location_id: str
    distance: float | None = None  #: miles
    location_available_to_promise_quantity: float | None = None  #: pieces
    order_pickup: Status | None = None
    in_store_only: Status | None = None
    store: Store | None = None


class Found(msgspec.Struct, gc=False):
    product_id: str
    locations: list[Location]


class Data(msgspec.Struct, gc=False):
    fulfillment_fiats: Found


class Answer(msgspec.Struct, gc=False):
    data: Data | None = None
    errors: list[Complaint] | None = None


_ANSWER = msgspec.json.Decoder(Answer)


def read_pickup(page: Page, sku: str, site: Site) -> list[StoreStock]:
    """Every store of the answer, the nearest first.

    Raises:
        Gone: Target knows no such product.
        LayoutChanged: the answer is about another product, or about none.
    """
    with reading(page):
        answer = _ANSWER.decode(page.body)
    if answer.data is None:
        if any("No product found" in one.message for one in answer.errors or ()):
            raise Gone(shown(page.url), f"no product found: {sku}")
        raise LayoutChanged(shown(page.url), "the answer names no stores")
    found = answer.data.fulfillment_fiats
    if found.product_id != sku:
        raise LayoutChanged(shown(page.url), f"the stores are about {found.product_id}, not {sku}")
    nearest = sorted(found.locations, key=lambda one: one.distance if one.distance is not None else 1e9)
    return [_stock(location) for location in nearest]


def _stock(location: Location) -> StoreStock:
    promised = location.location_available_to_promise_quantity
    pickup = PICKUP.get(_word(location.order_pickup), _UNKNOWN)
    if pickup.is_buyable and promised is not None and promised <= 0:
        pickup = _UNKNOWN  # a contradiction
    return StoreStock(
        store_ref=location.location_id,
        name=plain(location.store.location_name) if location.store else "",
        pickup=pickup,
        in_store=IN_STORE.get(_word(location.in_store_only), _UNKNOWN),
        quantity=int(promised) if promised is not None and promised >= 0 else None,
        miles=location.distance,
    )


def _word(status: Status | None) -> str:
    return (status.availability_status or "") if status else ""
