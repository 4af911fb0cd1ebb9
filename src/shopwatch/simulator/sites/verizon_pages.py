"""Verizon's pages: three scripts with data, each with its own idea of what is a number and what is text."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from typing import Any

from shopwatch.simulator.sites.store_pages import Pieces, known, ld_json, script_json, text
from shopwatch.simulator.stores import Store, StoreSet, Stray
from shopwatch.simulator.stores.hours import NAMES, Week, twelve
from shopwatch.simulator.stores.model import without
from shopwatch.simulator.stores.places import STATES

_SHORT = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def state_name(code: str) -> str:
    return "District Of Columbia" if code == "DC" else STATES[code].name


def city_page(state: str, city: str) -> str:
    state = "washington-dc" if state == "district-of-columbia" else state
    return f"/stores/city/{state}/{city}/"


def root(states: list[tuple[str, str]]) -> Pieces:
    links = "".join(f'<li><a href="{url}">{text(name)}</a></li>' for name, url in states)
    data = script_json({"states": [{"name": name, "url": url} for name, url in states]})
    body = f"<h1>Verizon stores by state</h1><ul>{links}</ul><script>var statesJSON = {data};</script>"
    return "<title>Verizon Store Locator</title>", body


def state(code: str, cities: Mapping[str, list[Store | Stray]]) -> Pieces:
    """The cities of one state."""
    listed = [{"name": _city_of(entries), "url": _city_url(entries)} for entries in cities.values()]
    links = "".join(f'<li><a href="{row["url"]}">{text(row["name"])}</a></li>' for row in listed)
    data = script_json({"state": {"name": state_name(code)}, "cities": listed})
    body = f"<h1>Stores in {state_name(code)}</h1><ul>{links}</ul><script>var stateJSON = {data};</script>"
    return f"<title>Verizon stores in {state_name(code)}</title>", body


def _city_of(entries: list[Store | Stray]) -> str:
    first = entries[0]
    store = first.store if isinstance(first, Stray) else first
    return store.city.title() if store else ""


def _city_url(entries: list[Store | Stray]) -> str:
    _, _, state_part, city_part, *_ = entries[0].path.split("/")
    return city_page(state_part, city_part)


def city(entries: list[Store | Stray], *, lost: str = "") -> Pieces:
    """The stores of one city; what is stale has an entry of its own, told by nothing."""
    rows, cards = [], []
    for entry in entries:
        store = entry.store if isinstance(entry, Stray) else entry
        if store is None:
            continue
        rows.append(_city_entry(without(store, lost) if lost else store, entry.path))
        cards.append(f'<li><a href="{entry.path}">{text(store.name)}</a><p>{text(store.line1)}</p></li>')
    name = _city_of(entries)
    data = script_json({"city": {"name": name, "url": _city_url(entries)}, "stores": rows})
    listed = f"<h1>Verizon stores in {text(name)}</h1><ul>{''.join(cards)}</ul>"
    body = f"{listed}<script>var cityJSON = {data};</script>"
    return f"<title>Verizon stores in {text(name)}</title>", body


def _city_entry(store: Store, path: str) -> dict[str, Any]:
    """Zip is a number here, so 07652 is 7652; coordinates are text, at times the word null."""
    unplaced = store.lat is None or zlib.crc32(store.ref.encode()) % 97 == 0
    row = {
        "storeName": store.name,
        "address": store.line1,
        "city": store.city,
        "stateAbbr": store.state,
        "zip": int(store.postcode5) if store.postcode5.isdigit() else 0,
        "lat": "null" if unplaced else str(store.lat),
        "lng": "null" if unplaced else str(store.lon),
        "phone": store.phone,
        "storeUrl": path,
        "typeOfStore": [type_of_store(store)],
        "openingHours": hours_by_day(store.hours),
        "openingDate": opening_date(store),
        "netaceLocationCode": location_code(store),
    }
    return {name: value for name, value in row.items() if value != ""}


def type_of_store(store: Store) -> str:
    return "Verizon company stores" if store.corporate else "Authorized Retailer"


def hours_by_day(week: Week | None, *, dash: str = " ") -> dict[str, str]:
    """``{"Mon": "10:00 AM 08:00 PM", "Sun": "Closed Closed"}``."""
    if week is None:
        return {}
    return {
        day: f"{twelve(spans[0][0])}{dash}{twelve(spans[0][1])}" if spans else "Closed Closed"
        for day, spans in zip(_SHORT, week, strict=True)
    }


def opening_date(store: Store) -> str:
    """``"12-Mar-15"``."""
    number = zlib.crc32(f"opened/{store.ref}".encode())
    return f"{number % 28 + 1:02}-{_MONTHS[number // 28 % 12]}-{number // 336 % 24 + 1:02}"


def location_code(store: Store) -> str:
    number = zlib.crc32(f"netace/{store.ref}".encode())
    return f"{'D' if store.corporate else 'Y'}{number % 9000 + 1000}-01"


def store(stores: StoreSet, shown: Store) -> Pieces:
    """One store: JSON-LD, whose hours were wrong in era D, and ``storeJSON``, the whole record."""
    era = stores.modes["era"]
    ld = known(
        **{"@context": "https://schema.org", "@type": "Store"},
        name=shown.name,
        telephone=shown.phone,
        address={"@type": "PostalAddress", **_address(shown)},
        geo=_geo(shown),
        openingHours=_wrong_hours(shown) if era == "D" else None,
    )
    head = f"<title>{text(shown.name)} | Verizon store</title>{ld_json(ld)}"
    lines = "".join(
        f"<p>{text(part)}</p>" for part in (shown.line1, shown.line2, f"{shown.city}, {shown.state}")
    )
    script = f"<script>var storeJSON = {script_json(_store_json(shown, era))};</script>"
    return head, f"<h1>{text(shown.name)}</h1><address>{lines}</address>{script}"


def _address(shown: Store) -> dict[str, Any]:
    return known(
        streetAddress=shown.street,
        addressLocality=shown.city,
        addressRegion=shown.state,
        postalCode=shown.postcode,
        addressCountry=shown.country,
    )


def _geo(shown: Store) -> dict[str, Any]:
    return known(latitude=shown.lat, longitude=shown.lon)


def _wrong_hours(shown: Store) -> list[str]:
    return [f"{day[:2]} 00:00-00:00" for day in NAMES] if shown.hours else []


def _store_json(shown: Store, era: str) -> dict[str, Any]:
    when: dict[str, Any] = (
        {"openingHoursSpecification": {"dayOfWeek": _day_strings(shown.hours)}} if era == "B" else {}
    )
    if era != "B":
        when = {"StoreHours": _store_hours(shown.hours)}
    record = known(
        storeName=shown.name,
        storeNumber=shown.ref,
        retailId=shown.extras["retail_id"],
        url=shown.path,
        telephone=shown.phone,
    )
    return {
        **record,
        "typeOfStore": [type_of_store(shown)],
        "address": _address(shown),
        "geo": _geo(shown),
        **when,
        "posStoreDetail": _pos_store_detail(shown),
    }


def _pos_store_detail(shown: Store) -> dict[str, Any] | None:
    """The only place that names the dealer; null for some company stores."""
    if not shown.extras.get("pos_detail", True) or not (shown.kind or shown.dealer):
        return None
    return {
        "businessName": shown.dealer,
        "storeType": shown.kind,
        "address1": shown.line1,
        "address2": shown.line2 or None,
    }


def _store_hours(week: Week | None) -> dict[str, str]:
    pairs: dict[str, str] = {}
    for day, spans in zip(_SHORT, week or (), strict=False):
        pairs[f"{day}Open"] = twelve(spans[0][0]) if spans else "Closed"
        pairs[f"{day}Close"] = twelve(spans[0][1]) if spans else "Closed"
    return pairs


def _day_strings(week: Week | None) -> list[str]:
    return [f"{day} - {value}" for day, value in hours_by_day(week).items()]


def next_page(links: list[str], entries: list[Store | Stray]) -> Pieces:
    """A page of the redesign: the addresses are in escaped flight data and nothing else is."""
    rows = [{"storeUrl": entry.path} for entry in entries]
    flight = script_json(f'6:["$","div",null,{script_json({"stores": rows})}]\n')
    anchors = "".join(f'<a href="{link}">{text(link.rsplit("/", 1)[1])}</a>' for link in links)
    body = f"{anchors}<script>self.__next_f.push([1,{flight}])</script>"
    return "<title>Verizon store locator</title>", body
