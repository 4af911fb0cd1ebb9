"""The store record of Target's API and pages, whole; three places show it and must agree to the last key."""

from __future__ import annotations

import random
from datetime import date, datetime, timedelta
from functools import cache, lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from shopwatch.simulator.stores import hours, places
from shopwatch.simulator.stores.hours import Span, Week
from shopwatch.simulator.stores.model import CLOSED, COMING, Store

Record = dict[str, Any]

DAYS = 14

#: code, name, effective since, share of the stores that have it
_CAPABILITIES = (
    ("Drive Up", "Drive Up", "2018-03-14", 0.95),
    ("CVS pharmacy", "CVS pharmacy", "2016-05-13", 0.85),
    ("WIC", "Accepts WIC", "2013-05-01", 0.7),
    ("Shipt Delivery", "Shipt Delivery", "2018-03-16", 0.95),
    ("Fresh Grocery", "Fresh Grocery", "2010-04-15", 0.7),
    ("Mobile", "AT&T Cell Phone Activations", "2010-08-16", 0.8),
    ("Starbucks", "Starbucks Cafe", "2004-10-02", 0.8),
    ("Store Pickup", "Store Pickup", "2019-02-28", 1.0),
    ("Opt", "Target Optical", "2001-07-01", 0.3),
    ("Ulta", "Ulta Beauty at Target", "2022-07-31", 0.3),
    ("Apple", "Apple Experience", "2023-06-21", 0.25),
    ("Cafe-Pizza", "Café-Pizza", "2013-09-10", 0.3),
    ("Wine Beer Spir", "Wine, Beer & Spirits Available", "2022-11-15", 0.4),
    ("EV Charging", "EV Charging", "2020-03-01", 0.1),
    ("Champion", "Champion", "2026-01-19", 1.0),
    ("Hollister", "The Hollister Collection at Target", "2026-06-18", 1.0),
    ("PokemonX", "Pokemon x Target", "2026-04-15", 1.0),
)
#: hours of their own: a span for each day, the pharmacy with a lunch break
_OWN_HOURS: dict[str, tuple[Span, ...]] = {
    "Mobile": ((660, 1140),),
    "Opt": ((600, 1140),),
    "Starbucks": ((420, 1200),),
    "CVS pharmacy": ((540, 810), (840, 1140)),
}
_VOICED = ("Mobile", "Opt", "CVS pharmacy")
_COUNTIES = (
    "Hennepin",
    "Washington",
    "Jefferson",
    "Franklin",
    "Lake",
    "Orange",
    "Marion",
    "Montgomery",
    "Clark",
)
_ZONES = {
    "America/New_York": ("EST", "Eastern Std Time"),
    "America/Chicago": ("CST", "Central Std Time"),
    "America/Denver": ("MST", "Mountain Std Time"),
    "America/Los_Angeles": ("PST", "Pacific Std Time"),
    "America/Anchorage": ("AKST", "Alaska Std Time"),
    "Pacific/Honolulu": ("HST", "Hawaii Std Time"),
    "America/Boise": ("MST", "Mountain Std Time"),
    "America/Phoenix": ("MST", "Mountain Std Time"),
    "America/Detroit": ("EST", "Eastern Std Time"),
    "America/Indiana/Indianapolis": ("EST", "Eastern Std Time"),
}


def target_record(store: Store, now: datetime, exceptions: dict[date, Span | None]) -> Record:
    """Build the record as of ``now``: its hours are the fourteen days from today on, holidays and all."""
    draw = random.Random(f"target/{store.ref}")
    capabilities = [row for row in _CAPABILITIES if draw.random() < row[3]]
    offered = [code for code, _, _, _ in capabilities]
    today = now.astimezone(ZoneInfo(_zone(store))).date()
    return {
        "store_id": store.ref,
        "location_name": store.name,
        "status": {CLOSED: "Closed", COMING: "Coming Soon"}.get(store.status, "Open"),
        "is_test_location": bool(store.extras.get("test")),
        "geofence": _circle(store, 0.0, draw.randint(120, 190)),
        "mailing_address": _mailing_address(store, draw),
        **({"main_voice_phone_number": dashed(store.phone)} if store.phone else {}),
        "capabilities": [
            {"capability_code": code, "capability_name": name, "effective_date": since}
            for code, name, since, _ in capabilities
        ],
        "drive_up": _circle(store, 0.00006, draw.randint(40, 60)),
        "contact_information": _contacts(store, offered, draw),
        "physical_specifications": {
            "total_building_area": draw.randint(40_000, 190_000),
            "merchandise_level": draw.choice((1, 1, 1, 2)),
            "format": store.kind,
        },
        "geographic_specifications": _geography(store),
        "miscellaneous": {"google_cid": f"https://maps.google.com/maps?cid={draw.randrange(10**18, 10**19)}"},
        "rolling_operating_hours": {
            "main_hours": {"days": _days(store.hours, today, exceptions)},
            "capability_hours": [
                {"capability_code": code, "days": _days((_OWN_HOURS[code],) * 7, today, exceptions)}
                for code in offered
                if code in _OWN_HOURS
            ],
        },
    }


