"""The clairvoyant that doubts as we do: what wrong answers cost whoever knows everything else."""

from math import exp, log
from typing import Any

import numpy as np
import numpy.typing as npt

from scheduling_world import published
from shopwatch.monitor.scheduler.doubt import DISMISSED, SELLOUT_BELIEVED, probability, restock_believed

PULSE_CAUTION = 0.5
LEAST, MOST = 1e-9, 0.95  #: chances taken for possible

Numbers = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Rows = npt.NDArray[np.intp]


class Doubting:
    """The published clairvoyant behind a filter: it hears of a change once that is believed.

    It knows how often answers are wrong, and the true chance of a restock; it asks again as we do, at once.
    """

    def __init__(self, world: Any) -> None:
        policies = published.module("policies")
        true = dict.fromkeys(("lam", "prof", "dur", "hawkes"), "true")
        self._inner = policies.IndexPolicy(world, name="doubting", kernel="lognormal", confirm=False, **true)
        says_in, says_out = world.cfg.fp, world.cfg.fn  # wrongly
        self._news = log((1 - says_out) / says_in)
        self._denial = log(says_out / (1 - says_in))
        self._wait_s = 1 / world.cfg.rate
        self._odds = np.zeros(world.n)
        self._doubted = np.zeros(world.n, bool)

    def activate(self, ids: Rows, t: float) -> None:
        self._inner.activate(ids, t)

    def select(self, t: float, count: int) -> Rows:
        chosen: Rows = self._inner.select(t, count)
        return chosen

    def observe(self, times: Numbers, ids: Rows, positive: Flags) -> Flags:
        heard = np.array(positive)
        believed = self._inner.inst[ids].copy()
        for place in np.flatnonzero((positive != believed) | self._doubted[ids]).tolist():
            row = int(ids[place])
            gap_s = float(times[place] - self._inner.last[row])
            if not self._believe(row, gap_s, float(times[-1]), says_in=bool(positive[place])):
                heard[place] = believed[place]
        alerts: Flags = self._inner.observe(times, ids, heard)
        self._inner.pend[:] = self._doubted  # asked for first
        return alerts

    def _believe(self, row: int, gap_s: float, now: float, *, says_in: bool) -> bool:
        believed = bool(self._inner.inst[row])
        toward = (self._news if says_in else self._denial) * (-1 if believed else 1)
        before = self._odds[row] if self._doubted[row] else self._prior(row, gap_s, now, believed=believed)
        self._odds[row] = odds = before + toward
        real, gone = probability(odds), self._over_after(row, self._wait_s)
        enough = SELLOUT_BELIEVED if believed else restock_believed(gone)
        is_news = says_in != believed and real >= enough
        dismissed = says_in == believed and real < DISMISSED
        self._doubted[row] = not (is_news or dismissed)
        return is_news

    def _prior(self, row: int, gap_s: float, now: float, *, believed: bool) -> float:
        inner = self._inner
        chance = self._over_after(row, gap_s)
        if not believed:
            heat = inner.boost[row] * exp((inner.b_t0[row] - now) / inner.w)
            chance = (inner.base[row] + heat) * inner.m[row] * chance + PULSE_CAUTION * inner.pulse[row]
        chance = min(max(float(chance), LEAST), MOST)
        return log(chance / (1 - chance))

    def _over_after(self, row: int, seconds: float) -> float:
        """Return the chance that a restock is over after ``seconds``."""
        return float(-np.expm1(-seconds / self._inner.m[row]))
