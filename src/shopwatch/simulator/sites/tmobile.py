"""T-Mobile's store directory: sitemaps in sitemaps, pages about services in them, kinds only in titles.

``set_mode("hours-old")`` puts the hours where they stood until October 2025; ``load-408`` answers 408 to
whoever asks for more than a few pages a second.
"""

from __future__ import annotations

import math
import time
import zlib
from collections import deque
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from shopwatch.simulator.site import Site, fault_of
from shopwatch.simulator.sites import store_pages, tmobile_page
from shopwatch.simulator.sites.store_pages import (
    Documents,
    Pages,
    changed_at,
    get,
    json_answer,
    ld_json,
    lost_field,
    text,
)
from shopwatch.simulator.stores import Store, StoreSet
from shopwatch.simulator.stores.model import without
from shopwatch.simulator.stores.places import slug
from shopwatch.simulator.world import World

#: Store pages of one second that are answered in mode ``load-408``
PAGES_A_SECOND = 10
#: Stores of one sitemap, and of one page of the API
_SITEMAP_SIZE, _PAGE_SIZE = 200, 20
_FLAT_SIZE = 5000

_ROBOTS = """User-agent: *
Disallow: /account/
Disallow: /cart
Disallow: /checkout
Disallow: /stores/locator/

Sitemap: {origin}/stores/sitemap.xml
"""


def site(world: World) -> Site:
    """Make the directory of www.t-mobile.com/stores."""
    directory = Directory(world)
    routes = (
        get("/stores/sitemap.xml", directory.index),
        get("/stores/local-sitemap-page.xml", directory.flat),
        get("/stores/sitemap-{group}-{number:int}.xml", directory.urls),
        get("/stores/sitemap-{group}-pages.xml", directory.group),
        get("/stores/api/get-nearby-business/", directory.nearby),
        get("/stores/bd/{slug}", directory.store),
        get("/stores/bd/{slug}/", directory.store),
        get("/stores/bd/{slug}/{sub}", directory.sub_page),
        get("/store-locator/{state}/{city}/{name}", directory.earlier),
    )
    return Site(name="tmobile", routes=routes, robots=_ROBOTS.format(origin=world.origins.get("tmobile", "")))


