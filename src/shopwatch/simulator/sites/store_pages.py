"""What the six store directories have in common: how pages are kept, dated and served.

A page is kept as the two pieces that differ from store to store; the kilobytes around them are shared: 7,000
stores fit into memory and a page costs a join of five strings.
"""

from __future__ import annotations

import gzip
import html
import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from shopwatch.simulator.site import fault_of
from shopwatch.simulator.stores import Store, StoreSet, Stray, field_called
from shopwatch.simulator.stores.model import without

Pieces = tuple[str, str]  #: what goes into <head> (with the title), what goes into <main>
Render = Callable[[StoreSet, Store], Pieces]

HTML = "text/html; charset=utf-8"
JSON = "application/json; charset=utf-8"
XML = "application/xml"
GZIP = "application/x-gzip"

#: Lost everywhere by ``missing-field`` when nobody says which: what the sets of December 2021 had lost
_LOST = {"tmobile": "hours", "att": "phone"}

_WORDS = (
    "Accessories Phones Tablets Watches Headphones Laptops Gaming Cameras Appliances Audio Internet "
    "Plans Prepaid Deals Trade-in Upgrade Support Community Careers Investors Newsroom Accessibility "
    "Privacy Terms Returns Shipping Protection Financing Rewards Gift-cards Recycling Business Students "
    "Military Seniors Security"
)
_STYLE = "".join(
    f".c-{name.lower()}{{display:flex;margin:{number % 7}px {number % 5}px;color:#{number:03x};"
    f"padding:{number % 9}px}}"
    for number, name in enumerate(_WORDS.split(), start=100)
)


@dataclass(frozen=True, slots=True)
class Shell:
    """The parts of a page that are the same for every store."""

    opening: bytes
    middle: bytes
    closing: bytes

    def around(self, head: bytes, body: bytes) -> bytes:
        return b"".join((self.opening, head, self.middle, body, self.closing))


def shell(brand: str, *, script: str = "/etc/clientlibs/site.min.js") -> Shell:
    """Make head, menu and foot of a site, some nine kilobytes."""
    menu = "".join(
        f'<li class="c-menu-entry"><a class="c-menu-link" href="/c/{word.lower()}/" '
        f'data-track="menu-{word.lower()}">{word}</a></li>'
        for word in _WORDS.split()
    )
    foot = menu.replace("c-menu", "c-foot").replace("/c/", "/about/")
    opening = (
        '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<style>{_STYLE}</style>"
    )
    middle = (
        f'<script async src="{script}"></script></head><body>'
        f'<header><a class="c-logo" href="/">{html.escape(brand)}</a>'
        f"<nav><ul>{menu}</ul></nav></header><main>"
    )
    closing = f"</main><footer><ul>{foot}</ul><p>&copy; {html.escape(brand)}</p></footer></body></html>"
    return Shell(opening.encode(), middle.encode(), closing.encode())


@dataclass(frozen=True, slots=True)
class _Kept:
    store: Store
    key: tuple[object, ...]
    head: bytes
    body: bytes
    headers: dict[str, str]


class Pages:
    """The store pages of one site: rendered when first asked for, kept until store or mode change."""

    def __init__(self, frame: Shell, render: Render, *, daily: bool = False) -> None:
        self._shell = frame
        self._render = render
        self._daily = daily  #: the page lists dates: it is made anew each day, under the same ETag
        self._kept: dict[str, _Kept] = {}

    def answer(self, request: Request, stores: StoreSet, store: Store, now: datetime) -> Response:
        """Give the page of ``store``, 304 to whoever has it, or spoilt if a fault says so."""
        fault = fault_of(request)
        if fault is not None:
            head, body = self._render(stores, _spoilt(request, fault, stores, store))
            return Response(self._shell.around(head.encode(), body.encode()), media_type=HTML)
        key = (id(stores), *stores.modes.values(), now.date() if self._daily else None)
        kept = self._kept.get(store.ref)
        if kept is None or kept.store is not store or kept.key != key:
            kept = self._keep(stores, store, key)
        if unchanged(request, kept.headers["etag"], store.changed_at):
            return Response(None, 304, kept.headers)
        return Response(self._shell.around(kept.head, kept.body), 200, kept.headers, HTML)

    def _keep(self, stores: StoreSet, store: Store, key: tuple[object, ...]) -> _Kept:
        head, body = self._render(stores, store)
        kept = _Kept(store, key, head.encode(), body.encode(), validators(store, *stores.modes.values()))
        self._kept[store.ref] = kept
        return kept

    def other(self, head: str, body: str, status: int = 200) -> Response:
        """Give a page of the same site that is no store's."""
        return Response(self._shell.around(head.encode(), body.encode()), status, media_type=HTML)

    def not_found(self) -> Response:
        return self.other("<title>Page not found</title>", "<h1>We can't find that page</h1>", 404)


