"""The stores of Best Buy's developer API: the polite way in, for those who have a key."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from shopwatch.simulator.site import Site, fault_of
from shopwatch.simulator.sites.store_pages import get, json_answer, known, lost_field
from shopwatch.simulator.stores import Store, StoreSet
from shopwatch.simulator.stores.hours import DAY_END, NAMES, Week, clock, dated, short
from shopwatch.simulator.stores.model import without
from shopwatch.simulator.stores.places import STATES
from shopwatch.simulator.stores.target_record import dashed
from shopwatch.simulator.world import World

LARGEST_PAGE = 100
#: Dates in ``detailedHours``
_DATES = 14
_DAYS = ("Mon", "Tue", "Wed", "Thurs", "Fri", "Sat", "Sun")
_TYPES = {"Best Buy": "BigBox", "Pacific Sales Kitchen & Home": "PacificSales"}
_WINTER = {
    "America/New_York": -5,
    "America/Detroit": -5,
    "America/Indiana/Indianapolis": -5,
    "America/Chicago": -6,
    "America/Denver": -7,
    "America/Boise": -7,
    "America/Phoenix": -7,
    "America/Los_Angeles": -8,
    "America/Anchorage": -9,
    "Pacific/Honolulu": -10,
    "America/Puerto_Rico": -4,
}

Record = dict[str, Any]


def site(world: World) -> Site:
    """Make the stores of api.bestbuy.com."""
    api = StoresApi(world)
    routes = (
        get("/v1/stores", api.search),
        get("/v1/stores/{ref}.json", api.one),
        get("/v1/stores{terms}", api.search),
    )
    return Site(name="bestbuy-api", routes=routes, robots="")


class StoresApi:
    """One store, or those that meet the terms."""

    def __init__(self, world: World) -> None:
        self._world = world

    @property
    def _stores(self) -> StoreSet:
        stores: StoreSet = self._world.stores["bestbuy"]
        return stores

    async def one(self, request: Request) -> Response:
        """``/v1/stores/281.json``."""
        if not request.query_params.get("apiKey"):
            return _no_key()
        store = self._stores.by_ref(request.path_params["ref"])
        if store is None:
            return _error(404, "Not Found", "The requested store is not available")
        return json_answer(self._shown(request, store))

    async def search(self, request: Request) -> Response:
        """``/v1/stores(area(55423,50)&storeType=BigBox)``."""
        if not request.query_params.get("apiKey"):
            return _no_key()
        try:
            found = self.matching(request.path_params.get("terms", ""))
            size = min(LARGEST_PAGE, max(1, int(request.query_params.get("pageSize", "10"))))
            page = max(1, int(request.query_params.get("page", "1")))
        except ValueError as error:
            return _error(400, "Bad Request", f"Couldn't understand '{request.scope['path']}': {error}")
        shown = found[(page - 1) * size : page * size]
        return json_answer(
            {
                "from": (page - 1) * size + 1 if shown else 0,
                "to": (page - 1) * size + len(shown),
                "total": len(found),
                "currentPage": page,
                "totalPages": -(-len(found) // size),
                "queryTime": "0.003",
                "totalTime": "0.009",
                "partial": False,
                "canonicalUrl": f"{request.scope['path']}?format=json",
                "stores": [self._shown(request, store, distance) for distance, store in shown],
            }
        )

    def matching(self, terms: str) -> list[tuple[float | None, Store]]:
        """Read ``(a&b)``; terms are ``area(zip,miles)``, ``name=value`` and ``name in(a,b)``."""
        text = terms.removeprefix("(").removesuffix(")") if terms else ""
        area = re.search(r"area\((?P<place>[^)]*)\)", text)
        if area:
            text = text.replace(area[0], "")
        found: list[tuple[float | None, Store]] = [(None, store) for store in self._open_ones()]
        if area:
            found = list(self._near(area["place"]))
        for term in filter(None, (part.strip() for part in text.split("&"))):
            test = _test(term)
            found = [pair for pair in found if test(record(pair[1], self._world.now(), self._stores))]
        return found

    def _open_ones(self) -> list[Store]:
        return sorted(
            (s for s in self._stores.stores.values() if s.status == "open"), key=lambda store: int(store.ref)
        )

    def _near(self, place: str) -> list[tuple[float, Store]]:
        parts = place.split(",")
        miles = float(parts[-1]) if len(parts) > 1 else 10.0
        if len(parts) == 3:
            found = self._stores.near(float(parts[0]), float(parts[1]), limit=2000, within_miles=miles)
        else:
            found = self._stores.near_zip(parts[0].strip(), limit=2000, within_miles=miles)
        return [pair for pair in found if pair[1].status == "open"]

    def _shown(self, request: Request, store: Store, distance: float | None = None) -> Record:
        if fault_of(request) == "missing-field":
            store = without(store, lost_field(request, self._stores))
        whole = record(store, self._world.now(), self._stores)
        show = request.query_params.get("show", "")
        if show and show != "all":
            whole = {name: whole[name] for name in show.split(",") if name in whole}
        elif not show:
            whole.pop("detailedHours", None)
        if distance is not None:
            whole["distance"] = round(distance, 2)
        return whole


def _test(term: str) -> Callable[[Record], bool]:
    several = re.fullmatch(r"(\w+)\s+in\s*\(([^)]*)\)", term)
    single = re.fullmatch(r"(\w+)=(.*)", term)
    if several:
        name, wanted = several[1], {value.strip() for value in several[2].split(",")}
    elif single:
        name, wanted = single[1], {single[2].strip().strip('"')}
    else:
        raise ValueError(f"no term: {term}")
    return lambda shown: str(shown.get(name)) in wanted


def record(store: Store, now: datetime, stores: StoreSet) -> Record:
    """Write one store; ``detailedHours`` are dated, so holidays show in them."""
    zone = STATES[store.state].time_zone if store.state in STATES else "America/Puerto_Rico"
    whole = known(
        storeId=int(store.ref) if store.ref.isdigit() else None,
        storeType=_TYPES.get(store.kind),
        name=store.name,
        longName=store.name,
        address=store.line1,
        city=store.city,
        region=store.state,
        fullPostalCode=store.postcode,
        postalCode=store.postcode5,
        country="US",
        lat=store.lat,
        lng=store.lon,
        hours=_hours(store.hours, _plain),
        hoursAmPm=_hours(store.hours, _am_pm),
        phone=dashed(store.phone),
        detailedHours=_detailed(store, now, stores),
    )
    return {
        **whole,
        "address2": store.line2,
        "gmtOffset": _WINTER[zone],
        "services": [{"service": name} for name in store.services],
    }


def _hours(week: Week | None, spell: Callable[[int], str]) -> str:
    """``"Mon: 11-8; …; Thurs: 11-8; …"``."""
    return "; ".join(
        f"{day}: {spell(spans[0][0])}-{spell(spans[0][1])}" if spans else f"{day}: Closed"
        for day, spans in zip(_DAYS, week or (), strict=False)
    )


def _plain(minutes: int) -> str:
    return short(minutes)


def _am_pm(minutes: int) -> str:
    return f"{short(minutes)}{'pm' if minutes % DAY_END >= 720 else 'am'}"


def _detailed(store: Store, now: datetime, stores: StoreSet) -> list[Record]:
    rows = []
    for day, spans in dated(store.usual or store.hours, now.date(), _DATES, stores.exceptions):
        row: Record = {"day": NAMES[day.weekday()], "date": day.isoformat()}
        rows.append(
            row
            | (
                {"open": clock(spans[0][0]), "close": clock(spans[0][1])}
                if spans
                else {"open": None, "close": None}
            )
        )
    return rows


def _no_key() -> Response:
    return json_answer(
        {"errorCode": "403", "errorMessage": "We are unable to validate the API key (none given)"}, 403
    )


def _error(status: int, title: str, message: str) -> Response:
    error = {"code": status, "status": f"{status} {title}", "message": message}
    return json_answer({"error": error}, status)
