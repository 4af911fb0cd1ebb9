"""Opening hours: a week as OpenStreetMap writes it, dated days apart."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

DAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
_END_OF_DAY = 24 * 60

Interval = tuple[int, int]  #: minutes after midnight; the end may pass 24:00 and then runs into the next day


@dataclass(frozen=True, slots=True)
class Week:
    """The usual week: for each day that is known, its intervals; an empty tuple is "closed"."""

    days: Mapping[str, tuple[Interval, ...]]

    @classmethod
    def of(cls, days: Mapping[str, Iterable[Interval]]) -> Week:
        """Build a week from intervals in minutes, tidied: an interval past midnight runs into the next day.

        Raises:
            ValueError: a day that is none of ``DAYS``, or minutes outside two days.
        """
        known: dict[str, list[Interval]] = {}
        for day, intervals in days.items():
            if day not in DAYS:
                raise ValueError(f"no day of the week: {day!r}")
            known.setdefault(day, [])
            for begin, end in intervals:
                _add(known, day, begin, end)
        return cls({day: _merged(known[day]) for day in DAYS if day in known})

    def osm(self) -> str:
        """``"Mo-Fr 10:00-20:00; Sa 09:00-19:00; Su closed"``; days nobody mentioned are left out."""
        parts: list[str] = []
        for first, last, intervals in self._groups():
            name = first if first == last else f"{first}-{last}"
            text = ",".join(f"{clock(begin)}-{clock(end)}" for begin, end in intervals)
            parts.append(f"{name} {text or 'closed'}")
        return "; ".join(parts)

    def _groups(self) -> list[tuple[str, str, tuple[Interval, ...]]]:
        groups: list[tuple[str, str, tuple[Interval, ...]]] = []
        for number, day in enumerate(DAYS):
            if day not in self.days:
                continue
            adjoins = bool(groups) and number > 0 and groups[-1][1] == DAYS[number - 1]
            if adjoins and groups[-1][2] == self.days[day]:
                groups[-1] = (groups[-1][0], day, groups[-1][2])
            else:
                groups.append((day, day, self.days[day]))
        return groups


def _add(known: dict[str, list[Interval]], day: str, begin: int, end: int) -> None:
    if not (0 <= begin <= _END_OF_DAY and 0 <= end <= 2 * _END_OF_DAY):
        raise ValueError(f"no time of day: {begin}-{end} minutes on {day}")
    if begin == end:
        return  # 00:00-00:00 too: it is written for "closed" as often as for "round the clock"
    if end == 0 or end == _END_OF_DAY - 1:
        end = _END_OF_DAY  # 00:00 and 23:59 as an end are how sites write midnight
    if begin == end % _END_OF_DAY and not (begin == 0 and end == _END_OF_DAY):
        return  # a range of no length is noise, often meant as "closed"
    if end < begin:
        end += _END_OF_DAY
    known.setdefault(day, []).append((begin, min(end, _END_OF_DAY)))
    if end > _END_OF_DAY:
        tomorrow = DAYS[(DAYS.index(day) + 1) % 7]
        known.setdefault(tomorrow, []).append((0, end - _END_OF_DAY))


def _merged(intervals: list[Interval]) -> tuple[Interval, ...]:
    merged: list[Interval] = []
    for begin, end in sorted(set(intervals)):
        if merged and begin <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((begin, end))
    return tuple(merged)


def clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


@dataclass(frozen=True, kw_only=True, slots=True)
class DatedHours:
    """The hours of one date (a holiday, or one of the days a site lists); never mixed into the week."""

    date: str  #: ISO date
    intervals: tuple[Interval, ...]  #: empty: closed
