"""Pages as sites send them, made by tests from the facts: a builder fills what a test is not about."""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from shopwatch.domain.crawling import Page, Request
from shopwatch.domain.site import Site
from shopwatch.domain.store import Store
from shopwatch.retailers.registry import RETAILERS

NOON = datetime(2026, 1, 17, 12, tzinfo=UTC)


def page(
    body: str | bytes,
    url: str = "https://www.example.com/",
    *,
    meta: Mapping[str, str] | None = None,
    status: int = 200,
) -> Page:
    packed = body.encode() if isinstance(body, str) else body
    request = Request(url=url, phase="extract", meta=meta or {})
    return Page(request=request, url=url, status=status, headers={}, body=packed, fetched_at=NOON)


def parse(retailer: str, phase: str, document: Page, site: Site | None = None) -> list[Store | Request]:
    made = RETAILERS[retailer]
    return list(made.locator.phase(phase).parse(document, site or made.site))


def one_store(retailer: str, document: Page) -> Store:
    (store,) = parse(retailer, "extract", document)
    assert isinstance(store, Store)
    return store


def requests(retailer: str, phase: str, document: Page, site: Site | None = None) -> list[Request]:
    found = parse(retailer, phase, document, site)
    assert all(isinstance(one, Request) for one in found)
    return [one for one in found if isinstance(one, Request)]


def urls(retailer: str, phase: str, document: Page, site: Site | None = None) -> list[str]:
    return [one.url for one in requests(retailer, phase, document, site)]


def sitemap(*addresses: str, kind: str = "urlset", lastmod: str = "") -> str:
    inner = "url" if kind == "urlset" else "sitemap"
    when = f"<lastmod>{lastmod}</lastmod>" if lastmod else ""
    entries = "".join(f"<{inner}><loc>{one.replace('&', '&amp;')}</loc>{when}</{inner}>" for one in addresses)
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<{kind} xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">'
        f"{entries}</{kind}>\n"
    )


def packed(document: str) -> bytes:
    return gzip.compress(document.encode())


def script(variable: str, value: Any) -> str:
    return f"<html><body><script>var {variable} = {json.dumps(value)};</script></body></html>"


def ld_page(*things: Any, title: str = "A store", more: str = "") -> str:
    blocks = "".join(f'<script type="application/ld+json">{json.dumps(thing)}</script>' for thing in things)
    return f"<html><head><title>{title}</title>{blocks}</head><body>{more}</body></html>"


def next_page(value: Any) -> str:
    return f'<html><script id="__NEXT_DATA__" type="application/json">{json.dumps(value)}</script></html>'


def flight_page(*records: Any, size: int = 500) -> str:
    """A Next.js page: its data as text in pieces, cut anywhere, each a JavaScript string."""
    data = (
        "5:"
        + json.dumps(["$", "div", None, {"store": {"store": records[0]}, "near": list(records[1:])}])
        + "\n"
    )
    pieces = [data[start : start + size] for start in range(0, len(data), size)]
    pushes = "".join(f"<script>self.__next_f.push([1,{json.dumps(piece)}])</script>" for piece in pieces)
    return f"<html><body><h1>Store</h1>{pushes}</body></html>"


def blob(document: Any) -> str:
    encoded = quote(json.dumps({"document": document}), safe="")
    return f'<script>window.data = JSON.parse(decodeURIComponent("{encoded}"))</script>'
