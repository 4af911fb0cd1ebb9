"""Best Buy's store directory: no guard, and addresses with a house number where one expects the store's.

``set_mode("2018")`` shows the microdata pages of 2018-2024.
"""

from __future__ import annotations

import zlib

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from shopwatch.simulator.site import Site
from shopwatch.simulator.sites import bestbuy_page, store_pages
from shopwatch.simulator.sites.store_pages import Documents, Pages, changed_at, get
from shopwatch.simulator.stores import Store, StoreSet
from shopwatch.simulator.world import World

_ROBOTS = """User-agent: *
Disallow: /search

Sitemap: {origin}/sitemap.xml
"""
#: state's part of an address -> city's part -> its stores
Tree = dict[str, dict[str, list[Store]]]


def site(world: World) -> Site:
    """Make stores.bestbuy.com."""
    directory = Directory(world)
    routes = (
        get("/", directory.root),
        get("/index.html", directory.root),
        get("/404.html", directory.missing),
        get("/sitemap.xml", directory.index),
        get("/sitemap1.xml", directory.sitemap),
        get("/{state}.html", directory.state),
        get("/{state}/{city}.html", directory.city),
        get("/{state}/{city}/{page}.html", directory.store),
        get("/{state}/{city}/{page}/{sub}.html", directory.sub_page),
    )
    return Site(name="bestbuy", routes=routes, robots=_ROBOTS.format(origin=world.origins.get("bestbuy", "")))


class Directory:
    """The pages and sitemaps."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._pages = Pages(store_pages.shell("Best Buy"), bestbuy_page.render)
        self._documents = Documents()
        self._tree: tuple[StoreSet | None, int, Tree] = (None, 0, {})

    @property
    def _stores(self) -> StoreSet:
        stores: StoreSet = self._world.stores["bestbuy"]
        return stores

    def tree(self) -> Tree:
        """The stores by state and city; made again when the set has changed."""
        stores = self._stores
        if self._tree[0] is not stores or self._tree[1] != stores.version:
            made: Tree = {}
            for store in sorted(stores.stores.values(), key=lambda store: store.path):
                _, state, city, _ = store.path.split("/", 3)
                made.setdefault(state, {}).setdefault(city, []).append(store)
            self._tree = (stores, stores.version, made)
        return self._tree[2]

    async def root(self, request: Request) -> Response:
        """List the states; one with a single store leads straight to it."""
        links = {state: bestbuy_page.state_link(state, cities) for state, cities in self.tree().items()}
        children = [bestbuy_page.state_node(state, cities) for state, cities in self.tree().items()]
        return self._pages.other(*bestbuy_page.directory("US", links, children))

    async def state(self, request: Request) -> Response:
        """List the cities of a state."""
        state = request.path_params["state"]
        cities = self.tree().get(state)
        if not cities:
            return self._pages.not_found()
        straight = bestbuy_page.state_link(state, cities)
        if straight != f"/{state}.html":
            return RedirectResponse(straight, 301)
        links = {city: f"/{state}/{city}.html" for city in cities}
        children = [bestbuy_page.city_node(state, city, found) for city, found in cities.items()]
        return self._pages.other(*bestbuy_page.directory(state.upper(), links, children))

    async def city(self, request: Request) -> Response:
        """List the stores of a city, and some nearby a second time."""
        state, city = request.path_params["state"], request.path_params["city"]
        found = self.tree().get(state, {}).get(city)
        if not found:
            return self._pages.not_found()
        near = self._stores.near(found[0].lat or 0.0, found[0].lon or 0.0, limit=5, within_miles=80)
        return self._pages.other(*bestbuy_page.city(found, [store for _, store in near]))

    async def store(self, request: Request) -> Response:
        """Show a store, or one of the pages beside it that look like one."""
        path = "/{state}/{city}/{page}.html".format(**request.path_params)
        stores = self._stores
        found = stores.at(path)
        if isinstance(found, Store):
            return self._pages.answer(request, stores, found, self._world.now())
        here = self.tree().get(request.path_params["state"], {}).get(request.path_params["city"])
        if here and request.path_params["page"] in ("geeksquad", "magnolia"):
            return self._pages.other(*bestbuy_page.sub_page(here[0], request.path_params["page"]))
        return self._pages.not_found()

    async def sub_page(self, request: Request) -> Response:
        """A page below a store's: services, Geek Squad, Magnolia; or the store in "24-1/2 Rd"."""
        stores = self._stores
        store = stores.at(request.scope["path"])
        if isinstance(store, Store):
            return self._pages.answer(request, stores, store, self._world.now())
        found = stores.at("/{state}/{city}/{page}.html".format(**request.path_params))
        if not isinstance(found, Store):
            return self._pages.not_found()
        return self._pages.other(*bestbuy_page.sub_page(found, request.path_params["sub"]))

    async def missing(self, request: Request) -> Response:
        return self._pages.not_found()

    async def index(self, request: Request) -> Response:
        """The index, of one sitemap."""
        origin = self._world.origins["bestbuy"]
        return self._documents.answer(
            request, self._stores, lambda: store_pages.sitemap_index(origin, [("/sitemap1.xml", None)])
        )

    async def sitemap(self, request: Request) -> Response:
        """Everything there is: a page that says 404, states, cities, stores, what is below them."""

        def make() -> str:
            entries = [("/404.html", None), ("/index.html", None)]
            for state, cities in self.tree().items():
                if bestbuy_page.state_link(state, cities) == f"/{state}.html":
                    entries.append((f"/{state}.html", None))
                for city in cities:
                    entries.append((f"/{state}/{city}.html", None))
                    if zlib.crc32(f"{state}/{city}".encode()) % 12 == 0:
                        entries.append((f"/{state}/{city}/geeksquad.html", None))
            dated = [(entry.path, changed_at(entry)) for entry in self._stores.listed()]
            below = [(path, when) for store, when in dated for path in _below(store)]
            return store_pages.urlset(self._world.origins["bestbuy"], [*entries, *dated, *below])

        return self._documents.answer(request, self._stores, make)


def _below(path: str) -> list[str]:
    """The pages below some stores."""
    names = ("geeksquad", "services", "magnolia")
    number = zlib.crc32(path.encode())
    return [f"{path.removesuffix('.html')}/{names[number % 3]}.html"] if number % 2 else []