class Directory:
    """The pages, sitemaps and the API."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._pages = Pages(store_pages.shell("T-Mobile"), tmobile_page.render)
        self._documents = Documents()
        self._recent: deque[float] = deque(maxlen=PAGES_A_SECOND)

    @property
    def _stores(self) -> StoreSet:
        stores: StoreSet = self._world.stores["tmobile"]
        return stores

    @property
    def _origin(self) -> str:
        return self._world.origins["tmobile"]

    # -- sitemaps: index -> index -> addresses

    async def index(self, request: Request) -> Response:
        """The outer index, of two inner ones."""
        inner = [
            ("/stores/sitemap-business-main-pages.xml", None),
            ("/stores/sitemap-services-pages.xml", None),
        ]
        return self._documents.answer(
            request, self._stores, lambda: store_pages.sitemap_index(self._origin, inner)
        )

    async def group(self, request: Request) -> Response:
        """An inner index."""
        group = request.path_params["group"]
        entries = self._entries(group)
        if not entries:
            return self._pages.not_found()

        def make() -> str:
            count = math.ceil(len(entries) / _SITEMAP_SIZE)
            children = [(f"/stores/sitemap-{group}-{number}.xml", None) for number in range(1, count + 1)]
            return store_pages.sitemap_index(self._origin, children)

        return self._documents.answer(request, self._stores, make)

    async def urls(self, request: Request) -> Response:
        """A sitemap of stores (with a sub-page here and there) or of services."""
        first = (request.path_params["number"] - 1) * _SITEMAP_SIZE
        entries = self._entries(request.path_params["group"])[max(0, first) : max(0, first) + _SITEMAP_SIZE]
        if not entries:
            return self._pages.not_found()
        return self._documents.answer(
            request, self._stores, lambda: store_pages.urlset(self._origin, entries)
        )

    async def flat(self, request: Request) -> Response:
        """The sitemap of January 2026: everything in one order of the alphabet, ``?p=2`` goes on."""
        page = request.query_params.get("p", "1")
        first = (int(page) - 1 if page.isdigit() and page != "0" else 0) * _FLAT_SIZE
        entries = sorted([*self._entries("business-main"), *self._entries("services")], key=lambda e: e[0])
        document = store_pages.urlset(self._origin, entries[first : first + _FLAT_SIZE])
        return Response(document, media_type=store_pages.XML)

    def _entries(self, group: str) -> list[tuple[str, Any]]:
        if group == "services":
            return [(path, None) for path in self._services()]
        if group != "business-main":
            return []
        entries = []
        for entry in self._stores.listed():
            entries.append((entry.path, changed_at(entry)))
            if zlib.crc32(entry.path.encode()) % 25 == 0:
                entries.append((f"{entry.path}/5g-home-internet", changed_at(entry)))
        return entries

    def _services(self) -> dict[str, Store]:
        """The pages about internet at home (and some for offices), one a city for some cities."""
        pages: dict[str, Store] = {}
        for store in self._stores.stores.values():
            place = f"{slug(store.city)}-{store.state.lower()}"
            if zlib.crc32(place.encode()) % 15 == 0:
                pages.setdefault(f"/stores/bd/home-internet-{place}", store)
            elif zlib.crc32(place.encode()) % 120 == 1:
                pages.setdefault(f"/stores/bd/business-internet-{place}", store)
        return dict(sorted(pages.items()))

    # -- pages

    async def store(self, request: Request) -> Response:
        """Show a store, or a page about services in its city."""
        if self._overloaded():
            return Response("<h1>408 Request Time-out</h1>", 408, media_type=store_pages.HTML)
        stores = self._stores
        path = f"/stores/bd/{request.path_params['slug']}"
        found = stores.at(path)
        if isinstance(found, Store):
            return self._pages.answer(request, stores, found, self._world.now())
        about = self._services().get(path) if "-internet-" in path else None
        if about is None:
            return self._pages.not_found()
        service = {"@type": "Service", "name": f"Home Internet in {about.city}", "areaServed": about.city}
        return self._pages.other(f"<title>Home Internet in {text(about.city)}</title>{ld_json(service)}", "")

    async def sub_page(self, request: Request) -> Response:
        """A page below a store's: the same place, another matter."""
        found = self._stores.at(f"/stores/bd/{request.path_params['slug']}")
        if not isinstance(found, Store):
            return self._pages.not_found()
        service = {"@type": "Service", "name": f"5G Home Internet near {found.name}"}
        return self._pages.other(f"<title>5G Home Internet</title>{ld_json(service)}", "")

    async def earlier(self, request: Request) -> Response:
        """Lead from the addresses of 2021, which several stores could share, to the first such store's."""
        path = request.scope["path"]
        for store in self._stores.stores.values():
            if store.extras.get("earlier") == path:
                return RedirectResponse(store.path, 301)
        return self._pages.not_found()

    def _overloaded(self) -> bool:
        if self._stores.modes["load"] != "load-408":
            return False
        now = time.monotonic()
        full = len(self._recent) == PAGES_A_SECOND and now - self._recent[0] < 1.0
        if not full:
            self._recent.append(now)
        return full

    # -- the API

    async def nearby(self, request: Request) -> Response:
        """The stores around a point, some at a time."""
        try:
            lat, lon = float(request.query_params["lat"]), float(request.query_params["lon"])
            page = max(1, int(request.query_params.get("page", "1")))
        except (KeyError, ValueError):
            return json_answer({"error": "lat, lon and page must be numbers"}, 400)
        stores = self._stores
        near = [store for _, store in stores.near(lat, lon, limit=1000, within_miles=100.0)]
        if fault_of(request) == "missing-field":
            near = [without(store, lost_field(request, stores)) for store in near]
        pages = math.ceil(len(near) / _PAGE_SIZE)
        following = page + 1 if page < pages else None
        shown = near[(page - 1) * _PAGE_SIZE : page * _PAGE_SIZE]
        listed = {
            "object_list": [tmobile_page.business(store) for store in shown],
            "paginator": {"num_pages": pages, "count": len(near)},
            "next_page_number": following,
        }
        return json_answer({"business_list": listed, "next_page_number": following})
