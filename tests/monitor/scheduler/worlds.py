"""Made-up hosts, and a monitor that plays the scheduler's other half against them."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, timezone

from shopwatch.monitor.scheduler.adaptive import AdaptiveScheduler
from shopwatch.monitor.scheduler.interface import Assignment, Batch, HostLimits, Outcome

MONDAY = 1_789_948_800.0  # 21 September 2026, 0:00 UTC
DAY, WEEK = 86_400.0, 604_800.0
HOST = "target"
InStock = Callable[[str, float], bool]


def nothing(sku: str, at: float) -> bool:
    return False


@dataclass
class World:
    """A host that answers at once from ``in_stock``, and a monitor that believes what is not doubtful."""

    scheduler: AdaptiveScheduler
    in_stock: InStock = nothing
    now: float = MONDAY
    lies: set[int] = field(default_factory=set)  # numbers of requests whose first answer is turned round
    requests: int = 0
    looks: dict[str, list[float]] = field(default_factory=dict)
    batches: list[Batch] = field(default_factory=list)
    believed: dict[str, bool] = field(default_factory=dict)
    restocks: list[tuple[str, float]] = field(default_factory=list)

    def run(self, seconds: float) -> None:
        end = self.now + seconds
        while True:
            for batch in self.scheduler.take_due(self.now):
                self.answer(batch)
            due_in = self.scheduler.seconds_until_due(self.now)
            if due_in is None or self.now + due_in >= end:
                break
            self.now += max(due_in, 1e-3)
        self.now = end

    def answer(self, batch: Batch) -> None:
        self.requests += 1
        self.batches.append(batch)
        truth = {sku: self.in_stock(sku, self.now) for sku in batch.skus}
        if self.requests in self.lies:
            truth[batch.skus[0]] = not truth[batch.skus[0]]
        outcomes = {sku: Outcome.IN_STOCK if found else Outcome.OUT_OF_STOCK for sku, found in truth.items()}
        self.scheduler.done(batch, outcomes, self.now)
        for sku, found in truth.items():
            self.looks.setdefault(sku, []).append(self.now)
            if self.believed.get(sku, False) != found and not self.scheduler.doubtful((HOST, sku), self.now):
                self.believed[sku] = found
                if found:
                    self.restocks.append((sku, self.now))

    def count(self, sku: str, since: float) -> int:
        return sum(at >= since for at in self.looks.get(sku, []))

    def why(self, sku: str) -> str:
        return self.scheduler.plan((HOST, sku), self.now).why


def watched(
    count: int = 60,
    *,
    interval: float = 6 * 3600.0,
    family_size: int = 0,
    in_stock: InStock = nothing,
    batch_size: int = 5,
    rate: float = 0.02,
    zone: timezone = UTC,
    **limits: float,
) -> World:
    scheduler = AdaptiveScheduler(timezone=zone)
    scheduler.limits(
        HOST,
        HostLimits(batch_size=batch_size, requests_per_s=rate, **limits),  # type: ignore[arg-type]
        MONDAY,
    )
    scheduler.replace(watches(count, interval=interval, family_size=family_size), MONDAY)
    return World(scheduler, in_stock)


def watches(count: int, *, interval: float = 6 * 3600.0, family_size: int = 0) -> list[Assignment]:
    return [
        Assignment(
            key=(HOST, str(number)),
            max_interval_s=interval,
            family=f"family {number // family_size}" if family_size else None,
        )
        for number in range(count)
    ]


def every(sku: str, period_s: float, *, length_s: float = 1500.0, offset_s: float = 0.0) -> InStock:
    """One product comes back once in every period."""
    return lambda asked, at: (
        asked == sku and at > MONDAY + 900 and (at - MONDAY - offset_s) % period_s < length_s
    )


def first_family(when: Callable[[float], bool]) -> InStock:
    """The products 0 to 5 come back together."""
    return lambda sku, at: int(sku) < 6 and when(at)
