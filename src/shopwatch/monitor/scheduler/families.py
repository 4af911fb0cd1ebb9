"""Products that come back together: brothers and sisters of one brand, drops out of habit, second waves."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from shopwatch.monitor.scheduler.table import Floats, Rows
from shopwatch.monitor.scheduler.week import DAY_S, WEEK_S

HEAT_S = 60.0  #: the boost after a sibling's restock fades over a minute
EPISODE_S = 5 * HEAT_S  #: restocks of one family within this are one episode
HOT_S = 6 * HEAT_S
PULSE = 0.6  #: of those that follow have restocked by the time the first one is seen
FOLLOW_WEIGHT = 6.0  #: siblings the prior of the follow-up share counts for
HABIT_S = 600.0  #: how exactly a family keeps its time of the week (standard deviation)
HABIT_SHAPE = 0.05  #: small: one or two drops at the same time of the week stand out
HABIT_LEAST_AGE_S = DAY_S / 2  #: today's drop is no habit yet
WAVE_FIRST_S, WAVE_BIN_S, WAVE_BINS = 900.0, 900.0, 15  #: a second wave comes 15 min to 4 h after the first
WAVE_WEIGHT = 5.0  #: drops the prior (no waves) counts for
WAVE_PRIOR = 0.015  #: chance of a second drop in one of those bins
FORGOTTEN = 0.1  #: a drop that counts less than this is dropped from the memory


@dataclass(slots=True)
class Episode:
    """The restocks of one family that belong together."""

    began_at: float
    siblings: int  # that could follow
    first_row: int
    restocks: int = 0


class Families:
    """What is learnt about the families of one retailer. Family 0 is that of the products without one."""

    def __init__(self) -> None:
        self.names: list[str] = [""]
        self.number: dict[str, int] = {"": 0}
        self.trials, self.follows = np.zeros((2, 1)), np.zeros((2, 1))  # after one restock; after more
        self.drops, self.watched_s = np.zeros(1), np.zeros(1)
        self.last_drop = np.full(1, -np.inf)
        self.wave_count, self.wave_trials = np.zeros(WAVE_BINS), 0.0
        self.habits: list[tuple[int, float]] = []  # family and local time of every drop remembered
        self.heat, self.pulse, self.heated_at = np.zeros(1), np.zeros(1), np.full(1, -np.inf)
        self.hot: dict[int, float] = {}  # family: until
        self.episodes: dict[int, Episode] = {}
        self.size = np.zeros(1, np.intp)
        self._order, self._starts = np.zeros(0, np.intp), np.zeros(2, np.intp)
        self._hot_rows: Rows | None = None

    # ---- who belongs to whom ----------------------------------------------------------------------

    def numbers(self, names: Sequence[str]) -> npt.NDArray[np.int32]:
        """Return the families' numbers, giving one to each that is not known yet."""
        fresh = [name for name in dict.fromkeys(names) if name not in self.number]
        for name in fresh:
            self.number[name] = len(self.names)
            self.names.append(name)
        if fresh:
            self._grow(len(fresh))
        return np.array([self.number[name] for name in names], np.int32)

    def _grow(self, more: int) -> None:
        self.trials, self.follows = (np.pad(x, ((0, 0), (0, more))) for x in (self.trials, self.follows))
        self.drops, self.watched_s, self.heat, self.pulse = (
            np.pad(x, (0, more)) for x in (self.drops, self.watched_s, self.heat, self.pulse)
        )
        self.last_drop, self.heated_at = (
            np.pad(x, (0, more), constant_values=-np.inf) for x in (self.last_drop, self.heated_at)
        )

    def seat(self, family: npt.NDArray[np.int32]) -> None:
        """Take over who is where in the table; row numbers of before are void."""
        count = len(self.names)
        self.size = np.bincount(family, minlength=count)
        self._order = np.argsort(family, kind="stable")
        self._starts = np.concatenate(([0], np.cumsum(self.size)))
        self._hot_rows = None
        self.episodes.clear()

    def members(self, family: int) -> Rows:
        return self._order[self._starts[family] : self._starts[family + 1]]

    # ---- a sibling was seen to restock ------------------------------------------------------------

    def follow_share(self, after: int) -> Floats:
        """Return the share of siblings that follow after the first (0) or a later (1) restock, by family."""
        host = (self.follows[after].sum() + 0.5) / (self.trials[after].sum() + 2)
        share: Floats = (self.follows[after] + FOLLOW_WEIGHT * host) / (self.trials[after] + FOLLOW_WEIGHT)
        return share

    def restocked(self, row: int, family: int, in_stock: npt.NDArray[np.bool_], now: float) -> Episode:
        """Count a restock into its episode and heat up the family."""
        episode = self.episodes.get(family)
        if episode is not None and now - episode.began_at >= EPISODE_S:
            self.close_episodes(now)
            episode = None
        if episode is None:
            waiting = int(self.size[family] - np.count_nonzero(in_stock[self.members(family)]))
            episode = self.episodes[family] = Episode(now, waiting, row)
        episode.restocks += 1
        share = float(self.follow_share(min(episode.restocks, 2) - 1)[family])
        if self.heat[family] < share / HEAT_S or now - self.heated_at[family] > 2 * HEAT_S:
            self.heat[family], self.pulse[family] = share / HEAT_S, PULSE * share
            self.heated_at[family] = now
        self.hot[family] = now + HOT_S
        self._hot_rows = None
        return episode

    def hot_rows(self, now: float) -> Rows:
        """Return the rows of all families that are hot."""
        for family in [family for family, until in self.hot.items() if until <= now]:
            del self.hot[family]
            self.heat[family] = self.pulse[family] = 0.0
            self._hot_rows = None
        if self._hot_rows is None:
            self._hot_rows = np.concatenate([np.zeros(0, np.intp), *map(self.members, self.hot)])
        return self._hot_rows

    def heat_at(self, family: npt.NDArray[np.int32], now: float) -> Floats:
        """Return the restock rate a sibling's restock adds, 1/s."""
        heat: Floats = self.heat[family] * np.exp((self.heated_at[family] - now) / HEAT_S)
        return heat

    def pulse_at(self, family: npt.NDArray[np.int32], last: Floats) -> Floats:
        """Return the chance that a product came back together with its sibling, if not looked at since."""
        pulse: Floats = self.pulse[family] * (last < self.heated_at[family] - 1.0)
        return pulse

    def count_drop(self, family: int, began_at: float, local_s: float) -> None:
        """Remember that a second sibling came back: this is a drop."""
        lag = began_at - self.last_drop[family]
        if WAVE_FIRST_S <= lag < WAVE_FIRST_S + WAVE_BINS * WAVE_BIN_S:
            self.wave_count[int((lag - WAVE_FIRST_S) // WAVE_BIN_S)] += 1
        self.wave_trials += 1
        self.drops[family] += 1
        self.last_drop[family] = began_at
        self.habits.append((family, local_s))

    def close_episodes(self, now: float) -> None:
        """Learn the follow-up shares from the episodes that are over."""
        for family in [f for f, e in self.episodes.items() if now - e.began_at >= EPISODE_S]:
            episode = self.episodes.pop(family)
            self.trials[0, family] += episode.siblings
            self.follows[0, family] += episode.restocks - 1
            if episode.restocks > 1:
                self.trials[1, family] += max(episode.siblings - 1, 0)
                self.follows[1, family] += episode.restocks - 2

    # ---- drops to come ----------------------------------------------------------------------------

    def forget(self, share_kept: float) -> None:
        for counts in (self.trials, self.follows, self.drops, self.wave_count, self.watched_s):
            np.multiply(counts, share_kept, out=counts)
        self.wave_trials *= share_kept

    def drop_rates(self, local_s: float, now: float, busy: float, half_life_s: float) -> Floats:
        """Return every family's rate of drops at this time of the week, 1/s, second waves included."""
        host = (self.drops.sum() + 0.5) / (self.watched_s.sum() + 0.5 * WEEK_S)
        mean = (self.drops + 1.0) / (self.watched_s + 1.0 / host)
        window_s = HABIT_S * np.sqrt(2 * np.pi)
        expected = np.maximum(mean * busy * window_s, 1e-12)  # drops in such a window, a week
        weeks = self.watched_s / WEEK_S
        habit = self._habit(local_s, half_life_s)
        rate: Floats = (habit + HABIT_SHAPE) / (weeks + HABIT_SHAPE / expected) / window_s
        return rate + self.wave_rates(now)

    def _habit(self, local_s: float, half_life_s: float) -> Floats:
        """Return the drops remembered near this time of the week, by family; recent ones count more."""
        if not self.habits:
            return np.zeros(len(self.names))
        family, at = (np.array(column) for column in zip(*self.habits, strict=True))
        age = local_s - at
        weight = 0.5 ** (age / half_life_s)
        if weight.min() < FORGOTTEN:
            self.habits = [habit for habit, w in zip(self.habits, weight, strict=True) if w >= FORGOTTEN]
        off = (age + WEEK_S / 2) % WEEK_S - WEEK_S / 2
        weight = weight * np.exp(-0.5 * (off / HABIT_S) ** 2) * (age > HABIT_LEAST_AGE_S)
        near: Floats = np.bincount(family.astype(np.intp), weight, len(self.names)).astype(float)
        return near

    def wave_rates(self, now: float) -> Floats:
        """Return the families' rates of a second wave after their last drop, 1/s; learnt over all of them."""
        bin_ = np.floor((now - self.last_drop - WAVE_FIRST_S) / WAVE_BIN_S)
        at = np.clip(bin_, 0, WAVE_BINS - 1).astype(np.intp)
        return np.where((bin_ >= 0) & (bin_ < WAVE_BINS), self._wave_by_age()[at], 0.0)

    def wave_rate(self, family: int, now: float) -> float:
        """Return one family's, without touching the others: a list of watches asks for every row."""
        since_s = now - float(self.last_drop[family]) - WAVE_FIRST_S
        if not 0 <= since_s < WAVE_BINS * WAVE_BIN_S:
            return 0.0
        return float(self._wave_by_age()[int(since_s // WAVE_BIN_S)])

    def _wave_by_age(self) -> Floats:
        """Return the rate of a second wave by the time since the first, smoothed over neighbours, 1/s."""
        chance = (self.wave_count + WAVE_WEIGHT * WAVE_PRIOR) / (self.wave_trials + WAVE_WEIGHT) / WAVE_BIN_S
        padded = np.concatenate((chance[:1], chance, chance[-1:]))
        smooth: Floats = 0.5 * chance + 0.25 * (padded[:-2] + padded[2:])
        return smooth
