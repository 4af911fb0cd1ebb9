"""When crawls are due."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from shopwatch.domain.errors import Invalid
from shopwatch.supervisor.schedule import Due, check, due, next_after, upcoming

NIGHTLY = "0 4 * * *"
NOON = datetime(2026, 1, 17, 12, 0, tzinfo=UTC)


def at(day: int, hour: int = 4) -> datetime:
    return datetime(2026, 1, day, hour, tzinfo=UTC)


def test_the_next_time_is_after_now_and_in_utc() -> None:
    assert next_after(NIGHTLY, NOON) == at(18)
    assert next_after(NIGHTLY, at(18)) == at(19)
    assert next_after(NIGHTLY, NOON.astimezone(timezone(timedelta(hours=-8)))) == at(18)


def test_upcoming_times_are_told_the_earliest_first() -> None:
    schedules = {"att": NIGHTLY, "verizon": "30 13 * * *", "target": "@weekly"}

    assert upcoming(schedules, NOON) == [
        Due(NOON + timedelta(hours=1, minutes=30), "verizon"),
        Due(at(18, 0), "target"),
        Due(at(18), "att"),
    ]


def test_a_crawl_is_due_when_its_time_has_passed_since_the_last_one() -> None:
    assert due({"att": NIGHTLY}, {"att": at(16, 4)}, NOON, since=NOON) == ["att"]
    assert due({"att": NIGHTLY}, {"att": at(17, 4)}, NOON, since=NOON) == []


def test_missed_runs_are_not_piled_up() -> None:
    """A week of the machine being off is one run, and once it began none is due until the next night."""
    assert due({"att": NIGHTLY}, {"att": at(10)}, NOON, since=NOON) == ["att"]
    assert due({"att": NIGHTLY}, {"att": NOON}, NOON + timedelta(minutes=1), since=NOON) == []


def test_a_retailer_never_crawled_waits_for_its_first_time_after_the_start() -> None:
    assert due({"att": NIGHTLY}, {}, NOON, since=NOON - timedelta(hours=1)) == []
    assert due({"att": NIGHTLY}, {}, at(18), since=NOON) == ["att"]


@pytest.mark.parametrize("expression", [NIGHTLY, "*/15 * * * *", "0 4 * * 1-5", "@daily", "0 0 29 2 *"])
def test_cron_expressions_are_understood(expression: str) -> None:
    check(expression)


@pytest.mark.parametrize(
    "expression", ["", "nightly", "99 * * * *", "0 4 * *", "* * * * * *", "0 0 31 2 *", "@never"]
)
def test_what_is_none_is_refused_by_its_path(expression: str) -> None:
    with pytest.raises(Invalid, match=r"retailers\.att\.schedule .*cron expression"):
        check(expression, "retailers.att.schedule")
