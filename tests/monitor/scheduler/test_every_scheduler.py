"""Promises that hold for every scheduler, whatever a monitor and a host do."""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shopwatch.monitor.scheduler.adaptive import AdaptiveScheduler
from shopwatch.monitor.scheduler.fixed import FixedScheduler
from shopwatch.monitor.scheduler.interface import Assignment, Batch, HostLimits, Key, Outcome, Scheduler

NOON = 1_790_000_000.0
MakeScheduler = Callable[[], Scheduler]
SCHEDULERS: list[MakeScheduler] = [FixedScheduler, AdaptiveScheduler]
every_scheduler = pytest.mark.parametrize("make", SCHEDULERS, ids=lambda make: make.__name__)


def watches(count: int, *, retailer: str = "target", interval: float = 30.0) -> list[Assignment]:
    return [Assignment(key=(retailer, str(number)), max_interval_s=interval) for number in range(count)]


@dataclass
class Host:
    """Answers every batch at once, and remembers when each product was looked at."""

    scheduler: Scheduler
    now: float = NOON
    looks: dict[Key, list[float]] = field(default_factory=dict)
    batches: list[tuple[float, Batch]] = field(default_factory=list)

    def run(self, seconds: float, *, outcome: Outcome = Outcome.OUT_OF_STOCK, wait: float = 0.0) -> None:
        end = self.now + seconds
        while self.now < end:
            for batch in self.scheduler.take_due(self.now):
                self.batches.append((self.now, batch))
                for sku in batch.skus:
                    self.looks.setdefault((batch.retailer, sku), []).append(self.now)
                outcomes = dict.fromkeys(batch.skus, outcome)
                self.now += wait
                self.scheduler.done(batch, outcomes, self.now)
            due_in = self.scheduler.seconds_until_due(self.now)
            self.now = end if due_in is None else min(end, self.now + max(due_in, 1e-3))


def started(
    make: MakeScheduler, assignments: Iterable[Assignment], *, retailer: str = "target", **limits: float
) -> Host:
    scheduler = make()
    scheduler.limits(retailer, HostLimits(**limits), NOON)  # type: ignore[arg-type] # counts are given as int
    scheduler.replace(assignments, NOON)
    return Host(scheduler)


@every_scheduler
def test_everything_is_looked_at_once_right_after_the_start(make: MakeScheduler) -> None:
    host = started(make, watches(50), batch_size=30, requests_per_s=10.0, max_in_flight=2)
    host.run(0.5)
    assert len(host.looks) == 50


@every_scheduler
def test_nothing_to_watch_is_nothing_to_do(make: MakeScheduler) -> None:
    scheduler = make()
    assert scheduler.take_due(NOON) == []
    assert scheduler.seconds_until_due(NOON) is None


@every_scheduler
@settings(max_examples=12, deadline=None)
@given(
    intervals=st.lists(st.floats(2.0, 90.0), min_size=1, max_size=30),
    batch_size=st.integers(1, 10),
    rate=st.floats(0.1, 2.0),
)
def test_no_product_waits_longer_than_its_stretched_interval(
    make: MakeScheduler, intervals: list[float], batch_size: int, rate: float
) -> None:
    assignments = [Assignment(key=("target", str(n)), max_interval_s=s) for n, s in enumerate(intervals)]
    host = started(make, assignments, batch_size=batch_size, requests_per_s=rate, min_gap_s=0.5)
    host.run(300.0)
    stretch = host.scheduler.stretch("target")
    for assignment in assignments:
        looks = host.looks[assignment.key]
        longest = max((later - earlier for earlier, later in pairwise(looks)), default=0)
        # a request goes only every 1/rate s and the others may be due at the same moment
        slack = (len(intervals) / batch_size + 1) / rate
        assert longest <= assignment.max_interval_s * stretch + slack + 1e-3


