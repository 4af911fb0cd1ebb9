"""Walmart's store page in two shapes, the page without a store, the directory with JSON in a JSON string."""

from __future__ import annotations

import random
from typing import Any

from shopwatch.simulator.sites.store_pages import Pieces, known, script_json, text
from shopwatch.simulator.stores import Store, StoreSet
from shopwatch.simulator.stores.hours import DAY_END, NAMES, Week, clock
from shopwatch.simulator.stores.places import STATES
from shopwatch.simulator.stores.target_record import dashed

WALL = (
    '<h2>Robot or human?</h2><div id="px-captcha"></div>'
    '<script>window.__wml = {"redirectUrl":"/blocked?url=Lw==","appId":"PXu6b0qd2S",'
    '"jsClientSrc":"/px/PXu6b0qd2S/init.js"};</script>'
)
#: The name the page gives to stores of a kind
_NAMES = {
    "Supercenter": "Walmart Supercenter",
    "Neighborhood Market": "Neighborhood Market",
    "Store": "Walmart",
    "Pharmacy": "Walmart Pharmacy",
    "Gas Station": "Walmart Gas Station",
    "Pickup": "Walmart Pickup",
}
_TYPE_IDS = {
    "Supercenter": 1,
    "Store": 2,
    "Neighborhood Market": 4,
    "Pharmacy": 5,
    "Gas Station": 6,
    "Pickup": 8,
}
_SERVICES = {
    "PHARMACY": "Pharmacy",
    "VISION_CENTER": "Vision Center",
    "AUTO_CARE_CENTER": "Auto Care Center",
    "DELI": "Deli",
    "GAS_STATION": "Gas Station",
}
_ACCESS_POINTS = (
    "PICKUP_CURBSIDE",
    "PICKUP_INSTORE",
    "DELIVERY_ADDRESS",
    "DELIVERY_IN_HOME",
    "PHARMACY_IMMUNIZATION",
    "WIRELESS_SERVICE",
    "ACC",
    "ACC_INGROUND",
)

Record = dict[str, Any]


def render(stores: StoreSet, store: Store) -> Pieces:
    """One store."""
    title = f"<title>{text(_display_name(store))} | Walmart.com</title>"
    heading = f"<h1>{text(store.name)}</h1><p>{text(store.street)}</p>"
    if stores.modes["page"] == "redux":
        state = script_json({"store": _redux(store)})
        return title, f"{heading}<script>window.__WML_REDUX_INITIAL_STATE__ = {state};</script>"
    return title, heading + next_data(_node(store, stores.modes["phone"]))


def next_data(node: Record | None) -> str:
    """The page's data; a store that is no more is null, and nothing else tells."""
    data = {"nodeDetail": node}
    props = {"pageProps": {"initialData": {"initialDataNodeDetail": {"data": data}}}}
    value = {"props": props, "page": "/store/[...nodeId]", "buildId": "Qm7w", "isFallback": False}
    return f'<script id="__NEXT_DATA__" type="application/json">{script_json(value)}</script>'


def soft_404(stores: StoreSet) -> str:
    """What comes, with status 200, for the number of a store that has closed."""
    if stores.modes["page"] == "redux":
        return '<script>window.__WML_REDUX_INITIAL_STATE__ = {"store":null};</script>'
    return next_data(None)


def _display_name(store: Store) -> str:
    return f"{store.name}, {store.city}" if store.name else ""


def _node(store: Store, phone_field: str) -> Record:
    address = {
        "addressLineOne": store.line1,
        "addressLineTwo": store.line2 or None,
        "city": store.city,
        "state": store.state,
        "postalCode": store.postcode,
        "country": "US",
    }
    return {
        "id": store.ref,
        "name": _NAMES.get(store.kind, "Walmart"),
        "displayName": _display_name(store),
        "type": "STORE",
        phone_field: dashed(store.phone),
        "address": {name: value for name, value in address.items() if value != ""},
        "geoPoint": known(latitude=store.lat, longitude=store.lon) or None,
        "open24Hours": _round_the_clock(store.hours),
        "isGlassEligible": True,
        "operationalHours": _days(store.hours),
        "services": [_service(name, store) for name in store.services],
        "capabilities": [{"accessPointType": name} for name in _access_points(store)],
    }


def _round_the_clock(week: Week | None) -> bool:
    return week is not None and all(spans == ((0, DAY_END),) for spans in week)


def _days(week: Week | None) -> list[Record]:
    return [
        {"day": name, "start": clock(spans[0][0]), "end": clock(spans[0][1]), "closed": False}
        if spans
        else {"day": name, "start": None, "end": None, "closed": True}
        for name, spans in zip(NAMES, week or (), strict=False)
    ]


