"""Whatever happens in whatever order, no cap is passed: guard, buyer and ledger as one machine.

Two buyers on one database are led step by step, crash, and are started again, while clocks jump and limits
change; the shop's own order book is the judge.
"""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Coroutine
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from tests.postgres import PostgresServer
from tests.scripted_checkout import LIMITS, LIVE, Shop, Till, seen, till

from shopwatch.domain.cart import NotSoldWhy, Placement
from shopwatch.domain.errors import NotSold
from shopwatch.domain.money import Money
from shopwatch.domain.purchase import Limits, PurchaseState
from shopwatch.domain.watch import Watch
from shopwatch.purchase.recovery import recover
from shopwatch.storage.database import Database
from shopwatch.storage.ledger import SqlLedger

T = TypeVar("T")
WATCHES = [
    Watch(retailer="target", sku=sku, max_price=Money(5000), auto_purchase=True, group=group)
    for sku, group in (("1", "cards"), ("2", "cards"), ("3", None))
]
DAY = timedelta(days=1)
_WIDE = replace(LIMITS, max_daily_spend=Money(100_000), max_daily_purchases=50)
#: In each one limit alone is tight, so that a broken one is not covered by the others; the last has all.
TIGHT = [
    replace(_WIDE, max_daily_purchases=2),
    replace(_WIDE, max_daily_spend=Money(11_000)),
    replace(_WIDE, max_group_purchases=1),
    replace(_WIDE, cooldown_s=300),
    replace(_WIDE, max_order_total=Money(5300)),
    Limits(
        max_order_total=Money(6000),
        max_daily_purchases=1,
        max_daily_spend=Money(6000),
        max_group_purchases=1,
        cooldown_s=300,
    ),
]
_WHOLE = 40  #: steps: more than any walk has
_BUSY_TIMES = 2  #: then the walk gets through, if nothing else stops it


@dataclass
class Click:
    """An order in the book, and the limits when it was clicked."""

    at: datetime
    sku: str
    group: str | None
    cents: int
    limits: Limits
    live: bool
    stopped: bool
    done: bool = False


@dataclass(frozen=True)
class Ends:
    """What the shop does on a walk: the defaults are a good day."""

    unclear: bool = False  #: the page says nothing after the click
    takes: bool = True  #: the order is booked
    busy_at: str = ""  #: a step that fails twice for too many shoppers


_GOOD = [Ends()] * 5
ENDS = st.sampled_from(
    [
        *_GOOD,
        Ends(unclear=True),
        Ends(unclear=True, takes=False),
        *(Ends(busy_at=step) for step in ("look", "add", "check_out")),
    ]
)


class Mortal(SqlLedger):
    """A dead process writes nothing any more, whatever its last words would have been."""

    is_dead = False

    async def move(self, *step: Any, **facts: Any) -> bool:
        return False if self.is_dead else await super().move(*step, **facts)


@dataclass
class Led:
    """A walk that goes on only when it is told to."""

    task: asyncio.Task[Any]
    ledger: Mortal
    arrived: asyncio.Event = field(default_factory=asyncio.Event)
    go: asyncio.Event = field(default_factory=asyncio.Event)


