"""Weeks read back and compared."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shopwatch.domain.hours import DAYS, Week
from shopwatch.domain.states import BOXES, state_letters
from shopwatch.domain.weeks import day_of, read_week, weeks_differ

_INTERVALS = st.lists(
    st.tuples(st.integers(0, 1380), st.integers(1, 59)).map(lambda pair: (pair[0], pair[0] + pair[1])),
    max_size=3,
)


@given(st.dictionaries(st.sampled_from(DAYS), _INTERVALS, min_size=1))
def test_what_is_written_is_read_again(days: dict[str, list[tuple[int, int]]]) -> None:
    week = Week.of(days)
    assert read_week(week.osm()) == week


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Mon-Sun 06:00-23:00", "Mo-Su 06:00-23:00"),
        ("Sun- 06:00-00:00; Thur- 07:00-18:00", "Th 07:00-18:00; Su 06:00-24:00"),
        ("Monday, Tuesday: 9:00 - 17:00", "Mo-Tu 09:00-17:00"),
        ("Sa-Mo 10:00-18:00", "Mo 10:00-18:00; Sa-Su 10:00-18:00"),
        ("Mo-Fr 10:00-20:00; We off", "Mo-Tu 10:00-20:00; We closed; Th-Fr 10:00-20:00"),
        ("24/7", "Mo-Su 00:00-24:00"),
        ("Mo 22:00-02:00", "Mo 22:00-24:00; Tu 00:00-02:00"),
        ("Mo 00:00-00:00", "Mo closed"),
    ],
)
def test_reading(text: str, expected: str) -> None:
    assert read_week(text).osm() == expected


@pytest.mark.parametrize(
    "text",
    ["", ";", "Mo", "10:00-20:00", "Funday 10:00-20:00", "Mo 10-20", "Mo 10:00-99:00", "PH off", "Mo,- off"],
)
def test_what_is_no_week_is_an_error(text: str) -> None:
    with pytest.raises(ValueError, match=r"opening hours|no day|no time"):
        read_week(text)


@pytest.mark.parametrize(
    ("before", "after", "differ"),
    [
        ("Mo-Su 08:00-22:00", "Mo-Su 08:00-22:00", False),
        ("Mo-Su 08:00-22:00", "Mo-We 08:00-22:00; Fr-Su 08:00-22:00", False),
        ("Mo-Su 08:00-22:00", None, False),
        (None, "Mo-Su 08:00-22:00", False),
        ("Mo-Su 08:00-22:00", "Mo-Sa 08:00-22:00; Su 08:00-21:00", True),
        ("Mo-Su 08:00-22:00", "Mo-Sa 08:00-22:00; Su closed", True),
        ("Mo 10:00-20:00", "Tu 10:00-20:00", False),
    ],
)
def test_only_a_day_that_both_know_can_differ(before: str | None, after: str | None, differ: bool) -> None:
    assert weeks_differ(before, after) is differ


@pytest.mark.parametrize("name", ["Monday", "MON", "mo", "Mo.", "http://schema.org/Monday", " monday "])
def test_days_by_any_name(name: str) -> None:
    assert day_of(name) == "Mo"


@pytest.mark.parametrize("name", ["", "Funday", "7"])
def test_what_is_no_day(name: str) -> None:
    with pytest.raises(ValueError, match="no day"):
        day_of(name)


def test_every_state_has_a_sound_outline() -> None:
    assert len(BOXES) == 56
    assert all(south < north and west < east for south, north, west, east in BOXES.values())


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("GA", "GA"),
        ("new-jersey", "NJ"),
        ("West Virginia", "WV"),
        ("virginia", "VA"),
        ("D.C.", "DC"),
        ("XX", None),
        ("", None),
    ],
)
def test_states_by_any_name(name: str, letters: str | None) -> None:
    assert state_letters(name) == letters
