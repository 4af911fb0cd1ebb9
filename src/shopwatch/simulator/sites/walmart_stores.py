"""Walmart's store directory: four gzipped sitemaps that keep closed stores, whose pages hold no store.

``set_mode``: ``redux`` is the page of before August 2022; ``phone`` and ``phoneNumber`` are the two names the
telephone has had; ``sitemap-urlset`` the one flat sitemap of 2018-2022; ``gz-unpacked`` unpacked ones.
"""

from __future__ import annotations

from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from shopwatch.simulator.site import Site
from shopwatch.simulator.sites import store_pages, walmart_page
from shopwatch.simulator.sites.store_pages import GZIP, XML, Documents, Pages, changed_at, get, packed, text
from shopwatch.simulator.stores import Store, StoreSet, Stray
from shopwatch.simulator.stores.places import slug
from shopwatch.simulator.world import World

_CLOSED_PATHS = (
    "/account/ /api/ /search */api/wpa /store/ajax/detail-navigation /store/ajax/local-store "
    "/store/ajax/preferred /store/ajax/search /store/category/ /store/electrode/api/fetch-coupons "
    "/store/electrode/api/p13n /store/electrode/api/search /store/electrode/api/stores "
    "/store/popular_in_grade/ /store/*/search /storeLocator/ */undefined/* /typeahead/ /wmflows/ "
    "/giftregistry/ /orders /es/"
)
#: part of the sitemap's name -> the kinds of store in it
_GROUPS: dict[str, tuple[str, ...]] = {
    "supercenter": ("Supercenter",),
    "neighborhood": ("Neighborhood Market",),
    "discount": ("Store",),
    "other": ("Pharmacy", "Gas Station", "Pickup"),
}


def site(world: World) -> Site:
    """Make the store pages of www.walmart.com and its robots.txt."""
    directory = Directory(world)
    routes = (
        get("/sitemap_store_main.xml", directory.main),
        get("/sitemap_store_main_{group}.xml.gz", directory.group),
        get("/store-directory", directory.directory),
        get("/store/directory", directory.tree),
        get("/store/directory/{state}", directory.tree),
        get("/store/directory/{state}/{city}", directory.tree),
        get("/store/finder", directory.finder),
        get("/store/{name}/{place}/details", directory.store),
        get("/store/{name}", directory.store),
        get("/blocked", directory.blocked),
    )
    return Site(name="walmart", routes=routes, robots=robots(world))


def robots(world: World) -> str:
    """Store pages and the finder are open, the locator's calls are not."""
    closed = "".join(f"Disallow: {path}\n" for path in _CLOSED_PATHS.split())
    origin = world.origins.get("walmart", "")
    names = ("category", "store_main", "store_dept", "browse_fst")
    sitemaps = "".join(f"Sitemap: {origin}/sitemap_{name}.xml\n" for name in names)
    return f"{sitemaps}\nUser-agent: *\n{closed}Allow: /store/finder\n\nUser-agent: Slurp\nCrawl-delay: 5\n"


class Directory:
    """The pages and sitemaps."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._pages = Pages(store_pages.shell("Walmart"), walmart_page.render)
        self._documents = Documents()

    @property
    def _stores(self) -> StoreSet:
        stores: StoreSet = self._world.stores["walmart"]
        return stores

    @property
    def _origin(self) -> str:
        return self._world.origins["walmart"]

    async def main(self, request: Request) -> Response:
        """The index of four, or the one list of before."""

        def make() -> str:
            if self._stores.modes["sitemap"] == "sitemap-urlset":
                entries = [(_earlier(entry.path), changed_at(entry)) for entry in self._stores.listed()]
                return store_pages.urlset(self._origin, entries)
            children = [(f"/sitemap_store_main_{group}.xml.gz", None) for group in _GROUPS]
            return store_pages.sitemap_index(self._origin, children)

        return self._documents.answer(request, self._stores, make)

    async def group(self, request: Request) -> Response:
        """The stores of some kinds, those that have closed among them."""
        kinds = _GROUPS.get(request.path_params["group"])
        if kinds is None:
            return self._pages.not_found()

        def make() -> str:
            listed = [entry for entry in self._stores.listed() if _kind(entry) in kinds]
            return store_pages.urlset(self._origin, [(entry.path, changed_at(entry)) for entry in listed])

        unpacked = self._stores.modes["gz"] == "gz-unpacked"
        made: Callable[[], str | bytes] = make if unpacked else lambda: packed(make())
        return self._documents.answer(request, self._stores, made, XML if unpacked else GZIP)

    async def store(self, request: Request) -> Response:
        """Show a store by its number, whatever follows it; one that has closed is a page without a store."""
        ref = request.path_params["name"].partition("-")[0]
        stores = self._stores
        found = stores.by_ref(ref)
        if found is not None:
            if request.path_params["name"] == ref and "place" not in request.path_params:
                return RedirectResponse(found.path, 301)
            return self._pages.answer(request, stores, found, self._world.now())
        if not ref.isdigit():
            return self._pages.not_found()
        return self._pages.other("<title>Store details | Walmart.com</title>", walmart_page.soft_404(stores))

    async def directory(self, request: Request) -> Response:
        """All stores by state and city, as JSON in a string in JSON."""
        body = self._documents.get(self._stores, "directory", lambda: walmart_page.directory(self._stores))
        return self._pages.other("<title>Store directory | Walmart.com</title>", body.decode())

    async def tree(self, request: Request) -> Response:
        """The directory of 2022: states, cities, stores."""
        state, city = request.path_params.get("state"), request.path_params.get("city")
        found = [s for s in self._stores.stores.values() if state in {None, s.state.lower()}]
        if state and city:
            links = {f"/store/{s.ref}": s.name for s in found if slug(s.city) == city}
        elif state:
            links = {f"/store/directory/{state}/{slug(s.city)}": s.city for s in found}
        else:
            links = {f"/store/directory/{s.state.lower()}": s.state for s in found}
        if not links:
            return self._pages.not_found()
        anchors = "".join(f'<a href="{path}">{text(name)}</a>' for path, name in sorted(links.items()))
        return self._pages.other("<title>Store directory</title>", anchors)

    async def finder(self, request: Request) -> Response:
        return self._pages.other("<title>Store finder | Walmart.com</title>", "<h1>Store finder</h1>")

    async def blocked(self, request: Request) -> Response:
        """Where the guard sends those it does not let in."""
        return self._pages.other("<title>Robot or human?</title>", walmart_page.WALL)


def _kind(entry: Store | Stray) -> str:
    store = entry if isinstance(entry, Store) else entry.store
    return store.kind if store else ""


def _earlier(path: str) -> str:
    """``/store/7/sherwood-ar/details``."""
    ref, _, place = path.removeprefix("/store/").partition("-")
    return f"/store/{ref}/{place}/details"
