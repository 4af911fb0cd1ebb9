"""Retention is kept to by whoever runs, a monitor without a dashboard too."""

import asyncio
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from shopwatch.bootstrap.core import opened
from shopwatch.bootstrap.forgetting import forget
from shopwatch.bootstrap.paths import Paths
from shopwatch.storage.database import Database
from shopwatch.storage.events import SqlEvents


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
