"""What lies on the shelves on the first day; without it every test would have to stock its own shop."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

from shopwatch.simulator.names import VARIATIONS, VENDORS, Name, name_of
from shopwatch.simulator.shelf import BUYABLE, SITES, SOLD_OUT, Product

#: How often the first day finds a product like this; the rest is out of stock.
_TARGET_STATES: tuple[tuple[float, dict[str, Any]], ...] = (
    (0.22, {"ship": "IN_STOCK", "pickup": "IN_STOCK", "in_store": "IN_STOCK", "quantity": 21}),
    (0.06, {"ship": "IN_STOCK", "in_store": "NOT_SOLD_IN_STORE", "quantity": 99}),
    (0.03, {"pickup": "IN_STOCK", "in_store": "IN_STOCK", "quantity": 4}),
    (0.03, {"in_store": "LIMITED_STOCK", "quantity": 1}),
    (0.04, {"ship": "PRE_ORDER_SELLABLE", "street_date": "2030-06-19"}),
    (0.03, {"ship": "PRE_ORDER_UNSELLABLE", "street_date": "2030-06-19"}),
    (0.02, {"ship": "DISCONTINUED"}),
    (0.02, {"ship": "UNAVAILABLE"}),
)
_LIMITS = (2, 10, 20, 99, None)

#: Every so many products there is a parent with three variations.
_FAMILY_EVERY = 40
_CHILDREN = 3


def first_day(seed: int, per_site: int) -> Iterator[Product]:
    """Make ``per_site`` products for each site: same seed, same products."""
    for site in SITES:
        yield from _shelf(site, random.Random(f"{seed}/products/{site}"), per_site)


def sku_of(site: str, index: int) -> str:
    """Eight digits, never the same twice within a site."""
    start = 3_356_914 + 11_111_111 * SITES.index(site)
    return str(10_000_000 + (index * 48_271 + start) % 89_999_999)


def _shelf(site: str, random_: random.Random, count: int) -> Iterator[Product]:
    parent: Product | None = None
    for index in range(count):
        name = name_of(index, random_)
        product = _product(site, sku_of(site, index), name, random_)
        place = index % _FAMILY_EVERY
        if site == "target" and place == 0 and index + _CHILDREN < count:
            children = tuple(sku_of(site, index + n) for n in range(1, _CHILDREN + 1))
            product.kind, product.children, parent = "VAP", children, product
        elif parent is not None and product.sku in parent.children:
            product.kind, product.parent = "VC", parent.sku
            product.variation = VARIATIONS[place % len(VARIATIONS)]
            product.title = f"{parent.title} - {product.variation}"
        yield product


def _product(site: str, sku: str, name: Name, random_: random.Random) -> Product:
    state = _state(site, random_.random())
    market = random_.random() < 0.06
    on_sale = random_.random() < 0.15
    return Product(
        site=site,
        sku=sku,
        title=name.title,
        brand=name.brand,
        category=name.category,
        price_cents=name.price_cents,
        regular_cents=name.price_cents * 5 // 4 if on_sale else None,
        limit=random_.choice(_LIMITS),
        seller=random_.choice(VENDORS) if market else None,
        marketplace=market,
        **state,
    )


def _state(site: str, dice: float) -> dict[str, Any]:
    out: dict[str, Any] = {"ship": SOLD_OUT[site]}
    if site != "target":
        return {"ship": BUYABLE[site][0], "quantity": 25} if dice < 0.3 else out
    for share, state in _TARGET_STATES:
        if dice < share:
            return out | state
        dice -= share
    return out | {"in_store": "OUT_OF_STOCK"}
