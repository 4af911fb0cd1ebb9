"""Verizon's search by coordinates (2026-06 on), for a crawl that cannot use the pages."""

from __future__ import annotations

from collections.abc import Iterator

from shopwatch.domain.crawling import Page
from shopwatch.domain.errors import LayoutChanged
from shopwatch.domain.site import Site
from shopwatch.domain.store import Store
from shopwatch.retailers.parsing.hours import osm_week, span
from shopwatch.retailers.parsing.raw import Raw, status_word
from shopwatch.retailers.parsing.scripts import Record, lenient
from shopwatch.retailers.reading import reading
from shopwatch.retailers.stores.verizon_record import DAY_NAMES, dealer_of, is_corporate


def found_stores(page: Page, site: Site) -> list[Store]:
    """Read ``body.data.stores``, nearest first; searches overlap, so the same store comes more than once."""
    with reading(page):
        stores = list(_stores(lenient(page.text)["body"]["data"]["stores"], site))
    if not stores:
        raise LayoutChanged(page.url, "a search that finds no store")
    return stores


def _stores(records: list[Record], site: Site) -> Iterator[Store]:
    for one in records:
        place = one.get("location") or {}
        raw = Raw(
            ref=one["storeNumber"],
            name=one["storeName"],
            lines=(one["address1"], one.get("address2")),
            city=one["city"],
            state=one["state"],
            postcode=one["zipCode"],
            phone=one.get("phoneNumber"),
            lat=place.get("latitude"),
            lon=place.get("longitude"),
            dealer=dealer_of(one.get("businessName")),
            corporate=False if one.get("channel") == "IND" else is_corporate(one["storeNumber"]),
            hours=osm_week((day, span(one.get(f"hours{day}"))) for day in DAY_NAMES),
            status=status_word(one.get("storeStatus")),
            opened_on=one.get("opening_date"),
            url=site.base_url
            + one["storeUrl"].replace("/stores/", "/nextgendigital/nos/storelocator/detail/", 1),
        )
        yield raw.store("verizon")
