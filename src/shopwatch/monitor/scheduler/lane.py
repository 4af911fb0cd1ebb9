"""One retailer's part of the scheduler: hand out a batch, take it back, learn, doubt."""

from collections.abc import Mapping, Sequence
from datetime import tzinfo

import numpy as np

from shopwatch.monitor.scheduler.budget import Budget
from shopwatch.monitor.scheduler.doubt import (
    DISMISSED,
    SELLOUT_BELIEVED,
    Doubt,
    probability,
    restock_believed,
)
from shopwatch.monitor.scheduler.families import Families
from shopwatch.monitor.scheduler.interface import Assignment, Batch, HostLimits, Outcome
from shopwatch.monitor.scheduler.learning import Learning
from shopwatch.monitor.scheduler.pace import Pace
from shopwatch.monitor.scheduler.shortlist import Shortlist
from shopwatch.monitor.scheduler.table import ASKED, DOUBTFUL, Rows, Table

GUARANTEED = 0.3  #: of an overdrawn budget is for the longest intervals, the rest for what is worth a look
RATE_CHANGE = 0.02  #: of the rate is worth working out the stretch anew
MOST_DOUBLINGS = 8
FIRST_IN_STOCK = 0.1  #: chance that a product is in stock when it is looked at for the first time
PULSE_CAUTION = 0.5  #: of the chance that siblings came back together, where an alert depends on it
BLIP = 0.2  #: of the usual time in stock: gone so soon after a single look, it was a wrong answer
UNWATCHED_S = 6 * 3600.0  #: a change after a gap that long says nothing about when it came
OUT, IN, UNKNOWN, FAILED = range(4)
CODES: dict[Outcome | None, int] = {
    Outcome.OUT_OF_STOCK: OUT,
    Outcome.IN_STOCK: IN,
    Outcome.UNKNOWN: UNKNOWN,
    Outcome.FAILED: FAILED,
}


