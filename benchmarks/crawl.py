"""Pages per CPU second of a whole crawl, beside Scrapy on the same pages, and whether memory stays flat.

Run ``python benchmarks/crawl.py [--pages 5000] [--rounds 3] [--retailer tmobile] [--with-scrapy]``. The
site is the simulator's, in a process of its own; each crawl is a fresh process that counts its own CPU time,
imports left out. Scrapy parses with the very function our engine calls, keeps its requests on disk (JOBDIR)
and writes JSON lines: the nearest it has to our frontier and stores in SQLite. Rounds alternate. Exit status
1 if a goal is missed.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

GOAL_RATIO = 5.0  #: our pages per CPU second against Scrapy's as it comes
GOAL_GROWTH_MB = 25.0  #: more memory after 95 % of 25,000 pages than after a tenth of them
HERE = Path(__file__).resolve().parent
SOURCES = HERE.parent / "src"
#: Where a store's page is, as the simulator's sets name it.
_PAGES = {
    "att": "https://www.att.com/stores/ohio/springfield/{ref}",
    "tmobile": "https://www.t-mobile.com/store-locator/oh/springfield/main-street/{ref}",
}


@dataclass(frozen=True, slots=True)
class Lap:
    """One crawl."""

    side: str
    pages: int
    stores: int
    cpu_s: float  #: from the first request to the end of the run, imports left out
    wall_s: float
    memory_mb: float  #: at its highest
    growth_mb: float = 0.0  #: from a tenth of the pages to 95 % of them

    @property
    def pages_per_cpu_s(self) -> float:
        return self.pages / self.cpu_s


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=5000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--workers", type=int, default=8)
    parser.add_argument("--retailer", choices=sorted(_PAGES), default="tmobile")
    parser.add_argument("--with-scrapy", action="store_true", help="install it in a throw-away environment")
    parser.add_argument("--scrapy-venv", type=Path, help="an environment that has it already")
    parser.add_argument("--memory-pages", type=int, default=25_000, help="0: leave the long crawl out")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="shopwatch-bench-") as name:
        folder = Path(name)
        scrapy = options.scrapy_venv or (_scrapy_environment(folder) if options.with_scrapy else None)
        laps = _compare(folder, options, scrapy)
        long = _long_crawl(folder, options) if options.memory_pages else None
    return _report(laps, long)


def _compare(folder: Path, options: argparse.Namespace, scrapy: Path | None) -> list[Lap]:
    sides = ["shopwatch", *(["scrapy", "scrapy tuned"] if scrapy else [])]
    laps: list[Lap] = []
    with _simulator(folder, options.retailer, options.pages) as origin:
        for number in range(options.rounds):
            for side in sides[number % len(sides) :] + sides[: number % len(sides)]:
                python = Path(sys.executable) if side == "shopwatch" or scrapy is None else scrapy
                lap = _lap(folder / f"{side}-{number}", side, python, origin, options)
                laps.append(lap)
                print(_line(lap), flush=True)
    return laps


def _long_crawl(folder: Path, options: argparse.Namespace) -> Lap:
    with _simulator(folder / "long", options.retailer, options.memory_pages) as origin:
        lap = _lap(folder / "long-crawl", "shopwatch", Path(sys.executable), origin, options)
    print(f"{_line(lap)}, {lap.growth_mb:+.1f} MB from 10 % to 95 % of it", flush=True)
    return lap


def _report(laps: list[Lap], long: Lap | None) -> int:
    missed = False
    by_side = {
        side: [lap for lap in laps if lap.side == side] for side in dict.fromkeys(lap.side for lap in laps)
    }
    for side, own in by_side.items():
        rates = [lap.pages_per_cpu_s for lap in own]
        print(
            f"{side:<13} {statistics.median(rates):7.0f} pages per CPU second "
            f"[{min(rates):.0f}-{max(rates):.0f}], {statistics.median(lap.memory_mb for lap in own):.0f} MB"
        )
    for side in [side for side in by_side if side != "shopwatch"]:
        ours, theirs = (
            statistics.median(lap.pages_per_cpu_s for lap in by_side[name]) for name in ("shopwatch", side)
        )
        is_goal = side == "scrapy"
        print(f"{ours / theirs:.1f} x {side}{f' (goal {GOAL_RATIO:g})' if is_goal else ''}")
        missed = missed or (is_goal and ours / theirs < GOAL_RATIO)
    return 1 if missed or (long is not None and long.growth_mb > GOAL_GROWTH_MB) else 0


def _line(lap: Lap) -> str:
    return (
        f"{lap.side:<13} {lap.pages:,} pages, {lap.stores:,} stores: {lap.cpu_s:.2f} CPU s, "
        f"{lap.wall_s:.2f} s, {lap.pages_per_cpu_s:.0f} pages/CPU s, {lap.memory_mb:.0f} MB"
    )


def _lap(folder: Path, side: str, python: Path, origin: str, options: argparse.Namespace) -> Lap:
    folder.mkdir(parents=True)
    script = HERE / ("crawl_ours.py" if side == "shopwatch" else "crawl_scrapy.py")
    environment = {
        **{name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"},
        "PYTHONPATH": os.pathsep.join([str(SOURCES), *_our_packages()]),
        "PYTHONPYCACHEPREFIX": str(folder.parent / "compiled"),  # compiling is not crawling
    }
    command = [str(python), str(script), side, origin, str(folder), str(options.workers), options.retailer]
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, check=True, cwd=folder)
    return Lap(side, **json.loads(done.stdout.splitlines()[-1]))


@contextmanager
def _simulator(folder: Path, retailer: str, pages: int) -> Iterator[str]:
    """A simulated site with so many stores."""
    stores = folder / "sets"
    stores.mkdir(parents=True, exist_ok=True)
    features = _stores(retailer, pages)
    (stores / f"{retailer}.geojson").write_text(
        json.dumps({"type": "FeatureCollection", "features": features})
    )
    command = [sys.executable, "-m", "shopwatch", "simulate", "--port", "0", "--latency-ms", "0"]
    command += ["--stores", str(stores), "--products", "1"]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, env={**os.environ, "PYTHONPATH": str(SOURCES)}
    )
    try:
        assert process.stdout is not None
        yield json.loads(process.stdout.readline())["origins"][retailer]
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate()


def _stores(retailer: str, count: int) -> list[dict[str, object]]:
    return [
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [-90.0 - number / 10_000, 40.0 + number / 10_000]},
            "properties": {
                "ref": str(100_000 + number),
                "name": f"Springfield {number}",
                "addr:full": f"{number} Main Street",
                "addr:city": "Springfield",
                "addr:state": "OH",
                "addr:postcode": f"{10_000 + number % 80_000}",
                "addr:country": "US",
                "phone": f"+1-614-555-{number % 10_000:04}",
                "website": _PAGES[retailer].format(ref=100_000 + number),
                "opening_hours": "Mo-Sa 10:00-20:00; Su 12:00-18:00",
            },
        }
        for number in range(1, count + 1)
    ]


def _scrapy_environment(folder: Path) -> Path:
    subprocess.run([sys.executable, "-m", "venv", str(folder / "venv")], check=True)
    python = folder / "venv" / "bin" / "python"
    subprocess.run([str(python), "-m", "pip", "install", "--quiet", "scrapy"], check=True)
    return python


def _our_packages() -> list[str]:
    """So that Scrapy's process can import the parsers, and nothing of ours need be installed twice."""
    return [path for path in sys.path if path.endswith("site-packages")]


if __name__ == "__main__":
    raise SystemExit(main())
