"""Reads real store sets (All The Places, December 2021): with them the simulator has the true oddities."""

from __future__ import annotations

import gzip
import html
import json
import random
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from shopwatch.simulator.stores import brands, hours, places
from shopwatch.simulator.stores.generate import first_change
from shopwatch.simulator.stores.model import Store, Stray
from shopwatch.simulator.stores.places import slug

#: Tried in this order under ``--stores DIR``
NAMES = (
    "{retailer}/alltheplaces_2021-12.geojson",
    "{retailer}/alltheplaces_2021-12.geojson.gz",
    "{retailer}.geojson",
    "{retailer}.geojson.gz",
)
_GLUED = re.compile(r"(?<=[a-zA-Z.0-9])(?=(?:Ste|Suite|Unit|Bldg|Space|Apt|Rm)\b)")
_SPACED = re.compile(r"\s+(?=(?:Ste|Suite|Unit|Bldg|Space)\b)", re.IGNORECASE)

Properties = dict[str, Any]


@dataclass(slots=True)
class Reading:
    """A set as read: its stores, and every feature that could not be one, with the reason."""

    stores: dict[str, Store] = field(default_factory=dict)
    strays: list[Stray] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def find(folder: Path, retailer: str) -> Path | None:
    """Say where ``folder`` keeps this retailer's set, if it does."""
    for name in NAMES:
        path = folder / name.format(retailer=retailer)
        if path.is_file():
            return path
    return None


