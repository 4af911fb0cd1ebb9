"""Best Buy: a sitemap of store pages on their own host, each with JSON-LD and an encoded document (2024)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import urlsplit

from shopwatch.domain.crawling import Found, Locator, Page, Phase, Request
from shopwatch.domain.errors import LayoutChanged, Unreachable
from shopwatch.domain.hours import DatedHours
from shopwatch.domain.site import Site
from shopwatch.domain.store import StoreStatus
from shopwatch.retailers.parsing.dated import dated
from shopwatch.retailers.parsing.hours import clock_ranges, open_intervals, osm_week
from shopwatch.retailers.parsing.json_ld import json_ld, raw_of
from shopwatch.retailers.parsing.links import on_site
from shopwatch.retailers.parsing.microdata import microdata
from shopwatch.retailers.parsing.raw import Raw
from shopwatch.retailers.parsing.scripts import Record, uri_blob
from shopwatch.retailers.parsing.sitemaps import sitemap_phase
from shopwatch.retailers.parsing.values import text
from shopwatch.retailers.reading import reading

HOSTS = ("stores.bestbuy.com",)
#: /ut/farmington/360-n-station-pkwy-1887.html: the store's number is the last one, 360 is the house's.
#: A street may hold a slash ("585-24-1/2-rd-1124") and a number one digit.
_STORE = r"^/[a-z]{2}/[^/]+/.+-(\d{1,5})(-pacific-sales)?\.html$"
_PATH = re.compile(_STORE)
_CLOSED_MARK = re.compile(r"""class=["'][^"']*\bclosed-banner-header-shop-online\b""")
#: The pages of 2018 to 2024.
_OLD_PAGE = {
    "name": "#location-name",
    "city": ".c-address-city",
    "state": ".c-address-state",
    "postcode": ".c-address-postal-code",
    "phone": ".c-phone-main-number-span",
    "hours": ".js-location-hours[data-days]",
}


def extract(page: Page, site: Site) -> list[Found]:
    """A store's page. A closed store keeps its page, with a banner, and is kept as closed.

    Raises:
        Unreachable: the page is another store's.
    """
    with reading(page):
        address = _PATH.search(urlsplit(page.request.url).path)
        if address is None:
            raise ValueError("no store's address")
        raw = _raw(page)
        if (number := text(raw.ref)) is not None and number != address[1]:
            raise Unreachable(page.request.url, f"answered with store {number}")
        pacific = address[2] is not None or "pacific sales" in (text(raw.name) or "").lower()
        closed = StoreStatus.CLOSED if _CLOSED_MARK.search(page.text) else None
        kind = "Pacific Sales" if pacific else "Best Buy"
        whole = replace(raw, ref=address[1], kind=kind, corporate=True, status=closed, url=page.url)
        return [whole.store("bestbuy")]


def directory(page: Page, site: Site) -> list[Found]:
    """A page of the directory tree: every store below it; a state with one store links straight to it."""
    with reading(page):
        slugs = _leaves(uri_blob(page)["document"]["dm_directoryChildren"])
        urls = [on_site(f"/{slug}", site, hosts=HOSTS) for slug in slugs if _PATH.search(f"/{slug}")]
    if not urls:
        raise LayoutChanged(page.url, "a directory page that names no store")
    return [Request(url=url, phase="extract") for url in dict.fromkeys(urls) if url]


def _leaves(children: list[Record]) -> Iterator[str]:
    for child in children:
        if below := child.get("dm_directoryChildren"):
            yield from _leaves(below)
        else:
            yield child["slug"]


def _raw(page: Page) -> Raw:
    """Both descriptions where both are there: the document has the hours, JSON-LD the name."""
    document, thing = _document(page), _thing(page)
    if document is not None and thing is not None:
        return document.over(thing)
    return document or thing or microdata(page, _OLD_PAGE)


def _thing(page: Page) -> Raw | None:
    try:
        return raw_of(json_ld(page, "ElectronicsStore"))
    except ValueError:
        return None


def _document(page: Page) -> Raw | None:
    try:
        document = uri_blob(page)["document"]
    except ValueError:
        return None
    place, geo = document.get("address") or {}, document.get("yextDisplayCoordinate") or {}
    hours = document.get("hours") or {}
    return Raw(
        ref=document["id"],
        name=document.get("name"),
        lines=(place.get("line1"), place.get("line2")),
        city=place.get("city"),
        state=place.get("region"),
        postcode=place.get("postalCode"),
        country=place.get("countryCode"),
        phone=document.get("mainPhone"),
        lat=geo.get("latitude"),
        lon=geo.get("longitude"),
        hours=osm_week(open_intervals(hours)),
        dated_hours=_holidays(hours),
        services=tuple(document.get("c_storeServices") or ()),
    )


def _holidays(hours: Record) -> tuple[DatedHours, ...]:
    return dated((day["date"], clock_ranges(day)) for day in hours.get("holidayHours") or ())


LOCATOR = Locator(
    seeds=("/sitemap.xml",),
    phases=(Phase("sitemap", sitemap_phase(_STORE, hosts=HOSTS)), Phase("extract", extract)),
)