@every_scheduler
@settings(max_examples=15, deadline=None)
@given(
    count=st.integers(1, 40),
    min_gap=st.floats(0.5, 20.0),
    outcome=st.sampled_from(list(Outcome)),
    wait=st.floats(0.0, 3.0),
)
def test_no_product_is_looked_at_sooner_than_the_shortest_interval(
    make: MakeScheduler, count: int, min_gap: float, outcome: Outcome, wait: float
) -> None:
    host = started(make, watches(count, interval=5.0), batch_size=7, requests_per_s=4.0, min_gap_s=min_gap)
    host.run(45.0, outcome=outcome, wait=wait)
    gaps = [b - a for looks in host.looks.values() for a, b in pairwise(looks)]
    assert min(gaps, default=min_gap) >= min_gap - 1e-6


@every_scheduler
@settings(max_examples=15, deadline=None)
@given(rate=st.floats(0.05, 30.0), count=st.integers(1, 80), batch_size=st.integers(1, 30))
def test_the_budget_of_a_host_is_never_exceeded(
    make: MakeScheduler, rate: float, count: int, batch_size: int
) -> None:
    host = started(
        make,
        watches(count, interval=1.0),
        batch_size=batch_size,
        requests_per_s=rate,
        min_gap_s=0.1,
        max_in_flight=50,
    )
    host.run(10.0)
    elapsed = host.batches[-1][0] - NOON
    assert len(host.batches) <= elapsed * rate + 2 + 0.25 * rate
    assert all(len(batch.skus) <= batch_size for _, batch in host.batches)


@every_scheduler
def test_a_peak_adds_no_request_to_what_is_allowed_over_the_day(make: MakeScheduler) -> None:
    host = started(make, watches(20, interval=1.0), requests_per_s=0.5, peak_requests_per_s=2.0)
    host.run(300.0)
    assert 20 <= len(host.batches) <= 0.5 * 300.0 + 2


@every_scheduler
def test_a_batch_holds_products_of_one_retailer_each_at_most_once(make: MakeScheduler) -> None:
    host = started(make, watches(40) + watches(40, retailer="walmart"), batch_size=15, requests_per_s=9.0)
    host.run(30.0)
    for _, batch in host.batches:
        assert len(set(batch.skus)) == len(batch.skus) > 0
    assert {batch.retailer for _, batch in host.batches} == {"target", "walmart"}


@every_scheduler
def test_what_is_out_is_not_handed_out_again_until_it_is_back(make: MakeScheduler) -> None:
    host = started(make, watches(10), batch_size=10, requests_per_s=10.0, max_in_flight=3)
    (batch,) = host.scheduler.take_due(NOON)
    assert host.scheduler.take_due(NOON + 500.0) == []
    assert host.scheduler.seconds_until_due(NOON + 500.0) is None
    host.scheduler.done(batch, dict.fromkeys(batch.skus, Outcome.OUT_OF_STOCK), NOON + 501.0)
    assert len(host.scheduler.take_due(NOON + 531.0)[0].skus) == 10


@every_scheduler
def test_no_more_batches_are_out_than_allowed(make: MakeScheduler) -> None:
    host = started(make, watches(10), batch_size=1, requests_per_s=100.0, max_in_flight=3)
    out = [batch for step in range(10) for batch in host.scheduler.take_due(NOON + step)]
    assert len(out) == 3


@every_scheduler
def test_a_paused_retailer_is_asked_nothing_and_the_others_go_on(make: MakeScheduler) -> None:
    host = started(make, watches(5) + watches(5, retailer="walmart"), requests_per_s=5.0, batch_size=5)
    host.scheduler.pause("target", NOON + 100.0)
    host.run(99.0)
    assert {batch.retailer for _, batch in host.batches} == {"walmart"}
    assert "paused until" in host.scheduler.plan(("target", "0"), host.now - 2).why
    host.run(10.0)
    assert {batch.retailer for _, batch in host.batches} == {"walmart", "target"}


