"""Delivery over real sockets: at least once to each channel, whatever is down, and no address in any word."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from shopwatch.domain.errors import Invalid, Unreachable
from shopwatch.domain.stock_state import Alert, AlertKind
from shopwatch.notify.channel import AppriseChannel
from shopwatch.notify.deciding import Manners
from shopwatch.notify.delivery import Delivery
from shopwatch.ports import Channel
from shopwatch.storage.database import Database
from shopwatch.storage.deliveries import SqlDeliveries
from shopwatch.storage.outbox import SqlOutbox

NOON = datetime(2026, 1, 17, 12, tzinfo=UTC)
PATIENCE_S = 60


class Receiver:
    """A service that takes messages, or answers with an error."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        self.status = 200
        self.port = 0
        self.took_one = asyncio.Event()

    async def take(self, request: web.Request) -> web.Response:
        if self.status == 200:
            self.heard.append((await request.json())["title"])
            self.took_one.set()
        return web.Response(status=self.status)

    def channel(self) -> AppriseChannel:
        return AppriseChannel(f"json://someone:hush@127.0.0.1:{self.port}/")


@asynccontextmanager
async def receiving() -> AsyncIterator[Receiver]:
    receiver = Receiver()
    app = web.Application()
    app.router.add_post("/", receiver.take)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    receiver.port = runner.addresses[0][1]
    try:
        yield receiver
    finally:
        await runner.cleanup()


class Clock:
    def __init__(self) -> None:
        self.at = NOON

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return self.at.timestamp()


class World:
    def __init__(self, database: Database) -> None:
        self.clock = Clock()
        self.outbox = SqlOutbox(database)
        self.deliveries = SqlDeliveries(database)

    def delivery(self, *channels: Channel, **manners: Any) -> Delivery:
        return Delivery(
            outbox=self.outbox,
            deliveries=self.deliveries,
            channels=channels,
            manners=Manners(**manners),
            templates={},
            clock=self.clock,
        )

    async def alert(self, *names: str, kind: AlertKind = AlertKind.RESTOCK) -> None:
        facts = {"availability": "in_stock"}
        await self.outbox.add([Alert(key=n, kind=kind, facts={"name": n, **facts}) for n in names])

    async def states(self) -> dict[str, str]:
        return {row.alert.key: row.state for row in await self.outbox.rows()}


@pytest.fixture
def world(tmp_path: Path) -> Any:
    clock = Clock()
    database = Database.open(tmp_path / "x.db", now=clock.now)
    made = World(database)
    made.clock = clock
    yield made
    database.close()


async def test_an_alert_arrives_once_and_is_sent(world: World) -> None:
    async with receiving() as receiver:
        delivery = world.delivery(receiver.channel())
        await world.alert("Cards")
        assert await delivery.deliver_due() == 1
        assert await delivery.deliver_due() == 0
        assert receiver.heard == ["Cards is in stock"]
        assert await world.states() == {"Cards": "sent"}


async def test_a_receiver_that_is_down_is_tried_again_until_it_is_back(world: World) -> None:
    async with receiving() as receiver:
        receiver.status = 503
        delivery = world.delivery(receiver.channel())
        await world.alert("Cards")
        for _ in range(4):
            await delivery.deliver_due()
            world.clock.at += timedelta(seconds=20)
        assert await world.states() == {"Cards": "pending"}
        receiver.status = 200
        await delivery.deliver_due()
        assert receiver.heard == ["Cards is in stock"]
        (row,) = await world.outbox.rows()
        assert row.attempts >= 4


async def test_a_clock_that_is_set_back_an_hour_holds_up_no_retry(world: World) -> None:
    async with receiving() as receiver:
        receiver.status = 503
        delivery = world.delivery(receiver.channel())
        await world.alert("Cards")
        await delivery.deliver_due()
        receiver.status = 200  # the network is there, and with it the right time
        world.clock.at -= timedelta(hours=1)
        await delivery.deliver_due()
        assert receiver.heard == ["Cards is in stock"]


class Down:
    """A channel that keeps everybody waiting and then fails."""

    key = name = "down"

    def __init__(self) -> None:
        self.asked = 0
        self.is_asked, self.go_on = asyncio.Event(), asyncio.Event()

    async def send(self, title: str, body: str) -> None:
        self.asked += 1
        self.is_asked.set()
        await self.go_on.wait()
        raise Unreachable(self.name, "no answer within 20 s")


async def test_who_stops_does_not_wait_for_a_channel_that_is_down_again_and_again(world: World) -> None:
    down, stop = Down(), asyncio.Event()
    async with asyncio.timeout(PATIENCE_S), asyncio.TaskGroup() as tasks:
        await world.alert("Cards", "Dice", "Tins")
        tasks.create_task(world.delivery(down).run(stop))
        await down.is_asked.wait()
        stop.set()
        down.go_on.set()
    assert down.asked == 1
    assert set((await world.states()).values()) == {"pending"}, "the next start tells them"


