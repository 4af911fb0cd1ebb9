"""Target's store pages: a gzipped sitemap, addresses with apostrophes and ampersands, fourteen dated days.

``set_mode("json-ld")`` shows the page of 2020-2024; ``gz-unpacked`` serves the sitemaps unpacked.
"""

from __future__ import annotations

import html
from typing import Any
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from shopwatch.simulator.site import Site
from shopwatch.simulator.sites import store_pages
from shopwatch.simulator.sites.store_pages import (
    GZIP,
    XML,
    Documents,
    Pages,
    Pieces,
    changed_at,
    get,
    known,
    ld_json,
    packed,
    script_json,
    text,
)
from shopwatch.simulator.stores import Store, StoreSet, Stray
from shopwatch.simulator.stores.hours import NAMES, clock
from shopwatch.simulator.stores.places import STATES, slug
from shopwatch.simulator.world import World

_CLOSED_PATHS = (
    "/account/ /cart /circle/ /co-cart /co-review /co-thankyou /coupons/print /gift-registry/giftgiver "
    "/login /orders /pl/ /product-compare /s? /search /shop/ /store-locator/search-results-print "
    "/webapp/"
)
_INDEXES = ("stores", "pdp", "keywords", "taxonomy-categories", "taxonomy-brand", "facet-categories")


def site(world: World) -> Site:
    """Make the store pages of www.target.com and its robots.txt."""
    directory = Directory(world)
    routes = (
        get("/sitemap_stores-index.xml.gz", directory.index),
        get("/sl/sitemap_0001.xml.gz", directory.sitemap),
        get("/sl/{slug}/{ref}", directory.store),
        get("/store-locator/store-directory", directory.states),
        get("/store-locator/store-directory/{state}", directory.state),
        get("/store-locator/find-stores/{postcode}", directory.finder),
    )
    return Site(name="target", routes=routes, robots=robots(world))


def robots(world: World) -> str:
    """One group; store pages are open."""
    closed = "".join(f"Disallow: {path}\n" for path in _CLOSED_PATHS.split())
    origin = world.origins.get("target", "")
    sitemaps = "".join(f"Sitemap: {origin}/sitemap_{name}-index.xml.gz\n" for name in _INDEXES)
    return f"User-agent: *\n{closed}\n{sitemaps}"


