"""A shop for the buyer's tests: its cart, its order book, and whatever goes wrong on the way."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from shopwatch.domain.cart import Cart, CartLine, OrderLine, PastOrder, Placement
from shopwatch.domain.money import Money
from shopwatch.domain.purchase import Limits
from shopwatch.domain.stock import Availability, Observation, Offer, Product, Source
from shopwatch.domain.watch import Watch
from shopwatch.ports import Clock, Ledger
from shopwatch.purchase.buyer import Buyer
from shopwatch.purchase.emergency import EmergencyStop
from shopwatch.purchase.means import Means, Terms

NOON = datetime(2026, 1, 17, 12, tzinfo=UTC)
PRICE = Money(4999)
WATCH = Watch(retailer="target", sku="1", max_price=Money(5000), auto_purchase=True, group="cards")
LIMITS = Limits(
    max_order_total=Money(6000),
    max_daily_spend=Money(20_000),
    max_group_purchases=50,
    cooldown_s=0,
)
LIVE = Terms(limits=LIMITS, live=True, ship_to_zip="20147", card_last_four="4444")


class SetClock:
    """Stands still until it is moved."""

    def __init__(self, at: datetime = NOON) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return self.at.timestamp()

    def move(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


class OneSession:
    """Signed in, until somebody is needed."""

    def __init__(self) -> None:
        self.is_healthy = True
        self.asked: list[str] = []

    def healthy(self, retailer: str) -> bool:
        return self.is_healthy

    def hand_over(self, retailer: str, reason: str) -> None:
        self.is_healthy = False
        self.asked.append(reason)


def seen(watch: Watch, clock: Clock, **change: Any) -> Observation:
    base: dict[str, Any] = {
        "product": Product(retailer=watch.retailer, sku=watch.sku),
        "availability": Availability.IN_STOCK,
        "source": Source.BROWSER,
        "observed_at": clock.now(),
        "offer": Offer(price=PRICE),
    }
    return Observation(**(base | change))


async def _nothing(step: str) -> None:
    return None


@dataclass
class Shop:
    """Sells one thing; ``before`` is awaited before each step and may raise, stop or jump."""

    clock: Clock
    before: Callable[[str], Awaitable[None]] = _nothing
    after: Callable[[str], Awaitable[None]] = _nothing
    lines: list[CartLine] = field(default_factory=list)
    orders_book: list[PastOrder] = field(default_factory=list)
    unread: Exception | None = None  #: why its order history cannot be read
    placement: Placement | None = None  #: what the page shows; None: the truth
    takes_orders: bool = True
    page: dict[str, Any] = field(default_factory=dict)  #: what the checkout page shows instead
    look_change: dict[str, Any] = field(default_factory=dict)
    price: Money = PRICE
    steps: list[str] = field(default_factory=list)

    @asynccontextmanager
    async def walk(self, retailer: str) -> AsyncIterator[Shop]:
        yield self

    async def orders(self, retailer: str) -> Sequence[PastOrder]:
        if self.unread is not None:
            raise self.unread
        return list(self.orders_book)

    async def look(self, watch: Watch) -> Observation:
        await self._step("look")
        return seen(watch, self.clock, **self.look_change)

    async def cart(self) -> Cart:
        await self._step("cart")
        return self._cart()

    async def add(self, watch: Watch) -> None:
        await self._step("add")
        self.lines.append(CartLine(sku=watch.sku, quantity=watch.quantity, unit_price=self.price))
        await self.after("add")

    async def take_out(self, watch: Watch) -> None:
        await self._step("take_out")
        if [line.sku for line in self.lines] == [watch.sku]:
            self.lines.clear()

    async def check_out(self) -> Cart:
        await self._step("check_out")
        cart = self._cart()
        shown = replace(cart, page_total=cart.total, ship_to_zip="20147", card_last_four="4444")
        return replace(shown, **self.page)

    async def place(self) -> Placement:
        await self._step("place")
        number = str(102_003_000_000_000 + len(self.orders_book))
        if self.takes_orders:
            bought = tuple(OrderLine(sku=line.sku, quantity=line.quantity) for line in self.lines)
            at, total = self.clock.now(), self._cart().total
            self.orders_book.append(PastOrder(number=number, placed_at=at, lines=bought, total=total))
            self.lines.clear()
        await self.after("place")
        return self.placement or Placement(confirmed=True, shown="/order-confirmation", order_number=number)

    def _cart(self) -> Cart:
        cents = sum(line.quantity * (line.unit_price or Money(0)).cents for line in self.lines)
        return Cart(lines=tuple(self.lines), total=Money(round(cents * 1.08)) if cents else None)

    async def _step(self, name: str) -> None:
        self.steps.append(name)
        await self.before(name)


@dataclass
class Till:
    """A buyer and everything around it."""

    ledger: Ledger
    shop: Shop
    clock: SetClock
    stop: EmergencyStop
    sessions: OneSession
    terms: Terms = LIVE
    owner: str = "here:1:1.0"
    patience_s: float = 20.0
    waits: list[float] = field(default_factory=list)  #: before a walk was tried again, seconds

    async def wait(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.clock.move(seconds)

    def buyer(self, ledger: Ledger | None = None, shop: Shop | None = None, owner: str = "") -> Buyer:
        return Buyer(
            Means(
                ledger=ledger or self.ledger,
                checkouts=shop or self.shop,
                clock=self.clock,
                stop=self.stop,
                terms=lambda: self.terms,
                sessions=self.sessions,
                owner=owner or self.owner,
                patience_s=self.patience_s,
                wait=self.wait,
            )
        )


def till(ledger: Ledger, folder: Path) -> Till:
    clock = SetClock()
    stop = EmergencyStop(folder / "EMERGENCY_STOP")
    return Till(ledger=ledger, shop=Shop(clock=clock), clock=clock, stop=stop, sessions=OneSession())
