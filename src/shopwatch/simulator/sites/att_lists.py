"""The list API behind AT&T's locator (SOCi, once where2getit): conditions in, records out."""

from __future__ import annotations

import fnmatch
import json
from collections.abc import Callable, Mapping
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from shopwatch.simulator.site import fault_of
from shopwatch.simulator.sites.att_pages import phone
from shopwatch.simulator.sites.store_pages import JSON, json_answer, lost_field
from shopwatch.simulator.stores import Store, StoreSet
from shopwatch.simulator.stores.hours import NAMES, Week, clock
from shopwatch.simulator.stores.model import without
from shopwatch.simulator.world import World

#: The public keys of the page: today's, and the one before it, which is refused
APP_KEY = "A62B99DD-E92C-4936-B286-553804D8013F"
NO_RESULTS = 5007
_REFUSED_KEY = 1000

Record = dict[str, Any]


class Lists:
    """The two calls, with the records written so far."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._kept: dict[str, tuple[Store, str, Record, bytes]] = {}

    @property
    def _stores(self) -> StoreSet:
        stores: StoreSet = self._world.stores["att"]
        return stores

    async def getlist(self, request: Request) -> Response:
        """All records a condition lets through, or the countries."""
        asked = _form(await request.body())
        if isinstance(asked, Response):
            return asked
        if asked.get("objectname") == "Account::Country":
            countries = sorted({store.country for store in self._stores.stores.values()} | {"US"})
            return json_answer(
                {"code": 1, "response": {"collection": [{"name": name} for name in countries]}}
            )
        if asked.get("objectname") == "Account::State":
            states = sorted({store.state for store in self._stores.stores.values() if store.state})
            return json_answer({"code": 1, "response": {"collection": [{"name": name} for name in states]}})
        return self._answer(request, self._all(), asked)

    async def locatorsearch(self, request: Request) -> Response:
        """Records near the first of ``geolocs``, nearest first."""
        asked = _form(await request.body())
        if isinstance(asked, Response):
            return asked
        try:
            place = asked["geolocs"]["geoloc"][0]
            lat, lon = float(place["latitude"]), float(place["longitude"])
            radius = max(float(part) for part in str(asked.get("searchradius", "40|50")).split("|"))
        except (KeyError, IndexError, TypeError, ValueError) as error:
            return _refusal(1001, f"geolocs.geoloc[0] needs latitude and longitude: {error!r}")
        near = self._stores.near(lat, lon, limit=5000, within_miles=radius)
        return self._answer(request, [store for _, store in near], {"limit": 15, **asked})

    def _all(self) -> list[Store]:
        hidden = [s.store for s in self._stores.strays if s.kind == "api-only" and s.store is not None]
        return [*self._stores.stores.values(), *hidden]

    def _answer(self, request: Request, stores: list[Store], asked: Mapping[str, Any]) -> Response:
        where, limit = asked.get("where") or {}, int(asked.get("limit") or 10)
        lost = lost_field(request, self._stores) if fault_of(request) == "missing-field" else ""
        rows: list[bytes] = []
        try:
            for store in stores:
                record, row = self._record(store, lost)
                if len(rows) < limit and holds(where, record):
                    rows.append(row)
        except (KeyError, TypeError, ValueError) as error:
            return _refusal(1002, f"where cannot be understood: {error}")
        if not rows:
            return _refusal(NO_RESULTS, "no results")
        body = b'{"code":1,"response":{"collectioncount":%d,"collection":[%s]}}' % (
            len(rows),
            b",".join(rows),
        )
        return Response(body, media_type=JSON)

    def _record(self, store: Store, lost: str) -> tuple[Record, bytes]:
        mode = self._stores.modes["hours"]
        if lost:
            record = list_record(without(store, lost), mode)
            return record, msgspec.json.encode(record)
        kept = self._kept.get(store.ref)
        if kept is None or kept[0] is not store or kept[1] != mode:
            record = list_record(store, mode)
            kept = (store, mode, record, msgspec.json.encode(record))
            self._kept[store.ref] = kept
        return kept[2], kept[3]


def _form(body: bytes) -> dict[str, Any] | Response:
    try:
        request = msgspec.json.decode(body, type=dict[str, Any])["request"]
        key, form = request["appkey"], dict(request["formdata"])
    except (msgspec.MsgspecError, KeyError, TypeError, ValueError):
        return _refusal(1003, "the body must be {request: {appkey, formdata}}")
    return form if key == APP_KEY else _refusal(_REFUSED_KEY, "invalid appkey")


def _refusal(code: int, message: str) -> Response:
    return json_answer({"code": code, "response": {"message": message}})


def list_record(store: Store, mode: str) -> Record:
    """Write one record of the collection."""
    branch = store.name.removeprefix("AT&T Store ")
    listed = f"AT&T Store - {branch} - {store.ref}" if branch != store.name else store.name
    return {
        "clientkey": store.ref,
        "name": listed if store.name else None,
        "address1": store.line1 or None,
        "address2": store.line2 or None,
        "address3": None,
        "city": store.city or None,
        "state": store.state or None,
        "postalcode": store.postcode or None,
        "country": store.country,
        "phone": phone(store.phone) or None,
        "latitude": None if store.lat is None else repr(store.lat),
        "longitude": None if store.lon is None else repr(store.lon),
        "company_owned_stores": "1" if store.corporate else "",
        "opening_status": "permanently_closed" if store.status == "closed" else None,
        "virtualstore": store.extras.get("virtualstore"),
        "offers_spanish_support": "1" if store.ref[-1] in "02468" else None,
        "cash_payments_accepted": "1" if store.ref[-1] in "13579" else None,
        "facebook_url": None,
        "url": store.path or None,
        **(_bho(store.hours) if mode == "bho" else _pairs(store.hours)),
    }


def _pairs(week: Week | None) -> Record:
    """``monday_open`` "10:00"; empty if closed."""
    pairs: Record = {}
    for name, spans in zip(NAMES, week or ((),) * 7, strict=True):
        begin, end = (clock(spans[0][0]), clock(spans[0][1])) if spans else ("", "")
        pairs |= {f"{name.lower()}_open": begin, f"{name.lower()}_close": end}
    return pairs


def _bho(week: Week | None) -> Record:
    """Seven pairs from Sunday, as JSON in a string; 9999 is closed."""
    if week is None:
        return {"bho": None}
    pairs = [
        [clock(spans[0][0]).replace(":", ""), clock(spans[0][1]).replace(":", "")]
        if spans
        else ["9999", "9999"]
        for spans in (week[6], *week[:6])
    ]
    return {"bho": json.dumps(pairs)}


def holds(where: Mapping[str, Any], record: Record) -> bool:
    """Say whether a record meets ``{"and": {"state": {"eq": "TX"}}}`` and its like."""
    return all(_holds(name, condition, record) for name, condition in where.items())


def _holds(name: str, condition: Any, record: Record) -> bool:
    if name == "and":
        return holds(condition, record)
    if name == "or":
        return any(_holds(field, inner, record) for field, inner in condition.items())
    value = "" if record.get(name) is None else str(record[name])
    return all(_OPERATORS[operator](value, wanted) for operator, wanted in condition.items())


def _like(value: str, pattern: Any) -> bool:
    return fnmatch.fnmatchcase(value, str(pattern).replace("%", "*").replace("_", "?"))


def _many(wanted: Any) -> list[str]:
    return [str(one) for one in (wanted if isinstance(wanted, list) else str(wanted).split(","))]


_OPERATORS: dict[str, Callable[[str, Any], bool]] = {
    "eq": lambda value, wanted: not str(wanted or "") or value == str(wanted),
    "ne": lambda value, wanted: value != str(wanted),
    "distinctfrom": lambda value, wanted: value != str(wanted),
    "like": _like,
    "ilike": lambda value, wanted: _like(value.lower(), str(wanted).lower()),
    "notlike": lambda value, wanted: not _like(value, wanted),
    "in": lambda value, wanted: value in _many(wanted),
    "notin": lambda value, wanted: value not in _many(wanted),
    "gt": lambda value, wanted: float(value) > float(wanted),
    "lt": lambda value, wanted: float(value) < float(wanted),
    "ge": lambda value, wanted: float(value) >= float(wanted),
    "le": lambda value, wanted: float(value) <= float(wanted),
    "between": lambda value, wanted: float(_many(wanted)[0]) <= float(value) <= float(_many(wanted)[1]),
}