class Caps(RuleBasedStateMachine):
    """Subclasses say where the database is."""

    def where(self) -> str:
        raise NotImplementedError

    @initialize(limits=st.sampled_from(TIGHT))
    def begin(self, limits: Limits) -> None:
        self.runner = asyncio.Runner()
        self.folder = Path(tempfile.mkdtemp())
        address = self.where()
        self.databases = [Database.open(address) for _ in range(2)]
        self.desk: Till = till(SqlLedger(self.databases[0]), self.folder)
        self.desk.terms = replace(LIVE, limits=limits)
        self.ledgers = [SqlLedger(database) for database in self.databases]
        self.walks: list[Led | None] = [None, None]
        self.clicks: list[Click] = []
        self.restocks = 0

    def teardown(self) -> None:
        if not hasattr(self, "runner"):
            return
        for number in range(2):
            self.kill(number)
        for database in self.databases:
            database.close()
        self.runner.close()
        shutil.rmtree(self.folder)

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        return self.runner.run(work)

    @rule(number=st.integers(0, 1), watch=st.sampled_from(WATCHES), ends=ENDS)
    def buy(self, number: int, watch: Watch, ends: Ends) -> None:
        """A restock, walked to its end; the other buyer may stand half-way meanwhile."""
        self.restock(number, watch, same=False, ends=ends)
        self.walk_on(number, _WHOLE)

    @rule(first=st.sampled_from(WATCHES), second=st.sampled_from(WATCHES), same=st.booleans())
    def race(self, first: Watch, second: Watch, *, same: bool) -> None:
        """Both buyers walk side by side, step by step: two restocks, or the same one."""
        self.restock(0, first, same=False, ends=Ends())
        self.restock(1, first if same else second, same=same, ends=Ends())
        for _ in range(_WHOLE):
            for number in (0, 1):
                self.walk_on(number, 1)

    @rule(
        number=st.integers(0, 1),
        watch=st.sampled_from(WATCHES),
        steps=st.integers(0, 8),
        same=st.booleans(),
        ends=ENDS,
    )
    def begin_to_buy(self, number: int, watch: Watch, *, steps: int, same: bool, ends: Ends) -> None:
        """A restock, perhaps one the other has heard of, walked up to somewhere."""
        self.restock(number, watch, same=same, ends=ends)
        self.walk_on(number, steps)

    @rule(number=st.integers(0, 1), steps=st.sampled_from([1, _WHOLE]))
    def go_on(self, number: int, steps: int) -> None:
        self.walk_on(number, steps)

    @rule(number=st.integers(0, 1))
    def crash(self, number: int) -> None:
        """The process dies where it stands; another starts and looks what was left."""
        walk = self.walks[number]
        if walk is None:
            return
        self.kill(number)
        dead = f"buyer {number}"
        self.do(recover(self.ledgers[number], self.desk.clock, is_dead=lambda token: token == dead))

    @rule(seconds=st.sampled_from([1, 20, 400, 43_000, 86_300, 86_500, -86_500]))
    def jump(self, seconds: int) -> None:
        self.desk.clock.move(seconds)

    @rule(limits=st.sampled_from(TIGHT))
    def change_limits(self, limits: Limits) -> None:
        self.desk.terms = replace(self.desk.terms, limits=limits)

    @rule(
        number=st.integers(0, 1),
        watch=st.sampled_from(WATCHES),
        steps=st.integers(0, 8),
        live=st.booleans(),
        stopped=st.booleans(),
    )
    def change_on_the_way(self, number: int, watch: Watch, *, steps: int, live: bool, stopped: bool) -> None:
        """Test mode, or the emergency stop, comes in the middle of a walk, and goes again."""
        self.restock(number, watch, same=False, ends=Ends())
        self.walk_on(number, steps)
        self.desk.terms = replace(self.desk.terms, live=live)
        if stopped:
            self.desk.stop.set("x")
        self.walk_on(number, _WHOLE)
        self.desk.terms = replace(self.desk.terms, live=True)
        self.desk.stop.clear()

    def restock(self, number: int, watch: Watch, *, same: bool, ends: Ends) -> None:
        if self.walks[number] is not None:
            self.walk_on(number, _WHOLE)
        self.restocks += not (same and self.restocks)
        self.do(self._start(number, watch, self.restocks, ends))

    def walk_on(self, number: int, steps: int) -> None:
        for _ in range(steps):
            if self.walks[number] is not None:
                self.do(self._step(number))

    @precondition(lambda self: bool(self.clicks))
    @invariant()
    def no_cap_is_passed(self) -> None:
        done = [click for click in self.clicks if click.done]
        for number, click in enumerate(done):
            before = [one for one in done[:number] if one.at > click.at - DAY]
            limits = click.limits
            assert click.live, "an order in test mode"
            assert not click.stopped, "an order after the emergency stop"
            assert len(before) + 1 <= limits.max_daily_purchases
            assert limits.max_order_total is not None
            assert limits.max_daily_spend is not None
            assert click.cents <= limits.max_order_total.cents
            assert sum(one.cents for one in [*before, click]) <= limits.max_daily_spend.cents
            assert 1 + sum(_same(one, click) for one in before) <= limits.max_group_purchases
            assert all((click.at - one.at).total_seconds() >= limits.cooldown_s for one in before)

    @invariant()
    def the_book_of_purchases_knows_every_order(self) -> None:
        known = self.do(self.ledgers[0].recent(limit=500))
        paid = {PurchaseState.PLACING, PurchaseState.PLACED, PurchaseState.AMBIGUOUS}
        for sku in ("1", "2", "3"):
            orders = sum(click.sku == sku and click.done for click in self.clicks)
            assert orders <= sum(one.key[1] == sku and one.state in paid for one in known)

    async def _start(self, number: int, watch: Watch, restock_id: int, ends: Ends) -> None:
        shop = Shop(clock=self.desk.clock, takes_orders=ends.takes)
        if ends.unclear:
            shop.placement = Placement(confirmed=False, shown="no answer")
        ledger = Mortal(self.databases[number])
        buyer = self.desk.buyer(ledger, shop, owner=f"buyer {number}")

        async def wait(name: str) -> None:
            walk = self.walks[number]
            assert walk is not None
            walk.arrived.set()
            await walk.go.wait()
            walk.go.clear()

        async def before(name: str) -> None:
            click = self._clicking(watch, shop) if name == "place" else None
            await wait(name)
            if name == ends.busy_at and shop.steps.count(name) <= _BUSY_TIMES:
                raise NotSold("https://x", "too many shoppers", why=NotSoldWhy.THROTTLED)
            if click is not None:
                click.done = ends.takes

        shop.before, shop.after = before, wait
        walk = buyer.buy(restock_id, watch, seen(watch, self.desk.clock))
        self.walks[number] = Led(asyncio.get_running_loop().create_task(walk), ledger)
        await self._come(number)

    def _clicking(self, watch: Watch, shop: Shop) -> Click:
        """The click was decided just now; it happens when the walk is led on."""
        total = shop._cart().total
        assert total is not None
        click = Click(
            at=self.desk.clock.now(),
            sku=watch.sku,
            group=watch.group,
            cents=total.cents,
            limits=self.desk.terms.limits,
            live=self.desk.terms.live,
            stopped=self.desk.stop.is_on(),
        )
        self.clicks.append(click)
        return click

    async def _step(self, number: int) -> None:
        walk = self.walks[number]
        if walk is None:
            return
        walk.arrived.clear()
        walk.go.set()
        await self._come(number)

    async def _come(self, number: int) -> None:
        """Until the walk stands before its next step, or has ended."""
        walk = self.walks[number]
        assert walk is not None
        arrival = asyncio.ensure_future(walk.arrived.wait())
        await asyncio.wait({arrival, walk.task}, return_when=asyncio.FIRST_COMPLETED)
        arrival.cancel()
        if walk.task.done():
            walk.task.result()
            self.walks[number] = None

    def kill(self, number: int) -> None:
        """Nothing more is written: the ledger is taken away before the walk is ended."""
        walk, self.walks[number] = self.walks[number], None
        if walk is None:
            return

        walk.ledger.is_dead = True

        async def end() -> None:
            walk.task.cancel()
            await asyncio.gather(walk.task, return_exceptions=True)

        self.do(end())


def _same(one: Click, other: Click) -> bool:
    return one.sku == other.sku or (one.group is not None and one.group == other.group)


SETTINGS = settings(
    max_examples=25,
    stateful_step_count=20,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)


def test_no_cap_is_ever_passed_on_sqlite(sqlite_template: Path) -> None:
    class OnSqlite(Caps):
        def where(self) -> str:
            path = self.folder / "shopwatch.db"
            shutil.copyfile(sqlite_template, path)
            return str(path)

    run_state_machine_as_test(OnSqlite, settings=SETTINGS)


@pytest.mark.postgres
@pytest.mark.timeout(120)
def test_no_cap_is_ever_passed_on_postgres(server: PostgresServer, postgres_template: str) -> None:
    class OnPostgres(Caps):
        def where(self) -> str:
            return server.create(postgres_template)

    few = settings(SETTINGS, max_examples=8)
    run_state_machine_as_test(OnPostgres, settings=few)
