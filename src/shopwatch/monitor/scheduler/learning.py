"""How often each product comes back, when, and for how long: learnt from every look and from siblings."""

from datetime import tzinfo

import numpy as np

from shopwatch.monitor.scheduler.families import Families
from shopwatch.monitor.scheduler.table import Floats, Rows, Table
from shopwatch.monitor.scheduler.week import BIN_S, BINS, DAY_S, half_hour_of_week, local_offset_s

HALF_LIFE_S = 28 * DAY_S  #: of what is learnt about rates
RECENT_HALF_LIFE_S = DAY_S / 2
FIRST_RATE = 0.5 / DAY_S  #: restocks of a product per second, before anything is known
FIRST_MEAN_IN_S = 300.0
SHORTEST_IN_S, LONGEST_IN_S = 5.0, 6 * 3600.0
PATIENCE_S = 1200.0  #: news of a restock that lasts longer than this loses its worth too
EXPLORE = 0.8  #: optimism where little is known, in standard deviations
BUSY_WEIGHT = 3.0  #: restocks the prior of the week profile (always alike) counts for
IN_WEIGHT = 5.0  #: sell-outs the family's time in stock counts for, where products differ as times do
IN_SCATTER = 1.5  #: variance of a time in stock over its squared mean: a little more than exponential
IN_SURE = 100.0  #: squared sell-outs the belief that products differ counts for
MOST_ALIKE = 0.05  #: products are never taken to differ less than this (variance over squared mean)
MOST_POOLED = 300.0  #: restocks the siblings' rate counts for at most
DROPS_EVERY_S = 600.0  #: how often the families' rates are worked out again
DIGEST_AT = 512  #: looks without news are learnt from in one go
LONGEST_FORGETTING_S = DAY_S  #: a clock that leaps ahead must not wipe out what was learnt


