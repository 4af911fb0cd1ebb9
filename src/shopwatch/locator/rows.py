"""A store as a row of a table: columns, order, and text no spreadsheet takes for a formula."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shopwatch.domain.hours import DatedHours, clock
from shopwatch.domain.store import StoreStatus
from shopwatch.locator.progress import stamp
from shopwatch.ports import KnownStore

Cell = str | float | bool | None

COLUMNS: tuple[str, ...] = (
    "retailer",
    "ref",
    "name",
    "kind",
    "status",
    "corporate",
    "dealer",
    "address",
    "city",
    "state",
    "postcode",
    "country",
    "phone",
    "lat",
    "lon",
    "hours",
    "dated_hours",
    "services",
    "opened_on",
    "url",
    "first_seen",
    "last_seen",
    "run_id",
    "published_at",
)
_FORMULA_START = ("=", "+", "-", "@", "\t", "\r", "|", "%")
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")  # a phone number, a coordinate: nothing to compute
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]|[\ud800-\udfff]")


@dataclass(frozen=True, kw_only=True, slots=True)
class Edition:
    """Which set an export holds, and how old it is."""

    retailer: str
    run_id: str
    published_at: datetime
    exported_at: datetime

    @property
    def age_s(self) -> float:
        return (self.exported_at - self.published_at).total_seconds()


def row(known: KnownStore, edition: Edition) -> list[Cell]:
    """The cells in the order of ``COLUMNS``."""
    facts = facts_of(known)
    flat: dict[str, Cell] = {
        **{name: value for name, value in facts.items() if isinstance(value, str | float | bool | None)},
        "address": ", ".join(known.store.address),
        "services": "; ".join(known.store.services),
        "dated_hours": "; ".join(map(_dated, known.store.dated_hours)),
        "run_id": edition.run_id,
        "published_at": stamp(edition.published_at),
    }
    return [plain(value) if isinstance(value := flat[name], str) else value for name in COLUMNS]


def facts_of(known: KnownStore) -> dict[str, Any]:
    """A store as the JSON export has it: unknown is null, closed stores say so."""
    store = known.store
    return {
        "retailer": store.retailer,
        "ref": store.ref,
        "name": store.name,
        "kind": store.kind,
        "status": None if store.status is StoreStatus.UNKNOWN else str(store.status),
        "corporate": store.corporate,
        "dealer": store.dealer,
        "address": list(store.address),
        "city": store.city,
        "state": store.state,
        "postcode": store.postcode,
        "country": store.country,
        "phone": store.phone,
        "lat": store.lat,
        "lon": store.lon,
        "hours": store.hours,
        "dated_hours": {day.date: _intervals(day) for day in store.dated_hours},
        "services": list(store.services),
        "opened_on": store.opened_on,
        "url": store.url,
        "first_seen": stamp(known.first_seen),
        "last_seen": stamp(known.last_seen),
        "missed_runs": known.missed_runs,
    }


def tags_of(known: KnownStore) -> dict[str, str]:
    """A store in OpenStreetMap's words; what is not known has no tag."""
    store = known.store
    tags: Mapping[str, str | None] = {
        "ref": store.ref,
        "name": store.name,
        "operator": store.dealer,
        "addr:street_address": ", ".join(store.address) or None,
        "addr:city": store.city,
        "addr:state": store.state,
        "addr:postcode": store.postcode,
        "addr:country": store.country,
        "phone": store.phone,
        "website": store.url,
        "opening_hours": store.hours,
        "start_date": store.opened_on,
        "shopwatch:retailer": store.retailer,
        "shopwatch:kind": store.kind,
        "shopwatch:status": None if store.status is StoreStatus.UNKNOWN else str(store.status),
        "shopwatch:services": "; ".join(store.services) or None,
        "shopwatch:first_seen": stamp(known.first_seen),
        "shopwatch:last_seen": stamp(known.last_seen),
    }
    return {name: without_control(value) for name, value in tags.items() if value}


def guarded(cell: Cell) -> Cell:
    """A text a spreadsheet would compute gets an apostrophe in front; numbers stay as they are."""
    if isinstance(cell, str) and cell.startswith(_FORMULA_START) and not _NUMBER.fullmatch(cell):
        return f"'{cell}"
    return cell


def plain(text: str) -> str:
    """One line without control characters."""
    return " ".join(without_control(text).split())


def without_control(text: str) -> str:
    return _CONTROL.sub("", text)


def _dated(day: DatedHours) -> str:
    return f"{day.date} {_intervals(day)}"


def _intervals(day: DatedHours) -> str:
    return ",".join(f"{clock(begin)}-{clock(end)}" for begin, end in day.intervals) or "closed"
