"""Simulated drops at ten times speed before the whole monitor: every window told once, nothing invented.

``pytest -m slow -s tests/monitor/test_whole_monitor.py`` plays the hour in six minutes and prints its table.
"""

from __future__ import annotations

import asyncio
import random
import sys
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path
from statistics import median
from urllib.parse import parse_qs

import aiohttp
import pytest
from tests.simulator_fixture import Simulator, simulator_process
from tests.whole_monitor import TIME_OUT_S, Letter, Whole, lay_out, whole_monitor

from shopwatch.domain.stock import Availability

SPEED = 10  #: seconds of the simulated shop in one of ours
WATCHES = 200
QUIET = 40  #: of them never come back: blips and unknown words only
SKUS = [str(88_000_000 + number) for number in range(WATCHES)]
BUSY, BLIPS, STRANGE = SKUS[QUIET:], SKUS[: QUIET // 2], SKUS[QUIET // 2 : QUIET]
#: From the end of a window to the next one of the same product, seconds: an end must be seen twice.
APART_S = 5.0


@dataclass(frozen=True, kw_only=True)
class Play:
    """What happens, in our seconds."""

    lasts_s: float
    every_s: float  #: the interval of each watch
    windows: int
    shortest_s: float
    longest_s: float
    faults: tuple[tuple[float, str, float], ...]  #: (when, which, for how long)
    blips: int
    recovery_s: float = 4.0  #: after a fault: a host that did not answer is left alone for a moment


#: Kinds that a site shows now and then; a challenge comes at the very end, because it stops everything.
FAULTS = (
    "500",
    "garbage",
    "hang",
    "missing-field",
    "429",
    "cut",
    "503",
    "empty",
    "408",
    "redirect",
    "slow",
    "410",
)
HOUR = Play(
    lasts_s=360,
    every_s=1.0,
    windows=700,
    shortest_s=0.2,
    longest_s=20,
    faults=tuple((20.0 + 27 * number, kind, 2.0) for number, kind in enumerate(FAULTS)),
    blips=200,
)
MOMENT = Play(
    lasts_s=8, every_s=0.5, windows=60, shortest_s=0.1, longest_s=4, faults=((4.0, "500", 0.4),), blips=10
)


@pytest.fixture(scope="module")
def origins() -> Iterator[dict[str, str]]:
    with simulator_process(products=5) as started:
        yield started


@dataclass(frozen=True)
class Window:
    """A time in which a product could be bought; epoch seconds."""

    sku: str
    begin_s: float
    end_s: float
    next_s: float = float("inf")  #: when the product's next one began

    def has(self, letter: Letter) -> bool:
        return letter.sku == self.sku and self.begin_s <= letter.at_s < self.next_s


@dataclass
class Course:
    """What truly happened, and what of it was told."""

    play: Play
    began_s: float
    windows: list[Window] = field(default_factory=list)
    letters: list[Letter] = field(default_factory=list)
    lag_s: float = 0.0  #: how long this machine let a process wait for its turn, at most

    def must_be_seen(self, window: Window) -> bool:
        """Longer than interval and time-out while the shop answered; what the machine was late is no miss."""
        enough_s = self.play.every_s + TIME_OUT_S + 1.0 + self.lag_s
        free_s, longest_s = window.begin_s, 0.0
        for begin_s, end_s in self.troubles():
            longest_s = max(longest_s, min(begin_s, window.end_s) - free_s)
            free_s = max(free_s, end_s)
        return max(longest_s, window.end_s - free_s) > enough_s

    def troubles(self) -> list[tuple[float, float]]:
        """When the shop did not answer, or was left alone because it had not; epoch seconds."""
        return sorted(
            (self.began_s + at_s, self.began_s + at_s + for_s + TIME_OUT_S + self.play.recovery_s)
            for at_s, _, for_s in self.play.faults
        )

    def told(self, window: Window) -> list[Letter]:
        return [letter for letter in self.letters if window.has(letter)]


async def play(whole: Whole, wanted: Play) -> Course:
    """Let it all happen, and wait until everything has been seen and told."""
    simulator, draw = whole.simulator, random.Random(7)
    events = [*_windows(wanted, draw), *_blips(wanted, draw)]
    course = Course(wanted, time.time())
    await simulator.tell("POST", "/scenario", {"events": events, "speed": SPEED})
    async with _lag_measured(course):
        for at_s, kind, for_s in wanted.faults:
            await asyncio.sleep(max(0.0, course.began_s + at_s - time.time()))
            route = "/redsky_aggregations/v1/web/product_summary_with_fulfillment_v1"
            await simulator.fault(kind, site="target-api", route=route, seconds=for_s, delay_ms=300)
        for sku in STRANGE:
            await simulator.put(sku, ship="A_NEW_WORD")
        await asyncio.sleep(max(0.0, course.began_s + wanted.lasts_s - time.time()))
        await whole.until_known(BUSY, Availability.OUT_OF_STOCK)
        await whole.until(lambda: _all_sent(whole))
    course.windows = await _truth(simulator)
    course.lag_s += await _lag_at_the_shop(simulator, course)
    course.letters = [letter for letter in whole.receiver.letters if letter.kind == "restock"]
    return course


def _windows(wanted: Play, draw: random.Random) -> list[dict[str, object]]:
    """Windows anywhere in the play, those of one product well apart."""
    taken: dict[str, list[tuple[float, float]]] = {sku: [] for sku in BUSY}
    events: list[dict[str, object]] = []
    while len(events) < wanted.windows:
        seconds = draw.uniform(wanted.shortest_s, wanted.longest_s)
        at = draw.uniform(0.0, wanted.lasts_s - seconds)
        sku = draw.choice(BUSY)
        if all(at > end + APART_S or at + seconds + APART_S < begin for begin, end in taken[sku]):
            taken[sku].append((at, at + seconds))
            events.append({"at": at * SPEED, "sku": sku, "action": "restock", "seconds": seconds * SPEED})
    return events


def _blips(wanted: Play, draw: random.Random) -> list[dict[str, object]]:
    times = [draw.uniform(0.0, wanted.lasts_s) for _ in range(wanted.blips)]
    return [{"at": at * SPEED, "sku": draw.choice(BLIPS), "action": "blip"} for at in times]


async def _truth(simulator: Simulator) -> list[Window]:
    """Every window from the shop's own record of its shelf."""
    flips = (await simulator.tell("GET", "/shelf/history?site=target"))["flips"]
    by_sku: dict[str, list[Window]] = {sku: [] for sku in BUSY}
    for flip in flips:
        windows = by_sku.get(flip["sku"])
        if windows is None:
            continue
        if flip["buyable"]:
            windows.append(Window(flip["sku"], flip["at"], float("inf")))
        elif windows and windows[-1].end_s == float("inf"):
            windows[-1] = replace(windows[-1], end_s=flip["at"])
    for windows in by_sku.values():
        for place, later in enumerate(windows[1:]):
            windows[place] = replace(windows[place], next_s=later.begin_s)
    return [window for windows in by_sku.values() for window in windows]


async def _lag_at_the_shop(simulator: Simulator, course: Course) -> float:
    """How late a monitor's questions came: when all of them stood still, and how much slower all went."""
    route = "/redsky_aggregations/v1/web/product_summary_with_fulfillment_v1"
    asked = await simulator.tell("GET", f"/requests?site=target-api&path={route}&recent=5000")
    looks: dict[str, list[float]] = {}
    for one in asked["recent"]:
        for sku in parse_qs(one["query"])["tcins"][0].split(","):
            looks.setdefault(sku, []).append(one["at"])
    every_s = [later - at for times in looks.values() for at, later in pairwise(sorted(times))]
    still_s = [
        later - at
        for at, later in pairwise(sorted(one["at"] for one in asked["recent"]))
        if not any(at < end and later > begin for begin, end in course.troubles())
    ]
    return max(still_s, default=0.0) + max(0.0, median(every_s) - course.play.every_s)


async def _all_sent(whole: Whole) -> bool:
    return all(row.state != "pending" for row in await whole.alerts())


@asynccontextmanager
async def _lag_measured(course: Course) -> AsyncIterator[None]:
    async def measure() -> None:
        while True:
            due_s = time.monotonic() + 0.05
            await asyncio.sleep(0.05)
            course.lag_s = max(course.lag_s, time.monotonic() - due_s)

    task = asyncio.create_task(measure())
    try:
        yield
    finally:
        task.cancel()


def table(course: Course) -> str:
    """What the play came to."""
    must = [window for window in course.windows if course.must_be_seen(window)]
    other = [window for window in course.windows if not course.must_be_seen(window)]
    delays = sorted(
        told[0].at_s - window.begin_s for window in course.windows if (told := course.told(window))
    )
    rows = [
        ("watches", WATCHES),
        ("faults of the shop", ", ".join(kind for _, kind, _ in course.play.faults)),
        ("windows longer than interval + time-out", len(must)),
        ("  seen and told", sum(bool(course.told(window)) for window in must)),
        ("  told twice", sum(len(course.told(window)) > 1 for window in must)),
        ("windows shorter, or behind a fault", len(other)),
        ("  seen and told all the same", sum(bool(course.told(window)) for window in other)),
        ("alerts for nothing (blips, unknown words)", _for_nothing(course)),
        ("from the shelf to the webhook, ms: p50, p95, max", _spread(delays)),
        ("longest wait of a process of this machine, ms", round(course.lag_s * 1000)),
    ]
    width = max(len(name) for name, _ in rows)
    return "\n".join(f"{name:<{width}}  {value}" for name, value in rows) + "\n"


def _for_nothing(course: Course) -> int:
    return sum(not any(window.has(letter) for window in course.windows) for letter in course.letters)


def _spread(delays: Sequence[float]) -> str:
    if not delays:
        return "none"
    return ", ".join(
        f"{delays[min(len(delays) - 1, int(share * len(delays)))] * 1000:.0f}" for share in (0.5, 0.95, 1)
    )


@pytest.mark.parametrize(
    "wanted",
    [
        pytest.param(MOMENT, id="moment", marks=pytest.mark.timeout(240)),
        pytest.param(HOUR, id="hour", marks=[pytest.mark.slow, pytest.mark.timeout(900)]),
    ],
)
async def test_every_window_is_told_once_and_nothing_else_is(
    origins: dict[str, str], tmp_path: Path, wanted: Play
) -> None:
    async with aiohttp.ClientSession() as session:
        simulator = Simulator(origins, session)
        await simulator.tell("POST", "/reset", {"stores": False})
        await lay_out(simulator, SKUS)
        async with whole_monitor(tmp_path, simulator, SKUS, every_s=wanted.every_s) as whole:
            await whole.start()
            await whole.until_known(SKUS, Availability.OUT_OF_STOCK)
            course = await play(whole, wanted)
            sys.stdout.write("\n" + table(course))
            await _challenge(whole)
            assert whole.receiver.of() == [letter.sku for letter in course.letters], "after the challenge"
    missed = [one for one in course.windows if course.must_be_seen(one) and not course.told(one)]
    doubled = [one for one in course.windows if len(course.told(one)) > 1]
    assert len(course.windows) == wanted.windows
    assert any(map(course.told, course.windows))
    assert missed == []
    assert doubled == []
    assert _for_nothing(course) == 0


async def _challenge(whole: Whole) -> None:
    """A test for humans: what comes back behind it is not known, so nothing is told but the challenge."""
    await whole.simulator.fault("403-challenge", site="target-api")
    known = len(whole.receiver.of("health"))  # the faults were told too
    await whole.until(lambda: len(whole.receiver.of("health")) > known)
    for sku in BUSY[:5]:
        await whole.simulator.put(sku, ship="IN_STOCK", quantity=5)
    await whole.stop()
