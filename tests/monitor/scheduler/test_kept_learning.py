"""What was learnt outlives the process: saved in good time, restored whole, laid out as a file."""

import asyncio
import contextlib
import json
import subprocess
import sys
from pathlib import Path

import pytest
from structlog.testing import capture_logs
from tests.fakes import MemoryNotebook
from tests.monitor.looks import SKU
from tests.monitor.scheduler.worlds import DAY, HOST, MONDAY, every, watched, watches
from tests.monitor.shelf import Scene, watch
from tests.paths import PROJECT

from shopwatch.bootstrap.exported import ExportedNotebook
from shopwatch.bootstrap.paths import Paths
from shopwatch.monitor.memory import SCHEDULER, Memory
from shopwatch.monitor.scheduler import AdaptiveScheduler
from shopwatch.monitor.upkeep import Rhythm
from shopwatch.storage.database import Database
from shopwatch.storage.notebook import SqlNotebook

FILE = "scheduler_state.json"


def test_a_minute_of_learning_is_lost_at_most() -> None:
    assert Rhythm().save_s <= 60.0


async def test_a_monitor_that_is_killed_leaves_what_it_learnt_to_the_next() -> None:
    scene = Scene(scheduler=AdaptiveScheduler(), rhythm=Rhythm(save_s=0.05))
    scene.shelf.put("OUT_OF_STOCK", SKU)
    scene.apply(watch(SKU))
    running = asyncio.create_task(scene.monitor.run(scene.stop))
    await scene.until(lambda: _products(scene.notebook), seconds=30)
    running.cancel()  # no farewell: what is written by then is all there is
    with contextlib.suppress(asyncio.CancelledError):
        await running
    following = AdaptiveScheduler()
    await Memory(scene.notebook, {}).recall(following, MONDAY)
    assert following.save()["retailers"][HOST]["put_away"][0][0] == SKU


def _products(notebook: MemoryNotebook) -> object:
    page = notebook.pages.get(SCHEDULER)
    return page and json.loads(json.dumps(page))["retailers"][HOST]["products"]


async def test_after_a_kill_the_last_saved_state_is_whole_in_the_database_and_in_the_file(
    tmp_path: Path,
) -> None:
    child = subprocess.Popen(  # noqa: ASYNC220 - nothing else runs meanwhile
        [sys.executable, "-m", "tests.monitor.scheduler.learner", str(tmp_path)],
        stdout=subprocess.PIPE,
        cwd=PROJECT,
    )
    assert child.stdout is not None
    with child:
        said = [float(child.stdout.readline()) for _ in range(3)]
        child.kill()
    database = Database.open(tmp_path / "shopwatch.db")
    try:
        state = await SqlNotebook(database).read(SCHEDULER)
    finally:
        database.close()
    assert state is not None
    assert float(str(state["saved_at_s"])) >= said[-1] - 200.0  # the last request before it was saved
    assert json.loads((tmp_path / FILE).read_text("utf-8"))["version"] == state["version"]
    world = watched(60)
    world.scheduler.restore(state, said[-1])
    products = {row[0]: row for row in world.scheduler.save()["retailers"][HOST]["products"]}
    assert products["7"][4] > 0.9  # its restock is remembered


def test_restarts_and_changed_lists_in_between_cost_the_others_nothing() -> None:
    world = watched(10, in_stock=every("7", 4 * 3600.0), rate=0.01)
    world.run(DAY)
    fewer, again = AdaptiveScheduler(), AdaptiveScheduler()
    fewer.restore(world.scheduler.save(), world.now)
    fewer.replace(watches(3), world.now)
    again.restore(fewer.save(), world.now)
    again.replace(watches(40), world.now)
    kept, before = _counts(again), _counts(world.scheduler)
    assert kept.keys() == before.keys()
    for sku, counts in before.items():
        assert kept[sku] == pytest.approx(counts, rel=1e-5)


def _counts(scheduler: AdaptiveScheduler) -> dict[str, list[float]]:
    rows = scheduler.save()["retailers"][HOST]["products"]
    return {row[0]: row[3:] for row in rows}


async def test_the_learning_is_exported_whole_and_other_documents_are_not(tmp_path: Path) -> None:
    path = Paths(data_dir=tmp_path / "data").scheduler_state
    notebook = ExportedNotebook(MemoryNotebook(), {SCHEDULER: path})
    world = watched(20)
    world.run(600.0)
    await Memory(notebook, {}).remember(world.scheduler)
    await notebook.write("monitor", {"at": "now"})
    assert path == tmp_path / "data" / FILE
    assert json.loads(path.read_text("utf-8")) == json.loads(json.dumps(await notebook.read(SCHEDULER)))
    assert [found.name for found in path.parent.iterdir()] == [FILE]


async def test_a_file_that_cannot_be_written_is_said_once_and_holds_nothing_up(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file where the folder should be")
    notebook = ExportedNotebook(MemoryNotebook(), {SCHEDULER: tmp_path / "data" / FILE})
    with capture_logs() as lines:
        for number in range(3):
            await notebook.write(SCHEDULER, {"number": number})
    assert await notebook.read(SCHEDULER) == {"number": 2}
    assert [line["event"] for line in lines] == ["not_exported"]
    assert FILE in lines[0]["reason"]
