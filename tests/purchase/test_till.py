"""From the shelf to the book: what the running monitor confirmed is bought once, and nothing else is."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import pytest
from tests.browser.chromium import needs_browser
from tests.buying_shop import SKU, furnish
from tests.scripted_checkout import NOON, WATCH, seen
from tests.scripted_checkout import Till as Desk
from tests.scripted_checkout import till as scripted
from tests.simulator_fixture import Simulator

from shopwatch.bootstrap.buying import Buying, owner
from shopwatch.bootstrap.core import Core, opened
from shopwatch.bootstrap.paths import Paths
from shopwatch.bootstrap.till import Till, session_alerts
from shopwatch.bootstrap.watching import MonitorWish, watch
from shopwatch.domain.cart import OrderLine, PastOrder
from shopwatch.domain.errors import Unusable
from shopwatch.domain.purchase import Purchase, PurchaseState
from shopwatch.domain.session import SessionHealth, SessionStatus
from shopwatch.domain.stock import Evidence, Source
from shopwatch.domain.stock_state import Alert, AlertKind, Change, StockState
from shopwatch.purchase.means import Terms
from shopwatch.purchase.reconcile import resolve
from shopwatch.storage.notebook import SqlNotebook
from shopwatch.storage.observations import SqlObservations
from shopwatch.storage.outbox import SqlOutbox

S = PurchaseState
WANTED = replace(WATCH, sku="20000001", group=None)
OTHER, LIAR = "20000002", "20000003"
PRODUCT = {"max_price": 50.0, "check_frequency": 1, "auto_purchase": True}
SAFETY = {
    "test_mode": False,
    "max_order_total": 60.0,
    "max_daily_spend": 600.0,
    "purchase_cooldown": 0,
    "ship_to_zip": "20147",
    "card_last_four": "4444",
}


@dataclass
class Diary:
    """What was written, as it is written."""

    lines: list[str] = field(default_factory=list)
    told: asyncio.Condition = field(default_factory=asyncio.Condition)

    @classmethod
    def of(cls, core: Core) -> Diary:
        diary = cls()

        class Observations(SqlObservations):
            async def record(self, *given: Any) -> list[Change]:
                changes = await super().record(*given)
                for one in changes:
                    await diary.write(f"{one.after.key[1]} is {one.after.availability.value}")
                return changes

            async def confirm(
                self, restock_id: int, verdict: str, evidence: Evidence | None, alert: Alert | None
            ) -> bool:
                first = await super().confirm(restock_id, verdict, evidence, alert)
                await diary.write(f"{evidence.url[-8:] if evidence else '?'} {verdict}")
                return first

        class Outbox(SqlOutbox):
            async def add(self, alerts: Sequence[Alert]) -> int:
                added = await super().add(alerts)
                for one in alerts:
                    await diary.write(f"{one.sku or one.retailer} {one.facts['state']}")
                return added

        class Notebook(SqlNotebook):
            async def write(self, name: str, document: Mapping[str, object]) -> None:
                await super().write(name, document)
                await diary.write(f"{name} {json.dumps(document)}")

        core.observations = Observations(core.database)
        core.outbox = Outbox(core.database)
        core.notebook = Notebook(core.database)
        return diary

    async def write(self, line: str) -> None:
        async with self.told:
            self.lines.append(line)
            self.told.notify_all()

    async def has(self, *parts: str, times: int = 1) -> None:
        """Wait until so many lines have all of these in them."""

        async with asyncio.timeout(60), self.told:
            await self.told.wait_for(lambda: self.count(*parts) >= times)

    def count(self, *parts: str) -> int:
        return sum(all(one in line for one in parts) for line in self.lines)


@asynccontextmanager
async def monitor(folder: Path, *, live: bool) -> AsyncIterator[tuple[Core, Diary]]:
    """The whole monitor at work on a folder."""
    paths, stop = Paths(config_dir=folder / "config", data_dir=folder / "data"), asyncio.Event()
    async with opened(paths) as core:
        diary = Diary.of(core)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(watch(core, MonitorWish(live=live), stop))
            try:
                yield core, diary
            finally:
                stop.set()


def settings(products: Mapping[str, Any], **safety: Any) -> dict[str, Any]:
    browsers = {"background_sessions": 2, "audit_negatives": False}
    return {"products": products, "monitor": browsers, "safety": SAFETY | safety}


@pytest.mark.slow  # always: test_secrets.py, which buys through the running monitor too
@pytest.mark.browser
@needs_browser[1]
@pytest.mark.asyncio(loop_scope="session")
@pytest.mark.timeout(120)
async def test_the_running_monitor_buys_what_is_confirmed_and_wanted_and_nothing_else(
    simulator: Simulator, tmp_path: Path
) -> None:
    wanted = {SKU: PRODUCT, OTHER: PRODUCT | {"auto_purchase": False}, LIAR: PRODUCT}
    await furnish(simulator.origins, tmp_path, shopwatch=settings(wanted), ship="OUT_OF_STOCK")
    for sku in (OTHER, LIAR):
        await simulator.put(sku, price=49.99, ship="OUT_OF_STOCK", pickup="UNAVAILABLE", quantity=5)
    async with monitor(tmp_path, live=True) as (core, diary):
        await diary.has("sessions", "healthy")
        for sku in wanted:
            await diary.has(f"{sku} is out_of_stock")
        await simulator.put(OTHER, ship="IN_STOCK")
        await simulator.put(LIAR, ship="IN_STOCK", button="disabled")
        await simulator.put(SKU, ship="IN_STOCK")
        await diary.has(OTHER, "confirmed")
        await diary.has(LIAR, "refuted")  # its page contradicts its API
        await diary.has(f"{SKU} placed")
        purchases = await core.ledger.recent()
    assert [(one.key[1], one.state, one.live) for one in purchases] == [(SKU, S.PLACED, True)]
    orders = (await simulator.tell("GET", "/orders"))["orders"]
    assert [(one["sku"], one["quantity"]) for one in orders] == [(SKU, 1)]


class Sessions:
    """Who is signed in, without a browser."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self.asked: list[str] = []
        self.greets = False  #: whoever looks finds somebody signed in
        self.hangs = False  #: a look takes for ever
        self._asked = asyncio.Condition()

    async def noticed(self, times: int) -> None:
        async with asyncio.timeout(20), self._asked:
            await self._asked.wait_for(lambda: self.asked.count("notice") >= times)

    def healthy(self, retailer: str) -> bool:
        return self._desk.sessions.is_healthy

    async def check_all(self) -> None:
        self.asked.append("check_all")
        self._desk.sessions.is_healthy |= self.greets

    async def notice(self) -> None:
        async with self._asked:
            self.asked.append("notice")
            self._asked.notify_all()
        if self.hangs:
            await asyncio.Event().wait()

    async def keep(self, stop: asyncio.Event) -> None:
        self.asked.append("keep")
        await asyncio.Event().wait()  # in the middle of a look


