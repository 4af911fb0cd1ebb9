"""Directories that others made, read into stores; without it a first run has nothing to be compared with."""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from shopwatch.domain.errors import Invalid
from shopwatch.domain.store import Store, StoreStatus
from shopwatch.domain.weeks import read_week
from shopwatch.retailers.parsing import values
from shopwatch.retailers.registry import RETAILERS

FORMATS = ("geojson", "csv")
Facts = Mapping[str, Any]  #: by the column names of our own CSV export

_FEATURES = re.compile(r'"features"\s*:\s*\[\s*')
_BETWEEN = re.compile(r"\s*,?\s*")
#: Where a set names a store by the address of its page, the store's number within it.
_REF_OF_URL = {
    "bestbuy": re.compile(r"-(\d+)(?:-pacific-sales)?\.html$"),
    "target": re.compile(r"/(\d+)/?$"),
    "walmart": re.compile(r"/store/(\d+)[^/]*/?$"),
    "att": re.compile(r"/(\d+)/?$"),
}
_BRANDS = {retailer.name.casefold(): name for name, retailer in RETAILERS.items()} | {
    "pacific sales": "bestbuy",
    "pacific kitchen & home": "bestbuy",
}
_STREET_TAGS = ("addr:housenumber", "addr:street", "addr:unit")
_SAID_YES_NO = {"true": True, "yes": True, "false": False, "no": False}


@dataclass(frozen=True, slots=True)
class Remark:
    """What a line of the file has that could not be used."""

    line: int
    text: str

    def __str__(self) -> str:
        return f"line {self.line:,}: {self.text}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Baseline:
    """A directory as read: its stores, and every line that was left out or is not whole."""

    retailer: str
    stores: tuple[Store, ...]
    remarks: tuple[Remark, ...]


def read_baseline(raw: bytes, format_name: str, *, retailer: str | None = None) -> Baseline:
    """Read GeoJSON in OpenStreetMap's words, or CSV with the columns of ``stores export``; gzip is unpacked.

    Raises:
        Invalid: it is no such file, is cut off, has no usable store, or does not say whose stores they are.
    """
    text = _text(raw)
    entries = list(_features(text) if format_name == "geojson" else _lines(text))
    retailer = retailer or _whose(facts for _, facts in entries)
    stores: dict[str, Store] = {}
    remarks: list[Remark] = []
    for line, facts in entries:
        store = _store(retailer, facts, remarks, line)
        if store is not None and store.ref in stores:
            remarks.append(Remark(line, f"store {store.ref} again: left out, the first one counts"))
        elif store is not None:
            stores[store.ref] = store
    if not stores:
        why = f": {remarks[0]}" if remarks else ""
        raise Invalid(f"the file has no store of {RETAILERS[retailer].name} that could be used{why}")
    return Baseline(retailer=retailer, stores=tuple(stores.values()), remarks=tuple(remarks))


def _text(raw: bytes) -> str:
    try:
        return (gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw).decode("utf-8-sig")
    except (OSError, EOFError, zlib.error) as error:
        raise Invalid(f"the file is packed with gzip and cannot be unpacked: {error}") from None
    except UnicodeDecodeError as error:
        raise Invalid(f"the file is not UTF-8 text: byte {error.start:,} is no letter") from None


def _features(text: str) -> Iterator[tuple[int, Facts]]:
    """Each feature with the line it begins in; the list is walked by hand because JSON forgets lines."""
    begin = _FEATURES.search(text)
    if begin is None:
        raise Invalid('the file is no GeoJSON feature collection: it has no list "features"')
    decode, place, line = json.JSONDecoder().raw_decode, begin.end(), 1 + text.count("\n", 0, begin.end())
    while not text.startswith("]", place):
        try:
            feature, end = decode(text, place)
        except ValueError as error:
            raise Invalid(f"the file is broken or cut off: line {line:,}: {error}") from None
        yield line, _tags(feature)
        following = _BETWEEN.match(text, end)
        after = following.end() if following else end
        line, place = line + text.count("\n", place, after), after


def _tags(feature: object) -> Facts:
    """A feature in the words of our CSV; one that is none has no facts, and is said to be without a ref."""
    said = feature.get("properties") if isinstance(feature, dict) else None
    if not isinstance(feature, dict) or not isinstance(said, dict):
        return {}
    point = feature.get("geometry")
    place = point.get("coordinates") if isinstance(point, dict) else None
    lon, lat = place[:2] if isinstance(place, list) and len(place) > 1 else (None, None)
    return {
        "retailer": said.get("shopwatch:retailer") or said.get("brand"),
        "ref": said.get("ref"),
        "name": said.get("name"),
        "kind": said.get("shopwatch:kind"),
        "status": "closed" if said.get("end_date") else said.get("shopwatch:status"),
        "dealer": said.get("operator"),
        "address": _street(said),
        "city": said.get("addr:city"),
        "state": said.get("addr:state"),
        "postcode": said.get("addr:postcode"),
        "country": said.get("addr:country"),
        "phone": said.get("phone") or said.get("contact:phone"),
        "lat": lat,
        "lon": lon,
        "hours": said.get("opening_hours"),
        "services": said.get("shopwatch:services"),
        "opened_on": said.get("start_date"),
        "url": said.get("website") or said.get("contact:website"),
    }


