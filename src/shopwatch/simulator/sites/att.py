"""AT&T's store directory: a sitemap of store pages, and the list API that knows where they are.

Whether the store page of 2026 carries coordinates and hours is not known. As it starts, it has them in the
microdata of 2019-2022; ``set_mode("json-ld")`` shows only what is sure, ``set_mode("microdata")`` the page of
those years.
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from shopwatch.simulator.site import Site
from shopwatch.simulator.sites import att_pages, store_pages
from shopwatch.simulator.sites.att_lists import Lists
from shopwatch.simulator.sites.store_pages import Documents, Pages, changed_at, get, post
from shopwatch.simulator.stores import Store, StoreSet, Stray
from shopwatch.simulator.world import World

_ROBOTS = """User-agent: *
Disallow: /acctmgmt/
Disallow: /buy/checkout/
Disallow: /msapi/

Sitemap: {origin}/stores/sitemap.xml
"""


def site(world: World) -> Site:
    """Make the directory of www.att.com/stores and the list API, which has had two hosts."""
    directory, lists = Directory(world), Lists(world)
    routes = (
        get("/stores/sitemap.xml", directory.index),
        get("/stores/sitemap_0.xml", directory.sitemap),
        get("/stores/us", directory.states),
        get("/stores/{state}", directory.state),
        get("/stores/{state}/{city}", directory.city),
        get("/stores/{state}/{city}/{ref}", directory.store),
        post("/stores/rest/getlist", lists.getlist),
        post("/attstore/rest/getlist", lists.getlist),
        post("/stores/rest/locatorsearch", lists.locatorsearch),
    )
    return Site(name="att", routes=routes, robots=_ROBOTS.format(origin=world.origins.get("att", "")))


class Directory:
    """The pages and sitemaps."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._pages = Pages(store_pages.shell("AT&T"), att_pages.store)
        self._documents = Documents()

    @property
    def _stores(self) -> StoreSet:
        stores: StoreSet = self._world.stores["att"]
        return stores

    def _folders(self, depth: int) -> dict[str, list[Store | Stray]]:
        """What is listed below each state (depth 3) or city (depth 4)."""
        folders: dict[str, list[Store | Stray]] = {}
        for entry in self._stores.listed():
            folders.setdefault("/".join(entry.path.split("/")[:depth]), []).append(entry)
        return folders

    async def index(self, request: Request) -> Response:
        """The index, of one sitemap."""
        origin = self._world.origins["att"]
        return self._documents.answer(
            request,
            self._stores,
            lambda: store_pages.sitemap_index(origin, [("/stores/sitemap_0.xml", None)]),
        )

    async def sitemap(self, request: Request) -> Response:
        """States, cities, stores and a page about services, mixed."""

        def make() -> str:
            folders = [(path, None) for depth in (3, 4) for path in self._folders(depth)]
            stores = [(entry.path, changed_at(entry)) for entry in self._stores.listed()]
            return store_pages.urlset(
                self._world.origins["att"], sorted([*folders, *stores], key=lambda e: e[0])
            )

        return self._documents.answer(request, self._stores, make)

    async def states(self, request: Request) -> Response:
        return self._pages.other(*att_pages.directory("US", sorted(self._folders(3))))

    async def state(self, request: Request) -> Response:
        """List the cities of a state."""
        cities = sorted(path for path in self._folders(4) if path.startswith(f"{request.scope['path']}/"))
        return self._pages.other(*att_pages.directory("state", cities)) if cities else self._pages.not_found()

    async def city(self, request: Request) -> Response:
        """List the stores of a city."""
        found = self._folders(4).get(request.scope["path"])
        return self._pages.other(*att_pages.city(found)) if found else self._pages.not_found()

    async def store(self, request: Request) -> Response:
        """Show a store, or the page about services that a careless pattern takes for one."""
        stores = self._stores
        found = stores.at("/stores/{state}/{city}/{ref}".format(**request.path_params))
        if isinstance(found, Stray):
            return self._pages.other(*att_pages.junk(found.store)) if found.store else self._pages.not_found()
        if found is None:
            return self._pages.not_found()
        return self._pages.answer(request, stores, found, self._world.now())
