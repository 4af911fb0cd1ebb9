"""Verizon's store directory: the tree of states, cities and stores that replaced its sitemap in 2024.

Eras (``set_mode``): C is the tree with ``stateJSON``, ``cityJSON`` and ``storeJSON``; D the redesign of 2026
whose pages have none of the first two; B the pages of before, at the addresses of before. The search API
answers in all of them.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from shopwatch.simulator.origin import pause
from shopwatch.simulator.site import Site, fault_of
from shopwatch.simulator.sites import store_pages, verizon_pages
from shopwatch.simulator.sites.store_pages import Documents, Pages, changed_at, get, post
from shopwatch.simulator.sites.verizon_search import Search
from shopwatch.simulator.stores import Store, StoreSet, Stray
from shopwatch.simulator.stores.places import MAINLAND, STATES
from shopwatch.simulator.world import World

#: So many state pages at a time are answered truly; above that every other one has another state's data.
PARALLEL_STATES = 8
#: Seconds a state page takes to be put together, which is why requests for them overlap at all.
_STATE_PAGE_TAKES = 0.004
_NEXT = "/nextgendigital/nos/storelocator"

_ROBOTS = """User-agent: *
Disallow: /digital/nsa/secure/
Disallow: /search/
Disallow: /checkout/
Disallow: /sales/digital/
Disallow: /vzw/
Disallow: /us/

Sitemap: {origin}/sitemap_products.xml
Sitemap: {origin}/sitemap_stores.xml
"""

#: state's part of an address -> city's part -> what is listed there
Tree = dict[str, dict[str, list[Store | Stray]]]


def site(world: World) -> Site:
    """Make the directory of www.verizon.com."""
    directory = Directory(world)
    search = Search(world)
    routes = (
        get("/stores", directory.add_slash),
        get("/stores/", directory.root),
        get("/stores/north-carolina/", directory.north_carolina),
        get("/stores/state/{state}/", directory.state),
        get("/stores/city/{state}/{city}/", directory.city),
        get("/stores/details/{state}/{city}/{slug}/", directory.details),
        get("/stores/{state}/{city}/{slug}/", directory.earlier),
        get(f"{_NEXT}", directory.next_states),
        get(f"{_NEXT}/detail/{{state}}/{{city}}/{{slug}}/", directory.details),
        get(f"{_NEXT}/{{state}}", directory.next_cities),
        get(f"{_NEXT}/{{state}}/{{city}}", directory.next_city),
        get("/sitemap_stores.xml", directory.sitemap),
        get("/sitemap_storelocator.xml", directory.earlier_sitemap),
        get("/sitemap_products.xml", directory.products),
        post("/digital/nsa/nos/gw/retail/searchresultsdata", search.results),
    )
    return Site(name="verizon", routes=routes, robots=_ROBOTS.format(origin=world.origins.get("verizon", "")))


def state_page(code: str) -> str:
    """The address of a state's page: two are not like the others."""
    if code == "NC":
        return "/stores/north-carolina/"
    return f"/stores/state/{'washington-dc' if code == 'DC' else STATES[code].slug}/"


