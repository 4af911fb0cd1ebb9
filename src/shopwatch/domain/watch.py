"""Our interest in a product: how often to look, what to pay, whom to tell."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from shopwatch.domain.money import Money
from shopwatch.domain.stock import Channel, Key, Product


class Priority(StrEnum):
    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"
    CRITICAL = "critical"

    @property
    def value_factor(self) -> float:
        """What catching one of its restocks is worth against a normal one."""
        return {"low": 0.5, "normal": 1.0, "high": 2.0, "critical": 4.0}[self.value]


@dataclass(frozen=True, kw_only=True, slots=True)
class Watch:
    """A product the person wants to know about, as the configuration says it."""

    retailer: str
    sku: str
    name: str = ""
    url: str | None = None
    enabled: bool = True
    priority: Priority = Priority.NORMAL
    check_frequency_s: float = 30.0  #: the longest interval between two checks, seconds
    max_price: Money | None = None  #: alerts and purchases only at or below it
    channels: frozenset[Channel] = frozenset({Channel.SHIPPING, Channel.PICKUP})
    third_party_sellers: bool = False  #: whether a marketplace seller counts as in stock
    auto_purchase: bool = False
    quantity: int = 1
    group: str | None = None  #: watches of one group share purchase limits and stand in for each other
    tags: tuple[str, ...] = ()
    alert_price_drop_percent: float | None = None
    alert_below_price: Money | None = None
    muted: bool = False
    snoozed_until: datetime | None = None

    @property
    def key(self) -> Key:
        return self.retailer, self.sku

    @property
    def product(self) -> Product:
        return Product(retailer=self.retailer, sku=self.sku, name=self.name)
