"""Target's stock through RedSky: thirty products a request at one store, details apart (as of 2026-09)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from urllib.parse import quote, urlencode

from shopwatch.domain.crawling import Page, Request
from shopwatch.domain.errors import Blocked, Invalid
from shopwatch.domain.retailer import StockApi
from shopwatch.domain.site import Site
from shopwatch.retailers.reading import is_host, shown
from shopwatch.retailers.stock import walls
from shopwatch.retailers.stock.target_answer import lacks, read, read_details
from shopwatch.retailers.stock.target_stores import read_pickup

KEY = "web"  #: name in ``Site.keys`` of the public key that the site's own pages use
BATCH = 28  #: 31 are refused; as other clients, we stay a little below the cap of 30
_AGGREGATIONS = "/redsky_aggregations/v1/web"
_NO_PRODUCT = frozenset({404})  #: its body says which products Target does not know
_NO_STORE = _NO_PRODUCT | {400}  #: a batch is refused where no store is named: its reading says so
_TCIN = re.compile(r"/A-(\d{5,12})(?:\D|$)")


def request(skus: Sequence[str], site: Site) -> Request:
    place = _place(site)
    wanted = {"tcins": ",".join(skus), "skip_price_promo": "true"}
    if site.location.store_id:
        wanted["has_required_store_id"] = "true"
    batch = _get("product_summary_with_fulfillment_v1", place | wanted, site)
    return batch if site.location.store_id else replace(batch, accept=_NO_STORE)


def details_request(sku: str, site: Site) -> Request:
    store = site.location.store_id
    priced = {"store_id": store, "pricing_store_id": store, "has_pricing_store_id": "true"} if store else {}
    fixed = {"tcin": sku, "is_bot": "false", "skip_personalized": "true", "include_obsolete": "false"}
    return _get("pdp_client_v1", fixed | priced | {"page": f"/p/A-{sku}"}, site)


def pickup_request(sku: str, zip_code: str, site: Site) -> Request:
    """Stores near a ZIP and what each has of one product."""
    near = {"tcin": sku, "nearby": zip_code, "radius": "50", "limit": "20", "requested_quantity": "1"}
    return _get("fiats_v1", near, site)


def product_url(sku: str, site: Site) -> str:
    return f"{site.base_url}/p/-/A-{quote(sku)}"


def sku_from_url(url: str) -> str | None:
    found = _TCIN.search(url) if is_host(url, "target.com") and "/p/" in url else None
    return found.group(1) if found else None


def recognise_wall(page: Page) -> None:
    """Raise ``Blocked`` for a challenge or a refused key; the sensor script on a normal page is neither."""
    if page.body.startswith(b'{"data"'):
        return
    head = page.body[:2000]
    if b'"captchaRelativeURL"' in head:
        raise walls.challenge(page, "Target asks for a CAPTCHA")
    if page.status == 435 or walls.is_sensor_block(head):  # noqa: PLR2004 - Target's own status
        raise walls.challenge(page, "Target's bot sensor stopped us")
    if page.status in walls.KEY_REFUSED and b"nauthorized" in head:
        raise Blocked(
            shown(page.url), f"Target refuses the key retailers.target.keys.{KEY}", status=page.status
        )
    if walls.is_wall_page(page):
        raise walls.challenge(page, "Target shows a page that tests for humans")


TARGET_STOCK = StockApi(
    batch_size=BATCH,
    request=request,
    read=read,
    product_url=product_url,
    sku_from_url=sku_from_url,
    details_request=details_request,
    read_details=read_details,
    pickup_request=pickup_request,
    read_pickup=read_pickup,
    lacks=lacks,
    requests_per_second=0.05,  # a batch each 20 s, one at a time: what a page left open would ask
    max_in_flight=1,
    min_interval_s=5.0,
)


def _get(aggregation: str, query: dict[str, str], site: Site) -> Request:
    key = site.keys.get(KEY)
    if not key:
        raise Invalid(f"retailers.target.keys.{KEY} is missing: copy it from any request of a product page")
    address = f"{site.api_url or site.base_url}{_AGGREGATIONS}/{aggregation}"
    headers = {"accept": "application/json", "origin": site.base_url, "referer": f"{site.base_url}/"}
    url = f"{address}?{urlencode({'key': key, 'channel': 'WEB'} | query, safe=',')}"
    return Request(url=url, headers=headers, accept=_NO_PRODUCT)


def _place(site: Site) -> dict[str, str]:
    place, store = site.location, site.location.store_id
    known = {
        "store_id": store,
        "required_store_id": store,
        "scheduled_delivery_store_id": store,
        "zip": place.zip,
        "state": place.state,
        "latitude": "" if place.latitude is None else f"{place.latitude:.3f}",
        "longitude": "" if place.longitude is None else f"{place.longitude:.3f}",
    }
    return {name: value for name, value in known.items() if value}