class Directory:
    """The pages of the tree."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._pages = Pages(store_pages.shell("Verizon"), verizon_pages.store)
        self._documents = Documents()
        self._tree: tuple[StoreSet | None, int, Tree] = (None, 0, {})
        self._states_in_hand = 0

    @property
    def _stores(self) -> StoreSet:
        stores: StoreSet = self._world.stores["verizon"]
        return stores

    @property
    def _era(self) -> str:
        return self._stores.modes["era"]

    def tree(self) -> Tree:
        """What is listed, by state and city; made again when the set has changed."""
        stores = self._stores
        if self._tree[0] is not stores or self._tree[1] != stores.version:
            made: Tree = {}
            for entry in stores.listed():
                _, _, state, city, *_ = entry.path.split("/")
                made.setdefault(state, {}).setdefault(city, []).append(entry)
            self._tree = (stores, stores.version, made)
        return self._tree[2]

    def _states(self) -> list[str]:
        """Those with stores: no other is listed."""
        return [code for code in MAINLAND if STATES[code].slug in self.tree()]

    async def add_slash(self, request: Request) -> Response:
        return RedirectResponse("/stores/", 301)

    async def root(self, request: Request) -> Response:
        """List the states."""
        if self._era == "D":
            return RedirectResponse(_NEXT, 302)
        states = [(verizon_pages.state_name(code), state_page(code)) for code in self._states()]
        return self._pages.other(*verizon_pages.root(states))

    async def north_carolina(self, request: Request) -> Response:
        return await self._state(request, "NC")

    async def state(self, request: Request) -> Response:
        """List the cities of a state."""
        address = request.scope["path"]
        code = next((code for code in MAINLAND if state_page(code) == address), None)
        return await self._state(request, code) if code else self._pages.not_found()

    async def _state(self, request: Request, code: str) -> Response:
        if self._era == "D":
            return RedirectResponse(f"{_NEXT}/{STATES[code].slug}", 302)
        self._states_in_hand += 1
        crowd = self._states_in_hand
        try:
            await store_pause()
        finally:
            self._states_in_hand -= 1
        mixed_up = crowd > PARALLEL_STATES and crowd % 2 == 0
        if mixed_up or fault_of(request) == "wrong-state":
            code = another(code)
        cities = self.tree().get(STATES[code].slug, {})
        return self._pages.other(*verizon_pages.state(code, cities))

    async def city(self, request: Request) -> Response:
        """Show every store of a city, and the addresses of some that are no more."""
        state, city = request.path_params["state"], request.path_params["city"]
        state = "district-of-columbia" if state == "washington-dc" else state
        entries = self.tree().get(state, {}).get(city)
        if not entries:
            return self._pages.not_found()
        if self._era == "D":
            return RedirectResponse(f"{_NEXT}/{state}/{city}", 302)
        if fault_of(request) == "wrong-state":
            entries = self._cities_elsewhere(state)
        lost = store_pages.lost_field(request, self._stores) if fault_of(request) == "missing-field" else ""
        return self._pages.other(*verizon_pages.city(entries, lost=lost))

    def _cities_elsewhere(self, state: str) -> list[Store | Stray]:
        states = sorted(self.tree())
        other = states[(states.index(state) + 1) % len(states)]
        return next(iter(self.tree()[other].values()))

    async def details(self, request: Request) -> Response:
        """Show one store; at a stale address, another."""
        path = "/stores/{state}/{city}/{slug}/".format(**request.path_params)
        if self._era == "B":
            return RedirectResponse(path, 301)
        return self._store_at(request, path)

    async def earlier(self, request: Request) -> Response:
        """Lead from the addresses of before 2024 to those of today."""
        path = "/stores/{state}/{city}/{slug}/".format(**request.path_params)
        if self._era != "B":
            if self._stores.at(path) is None:
                return self._pages.not_found()
            return RedirectResponse(f"/stores/details{path.removeprefix('/stores')}", 301)
        return self._store_at(request, path)

    def _store_at(self, request: Request, path: str) -> Response:
        stores = self._stores
        found = stores.at(path)
        if isinstance(found, Stray):
            found = stores.by_ref(found.shows)
        if found is None:
            return self._pages.not_found()
        return self._pages.answer(request, stores, found, self._world.now())

    async def next_states(self, request: Request) -> Response:
        return self._next(f"{_NEXT}/{state}" for state in sorted(self.tree()))

    async def next_cities(self, request: Request) -> Response:
        state = request.path_params["state"]
        return self._next(f"{_NEXT}/{state}/{city}" for city in sorted(self.tree().get(state, {})))

    async def next_city(self, request: Request) -> Response:
        entries = self.tree().get(request.path_params["state"], {}).get(request.path_params["city"], [])
        return self._next((), entries)

    def _next(self, links: Iterable[str], entries: Iterable[Store | Stray] = ()) -> Response:
        pieces = verizon_pages.next_page(list(links), list(entries))
        return self._pages.other(*pieces) if self._era == "D" else self._pages.not_found()

    async def sitemap(self, request: Request) -> Response:
        """List states, cities and stores, mixed, as robots.txt has promised."""

        def make() -> str:
            entries = [(state_page(code), None) for code in self._states()]
            for state, cities in self.tree().items():
                entries += [(verizon_pages.city_page(state, city), None) for city in cities]
            stores = [
                (f"/stores/details{e.path.removeprefix('/stores')}", changed_at(e))
                for e in self._stores.listed()
            ]
            return store_pages.urlset(self._world.origins["verizon"], [*entries, *stores])

        return self._documents.answer(request, self._stores, make)

    async def earlier_sitemap(self, request: Request) -> Response:
        """List the addresses of before 2024, which redirect unless the era is theirs."""

        def make() -> str:
            entries = [(entry.path, changed_at(entry)) for entry in self._stores.listed()]
            return store_pages.urlset(self._world.origins["verizon"], entries)

        return self._documents.answer(request, self._stores, make)

    async def products(self, request: Request) -> Response:
        origin = self._world.origins["verizon"]
        return Response(store_pages.urlset(origin, [("/smartphones/", None)]), media_type=store_pages.XML)


async def store_pause() -> None:
    await pause(_STATE_PAGE_TAKES)


def another(code: str) -> str:
    """Choose the state whose data come instead."""
    place = MAINLAND.index(code)
    return MAINLAND[(place + 1 + zlib.crc32(code.encode()) % (len(MAINLAND) - 1)) % len(MAINLAND)]
