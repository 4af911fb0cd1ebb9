"""Stores and sets for tests: builders that fill in what a test is not about."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from shopwatch.domain.store import Store, StoreStatus
from shopwatch.ports import KnownStore

FIRST = datetime(2021, 8, 26, 6, 0, tzinfo=UTC)


def a_store(number: int = 1, **facts: Any) -> Store:
    """A whole store; ``facts`` replace what the test is about."""
    store = Store(
        retailer="target",
        ref=str(number),
        name=f"Target {number}",
        address=(f"{number} Main Street",),
        city="Duluth",
        state="MN",
        postcode="55811",
        phone=f"+1218555{number:04}",
        lat=40.0 + number / 1000,
        lon=-90.0 - number / 1000,
        hours="Mo-Su 08:00-22:00",
        status=StoreStatus.OPEN,
        url=f"https://www.example.com/sl/{number}",
    )
    return replace(store, **facts)


def stores(count: int, **facts: Any) -> list[Store]:
    return [a_store(number, **facts) for number in range(1, count + 1)]


def as_known(seen: Iterable[Store], at: datetime = FIRST) -> tuple[KnownStore, ...]:
    return tuple(KnownStore(store=store, first_seen=at, last_seen=at) for store in seen)


def days(number: float) -> timedelta:
    return timedelta(days=number)


def recorded_stores(path: Path) -> list[Store]:
    """The stores of a GeoJSON snapshot, the first of each ref."""
    features = json.loads(gzip.decompress(path.read_bytes()))["features"]
    found = [_recorded(feature) for feature in features]
    return list({store.ref: store for store in reversed(found)}.values())


def _recorded(feature: dict[str, Any]) -> Store:
    tags = feature["properties"]
    lon, lat = (feature.get("geometry") or {}).get("coordinates", (None, None))
    street = " ".join(tags[key] for key in ("addr:housenumber", "addr:street", "addr:unit") if tags.get(key))
    return Store(
        retailer="target" if tags["brand"] == "Target" else "verizon",
        ref=tags["ref"].rsplit("/", 1)[-1],
        name=tags["name"],
        address=(street,) if street else (),
        city=tags.get("addr:city"),
        state=tags.get("addr:state"),
        postcode=tags.get("addr:postcode"),
        phone=tags.get("phone"),
        lat=lat,
        lon=lon,
        hours=tags.get("opening_hours"),
        status=StoreStatus.OPEN,
        url=tags.get("website"),
    )
