"""Opening hours in minutes and how the six sites spell them; each page would need its own otherwise."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, timedelta
from functools import cache

Span = tuple[int, int]  #: minutes after midnight; 1440 is the end of the day
Week = tuple[tuple[Span, ...], ...]  #: seven days from Monday; no span is "closed"

DAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
DAY_END = 1440

_DAYS = r"(?:Mon?|Tue?|Wed?|Thu?r?s?|Fri?|Sat?|Sun?)"
_RULE = re.compile(
    rf"(?P<days>{_DAYS}(?:\s*[-,]\s*{_DAYS})*)-?\s+"
    r"(?P<spans>off|closed|\d\d?:\d\d\s*-\s*\d\d?:\d\d(?:\s*,\s*\d\d?:\d\d\s*-\s*\d\d?:\d\d)*)"
)
_SPAN = re.compile(r"(\d\d?):(\d\d)\s*-\s*(\d\d?):(\d\d)")


@cache
def parse(text: str) -> Week:
    """Read OSM's ``Mo-Sa 10:00-21:00; Su 10:00-20:00`` and Walmart's ``Mon- 06:00-23:00`` of the 2021 set.

    Raises:
        ValueError: a rule that is neither.
    """
    if text.strip() == "24/7":
        return (((0, DAY_END),),) * 7
    week: list[tuple[Span, ...]] = [()] * 7
    for rule in filter(None, (part.strip() for part in text.split(";"))):
        found = _RULE.fullmatch(rule)
        if found is None:
            raise ValueError(f"not an opening time: {rule!r}")
        spans = tuple(_span(*map(int, hit)) for hit in _SPAN.findall(found["spans"]))
        for day in _days(found["days"]):
            week[day] = spans
    return tuple(week)


def _days(text: str) -> list[int]:
    days: list[int] = []
    for part in re.split(r"\s*,\s*", text):
        ends = [DAYS.index(name[:2]) for name in re.split(r"\s*-\s*", part)]
        days += [number % 7 for number in range(ends[0], ends[-1] + (8 if ends[-1] < ends[0] else 1))]
    return days


def _span(hour: int, minute: int, end_hour: int, end_minute: int) -> Span:
    begin, end = hour * 60 + minute, end_hour * 60 + end_minute
    return begin, end or DAY_END


def same_every_day(begin: int, end: int) -> Week:
    """Build a week of hours: ``same_every_day(7, 22)``."""
    return (((begin * 60, end * 60),),) * 7


def week_of(weekday: Span, saturday: Span, sunday: Span | None) -> Week:
    """Build a week from three spans of whole hours; no Sunday is closed."""
    spans = [weekday] * 5 + [saturday, sunday]
    return tuple(((span[0] * 60, span[1] * 60),) if span else () for span in spans)


def osm(week: Week) -> str:
    """Write a week as All The Places did: days in a row with the same hours joined, closed days left out."""
    parts: list[str] = []
    number = 0
    while number < 7:
        last = number
        while last < 6 and week[last + 1] == week[number]:
            last += 1
        if week[number]:
            name = DAYS[number] if last == number else f"{DAYS[number]}-{DAYS[last]}"
            parts.append(f"{name} " + ",".join(f"{clock(a)}-{clock(b)}" for a, b in week[number]))
        number = last + 1
    return "; ".join(parts)


def clock(minutes: int) -> str:
    """``"09:30"``; the end of the day is ``"00:00"``, as the sites write it."""
    minutes %= DAY_END
    return f"{minutes // 60:02}:{minutes % 60:02}"


def twelve(minutes: int) -> str:
    """``"09:30 AM"``."""
    minutes %= DAY_END
    return f"{minutes // 60 % 12 or 12:02}:{minutes % 60:02} {'PM' if minutes >= 720 else 'AM'}"


def short(minutes: int) -> str:
    """``"9:30"`` and ``"9"``, on a clock of twelve hours: Best Buy's API."""
    minutes %= DAY_END
    hour = minutes // 60 % 12 or 12
    return f"{hour}:{minutes % 60:02}" if minutes % 60 else str(hour)


def yext(minutes: int) -> int:
    """``930`` for 9:30; 0 is midnight, also at the end of the day."""
    minutes %= DAY_END
    return minutes // 60 * 100 + minutes % 60


def dated(
    week: Week | None, first: date, days: int, exceptions: dict[date, Span | None]
) -> Sequence[tuple[date, tuple[Span, ...]]]:
    """Lay a week over ``days`` dates from ``first`` on; ``exceptions`` (None: closed) beat it."""
    if week is None:
        return ()
    result: list[tuple[date, tuple[Span, ...]]] = []
    for number in range(days):
        day = first + timedelta(days=number)
        result.append((day, shown(week[day.weekday()], day, exceptions)))
    return result


def shown(spans: tuple[Span, ...], day: date, exceptions: dict[date, Span | None]) -> tuple[Span, ...]:
    """Say what holds on ``day``: the usual spans, or the holiday's; who is closed anyway stays so."""
    if day not in exceptions or not spans:
        return spans
    holiday = exceptions[day]
    return (holiday,) if holiday else ()


def holidays(first: date, days: int) -> dict[date, Span | None]:
    """Give the days from ``first`` on on which US shops keep other hours: closed, or a shorter day."""
    found: dict[date, Span | None] = {}
    for number in range(days):
        day = first + timedelta(days=number)
        if is_thanksgiving(day) or (day.month, day.day) == (12, 25):
            found[day] = None
        elif is_thanksgiving(day - timedelta(days=1)):
            found[day] = (420, 1320)
        elif (day.month, day.day) in {(12, 24), (12, 31)}:
            found[day] = (420, 1200)
        elif (day.month, day.day) in {(1, 1), (7, 4)}:
            found[day] = (600, 1080)
    return found


def is_thanksgiving(day: date) -> bool:
    """The fourth Thursday of November."""
    return day.month == 11 and day.weekday() == 3 and 22 <= day.day <= 28