@dataclass
class Counter:
    """A till at a scripted shop."""

    core: Core
    desk: Desk
    till: Till
    diary: Diary
    sessions: Sessions

    def offer(self, *restocks: int | None, source: Source = Source.BROWSER) -> None:
        look = seen(WANTED, self.core.clock, source=source)
        state = StockState(key=WANTED.key, availability=look.availability)
        for restock in restocks:
            self.till.offer(Change(before=state, after=state, observation=look, restock_id=restock), look)

    async def book(self) -> list[Purchase]:
        return list(reversed(await self.core.ledger.recent()))


@asynccontextmanager
async def counter(
    folder: Path, *, auto_purchase: bool = True, before: Callable[[Core], Awaitable[None]] | None = None
) -> AsyncIterator[Counter]:
    config = folder / "config"
    config.mkdir()
    product = PRODUCT | {"auto_purchase": auto_purchase}
    (config / "shopwatch.yaml").write_text(json.dumps(settings({WANTED.sku: product})))
    paths, stop = Paths(config_dir=config, data_dir=folder / "data"), asyncio.Event()
    async with opened(paths) as core:
        diary = Diary.of(core)
        if before is not None:
            await before(core)
        desk = scripted(core.ledger, folder)
        desk.shop.clock = desk.clock = cast("Any", core.clock)
        sessions, stub = Sessions(desk), cast("Any", desk.shop)
        buying = Buying(buyer=desk.buyer(), sessions=cast("Any", sessions), checkouts=stub, stop=desk.stop)
        till = Till(core, buying)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(till.run(stop))
            try:
                yield Counter(core, desk, till, diary, sessions)
            finally:
                stop.set()


