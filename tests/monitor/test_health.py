"""Which words a retailer's health goes through, and what is told on the way."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.fakes import START
from tests.monitor.looks import at

from shopwatch.domain.health import Health, HealthState
from shopwatch.domain.stock_state import AlertKind
from shopwatch.monitor.checker import Answered, Look
from shopwatch.monitor.health import (
    BAD_TO_SLOW,
    GOOD_TO_RECOVER,
    SILENT_TO_ALARM,
    RetailerHealth,
    alert,
)

GOOD, BAD = Look(answered=Answered.READ), Look(answered=Answered.REFUSED, reason="HTTP 429")
SILENT = Look(answered=Answered.SILENT, reason="no verdict: unknown shipping status NEW_WORD")


@pytest.fixture
def ward() -> RetailerHealth:
    return RetailerHealth(Health(retailer="target", state=HealthState.WORKING, since=START))


def tick(
    ward: RetailerHealth, *looks: Look, seconds: float = 1, watched: int = 5, **more: float
) -> HealthState:
    for look in looks:
        ward.came_back(look)
    stretch, sweep_s = more.get("stretch", 1.0), more.get("sweep_s", 0.1)
    ward.tick(at(seconds), watched=watched, stretch=stretch, sweep_s=sweep_s)
    return ward.health.state


def test_one_refusal_is_no_state_but_three_in_a_row_are(ward: RetailerHealth) -> None:
    assert tick(ward, *[BAD] * (BAD_TO_SLOW - 1), GOOD, BAD) is HealthState.WORKING
    assert tick(ward, *[BAD] * (BAD_TO_SLOW - 1)) is HealthState.SLOWED
    assert ward.health.reason == "HTTP 429"


def test_it_takes_some_good_answers_to_recover(ward: RetailerHealth) -> None:
    assert tick(ward, *[BAD] * BAD_TO_SLOW) is HealthState.SLOWED
    assert tick(ward, *[GOOD] * (GOOD_TO_RECOVER - 1)) is HealthState.SLOWED
    assert tick(ward, GOOD) is HealthState.WORKING


def test_answers_without_a_verdict_are_not_understood_and_one_verdict_ends_that(ward: RetailerHealth) -> None:
    assert tick(ward, *[SILENT] * (SILENT_TO_ALARM - 1)) is HealthState.WORKING
    assert tick(ward, SILENT) is HealthState.NOT_UNDERSTOOD
    assert "NEW_WORD" in ward.health.reason
    assert tick(ward, GOOD) is HealthState.WORKING


def test_blocked_lasts_until_the_pause_is_over_and_an_answer_has_come(ward: RetailerHealth) -> None:
    ward.blocked(at(900), "Press & Hold")
    assert tick(ward, GOOD, seconds=10) is HealthState.BLOCKED
    assert "Press & Hold (until 2026-09-01 12:15 UTC)" in ward.health.reason
    ward.came_back(Look(answered=Answered.HELD))
    assert tick(ward, seconds=901) is HealthState.BLOCKED, "nobody has answered yet"
    assert tick(ward, GOOD, seconds=902) is HealthState.WORKING


def test_a_human_ends_a_pause_early(ward: RetailerHealth) -> None:
    ward.blocked(at(900), "a CAPTCHA")
    tick(ward)
    ward.blocked(None)
    assert tick(ward, GOOD, seconds=20) is HealthState.WORKING


def test_late_by_stretched_intervals_with_some_slack_on_the_way_back(
    ward: RetailerHealth,
) -> None:
    assert tick(ward, GOOD, stretch=1.4) is HealthState.WORKING
    assert tick(ward, GOOD, stretch=1.6) is HealthState.LATE
    assert "1.6 times as long as asked" in ward.health.reason
    assert tick(ward, GOOD, stretch=1.4) is HealthState.LATE
    assert tick(ward, GOOD, stretch=1.1) is HealthState.WORKING


def test_nothing_watched_is_idle(ward: RetailerHealth) -> None:
    assert tick(ward, *[BAD] * 5, watched=0) is HealthState.IDLE


def test_a_state_is_entered_once_and_keeps_its_since_when(ward: RetailerHealth) -> None:
    for look in [BAD] * BAD_TO_SLOW:
        ward.came_back(look)
    first = ward.tick(at(5), watched=1, stretch=1.0)
    assert first is not None
    assert first.since == at(5)
    assert ward.tick(at(6), watched=1, stretch=1.0) is None
    assert ward.health.since == at(5)


@pytest.mark.parametrize(
    ("was", "now", "kind"),
    [
        (HealthState.WORKING, HealthState.BLOCKED, AlertKind.HEALTH),
        (HealthState.BLOCKED, HealthState.WORKING, AlertKind.HEALTH),
        (HealthState.SLOWED, HealthState.NOT_UNDERSTOOD, AlertKind.HEALTH),
        (HealthState.WORKING, HealthState.LATE, AlertKind.LATE),
        (HealthState.LATE, HealthState.WORKING, AlertKind.LATE),
        (HealthState.IDLE, HealthState.WORKING, None),
        (HealthState.WORKING, HealthState.IDLE, None),
    ],
)
def test_trouble_is_told_when_it_begins_and_when_it_is_over(
    was: HealthState, now: HealthState, kind: AlertKind | None
) -> None:
    before = Health(retailer="target", state=was, since=START, reason="a CAPTCHA")
    told = alert(before, Health(retailer="target", state=now, since=START + timedelta(seconds=5)))
    assert (told.kind if told else None) is kind
    if told is not None:
        assert told.key == f"health:target:{now}:2026-09-01T12:00:05+00:00"
        assert "a CAPTCHA" in str(told.facts["reason"])


def test_the_end_of_trouble_is_told_as_an_end_and_what_it_was() -> None:
    late = Health(retailer="target", state=HealthState.LATE, since=START, reason="a sweep takes 9 s")
    told = alert(late, Health(retailer="target", state=HealthState.WORKING, since=at(60)))
    assert told is not None
    assert told.facts["text"] == "target works again"
    assert told.facts["reason"] == "late since 12:00 UTC: a sweep takes 9 s"


def test_who_is_asked_for_by_a_challenge_is_told_how_to_end_the_pause() -> None:
    before = Health(retailer="target", state=HealthState.WORKING, since=START)
    told = alert(before, replace(before, state=HealthState.BLOCKED, reason="a CAPTCHA"))
    assert told is not None
    assert "shopwatch unpause target" in str(told.facts["reason"])


def test_one_slow_sweep_is_noise_and_half_a_minute_of_them_is_late(ward: RetailerHealth) -> None:
    assert tick(ward, GOOD, sweep_s=3.1, seconds=0) is HealthState.WORKING
    assert tick(ward, GOOD, sweep_s=0.5, seconds=10) is HealthState.WORKING
    assert tick(ward, GOOD, sweep_s=3.1, seconds=20) is HealthState.WORKING
    assert tick(ward, GOOD, sweep_s=3.1, seconds=50) is HealthState.LATE
    assert "a sweep takes 3.1 s, 3.0 s are wanted" in ward.health.reason


def test_one_quick_sweep_does_not_end_it(ward: RetailerHealth) -> None:
    for seconds in (0, 30):
        tick(ward, GOOD, sweep_s=3.1, seconds=seconds)
    assert tick(ward, GOOD, sweep_s=0.5, seconds=40) is HealthState.LATE
    assert tick(ward, GOOD, sweep_s=3.1, seconds=50) is HealthState.LATE
    assert tick(ward, GOOD, sweep_s=0.5, seconds=60) is HealthState.LATE
    assert tick(ward, GOOD, sweep_s=0.5, seconds=90) is HealthState.WORKING


@pytest.mark.parametrize("state", [HealthState.NOT_UNDERSTOOD, HealthState.LATE])
def test_after_a_restart_trouble_is_over_only_when_an_answer_says_so(state: HealthState) -> None:
    ward = RetailerHealth(Health(retailer="target", state=HealthState.IDLE, since=START))
    ward.resume(Health(retailer="target", state=state, since=START, reason="as the last process saw it"))
    assert tick(ward, seconds=1, sweep_s=0.0) is state, "nothing was asked yet"
    if state is HealthState.NOT_UNDERSTOOD:
        assert tick(ward, SILENT, seconds=2) is state
        assert tick(ward, GOOD, seconds=3) is HealthState.WORKING
    else:
        assert tick(ward, GOOD, seconds=60, sweep_s=0.0) is state, "no sweep is complete yet"
        assert tick(ward, GOOD, seconds=70, sweep_s=0.5) is state
        assert tick(ward, GOOD, seconds=100, sweep_s=0.5) is HealthState.WORKING


@pytest.mark.parametrize("look", [BAD, SILENT])
def test_who_is_watched_again_is_not_in_the_trouble_of_before(ward: RetailerHealth, look: Look) -> None:
    tick(ward, *[look] * SILENT_TO_ALARM)
    assert tick(ward, watched=0) is HealthState.IDLE
    assert tick(ward, seconds=3600) is HealthState.WORKING, "nothing was asked yet"
    assert tick(ward, look, seconds=3601) is HealthState.WORKING


def test_who_is_watched_again_is_not_as_late_as_before(ward: RetailerHealth) -> None:
    tick(ward, GOOD, sweep_s=9.0)
    assert tick(ward, GOOD, sweep_s=9.0, seconds=40) is HealthState.LATE
    assert tick(ward, watched=0, sweep_s=0.0, seconds=50) is HealthState.IDLE
    assert tick(ward, sweep_s=0.0, seconds=3600) is HealthState.WORKING, "nothing was asked yet"