@every_scheduler
def test_a_pause_ends_early_when_the_person_says_so(make: MakeScheduler) -> None:
    host = started(make, watches(5), batch_size=5)
    host.scheduler.pause("target", NOON + 1000.0)
    assert host.scheduler.seconds_until_due(NOON) == pytest.approx(1000.0)
    host.scheduler.pause("target", NOON)
    assert host.scheduler.seconds_until_due(NOON) == 0.0


@every_scheduler
def test_retry_after_is_obeyed_and_the_rate_falls(make: MakeScheduler) -> None:
    host = started(make, watches(50), batch_size=5, requests_per_s=2.0)
    (batch,) = host.scheduler.take_due(NOON)
    host.scheduler.done(batch, {}, NOON + 0.1, refused=True, retry_after_s=60.0)
    assert host.scheduler.seconds_until_due(NOON + 1.0) == pytest.approx(59.1, abs=0.01)
    assert host.scheduler.take_due(NOON + 60.0) == []
    assert host.scheduler.take_due(NOON + 60.2) != []
    assert host.scheduler.seconds_until_due(NOON + 60.2) is None


@every_scheduler
def test_a_host_that_does_not_answer_is_left_alone_longer_and_longer(make: MakeScheduler) -> None:
    host = started(make, watches(20), batch_size=5, requests_per_s=2.0)
    host.run(3600.0, outcome=Outcome.FAILED)
    times = [at for at, _ in host.batches]
    assert times[-1] - times[-2] >= 60.0
    assert len(times) < 60


@every_scheduler
def test_the_products_come_back_soon_after_an_outage(make: MakeScheduler) -> None:
    host = started(make, watches(20), batch_size=20, requests_per_s=2.0)
    host.run(600.0, outcome=Outcome.FAILED)
    host.run(700.0)
    recent = [looks for looks in host.looks.values() if looks[-1] > host.now - 40.0]
    assert len(recent) == 20


@every_scheduler
def test_a_person_asking_comes_first(make: MakeScheduler) -> None:
    host = started(make, watches(50, interval=600.0), batch_size=1, requests_per_s=1.0)
    host.run(100.0)
    host.scheduler.check_now(("target", "37"), host.now)
    assert host.scheduler.plan(("target", "37"), host.now).why == "you asked for it"
    count = len(host.batches)
    host.run(1.5)
    assert host.batches[count][1].skus == ("37",)


@every_scheduler
def test_asking_for_what_nobody_watches_changes_nothing(make: MakeScheduler) -> None:
    scheduler = make()
    scheduler.check_now(("target", "37"), NOON)
    assert scheduler.seconds_until_due(NOON) is None
    with pytest.raises(KeyError):
        scheduler.plan(("target", "37"), NOON)


@every_scheduler
def test_a_removed_product_is_not_looked_at_again_even_if_it_was_out(make: MakeScheduler) -> None:
    host = started(make, watches(3), batch_size=3)
    (batch,) = host.scheduler.take_due(NOON)
    host.scheduler.replace(watches(2), NOON)
    host.scheduler.done(batch, dict.fromkeys(batch.skus, Outcome.OUT_OF_STOCK), NOON)
    host.now = NOON + 5.0
    host.run(100.0)
    assert set(host.looks) == {("target", "0"), ("target", "1")}


@every_scheduler
def test_a_hot_reload_keeps_when_a_product_was_last_looked_at(make: MakeScheduler) -> None:
    host = started(make, watches(2, interval=300.0), batch_size=2, min_gap_s=100.0)
    host.run(1.0)
    host.scheduler.replace(watches(3, interval=300.0), host.now)
    (batch,) = host.scheduler.take_due(host.now)
    assert batch.skus == ("2",)


@every_scheduler
def test_a_shorter_check_frequency_holds_from_now_on(make: MakeScheduler) -> None:
    host = started(make, watches(1, interval=3000.0), min_gap_s=5.0)
    host.run(1.0)
    host.scheduler.replace(watches(1, interval=10.0), host.now)
    assert host.scheduler.plan(("target", "0"), host.now).due_at_s <= host.now + 10.0


