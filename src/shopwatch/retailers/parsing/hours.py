"""Opening hours in the forms of six retailers, into weeks; without it "Closed Closed" would be an error."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from shopwatch.domain.hours import Interval, Week
from shopwatch.domain.weeks import day_of

_DAY_MINUTES = 24 * 60
_TIME = re.compile(r"(\d{1,2})(?::(\d{2}))?(?::\d{2})?\s*([AaPp])?\.?(?:[Mm]\.?)?")
_NOON = 12

Days = Iterable[tuple[str, Iterable[Interval] | None]]  #: a day's name and its times; ``None``: not known


def osm_week(days: Days) -> str | None:
    """Write the days that are known as OSM hours; ``None`` if no day is.

    A day whose only range has no length ("00:00-00:00") is left out: sites mean closed, or nothing, by it.
    Hours in a form nobody knows are ``None`` too: the store is still one, and the gate sees the column go.
    """
    try:
        known: dict[str, list[Interval]] = {}
        for name, intervals in days:
            given = None if intervals is None else list(intervals)
            real = [(begin, end) for begin, end in given or () if begin != end]
            if real or given == []:
                known.setdefault(day_of(name), []).extend(real)
        return Week.of(known).osm() or None
    except (AttributeError, LookupError, TypeError, ValueError):
        return None


def minutes(written: object) -> int:
    """Read a time of day: "10:00 AM", "08:00:00", "9:30pm", "10" or the integer 1030; minutes after midnight.

    Raises:
        ValueError: it is none.
    """
    if isinstance(written, int) and not isinstance(written, bool):
        return written // 100 * 60 + written % 100
    found = _TIME.fullmatch(str(written).strip())
    if found is None:
        raise ValueError(f"no time of day: {written!r}")
    hour, minute = int(found[1]), int(found[2] or 0)
    if found[3]:
        hour = hour % _NOON + (_NOON if found[3] in "Pp" else 0)
    return hour * 60 + minute


def pair(opens: object, closes: object) -> list[Interval] | None:
    """Read a day's two times; "Closed" or "9999" in either is closed, a missing one is not known."""
    if opens in (None, "") or closes in (None, ""):
        return None
    if any("closed" in str(end).lower() or str(end) == "9999" for end in (opens, closes)):
        return []
    return [(minutes(opens), minutes(closes))]


def data_days(days: Iterable[Mapping[str, Any]]) -> Iterator[tuple[str, list[Interval] | None]]:
    """Read Yext's ``data-days``: integers as 1030, 0 as midnight; a holiday's hours are not the week's."""
    for day in days:
        if day.get("dailyHolidayHours") and not day.get("holidayHoursIsRegular", True):
            yield day["day"], None
            continue
        yield (
            day["day"],
            [(minutes(part["start"]), minutes(part["end"]) or _DAY_MINUTES) for part in day["intervals"]],
        )


def open_intervals(hours: Mapping[str, Any]) -> Iterator[tuple[str, list[Interval] | None]]:
    """Read Yext's ``{"monday": {"openIntervals": [{"start": "10:00", "end": "21:00"}]}}``."""
    for name in ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"):
        day = hours.get(name)
        if isinstance(day, Mapping):
            yield name, clock_ranges(day)


def clock_ranges(day: Mapping[str, Any]) -> list[Interval] | None:
    """Read one of Yext's days, usual or holiday; ``None`` if it says neither when nor closed."""
    if day.get("isClosed"):
        return []
    ranges = day.get("openIntervals")
    return [(minutes(part["start"]), minutes(part["end"])) for part in ranges] if ranges else None
