"""Pages as the transport would hand them over, from recordings or composed for one trap."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from tests.paths import RECORDINGS

from shopwatch.domain.crawling import Page, Request
from shopwatch.domain.site import Location, Site

NOON = datetime(2026, 9, 1, 12, 0, tzinfo=UTC)
TARGET = Site(
    base_url="https://www.target.com",
    api_url="https://redsky.target.com",
    location=Location(store_id="2272", zip="20147", state="VA", latitude=39.03, longitude=-77.49),
    keys={"web": "f" * 40},
)
ANYWHERE = replace(TARGET, location=Location())
BESTBUY = Site(
    base_url="https://www.bestbuy.com", api_url="https://api.bestbuy.com", keys={"api": "a-developer-key"}
)
WALMART = Site(base_url="https://www.walmart.com")


def page(
    body: bytes | str | object, *, status: int = 200, url: str = "https://site/x", **headers: str
) -> Page:
    if not isinstance(body, bytes):
        body = (body if isinstance(body, str) else json.dumps(body)).encode()
    return Page(request=Request(url=url), url=url, status=status, headers=headers, body=body, fetched_at=NOON)


def recorded(path: str) -> Any:
    return json.loads((RECORDINGS / path).read_text("utf-8").replace("\\$", "$"))


def bodies(thing: object, path: str = "") -> Iterator[tuple[str, str]]:
    """Every string in a capture that is itself a document, with its path inside the capture."""
    if isinstance(thing, dict):
        for name, part in thing.items():
            yield from bodies(part, f"{path}/{name}")
    elif isinstance(thing, list):
        for number, part in enumerate(thing):
            yield from bodies(part, f"{path}/{number}")
    elif isinstance(thing, str) and thing[:1] == "{":
        yield path, thing


def target_product(tcin: str = "1011209279", **changes: Any) -> dict[str, Any]:
    """An in-stock summary of Target's, shaped as captured; ``changes`` by path, ``...`` deletes."""
    product: dict[str, Any] = {
        "__typename": "ProductSummary",
        "tcin": tcin,
        "item": {
            "relationship_type_code": "SA",
            "product_description": {"title": "Game: Illumineer&#39;s Trove"},
            "fulfillment": {},
        },
        "fulfillment": {
            "product_id": tcin,
            "is_out_of_stock_in_all_store_locations": False,
            "sold_out": False,
            "shipping_options": {"availability_status": "IN_STOCK", "services": []},
            "store_options": [
                {
                    "location_id": "2272",
                    "location_available_to_promise_quantity": 21.0,
                    "order_pickup": {"availability_status": "IN_STOCK"},
                    "in_store_only": {"availability_status": "IN_STOCK"},
                }
            ],
        },
    }
    return changed(product, changes)


def changed(document: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    for path, value in changes.items():
        *way, last = path.split("__")
        place: Any = document
        for step in way:
            place = place[int(step)] if step.isdecimal() else place[step]
        if value is ...:
            del place[last]
        else:
            place[last] = value
    return document


def batch(*products: dict[str, Any], errors: list[str] | None = None, status: int = 200) -> Page:
    document: dict[str, Any] = {"data": {"product_summaries": list(products)}}
    if errors:
        document["errors"] = [{"message": message} for message in errors]
    return page(document, status=status)


def walmart_page(product: dict[str, Any] | None, *, extra: str = "") -> Page:
    data = {"props": {"pageProps": {"initialData": {"data": {"product": product}}}}}
    script = f'<script id="__NEXT_DATA__" type="application/json" nonce="x">{json.dumps(data)}</script>'
    return page(
        f"<!DOCTYPE html><html><head><title>Walmart.com</title></head><body>{extra}{script}</body></html>"
    )


def bestbuy_product(**changes: Any) -> dict[str, Any]:
    product: dict[str, Any] = {
        "sku": 6411488,
        "name": "Intel Core i7",
        "active": True,
        "onlineAvailability": True,
        "orderable": "Available",
        "inStoreAvailability": True,
        "salePrice": 299.99,
        "regularPrice": 349.99,
        "quantityLimit": 3,
        "marketplace": False,
    }
    return changed(product, changes)
