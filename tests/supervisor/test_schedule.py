"""When crawls are due."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from shopwatch.supervisor.schedule import due

NIGHTLY = "0 4 * * *"
NOON = datetime(2026, 1, 17, 12, 0, tzinfo=UTC)


def at(day: int, hour: int = 4) -> datetime:
    return datetime(2026, 1, day, hour, tzinfo=UTC)


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


def test_a_crawl_that_began_under_a_clock_far_ahead_keeps_none_from_coming_at_its_time() -> None:
    ahead, second = {"att": NOON + timedelta(days=1500)}, timedelta(seconds=1)
    before, on_time, after = at(18) - 5 * second, at(18) + 10 * second, at(18) + 25 * second
    assert due({"att": NIGHTLY}, ahead, before, since=NOON, looked=before - 15 * second) == []
    assert due({"att": NIGHTLY}, ahead, on_time, since=NOON, looked=before) == ["att"]
    assert due({"att": NIGHTLY}, ahead, after, since=NOON, looked=on_time) == [], "it has been started"
    assert due({"att": NIGHTLY}, ahead, on_time, since=NOON, looked=ahead["att"]) == [], "it was just set"


def test_a_schedule_that_names_no_time_keeps_none_of_the_others_waiting() -> None:
    schedules = {"att": "nonsense", "target": "0 0 31 2 *", "verizon": NIGHTLY}
    assert due(schedules, {}, at(18), since=NOON) == ["verizon"]