class Lane:
    """Keeps: a product is out with one batch at most; between two looks at it lies ``min_gap_s`` at least."""

    def __init__(self, retailer: str, now: float, zone: tzinfo) -> None:
        self.retailer = retailer
        self.table = Table()
        self.families = Families()
        self.learning = Learning(self.table, self.families, zone)
        self.doubt = Doubt()
        self.budget = Budget(HostLimits(), now)
        self.pace = Pace(HostLimits(), now)
        self.shortlist = Shortlist(self.table, self.families)
        self.stretch = 1.0  #: of the persons' intervals, to fit the budget
        self._rate_of_stretch = 0.0
        self._idle_until = -np.inf  #: no request is worth its price before that, unless there is news
        self._doubt_faded_at = now

    # ---- what to watch ----------------------------------------------------------------------------

    def watch(self, assignments: Sequence[Assignment], now: float, told: float) -> Rows:
        """Watch exactly these; return the rows of those that were not watched before."""
        self.learning.digest()
        t, self._idle_until = self.table, -np.inf
        fresh = t.arrange([a.key[1] for a in assignments])
        t.interval[:] = [a.max_interval_s for a in assignments]
        t.value[:] = [a.value for a in assignments]
        t.family = self.families.numbers([a.family or "" for a in assignments])
        self.families.seat(t.family)
        self.shortlist.clear()
        self.shortlist.urgent = set(np.flatnonzero(t.urgent).tolist())
        self.learning.fit(now, told)
        self.fit_intervals()
        # due at once, and the dearer the sooner
        dearest = float(t.value.max(initial=0.0)) or 1.0
        t.last[fresh] = now - (t.limit[fresh] + t.value[fresh] / dearest).astype(float)
        return fresh

    def set_limits(self, limits: HostLimits) -> None:
        self.budget.set_limits(limits)
        self.pace.permit(limits)
        self._idle_until = -np.inf
        self.fit_intervals()
        self.shortlist.clear()

    def fit_intervals(self) -> None:
        """Stretch all longest intervals evenly, if the budget cannot honour them."""
        limits, t = self.budget.limits, self.table
        wanted = float((1 / np.maximum(t.interval, limits.min_gap_s)).sum())
        load = wanted / (self.budget.usual_rate * limits.batch_size)
        share = max(GUARANTEED, 1 - (1 - GUARANTEED) * (load - 1))
        self.stretch = max(1.0, load / share) if load > 1 else 1.0
        t.limit[:] = np.maximum(t.interval * self.stretch, limits.min_gap_s)
        self._rate_of_stretch = self.budget.usual_rate

    # ---- handing out ------------------------------------------------------------------------------

    def take(self, now: float, told: float) -> Batch | None:
        """Return the products worth a request now, if the budget is open and there are any."""
        if not self.table.skus or now < self._idle_until or not self.budget.is_open(now):
            return None
        if self.learning.keep_up(now, told):
            self._housekeeping(now)
        rows = self.shortlist.next(self.budget.limits.batch_size, now, slot_s=1 / self.budget.usual_rate)
        if not len(rows):
            return None
        if not self.pace.allows(self.shortlist.offer, now):
            self._idle_until = now + self.pace.patience_s()
            self.budget.skip(now)
            self.shortlist.clear()
            return None
        self.pace.spend(self.shortlist.offer)
        self.table.not_before[rows] = np.inf
        chosen = rows.tolist()
        if self.shortlist.urgent:
            self.shortlist.urgent.difference_update(chosen)
        self.budget.spend(now)
        skus = self.table.skus
        return Batch(retailer=self.retailer, skus=tuple([skus[row] for row in chosen]))

    def ask(self, row: int, now: float) -> None:
        """Put a product first, because a person asked."""
        t, gap_s = self.table, self.budget.limits.min_gap_s
        if t.not_before[row] == np.inf:
            return  # it is being checked
        soonest = now + gap_s if t.silent[row] else max(now, float(t.last[row]) + gap_s * bool(t.known[row]))
        t.not_before[row] = min(float(t.not_before[row]), soonest)
        t.urgent[row] = t.urgent[row] or ASKED
        self._idle_until = -np.inf
        t.note_plain(row)
        self.shortlist.urgent.add(row)

    def _housekeeping(self, now: float) -> None:
        self.families.close_episodes(now)
        self.doubt.fade(now - self._doubt_faded_at)
        self._doubt_faded_at = now
        if abs(self.budget.usual_rate / self._rate_of_stretch - 1) > RATE_CHANGE:
            self.fit_intervals()
        self.shortlist.clear()

    def opens_at(self, now: float) -> float | None:
        """Return when there may be something to hand out again; exact while the budget is open."""
        if not self.table.skus:
            return None
        opens_at = self.budget.opens_at()
        if opens_at is None:
            return None
        opens_at = max(opens_at, self._idle_until)
        if opens_at > now:
            return opens_at
        first = float(self.table.not_before.min())
        return None if first == np.inf else first

    # ---- taking back ------------------------------------------------------------------------------

    def put_back(self, batch: Batch, outcomes: Mapping[str, Outcome], now: float, *, refused: bool) -> None:
        rows = self.table.rows_of(batch.skus)
        if refused:
            self._free(rows, now, 0.0)
            self._still_urgent(rows)
            return
        said = [outcomes.get(sku) for sku in batch.skus]
        if said.count(Outcome.OUT_OF_STOCK) == len(rows) == len(said) and self.table.plain[rows].all():
            self._still_out(rows, now)
            return
        self._idle_until = -np.inf
        watched = self.table.row
        codes = np.array(
            [
                CODES.get(outcome, UNKNOWN)
                for sku, outcome in zip(batch.skus, said, strict=True)
                if sku in watched
            ],
            np.int8,
        )
        silent = codes >= UNKNOWN
        self._no_verdict(rows[silent], now)
        rows, codes = rows[~silent], codes[~silent]
        quiet = self.table.plain[rows] & (codes == OUT)
        self._still_out(rows[quiet], now)
        for row, says_in in zip(rows[~quiet].tolist(), (codes[~quiet] == IN).tolist(), strict=True):
            self._verdict(row, now, says_in=says_in)
        self._free(rows[~quiet], now, self.budget.limits.min_gap_s)
        self._still_urgent(rows)

    def _still_urgent(self, rows: Rows) -> None:
        self.shortlist.urgent.update(rows[self.table.urgent[rows] > 0].tolist())

    def _free(self, rows: Rows, now: float, gap_s: float) -> None:
        self.table.not_before[rows] = now + gap_s

    def _still_out(self, rows: Rows, now: float) -> None:
        t = self.table
        self.learning.nothing_new(rows, now - t.last[rows])
        self.doubt.looked(len(rows), 0)
        t.last[rows] = now
        self._free(rows, now, self.budget.limits.min_gap_s)

    def _no_verdict(self, rows: Rows, now: float) -> None:
        """Look again soon, then less and less often: a product nobody understands must not eat the budget."""
        t = self.table
        t.silent[rows] = np.minimum(t.silent[rows] + 1, 250)
        doublings = np.minimum(t.silent[rows], MOST_DOUBLINGS).astype(float)
        wait = max(self.budget.limits.min_gap_s, 1.0) * 2.0**doublings
        t.not_before[rows] = now + np.maximum(np.minimum(wait, t.limit[rows]), self.budget.limits.min_gap_s)
        t.urgent[rows[t.urgent[rows] == ASKED]] = 0
        t.note_plain(rows)
        self._still_urgent(rows)

    def _verdict(self, row: int, now: float, *, says_in: bool) -> None:
        t = self.table
        believed, gap_s = bool(t.in_stock[row]), now - float(t.last[row])
        was_doubted = bool(t.urgent[row] == DOUBTFUL)
        if t.known[row]:
            self.doubt.looked(int(not believed), int(believed))
        if self._believe(row, gap_s, now, says_in=says_in):
            self._changed(row, float(t.doubted_s[row]) if was_doubted else gap_s, now, into_stock=says_in)
        elif believed:
            self._stayed_in(row, gap_s, was_doubted=was_doubted)
        elif t.known[row]:
            self.learning.nothing_new(np.array([row]), np.array([gap_s]))
        if t.urgent[row] == DOUBTFUL and not was_doubted:
            t.doubted_s[row] = gap_s
        t.looks_in[row] = min(int(t.looks_in[row]) + 1, 2) if says_in else 0
        t.last[row], t.silent[row] = now, 0
        t.note_plain(row)

    def _stayed_in(self, row: int, gap_s: float, *, was_doubted: bool) -> None:
        """Learn a time in stock, once it is sure that it was one."""
        if self.table.urgent[row] != DOUBTFUL:
            doubted_s = float(self.table.doubted_s[row]) if was_doubted else 0.0
            self.learning.stayed_in(row, gap_s + doubted_s)

    def _believe(self, row: int, gap_s: float, now: float, *, says_in: bool) -> bool:
        """Say whether an answer changes what is believed; doubt it, clear a doubt, or ask once more."""
        t = self.table
        believed, before = bool(t.in_stock[row]), float(t.odds[row])
        if t.urgent[row] == DOUBTFUL:
            odds = self.doubt.further_odds(before, in_stock=believed, says_in=says_in)
        elif says_in == believed:
            t.urgent[row] = 0
            return not t.known[row]
        else:
            odds = self.doubt.odds(self._expected(row, gap_s, now), in_stock=believed)
        t.odds[row], t.urgent[row] = odds, DOUBTFUL
        real, gone = probability(odds), self._gone_after(row, 1 / self.budget.usual_rate)
        if says_in != believed and real >= (SELLOUT_BELIEVED if believed else restock_believed(gone)):
            t.urgent[row] = 0
            return True
        if real < DISMISSED and says_in == believed:
            t.urgent[row] = 0
            if believed:
                self.doubt.was_wrong(in_stock=True)
            else:
                self.doubt.may_have_been_wrong(before, self._gone_after(row, gap_s))
        return False

    def _gone_after(self, row: int, seconds: float) -> float:
        """Return the chance that a restock is over after ``seconds``."""
        return float(-np.expm1(-seconds / self.table.mean_in[row]))

    def _expected(self, row: int, gap_s: float, now: float) -> float:
        """Return the chance that the state changed since the last look."""
        t = self.table
        if not t.known[row]:
            return FIRST_IN_STOCK
        if t.in_stock[row]:
            return self._gone_after(row, gap_s)
        one, mean = np.array([row]), float(t.mean_in[row])
        family = t.family[one]
        warm_s = min(gap_s, now - float(self.families.heated_at[family[0]]))
        alone = float(self.learning.rate_now(one)[0]) * mean * self._gone_after(row, gap_s)
        followed = float(self.families.heat_at(family, now)[0]) * mean * self._gone_after(row, warm_s)
        together = PULSE_CAUTION * float(self.families.pulse_at(family, t.last[one])[0])
        return alone + followed + together

    def _changed(self, row: int, gap_s: float, now: float, *, into_stock: bool) -> None:
        t = self.table
        watched = bool(t.known[row]) and gap_s < UNWATCHED_S
        was_in = bool(t.in_stock[row])
        t.known[row], t.in_stock[row] = True, into_stock
        if watched and into_stock:
            self.learning.restocked(row, now)
        elif watched and was_in:
            self.learning.sold_out(row, gap_s)
            if t.looks_in[row] == 1 and now - t.since[row] < BLIP * t.mean_in[row]:
                self.learning.was_none(row)
                self.doubt.was_wrong(in_stock=False)
        t.since[row] = now
