"""Best Buy's pages: a graph of JSON-LD and a document in percent signs now, microdata in the years before."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import msgspec

from shopwatch.simulator.sites.store_pages import Pieces, known, ld_json, text
from shopwatch.simulator.stores import Store, StoreSet
from shopwatch.simulator.stores.hours import DAYS, NAMES, Week, clock, yext
from shopwatch.simulator.stores.places import STATES

_BANNER = (
    '<div class="closed-banner"><h2 class="closed-banner-header-shop-online">'
    "This store is closed. Shop online.</h2></div>"
)

Record = dict[str, Any]


def render(stores: StoreSet, store: Store) -> Pieces:
    """One store; one that has closed keeps its page, under a banner."""
    title = f"<title>{text(store.name)} | Electronics store in {text(store.city)}</title>"
    banner = _BANNER if store.status == "closed" else ""
    if stores.modes["page"] == "2018":
        return title, banner + _microdata(store)
    body = f'{banner}<h1 id="location-name">{text(store.name)}</h1>{blob({"document": _document(store)})}'
    return title + ld_json(_graph(store)), body


def blob(value: Record) -> str:
    """The document every page carries: JSON, percent-encoded, parsed by the page."""
    encoded = quote(msgspec.json.encode(value), safe="")
    return f'<script>window.__INITIAL__DATA__ = JSON.parse(decodeURIComponent("{encoded}"))</script>'


def phone(number: str) -> str:
    """``"(508) 421-9149"``."""
    return f"({number[:3]}) {number[3:6]}-{number[6:]}" if len(number) == 10 else number


def _graph(store: Store) -> Record:
    address = known(
        **{"@type": "PostalAddress"},
        streetAddress=store.street,
        addressLocality=store.city,
        addressRegion=store.state,
        postalCode=store.postcode,
        addressCountry="US",
    )
    node = known(
        **{"@type": "ElectronicsStore", "@id": store.path},
        name=store.name,
        address=address,
        geo=known(**{"@type": "GeoCoordinates"}, latitude=store.lat, longitude=store.lon)
        if store.lat is not None
        else None,
        telephone=phone(store.phone),
        openingHours=_schema_hours(store.hours),
    )
    crumbs = {"@type": "BreadcrumbList", "itemListElement": []}
    return {"@context": "https://schema.org", "@graph": [crumbs, node]}


def _schema_hours(week: Week | None) -> list[str]:
    return [
        f"{day} {clock(begin)}-{clock(end)}"
        for day, spans in zip(DAYS, week or (), strict=False)
        for begin, end in spans
    ]


def _document(store: Store) -> Record:
    digits = store.phone.isdigit() and len(store.phone) == 10
    address = known(
        line1=store.line1,
        line2=store.line2,
        city=store.city,
        region=store.state,
        postalCode=store.postcode,
        countryCode="US",
    )
    return known(
        id=store.ref,
        name=store.name,
        mainPhone=f"+1{store.phone}" if digits else store.phone,
        address=address,
        yextDisplayCoordinate=known(latitude=store.lat, longitude=store.lon),
        hours=_hours(store.hours),
        c_storeServices=list(store.services),
        slug=store.path.lstrip("/"),
    )


def _hours(week: Week | None) -> Record:
    return {
        name.lower(): {"openIntervals": [{"start": clock(a), "end": clock(b)} for a, b in spans]}
        if spans
        else {"isClosed": True}
        for name, spans in zip(NAMES, week or (), strict=False)
    }


def _microdata(store: Store) -> str:
    """The page of 2018-2024; hours are whole numbers in an attribute."""
    days = [
        {
            "day": name.upper(),
            "intervals": [{"start": yext(a), "end": yext(b)} for a, b in spans],
            "holidayHoursIsRegular": False,
        }
        for name, spans in zip(NAMES, store.hours or (), strict=False)
    ]
    value = msgspec.json.encode(days).decode()
    hours = f"<div class=\"c-location-hours js-location-hours\" data-days='{value}'></div>" if days else ""
    place = (
        ""
        if store.lat is None
        else (
            f'<meta itemprop="latitude" content="{store.lat!r}">'
            f'<meta itemprop="longitude" content="{store.lon!r}">'
        )
    )
    state = f'<abbr class="c-address-state" title="{store.state}">{store.state}</abbr>' if store.state else ""
    services = "".join(f'<li class="c-service">{text(name)}</li>' for name in store.services)
    return (
        f'<h1 id="location-name">{text(store.name)}</h1>{place}'
        f'<meta itemprop="streetAddress" content="{text(store.street)}">'
        f'<span class="c-address-city">{text(store.city)}</span>{state}'
        f'<span class="c-address-postal-code">{text(store.postcode)}</span>'
        f'<span class="c-phone-main-number-span">{phone(store.phone)}</span>{hours}<ul>{services}</ul>'
    )


# -- the directory


def state_link(state: str, cities: Mapping[str, list[Store]]) -> str:
    """A state's page, or the one store it has."""
    stores = [store for found in cities.values() for store in found]
    return stores[0].path if len(stores) == 1 else f"/{state}.html"


def state_node(state: str, cities: Mapping[str, list[Store]]) -> Record:
    code = state.upper()
    children = [city_node(state, city, stores) for city, stores in cities.items()]
    name = STATES[code].name if code in STATES else code
    return {"name": name, "slug": f"{state}.html", "dm_directoryChildren": children}


def city_node(state: str, city: str, stores: list[Store]) -> Record:
    """A city of the document; its stores are leaves with a slug and no children."""
    leaves = [{"name": store.name, "slug": store.path.lstrip("/"), "id": store.ref} for store in stores]
    return {"name": stores[0].city, "slug": f"{state}/{city}.html", "dm_directoryChildren": leaves}


def directory(name: str, links: Mapping[str, str], children: list[Record]) -> Pieces:
    """A page of states or cities."""
    anchors = "".join(
        f'<a class="c-directory-list-content-item-link" href="{path}">{text(label)}</a>'
        for label, path in links.items()
    )
    document = blob({"document": {"name": name, "dm_directoryChildren": children}})
    return f"<title>Best Buy stores in {text(name)}</title>", f"<ul>{anchors}</ul>{document}"


def city(stores: list[Store], near: list[Store]) -> Pieces:
    """The stores of a city; the panel of those nearby repeats some."""
    first = stores[0]
    links = "".join(f'<a class="Link Teaser-titleLink" href="{s.path}">{text(s.name)}</a>' for s in stores)
    panel = "".join(f'<a class="Link Teaser-titleLink" href="{s.path}">{text(s.name)}</a>' for s in near)
    leaves = [{"name": store.name, "slug": store.path.lstrip("/"), "id": store.ref} for store in stores]
    document = blob({"document": {"name": first.city, "dm_directoryChildren": leaves}})
    body = f'<div class="c-LocationGrid">{links}</div><aside class="nearby-stores">{panel}</aside>{document}'
    return f"<title>Best Buy stores in {text(first.city)}</title>", body


def sub_page(store: Store, name: str) -> Pieces:
    """Geek Squad and the like: a business at the same address that is no store."""
    number = zlib.crc32(f"{name}/{store.ref}".encode()) % 100
    node = {
        "@type": "LocalBusiness",
        "name": f"{name.title()} {store.city}",
        "telephone": f"(800) 555-01{number:02}",
    }
    graph = {"@context": "https://schema.org", "@graph": [node]}
    return f"<title>{name.title()} {text(store.city)}</title>{ld_json(graph)}", f"<h1>{name.title()}</h1>"
