"""What the shops sell and whether one can have it: the truth every simulated stock answer is made from."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

Kind = Literal["SA", "VAP", "VC"]  #: standalone, variation parent, variation child
PageMode = Literal[
    "normal",
    "cdui",  #: no stock and no price in the HTML, a disabled skeleton; the page asks by POST
    "slow",  #: a skeleton that becomes the buy box after ``hydrate_ms``
    "skeleton",  #: a skeleton for ever
    "redirect-to-other",  #: 302 to another product
    "other-product",  #: this address, another product's title
    "unavailable",  #: "This page is currently unavailable", empty title
    "consent",  #: a dialog covers the page
    "challenge",  #: "Press & Hold", "Robot or human?"
    "blocked",  #: Walmart: on to /blocked
    "queue",  #: Walmart: on to the waiting room
    "2021",  #: Best Buy: the page of that year, whose button carries no state
]
Button = Literal["follow", "disabled", "enabled"]

#: Words with which a site says that one can order; the first one is what a restock writes.
BUYABLE: dict[str, tuple[str, ...]] = {
    "target": ("IN_STOCK", "LIMITED_STOCK", "PRE_ORDER_SELLABLE"),
    "walmart": ("IN_STOCK", "PRE_ORDER_SELLABLE"),
    "bestbuy": ("Available", "PreOrder"),
}
SOLD_OUT: dict[str, str] = {"target": "OUT_OF_STOCK", "walmart": "OUT_OF_STOCK", "bestbuy": "SoldOut"}
SITES = tuple(BUYABLE)

#: Oldest flips are forgotten beyond this many.
HISTORY = 500_000


@dataclass(slots=True, kw_only=True)
class Product:
    """One product of one site. Change it through ``Products.put`` only, so that caches and history follow."""

    site: str
    sku: str
    title: str
    brand: str
    category: str = ""
    price_cents: int
    regular_cents: int | None = None  #: above the price: a sale
    ship: str  #: the site's own word, also one it never used before
    pickup: str = "UNAVAILABLE"
    in_store: str = "NOT_SOLD_IN_STORE"
    quantity: int = 0
    limit: int | None = None  #: pieces per order
    seller: str | None = None  #: None: the retailer itself
    marketplace: bool = False
    kind: Kind = "SA"
    parent: str | None = None  #: SKU of the variation parent
    variation: str = ""
    children: tuple[str, ...] = ()
    page: PageMode = "normal"
    other: str | None = None  #: the other product of ``redirect-to-other`` and ``other-product``
    hydrate_ms: int = 1500  #: of a slow page
    button: Button = "follow"  #: what the page's button does when it does not follow the shelf
    decoys: int = 6  #: tiles with buttons of other products on a page without stock
    street_date: str | None = None
    price_hidden: bool = False  #: "See price in cart"
    blip: int = 0  #: reads of the API still to be told that it is in stock
    #: store id -> what differs there: pickup, in_store, quantity
    stores: dict[str, dict[str, Any]] = field(default_factory=dict)
    changed_at: float = 0.0  #: real seconds since 1970; 0: not since the first day
    #: answers made from this product, dropped at each change
    cache: dict[Any, Any] = field(default_factory=dict, repr=False)

    @property
    def claims(self) -> bool:
        """Whether the API says that one can order."""
        words = BUYABLE[self.site]
        return self.kind != "VAP" and (self.ship in words or self.pickup in words)

    @property
    def buyable(self) -> bool:
        """Whether one really can: what the page's button does."""
        return self.button == "enabled" or (self.button == "follow" and self.claims)


#: What ``put`` may change.
CHANGEABLE = frozenset(Product.__slots__) - {"site", "sku", "changed_at", "cache"}


@dataclass(frozen=True, slots=True)
class Flip:
    """A change of what can be bought, as it happened."""

    site: str
    sku: str
    at: float  #: real seconds since 1970
    buyable: bool  #: the truth
    claims: bool  #: what the API says from now on
    cause: str


class Products:
    """The shelves of all sites, and when each product came and went."""

    def __init__(self, stock: Callable[[], Iterator[Product]] = lambda: iter(())) -> None:
        self._stock = stock
        self.history: deque[Flip] = deque(maxlen=HISTORY)
        self.shelves: dict[str, dict[str, Product]] = {}
        self.reset()

    def reset(self) -> None:
        """Stock the shelves as on the first day."""
        self.history.clear()
        self.shelves = {site: {} for site in SITES}
        for product in self._stock():
            self.shelves[product.site][product.sku] = product

    def get(self, site: str, sku: str) -> Product | None:
        """The product, if that site sells it."""
        return self.shelves[site].get(sku)

    def put(self, site: str, sku: str, *, cause: str = "put", **changes: Any) -> Product:
        """Change a product, or lay a new one on the shelf."""
        product = self.shelves[site].get(sku)
        if product is None:
            product = self._new(site, sku)
        before = (product.buyable, product.claims)
        for name, value in changes.items():
            setattr(product, name, value)
        if product.claims and product.quantity == 0 and "quantity" not in changes:
            product.quantity = 25
        product.cache.clear()
        product.changed_at = time.time()
        if (product.buyable, product.claims) != before:
            self._note(product, cause)
        return product

    def remove(self, site: str, sku: str) -> bool:
        """Take a product off the shelf for good: the site does not know it any more."""
        return self.shelves[site].pop(sku, None) is not None

    def restock(self, site: str, sku: str, *, quantity: int = 25, cause: str = "restock") -> None:
        """Make it orderable by shipping."""
        self.put(site, sku, ship=BUYABLE[site][0], quantity=quantity, button="follow", cause=cause)

    def sell_out(self, site: str, sku: str, *, cause: str = "sold out") -> None:
        """Make it not orderable in any way."""
        changes = {"ship": SOLD_OUT[site], "pickup": "UNAVAILABLE", "quantity": 0, "blip": 0}
        self.put(site, sku, button="follow", cause=cause, **changes)

    def lie(self, site: str, sku: str) -> None:
        """Let the API say that it is in stock while the page's button stays disabled."""
        self.put(site, sku, ship=BUYABLE[site][0], quantity=25, button="disabled", cause="lie")

    def blip(self, site: str, sku: str, *, reads: int = 1) -> None:
        """Let the next ``reads`` answers of the API say that it is in stock."""
        self.put(site, sku, blip=reads, cause="blip")

    def take_blip(self, product: Product) -> bool:
        """Count one read of the API; say whether it has to be told the untruth."""
        if product.blip <= 0:
            return False
        product.blip -= 1
        self._note(product, "blip", claims=True)
        return True

    def _new(self, site: str, sku: str) -> Product:
        product = Product(
            site=site, sku=sku, title=f"Product {sku}", brand="", price_cents=1999, ship=SOLD_OUT[site]
        )
        self.shelves[site][sku] = product
        return product

    def _note(self, product: Product, cause: str, *, claims: bool | None = None) -> None:
        claimed = product.claims if claims is None else claims
        self.history.append(
            Flip(product.site, product.sku, time.time(), product.buyable, claimed, cause),
        )
