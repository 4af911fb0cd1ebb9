"""AT&T's pages: JSON-LD and two JavaScript values now, microdata in the years before."""

from __future__ import annotations

import zlib
from typing import Any

import msgspec

from shopwatch.simulator.sites.store_pages import Pieces, known, ld_json, text
from shopwatch.simulator.stores import Store, StoreSet, Stray
from shopwatch.simulator.stores.hours import NAMES, Week, yext


def store(stores: StoreSet, shown: Store) -> Pieces:
    """One store, in the shape the mode asks for."""
    page = stores.modes["page"]
    title = f"<title>{text(shown.name)} | {text(shown.city)}</title>"
    if page == "microdata":
        return title, _microdata(shown)
    body = f"<h1>{text(shown.name)}</h1>{_script(shown)}"
    if page == "json-ld+microdata":
        body += _geo(shown) + _data_days(shown.hours)
    return title + ld_json(_json_ld(shown)), body


def _json_ld(shown: Store) -> dict[str, Any]:
    """The name comes with the blanks of its template; coordinates and hours do not come."""
    rating, count = _rating(shown)
    address = known(
        **{"@type": "PostalAddress"},
        streetAddress=shown.street,
        addressLocality=shown.city,
        addressRegion=shown.state,
        postalCode=shown.postcode,
    )
    return known(
        **{"@context": "https://schema.org", "@type": "MobilePhoneStore"},
        name="\n    " + shown.name.replace(" ", "  ", 1) + "\n  " if shown.name else "",
        telephone=phone(shown.phone),
        address={**address, "addressCountry": {"@type": "Country", "name": shown.country}},
        aggregateRating={"@type": "AggregateRating", "ratingValue": rating, "ratingCount": count},
    )


def phone(number: str) -> str:
    """``"+1 212-677-4673"``."""
    return f"+1 {number[:3]}-{number[3:6]}-{number[6:]}" if len(number) == 10 else number


def _rating(shown: Store) -> tuple[str, str]:
    number = zlib.crc32(f"rating/{shown.ref}".encode())
    return f"{3 + number % 21 / 10:.1f}", str(number % 900 + 3)


def _script(shown: Store) -> str:
    """Single quotes on most pages, double on some."""
    quote = '"' if zlib.crc32(shown.ref.encode()) % 5 == 0 else "'"
    return (
        f"<script> let topDisplayType = {quote}{shown.kind}{quote}; "
        f"var storeData = {{ storeId: {quote}{shown.ref}{quote}, "
        f"storeMasterDealer: {quote}{shown.dealer}{quote} }}; </script>"
    )


def _geo(shown: Store) -> str:
    if shown.lat is None:
        return ""
    return (
        '<span class="coordinates" itemprop="geo" itemscope itemtype="http://schema.org/GeoCoordinates">'
        f'<meta itemprop="latitude" content="{shown.lat!r}">'
        f'<meta itemprop="longitude" content="{shown.lon!r}">'
        "</span>"
    )


def _data_days(week: Week | None) -> str:
    """Whole numbers without leading zero: 930 is 9:30, an end of 0 the end of the day."""
    if week is None:
        return ""
    days = [
        {
            "day": name.upper(),
            "intervals": [{"start": yext(begin), "end": yext(end)} for begin, end in spans],
        }
        for name, spans in zip(NAMES, week, strict=True)
    ]
    value = msgspec.json.encode(days).decode().replace("'", "&#39;")
    return f"<span class=\"c-hours-today js-hours-today\" data-days='{value}'></span>"


def _microdata(shown: Store) -> str:
    street = f'<meta itemprop="streetAddress" content="{text(shown.street)}">' if shown.street else ""
    city = f'<meta itemprop="addressLocality" content="{text(shown.city)}">' if shown.city else ""
    region = (
        f'<abbr itemprop="addressRegion" title="{shown.state}">{shown.state}</abbr>' if shown.state else ""
    )
    return (
        '<div itemscope itemtype="http://schema.org/MobilePhoneStore">'
        f'<h1><span class="LocationName-brand">{text(shown.name)}</span></h1>'
        '<address itemprop="address" itemscope itemtype="http://schema.org/PostalAddress">'
        f'{street}{city}<span class="c-address-street-1">{text(shown.street)}</span>'
        f'<span class="c-address-city">{text(shown.city)}</span>{region}'
        f'<span itemprop="postalCode">{text(shown.postcode)}</span>'
        f'<abbr itemprop="addressCountry" title="{shown.country}">{shown.country}</abbr></address>'
        f'<span itemprop="telephone">{phone(shown.phone)}</span>'
        f"{_geo(shown)}{_data_days(shown.hours)}</div>"
    )


def junk(about: Store) -> Pieces:
    """The page about cell phones: hours round the clock and no place."""
    body = (
        f'<h1><span class="LocationName-brand">{text(about.name)}</span></h1>'
        + _data_days((((0, 1440),),) * 7)
        + "<p>Shop the newest phones.</p>"
    )
    service = {"@context": "https://schema.org", "@type": "Service", "name": about.name}
    return f"<title>Cell phones | {text(about.city)}</title>{ld_json(service)}", body


def directory(of: str, paths: list[str]) -> Pieces:
    """States or cities."""
    links = "".join(
        f'<li><a class="Directory-listLink" href="{path}">{text(path.rsplit("/", 1)[1])}</a></li>'
        for path in paths
    )
    return f"<title>AT&amp;T stores: {text(of)}</title>", f"<ul>{links}</ul>"


def city(entries: list[Store | Stray]) -> Pieces:
    """The stores of a city."""
    links = "".join(
        f'<li><a class="Teaser-titleLink" href="{entry.path}">{text(_name(entry))}</a></li>'
        for entry in entries
    )
    return "<title>AT&amp;T stores</title>", f"<ul>{links}</ul>"


def _name(entry: Store | Stray) -> str:
    store = entry if isinstance(entry, Store) else entry.store
    return store.name if store else ""
