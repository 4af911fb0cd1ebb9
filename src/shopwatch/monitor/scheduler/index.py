"""The capture index: what a look at each product is worth now, and the few that are worth most."""

import numpy as np

from shopwatch.monitor.scheduler.families import Families
from shopwatch.monitor.scheduler.table import Floats, Rows, Table

NEVER = np.float32(-1.0)  #: not to be looked at now
OVERDUE = np.float32(1e6)  #: the person's interval is over: before all that is only worth a look
URGENT = np.float32(1e9)  #: a first look, a doubtful answer, a person asked


def gain(decays: Floats) -> Floats:
    """Return φ: what a look brings at ``decays`` = - gap / useful life; nothing at 0, all at -∞."""
    result: Floats = 1 - (1 - decays) * np.exp(decays)
    return result


def worth(table: Table, rows: Rows | slice, now: float, ahead_s: float) -> Floats:
    """Return the index of ``rows`` without what siblings add; due and urgent ones first.

    ``ahead_s``: products whose longest interval ends within this count as due.
    """
    gap = (now - table.last[rows]).astype(np.float32)
    value: Floats = table.stake[rows] * gain(gap * table.decay[rows])
    sold_by_now = table.in_stock[rows].nonzero()[0]
    if len(sold_by_now):
        value[sold_by_now] *= -np.expm1(-gap[sold_by_now] / table.mean_in[rows][sold_by_now])
    left = table.limit[rows] - gap
    due = (left <= ahead_s).nonzero()[0]
    if len(due):
        value[due] = OVERDUE * (2 - left[due] / (np.abs(left[due]) + 600))  # the most overdue first
    urgent = table.urgent[rows].nonzero()[0]
    if len(urgent):
        value[urgent] = URGENT * (1 + table.urgent[rows][urgent])
    np.copyto(value, NEVER, where=table.not_before[rows] > now)
    return value


def add_siblings(value: Floats, table: Table, families: Families, rows: Rows, now: float) -> None:
    """Add to ``value`` of ``rows`` what a look may bring since a sibling came back."""
    family = table.family[rows]
    gap = (now - table.last[rows]).astype(np.float32)
    decay = table.decay[rows]
    heat = families.heat_at(family, now) * gain(gap * decay) / -decay
    pulse = families.pulse_at(family, table.last[rows])
    more = table.worth_of_restock(rows) * (heat + pulse)
    value += np.where((value >= 0) & ~table.in_stock[rows], more, 0)


def best(value: Floats, most: int) -> Rows:
    """Return where the ``most`` highest values are, highest first, leaving out those not to be looked at."""
    if most < len(value):
        top = value.argpartition(len(value) - most)[len(value) - most :]
        top = top[value[top].argsort()[::-1]]
    else:
        top = value.argsort()[::-1]
    if len(top) and value[top[-1]] < 0:
        top = top[: np.count_nonzero(value[top] >= 0)]
    return top
