"""Figures of the last minute: how many checks, how quick, how long a sweep takes, how many were late."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from shopwatch.domain.stock import Key

WINDOW_S = 60.0


@dataclass(frozen=True, slots=True)
class _Done:
    at_s: float
    checks: int
    duration_ms: float
    late: int
    retailer: str
    failed: bool


class Sweep:
    """How long the requests of one pass over all watches take: the time with at least one in flight.

    Waiting for a product to become due, or for a polite gap, is not in it; nor is looking again at what the
    pass has seen already, as at products that are asked for more often.
    """

    def __init__(self) -> None:
        self._left: set[str] = set()
        self._all: frozenset[str] = frozenset()
        self._busy_s = 0.0
        self._busy_until_s = float("-inf")
        self.last_s = 0.0  #: seconds the last complete pass took

    def watch(self, skus: Iterable[str]) -> None:
        self._all = frozenset(skus)
        self._left = set(self._all)
        self._busy_s = 0.0

    def add(self, skus: Iterable[str], began_s: float, ended_s: float) -> bool:
        """Take a request that came back; ``True`` when it completes a pass."""
        skus = frozenset(skus)
        if self._left.isdisjoint(skus):
            return False
        begin = max(began_s, self._busy_until_s)
        if ended_s > begin:
            self._busy_s += ended_s - begin
            self._busy_until_s = ended_s
        self._left.difference_update(skus)
        if self._left:
            return False
        self.last_s, self._busy_s, self._left = self._busy_s, 0.0, set(self._all)
        return True


class Performance:
    """Windowed figures, told a time that nobody sets. A second's checks cost a few microseconds each."""

    def __init__(self) -> None:
        self._window: deque[_Done] = deque()
        self._sweeps: dict[str, Sweep] = {}
        self.changes = 0
        self.passes = 0  #: complete looks at everything a retailer's watches name

    def watch(self, keys: Iterable[Key]) -> None:
        """Begin anew what a complete pass is."""
        by_retailer: dict[str, list[str]] = {}
        for retailer, sku in keys:
            by_retailer.setdefault(retailer, []).append(sku)
        self._sweeps = {name: sweep for name, sweep in self._sweeps.items() if name in by_retailer}
        for retailer, skus in by_retailer.items():
            self._sweeps.setdefault(retailer, Sweep()).watch(skus)

    def done(
        self, retailer: str, skus: Iterable[str], now_s: float, *, duration_ms: float, late: int, failed: bool
    ) -> None:
        """Take a request that came back after ``duration_ms`` at the site."""
        asked = tuple(skus)
        self._window.append(_Done(now_s, len(asked), duration_ms, late, retailer, failed))
        sweep = self._sweeps.get(retailer)
        if sweep is not None and sweep.add(asked, now_s - duration_ms / 1000, now_s):
            self.passes += 1

    def sweep_s(self, retailer: str) -> float:
        sweep = self._sweeps.get(retailer)
        return sweep.last_s if sweep else 0.0

    def figures(self, now_s: float) -> Mapping[str, object]:
        """What the dashboard shows; JSON-able."""
        window = self._window
        while window and window[0].at_s < now_s - WINDOW_S:
            window.popleft()
        latencies = sorted(one.duration_ms for one in window if not one.failed)
        checks = Counter[str]()
        for one in window:
            checks[one.retailer] += one.checks
        total = checks.total()
        seconds = min(WINDOW_S, max(1.0, now_s - window[0].at_s)) if window else WINDOW_S
        return {
            "window_s": WINDOW_S,
            "checks": total,
            "checks_per_s": round(total / seconds, 2),
            "requests": len(window),
            "failed_requests": sum(one.failed for one in window),
            "late_checks": sum(one.late for one in window),
            "latency_ms": {name: percentile(latencies, share) for name, share in _SHARES.items()},
            "sweep_s": {name: round(sweep.last_s, 3) for name, sweep in self._sweeps.items()},
            "passes": self.passes,
            "changes": self.changes,
            "by_retailer": dict(checks),
        }


_SHARES = {"p50": 0.50, "p95": 0.95, "p99": 0.99}


def percentile(ordered: list[float], share: float) -> float | None:
    """The nearest-rank percentile of numbers in order."""
    if not ordered:
        return None
    return round(ordered[min(len(ordered) - 1, int(share * len(ordered)))], 1)
