"""Memory of the whole monitor: 1,000 and 50,000 watches, without and with background sessions.

Run ``python benchmarks/memory.py [--watches 1000,50000] [--no-browser]``. The monitor is the real process
that ``shopwatch monitor`` starts, with one channel of alerts, after it has seen every product once and has
checked on for a while. Its resident memory is what the goal is about (120 MB, 400 MB); the browser's own
processes are told apart. Exit status 1 if a goal is missed.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import psutil

sys.path.insert(0, str(Path(__file__).parent.parent))
from tests.simulator_fixture import Simulator, running_simulator
from tests.whole_monitor import Whole, whole_monitor

GOALS_MB = {1_000: 120.0, 50_000: 400.0}
EVERY_S = 30.0
SETTLE_S = 20.0  #: of checks after the first look at everything
LONGEST_S = 2_400.0  #: for 50,000 on two cores that others use too


async def measure(count: int, *, sessions: int) -> bool:
    with tempfile.TemporaryDirectory() as folder:
        async with running_simulator(products=count + count // 5 + 20) as simulator:
            skus = await skus_of(simulator, count)
            settings = {"background_sessions": sessions, "audit_negatives": sessions > 0}
            async with (
                whole_monitor(Path(folder), simulator, skus, every_s=EVERY_S, monitor=settings) as whole,
                monitor_of(whole) as process,
            ):
                began = time.monotonic()
                await whole.until(lambda: all_known(whole, count, process), seconds=LONGEST_S)
                known_s = time.monotonic() - began
                await asyncio.sleep(SETTLE_S)
                return report(process.pid, count, sessions, known_s)


@asynccontextmanager
async def monitor_of(whole: Whole) -> AsyncIterator[asyncio.subprocess.Process]:
    """A process as a shell starts it: the one of the tests is forked from an interpreter that is warm."""
    words = [
        "--config-dir",
        str(whole.folder / "config"),
        "--data-dir",
        str(whole.folder / "data"),
        "monitor",
    ]
    with (whole.folder / "monitor.err").open("ab") as complaints:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "shopwatch", *words),
            stdout=asyncio.subprocess.DEVNULL,
            stderr=complaints,
            start_new_session=True,
        )
    try:
        yield process
    finally:
        if process.returncode is None:
            os.killpg(process.pid, signal.SIGTERM)
        await process.wait()


async def skus_of(simulator: Simulator, count: int) -> list[str]:
    found = await simulator.tell("GET", f"/products/target?limit={count + count // 5 + 20}")
    skus = [product["sku"] for product in found["products"] if product["kind"] != "VAP"]
    assert len(skus) >= count, f"the simulator has {len(skus)} products"
    return skus[:count]


async def all_known(whole: Whole, count: int, process: asyncio.subprocess.Process) -> bool:
    if process.returncode is not None:
        raise RuntimeError((whole.folder / "monitor.err").read_text("utf-8"))
    await asyncio.sleep(1.0)  # reading all states is work too
    return len(await whole.states()) >= count


def report(pid: int, count: int, sessions: int, known_s: float) -> bool:
    process = psutil.Process(pid)
    mine_mb = process.memory_info().rss / 1e6
    others = process.children(recursive=True)
    browser_mb = sum(child.memory_info().rss for child in others) / 1e6
    goal_mb = GOALS_MB.get(count, float("inf"))
    name = f"{sessions} background sessions" if sessions else "no browser"
    print(f"{count:,} watches, {name}: all known after {known_s:.0f} s; load {os.getloadavg()[0]:.1f}")
    print(f"  the monitor's own process  {mine_mb:7.0f} MB  (peak {peak_mb(process.pid):.0f} MB)")
    if others:
        print(f"  {len(others)} processes of the browser {browser_mb:7.0f} MB, shared pages counted in each")
    print(f"  goal                       {goal_mb:7.0f} MB  {'reached' if mine_mb < goal_mb else 'MISSED'}")
    sys.stdout.flush()
    return mine_mb < goal_mb


def peak_mb(pid: int) -> float:
    """The most it ever had, where the system tells it."""
    status = Path(f"/proc/{pid}/status")
    if not status.exists():
        return float("nan")
    line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) * 1024 / 1e6


async def measure_all(counts: list[int], *, browser: bool) -> bool:
    reached = [
        await measure(count, sessions=sessions)
        for count in counts
        for sessions in ((0, 4) if browser else (0,))
    ]
    return all(reached)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--watches", default="1000,50000")
    parser.add_argument("--no-browser", action="store_true")
    options = parser.parse_args()
    counts = [int(one) for one in options.watches.split(",")]
    return 0 if asyncio.run(measure_all(counts, browser=not options.no_browser)) else 1


if __name__ == "__main__":
    sys.exit(main())
