"""The learning pacing: the next request carries what is worth most now, by what was learnt."""

from collections.abc import Iterable, Mapping
from datetime import UTC, tzinfo
from typing import Any

from shopwatch.monitor.scheduler import state as states
from shopwatch.monitor.scheduler.attic import Attic
from shopwatch.monitor.scheduler.interface import Assignment, Batch, HostLimits, Key, Outcome, Plan
from shopwatch.monitor.scheduler.lane import Lane
from shopwatch.monitor.scheduler.reasons import plan_of
from shopwatch.monitor.scheduler.steady import SteadyTime
from shopwatch.monitor.scheduler.table import DOUBTFUL


class AdaptiveScheduler:
    """One lane per retailer; they share nothing but the time."""

    def __init__(self, *, timezone: tzinfo = UTC) -> None:
        self._zone = timezone
        self._time = SteadyTime()
        self._lanes: dict[str, Lane] = {}
        self._attics: dict[str, Attic] = {}

    def replace(self, assignments: Iterable[Assignment], now: float) -> None:
        steady = self._time.tell(now)
        wanted: dict[str, dict[str, Assignment]] = {}
        for assignment in assignments:
            wanted.setdefault(assignment.key[0], {})[assignment.key[1]] = assignment
        for retailer in wanted.keys() | self._lanes.keys():
            lane = self._lane(retailer, steady)
            attic, keep = self._attics[retailer], wanted.get(retailer, {})
            attic.put_away(lane, lane.table.row.keys() - keep.keys(), self._time, steady)
            fresh = lane.watch(list(keep.values()), steady, now)
            attic.fetch(lane, fresh, self._time, steady)
            lane.learning.fit(steady, now)

    def limits(self, retailer: str, limits: HostLimits, now: float) -> None:
        self._lane(retailer, self._time.tell(now)).set_limits(limits)

    def take_due(self, now: float) -> list[Batch]:
        steady = self._time.tell(now)
        batches: list[Batch] = []
        for lane in self._lanes.values():
            while (batch := lane.take(steady, now)) is not None:
                batches.append(batch)
        return batches

    def done(
        self,
        batch: Batch,
        outcomes: Mapping[str, Outcome],
        now: float,
        *,
        refused: bool = False,
        retry_after_s: float | None = None,
    ) -> None:
        steady = self._time.tell(now)
        lane = self._lane(batch.retailer, steady)
        answered = not refused and any(
            outcomes.get(sku, Outcome.UNKNOWN) is not Outcome.FAILED for sku in batch.skus
        )
        lane.budget.came_back(steady, answered=answered, refused=refused, retry_after_s=retry_after_s)
        lane.put_back(batch, outcomes, steady, refused=refused)

    def doubtful(self, key: Key, now: float) -> bool:
        lane = self._lanes.get(key[0])
        row = lane.table.row.get(key[1]) if lane else None
        return lane is not None and row is not None and bool(lane.table.urgent[row] == DOUBTFUL)

    def check_now(self, key: Key, now: float) -> None:
        lane = self._lanes.get(key[0])
        row = lane.table.row.get(key[1]) if lane else None
        if lane is None or row is None:
            return
        lane.ask(row, self._time.tell(now))

    def pause(self, retailer: str, until: float) -> None:
        steady = until + self._time.behind_s
        self._lane(retailer, steady).budget.paused_until = steady

    def seconds_until_due(self, now: float) -> float | None:
        steady = self._time.tell(now)
        times = [at for lane in self._lanes.values() if (at := lane.opens_at(steady)) is not None]
        return max(0.0, min(times) - steady) if times else None

    def plan(self, key: Key, now: float) -> Plan:
        lane = self._lanes[key[0]]
        return plan_of(lane, lane.table.row[key[1]], self._time, self._time.tell(now), self._zone)

    def stretch(self, retailer: str) -> float:
        lane = self._lanes.get(retailer)
        return lane.stretch if lane else 1.0

    def save(self) -> dict[str, Any]:
        return states.save(self._lanes, self._attics, self._time)

    def restore(self, state: Mapping[str, Any], now: float) -> None:
        steady = self._time.tell(now)
        for retailer, saved in states.read(state).items():
            lane = self._lane(retailer, steady)
            states.restore(lane, saved, self._attics[retailer], self._time, steady)
            lane.learning.fit(steady, now)

    def _lane(self, retailer: str, now: float) -> Lane:
        lane = self._lanes.get(retailer)
        if lane is None:
            lane = self._lanes[retailer] = Lane(retailer, now, self._zone)
            self._attics[retailer] = Attic()
        return lane
