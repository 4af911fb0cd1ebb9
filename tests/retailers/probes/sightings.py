"""Builds what a browser saw on a product page; a test says only what it is about."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from shopwatch.domain.crawling import Page, Request
from shopwatch.domain.probe import Element, Sighting
from shopwatch.domain.site import Site

SKU = "89542109"
SITE = Site(base_url="https://www.target.com")


def button(
    text: str = "Add to cart", *, enabled: bool = True, visible: bool = True, **attributes: str
) -> Element:
    named = {name.replace("_", "-"): value for name, value in attributes.items()}
    return Element(text=text, enabled=enabled, visible=visible, attributes=named)


def cell(label: str) -> Element:
    return button(label, aria_label=label)


def text(words: str) -> Element:
    return button(words)


def sighting(
    elements: Mapping[str, Element | None],
    *,
    url: str = f"https://www.target.com/p/thing/-/A-{SKU}",
    title: str = "A thing : Target",
    answers: tuple[object, ...] = (),
    settled: bool = True,
    body: bytes = b"<html></html>",
) -> Sighting:
    page = Page(
        request=Request(url=url),
        url=url,
        status=200,
        headers={},
        body=body,
        fetched_at=datetime(2026, 6, 28, tzinfo=UTC),
    )
    found = {name: (one,) for name, one in elements.items() if one is not None}
    return Sighting(page=page, title=title, elements=found, answers=answers, settled=settled)


def stock(shipping: str, pickup: str = "UNAVAILABLE", *, sku: str = SKU, **more: Any) -> dict[str, Any]:
    """The answer the page fetches for its stock."""
    fulfillment = {
        "shipping_options": {"availability_status": shipping},
        "store_options": [
            {
                "location_id": "2272",
                "order_pickup": {"availability_status": pickup},
                "in_store_only": {"availability_status": "IN_STOCK"},
            }
        ],
    }
    return {"data": {"product": {"tcin": sku, "fulfillment": fulfillment, **more}}}


def price(dollars: float, *, title: str = "A thing", sku: str = SKU, **terms: Any) -> dict[str, Any]:
    """The answer the page fetches for its price."""
    item = {"product_description": {"title": title}, "fulfillment": terms or None}
    return {"data": {"product": {"tcin": sku, "item": item, "price": {"current_retail": dollars}}}}
