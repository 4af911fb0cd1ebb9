"""The next look at one product: when, and the largest of the reasons for it."""

from bisect import bisect_left
from collections.abc import Callable
from datetime import tzinfo
from math import exp

import numpy as np

from shopwatch.monitor.scheduler import words
from shopwatch.monitor.scheduler.families import HEAT_S
from shopwatch.monitor.scheduler.interface import Plan
from shopwatch.monitor.scheduler.lane import Lane
from shopwatch.monitor.scheduler.learning import EXPLORE
from shopwatch.monitor.scheduler.steady import SteadyTime
from shopwatch.monitor.scheduler.table import ASKED, DOUBTFUL
from shopwatch.monitor.scheduler.week import DAY_S

LONGEST = 30.0  #: useful lives: by then a look brings all it can
STEPS = 1000
LIVES = [
    LONGEST * (step / STEPS) ** 2 for step in range(STEPS + 1)
]  #: gaps in useful lives, short ones denser
GAINS = [1 - (1 + x) * exp(-x) for x in LIVES]  #: what a look brings after them
SEEN = 0.5  #: of a restock is left in memory, or nothing is known of how often it comes ...
LITTLE_S = 3 * DAY_S  #: ... unless it was watched that long in vain


def plan_of(lane: Lane, row: int, time: SteadyTime, now: float, zone: tzinfo) -> Plan:
    """Say when the product in ``row`` is looked at next, and why then."""
    t = lane.table
    promised = float(t.last[row] + t.limit[row])
    expected = float(t.last[row]) + _worth_it_after(lane, row)
    silent_until = lane.budget.silent_until()
    due_at = max(now, min(promised, expected), silent_until)
    if np.isfinite(t.not_before[row]):
        due_at = max(due_at, float(t.not_before[row]))
    why = _held_up(lane, row) or (
        words.paused(time.told(silent_until), zone)
        if silent_until > now
        else _special(lane, row) or _usual(lane, row, now, by_interval=promised <= expected)
    )
    return Plan(time.told(due_at), why)


def _worth_it_after(lane: Lane, row: int) -> float:
    """Return the gap after which a look is worth the going price, s."""
    t, price, stake = lane.table, lane.shortlist.price, float(lane.table.stake[row])
    life = -1 / float(t.decay[row])
    if stake <= price:
        return float("inf") if stake < price else LONGEST * life
    if not t.in_stock[row]:
        return LIVES[min(bisect_left(GAINS, price / stake), STEPS)] * life
    to_sell_out = life / float(t.mean_in[row])  # it must sell out before it can come back

    def gain_at(step: int) -> float:
        return GAINS[step] * (1 - exp(-LIVES[step] * to_sell_out))

    return LIVES[bisect_left(range(STEPS), price / stake, key=gain_at)] * life


def _held_up(lane: Lane, row: int) -> str | None:
    return words.IN_FLIGHT if lane.table.not_before[row] == np.inf else None


def _special(lane: Lane, row: int) -> str | None:
    t = lane.table
    if t.urgent[row] == DOUBTFUL:
        return words.DOUBTFUL
    if t.urgent[row] == ASKED:
        return words.ASKED
    if t.silent[row]:
        return words.failed(int(t.silent[row]))
    return None if t.known[row] else words.NEVER_CHECKED


def _usual(lane: Lane, row: int, now: float, *, by_interval: bool) -> str:
    """Name the largest term of the index, or the person's interval where that comes first."""
    t, families = lane.table, lane.families
    heat = _heat(lane, int(t.family[row]), now)
    terms = _own_terms(lane, row) + _family_terms(lane, int(t.family[row]), now)
    largest, say = max(terms, key=lambda term: term[0])
    if heat > 0.0 and heat >= largest:
        return words.sibling(now - float(families.heated_at[t.family[row]]))
    if t.in_stock[row]:
        return words.IN_STOCK
    if by_interval:
        return words.every(float(t.interval[row]), lane.stretch)
    return say()


Term = tuple[float, Callable[[], str]]  #: a part of the restock rate, 1/s, and its words


def _own_terms(lane: Lane, row: int) -> list[Term]:
    t, learning = lane.table, lane.learning
    rate = learning.rate_of(row)
    seen = rate * float(t.exposure[row] + t.prior_s[row])  # restocks, those of the prior included
    return [
        (rate * min(1.0, learning.busy), lambda: _own(lane, row, rate)),
        (rate * max(0.0, learning.busy - 1), lambda: words.busy_hour(learning.bin)),
        (rate * EXPLORE / max(seen, 1e-9) ** 0.5 * learning.busy, lambda: words.LITTLE_DATA),
    ]


def _family_terms(lane: Lane, family: int, now: float) -> list[Term]:
    if not family:
        return []
    learning, families = lane.learning, lane.families
    wave = families.wave_rate(family, now) * float(learning.follow_share[family])
    habit = max(0.0, float(learning.habit_rate[family]) - wave)
    return [
        (wave, lambda: words.second_wave(now - float(families.last_drop[family]))),
        (habit, lambda: words.family_hour(learning.bin)),
    ]


def _heat(lane: Lane, family: int, now: float) -> float:
    """Return what a sibling's restock adds to the rate, 1/s."""
    families = lane.families
    if family not in families.hot:
        return 0.0
    return float(families.heat[family]) * exp((float(families.heated_at[family]) - now) / HEAT_S)


def _own(lane: Lane, row: int, rate: float) -> str:
    t = lane.table
    habit = words.usual_hours(lane.learning.restock_times.get(t.skus[row], []))
    if habit is None and t.restocks[row] < SEEN and t.exposure[row] < LITTLE_S:
        return words.LITTLE_DATA  # the rate is what its siblings and the others do
    return habit or words.usual_rate(rate)
