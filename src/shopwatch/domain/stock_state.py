"""What is known of a product now, and how an observation changes it: pure, decided once, committed once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from shopwatch.domain.money import Money
from shopwatch.domain.stock import Availability, Key, Observation


@dataclass(frozen=True, kw_only=True, slots=True)
class StockState:
    """The last believed state of one product; one row, replaced by compare-and-set on ``version``."""

    key: Key
    version: int = 0  #: 0: never seen
    availability: Availability = Availability.UNKNOWN
    pickup: Availability = Availability.UNKNOWN
    in_store: Availability = Availability.UNKNOWN
    price: Money | None = None
    regular_price: Money | None = None
    sold_by: str | None = None
    title: str = ""
    purchase_limit: int | None = None
    image_url: str | None = None
    since: datetime | None = None  #: when ``availability`` began
    last_checked: datetime | None = None  #: with a verdict
    last_restock: datetime | None = None
    held: Mapping[str, object] = field(default_factory=dict)  #: an answer not yet believed (flap, outlier)


class AlertKind(StrEnum):
    RESTOCK = "restock"
    CONFIRMED = "confirmed"  #: completes a restock sent unconfirmed
    NOT_CONFIRMED = "not_confirmed"
    SOLD_OUT = "sold_out"
    PRICE_DROP = "price_drop"
    BELOW_PRICE = "below_price"
    PURCHASE = "purchase"
    HEALTH = "health"
    LATE = "late"
    CRAWL = "crawl"
    TEST = "test"


@dataclass(frozen=True, kw_only=True, slots=True)
class Alert:
    """Something to tell the person; rendered when it is delivered."""

    key: str  #: unique: the same key is never enqueued twice
    kind: AlertKind
    retailer: str | None = None
    sku: str | None = None
    facts: Mapping[str, object] = field(default_factory=dict)  #: JSON-able
    expires_at: datetime | None = None
    waits_until: datetime | None = None  #: held back for a browser's word until then; None: leaves at once


@dataclass(frozen=True, kw_only=True, slots=True)
class Transition:
    """What an observation makes of a state."""

    after: StockState
    is_restock: bool = False
    is_change: bool = False  #: of availability or price: leaves a row in the history
    alerts: tuple[Alert, ...] = ()  #: keys may hold ``{restock}``: the id of the restock row, known on commit


#: Decides what an observation makes of the state before it; ``None`` when nothing is to be written.
Decide = Callable[[StockState, Observation], Transition | None]


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """A transition the database has accepted: told exactly once, whoever else was looking."""

    before: StockState
    after: StockState
    observation: Observation
    restock_id: int | None = None

    @property
    def is_restock(self) -> bool:
        return self.restock_id is not None
