"""What a decision costs: CPU time per product checked, and memory per product."""

import time
import tracemalloc
from dataclasses import dataclass

from shopwatch.monitor.scheduler import AdaptiveScheduler, Assignment, HostLimits, Outcome
from shopwatch.monitor.scheduler.table import COLUMNS

START_S = 1_767_571_200.0
BATCH = 30
WARM_UP = 1_000  # requests: numpy, caches, first looks
PARTS, REQUESTS = 12, 500  # the best part counts: other processes share the core and its caches


@dataclass(frozen=True)
class Cost:
    """Of one watch list."""

    products: int
    us_per_check: float
    bytes_per_product: float
    column_bytes: int
    hot_us_per_check: float  # while a sibling's restock is fresh


def measure(products: int) -> Cost:
    """Run a watch list at the pace that looks at everything every 100 s, one product in 500 coming back."""
    skus = [str(number) for number in range(products)]
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    scheduler = AdaptiveScheduler()
    rate = max(0.2, products / BATCH / 100)
    limits = HostLimits(batch_size=BATCH, requests_per_s=rate, min_gap_s=1.0, max_in_flight=4)
    scheduler.limits("host", limits, START_S)
    scheduler.replace(
        (
            Assignment(
                key=("host", sku),
                max_interval_s=(30.0, 60.0, 300.0)[number % 3],
                value=(1.0, 2.0, 4.0)[number % 3],
                family=f"family {number // 12}",
            )
            for number, sku in enumerate(skus)
        ),
        START_S,
    )
    memory = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    warm = max(WARM_UP, products // BATCH + 100)
    now, _, _ = _drive(scheduler, START_S, warm, 1 / rate)
    quiet, hot = [], []
    for _ in range(PARTS):
        now, cpu, checks = _drive(scheduler, now, REQUESTS, 1 / rate)
        quiet.append(cpu / checks)
    for _ in range(PARTS):
        now, cpu, checks = _drive(scheduler, now, REQUESTS, 1 / rate, restock_every=200)
        hot.append(cpu / checks)
    return Cost(
        products=products,
        us_per_check=1e6 * min(quiet),
        bytes_per_product=memory / products,
        column_bytes=sum({"f4": 4, "f8": 8, "i4": 4, "u1": 1, "?": 1}[kind] for kind, _ in COLUMNS.values()),
        hot_us_per_check=1e6 * min(hot),
    )


def _drive(
    scheduler: AdaptiveScheduler, now: float, requests: int, step: float, restock_every: int = 0
) -> tuple[float, float, int]:
    """Play the monitor; return the time, the CPU seconds inside the scheduler and the products checked."""
    cpu, checks, clock = 0.0, 0, time.process_time
    for number in range(requests):
        now += step
        began = clock()
        batches = scheduler.take_due(now)
        cpu += clock() - began
        for batch in batches:
            outcomes = dict.fromkeys(batch.skus, Outcome.OUT_OF_STOCK)
            if restock_every and number % restock_every == 0:
                outcomes[batch.skus[0]] = Outcome.IN_STOCK
            began = clock()
            scheduler.done(batch, outcomes, now)
            cpu += clock() - began
            checks += len(batch.skus)
    return now, cpu, checks