def _spoilt(request: Request, fault: str, stores: StoreSet, store: Store) -> Store:
    if fault == "wrong-state":
        return elsewhere(stores, store)
    if fault == "missing-field":
        return without(store, lost_field(request, stores))
    return store


def lost_field(request: Request, stores: StoreSet) -> str:
    """Say which field ``missing-field`` takes away: the one it names, else the one this site once lost."""
    named = request.scope["state"].get("fault_detail") or _LOST.get(stores.retailer, "hours")
    return field_called(str(named))


def elsewhere(stores: StoreSet, store: Store) -> Store:
    """Choose a store of another state, always the same one."""
    refs = sorted(ref for ref, other in stores.stores.items() if other.state != store.state)
    return stores.stores[refs[zlib.crc32(store.ref.encode()) % len(refs)]] if refs else store


def validators(store: Store, *salt: object) -> dict[str, str]:
    """Make ETag and Last-Modified; they change when the store does, and with the shape of the page."""
    what = (store.ref, store.revision, store.name, store.street, store.phone, store.hours, store.status, salt)
    return {
        "etag": f'"{zlib.crc32(repr(what).encode()):08x}-{store.revision}"',
        "last-modified": format_datetime(store.changed_at.replace(microsecond=0), usegmt=True),
        "cache-control": "max-age=0, must-revalidate",
    }


def unchanged(request: Request, etag: str, changed_at: datetime) -> bool:
    """Whether the client has this version: by its ETag, or where it sends none by its date."""
    tags = request.headers.get("if-none-match")
    if tags is not None:
        return any(tag.strip().removeprefix("W/") in (etag, "*") for tag in tags.split(","))
    since = request.headers.get("if-modified-since")
    if since is None:
        return False
    try:
        return parsedate_to_datetime(since).astimezone(UTC) >= changed_at.replace(microsecond=0)
    except ValueError:
        return False


class Documents:
    """Lists and sitemaps: made when first asked for, kept until the set changes."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[StoreSet, int, bytes]] = {}

    def get(self, stores: StoreSet, name: str, make: Callable[[], str | bytes]) -> bytes:
        kept = self._kept.get(name)
        if kept is None or kept[0] is not stores or kept[1] != stores.version:
            made = make()
            kept = (stores, stores.version, made.encode() if isinstance(made, str) else made)
            self._kept[name] = kept
        return kept[2]

    def answer(
        self, request: Request, stores: StoreSet, make: Callable[[], str | bytes], media_type: str = XML
    ) -> Response:
        """Serve a document under its address, with an ETag of its content."""
        body = self.get(stores, request.scope["path"], make)
        etag = f'"{zlib.crc32(body):08x}"'
        if request.headers.get("if-none-match") == etag:
            return Response(None, 304, {"etag": etag})
        return Response(body, 200, {"etag": etag}, media_type)


def urlset(origin: str, entries: Iterable[tuple[str, datetime | None]]) -> str:
    """Write a sitemap of addresses and when each was last changed."""
    return _sitemap("urlset", "url", origin, entries)


def sitemap_index(origin: str, entries: Iterable[tuple[str, datetime | None]]) -> str:
    """Write a sitemap of sitemaps."""
    return _sitemap("sitemapindex", "sitemap", origin, entries)


def _sitemap(root: str, tag: str, origin: str, entries: Iterable[tuple[str, datetime | None]]) -> str:
    lines = [
        f"<{tag}><loc>{html.escape(origin + path, quote=False)}</loc>"
        + (f"<lastmod>{changed_at:%Y-%m-%dT%H:%M:%S+00:00}</lastmod>" if changed_at else "")
        + f"</{tag}>"
        for path, changed_at in entries
    ]
    space = "http://www.sitemaps.org/schemas/sitemap/0.9"
    body = "\n".join(lines)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<{root} xmlns="{space}">\n{body}\n</{root}>\n'


def changed_at(entry: Store | Stray) -> datetime | None:
    """When the page at a listed address was last changed."""
    store = entry if isinstance(entry, Store) else entry.store
    return store.changed_at if store else None


def packed(text: str) -> bytes:
    """Gzip, the same bytes each time."""
    return gzip.compress(text.encode(), 6, mtime=0)


def script_json(value: Any) -> str:
    """Write JSON that may stand inside a script element."""
    return msgspec.json.encode(value).decode().replace("</", "<\\/")


def ld_json(value: Any) -> str:
    return f'<script type="application/ld+json">{script_json(value)}</script>'


def known(**values: Any) -> dict[str, Any]:
    """Leave out what is not known."""
    return {name: value for name, value in values.items() if value not in (None, "", (), [], {})}


def text(value: str) -> str:
    return html.escape(value)


def json_answer(value: Any, status: int = 200) -> Response:
    return Response(msgspec.json.encode(value), status, media_type=JSON)


def get(path: str, handler: Any) -> Route:
    return Route(path, handler, methods=["GET", "HEAD"])


def post(path: str, handler: Any) -> Route:
    return Route(path, handler, methods=["POST"])
