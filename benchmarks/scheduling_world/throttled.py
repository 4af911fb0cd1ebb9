"""A host with a hidden, changing limit that locks out who insists: how much of it is put to use."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from scheduling_world import published
from shopwatch.monitor.scheduler import AdaptiveScheduler, Assignment, HostLimits, Outcome

PERMITTED_PER_S = 2.0  # what the person allows; above every hidden limit
PRODUCTS, BATCH = 500, 25
LOCKOUT_S = 300.0


@dataclass(frozen=True)
class Throttled:
    """Of one day (or more) against the published server."""

    seed: int
    goodput: float  # answered requests, as a share of the hidden limit
    refusals_per_hour: float
    lockouts: int


def measure(seed: int, hours: int = 24) -> Throttled:
    throttle = published.module("throttle")
    server: Any = throttle.Server(np.random.default_rng([seed, 5]), hours)
    scheduler = AdaptiveScheduler()
    scheduler.limits("host", HostLimits(batch_size=BATCH, requests_per_s=PERMITTED_PER_S, min_gap_s=1.0), 0.0)
    watches = (
        Assignment(key=("host", str(number)), max_interval_s=60.0, family=f"family {number // 12}")
        for number in range(PRODUCTS)
    )
    scheduler.replace(watches, 0.0)
    now, answered, refused, lockouts = 0.0, 0, 0, 0
    while now < hours * 3600.0:
        for batch in scheduler.take_due(now):
            locked_before = now < server.lock
            ok, retry_after_s = server.ask(now)
            if ok:
                answered += 1
                scheduler.done(batch, dict.fromkeys(batch.skus, Outcome.OUT_OF_STOCK), now)
                continue
            refused += 1
            lockouts += int(not locked_before and retry_after_s >= LOCKOUT_S)
            scheduler.done(batch, {}, now, refused=True, retry_after_s=retry_after_s)
        due_in = scheduler.seconds_until_due(now)
        now += max(due_in if due_in is not None else 1.0, 1e-3)
    limit = sum(server.limit(hour * 3600.0) for hour in range(hours)) * 3600.0
    return Throttled(seed, answered / limit, refused / hours, lockouts)