def _street(said: Mapping[str, Any]) -> str | None:
    whole = said.get("addr:street_address") or said.get("addr:full")
    return whole or " ".join(str(said[tag]) for tag in _STREET_TAGS if said.get(tag)) or None


def _lines(text: str) -> Iterator[tuple[int, Facts]]:
    reader = csv.DictReader(io.StringIO(text, newline=""))
    columns = reader.fieldnames or ()
    if "ref" not in columns or "name" not in columns:
        raise Invalid(
            f"line 1: a CSV file needs the columns ref and name, as `stores export` writes them; "
            f"it has {', '.join(columns)[:200] or 'none'}"
        )
    try:
        for row in reader:
            yield reader.line_num, {name: _unguarded(cell) for name, cell in row.items() if name}
    except csv.Error as error:
        raise Invalid(f"line {reader.line_num:,}: the CSV is broken: {error}") from None


def _unguarded(cell: str | None) -> str | None:
    """Our export puts an apostrophe before what a spreadsheet would compute."""
    return cell[1:] if cell and re.match(r"'[=+\-@|%]", cell) else cell


def _whose(entries: Iterable[Facts]) -> str:
    named = {_named(facts.get("retailer")) for facts in entries} - {None}
    if len(named) == 1 and (found := named.pop()) is not None:
        return found
    said = "the stores of several retailers" if named else "no retailer's name"
    raise Invalid(f"the file has {said}: say whose stores to take with --retailer")


def _named(word: object) -> str | None:
    plain = str(word or "").casefold()
    return plain if plain in RETAILERS else _BRANDS.get(plain)


def _store(retailer: str, facts: Facts, remarks: list[Remark], line: int) -> Store | None:
    ref, name = _ref(retailer, facts), values.text(facts.get("name"))
    owner = _named(facts.get("retailer"))
    if owner is not None and owner != retailer:
        remarks.append(Remark(line, f"a store of {RETAILERS[owner].name}: left out"))
        return None
    if ref is None or name is None:
        remarks.append(Remark(line, f"{'no ref' if ref is None else f'store {ref} has no name'}: left out"))
        return None
    lat, lon = values.coordinates(facts.get("lat"), facts.get("lon"))
    store = Store(
        retailer=retailer,
        ref=ref,
        name=name,
        kind=values.text(facts.get("kind")),
        dealer=values.text(facts.get("dealer")),
        corporate=_SAID_YES_NO.get(str(facts.get("corporate")).lower()),
        address=values.street(facts.get("address")),
        city=values.text(facts.get("city")),
        state=values.state(facts.get("state")),
        postcode=values.postcode(facts.get("postcode")),
        country=values.country(facts.get("country")),
        phone=values.phone(facts.get("phone")),
        lat=lat,
        lon=lon,
        hours=_hours(facts.get("hours")),
        services=tuple(
            filter(None, (values.text(one) for one in str(facts.get("services") or "").split(";")))
        ),
        status=_status(facts.get("status")),
        url=_url(facts.get("url")),
        opened_on=values.iso_date(facts.get("opened_on")),
    )
    remarks += [Remark(line, f"store {ref}: {text}, kept without") for text in _lost(facts, store)]
    return store


def _ref(retailer: str, facts: Facts) -> str | None:
    ref = values.text(facts.get("ref"))
    pattern = _REF_OF_URL.get(retailer)
    if ref is None or pattern is None or "/" not in ref:
        return ref
    number = pattern.search(ref)
    return number[1] if number else None


def _hours(written: object) -> str | None:
    text = values.text(written)
    try:
        return read_week(text).osm() or None if text else None
    except ValueError:
        return None


def _status(word: object) -> StoreStatus:
    try:
        return StoreStatus(str(word or "unknown").strip().lower())
    except ValueError:
        return StoreStatus.UNKNOWN


def _url(address: object) -> str | None:
    text = values.text(address)
    return text if text and text.startswith(("http://", "https://")) else None


def _lost(facts: Facts, store: Store) -> Iterator[str]:
    """What the file says and the store could not take."""
    for name in ("phone", "hours", "lat"):
        said = values.text(facts.get(name))
        if said is not None and getattr(store, name) is None:
            yield f"{'coordinates' if name == 'lat' else name} not understood ({said[:80]!r})"
