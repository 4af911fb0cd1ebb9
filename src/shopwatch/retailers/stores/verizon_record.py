"""Verizon's ``storeJSON`` and the words of its records; without it no page of a store could be read."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from shopwatch.retailers.parsing.hours import osm_week, pair
from shopwatch.retailers.parsing.json_ld import hours_of
from shopwatch.retailers.parsing.raw import Raw, status_word
from shopwatch.retailers.parsing.scripts import Record
from shopwatch.retailers.parsing.values import coordinates, text

DAY_NAMES = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def store_raw(data: Record, hints: Mapping[str, str]) -> Raw:
    """Read one store; ``hints`` is what the city's page knew of it."""
    place, pos, geo = data["address"], data.get("posStoreDetail") or {}, data.get("geo") or {}
    lat, lon = coordinates(geo.get("latitude"), geo.get("longitude"))
    return Raw(
        ref=data["storeNumber"],
        name=data["storeName"],
        lines=(pos["address1"], pos.get("address2")) if pos.get("address1") else (place["streetAddress"],),
        city=place["addressLocality"],
        state=place["addressRegion"],
        postcode=place["postalCode"],
        country=place.get("addressCountry"),
        phone=data.get("telephone"),
        lat=hints.get("lat") if lat is None else lat,
        lon=hints.get("lon") if lon is None else lon,
        kind=_kind(pos.get("storeType")) or next(iter(data.get("typeOfStore") or ()), None),
        dealer=dealer_of(pos.get("businessName")),
        corporate=is_corporate(data["storeNumber"], data.get("typeOfStore") or ()),
        hours=_hours(data),
        status=status_word(data.get("storeStatus")),
        opened_on=hints.get("opened_on"),
    )


def _hours(data: Record) -> str | None:
    if times := data.get("StoreHours"):
        return osm_week((day, pair(times.get(f"{day}Open"), times.get(f"{day}Close"))) for day in DAY_NAMES)
    return hours_of((data.get("openingHoursSpecification") or {}).get("dayOfWeek"))


def _kind(word: object) -> str | None:
    return re.sub(r"(?<=\w)-\s", " - ", text(word) or "") or None  # "Big 6- Exclusive" is "Big 6 - Exclusive"


def dealer_of(business_name: object) -> str | None:
    """The legal entity, cut at 50 characters by the site; ``None`` for Verizon's own stores."""
    name = text(business_name)
    return None if name is None or name.lower().startswith("verizon") else name


def is_corporate(number: str, types: Sequence[str] = ()) -> bool | None:
    """R + 11 digits: Verizon's own; A: an authorized retailer; N: a partner such as Best Buy."""
    known = {"R": True, "A": False, "N": False}.get(number[:1].upper())
    return known if known is not None or not types else "Verizon company stores" in types