class Directory:
    """The pages and sitemaps."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._pages = Pages(store_pages.shell("Target"), self._render, daily=True)
        self._documents = Documents()

    @property
    def _stores(self) -> StoreSet:
        stores: StoreSet = self._world.stores["target"]
        return stores

    async def index(self, request: Request) -> Response:
        """The index, of one sitemap."""
        origin = self._world.origins["target"]
        newest = max((store.changed_at for store in self._stores.stores.values()), default=None)
        return self._sitemap(
            request, lambda: store_pages.sitemap_index(origin, [("/sl/sitemap_0001.xml.gz", newest)])
        )

    async def sitemap(self, request: Request) -> Response:
        """All stores, some that have just closed, and the test store."""
        origin = self._world.origins["target"]
        return self._sitemap(
            request,
            lambda: store_pages.urlset(
                origin, [(entry.path, changed_at(entry)) for entry in self._stores.listed()]
            ),
        )

    def _sitemap(self, request: Request, make: Any) -> Response:
        """Packed as its name says, or already unpacked: both have been seen."""
        if self._stores.modes["gz"] == "gz-unpacked":
            return self._documents.answer(request, self._stores, make, XML)
        return self._documents.answer(request, self._stores, lambda: packed(make()), GZIP)

    async def store(self, request: Request) -> Response:
        """Show a store; a wrong slug leads to the right one."""
        stores, ref = self._stores, request.path_params["ref"]
        path = f"/sl/{request.path_params['slug']}/{ref}"
        found = stores.at(path)
        if isinstance(found, Stray):
            shown = found.store if found.kind == "test" else None
        elif found is not None:
            shown = found
        else:
            right = stores.by_ref(ref)
            if right is not None:
                return RedirectResponse(quote(right.path, safe="/'&"), 301)
            shown = None
        if shown is None:
            return self._pages.not_found()
        return self._pages.answer(request, stores, shown, self._world.now())

    async def states(self, request: Request) -> Response:
        """List the states."""
        codes = sorted({store.state for store in self._stores.stores.values() if store.state})
        links = "".join(
            f'<a href="/store-locator/store-directory/{STATES[code].slug}">{STATES[code].name}</a>'
            for code in codes
        )
        return self._pages.other("<title>Store directory</title>", links)

    async def state(self, request: Request) -> Response:
        """List the stores of a state."""
        name = request.path_params["state"]
        found = [s for s in self._stores.stores.values() if s.state and slug(STATES[s.state].name) == name]
        if not found:
            return self._pages.not_found()
        return self._pages.other("<title>Store directory</title>", _cards(found))

    async def finder(self, request: Request) -> Response:
        """List the stores near a postcode."""
        near = self._stores.near_zip(request.path_params["postcode"], limit=20)
        cards = _cards([store for _, store in near])
        return self._pages.other(
            "<title>Find stores</title>", cards or "<p>Sorry, no stores matched your search.</p>"
        )

    def _render(self, stores: StoreSet, store: Store) -> Pieces:
        title = f"<title>{text(store.name)} Store Hours : Target</title>"
        record = stores.target_record(store, self._world.now())
        if stores.modes["page"] == "json-ld":
            return title + ld_json(_department_store(store)), _preloaded(record)
        return title, self._flight(store, record)

    def _flight(self, store: Store, record: dict[str, Any]) -> str:
        """Flight data: the record escaped in a script's string, among small ones of the neighbours."""
        near = self._stores.near(store.lat or 0.0, store.lon or 0.0, limit=4, within_miles=12)
        neighbours = [
            {"store_id": other.ref, "location_name": other.name, "state": other.state}
            for _, other in near
            if other.ref != store.ref
        ]
        before = f'8:["$","section",null,{{"nearby":{script_json(neighbours)}}}]\n'
        data = f'9:["$","$L1f",null,{{"store":{{"store":{script_json(record)}}},"channel":"WEB"}}]\n'
        scripts = "".join(
            f"<script>self.__next_f.push([1,{script_json(part)}])</script>" for part in (before, data)
        )
        return f'<h1 data-test="@store-locator/StoreName">{text(store.name)}</h1>{scripts}'


def _preloaded(record: dict[str, Any]) -> str:
    """The script of 2020-2024: JSON in a string that the page parses."""
    inner = script_json({"__PRELOADED_QUERIES__": {"queries": [[["store"], {"data": {"store": record}}]]}})
    return f"<script>window.__TGT_DATA__ = JSON.parse({script_json(inner)})</script>"


def _department_store(store: Store) -> dict[str, Any]:
    """The JSON-LD of 2020-2024: named after its address, a week of hours, seconds and all."""
    hours = [
        {
            "@type": "OpeningHoursSpecification",
            "dayOfWeek": f"http://schema.org/{name}",
            "opens": f"{clock(begin)}:00",
            "closes": f"{clock(end)}:00",
        }
        for name, spans in zip(NAMES, store.hours or (), strict=False)
        for begin, end in spans
    ]
    address = known(
        **{"@type": "PostalAddress"},
        streetAddress=store.street,
        addressLocality=store.city,
        addressRegion=store.state,
        postalCode=store.postcode,
        addressCountry="United States of America",
    )
    return known(
        **{"@context": "http://schema.org", "@type": "DepartmentStore"},
        name=f"Target Store - {store.path.split('/')[2]}",
        telephone=f"+1{store.phone}" if len(store.phone) == 10 else store.phone,
        address=address,
        geo=known(latitude=store.lat, longitude=store.lon),
        openingHoursSpecification=hours,
    )


def _cards(stores: list[Store]) -> str:
    return "".join(
        f'<div class="view_storeCardWrapper__x1"><a aria-label="{text(store.name)} Store info" '
        f'href="{html.escape(store.path)}">{text(store.name)}</a>'
        f'<p data-test="@store-locator/StoreAddress">{text(store.street)}, {text(store.city)}</p></div>'
        for store in stores
    )
