"""The rehearsal: what it prints, what its exit status says, and that it leaves nothing behind."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psutil
import pytest
from tests.browser.chromium import needs_browser
from tests.warm_children import SHOPWATCH, WarmChild

from shopwatch.bootstrap.drill import Leg, Report
from shopwatch.cli.drill import DONE, FAILED, IN_PART, document, status_of

#: A machine may be busy with everything else: starts of a simulator, a monitor and a browser.
pytestmark = pytest.mark.timeout(240)


@pytest.fixture
def folder() -> Iterator[Path]:
    """A short path: a browser's socket fits in no long one."""
    with TemporaryDirectory(dir="/tmp") as name:
        yield Path(name)


def drill(folder: Path, *arguments: str, **environment: str) -> WarmChild:
    """Start it with its throw-away folder inside ``folder``, so that what is left can be seen."""
    words = ("drill", "--json", "--patience", "100", *arguments)
    environment = {**os.environ, "TMPDIR": str(folder), **environment}
    return WarmChild(SHOPWATCH, *words, folder=folder, environment=environment)


def left_behind(folder: Path) -> list[str]:
    """Configuration, data and log of the person's own would be here too."""
    return [path.name for path in folder.iterdir()]


@pytest.mark.slow
@needs_browser[0]
@needs_browser[1]
async def test_every_leg_is_walked_and_timed_and_nothing_is_bought_or_left(folder: Path) -> None:
    done = await drill(folder).done_soon()
    assert done.stdout, done.stderr
    report = json.loads(done.stdout)
    legs = {leg["name"]: leg for leg in report["legs"]}
    assert (done.returncode, report["ok"], report["orders"]) == (DONE, True, 0), done.stderr
    assert list(legs) == ["detect", "confirm", "alert", "buy"]
    assert all(leg["ms"] > 0 for leg in legs.values())
    assert legs["buy"]["says"].startswith("rehearsed (")
    assert report["total_ms"] >= legs["detect"]["ms"] + legs["confirm"]["ms"] + legs["buy"]["ms"] - 1
    assert left_behind(folder) == []


async def test_without_a_browser_the_legs_that_need_one_say_so(folder: Path) -> None:
    done = await drill(folder, SHOPWATCH_BROWSER="no-such-browser").done_soon()
    assert done.stdout, done.stderr
    report = json.loads(done.stdout)
    legs = {leg["name"]: leg for leg in report["legs"]}
    assert done.returncode == IN_PART, done.stderr
    assert [legs[name]["ok"] for name in ("detect", "confirm", "alert", "buy")] == [True, None, True, None]
    assert "no-such-browser" in legs["confirm"]["says"]
    assert left_behind(folder) == []


@pytest.mark.slow
async def test_a_rehearsal_that_is_broken_off_takes_its_simulator_along(folder: Path) -> None:
    process = drill(folder)
    simulators: list[psutil.Process] = []
    async with asyncio.timeout(60):
        while not simulators:
            await asyncio.sleep(0.05)
            started = psutil.Process(process.pid).children()
            simulators = [one for one in started if "shopwatch.simulator" in one.cmdline()]
    process.send_signal(signal.SIGTERM)
    assert (await process.done_soon()).returncode == 130
    assert not any(one.is_running() for one in simulators)
    assert left_behind(folder) == []


def leg(name: str, ok: bool | None) -> Leg:
    return Leg(name=name, ok=ok, ms=None, says="")


@pytest.mark.parametrize(
    ("ends", "orders", "status"),
    [
        ((True, True, True, True), 0, DONE),
        ((True, None, True, None), 0, IN_PART),
        ((True, False, True, False), 0, FAILED),
        ((False, None, False, None), 0, FAILED),
        ((True, True, True, True), 1, FAILED),
    ],
)
def test_the_exit_status_says_how_it_went(ends: tuple[Any, ...], orders: int, status: int) -> None:
    legs = tuple(map(leg, ("detect", "confirm", "alert", "buy"), ends))
    report = Report(legs=legs, total_ms=10.0, orders=orders)
    assert status_of(report) == status
    assert document(report)["ok"] is (status != FAILED)
