"""An attempt to buy: its states and the limits around it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from shopwatch.domain.money import Money
from shopwatch.domain.stock import Key


class PurchaseState(StrEnum):
    RESERVED = "reserved"
    CARTED = "carted"
    PLACING = "placing"  #: committed before the click; a crash here is ambiguous
    PLACED = "placed"
    REFUSED = "refused"
    FAILED = "failed"
    AMBIGUOUS = "ambiguous"  #: nobody knows whether an order exists; blocks the product until resolved
    REHEARSED = "rehearsed"  #: test mode: walked to the last click

    @property
    def is_final(self) -> bool:
        return self not in (PurchaseState.RESERVED, PurchaseState.CARTED, PurchaseState.PLACING)


@dataclass(frozen=True, kw_only=True, slots=True)
class Purchase:
    """One row of the ledger as its last entry tells it; the key is the restock it answers."""

    id: int
    restock_id: int
    key: Key
    state: PurchaseState
    quantity: int
    group: str | None = None
    unit_price: Money | None = None
    total: Money | None = None
    order_number: str | None = None
    live: bool = False
    reasons: tuple[str, ...] = ()  #: of a refusal or failure, all of them
    legs_ms: tuple[tuple[str, float], ...] = ()  #: time of each step
    created_at: datetime
    updated_at: datetime


#: Given every purchase that may count against a limit, but for the one being decided: reasons to refuse.
Allow = Callable[[Sequence[Purchase]], Sequence[str]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """One line of the book of purchases."""

    at: datetime
    before: PurchaseState | None  #: None: the reservation
    after: PurchaseState
    facts: Mapping[str, object]


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    """What may be spent, from the configuration's ``safety`` section."""

    max_order_total: Money | None = None
    max_daily_purchases: int = 10
    max_daily_spend: Money | None = None
    cooldown_s: float = 300.0  #: between two purchases, seconds
    max_age_s: float = 30.0  #: of the confirming observation, seconds
    max_group_purchases: int = 1  #: orders for a group of watches, a day