async def test_a_confirmed_restock_is_one_line_in_the_book_and_one_alert(tmp_path: Path) -> None:
    async with counter(tmp_path) as shop:
        shop.offer(7, 7, 8)
        await shop.diary.has(f"{WANTED.sku} placed", times=2)
        assert [(one.restock_id, one.state) for one in await shop.book()] == [(7, S.PLACED), (8, S.PLACED)]
        assert [row.alert.kind for row in await shop.core.outbox.rows()] == [AlertKind.PURCHASE] * 2
    assert len(shop.desk.shop.orders_book) == 2


async def test_when_nobody_is_signed_in_it_is_refused_with_all_reasons(tmp_path: Path) -> None:
    async with counter(tmp_path) as shop:
        shop.desk.sessions.is_healthy = False
        shop.desk.terms = Terms(live=True)
        shop.offer(7)
        await shop.diary.has(f"{WANTED.sku} refused")
        (purchase,) = await shop.book()
    assert purchase.reasons == ("no max_order_total is set", "the session is not signed in")
    assert shop.desk.shop.steps == []


async def test_what_only_the_api_says_is_never_bought(tmp_path: Path) -> None:
    async with counter(tmp_path) as shop:
        shop.offer(7, source=Source.API)
        await shop.diary.has(f"{WANTED.sku} refused")
        (purchase,) = await shop.book()
    assert purchase.reasons == ("no browser has confirmed it",)


async def test_what_nobody_wants_bought_leaves_no_line_and_asks_no_session(tmp_path: Path) -> None:
    async with counter(tmp_path, auto_purchase=False) as shop:
        shop.offer(7, None)
        await shop.sessions.noticed(3)  # before each offer, and before the next
        assert await shop.book() == []
    assert set(shop.sessions.asked) == {"notice"}


async def test_sessions_are_looked_at_before_the_first_purchase(tmp_path: Path) -> None:
    async with counter(tmp_path) as shop:
        shop.offer(7)
        await shop.diary.has(f"{WANTED.sku} placed")
        assert shop.sessions.asked[0] == "check_all"
        assert "keep" in shop.sessions.asked


async def test_sessions_are_looked_at_before_a_purchase_that_is_wanted_only_since_a_moment(
    tmp_path: Path,
) -> None:
    async with counter(tmp_path, auto_purchase=False) as shop:
        shop.desk.sessions.is_healthy = False  # nobody has looked
        shop.sessions.greets = True
        await shop.sessions.noticed(1)  # from here on it waits for an offer
        wanted = settings({WANTED.sku: PRODUCT})
        (tmp_path / "config" / "shopwatch.yaml").write_text(json.dumps(wanted))
        shop.core.loaded = shop.core.folder.load()
        shop.offer(7)
        await shop.diary.has(f"{WANTED.sku} ")
        assert [(one.state, one.reasons) for one in await shop.book()] == [(S.PLACED, ())]


@pytest.mark.parametrize(
    "left_by",
    [
        pytest.param(f"{socket.gethostname()}:1:1.0", id="a process that died"),
        pytest.param(owner(), id="this one, when its database could not be written"),
    ],
)
async def test_what_was_left_at_the_click_is_told_and_told_again_once_it_is_found(
    tmp_path: Path, left_by: str
) -> None:
    async with counter(tmp_path) as shop:
        ledger, now = shop.core.ledger, shop.core.clock.now()
        left = await ledger.reserve(8, WANTED, live=True, now=now, facts={"owner": left_by})
        assert left is not None
        await ledger.move(left.id, S.RESERVED, S.PLACING, now=now, facts={})
        shop.offer(None)  # wakes the till, which then tidies
        await shop.diary.has(f"{WANTED.sku} ambiguous")
        line = OrderLine(sku=WANTED.sku, quantity=1)
        shop.desk.shop.orders_book = [PastOrder(number="102", placed_at=now, lines=(line,))]
        shop.offer(None)
        await shop.diary.has(f"{WANTED.sku} placed")
        assert [(one.state, one.order_number) for one in await shop.book()] == [(S.PLACED, "102")]


