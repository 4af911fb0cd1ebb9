"""A running monitor whose file changes: what it cannot take over is said, not ignored."""

import asyncio
from collections.abc import Callable
from pathlib import Path

from structlog.testing import capture_logs

from shopwatch.bootstrap.core import opened
from shopwatch.bootstrap.paths import Paths
from shopwatch.bootstrap.watching import MonitorWish, watch
from shopwatch.config.replacing import replace_file

PATIENCE_S = 60.0  #: a busy machine must never fail a test
FILE = "monitor: {{background_sessions: 0, pacing: {}, time_zone: {}, max_concurrent_checks: {}}}\n"


async def until(condition: Callable[[], bool], seconds: float) -> bool:
    for _ in range(round(seconds / 0.02)):
        if condition():
            return True
        await asyncio.sleep(0.02)
    return condition()


async def test_a_setting_that_waits_for_a_restart_is_told_once_for_each_change(tmp_path: Path) -> None:
    paths = Paths(config_dir=tmp_path / "config", data_dir=tmp_path / "data")
    paths.config_dir.mkdir()
    file = paths.config_dir / "shopwatch.yaml"
    file.write_text(FILE.format("adaptive", "UTC", 50))
    stop = asyncio.Event()
    with capture_logs() as lines:

        def told(event: str) -> int:
            return sum(line["event"] == event for line in lines)

        async with asyncio.timeout(PATIENCE_S), opened(paths) as core, asyncio.TaskGroup() as tasks:
            tasks.create_task(watch(core, MonitorWish(pacing="fixed"), stop))
            assert await until(lambda: told("watches_taken_over") > 0, PATIENCE_S)
            replace_file(file, FILE.format("fixed", "Asia/Tokyo", 7).encode())
            assert await until(lambda: told("restart_needed") > 0, PATIENCE_S)
            before = told("watches_taken_over")
            replace_file(file, FILE.format("fixed", "Asia/Tokyo", 8).encode())
            assert await until(lambda: told("watches_taken_over") > before, PATIENCE_S)
            stop.set()
    waiting = [line["settings"] for line in lines if line["event"] == "restart_needed"]
    assert waiting == [["monitor.time_zone"]], "pacing was said on the command line"


async def test_a_channel_that_cannot_be_used_is_refused_where_everybody_sees_it(tmp_path: Path) -> None:
    paths = Paths(config_dir=tmp_path / "config", data_dir=tmp_path / "data")
    paths.config_dir.mkdir()
    file = paths.config_dir / "shopwatch.yaml"
    file.write_text("monitor: {background_sessions: 0}\n")
    stop = asyncio.Event()
    with capture_logs() as lines:

        def told(event: str) -> int:
            return sum(line["event"] == event for line in lines)

        async with asyncio.timeout(PATIENCE_S), opened(paths) as core, asyncio.TaskGroup() as tasks:
            tasks.create_task(watch(core, MonitorWish(), stop))
            assert await until(lambda: told("watches_taken_over") > 0, PATIENCE_S)
            replace_file(file, b"monitor: {background_sessions: 0}\nnotify: {channels: ['json://']}\n")
            assert await until(lambda: told("config_refused") > 0, PATIENCE_S)
            stop.set()
        async with opened(paths, loaded=core.loaded) as core:
            page = await core.notebook.read("monitor")
            events = [event.data for event in await core.events.after(0) if event.kind == "config"]
    assert page is not None
    assert "notify.channels.0 cannot be used: what json:// needs" in str(page["config_refused"])
    assert [event["ok"] for event in events] == [False]