async def test_a_channel_that_has_it_is_not_told_again_when_another_fails(world: World) -> None:
    async with receiving() as good, receiving() as bad:
        bad.status = 500
        delivery = world.delivery(good.channel(), bad.channel())
        await world.alert("Cards")
        await delivery.deliver_due()
        bad.status = 200
        world.clock.at += timedelta(seconds=20)
        await delivery.deliver_due()
        assert (good.heard, bad.heard) == (["Cards is in stock"], ["Cards is in stock"])


async def test_a_deliverer_killed_in_between_loses_nothing(world: World) -> None:
    async with receiving() as receiver:
        await world.alert("Cards")
        assert len(await world.outbox.lease(10, world.clock.now(), 120)) == 1  # leased, then the process died
        delivery = world.delivery(receiver.channel())
        assert await delivery.deliver_due() == 0
        world.clock.at += timedelta(seconds=121)
        await delivery.deliver_due()
        assert receiver.heard == ["Cards is in stock"]


async def test_a_storm_is_one_message(world: World) -> None:
    async with receiving() as receiver:
        delivery = world.delivery(receiver.channel(), storm=5)
        await world.alert(*(f"Cards {n}" for n in range(8)))
        await delivery.deliver_due()
        assert receiver.heard == ["8 alerts: restock"]
        assert sorted((await world.states()).values()) == ["collapsed"] * 7 + ["sent"]


@pytest.mark.parametrize("manners", [{"storm": 3}, {"digest_s": 1.0}])
async def test_a_retry_joined_by_others_tells_each_channel_what_it_has_not(
    world: World, manners: dict[str, Any]
) -> None:
    async with receiving() as chat, receiving() as mail:
        mail.status = 503
        delivery = world.delivery(chat.channel(), mail.channel(), **manners)
        await world.alert("Cards 1")
        world.clock.at += timedelta(seconds=5)
        await delivery.deliver_due()
        assert (chat.heard, mail.heard) == (["Cards 1 is in stock"], [])
        await world.alert("Cards 2", "Cards 3")
        world.clock.at += timedelta(seconds=20)
        mail.status = 200
        await delivery.deliver_due()
        assert sum(_names(title) for title in chat.heard) == 3, chat.heard
        assert sum(_names(title) for title in mail.heard) == 3, mail.heard
        assert "pending" not in (await world.states()).values()


async def test_a_storm_that_missed_a_channel_is_told_there_alone_also_when_it_has_grown(world: World) -> None:
    async with receiving() as chat, receiving() as mail:
        mail.status = 503
        delivery = world.delivery(chat.channel(), mail.channel(), storm=3)
        await world.alert("Cards 1", "Cards 2", "Cards 3")
        await delivery.deliver_due()
        await world.alert("Cards 4")
        world.clock.at += timedelta(seconds=20)
        mail.status = 200
        await delivery.deliver_due()
        assert chat.heard == ["3 alerts: restock", "Cards 4 is in stock"]
        assert mail.heard == ["4 alerts: restock"]


class Written:
    """A channel in memory; each message waits until ``may_take``."""

    def __init__(self, name: str, *, took: int = 0) -> None:
        self.key = self.name = name
        self.heard: list[str] = []
        self.at_once = self.most_at_once = 0
        self.may_take = asyncio.Event()
        self.has_all = asyncio.Event()
        self.all = took

    async def send(self, title: str, body: str) -> None:
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        await self.may_take.wait()
        await asyncio.sleep(0)  # lets another message overtake, if it may
        self.heard.append(title)
        self.at_once -= 1
        if len(self.heard) == self.all:
            self.has_all.set()


async def test_a_slow_channel_does_not_hold_up_the_others_and_each_hears_in_order(world: World) -> None:
    slow, quick = Written("slow"), Written("quick", took=5)
    quick.may_take.set()
    names = [f"Cards {n}" for n in range(5)]
    await world.alert(*names)
    async with asyncio.timeout(PATIENCE_S), asyncio.TaskGroup() as tasks:
        tasks.create_task(world.delivery(slow, quick).deliver_due())
        await quick.has_all.wait()
        assert slow.heard == []
        slow.may_take.set()
    assert slow.heard == quick.heard == [f"{name} is in stock" for name in names]
    assert (slow.most_at_once, quick.most_at_once) == (1, 1)
    assert set((await world.states()).values()) == {"sent"}


class Noted(SqlDeliveries):
    """Says when it is written down that a message has left."""

    said: list[str]

    async def mark(self, *args: Any, **more: Any) -> None:
        await super().mark(*args, **more)
        self.said.append("written")


