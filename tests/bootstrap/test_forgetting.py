"""Retention is kept to by whoever runs, a monitor without a dashboard too."""

import asyncio
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from shopwatch.bootstrap.core import opened
from shopwatch.bootstrap.forgetting import forget
from shopwatch.bootstrap.paths import Paths
from shopwatch.storage import opening
from shopwatch.storage.database import Database
from shopwatch.storage.events import SqlEvents


async def test_a_database_that_cannot_be_written_now_ends_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening, "BUSY_TIMEOUT_MS", 1)
    paths = Paths(config_dir=tmp_path, data_dir=tmp_path)
    stop = asyncio.Event()
    async with opened(paths) as core, asyncio.timeout(60):
        with closing(sqlite3.connect(core.database.name)) as another_program, capture_logs() as told:
            another_program.execute("BEGIN IMMEDIATE")
            asyncio.get_running_loop().call_soon(stop.set)
            await forget(core, stop)
    assert [line["event"] for line in told] == ["nothing_forgotten"]


async def test_what_is_older_than_the_settings_say_goes_at_the_start(tmp_path: Path) -> None:
    paths = Paths(config_dir=tmp_path, data_dir=tmp_path)
    (tmp_path / "shopwatch.yaml").write_text("retention: {events: 2}\n")
    for days in (3, 1):
        at = datetime.now(UTC) - timedelta(days=days)
        with Database.open(
            paths.database_file, now=partial(datetime.fromtimestamp, at.timestamp(), UTC)
        ) as database:
            await SqlEvents(database).publish("stock", {"days": days})
    stop = asyncio.Event()
    async with opened(paths) as core, asyncio.timeout(60):
        asyncio.get_running_loop().call_soon(stop.set)
        await forget(core, stop)
        assert [event.data["days"] for event in await core.events.after(0)] == [1]
