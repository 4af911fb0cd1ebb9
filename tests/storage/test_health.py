"""Pauses, health and notes survive a restart; a state is entered once."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

from tests.storage.conftest import Open
from tests.storage_builders import NOON, minutes

from shopwatch.domain.health import Health, HealthState, Pause
from shopwatch.domain.stock_state import Alert, AlertKind
from shopwatch.storage.database import Database
from shopwatch.storage.events import SqlEvents
from shopwatch.storage.health import SqlHealthBook, SqlPauses
from shopwatch.storage.notebook import SqlNotebook
from shopwatch.storage.outbox import SqlOutbox

BLOCKED = Health(retailer="target", state=HealthState.BLOCKED, since=NOON, reason="a challenge")


async def test_a_pause_is_there_after_a_restart_and_the_last_word_counts(open_database: Open) -> None:
    pause = Pause(name="target", until=NOON + minutes(15), reason="a challenge")
    pauses = SqlPauses(open_database())
    await pauses.save(pause)
    await pauses.save(replace(pause, until=NOON + minutes(30), strikes=2))
    await pauses.save(replace(pause, name="att"))
    after = SqlPauses(open_database())
    assert await after.load(NOON) == [
        replace(pause, name="att"),
        replace(pause, until=NOON + minutes(30), strikes=2),
    ]
    await after.clear("target")
    assert [one.name for one in await pauses.load(NOON)] == ["att"]


async def test_a_clock_set_back_prolongs_no_pause_beyond_its_own_length(database: Database) -> None:
    pauses, now = SqlPauses(database), NOON - timedelta(hours=3)
    await pauses.save(Pause(name="att", until=NOON, reason="once", strikes=1))
    await pauses.save(Pause(name="target", until=NOON, reason="often", strikes=9))
    held = {one.name: one.until - now for one in await pauses.load(now)}
    assert held == {"att": minutes(15), "target": minutes(180)}
    a_minute_later = await pauses.load(now + minutes(1))
    assert {one.name: one.until - now for one in a_minute_later} == held, "it does not move on with the clock"


async def test_a_state_is_entered_once_with_its_alert_and_event(database: Database) -> None:
    book = SqlHealthBook(database)
    alert = Alert(key="health:target:1", kind=AlertKind.HEALTH, retailer="target")
    assert await book.enter(BLOCKED, alert)
    later = replace(BLOCKED, since=NOON + minutes(1))
    assert not await book.enter(later, replace(alert, key="health:target:2"))
    assert await book.current() == {"target": BLOCKED}
    assert [row.alert.key for row in await SqlOutbox(database).rows()] == ["health:target:1"]
    assert [event.kind for event in await SqlEvents(database).after(0)] == ["alert", "health"]


async def test_leaving_a_state_is_entering_another(database: Database) -> None:
    book = SqlHealthBook(database)
    working = Health(retailer="target", state=HealthState.WORKING, since=NOON + minutes(1))
    assert await book.enter(BLOCKED, None)
    assert await book.enter(working, None)
    assert await book.current() == {"target": working}


async def test_of_many_that_notice_one_tells(open_database: Open) -> None:
    books = [SqlHealthBook(open_database()) for _ in range(6)]
    for number in range(20):
        state = HealthState.BLOCKED if number % 2 else HealthState.SLOWED
        health = replace(BLOCKED, state=state)
        entered = await asyncio.gather(*(book.enter(health, None) for book in books))
        assert sorted(entered) == [False] * 5 + [True]


async def test_a_note_is_replaced_as_a_whole(database: Database) -> None:
    notebook = SqlNotebook(database)
    assert await notebook.read("rates") is None
    await notebook.write("rates", {"a": [1, 2.5], "gone": True})
    await notebook.write("rates", {"a": {"b": None}})
    assert await notebook.read("rates") == {"a": {"b": None}}