async def test_what_a_dead_process_left_at_the_click_is_told_without_a_browser_too(tmp_path: Path) -> None:
    async with counter(tmp_path) as shop:
        shop.desk.shop.unread = Unusable("no browser was found")
        ledger, now = shop.core.ledger, shop.core.clock.now()
        dead = {"owner": f"{socket.gethostname()}:1:1.0"}
        left = await ledger.reserve(8, WANTED, live=True, now=now, facts=dead)
        assert left is not None
        await ledger.move(left.id, S.RESERVED, S.PLACING, now=now, facts={})
        shop.offer(None)  # wakes the till, which then tidies
        await shop.diary.has(f"{WANTED.sku} ambiguous")


async def test_what_ended_in_a_process_that_died_before_it_told_is_told_by_the_next_one(
    tmp_path: Path,
) -> None:
    async def before(core: Core) -> None:
        now = core.clock.now()
        for restock, state in ((7, S.PLACED), (8, S.AMBIGUOUS)):
            one = await core.ledger.reserve(restock, WANTED, live=True, now=now)
            assert one is not None
            await core.ledger.move(one.id, S.RESERVED, state, now=now, facts={})
        await resolve(core.ledger, 2, placed=False, order_number=None, now=now)

    async with counter(tmp_path, before=before) as shop:
        await shop.diary.has(f"{WANTED.sku} placed")
        shop.offer(None)
        await shop.sessions.noticed(3)
        told = [row.alert.key for row in await shop.core.outbox.rows()]
    assert told == ["purchase:1:placed"], "a person who has decided knows it"


async def test_a_key_that_is_set_no_longer_keeps_no_end_from_being_told(tmp_path: Path) -> None:
    async def before(core: Core) -> None:
        now = core.clock.now()
        one = await core.ledger.reserve(7, WANTED, live=True, now=now)
        assert one is not None
        await core.ledger.move(one.id, S.RESERVED, S.PLACED, now=now, facts={})
        (core.paths.config_dir / "retailers.yaml").write_text(
            "retailers: {target: {keys: {web: '${SHOPWATCH_NOT_SET}'}}}"
        )
        core.loaded = core.folder.load()

    async with counter(tmp_path, before=before) as shop:
        await shop.diary.has(f"{WANTED.sku} placed")


async def test_a_till_that_is_told_to_stop_breaks_off_the_walk_in_hand_and_says_so(tmp_path: Path) -> None:
    reached = asyncio.Event()

    async def never(step: str) -> None:
        if step == "check_out":
            reached.set()
            await asyncio.Event().wait()

    async with asyncio.timeout(30):
        async with counter(tmp_path) as shop:
            shop.desk.shop.before = never
            shop.offer(7)
            await reached.wait()
    assert shop.diary.count(f"{WANTED.sku} refused") == 1
    assert (shop.desk.shop.steps[-1], shop.desk.shop.lines) == ("take_out", [])


async def test_a_till_that_is_told_to_stop_waits_for_no_look_at_a_session(tmp_path: Path) -> None:
    async with asyncio.timeout(30):
        async with counter(tmp_path) as shop:
            await shop.sessions.noticed(1)
            shop.sessions.hangs = True
            shop.offer(None)
            await shop.sessions.noticed(2)


@pytest.mark.parametrize("health", [one for one in SessionHealth if one is not SessionHealth.NEEDS_HUMAN])
def test_a_session_that_cannot_buy_is_told_once_an_hour_and_a_good_one_not_at_all(
    health: SessionHealth,
) -> None:
    status = SessionStatus(retailer="target", health=health, since=NOON, reason="why")
    alerts = session_alerts(status)
    assert len(alerts) == (health is not SessionHealth.HEALTHY)
    again = session_alerts(replace(status, since=NOON + timedelta(minutes=20)))
    assert [one.key for one in alerts] == [one.key for one in again]


def test_a_person_who_is_needed_again_within_the_hour_is_told_again() -> None:
    """They have signed in meanwhile: nobody is asked for twice without that."""
    first = SessionStatus(retailer="target", health=SessionHealth.NEEDS_HUMAN, since=NOON, reason="a code")
    again = replace(first, since=NOON + timedelta(minutes=20))
    [one], [other] = session_alerts(first), session_alerts(again)
    assert one.key != other.key
