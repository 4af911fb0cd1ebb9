"""Counts, windows, sweep times, and whose details are due."""

from __future__ import annotations

from tests.fakes import START, MemoryObservations
from tests.monitor.looks import IN, OUT, UNKNOWN, at, seen

from shopwatch.monitor.details import DetailsPlan
from shopwatch.monitor.performance import Performance, Sweep, percentile
from shopwatch.monitor.recorder import Recorder
from shopwatch.monitor.tally import Tallies

KEY, OTHER = ("target", "1"), ("target", "2")


def test_tallies_add_up_and_begin_anew() -> None:
    tallies = Tallies()
    tallies.add(KEY, at(1))
    tallies.add(KEY, at(2), unknown=True)
    tallies.add(KEY, at(3), in_stock=True)
    tallies.add(OTHER, at(4))
    one, other = tallies.take()
    assert (one.key, one.checks, one.unknowns, one.in_stock_checks, one.last_checked) == (KEY, 3, 1, 1, at(3))
    assert other.checks == 1
    assert tallies.take() == []


def test_a_sweep_is_the_time_with_a_request_in_flight_until_everything_was_seen() -> None:
    sweep = Sweep()
    sweep.watch(["1", "2", "3"])
    assert not sweep.add(["1"], 10.0, 10.5)
    assert not sweep.add(["2"], 10.2, 10.8)  # side by side with the first
    assert sweep.add(["3"], 60.05, 60.3)  # a long wait between is not in it
    assert round(sweep.last_s, 3) == 1.05
    assert not sweep.add(["3"], 70.0, 70.1)


def test_products_looked_at_more_often_make_no_sweep_longer() -> None:
    sweep = Sweep()
    sweep.watch(["often", "seldom", "other"])
    for second in range(10):
        assert not sweep.add(["often"], second, second + 0.9)
    assert not sweep.add(["often", "other"], 10.0, 10.1)
    assert sweep.add(["seldom"], 11.0, 11.1)
    assert round(sweep.last_s, 3) == 1.1


def test_a_sweep_of_nothing_is_never_complete() -> None:
    assert not Sweep().add(["1"], 0.0, 1.0)


def test_figures_are_of_the_last_minute() -> None:
    performance = Performance()
    performance.watch([KEY, OTHER])
    performance.done("target", ["1"], 100.0, duration_ms=50.0, late=0, failed=False)
    for number in range(10):
        performance.done(
            "target", ["1", "2"], 170.0 + number, duration_ms=10.0 + number, late=1, failed=False
        )
    performance.done("target", ["1"], 180.0, duration_ms=0.0, late=0, failed=True)
    figures = performance.figures(180.0)
    assert (figures["checks"], figures["requests"], figures["failed_requests"]) == (21, 11, 1)
    assert figures["late_checks"] == 10
    assert figures["latency_ms"] == {"p50": 15.0, "p95": 19.0, "p99": 19.0}
    assert figures["checks_per_s"] == 2.1
    assert performance.sweep_s("target") > 0
    assert performance.figures(1000.0)["checks"] == 0


def test_percentiles_of_nothing_are_unknown() -> None:
    assert percentile([], 0.5) is None
    assert percentile([1.0, 2.0, 3.0], 0.99) == 3.0


def test_details_are_paid_for_by_looks_at_stock() -> None:
    plan = DetailsPlan(3600)
    plan.watch([KEY, OTHER], 0.0)
    assert plan.take("target", 0.0) in {"1", "2"}
    assert plan.take("target", 0.0) is None
    for _ in range(4):
        plan.paid("target")
    assert plan.take("target", 0.0) in {"1", "2"}
    for _ in range(8):
        plan.paid("target")
    assert plan.take("target", 1.0) is None, "both were read"
    assert plan.take("target", 3601.0) is not None


def test_what_has_just_changed_has_its_details_read_first_and_failures_wait() -> None:
    plan = DetailsPlan(3600)
    plan.watch([KEY, OTHER], 0.0)
    plan.done(KEY, 0.0)
    plan.done(OTHER, 0.0)
    plan.hurry(OTHER, 10.0)
    assert plan.take("target", 10.0) == "2"
    plan.failed(OTHER, 10.0)
    assert not plan.is_due(OTHER, 100.0)
    assert plan.is_due(OTHER, 310.0)
    plan.watch([OTHER], 400.0)
    plan.hurry(KEY, 400.0)
    assert not plan.is_due(KEY, 10**9), "it is no longer watched"


def test_a_look_counts_as_unknown_only_when_it_told_nothing_at_all() -> None:
    recorder = Recorder(MemoryObservations())
    recorder.count([seen(UNKNOWN), seen(OUT), seen(IN), seen(UNKNOWN, pickup=IN)])
    (tally,) = recorder.tallies.take()
    assert (tally.checks, tally.unknowns, tally.in_stock_checks) == (4, 1, 2)
    assert tally.last_checked == START
