"""Walmart: four packed sitemaps of store pages, Next.js documents with a ``nodeDetail`` (2022-08 on)."""

from __future__ import annotations

import re

from shopwatch.domain.crawling import Found, Locator, Page, Phase
from shopwatch.domain.errors import Gone, Unreachable
from shopwatch.domain.site import Site
from shopwatch.domain.store import Store
from shopwatch.retailers.parsing.hours import osm_week, pair
from shopwatch.retailers.parsing.raw import Raw
from shopwatch.retailers.parsing.scripts import Record, next_data, variable
from shopwatch.retailers.parsing.sitemaps import sitemap_phase
from shopwatch.retailers.parsing.values import text
from shopwatch.retailers.reading import reading
from shopwatch.retailers.stores.walmart_redux import ROUND_THE_CLOCK, Times, kind_of, redux_store

HOSTS = ("www.walmart.com", "walmart.com")
_NUMBER = re.compile(r"/store/(\d+)")


def extract(page: Page, site: Site) -> list[Found]:
    """A store's page, of today or of before 2022-08.

    Raises:
        Gone: ``nodeDetail`` is there and null: the sitemap keeps closed stores (a soft 404). A wall has no
            such place at all and is ``LayoutChanged`` here.
        Unreachable: the page is another store's.
    """
    with reading(page):
        store = redux_store(_redux(page), url=page.url) if "__WML_REDUX" in page.text else _current(page)
        asked = _NUMBER.search(page.request.url)
        if asked is not None and asked[1] != store.ref:
            raise Unreachable(page.request.url, f"answered with store {store.ref}")
        return [store]


def _current(page: Page) -> Store:
    props = next_data(page)["props"]["pageProps"]
    holder = props.get("initialData", props)
    detail = holder["initialDataNodeDetail"]["data"]["nodeDetail"]
    if detail is None:
        raise Gone(page.request.url, "the page says that there is no such store")
    return node_store(detail, url=page.url)


def node_store(node: Record, *, url: str | None = None) -> Store:
    """Read a ``nodeDetail``."""
    place, geo = node["address"], node.get("geoPoint") or {}
    services = [one.get("displayName") or one.get("name") for one in node.get("services") or ()]
    points = [one.get("accessPointType") for one in node.get("capabilities") or ()]
    return Raw(
        ref=node["id"],
        name=(text(node.get("displayName")) or text(node["name"]) or "").split(",")[0],
        kind=kind_of(node["name"]),
        corporate=True,  # Walmart has no dealers
        lines=(place["addressLineOne"], place.get("addressLineTwo")),
        city=place["city"],
        state=place["state"],
        postcode=place["postalCode"],
        country=place.get("country"),
        phone=node.get("phoneNumber") or node.get("phone"),  # both were seen in 2026
        lat=geo.get("latitude"),
        lon=geo.get("longitude"),
        hours=ROUND_THE_CLOCK if node.get("open24Hours") is True else osm_week(_node_days(node)),
        services=(*services, *points),
        url=url,
    ).store("walmart")


def _node_days(node: Record) -> Times:
    for day in node.get("operationalHours") or ():
        yield day["day"], [] if day.get("closed") is True else pair(day.get("start"), day.get("end"))


def _redux(page: Page) -> Record:
    store: Record = variable(page, "window.__WML_REDUX_INITIAL_STATE__")["store"]
    return store


LOCATOR = Locator(
    seeds=("/sitemap_store_main.xml",),
    phases=(
        Phase("sitemap", sitemap_phase(r"^/store/\d+(?:[-/]|$)", hosts=HOSTS)),
        Phase("extract", extract),
    ),
)
