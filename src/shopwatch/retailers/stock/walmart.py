"""Walmart's stock from the product page's own data, and the page that asks "Robot or human?" told apart."""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import quote, urlsplit

from shopwatch.domain.crawling import Page, Request
from shopwatch.domain.retailer import StockApi
from shopwatch.domain.site import Site
from shopwatch.retailers.reading import is_host
from shopwatch.retailers.stock import walls
from shopwatch.retailers.stock.walmart_reading import read, read_details

_SKU_IN_PATH = re.compile(r"/ip/(?:[^/?#]+/)?(\d{4,14})(?:[/?#]|$)")
_NEEDS_A_TEST = 412  #: a challenge, where the browser would have been sent to /blocked
_REDIRECTS = (301, 302, 303, 307, 308)


def request(skus: Sequence[str], site: Site) -> Request:
    return Request(url=product_url(skus[0], site), headers={"accept": "text/html"})


def details_request(sku: str, site: Site) -> Request:
    return request((sku,), site)


def product_url(sku: str, site: Site) -> str:
    return f"{site.base_url}/ip/{quote(sku)}"


def sku_from_url(url: str) -> str | None:
    found = _SKU_IN_PATH.search(url) if is_host(url, "walmart.com") else None
    return found.group(1) if found else None


def recognise_wall(page: Page) -> None:
    """Raise ``Blocked`` for a challenge or a queue. Words alone prove nothing: a normal page has them all."""
    path = urlsplit(page.url).path
    sent_to = urlsplit(page.headers.get("location", "")).path if page.status in _REDIRECTS else ""
    if "/blocked" in (path, sent_to) or page.status == _NEEDS_A_TEST:
        raise walls.challenge(page, "Walmart asks whether we are human")
    if "/qp" in (path, sent_to):
        raise walls.challenge(page, "Walmart has put us in a queue: a person must wait there")
    head = page.body[:2000]
    if walls.is_sensor_block(head) or b'"redirectUrl":"/blocked' in head or walls.is_wall_page(page):
        raise walls.challenge(page, "Walmart asks whether we are human")


WALMART_STOCK = StockApi(
    batch_size=1,
    request=request,
    read=read,
    product_url=product_url,
    sku_from_url=sku_from_url,
    details_request=details_request,
    read_details=read_details,
    requests_per_second=0.05,
    max_in_flight=1,
    min_interval_s=30.0,
)
