"""Best Buy's stock through its developer API: a hundred products a request, prices in the same answer."""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import quote, urlencode

from shopwatch.domain.crawling import Page, Request
from shopwatch.domain.errors import Blocked, Invalid
from shopwatch.domain.retailer import StockApi
from shopwatch.domain.site import Site
from shopwatch.retailers.reading import is_host, shown
from shopwatch.retailers.stock import walls
from shopwatch.retailers.stock.bestbuy_reading import SHOWN, read, read_details
from shopwatch.retailers.stock.bestbuy_stores import read_pickup

KEY = "api"  #: name in ``Site.keys`` of the developer key
_SKU_IN_PATH = re.compile(r"/(\d{5,10})\.p(?:\W|$)|/sku/(\d{5,10})(?:\D|$)|[?&]skuId=(\d{5,10})(?:\D|$)")
_SKU = re.compile(r"\d{1,12}")


def request(skus: Sequence[str], site: Site) -> Request:
    key = _key(site)
    wanted = ",".join(sku for sku in skus if _SKU.fullmatch(sku))
    query = urlencode({"apiKey": key, "format": "json", "pageSize": "100", "show": SHOWN}, safe=",")
    return Request(
        url=f"{site.api_url}/v1/products({quote(f'sku in({wanted})', safe='(),')})?{query}",
        headers={"accept": "application/json"},
    )


def details_request(sku: str, site: Site) -> Request:
    return request((sku,), site)


def pickup_request(sku: str, zip_code: str, site: Site) -> Request:
    """Stores near a ZIP that have the product ready for pickup."""
    query = urlencode({"postalCode": zip_code, "apiKey": _key(site)})
    return Request(
        url=f"{site.api_url}/v1/products/{quote(sku, safe='')}/stores.json?{query}",
        headers={"accept": "application/json"},
    )


def _key(site: Site) -> str:
    if wanted := lacks(site):
        raise Invalid(wanted)
    return site.keys[KEY]


def lacks(site: Site) -> str:
    """Say that nobody is answered without a developer key."""
    if site.keys.get(KEY):
        return ""
    return f"retailers.bestbuy.keys.{KEY} is missing: get a free one at developer.bestbuy.com"


def product_url(sku: str, site: Site) -> str:
    shop = site.base_url.replace("://stores.bestbuy.com", "://www.bestbuy.com")
    return f"{shop}/site/{quote(sku)}.p?skuId={quote(sku)}"


def sku_from_url(url: str) -> str | None:
    found = _SKU_IN_PATH.search(url) if is_host(url, "bestbuy.com") else None
    return next((sku for sku in found.groups() if sku), None) if found else None


def recognise_wall(page: Page) -> None:
    """Raise ``Blocked`` for a refused request: 403 stands for "too quick" and for a bad key alike."""
    if page.body.startswith(b'{"from"') or page.body.startswith(b'{"sku"'):
        return
    if page.status in walls.KEY_REFUSED and page.body[:200].lstrip().startswith(b"{"):
        raise Blocked(shown(page.url), refusal(page.body), status=page.status)
    if walls.is_wall_page(page):
        raise walls.challenge(page, "Best Buy shows a page that tests for humans")


def refusal(body: bytes) -> str:
    """What a 403 of the API most likely means, for people.

    The key may only be called bad when a lone, slow request is refused too: over the
    limit the API answers with the same status, and since 2020 not with 429.
    """
    if b"validate the API key" in body[:2000]:
        return f"Best Buy does not accept the key retailers.bestbuy.keys.{KEY}, or it is used too often"
    return "over Best Buy's limit for one key (5 requests a second, 50,000 a day)"


BESTBUY_STOCK = StockApi(
    batch_size=100,
    request=request,
    read=read,
    product_url=product_url,
    sku_from_url=sku_from_url,
    details_request=details_request,
    read_details=read_details,
    pickup_request=pickup_request,
    read_pickup=read_pickup,
    lacks=lacks,
    requests_per_second=0.5,  # of 5 a second and 50,000 a day that the key allows
    max_in_flight=2,
    min_interval_s=2.0,
)