def read(path: Path, retailer: str) -> Reading:
    """Read one set.

    Raises:
        ValueError: the file is no GeoJSON feature collection.
    """
    raw = path.read_bytes()
    try:
        document = json.loads(gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw)
        features = document["features"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ValueError(f"{path} is no GeoJSON feature collection: {error}") from error
    reading = Reading()
    for number, feature in enumerate(features, start=1):
        _take(reading, retailer, feature, number)
    return reading


def _take(reading: Reading, retailer: str, feature: Properties, number: int) -> None:
    properties = feature.get("properties") or {}
    ref = str(properties.get("ref") or "")
    where = f"{retailer} feature {number} (ref {ref or 'none'})"
    if ref == "cell-phones":
        junk = Store(retailer=retailer, ref=ref, name=properties["name"], path=_path(properties["website"]))
        reading.strays.append(Stray(path=junk.path, kind="junk", store=junk))
        reading.problems.append(f"{where} is no store but a page about services: served as such")
        return
    try:
        store = _store(retailer, feature, properties)
    except (ValueError, KeyError, TypeError) as error:
        reading.problems.append(f"{where} is unusable: {type(error).__name__}: {error}")
        return
    if store.ref in reading.stores:
        reading.problems.append(f"{where} repeats the ref of an earlier feature: only the first is served")
        return
    reading.stores[store.ref] = replace(store, changed_at=first_change(store.ref))
    _note_mismatch(reading, store, properties, where)


def _store(retailer: str, feature: Properties, properties: Properties) -> Store:
    lon, lat = (feature.get("geometry") or {}).get("coordinates") or (None, None)
    street = properties.get("addr:full") or ""
    pieces = _GLUED.split(street, maxsplit=1) if retailer == "verizon" else [street]
    if len(pieces) == 1:
        pieces = _SPACED.split(street, maxsplit=1)
    week = properties.get("opening_hours")
    common = {
        "ref": str(properties["ref"]),
        "name": properties["name"],
        "street": street,
        "line1": pieces[0],
        "line2": pieces[1] if len(pieces) > 1 else "",
        "city": properties.get("addr:city") or "",
        "state": properties.get("addr:state") or "",
        "postcode": properties.get("addr:postcode") or "",
        "phone": _digits(properties.get("phone") or ""),
        "lat": lat,
        "lon": lon,
        "hours": hours.parse(week) if week else None,
    }
    return Store(retailer=retailer, **{**common, **_OWN[retailer](properties)})


def _digits(phone: str) -> str:
    digits = re.sub(r"\D", "", phone).removeprefix("1" if phone.startswith("+1") else "")
    return digits if len(digits) == 10 else phone


def _path(website: str) -> str:
    return "/" + website.split("://", 1)[-1].split("/", 1)[1]


def _verizon(properties: Properties) -> Properties:
    path = f"/{properties['website'].lstrip('/')}"
    state = places.STATES[properties["addr:state"]].slug
    if path.split("/")[2] != state:
        path = "/".join(["", "stores", state, slug(properties["addr:city"]), *path.split("/")[4:]])
    return {
        "path": path,
        "kind": properties["store_type"],
        "dealer": properties["business_name"],
        "corporate": "Verizon company stores" in properties["store_type_note"],
        "extras": {"retail_id": properties["retail_id"]},
    }


def _att(properties: Properties) -> Properties:
    draw = random.Random(properties["ref"])
    corporate = properties.get("addr:country") == "US" and draw.random() < 0.25
    return {
        "path": _path(properties["website"]),
        "country": properties["addr:country"],
        "kind": "AT&T Retail" if corporate else "Authorized Retail",
        "corporate": corporate,
        "dealer": "" if corporate else f"{draw.choice(brands.ATT_DEALERS)} - {draw.randint(1, 99)}",
    }


def _target(properties: Properties) -> Properties:
    name = html.unescape(properties["name"]).removeprefix("Target Store - ")
    formats = ("Pfresh", "Pfresh", "SuperTarget", "Gen Merch", "TargetExpress")
    return {
        "name": name.replace("-", " ").title(),
        "path": _path(properties["website"]),
        "kind": random.Random(properties["ref"]).choice(formats),
    }


def _tmobile(properties: Properties) -> Properties:
    ref, state = str(properties["ref"]), properties["addr:state"]
    kinds = ("Store", "Experience Store", "Neighborhood Store", "Authorized Retailer")
    kind = random.Random(ref).choice(kinds)
    return {
        "path": brands.tmobile_path(properties["addr:city"], state, properties["addr:postcode"], ref),
        "kind": kind,
        "corporate": kind != "Authorized Retailer",
        "extras": {"earlier": _path(properties["website"])},
    }


def _walmart(properties: Properties) -> Properties:
    ref, name = properties["ref"], properties["name"]
    kinds = ("Supercenter", "Neighborhood Market", "Pharmacy", "Gas Station", "Pickup")
    draw = random.Random(ref)
    return {
        "path": f"/store/{ref}-{slug(properties['addr:city'])}-{properties['addr:state'].lower()}",
        "kind": next((kind for kind in kinds if kind in name), "Store"),
        "services": brands.walmart_services(draw, fuel=properties["amenity:fuel"] in (True, "yes")),
    }


def _bestbuy(properties: Properties) -> Properties:
    found = re.search(r"-(\d+)(?:-pacific-sales)?\.html$", properties["website"])
    if found is None:
        raise ValueError(f"no store number before .html in {properties['website']}")
    draw = random.Random(found[1])
    return {
        "ref": found[1],
        "path": _path(properties["website"]),
        "kind": properties["brand"],
        "services": brands.bestbuy_services(draw),
    }


_OWN: dict[str, Callable[[Properties], Properties]] = {
    "verizon": _verizon,
    "att": _att,
    "target": _target,
    "tmobile": _tmobile,
    "walmart": _walmart,
    "bestbuy": _bestbuy,
}


def _note_mismatch(reading: Reading, store: Store, properties: Properties, where: str) -> None:
    """An address of another state than the store's is one of Verizon's stale ones: served as that."""
    if store.retailer == "verizon" and store.path != properties["website"]:
        stray = Stray(path=properties["website"], kind="stale", shows=store.ref, store=store)
        reading.strays.append(stray)
        reading.problems.append(f"{where} has the address of another state: its page is {store.path}")
