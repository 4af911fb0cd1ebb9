"""Restock → order placed, with a warm session, against the sum of the site's own answer times.

Run ``python benchmarks/purchase.py [--orders 10] [--latency-ms 50]``. The simulator is a process of its own
that answers after an exact delay; the buyer is real: browser, database, guard, ledger. The floor is what the
site's answers alone take: those a walk waits for one after another, times their delay.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import statistics
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import structlog

sys.path.insert(0, str(Path(__file__).parent.parent))
from tests.buying_shop import LIMITS, LIVE, counter, furnish
from tests.simulator_fixture import running_simulator

#: A walk waits in turn for: product page, stock, cart, add, cart, checkout page, cart, order, thanks.
IN_TURN = 9
BUCKET_MS = 100


async def measure(orders: int, latency_ms: float) -> None:
    totals: list[float] = []
    legs: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        async with running_simulator(latency_ms=latency_ms) as simulator:
            await furnish(simulator.origins, folder)
            async with counter(folder) as shop:
                limits = replace(LIMITS, max_daily_purchases=orders, max_daily_spend=None)
                shop.terms = replace(LIVE, limits=limits)
                await shop.pool.session("target")
                for number in range(1, orders + 1):
                    started = time.perf_counter()
                    purchase = await shop.buy(number)
                    took_ms = (time.perf_counter() - started) * 1000
                    if purchase.state.value != "placed":
                        print(f"order {number} ended {purchase.state.value}: {purchase.reasons}")
                        continue
                    totals.append(took_ms)
                    for leg, leg_ms in purchase.legs_ms:
                        legs.setdefault(leg, []).append(leg_ms)
            placed = len((await simulator.tell("GET", "/orders"))["orders"])
    report(totals, legs, latency_ms, placed)


def report(totals: list[float], legs: dict[str, list[float]], latency_ms: float, placed: int) -> None:
    ordered = sorted(totals)
    half, floor_ms = statistics.median(ordered), IN_TURN * latency_ms
    print(f"{len(totals)} orders placed, {placed} in the shop's book; site answers after {latency_ms:g} ms")
    marks = {"min": 0.0, "p10": 0.1, "median": 0.5, "p90": 0.9, "max": 1.0}
    told = "  ".join(
        f"{name} {ordered[round(share * (len(ordered) - 1))]:.0f}" for name, share in marks.items()
    )
    print(f"restock -> placed, ms: {told}")
    for low in range(int(ordered[0] // BUCKET_MS) * BUCKET_MS, int(ordered[-1]) + 1, BUCKET_MS):
        if inside := sum(low <= one < low + BUCKET_MS for one in ordered):
            print(f"  {low:>5}-{low + BUCKET_MS:<5} {'#' * inside}")
    print(
        f"floor: {IN_TURN} answers in turn, {floor_ms:.0f} ms; the median is {half / floor_ms:.1f} x that, "
        f"{half - floor_ms:.0f} ms beyond it"
    )
    for leg, taken in legs.items():
        print(f"  {leg:<10} median {statistics.median(taken):7.0f} ms   max {max(taken):7.0f} ms")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--orders", type=int, default=30)
    parser.add_argument("--latency-ms", type=float, default=50.0)
    options = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    asyncio.run(measure(options.orders, options.latency_ms))


if __name__ == "__main__":
    main()
