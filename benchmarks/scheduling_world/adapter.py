"""Our scheduler behind the published simulator's two calls, used as the monitor uses it."""

from typing import Any

import numpy as np
import numpy.typing as npt

from shopwatch.monitor.scheduler import AdaptiveScheduler, Assignment, Batch, HostLimits, Outcome

HOST = "host"
START_S = 1_767_571_200.0  # Monday 5 January 2026, 0:00 UTC: the published week begins on a Monday


class Ours:
    """``select`` and ``observe``, as the simulator calls them.

    ``usual_rate``: requests per second over a day, if the simulator's steps are to be the peak only.
    """

    name = "ours"
    masked = False

    def __init__(self, world: Any, usual_rate: float | None = None) -> None:
        rate = float(world.cfg.rate)
        self.world = world
        self.scheduler = AdaptiveScheduler()
        self.skus = [str(number) for number in range(world.n)]
        self.active = np.asarray(world.born) <= 0
        self.believed = np.zeros(world.n, bool)
        self.checks = np.zeros(world.n)
        self.out: list[Batch] = []
        limits = HostLimits(
            batch_size=world.cfg.batch,
            min_gap_s=min(2.0, 0.9 / rate),
            requests_per_s=usual_rate or rate,
            peak_requests_per_s=rate if usual_rate else None,
            max_in_flight=4,
        )
        self.scheduler.limits(HOST, limits, START_S)
        self._watch(0.0)

    def _watch(self, t: float) -> None:
        world = self.world
        self.scheduler.replace(
            (
                Assignment(
                    key=(HOST, self.skus[i]),
                    max_interval_s=float(world.freq[i]),
                    value=float(world.value[i]),
                    family=f"family {world.fam[i]}",
                )
                for i in np.flatnonzero(self.active).tolist()
            ),
            START_S + t,
        )

    def activate(self, ids: npt.NDArray[np.intp], t: float) -> None:
        """Take products onto the watch list."""
        self.active[ids] = True
        self._watch(t)

    def select(self, t: float, count: int) -> npt.NDArray[np.intp]:
        self.out = self.scheduler.take_due(START_S + t)
        return np.array([int(sku) for batch in self.out for sku in batch.skus], np.intp)

    def observe(
        self, times: npt.NDArray[np.float64], ids: npt.NDArray[np.intp], positive: npt.NDArray[np.bool_]
    ) -> npt.NDArray[np.bool_]:
        """Take the answers; return where the monitor would raise an alert."""
        now = START_S + float(times[-1])
        if not positive.any() and not self.believed[ids].any():
            for batch in self.out:
                self.scheduler.done(batch, dict.fromkeys(batch.skus, Outcome.OUT_OF_STOCK), now)
            self.checks[ids] += 1
            return positive
        said = [Outcome.IN_STOCK if found else Outcome.OUT_OF_STOCK for found in positive.tolist()]
        at = 0
        for batch in self.out:
            here = said[at : at + len(batch.skus)]
            self.scheduler.done(batch, dict(zip(batch.skus, here, strict=True)), now)
            at += len(batch.skus)
        self.checks[ids] += 1
        alerts = np.zeros(len(ids), bool)
        for place in np.flatnonzero(positive != self.believed[ids]).tolist():
            row = int(ids[place])
            if not self.scheduler.doubtful((HOST, self.skus[row]), now):
                self.believed[row] = alerts[place] = positive[place]
        return alerts

    def share_of_checks(self, rows: npt.NDArray[np.bool_]) -> float:
        """Return the share of all checks that ``rows`` got, relative to their share of the watch list."""
        return float(self.checks[rows].sum() / self.checks.sum() / max(rows.mean(), 1e-9))
