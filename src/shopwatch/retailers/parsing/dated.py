"""The usual week out of dated days; without it every Thanksgiving would change the hours of 1,926 stores."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from shopwatch.domain.hours import DAYS, DatedHours, Interval
from shopwatch.retailers.parsing.hours import osm_week

_THURSDAY, _MONDAY = 3, 0
_LAST_MINUTE = 1439
#: Month and day of fixed holidays and of the days beside them on which shops keep other hours.
_FIXED = frozenset({(1, 1), (7, 4), (12, 23), (12, 24), (12, 25), (12, 26), (12, 31)})
#: So many weekdays that differ between the two weeks are a new timetable, not a day out of the ordinary.
_NEW_TIMETABLE = 3


def usual_week(dated: Sequence[DatedHours]) -> str | None:
    """Tell the usual week from dated days (Target lists 14 from today), in OSM syntax.

    1. A holiday and the days beside it say nothing about the week.
    2. A weekday whose remaining dates agree has those hours; one date is enough.
    3. A weekday whose dates disagree is left out: one deviant day (snow, a local event) changes nothing.
    4. Unless three or more weekdays disagree: then a new timetable begins, and what holds first is true now.
    """
    by_day: dict[str, list[tuple[Interval, ...]]] = {}
    for day in sorted(dated, key=lambda one: one.date):
        when = date.fromisoformat(day.date)
        if not is_holiday(when):
            by_day.setdefault(DAYS[when.weekday()], []).append(day.intervals)
    unclear = {name for name, found in by_day.items() if len(set(found)) > 1}
    if len(unclear) >= _NEW_TIMETABLE:
        unclear = set()
    return osm_week((name, found[0]) for name, found in by_day.items() if name not in unclear)


def is_holiday(when: date) -> bool:
    """Say whether shops in the US are likely to keep other hours on this date."""
    if (when.month, when.day) in _FIXED:
        return True
    thanksgiving = _nth(when.year, 11, _THURSDAY, 4)
    if thanksgiving - timedelta(days=1) <= when <= thanksgiving + timedelta(days=3):
        return True
    labor_day = _nth(when.year, 9, _MONDAY, 1)
    memorial_day = date(when.year, 5, 31) - timedelta(days=date(when.year, 5, 31).weekday())
    return when in (labor_day, memorial_day, easter(when.year))


def easter(year: int) -> date:
    """Easter Sunday by the Gregorian computus (Meeus)."""
    a, b, c = year % 19, year // 100, year % 100
    d = (19 * a + b - b // 4 - (b - (b + 8) // 25 + 1) // 3 + 15) % 30
    e = (32 + 2 * (b % 4) + 2 * (c // 4) - d - c % 4) % 7
    f = d + e - 7 * ((a + 11 * d + 22 * e) // 451) + 114
    return date(year, f // 31, f % 31 + 1)


def _nth(year: int, month: int, weekday: int, count: int) -> date:
    first = date(year, month, 1)
    return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (count - 1))


def dated(days: Iterable[tuple[str, Iterable[Interval] | None]]) -> tuple[DatedHours, ...]:
    """Make dated days in the order of their dates; a day that is not known is left out, 23:59 is midnight."""
    known = {
        when: tuple((begin, 1440 if end == _LAST_MINUTE else end) for begin, end in intervals)
        for when, intervals in days
        if intervals is not None
    }
    return tuple(DatedHours(date=when, intervals=known[when]) for when in sorted(known))
