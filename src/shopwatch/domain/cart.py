"""A cart and what became of it, as a site shows them; without it a purchase would be decided on beliefs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from shopwatch.domain.money import Money


@dataclass(frozen=True, kw_only=True, slots=True)
class CartLine:
    """One line of the cart, as the site says it."""

    sku: str
    quantity: int
    unit_price: Money | None
    sold_by: str | None = None  #: None: the retailer itself


@dataclass(frozen=True, kw_only=True, slots=True)
class Cart:
    """The cart as both of its witnesses give it."""

    lines: tuple[CartLine, ...]
    total: Money | None  #: by the cart API, with tax and shipping
    page_total: Money | None = None  #: by the page a person would see; None before checkout
    ship_to_zip: str | None = None
    card_last_four: str | None = None
    cannot_order: tuple[str, ...] = ()  #: what the site says against ordering it as it is


EMPTY = Cart(lines=(), total=None)


class NotSoldWhy(StrEnum):
    """What the site said instead of taking our product or our order."""

    SOLD_OUT = "sold_out"
    LIMIT = "limit"  #: more than a shopper may have; often it is in the cart already
    THROTTLED = "throttled"  #: too many shoppers, or too quick
    SESSION = "session"  #: it does not believe that we are signed in
    UNCLEAR = "unclear"  #: it failed without a reason


@dataclass(frozen=True, kw_only=True, slots=True)
class Placement:
    """What the page showed after the click that spends."""

    confirmed: bool  #: the confirmation page came; anything else is unclear, never "not placed"
    shown: str  #: the path of the page and its words, for people
    order_number: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class OrderLine:
    """A line of a past order."""

    sku: str
    quantity: int


@dataclass(frozen=True, kw_only=True, slots=True)
class PastOrder:
    """An order as the site's history tells it."""

    number: str
    placed_at: datetime | None  #: None: the history does not say
    lines: tuple[OrderLine, ...] = ()  #: empty: only its number is known
    total: Money | None = None
    cancelled: bool = False
