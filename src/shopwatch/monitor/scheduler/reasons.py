"""The next look at one product: when, and the largest of the reasons for it."""

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
from shopwatch.monitor.scheduler.week import WEEK_S

LONGEST = 30.0  #: useful lives: by then a look brings all it can


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
    t, price = lane.table, lane.shortlist.price
    life = -1 / float(t.decay[row])
    stake = float(t.stake[row])
    low, high = 0.0, LONGEST
    if stake <= price:
        return float("inf") if stake < price else LONGEST * life
    for _ in range(24):
        x = (low + high) / 2
        value = stake * (1 - (1 + x) * exp(-x))
        if t.in_stock[row]:
            value *= 1 - exp(-x * life / float(t.mean_in[row]))
        low, high = (low, x) if value > price else (x, high)
    return high * life


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
    t, learning, families = lane.table, lane.learning, lane.families
    one, family = np.array([row]), int(t.family[row])
    ago_s = min(now - float(families.heated_at[family]), WEEK_S)  # never: long ago
    drop_ago_s = min(now - float(families.last_drop[family]), WEEK_S)
    rate = float(learning.rate(one)[0])
    heat = float(families.heat[family]) * exp(-ago_s / HEAT_S) if family in families.hot else 0.0
    wave = float(families.wave_rates(now)[family]) * float(families.follow_share(1)[family])
    habit = max(0.0, float(learning.habit_rate[family]) - wave) if family else 0.0
    seen = rate * float(t.exposure[row] + t.prior_s[row])
    terms = {
        words.sibling(ago_s): heat,
        words.second_wave(drop_ago_s): wave if family else 0.0,
        words.family_hour(learning.bin): habit,
        words.busy_hour(learning.bin): rate * max(0.0, learning.busy - 1),
        words.LITTLE_DATA: rate * EXPLORE / max(seen, 1e-9) ** 0.5 * learning.busy,
        _own(lane, row, rate): rate * min(1.0, learning.busy),
    }
    largest = max(terms, key=lambda words_: terms[words_])
    if heat > 0.0 and terms[largest] == heat:
        return largest
    if t.in_stock[row]:
        return words.IN_STOCK
    if by_interval:
        return words.every(float(t.interval[row]), lane.stretch)
    return largest


def _own(lane: Lane, row: int, rate: float) -> str:
    times = lane.learning.restock_times.get(lane.table.skus[row], [])
    return words.usual_hours(times) or words.usual_rate(rate)
