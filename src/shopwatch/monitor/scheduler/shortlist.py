"""The next products in order of worth, made in one pass over all and used up in small portions."""

import numpy as np

from shopwatch.monitor.scheduler.families import Families
from shopwatch.monitor.scheduler.index import OVERDUE, add_siblings, best, worth
from shopwatch.monitor.scheduler.table import Floats, Rows, Table

FEW = 1000  #: so many products are gone through for each request: a list of the best would cost as much
SHARE = 8  #: one in so many products is put on the list, while the watch list is short
SHARE_OF_MANY = 32
MANY = 5000
PRICE_SMOOTHING = 0.02  #: a request
SPARE = 10  #: places looked at beyond a request's worth, for those that are gone
NOTHING = np.zeros(0, np.intp)


class Shortlist:
    """Keeps the O(n) pass off the hot path: worth changes slowly, but for what happens in between.

    That is looked at anew for each request: products that fall due, urgent ones, siblings of a restock.
    """

    def __init__(self, table: Table, families: Families) -> None:
        self._table, self._families = table, families
        self.price = 0.0  #: worth of the last product that made it into a request: the price of a look
        self.offer = 0.0  #: worth of the products returned last; infinite if one of them must be looked at
        self.urgent: set[int] = set()  #: rows to be asked for first
        self.clear()

    def clear(self) -> None:
        """Forget the list, because something changed for many products."""
        self._rows, self._worth = NOTHING, np.zeros(0, np.float32)
        self._due, self._due_at = NOTHING, np.zeros(0)
        self._made_at = self._good_until = -np.inf

    def next(self, most: int, now: float, *, slot_s: float) -> Rows:
        """Return the ``most`` products that are worth a look now, best first.

        ``slot_s``: time until the next request can go; what falls due before that is due now.
        """
        if len(self._table) <= FEW:
            return self._best_of_all(most, now, slot_s)
        if now < self._good_until:
            extra = self._extra(now, slot_s)
            left = self._left(most, now, extra)
            if len(left) >= most:
                return self._merge(left, extra, most, now, slot_s)
        self._make(most, now, slot_s)
        return self._merge(self._left(most, now, NOTHING), NOTHING, most, now, slot_s)

    def _make(self, most: int, now: float, slot_s: float) -> None:
        """Go through all products once."""
        count = len(self._table)
        length = max(most, count // (SHARE if count < MANY else SHARE_OF_MANY))
        value = self._worth_of_all(now, slot_s)
        self._rows = best(value, length)
        self._worth = value[self._rows]
        self._made_at, self._good_until = now, now + 2 * slot_s * (length / most + 1)
        if length > most:
            self._find_due()

    def _best_of_all(self, most: int, now: float, slot_s: float) -> Rows:
        value = self._worth_of_all(now, slot_s)
        rows = best(value, most)
        self._note_price(value[rows])
        return rows

    def _worth_of_all(self, now: float, slot_s: float) -> Floats:
        value = worth(self._table, slice(None), now, slot_s)
        if self._families.hot:
            hot = self._families.hot_rows(now)
            warm = value[hot]
            add_siblings(warm, self._table, self._families, hot, now)
            value[hot] = warm
        return value

    def _note_price(self, value: Floats) -> None:
        """Note what the products returned, best first, are worth."""
        if not len(value):
            self.offer = 0.0
            return
        if value[-1] < OVERDUE:
            self.price += PRICE_SMOOTHING * (float(value[-1]) - self.price)
        self.offer = float(value.sum()) if value[0] < OVERDUE else float("inf")

    def _find_due(self) -> None:
        """Note who falls due while the list lasts."""
        due_at = self._table.last + self._table.limit
        soon = (due_at <= self._good_until).nonzero()[0]
        soon = soon[due_at[soon].argsort()]
        self._due, self._due_at = soon, due_at[soon]

    def _extra(self, now: float, slot_s: float) -> Rows:
        """Return the rows whose worth the list cannot know: due by now, urgent, or siblings of a restock."""
        due_by_now = int(self._due_at.searchsorted(now + slot_s, side="right"))
        parts = [self._due[:due_by_now]] if due_by_now else []
        if self.urgent:
            parts.append(np.array(list(self.urgent), np.intp))
        if self._families.hot:
            parts.append(self._families.hot_rows(now))
        if not parts:
            return NOTHING
        return parts[0] if len(parts) == 1 else np.unique(np.concatenate(parts))

    def _left(self, most: int, now: float, extra: Rows) -> Rows:
        """Return the first places of the list that are still to be looked at and not in ``extra``."""
        left = self._open(self._rows[: most + SPARE], now, extra)
        if len(left) < most and len(self._rows) > most + SPARE:
            left = self._open(self._rows, now, extra)
        return left[:most]

    def _open(self, rows: Rows, now: float, extra: Rows) -> Rows:
        t = self._table
        is_open = (t.not_before[rows] <= now) & (t.last[rows] < self._made_at)
        if len(extra):
            t.marked[extra] = True
            is_open &= ~t.marked[rows]
            t.marked[extra] = False
        return is_open.nonzero()[0]

    def _merge(self, left: Rows, extra: Rows, most: int, now: float, slot_s: float) -> Rows:
        """Return the best of the list and of ``extra``; shorten the list to what may be left."""
        rows, value = self._rows[left], self._worth[left]
        if len(left):
            self._rows, self._worth = self._rows[left[0] :], self._worth[left[0] :]
        if len(extra):
            of_extra = worth(self._table, extra, now, slot_s)
            add_siblings(of_extra, self._table, self._families, extra, now)
            rows, value = np.concatenate((extra, rows)), np.concatenate((of_extra, value))
            chosen = best(value, most)
            rows, value = rows[chosen], value[chosen]
        self._note_price(value)
        return rows
