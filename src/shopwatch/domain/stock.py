"""What one look at a product saw, and what a change is: the vocabulary of the monitor."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from shopwatch.domain.money import Money

Key = tuple[str, str]  #: (retailer id, SKU): names a product everywhere
UNNAMED_SELLER = "a marketplace seller"  #: the site says that it is not the retailer itself, but not who


class Availability(StrEnum):
    """Schema.org's ItemAvailability, cut to what changes our behaviour."""

    IN_STOCK = "in_stock"
    LIMITED = "limited"
    PREORDER = "preorder"
    OUT_OF_STOCK = "out_of_stock"
    UNKNOWN = "unknown"  #: we could not tell; never treated as out of stock

    @property
    def is_buyable(self) -> bool:
        return self in _BUYABLE


_BUYABLE = frozenset({Availability.IN_STOCK, Availability.LIMITED, Availability.PREORDER})
_BEST_FIRST = (
    Availability.IN_STOCK,
    Availability.LIMITED,
    Availability.PREORDER,
    Availability.UNKNOWN,
    Availability.OUT_OF_STOCK,
)


def best_of(availabilities: Iterable[Availability]) -> Availability:
    """The most a shopper can do: buyable wins, and unknown is never read as out of stock."""
    seen = set(availabilities)
    return next((one for one in _BEST_FIRST if one in seen), Availability.UNKNOWN)


class Source(StrEnum):
    API = "api"
    BROWSER = "browser"


class Channel(StrEnum):
    """A way to get the product; each has its own availability."""

    SHIPPING = "shipping"
    PICKUP = "pickup"
    IN_STORE = "in_store"  #: walk in: worth telling, never orderable


@dataclass(frozen=True, kw_only=True, slots=True)
class Product:
    """Something a retailer sells. ``sku`` is the retailer's own id (Target: the TCIN)."""

    retailer: str
    sku: str
    name: str = field(default="", compare=False)  # a new title is not a new product

    @property
    def key(self) -> Key:
        return self.retailer, self.sku


@dataclass(frozen=True, kw_only=True, slots=True)
class Offer:
    """A price someone sells at. ``sold_by`` is ``None`` when it is the retailer itself."""

    price: Money | None  #: None: the site shows no price ("see price in cart")
    sold_by: str | None = None
    regular_price: Money | None = None  #: before a sale


@dataclass(frozen=True, kw_only=True, slots=True)
class Details:
    """The slow facts of a product, read on a slow cadence apart from its stock."""

    title: str
    offer: Offer | None = None
    purchase_limit: int | None = None  #: pieces a shopper may order
    image_url: str | None = None
    url: str | None = None
    street_date: str | None = None  #: ISO date of release; sites leave it standing long after that day
    is_parent: bool = False  #: has variants, is never orderable itself
    variants: tuple[tuple[str, str], ...] = ()  #: (SKU, name) of each child

    def released_on(self, today: date) -> date | None:
        """The day of release, if that is still to come."""
        try:
            release = date.fromisoformat((self.street_date or "")[:10])
        except ValueError:
            return None
        return release if release > today else None


@dataclass(frozen=True, kw_only=True, slots=True)
class Evidence:
    """The part of an answer that decided, so that "why did this fire" has an answer."""

    url: str
    status: int
    seen: Mapping[str, object]  #: JSON-able; the deciding fields as the site wrote them


@dataclass(frozen=True, kw_only=True, slots=True)
class StoreStock:
    """What one store near the shopper has of a product."""

    store_ref: str
    name: str
    pickup: Availability
    in_store: Availability = Availability.UNKNOWN
    quantity: int | None = None  #: pieces, "at least"
    miles: float | None = None  #: from the ZIP that was asked for


@dataclass(frozen=True, kw_only=True, slots=True)
class Observation:
    """The outcome of one check: immutable, stored as it is, never updated."""

    product: Product
    availability: Availability  #: of shipping, unless the retailer knows no difference
    source: Source
    observed_at: datetime
    reason: str = ""  #: the word or contradiction that decided, for people
    pickup: Availability = Availability.UNKNOWN
    in_store: Availability = Availability.UNKNOWN
    quantity: int | None = None  #: pieces, "at least": sites clamp it
    offer: Offer | None = None  #: None: this look showed no price
    evidence: Evidence | None = None

    def __post_init__(self) -> None:
        if self.observed_at.tzinfo is None:
            raise ValueError("observed_at must be timezone-aware")

    def by(self, channels: Iterable[Channel]) -> Availability:
        """The availability through the channels the shopper cares for."""
        of = {
            Channel.SHIPPING: self.availability,
            Channel.PICKUP: self.pickup,
            Channel.IN_STORE: self.in_store,
        }
        return best_of(of[channel] for channel in channels)
