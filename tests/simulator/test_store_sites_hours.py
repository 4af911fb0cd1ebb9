"""The simulator reads and spells opening hours, and knows the holidays."""

from __future__ import annotations

from datetime import date

import pytest

from shopwatch.simulator.stores import hours

TEN_TO_NINE = ((600, 1260),)


def test_osm_hours_are_read_to_minutes() -> None:
    week = hours.parse("Mo-Sa 10:00-21:00; Su 10:00-20:00")
    assert week == (TEN_TO_NINE,) * 6 + (((600, 1200),),)


def test_the_hours_walmart_had_in_2021_are_read_too() -> None:
    assert hours.parse("Mon-Sun 06:00-23:00") == (((360, 1380),),) * 7
    week = hours.parse("Sun- 06:00-00:00; Mon- 06:00-18:00; Thur- 06:00-18:00")
    assert week[6] == ((360, 1440),)
    assert week[3] == week[0] == ((360, 1080),)
    assert week[1] == ()


def test_a_day_nobody_mentions_is_closed() -> None:
    assert hours.parse("Tu-Sa 10:00-18:00")[0] == ()


def test_round_the_clock_and_several_spans_are_read() -> None:
    assert hours.parse("24/7")[4] == ((0, 1440),)
    assert hours.parse("Mo 09:00-13:30,14:00-19:00; Su off")[0] == ((540, 810), (840, 1140))


@pytest.mark.parametrize("text", ["whenever", "Mo 10-20", "Xy 10:00-20:00"])
def test_what_is_no_opening_time_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not an opening time"):
        hours.parse(text)


@pytest.mark.parametrize(
    "text", ["Mo-Sa 10:00-21:00; Su 10:00-20:00", "Tu-Sa 10:00-18:00", "Mo 09:00-12:00; We-Fr 09:00-12:00"]
)
def test_hours_come_out_as_they_went_in(text: str) -> None:
    assert hours.osm(hours.parse(text)) == text


def test_each_site_has_its_own_spelling() -> None:
    assert [hours.twelve(minutes) for minutes in (0, 600, 720, 1170, 1440)] == [
        "12:00 AM",
        "10:00 AM",
        "12:00 PM",
        "07:30 PM",
        "12:00 AM",
    ]
    assert [hours.clock(minutes) for minutes in (0, 570, 1439, 1440)] == ["00:00", "09:30", "23:59", "00:00"]
    assert [hours.yext(minutes) for minutes in (0, 540, 570, 1260, 1440)] == [0, 900, 930, 2100, 0]
    assert [hours.short(minutes) for minutes in (600, 1290, 1440)] == ["10", "9:30", "12"]


def test_thanksgiving_and_christmas_close_and_the_days_beside_them_differ() -> None:
    black_friday = {date(2021, 11, 26): (420, 1320)}
    assert hours.holidays(date(2021, 11, 20), 14) == {date(2021, 11, 25): None, **black_friday}
    assert hours.holidays(date(2026, 12, 20), 14) == {
        date(2026, 12, 24): (420, 1200),
        date(2026, 12, 25): None,
        date(2026, 12, 31): (420, 1200),
        date(2027, 1, 1): (600, 1080),
    }
    assert hours.holidays(date(2026, 9, 1), 14) == {}


def test_a_holiday_beats_the_week_but_opens_nothing_that_is_closed() -> None:
    week = hours.parse("Mo-Fr 10:00-21:00")
    days = hours.dated(
        week, date(2021, 11, 22), 7, {date(2021, 11, 25): None, date(2021, 11, 27): (600, 1080)}
    )
    assert [spans for _, spans in days] == [TEN_TO_NINE, TEN_TO_NINE, TEN_TO_NINE, (), TEN_TO_NINE, (), ()]