class Learning:
    """The learnt columns of one retailer's table, and what holds for the retailer as a whole."""

    def __init__(self, table: Table, families: Families, zone: tzinfo) -> None:
        self.table, self.families, self._zone = table, families, zone
        self.week_seen, self.week_expected = np.zeros(BINS), np.zeros(BINS)
        self.busy = 1.0  #: restocks at this time of the week, relative to all times
        self.bin = 0
        self.local_offset_s = 0.0
        self.restock_times: dict[str, list[int]] = {}  #: half hours of the week, last ones at the end
        self.habit_rate: Floats = np.zeros(1)  #: drops of each family, per second and sibling, now
        self.follow_share: Floats = np.zeros(1)  #: of each family's siblings, in a drop
        self._shape = 1.0
        self._next_fit = self._next_drops = -np.inf
        self._fitted_at: float | None = None
        self._looks: list[tuple[Rows, Floats]] = []
        self._look_count = 0

    # ---- working it out ---------------------------------------------------------------------------

    def keep_up(self, now: float, told: float) -> bool:
        """Work out again what the time of day changes; return whether anything was."""
        if now >= self._next_fit:
            self.fit(now, told)
        elif now >= self._next_drops:
            self._fit_drops(now)
        else:
            return False
        return True

    def fit(self, now: float, told: float) -> None:
        """Forget a little, then learn the parameters from the counts. O(n), every half hour."""
        self.digest()
        self._forget(now)
        self.local_offset_s = local_offset_s(told, self._zone) + told - now
        local_s = now + self.local_offset_s
        self._next_fit = now + BIN_S - local_s % BIN_S
        self.bin = half_hour_of_week(local_s)
        seen, expected = (self._smooth(x) for x in (self.week_seen, self.week_expected))
        self.busy = float((seen + BUSY_WEIGHT) / (expected + BUSY_WEIGHT))
        self._fit_rates()
        self._fit_times()
        self._fit_drops(now)

    def _forget(self, now: float) -> None:
        """Let everything count a little less than at the last fit."""
        seconds = 0.0 if self._fitted_at is None else min(now - self._fitted_at, LONGEST_FORGETTING_S)
        self._fitted_at = now
        t, kept = self.table, 0.5 ** (seconds / HALF_LIFE_S)
        for counts in (t.restocks, t.exposure, t.sellouts, t.in_time):
            np.multiply(counts, kept, out=counts)
        t.recent *= 0.5 ** (seconds / RECENT_HALF_LIFE_S)
        self.fade(seconds)
        self.families.watched_s += seconds

    def fade(self, seconds: float) -> None:
        """Let what was learnt of the retailer and the families count less, as ``seconds`` of age make it."""
        kept = 0.5 ** (seconds / HALF_LIFE_S)
        for counts in (self.week_seen, self.week_expected):
            np.multiply(counts, kept, out=counts)
        self.families.forget(kept)

    def _smooth(self, counts: Floats) -> float:
        at = self.bin
        return float(0.5 * counts[at] + 0.25 * (counts[at - 1] + counts[(at + 1) % BINS]))

    def _fit_rates(self) -> None:
        """Gamma–Poisson: the prior's mean from the siblings without oneself, its shape from all counts."""
        t, count = self.table, len(self.families.names)
        seen, seconds = t.restocks.sum(dtype=float), t.exposure.sum(dtype=float)
        host = (seen + 1) / (seconds + 1 / FIRST_RATE)
        seen_by = np.bincount(t.family, t.restocks, count)[t.family]
        seconds_by = np.bincount(t.family, t.exposure, count)[t.family]
        mean = (seen_by - t.restocks + 2) / (np.maximum(seconds_by - t.exposure, 0) + 2 / host)
        expected = mean * t.exposure
        excess = max(0.0, float(((t.restocks - expected) ** 2 - expected).sum()))
        self._shape = float(np.clip((float((expected**2).sum()) + 3) / (excess + 3), 0.3, MOST_POOLED))
        t.prior_s = (self._shape / mean).astype(np.float32)

    def _fit_times(self) -> None:
        """Time in stock: exponential, with what was not seen to the end counted in, shrunk to the family."""
        t, count = self.table, len(self.families.names)
        host = (t.in_time.sum(dtype=float) + 3 * FIRST_MEAN_IN_S) / (t.sellouts.sum(dtype=float) + 3)
        times, ends = (np.bincount(t.family, x, count) for x in (t.in_time, t.sellouts))
        others_s, others = times[t.family] - t.in_time, ends[t.family] - t.sellouts
        family = (others_s + 3 * host) / (others + 3)
        weight = IN_WEIGHT / self._difference(family)
        mean = (t.in_time + weight * family) / (t.sellouts + weight)
        t.mean_in = np.clip(mean, SHORTEST_IN_S, LONGEST_IN_S).astype(np.float32)
        t.decay = (-1 / t.mean_in - 1 / PATIENCE_S).astype(np.float32)

    def _difference(self, usual: Floats) -> float:
        """Return how much the products' mean times in stock differ: their variance over the squared mean.

        What one product's times scatter by themselves is taken off: where all are alike, nothing is left.
        """
        t = self.table
        scatter = float((((t.in_time - usual * t.sellouts) / usual) ** 2).sum(dtype=float))
        seen, squared = float(t.sellouts.sum(dtype=float)), float((t.sellouts**2).sum(dtype=float))
        excess = max(0.0, scatter - IN_SCATTER * seen)
        return max(MOST_ALIKE, (excess + IN_SURE) / (squared + IN_SURE))

    def _fit_drops(self, now: float) -> None:
        self.digest()
        middle = DROPS_EVERY_S / 2
        families = self.families
        rates = families.drop_rates(now + self.local_offset_s + middle, now + middle, self.busy, HALF_LIFE_S)
        self.follow_share = families.follow_share(1)
        self.habit_rate = self.follow_share * rates * (families.size > 1)
        self.habit_rate[0] = 0.0
        self._next_drops = now + DROPS_EVERY_S
        self.refresh(slice(None))

    # ---- learning from looks ----------------------------------------------------------------------

    def rate(self, rows: Rows | slice) -> Floats:
        """Return the mean restock rate as learnt, 1/s, whatever the time of the week."""
        t = self.table
        rate: Floats = (t.restocks[rows] + self._shape) / (t.exposure[rows] + t.prior_s[rows])
        return rate

    def rate_of(self, row: int) -> float:
        t = self.table
        return (float(t.restocks[row]) + self._shape) / float(t.exposure[row] + t.prior_s[row])

    def rate_now(self, rows: Rows | slice, explore: float = 0.0) -> Floats:
        """Return the restock rate at this time of the week, 1/s, siblings seen just now apart."""
        t = self.table
        seen = t.restocks[rows] + np.float32(self._shape)
        optimism = np.float32(explore) * np.sqrt(seen)
        rate: Floats = (seen + optimism) / (t.exposure[rows] + t.prior_s[rows]) * np.float32(self.busy)
        return rate + self.habit_rate[t.family[rows]]

    def refresh(self, rows: Rows | slice) -> None:
        """Put what was learnt into the stakes."""
        t = self.table
        t.stake[rows] = t.worth_of_restock(rows) * self.rate_now(rows, EXPLORE) / -t.decay[rows]

    def nothing_new(self, rows: Rows, gaps: Floats) -> None:
        """Learn, some time soon, that these products were out of stock before and still are."""
        self._looks.append((rows, gaps))
        self._look_count += len(rows)
        if self._look_count >= DIGEST_AT:
            self.digest()

    def digest(self) -> None:
        if not self._looks:
            return
        rows, gaps = (np.concatenate(column) for column in zip(*self._looks, strict=True))
        self.forget_looks()
        t = self.table
        mean = t.mean_in[rows]
        noticed_s = mean * -np.expm1(-gaps / mean)  # of the gap: P(still in stock at the look), integrated
        self.week_expected[self.bin] += float((self.rate(rows) * noticed_s).sum())
        np.add.at(t.exposure, rows, (noticed_s * self.busy).astype(np.float32))
        self.refresh(rows)

    def forget_looks(self) -> None:
        """Drop the looks not learnt from yet (row numbers are about to change)."""
        self._looks, self._look_count = [], 0

    def stayed_in(self, row: int, gap_s: float) -> None:
        self.table.in_time[row] += gap_s

    def sold_out(self, row: int, gap_s: float) -> None:
        """Learn a time in stock that ended somewhere in the last gap (one step of EM)."""
        t = self.table
        mean = float(t.mean_in[row])
        t.in_time[row] += mean - gap_s / np.expm1(min(max(gap_s / mean, 1e-9), 50.0))
        t.sellouts[row] += 1

    def restocked(self, row: int, now: float) -> None:
        """Learn a restock; the second one of a family within minutes turns the first into a drop."""
        t, families = self.table, self.families
        family = int(t.family[row])
        t.recent[row] += 1
        self._remember(t.skus[row])
        if family == 0:
            self._alone(row)
            return
        episode = families.restocked(row, family, t.in_stock, now)
        if episode.restocks == 1:
            self._alone(row)
        elif episode.restocks == 2:  # noqa: PLR2004 - the second sibling
            t.restocks[episode.first_row] = max(0.0, float(t.restocks[episode.first_row]) - 1.0)
            families.count_drop(family, episode.began_at, episode.began_at + self.local_offset_s)
        self.refresh(np.array([row]))

    def _alone(self, row: int) -> None:
        self.table.restocks[row] += 1
        self.week_seen[self.bin] += 1
        self.refresh(np.array([row]))

    def was_none(self, row: int) -> None:
        """Take back a restock that was gone at once: it was a wrong answer."""
        t = self.table
        for counts in (t.sellouts, t.restocks, t.recent):
            counts[row] = max(0.0, float(counts[row]) - 1.0)
        self.refresh(np.array([row]))

    def _remember(self, sku: str, most: int = 12) -> None:
        times = self.restock_times.setdefault(sku, [])
        times.append(self.bin)
        del times[:-most]