def _service(name: str, store: Store) -> Record:
    """A department, with a telephone and hours of its own."""
    draw = random.Random(f"{name}/{store.ref}")
    own: Week = (((540, 1260),),) * 5 + (((540, 1140),), ((600, 1080),))
    return {
        "name": name,
        "displayName": _SERVICES.get(name, name),
        "phone": f"{store.phone[:3] or '501'}-555-01{draw.randint(0, 99):02}",
        "open24Hours": False,
        "operationalHours": _days(store.hours if name == "GAS_STATION" else own),
    }


def _access_points(store: Store) -> list[str]:
    draw = random.Random(f"access/{store.ref}")
    found = [name for name in _ACCESS_POINTS if draw.random() < 0.6]
    return found + (["FUEL_STATIONS"] if "GAS_STATION" in store.services else [])


def _redux(store: Store) -> Record:
    """The store as it was until August 2022."""
    week = store.hours
    address = known(
        streetAddress=store.street,
        city=store.city,
        state=store.state,
        postalCode=store.postcode,
        country="US",
    )
    return {
        "id": int(store.ref),
        "displayName": store.name,
        "phone": dashed(store.phone),
        "detailsPageURL": f"http://www.walmart.com/store/{store.ref}",
        "geoPoint": known(latitude=store.lat, longitude=store.lon),
        "address": address,
        "storeType": {"id": _TYPE_IDS.get(store.kind, 2), "name": store.kind, "displayName": store.kind},
        "operationalHours": {"open24Hours": _round_the_clock(week), **_grouped(week)},
        "operationalHoursCombined": _combined(week),
        "primaryServices": [{"name": name, "active": True} for name in store.services],
        "secondaryServices": [{"name": "GAS_STATION", "active": "GAS_STATION" in store.services}],
        "openDate": f"01/{random.Random(store.ref).randint(10, 28)}/2005 00:00",
        "timeZone": _zone(store),
    }


def _zone(store: Store) -> str:
    zone = STATES[store.state].time_zone if store.state in STATES else ""
    names = {
        "New_York": "EST",
        "Detroit": "EST",
        "Chicago": "CST",
        "Denver": "MST",
        "Boise": "MST",
        "Phoenix": "MST",
    }
    return names.get(zone.rsplit("/", 1)[-1], "PST")


def _span(week: Week, day: int) -> Record:
    spans = week[day]
    return {"startHr": clock(spans[0][0]), "endHr": clock(spans[0][1])} if spans else {"closed": True}


def _grouped(week: Week | None) -> Record:
    if week is None:
        return {}
    return {"monToFriHrs": _span(week, 0), "saturdayHrs": _span(week, 5), "sundayHrs": _span(week, 6)}


def _combined(week: Week | None) -> list[Record]:
    """Days in a row with the same hours as one."""
    rows: list[Record] = []
    last: tuple[tuple[int, int], ...] | None = None
    for day, spans in enumerate(week or ()):
        if spans == last:
            rows[-1]["endDayName"] = NAMES[day][:3]
            continue
        last = spans
        hours = {"closed": not spans, "openFullDay": spans == ((0, DAY_END),), **(_span(week or (), day))}
        rows.append({"startDayName": NAMES[day][:3], "endDayName": NAMES[day][:3], "dailyHours": hours})
    return rows


def directory(stores: StoreSet) -> str:
    """All stores by state and city; key and nesting change from entry to entry, one has lost its city."""
    states: dict[str, list[Record]] = {}
    for number, ((state, city), group) in enumerate(sorted(_by_city(stores).items())):
        states.setdefault(state, []).append(_directory_entry(number, city, group))
    inner = script_json(states)
    value = {
        "props": {
            "pageProps": {
                "bootstrapData": {"cv": {"storepages": {"_all_": {"sdStoresPerCityPerState": inner}}}}
            }
        }
    }
    lost = next(
        (entry["stores"][0] for rows in states.values() for entry in rows if "city" not in entry), None
    )
    link = f'<a href="/store/{lost["storeId"]}-undefined-undefined">undefined</a>' if lost else ""
    return f'{link}<script id="__NEXT_DATA__" type="application/json">{script_json(value)}</script>'


def _by_city(stores: StoreSet) -> dict[tuple[str, str], list[Store]]:
    groups: dict[tuple[str, str], list[Store]] = {}
    for store in stores.stores.values():
        groups.setdefault((store.state, store.city), []).append(store)
    return groups


def _directory_entry(number: int, city: str, group: list[Store]) -> Record:
    if number == 3:
        return {"stores": [{"storeId": int(store.ref)} for store in group]}
    if len(group) == 1 and number % 2:
        return {"city": city, "storeId": int(group[0].ref)}
    key = "storeid" if number % 7 == 0 else "storeId"
    return {"city": city, "stores": [{key: int(store.ref)} for store in group]}
