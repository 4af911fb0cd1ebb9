"""Opening hours in every form that the six sites have used."""

from __future__ import annotations

from typing import Any

import pytest
from tests.paths import needs_recordings
from tests.retailers.recorded_stores import COUNTS, features, hours_of_all

from shopwatch.domain.hours import Interval
from shopwatch.domain.weeks import read_week
from shopwatch.retailers.parsing.hours import (
    data_days,
    minutes,
    open_intervals,
    osm_week,
    pair,
)
from shopwatch.retailers.parsing.json_ld import hours_of

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat")


def test_noon_is_noon_and_midnight_ends_the_day() -> None:
    assert osm_week([("Su", pair("12:00 PM", "05:00 PM")), ("Mo", pair("09:00 AM", "12:00 AM"))]) == (
        "Mo 09:00-24:00; Su 12:00-17:00"
    )


@pytest.mark.parametrize(
    ("opens", "closes", "expected"),
    [
        ("10:00 AM", "08:00 PM", [(600, 1200)]),
        ("10:00", "20:00", [(600, 1200)]),
        ("Closed", "Closed", []),
        ("9999", "9999", []),
        ("", "", None),
        (None, "20:00", None),
    ],
)
def test_two_times_in_two_fields(opens: object, closes: object, expected: list[Interval] | None) -> None:
    assert pair(opens, closes) == expected


@pytest.mark.parametrize(
    ("written", "expected"),
    [("08:00:00", 480), ("9:30pm", 1290), (1030, 630), (0, 0), ("23:59", 1439), ("12 am", 0)],
)
def test_times_of_day(written: object, expected: int) -> None:
    assert minutes(written) == expected


@pytest.mark.parametrize("written", ["noonish", "", None, "10:00 AM 11:00 AM", "12345678"])
def test_what_is_no_time_of_day_is_an_error(written: object) -> None:
    with pytest.raises(ValueError, match="no time of day"):
        minutes(written)


def test_a_range_without_length_says_nothing() -> None:
    assert osm_week([("Mo", [(600, 1200)]), ("Su", [(0, 0)])]) == "Mo 10:00-20:00"


def test_unknown_is_not_closed() -> None:
    assert osm_week([("Mo", [(600, 1200)]), ("Tu", None), ("Su", [])]) == "Mo 10:00-20:00; Su closed"
    assert osm_week([("Mo", None)]) is None


@pytest.mark.parametrize(
    "strange", [[("Funday", [(600, 1200)])], [("Mo", [("a", "b")])], [("Mo", [(600, 99_999)])], [(None, [])]]
)
def test_hours_in_an_unknown_form_are_unknown(strange: list[tuple[str, list[Interval]]]) -> None:
    assert osm_week(strange) is None


def test_hours_past_midnight_run_into_the_next_day() -> None:
    assert osm_week([("Fr", [(600, 60)])]) == "Fr 10:00-24:00; Sa 00:00-01:00"


def test_yext_integers() -> None:
    days: list[dict[str, Any]] = [
        {"day": "MONDAY", "intervals": [{"start": 1000, "end": 2100}]},
        {"day": "TUESDAY", "intervals": [{"start": 900, "end": 0}]},
        {"day": "WEDNESDAY", "intervals": [{"start": 0, "end": 0}]},
        {"day": "SUNDAY", "intervals": []},
    ]
    assert osm_week(data_days(days)) == "Mo 10:00-21:00; Tu 09:00-24:00; We 00:00-24:00; Su closed"


def test_a_holidays_hours_in_yext_integers_are_not_the_weeks() -> None:
    days: list[dict[str, Any]] = [
        {
            "day": "MONDAY",
            "intervals": [{"start": 1000, "end": 2100}],
            "holidayHoursIsRegular": False,
            "dailyHolidayHours": {"x": 1},
        },
        {"day": "TUESDAY", "intervals": [{"start": 1000, "end": 2100}], "holidayHoursIsRegular": False},
    ]
    assert osm_week(data_days(days)) == "Tu 10:00-21:00"


def test_yext_open_intervals() -> None:
    hours = {
        "monday": {"openIntervals": [{"start": "10:00", "end": "14:00"}, {"start": "15:00", "end": "21:00"}]},
        "tuesday": {},
        "sunday": {"isClosed": True},
        "holidayHours": [{"date": "2026-11-26", "isClosed": True}],
    }
    assert osm_week(open_intervals(hours)) == "Mo 10:00-14:00,15:00-21:00; Su closed"


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (["Mo 10:00-20:00", "Tu 10:00-20:00", "Su 12:00-18:00"], "Mo-Tu 10:00-20:00; Su 12:00-18:00"),
        ("Mo-Fr 10:00-19:00", "Mo-Fr 10:00-19:00"),
        (["Mo,Tu 09:00-12:00", "Mo 13:00-18:00"], "Mo 09:00-12:00,13:00-18:00; Tu 09:00-12:00"),
        (
            [{"dayOfWeek": "http://schema.org/Monday", "opens": "08:00:00", "closes": "22:00:00"}],
            "Mo 08:00-22:00",
        ),
        ({"dayOfWeek": ["Saturday", "Sunday"], "opens": "08:00", "closes": "20:00"}, "Sa-Su 08:00-20:00"),
        ([{"dayOfWeek": "Sunday"}], "Su closed"),
        ([{"dayOfWeek": "Sunday", "opens": "08:00", "closes": "20:00", "validFrom": "2026-12-24"}], None),
        (["by appointment"], None),
        ([], None),
        (None, None),
        (7, None),
    ],
)
def test_schema_org_hours(written: object, expected: str | None) -> None:
    assert hours_of(written) == expected


@needs_recordings
def test_every_recorded_week_is_read_and_written_again_the_same() -> None:
    """Walmart's were no OSM hours ("Mon-Sun", "Thur-"), and 23:59 is how Target writes midnight."""
    written = hours_of_all()
    assert len(written) == 17_536
    for text in set(written):
        again = read_week(text).osm()
        assert read_week(again).osm() == again
        if not text.startswith(("Mon", "Sun", "Tue")):
            plain = text.replace("23:59", "24:00").replace("24/7", "Mo-Su 00:00-24:00")
            assert again == plain


@needs_recordings
def test_of_the_24928_recorded_stores_the_others_have_no_hours() -> None:
    assert sum(map(len, map(features, COUNTS))) == 24_928
    assert (
        sum(not one["properties"].get("opening_hours") for name in COUNTS for one in features(name)) == 7_392
    )
