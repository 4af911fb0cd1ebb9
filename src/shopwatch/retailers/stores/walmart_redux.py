"""Walmart's store objects of before 2022-08 and words both ages share; without it older copies are mute."""

from __future__ import annotations

from collections.abc import Iterator

from shopwatch.domain.hours import DAYS, Interval
from shopwatch.domain.store import Store, StoreStatus
from shopwatch.domain.weeks import day_of
from shopwatch.retailers.parsing.hours import osm_week, pair
from shopwatch.retailers.parsing.raw import Raw
from shopwatch.retailers.parsing.scripts import Record
from shopwatch.retailers.parsing.values import text

ROUND_THE_CLOCK = "Mo-Su 00:00-24:00"
DAY_NAMES = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_WEEKEND = ("saturday", "sunday")
Times = Iterator[tuple[str, list[Interval] | None]]


def kind_of(name: object) -> str | None:
    """ "Walmart Supercenter" is a Supercenter, "Neighborhood Market" may stand anywhere in the name."""
    word = text(name) or ""
    return next((kind for kind in ("Supercenter", "Neighborhood Market") if kind in word), word or None)


def redux_store(one: Record, *, url: str | None = None) -> Store:
    """Read a store object of before 2022-08; the preferred-stores API had nearly the same."""
    place, geo = one["address"], one.get("geoPoint") or {}
    listed = (
        one.get("primaryServices"),
        one.get("secondaryServices"),
        (one.get("metadata") or {}).get("storeServices"),
    )
    services = [service for part in listed for service in part or ()]
    return Raw(
        ref=one["id"],
        name=one.get("displayName") or one["storeType"]["name"],
        kind=kind_of(one["storeType"]["name"]),
        corporate="FedEx" not in one["storeType"]["name"],  # pickup counters at FedEx had a number too
        lines=(place.get("streetAddress") or place.get("address1") or place["address"],),
        city=place["city"],
        state=place["state"],
        postcode=place["postalCode"],
        country=place.get("country"),
        phone=one.get("phone"),
        lat=geo.get("latitude"),
        lon=geo.get("longitude"),
        hours=_redux_hours(one),
        services=tuple(one["name"] for one in services if one.get("active", one.get("isActive", True))),
        status=StoreStatus.CLOSED if one.get("deleted") is True else None,
        opened_on=one.get("openDate"),
        url=url,
    ).store("walmart")


def _redux_hours(one: Record) -> str | None:
    hours = one.get("operationalHours") or {}
    if hours.get("open24Hours") is True:
        return ROUND_THE_CLOCK
    combined = one.get("operationalHoursCombined")
    return osm_week(_combined(combined) if combined else _named(hours))


def _combined(groups: list[Record]) -> Times:
    for group in groups:
        first, times = day_of(group["startDayName"]), group["dailyHours"]
        last = day_of(group.get("endDayName") or group["startDayName"])
        open_times = (
            [(0, 1440)] if times.get("openFullDay") else pair(times.get("startHr"), times.get("endHr"))
        )
        for day in DAYS[DAYS.index(first) : DAYS.index(last) + 1]:
            yield day, [] if times.get("closed") else open_times


def _named(hours: Record) -> Times:
    for day in DAY_NAMES:
        times = hours.get(f"{day}Hrs") or (hours.get("monToFriHrs") if day not in _WEEKEND else None) or {}
        yield day, [] if times.get("closed") else pair(times.get("startHr"), times.get("endHr"))
