"""Weeks read back from OpenStreetMap's syntax and compared; without it a stored week is only a text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from shopwatch.domain.hours import DAYS, Interval, Week

_RULE = re.compile(r"^(?P<days>[A-Za-z][A-Za-z,\-–. ]*?)[\s:]*(?P<times>\d.*|closed|off)$", re.IGNORECASE)
_TIMES = re.compile(r"^(\d{1,2}):(\d{2})\s*[-–]\s*(\d{1,2}):(\d{2})\+?$")


def day_of(name: str) -> str:
    """Give "Mo" for "Monday", "MON", "mo" or "http://schema.org/Monday".

    Raises:
        ValueError: it names no day.
    """
    letters = re.split(r"[/#]", name.strip().rstrip("."))[-1][:2].capitalize()
    if letters not in DAYS:
        raise ValueError(f"no day of the week: {name!r}")
    return letters


@lru_cache(maxsize=4_096)  # a chain has a few hundred different weeks in its thousands of pages
def read_week(text: str) -> Week:
    """Read ``"Mo-Fr 10:00-20:00; Sa,Su closed"``; days may be spelled longer, a later rule wins.

    Raises:
        ValueError: a part is no rule for days of the week.
    """
    if text.strip() == "24/7":
        return Week.of({day: [(0, 1440)] for day in DAYS})
    days: dict[str, list[Interval]] = {}
    for part in filter(None, (part.strip() for part in text.split(";"))):
        rule = _RULE.match(part)
        if rule is None:
            raise ValueError(f"no opening hours: {part!r}")
        intervals = _intervals(rule["times"])
        days.update(dict.fromkeys(_days(rule["days"]), intervals))
    if not days:
        raise ValueError("no opening hours: empty")
    return Week.of(days)


def weeks_differ(before: str | None, after: str | None) -> bool:
    """Say whether two stored weeks contradict each other on a day that both know.

    A day left out, or a whole week that is not known, is no change: sites leave days out around holidays.
    """
    if before is None or after is None or before == after:
        return False
    first, second = read_week(before).days, read_week(after).days
    return any(first[day] != second[day] for day in first.keys() & second.keys())


def _days(text: str) -> Iterator[str]:
    for part in filter(None, (part.strip() for part in text.split(","))):
        ends = [day_of(end) for end in re.split(r"\s*[-–]\s*", part) if end]
        if not ends:
            raise ValueError(f"no day of the week: {part!r}")
        first, last = DAYS.index(ends[0]), DAYS.index(ends[-1])
        for number in range(first, last + 1 if last >= first else last + 8):
            yield DAYS[number % 7]


def _intervals(text: str) -> list[Interval]:
    if text.lower() in ("closed", "off"):
        return []
    found: list[Interval] = []
    for part in text.split(","):
        times = _TIMES.match(part.strip())
        if times is None:
            raise ValueError(f"no times of day: {part!r}")
        hour, minute, to_hour, to_minute = map(int, times.groups())
        found.append((hour * 60 + minute, to_hour * 60 + to_minute))
    return found