async def test_the_next_message_leaves_when_the_one_before_is_written_down(
    world: World, tmp_path: Path
) -> None:
    """Else a kill in between would repeat both."""
    with closing(Database.open(tmp_path / "x.db", now=world.clock.now)) as database:
        world.deliveries = noted = Noted(database)
        noted.said = []

        class Told(Written):
            async def send(self, title: str, body: str) -> None:
                noted.said.append("told")

        await world.alert("Cards 1", "Cards 2", "Cards 3")
        await world.delivery(Told("chat")).deliver_due()
    assert noted.said == ["told", "written"] * 3


def _names(title: str) -> int:
    """How many alerts a message tells: one by its name, or so many."""
    return int(title.split(maxsplit=1)[0]) if title[0].isdigit() else 1


async def test_without_a_channel_alerts_wait_and_are_told_when_one_is_configured(world: World) -> None:
    async with receiving() as receiver:
        delivery = world.delivery()
        await world.alert("Cards")
        await delivery.deliver_due()
        delivery.configure([receiver.channel()], Manners(), {})
        await delivery.deliver_due()
        assert receiver.heard == ["Cards is in stock"]


async def test_the_running_deliverer_is_woken_and_stops_when_told(world: World) -> None:
    async with receiving() as receiver:
        delivery, stop = world.delivery(receiver.channel()), asyncio.Event()
        async with asyncio.timeout(PATIENCE_S), asyncio.TaskGroup() as tasks:
            tasks.create_task(delivery.run(stop))
            await world.alert("Cards")
            delivery.wake()
            await receiver.took_one.wait()
            stop.set()


async def test_an_error_says_what_happened_and_never_the_address() -> None:
    async with receiving() as receiver:
        receiver.status = 401
        with pytest.raises(Unreachable) as refused:
            await receiver.channel().send("t", "b")
        port = receiver.port
    with pytest.raises(Unreachable) as gone:
        await AppriseChannel(f"json://someone:hush@127.0.0.1:{port}/").send("t", "b")
    assert refused.value.reason == "the service answered 401"
    assert gone.value.reason == "the service could not be reached"
    assert "hush" not in f"{refused.value} {gone.value} {receiver.channel().name}"


@pytest.mark.parametrize("address", ["nothing://hush", "hush", "", "mailto://"])
def test_an_address_apprise_does_not_know_is_refused_without_repeating_it(address: str) -> None:
    with pytest.raises(Invalid) as caught:
        AppriseChannel(address)
    assert "hush" not in str(caught.value)


async def test_alerts_of_one_digest_leave_together_though_they_came_one_by_one(world: World) -> None:
    async with receiving() as receiver:
        delivery = world.delivery(receiver.channel(), digest_s=60)
        for name in ("Cards", "Dice"):
            await world.alert(name)
            await delivery.deliver_due()
            world.clock.at += timedelta(seconds=20)
        assert receiver.heard == []
        world.clock.at = NOON + timedelta(seconds=60)
        await delivery.deliver_due()
        assert receiver.heard == ["2 alerts: digest"]
        assert {row.attempts for row in await world.outbox.rows() if row.state == "sent"} == {1}


async def test_a_storm_that_comes_in_drops_is_collapsed_too(world: World) -> None:
    async with receiving() as receiver:
        delivery = world.delivery(receiver.channel(), storm=3)
        for number in range(6):
            await world.alert(f"Cards {number}")
            await delivery.deliver_due()
            world.clock.at += timedelta(seconds=1)
        world.clock.at = NOON + timedelta(seconds=10)
        await delivery.deliver_due()
        assert receiver.heard == ["Cards 0 is in stock", "Cards 1 is in stock", "4 alerts: restock"]
        world.clock.at += timedelta(minutes=2)
        await world.alert("Dice")
        await delivery.deliver_due()
        assert receiver.heard[-1] == "Dice is in stock"


async def test_changed_manners_hold_for_what_waits_already(world: World) -> None:
    async with receiving() as receiver:
        channel = receiver.channel()
        delivery = world.delivery(channel, digest_s=3600)
        await world.alert("Cards")
        await delivery.deliver_due()
        delivery.configure([channel], Manners(), {})
        await delivery.deliver_due()
        assert receiver.heard == ["Cards is in stock"]


async def test_a_stale_restock_that_a_person_sends_again_leaves(world: World) -> None:
    async with receiving() as receiver:
        delivery = world.delivery(receiver.channel(), expire_s=60)
        await world.alert("Cards")
        world.clock.at += timedelta(minutes=5)
        await delivery.deliver_due()
        assert await world.states() == {"Cards": "expired"}
        (row,) = await world.outbox.rows()
        assert await world.outbox.resend(row.id, world.clock.now())
        await delivery.deliver_due()
        assert receiver.heard == ["Cards is in stock"]