def _zone(store: Store) -> str:
    return places.STATES[store.state].time_zone if store.state in places.STATES else "America/Chicago"


def dashed(phone: str) -> str:
    """``"952-888-7701"``; what is no number of ten digits stays as it is."""
    return f"{phone[:3]}-{phone[3:6]}-{phone[6:]}" if len(phone) == 10 and phone.isdigit() else phone


def _circle(store: Store, shift: float, radius: int) -> Record:
    if store.lat is None or store.lon is None:
        return {}
    return {
        "latitude": round(store.lat - shift, 6),
        "longitude": round(store.lon + shift, 6),
        "radius": radius,
    }


def _mailing_address(store: Store, draw: random.Random) -> Record:
    state = places.STATES.get(store.state)
    address = {
        "address_line1": store.street,
        "city": store.city,
        "country": "United States of America",
        "country_code": "US",
        "county": draw.choice(_COUNTIES),
        "state": state.name if state else "",
        "postal_code": store.postcode,
        "region": store.state,
    }
    return {key: value for key, value in address.items() if value}


def _contacts(store: Store, offered: list[str], draw: random.Random) -> list[Record]:
    """The departments come first and the fax machines between: the first number is not the store's."""
    area = store.phone[:3] or "612"
    contacts = []
    for code in _VOICED:
        if code in offered:
            number = store.phone if code == "Mobile" else f"{area}55501{draw.randint(0, 99):02}"
            contacts.append(_contact("Capability", "VOICE", number, capability=code))
        if code in offered and code == "CVS pharmacy":
            contacts.append(
                _contact("Capability", "FAX", f"{area}55501{draw.randint(0, 99):02}", capability=code)
            )
    contacts.append(_contact("MAIN", "VOICE", store.phone))
    contacts.append(_contact("MAIN", "FAX", f"{area}55501{draw.randint(0, 99):02}"))
    return [contact for contact in contacts if contact["telephone_number"]]


def _contact(area: str, kind: str, number: str, *, capability: str = "") -> Record:
    return {
        "building_area": area,
        **({"capability": capability} if capability else {}),
        "telephone_type": kind,
        "is_international_phone_number": False,
        "telephone_number": dashed(number),
    }


def _geography(store: Store) -> Record:
    where = {} if store.lat is None else {"latitude": store.lat, "longitude": store.lon}
    return {**where, **_time_zone(_zone(store))}


@cache
def _time_zone(zone: str) -> Record:
    winter = datetime(2026, 1, 15, 12, tzinfo=ZoneInfo(zone)).utcoffset() or timedelta()
    summer = datetime(2026, 7, 15, 12, tzinfo=ZoneInfo(zone)).utcoffset()
    code, description = _ZONES.get(zone, ("AST", "Atlantic Std Time"))
    west = int(-winter.total_seconds() // 3600)
    return {
        "time_zone_code": code,
        "time_zone_description": description,
        "time_zone_utc_offset_name": f"UTC-{west:02}",
        "time_zone_offset_hours": f"{west:02}:00:00",
        "is_daylight_savings_time_recognized": winter != summer,
        "iso_time_zone_code": zone,
    }


def _days(week: Week | None, today: date, exceptions: dict[date, Span | None]) -> list[Record]:
    return _same_days(week, today, tuple(exceptions.items()))


@lru_cache(maxsize=1024)
def _same_days(
    week: Week | None, today: date, exceptions: tuple[tuple[date, Span | None], ...]
) -> list[Record]:
    """Few weeks are kept by many stores: their fourteen days are written once."""
    return [
        _day(number, day, spans)
        for number, (day, spans) in enumerate(hours.dated(week, today, DAYS, dict(exceptions)), start=1)
    ]


def _day(number: int, day: date, spans: tuple[Span, ...]) -> Record:
    """A closed day has no ``hours`` at all."""
    record: Record = {
        "sequence_number": str(number),
        "date": day.isoformat(),
        "day_name": hours.NAMES[day.weekday()],
        "is_open": bool(spans),
    }
    if spans:
        record["hours"] = [_span(day, begin, end) for begin, end in spans]
    return record


def _span(day: date, begin: int, end: int) -> Record:
    last = day + timedelta(days=end // hours.DAY_END)
    return {
        "begin_date": day.isoformat(),
        "begin_time": f"{hours.clock(begin)}:00",
        "end_date": last.isoformat(),
        "end_time": f"{hours.clock(end)}:00",
    }
