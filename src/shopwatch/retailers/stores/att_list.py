"""AT&T's list API, one call a state; without it nobody has the coordinates and hours its pages leave out."""

from __future__ import annotations

import json
from collections.abc import Iterator

from shopwatch.domain.crawling import Page, Request
from shopwatch.domain.errors import Gone, LayoutChanged
from shopwatch.domain.hours import Interval
from shopwatch.domain.site import Site
from shopwatch.domain.store import Store
from shopwatch.retailers.parsing.hours import minutes, osm_week, pair
from shopwatch.retailers.parsing.raw import Raw, status_word
from shopwatch.retailers.parsing.scripts import Record, lenient
from shopwatch.retailers.reading import reading

_NO_RESULTS = 5007
_WEEK = ("sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday")


def list_request(state: str, site: Site) -> Request:
    """Ask for a state's stores; the key stands in the site's own script and is configured as ``getlist``."""
    where = {"and": {"country": {"eq": "US"}, "state": {"eq": state}}}
    form = {"objectname": "Locator::Store", "limit": 10_000, "where": where}
    body = {"request": {"appkey": site.keys.get("getlist", ""), "formdata": form}}
    address = f"{site.api_url or site.base_url + '/stores'}/rest/getlist"
    headers = {"Content-Type": "application/json"}
    return Request(url=address, method="POST", headers=headers, body=json.dumps(body), meta={"state": state})


def list_stores(page: Page, site: Site) -> list[Store]:
    """Read ``response.collection``, without the stores that are none.

    Raises:
        Gone: the site says that there are no results: a state without stores.
    """
    with reading(page):
        answer = lenient(page.text)
        if int(answer.get("code") or 0) == _NO_RESULTS:
            raise Gone(page.url, "no stores in this state")
        stores = list(_stores(answer["response"]["collection"], site))
    if not stores:
        raise LayoutChanged(page.url, "a list of no store")
    return stores


def _stores(records: list[Record], site: Site) -> Iterator[Store]:
    for one in records:
        if str(one.get("virtualstore") or "") == "1":
            continue  # no place one can walk into
        street = (one["address1"], one.get("address2"), one.get("address3"))
        raw = Raw(
            ref=one["clientkey"],
            name=one["name"],
            lines=() if street[0] == "123 Main Street" else street,  # the site's placeholder
            city=one["city"],
            state=one["state"],
            postcode=one["postalcode"],
            country=one.get("country"),
            phone=one.get("phone"),
            lat=one.get("latitude"),
            lon=one.get("longitude"),
            corporate=str(one.get("company_owned_stores") or "") == "1",
            hours=osm_week(_hours(one)),
            status=status_word(one.get("opening_status")),
        )
        yield raw.store("att")


def _hours(one: Record) -> Iterator[tuple[str, list[Interval] | None]]:
    if isinstance(
        one.get("bho"), str
    ):  # 2023 and 2024: seven pairs from Sunday in a JSON text, 9999 is closed
        for name, (opens, closes) in zip(_WEEK, lenient(one["bho"]), strict=True):
            yield name, pair(*(end if end == "9999" else f"{end[:-2]}:{end[-2:]}" for end in (opens, closes)))
        return
    listed = any(one.get(f"{name}_open") for name in _WEEK)
    for name in _WEEK:  # 2026: empty is closed, if any day is given at all
        opens, closes = one.get(f"{name}_open"), one.get(f"{name}_close")
        yield name, [(minutes(opens), minutes(closes))] if opens and closes else ([] if listed else None)
