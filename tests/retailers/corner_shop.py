"""A retailer of the shortest kind, as docs/how-to/add-a-retailer.md tells to write one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal

import msgspec

from shopwatch.domain.crawling import Page, Request
from shopwatch.domain.retailer import Retailer, StockApi
from shopwatch.domain.site import Site
from shopwatch.domain.stock import Availability, Evidence, Observation, Offer, Product, Source
from shopwatch.retailers.reading import dollars, is_host, reading

_WORDS = {"yes": Availability.IN_STOCK, "no": Availability.OUT_OF_STOCK}


class _Line(msgspec.Struct):
    sku: str
    there: str
    price: Decimal | None = None


def request(skus: Sequence[str], site: Site) -> Request:
    return Request(url=f"{site.base_url}/stock?skus={','.join(skus)}")


def read(page: Page, skus: Sequence[str], _site: Site) -> list[Observation]:
    with reading(page):
        lines = {line.sku: line for line in msgspec.json.decode(page.body, type=list[_Line])}
    return [_observation(page, sku, lines.get(sku)) for sku in skus]


def _observation(page: Page, sku: str, line: _Line | None) -> Observation:
    word = line.there if line else "not in the answer"
    return Observation(
        product=Product(retailer="cornershop", sku=sku),
        availability=_WORDS.get(word, Availability.UNKNOWN),
        source=Source.API,
        observed_at=datetime.now(UTC),
        reason=word,
        offer=Offer(price=dollars(line.price)) if line else None,
        evidence=Evidence(url=page.url, status=page.status, seen={"there": word}),
    )


def product_url(sku: str, site: Site) -> str:
    return f"{site.base_url}/things/{sku}"


def sku_from_url(url: str) -> str | None:
    found = re.search(r"/things/(\d+)", url) if is_host(url, "cornershop.example") else None
    return found[1] if found else None


RETAILER = Retailer(
    id="cornershop",
    name="Corner Shop",
    color="#116644",
    site=Site(base_url="https://www.cornershop.example"),
    stock=StockApi(
        batch_size=20, request=request, read=read, product_url=product_url, sku_from_url=sku_from_url
    ),
)
