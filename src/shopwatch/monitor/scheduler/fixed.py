"""The plain pacing: every product at its own check_frequency, the most overdue first, nothing learnt."""

import heapq
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, tzinfo
from typing import Any

from shopwatch.monitor.scheduler import words
from shopwatch.monitor.scheduler.budget import Budget
from shopwatch.monitor.scheduler.interface import Assignment, Batch, HostLimits, Key, Outcome, Plan
from shopwatch.monitor.scheduler.steady import SteadyTime

SLOWEST_RETRY_S = 300.0
MOST_DOUBLINGS = 10
VERSION = 1

_Entry = tuple[float, float, int, str]  # due, minus the value, turn, sku


@dataclass(slots=True)
class _Turn:
    """A product's place in the queue; ``number`` tells its live heap entry from outdated ones."""

    assignment: Assignment
    due_at: float
    number: int = 0
    in_flight: bool = False
    silent: int = 0  # checks without an answer in a row
    last_at: float | None = None


@dataclass(slots=True)
class _Lane:
    """One retailer's queue."""

    budget: Budget
    turns: dict[str, _Turn] = field(default_factory=dict)
    heap: list[_Entry] = field(default_factory=list)
    asked: dict[str, None] = field(default_factory=dict)  # SKUs a person wants looked at first, in order
    pushed: int = 0
    wanted_per_s: float = 0.0  # looks at products, if every check_frequency were honoured

    def push(self, sku: str, turn: _Turn) -> None:
        self.pushed += 1
        turn.number = self.pushed
        heapq.heappush(self.heap, (turn.due_at, -turn.assignment.value, turn.number, sku))
        if len(self.heap) > 2 * len(self.turns) + 64:  # else every hot reload would leave its entries behind
            self.heap = [entry for entry in self.heap if self._is_live(entry)]
            heapq.heapify(self.heap)

    def _is_live(self, entry: _Entry) -> bool:
        turn = self.turns.get(entry[3])
        return turn is not None and turn.number == entry[2] and not turn.in_flight

    def first_due(self) -> float | None:
        """Return the due time of the first live entry, dropping outdated ones on the way."""
        while self.heap and not self._is_live(self.heap[0]):
            heapq.heappop(self.heap)
        return self.heap[0][0] if self.heap else None


