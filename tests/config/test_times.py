"""Cron expressions and time zones: what no one can follow is refused when the file is read."""

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from shopwatch.config.files import ConfigFolder
from shopwatch.config.problems import InvalidSettings, parse
from shopwatch.config.retailer_settings import RetailerSettings, RetailersFile
from shopwatch.config.settings import MonitorSettings, ShopwatchFile
from shopwatch.config.times import next_after

NIGHTLY = "0 4 * * *"
NOON = datetime(2026, 1, 17, 12, tzinfo=UTC)


def at(day: int) -> datetime:
    return datetime(2026, 1, day, 4, tzinfo=UTC)


def test_the_next_time_is_after_now_and_in_utc() -> None:
    assert next_after(NIGHTLY, NOON) == at(18)
    assert next_after(NIGHTLY, at(18)) == at(19)
    assert next_after(NIGHTLY, NOON.astimezone(timezone(timedelta(hours=-8)))) == at(18)


@pytest.mark.parametrize(
    "expression", [NIGHTLY, "*/15 * * * *", "0 4 * * 1-5", "0 4 * * fri,thu", "@daily", "0 0 29 2 *"]
)
def test_cron_expressions_are_understood(expression: str) -> None:
    assert parse(RetailerSettings, {"schedule": expression}).schedule == expression


@pytest.mark.parametrize("empty", [None, "", "  "])
def test_an_empty_schedule_is_none(empty: str | None) -> None:
    assert parse(RetailerSettings, {"schedule": empty}).schedule is None


@pytest.mark.parametrize(
    "expression",
    ["nonsense", "99 * * * *", "0 4 * *", "* * * * * *", "0 0 31 2 *", "@never", "H 4 * * *", "0 4,R * * *"],
)
def test_a_schedule_that_names_no_time_is_refused_by_its_path(expression: str) -> None:
    with pytest.raises(InvalidSettings, match=r"retailers\.att\.schedule .*cron expression.*, got '"):
        parse(RetailersFile, {"retailers": {"att": {"schedule": expression}}})


def test_a_wrong_schedule_in_the_file_is_told_with_its_line(tmp_path: Path) -> None:
    folder = ConfigFolder(tmp_path)
    with pytest.raises(InvalidSettings, match=r"retailers\.yaml:3: retailers\.att\.schedule must be a cron"):
        folder.validate("retailers.yaml", "retailers:\n  att:\n    schedule: nonsense\n")


def test_a_time_zone_is_one_of_the_tz_database() -> None:
    assert parse(MonitorSettings, {"time_zone": "Pacific/Honolulu"}).zone.key == "Pacific/Honolulu"


@pytest.mark.parametrize("name", ["Mars/Phobos", "America", "", "../etc/passwd", "zone.tab", "x" * 300])
def test_a_time_zone_that_is_none_is_refused_by_its_path(name: str) -> None:
    with pytest.raises(InvalidSettings, match=r"monitor\.time_zone is no time zone"):
        parse(ShopwatchFile, {"monitor": {"time_zone": name}})
