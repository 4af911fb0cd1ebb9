"""T-Mobile's page and API record: names escaped twice, coordinates as text, kinds in titles only."""

from __future__ import annotations

import html
import zlib
from typing import Any

from shopwatch.simulator.sites.store_pages import Pieces, known, ld_json, text
from shopwatch.simulator.stores import Store, StoreSet
from shopwatch.simulator.stores.hours import DAYS, Week, clock
from shopwatch.simulator.stores.places import STATES


def display_name(store: Store) -> str:
    """``T-Mobile …``, or ``T-Mobile at …`` inside somebody else's shop."""
    if not store.name:
        return ""
    return f"T-Mobile at {store.name}" if store.name.startswith("Costco") else f"T-Mobile {store.name}"


def render(stores: StoreSet, store: Store) -> Pieces:
    """One store; its JSON-LD is one script of several and on every other page a list."""
    name = html.escape(display_name(store))
    where = f"{store.city}, {store.state}"
    title = f"<title>{name}{': ' + store.kind if store.kind else ''} in {text(where)}</title>"
    crumbs = {"@context": "https://schema.org", "@type": "BreadcrumbList", "itemListElement": []}
    record = _json_ld(store, stores.modes["hours"])
    listed = zlib.crc32(store.ref.encode()) % 2 == 0
    return title + ld_json(crumbs) + ld_json([record] if listed else record), _visible(store, name, where)


def _visible(store: Store, name: str, where: str) -> str:
    lines = f"<p>{text(store.street)}</p><p>{text(where)} {text(store.postcode)}</p>"
    return f"<h1>{name}</h1>{lines}<p>{phone(store.phone)}</p>"


def _json_ld(store: Store, mode: str) -> dict[str, Any]:
    """Names are escaped for HTML although this is JSON; the country is a word or an object."""
    spelled = {"@type": "Country", "name": "US"} if store.ref.isdigit() else "US"
    spans = schema_hours(store.hours)
    field = "openingHours" if mode == "hours-new" else "openingHoursSpecification"
    return known(
        **{"@context": "https://schema.org", "@type": "Store"},
        name=html.escape(display_name(store)),
        branchCode=store.ref,
        telephone=phone(store.phone),
        address=known(
            streetAddress=store.street,
            addressLocality=store.city,
            addressRegion=store.state,
            postalCode=store.postcode,
            addressCountry=spelled,
        ),
        geo=known(
            latitude=None if store.lat is None else repr(store.lat),
            longitude=None if store.lon is None else repr(store.lon),
        ),
        **{field: spans},
        image=f"https://cdn.example/1200x600/(webp)/https://images.example/stores/{store.ref.lower()}.jpg",
    )


def schema_hours(week: Week | None) -> list[str]:
    """``["Mo 10:00-20:00", …]``; a closed day is left out."""
    return [
        f"{day} {clock(begin)}-{clock(end)}"
        for day, spans in zip(DAYS, week or (), strict=False)
        for begin, end in spans
    ]


def phone(number: str) -> str:
    """``"(337) 595-7715"``."""
    return f"({number[:3]}) {number[3:6]}-{number[6:]}" if len(number) == 10 else number


def business(store: Store) -> dict[str, Any]:
    """One store of the API."""
    state = STATES.get(store.state)
    return {
        "external_store_code": store.ref,
        "display_name": html.escape(display_name(store)),
        "lat": store.lat,
        "lon": store.lon,
        "address_text_lines": [line for line in (store.line1, store.line2) if line],
        "address_text": f"{store.street}, {store.city}, {store.state} {store.postcode}",
        "address_postcode": store.postcode,
        "locale": {"name": store.city, "region": {"state": store.state, "name": state.name if state else ""}},
        "contact_context": {
            "business_phone_raw": store.phone,
            "business_phone_text": phone(store.phone),
        },
        "all_opening_hours": {"schemaHrs": schema_hours(store.hours), "isOpen": bool(store.hours)},
        "business_link": store.path,
        "business_type_text": store.kind,
    }