class FixedScheduler:
    """A heap of turns per retailer: O(log n) for a check. Equally overdue, the dearer product goes first."""

    def __init__(self, *, timezone: tzinfo = UTC) -> None:
        self._zone = timezone
        self._time = SteadyTime()
        self._lanes: dict[str, _Lane] = {}
        self._remembered: dict[Key, float] = {}  # when restored products were last checked

    def replace(self, assignments: Iterable[Assignment], now: float) -> None:
        steady = self._time.tell(now)
        wanted: dict[str, dict[str, Assignment]] = {}
        for assignment in assignments:
            wanted.setdefault(assignment.key[0], {})[assignment.key[1]] = assignment
        for retailer in wanted.keys() | self._lanes.keys():
            self._replace(self._lane(retailer, steady), wanted.get(retailer, {}), steady)

    def _replace(self, lane: _Lane, wanted: Mapping[str, Assignment], now: float) -> None:
        for sku in lane.turns.keys() - wanted.keys():
            del lane.turns[sku]
            lane.asked.pop(sku, None)
        for sku, assignment in wanted.items():
            turn = lane.turns.get(sku)
            if turn is None:
                last_at = self._remembered.pop(assignment.key, None)
                turn = lane.turns[sku] = _Turn(assignment, now, last_at=last_at)
            turn.assignment = assignment
            if turn.last_at is not None and not turn.silent:
                turn.due_at = turn.last_at + assignment.max_interval_s
            if not turn.in_flight:
                lane.push(sku, turn)
        lane.wanted_per_s = sum(1 / turn.assignment.max_interval_s for turn in lane.turns.values())

    def limits(self, retailer: str, limits: HostLimits, now: float) -> None:
        even = replace(
            limits, peak_requests_per_s=None
        )  # it looks when it is time, not when it is worth much
        self._lane(retailer, self._time.tell(now)).budget.set_limits(even)

    def take_due(self, now: float) -> list[Batch]:
        steady = self._time.tell(now)
        batches: list[Batch] = []
        for retailer, lane in self._lanes.items():
            while lane.budget.is_open(steady) and (skus := self._pop(lane, steady)):
                lane.budget.spend(steady)
                batches.append(Batch(retailer=retailer, skus=skus))
        return batches

    def _pop(self, lane: _Lane, now: float) -> tuple[str, ...]:
        most = lane.budget.limits.batch_size
        skus = [sku for sku in lane.asked if lane.turns[sku].due_at <= now][:most]
        for sku in skus:
            del lane.asked[sku]
            lane.turns[sku].in_flight = True
        while len(skus) < most and (due_at := lane.first_due()) is not None and due_at <= now:
            sku = heapq.heappop(lane.heap)[3]
            lane.turns[sku].in_flight = True
            skus.append(sku)
        return tuple(skus)

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
        answered = not refused
        if batch.skus:
            answered = any(outcomes.get(sku, Outcome.UNKNOWN) is not Outcome.FAILED for sku in batch.skus)
        lane.budget.came_back(steady, answered=answered, refused=refused, retry_after_s=retry_after_s)
        for sku in batch.skus:
            turn = lane.turns.get(sku)
            if turn is not None and turn.in_flight:
                outcome = None if refused else outcomes.get(sku, Outcome.UNKNOWN)
                self._put_back(lane, sku, outcome, steady)

    def _put_back(self, lane: _Lane, sku: str, outcome: Outcome | None, now: float) -> None:
        """Queue a product again; ``None``: its host refused, which says nothing about the product."""
        turn = lane.turns[sku]
        interval = max(turn.assignment.max_interval_s, lane.budget.limits.min_gap_s)
        turn.in_flight = False
        if outcome is None:
            lane.push(sku, turn)
            return
        if outcome is Outcome.FAILED:
            turn.silent += 1
            longer = interval * 2.0 ** min(turn.silent, MOST_DOUBLINGS)
            turn.due_at = now + min(longer, max(interval, SLOWEST_RETRY_S))
        else:
            turn.silent, turn.last_at, turn.due_at = 0, now, now + interval
        lane.push(sku, turn)

    def doubtful(self, key: Key, now: float) -> bool:
        """Never: nothing is learnt, so no answer is more surprising than another."""
        return False

    def check_now(self, key: Key, now: float) -> None:
        steady = self._time.tell(now)
        lane = self._lane(key[0], steady)
        turn = lane.turns.get(key[1])
        if turn is None or turn.in_flight:
            return
        gap = lane.budget.limits.min_gap_s
        turn.due_at = steady if turn.last_at is None else max(turn.last_at + gap, min(steady, turn.due_at))
        lane.asked[key[1]] = None
        lane.push(key[1], turn)

    def pause(self, retailer: str, until: float) -> None:
        steady = until + self._time.behind_s
        self._lane(retailer, steady).budget.paused_until = steady

    def seconds_until_due(self, now: float) -> float | None:
        steady = self._time.tell(now)
        times = [
            max(due_at, opens_at)
            for lane in self._lanes.values()
            if (due_at := lane.first_due()) is not None and (opens_at := lane.budget.opens_at()) is not None
        ]
        return max(0.0, min(times) - steady) if times else None

    def plan(self, key: Key, now: float) -> Plan:
        steady = self._time.tell(now)
        lane = self._lanes[key[0]]
        turn = lane.turns[key[1]]
        due_at = max(steady, turn.due_at, lane.budget.silent_until())
        return Plan(self._time.told(due_at), self._why(lane, turn, steady))

    def _why(self, lane: _Lane, turn: _Turn, now: float) -> str:
        if turn.in_flight:
            return words.IN_FLIGHT
        if lane.budget.silent_until() > now:
            return words.paused(self._time.told(lane.budget.silent_until()), self._zone)
        if turn.assignment.key[1] in lane.asked:
            return words.ASKED
        if turn.silent:
            return words.failed(turn.silent)
        if turn.last_at is None:
            return words.NEVER_CHECKED
        return words.WAITING if turn.due_at < now else words.every(turn.assignment.max_interval_s, 1.0)

    def stretch(self, retailer: str) -> float:
        lane = self._lanes.get(retailer)
        if lane is None:
            return 1.0
        return max(1.0, lane.wanted_per_s / (lane.budget.usual_rate * lane.budget.limits.batch_size))

    def save(self) -> dict[str, Any]:
        checked = [
            [retailer, sku, round(self._time.told(turn.last_at), 3)]
            for retailer, lane in self._lanes.items()
            for sku, turn in lane.turns.items()
            if turn.last_at is not None
        ]
        return {"version": VERSION, "pacing": "fixed", "checked": checked}

    def restore(self, state: Mapping[str, Any], now: float) -> None:
        if state.get("pacing") == "adaptive":
            return  # what the other pacing learnt is of no use here
        if state.get("version") != VERSION or state.get("pacing") != "fixed":
            raise ValueError(f"the saved scheduler state has version {state.get('version')!r}, not {VERSION}")
        try:
            checked = [(str(retailer), str(sku), float(at)) for retailer, sku, at in state["checked"]]
        except (KeyError, TypeError, ValueError) as error:
            raise ValueError(f"the saved scheduler state cannot be read: {error!r}") from error
        steady = self._time.tell(now)
        for retailer, sku, last_at in checked:
            at = min(last_at + self._time.behind_s, steady)
            lane = self._lanes.get(retailer)
            if lane is None or sku not in lane.turns:
                self._remembered[retailer, sku] = at
                continue
            turn = lane.turns[sku]
            turn.last_at, turn.due_at = at, at + turn.assignment.max_interval_s
            lane.push(sku, turn)

    def _lane(self, retailer: str, now: float) -> _Lane:
        lane = self._lanes.get(retailer)
        if lane is None:
            lane = self._lanes[retailer] = _Lane(Budget(HostLimits(), now))
        return lane