@every_scheduler
@settings(max_examples=10, deadline=None)
@given(jump=st.floats(1.0, 1e7))
def test_a_clock_that_jumps_back_delays_nothing(make: MakeScheduler, jump: float) -> None:
    host = started(make, watches(20), batch_size=20, requests_per_s=1.0)
    host.run(50.0)
    host.now -= jump
    host.looks.clear()
    before = host.now
    host.run(31.0)
    assert len(host.looks) == 20
    assert host.scheduler.plan(("target", "0"), host.now).due_at_s <= before + 100.0


@every_scheduler
def test_a_machine_that_slept_looks_at_everything_without_a_burst(make: MakeScheduler) -> None:
    host = started(make, watches(40), batch_size=5, requests_per_s=1.0)
    host.run(60.0)
    host.now += 8 * 3600.0
    count = len(host.batches)
    host.run(10.0)
    assert 8 <= len(host.batches) - count <= 11


@every_scheduler
def test_intervals_are_as_asked_while_the_budget_holds_and_stretched_when_not(make: MakeScheduler) -> None:
    assert started(make, watches(10, interval=10.0), batch_size=10).scheduler.stretch("target") == 1.0
    many = started(make, watches(600, interval=10.0), batch_size=10, requests_per_s=1.0)
    many.scheduler.take_due(NOON)
    assert many.scheduler.stretch("target") >= 6.0
    assert many.scheduler.stretch("nowhere") == 1.0


@every_scheduler
def test_every_plan_has_words_and_a_time(make: MakeScheduler) -> None:
    host = started(make, watches(30), batch_size=5, requests_per_s=0.5)
    host.run(20.0)
    host.scheduler.take_due(host.now)
    plans = [host.scheduler.plan(watch.key, host.now) for watch in watches(30)]
    assert all(plan.why and plan.due_at_s >= host.now - 1e-6 for plan in plans)


@every_scheduler
def test_what_was_saved_survives_json_and_a_restart(make: MakeScheduler) -> None:
    host = started(make, watches(30), batch_size=5, requests_per_s=3.0)
    host.run(200.0)
    host.scheduler.seconds_until_due(host.now)
    state = json.loads(json.dumps(host.scheduler.save()))
    for replace_first in (True, False):
        other = make()
        if replace_first:
            other.replace(watches(30), host.now)
        other.restore(state, host.now)
        if not replace_first:
            other.replace(watches(30), host.now)
        assert other.save() == host.scheduler.save()


@every_scheduler
def test_a_restart_does_not_look_at_everything_at_once(make: MakeScheduler) -> None:
    host = started(make, watches(30, interval=600.0), batch_size=30, min_gap_s=60.0)
    host.run(1.0)
    other = make()
    other.limits("target", HostLimits(batch_size=30, min_gap_s=60.0), host.now)
    other.restore(host.scheduler.save(), host.now)
    other.replace(watches(30, interval=600.0), host.now)
    assert other.take_due(host.now) == []


@every_scheduler
@pytest.mark.parametrize("state", [{}, {"version": 99}, {"version": 1, "pacing": "astrology"}])
def test_a_foreign_state_is_refused_in_one_sentence(make: MakeScheduler, state: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="the saved scheduler state"):
        make().restore(state, NOON)


@pytest.mark.parametrize(
    "wrong", [{"max_interval_s": 0.0}, {"max_interval_s": float("inf")}, {"value": -1.0}]
)
def test_an_assignment_without_sense_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="must be above 0"):
        Assignment(key=("target", "1"), **{"max_interval_s": 30.0, **wrong})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "wrong",
    [{"batch_size": 0}, {"requests_per_s": 0.0}, {"max_in_flight": 0}, {"peak_requests_per_s": 0.5}],
)
def test_limits_without_sense_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="must"):
        HostLimits(**wrong)  # type: ignore[arg-type]
