"""What is missing, malformed or suspicious in a set of stores; without it a lost column passes unseen."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum

from shopwatch.domain.states import BOXES
from shopwatch.domain.store import STORE_FIELDS, Store, StoreStatus
from shopwatch.domain.weeks import read_week

_PATTERNS = {
    "postcode": re.compile(r"\d{5}(-\d{4})?"),
    "phone": re.compile(r"\+[1-9]\d{7,14}"),
    "country": re.compile(r"[A-Z]{2}"),
    "url": re.compile(r"https?://[^\s<>\"]+"),
}
_NULL_ISLAND = 3.0  #: degrees around 0, 0 in which no store is, but many a failed look-up
_BOX_MARGIN = 0.15  #: degrees; the outlines are rough
_CLOSED_NAME = re.compile(r"\b(?:closed|coming soon|do not use|test store)\b", re.IGNORECASE)
#: Fields in which one value for every store is a fault, once there are so many stores.
_VARIED = ("phone", "postcode", "lat", "lon", "city", "hours")
_MANY = 20


class Fault(StrEnum):
    MISSING = "missing"
    MALFORMED = "malformed"
    SUSPICIOUS = "suspicious"


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault of one field; ``detail`` is for people."""

    field: str
    fault: Fault
    detail: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class FieldCount:
    missing: int = 0
    malformed: int = 0
    suspicious: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class StoreCheck:
    """The counts of a set of stores, by field; every field of ``STORE_FIELDS`` is there."""

    stores: int
    duplicates: int  #: stores whose (retailer, ref) was there before
    fields: Mapping[str, FieldCount]
    examples: Mapping[str, str] = field(
        default_factory=dict
    )  #: "field fault": the first finding, with its ref


def check_stores(stores: Iterable[Store]) -> StoreCheck:
    """Count every fault; nothing is dropped or corrected here."""
    counts: Counter[tuple[str, Fault]] = Counter()
    keys: Counter[tuple[str, str]] = Counter()
    values: dict[str, set[object]] = {name: set() for name in _VARIED}
    examples: dict[str, str] = {}
    for store in stores:
        keys[store.key] += 1
        for name, seen in values.items():
            seen.add(getattr(store, name))
        for finding in findings(store):
            counts[finding.field, finding.fault] += 1
            examples.setdefault(
                f"{finding.field} {finding.fault}", f"{store.ref}: {finding.detail}".rstrip(": ")
            )
    total = keys.total()
    fields = {
        name: FieldCount(**{fault.value: counts[name, fault] for fault in Fault}) for name in STORE_FIELDS
    }
    for name, seen in values.items():
        if total >= _MANY and len(seen) == 1 and None not in seen:
            fields[name] = replace(fields[name], suspicious=total)
            examples[f"{name} {Fault.SUSPICIOUS}"] = f"every store has {next(iter(seen))}"
    return StoreCheck(stores=total, duplicates=total - len(keys), fields=fields, examples=examples)


def findings(store: Store) -> Iterator[Finding]:
    """Say everything that is wrong with one store, looked at by itself."""
    for name in STORE_FIELDS:
        if getattr(store, name) in (None, "", ()):
            yield Finding(name, Fault.MISSING)
    if store.status is StoreStatus.UNKNOWN:
        yield Finding("status", Fault.MISSING)
    yield from _malformed(store)
    yield from _misplaced(store)
    if store.status is StoreStatus.OPEN and _CLOSED_NAME.search(store.name):
        yield Finding("name", Fault.SUSPICIOUS, f"open, but called {store.name!r}")


def _malformed(store: Store) -> Iterator[Finding]:
    for name, pattern in _PATTERNS.items():
        value = getattr(store, name)
        if value and not pattern.fullmatch(value):
            yield Finding(name, Fault.MALFORMED, value)
    if store.state and store.state not in BOXES:
        yield Finding("state", Fault.MALFORMED, store.state)
    if store.opened_on and not _is_date(store.opened_on):
        yield Finding("opened_on", Fault.MALFORMED, store.opened_on)
    if store.hours:
        yield from _hours(store.hours)


def _hours(written: str) -> Iterator[Finding]:
    try:
        days = read_week(written).days
    except ValueError:
        yield Finding("hours", Fault.MALFORMED, written)
        return
    if not any(days.values()):
        yield Finding("hours", Fault.SUSPICIOUS, "never open")


def _misplaced(store: Store) -> Iterator[Finding]:
    lat, lon = store.lat, store.lon
    if lat is None or lon is None:
        return
    for name, value, limit in (("lat", lat, 90), ("lon", lon, 180)):
        if not abs(value) <= limit:  # also for a NaN
            yield Finding(name, Fault.MALFORMED, str(value))
    if abs(lat) < _NULL_ISLAND and abs(lon) < _NULL_ISLAND:
        yield Finding("lat", Fault.SUSPICIOUS, "near 0, 0")
        yield Finding("lon", Fault.SUSPICIOUS, "near 0, 0")
        return
    box = BOXES.get(store.state or "")
    if box is None:
        return
    south, north, west, east = box
    if not south - _BOX_MARGIN <= lat <= north + _BOX_MARGIN:
        yield Finding("lat", Fault.SUSPICIOUS, f"{lat} is outside {store.state}")
    if not west - _BOX_MARGIN <= lon <= east + _BOX_MARGIN:
        yield Finding("lon", Fault.SUSPICIOUS, f"{lon} is outside {store.state}")


def _is_date(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True
