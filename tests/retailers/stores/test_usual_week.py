"""The usual week out of fourteen dated days, through holidays and seasons."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from shopwatch.domain.hours import DatedHours, Interval
from shopwatch.domain.weeks import weeks_differ
from shopwatch.retailers.parsing.dated import dated, easter, is_holiday, usual_week

USUAL = "Mo-Sa 08:00-22:00; Su 08:00-21:00"
LONG: tuple[Interval, ...] = ((7 * 60, 24 * 60),)


def fourteen(start: str, **changed: tuple[Interval, ...]) -> tuple[DatedHours, ...]:
    """Fourteen days of ``USUAL`` from ``start``; ``changed`` has other hours by date, as ``d2021_11_25``."""
    first = date.fromisoformat(start)
    days: dict[str, tuple[Interval, ...]] = {}
    for number in range(14):
        when = first + timedelta(days=number)
        days[when.isoformat()] = ((8 * 60, (21 if when.weekday() == 6 else 22) * 60),)
    days.update({name[1:].replace("_", "-"): hours for name, hours in changed.items()})
    return dated(days.items())


def test_two_weeks_that_agree_are_the_usual_week() -> None:
    assert usual_week(fourteen("2026-07-07")) == USUAL


@pytest.mark.parametrize("start", [f"2021-11-{day:02}" for day in range(10, 31)])
def test_thanksgiving_does_not_change_the_week(start: str) -> None:
    closed_and_black_friday = fourteen(
        start, d2021_11_24=((480, 1080),), d2021_11_25=(), d2021_11_26=LONG, d2021_11_27=LONG
    )
    inside = tuple(day for day in closed_and_black_friday if day.date >= start)[:14]
    assert usual_week(inside) == USUAL


def test_every_single_holiday_of_2026_leaves_the_week_alone() -> None:
    for number in range(365):
        when = date(2026, 1, 1) + timedelta(days=number)
        if is_holiday(when):
            start = (when - timedelta(days=5)).isoformat()
            days = tuple(
                DatedHours(date=day.date, intervals=() if day.date == when.isoformat() else day.intervals)
                for day in fourteen(start)
            )
            assert not weeks_differ(USUAL, usual_week(days)), when
            if when.month != 12:  # 24 and 31 December are the same weekday: nothing is left to say about it
                assert usual_week(days) == USUAL, when


def test_a_christmas_and_new_year_on_the_same_weekday_leave_that_day_out() -> None:
    days = fourteen(
        "2026-12-22", d2026_12_24=((420, 1200),), d2026_12_25=(), d2026_12_31=((420, 1200),), d2027_01_01=()
    )
    assert usual_week(days) == "Mo-We 08:00-22:00; Sa 08:00-22:00; Su 08:00-21:00"


def test_one_deviant_day_is_left_out_and_changes_no_other() -> None:
    snow = fourteen("2026-02-03", d2026_02_05=())
    assert usual_week(snow) == "Mo-We 08:00-22:00; Fr-Sa 08:00-22:00; Su 08:00-21:00"


def test_a_timetable_that_begins_within_the_fortnight_is_told_when_it_begins() -> None:
    season = {f"d2026_10_{day:02}": LONG for day in range(12, 19)}
    assert usual_week(fourteen("2026-10-05", **season)) == USUAL
    assert usual_week(
        fourteen("2026-10-12", **season | {f"d2026_10_{day}": LONG for day in range(19, 26)})
    ) == ("Mo-Su 07:00-24:00")


def test_a_day_that_is_always_closed_is_closed() -> None:
    assert (
        usual_week(fourteen("2026-07-07", d2026_07_12=(), d2026_07_19=())) == "Mo-Sa 08:00-22:00; Su closed"
    )


def test_no_days_are_no_week() -> None:
    assert usual_week(()) is None


def test_a_day_without_hours_is_not_known_and_not_closed() -> None:
    assert dated([("2026-07-08", None), ("2026-07-07", [(480, 1320)])]) == (
        DatedHours(date="2026-07-07", intervals=((480, 1320),)),
    )


@pytest.mark.parametrize(
    ("year", "expected"),
    [(2021, "2021-04-04"), (2024, "2024-03-31"), (2026, "2026-04-05"), (2038, "2038-04-25")],
)
def test_easter(year: int, expected: str) -> None:
    assert easter(year).isoformat() == expected


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ("2021-11-25", True),
        ("2021-11-24", True),
        ("2021-11-28", True),
        ("2021-11-18", False),
        ("2026-05-25", True),
        ("2026-09-07", True),
        ("2026-09-14", False),
        ("2026-07-04", True),
        ("2026-07-07", False),
    ],
)
def test_holidays(day: str, expected: bool) -> None:
    assert is_holiday(date.fromisoformat(day)) is expected
