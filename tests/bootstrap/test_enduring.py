"""A database that cannot be used for a while, as during a backup or on a full disk, ends nobody for good."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest
from structlog.testing import capture_logs
from tests.fakes import FakeClock

from shopwatch.bootstrap import enduring
from shopwatch.bootstrap.core import Core, opened
from shopwatch.bootstrap.enduring import endure, publish
from shopwatch.bootstrap.paths import Paths
from shopwatch.bootstrap.watching import MonitorWish, watch
from shopwatch.domain.errors import Conflict, Unavailable
from shopwatch.domain.stock_state import AlertKind
from shopwatch.monitor import service
from shopwatch.monitor.upkeep import Rhythm
from shopwatch.storage import opening

LOCKED = Unavailable("The database was locked")


@pytest.fixture
async def core(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Core]:
    monkeypatch.setattr(opening, "BUSY_TIMEOUT_MS", 1)
    monkeypatch.setattr(enduring, "_FIRST_WAIT_S", 0.001)
    (tmp_path / "shopwatch.yaml").write_text("monitor: {background_sessions: 0}\n")
    async with opened(Paths(config_dir=tmp_path, data_dir=tmp_path)) as core:
        yield core


async def test_what_is_told_while_the_database_is_locked_ends_nobody(core: Core) -> None:
    with closing(sqlite3.connect(core.database.name)) as another_program, capture_logs() as told:
        another_program.execute("BEGIN IMMEDIATE")
        await publish(core.events, "config", {"ok": True})
    assert [line["event"] for line in told] == ["not_told"]
    await publish(core.events, "config", {"ok": False})
    assert [event.data for event in await core.events.after(0)] == [{"ok": False}]


async def test_a_life_that_the_database_ended_is_followed_by_another_and_told_once(core: Core) -> None:
    lives = iter([LOCKED, ExceptionGroup("tasks", [LOCKED, ExceptionGroup("inner", [LOCKED])]), None])

    async def live() -> None:
        if error := next(lives):
            raise error

    with capture_logs() as told:
        await endure(live, core.outbox, FakeClock(), stop=asyncio.Event())
    assert [line["event"] for line in told] == ["database_unavailable", "database_available"] * 2
    (row,) = await core.outbox.rows()
    assert (row.alert.kind, row.alert.facts["reason"]) == (AlertKind.HEALTH, str(LOCKED))
    assert "The monitor stood still from " in str(row.alert.facts["text"])


async def test_another_error_ends_the_monitor_also_beside_one_of_the_database(core: Core) -> None:
    async def live() -> None:
        raise ExceptionGroup("tasks", [LOCKED, Conflict("a bug of ours")])

    with pytest.raises(ExceptionGroup):
        await endure(live, core.outbox, FakeClock(), stop=asyncio.Event())


async def test_a_monitor_goes_on_whenever_its_database_can_be_written_again(
    core: Core, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "Rhythm", partial(Rhythm, figures_s=0.02))  # something to write soon
    stop = asyncio.Event()
    with capture_logs() as lines:

        async def until(event: str) -> None:
            while not any(line["event"] == event for line in lines):  # noqa: ASYNC110 - the log tells nobody
                await asyncio.sleep(0.01)

        async with asyncio.timeout(60), asyncio.TaskGroup() as tasks:
            tasks.create_task(watch(core, MonitorWish(), stop))
            await until("watches_taken_over")
            for _ in range(2):
                with closing(sqlite3.connect(core.database.name, timeout=60)) as another_program:
                    another_program.execute("BEGIN IMMEDIATE")
                    await until("database_unavailable")
                lines.clear()
                await until("watches_taken_over")
            stop.set()
    assert {row.alert.kind for row in await core.outbox.rows()} == {AlertKind.HEALTH}  # once an hour
    assert await core.processes.live() == []
