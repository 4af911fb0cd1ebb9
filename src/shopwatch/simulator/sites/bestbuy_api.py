"""Best Buy's developer API for products: the polite way to its stock, a hundred products a request.

A key beginning with ``bad`` is no key. One beginning with ``unlimited``, or ``simulator`` as written by
``--write-config``, has no limits: the real service has no such key, demo and benchmarks need it. Any other
may ask 5 times a second and 50,000 times a day for products.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Any
from urllib.parse import quote

import msgspec
from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from shopwatch.simulator.shelf import Product
from shopwatch.simulator.site import Site, fault_of
from shopwatch.simulator.sites import bestbuy_json
from shopwatch.simulator.sites.bestbuy_api_stores import StoresApi
from shopwatch.simulator.sites.bestbuy_api_stores import record as store_record
from shopwatch.simulator.sites.bestbuy_terms import Question, question
from shopwatch.simulator.stores import StoreSet
from shopwatch.simulator.world import World

Handler = Callable[[Request], Awaitable[Response]]

PER_SECOND = 5
PER_DAY = 50_000
LARGEST_PAGE = 100

_FREE = ("unlimited", "simulator")  #: beginnings of keys without limits
_NEAR_MILES = 25.0
_LOW = 2  #: so few at a store are ``lowStock``
_CACHED_ANSWERS = 16  #: per product: one for each set of fields that is asked for
_HEADERS = {
    "access-control-allow-headers": "origin, x-requested-with, accept",
    "access-control-allow-methods": "GET",
    "access-control-allow-origin": "*",
    "access-control-max-age": "3628800",
    "server": "Best Buy Public APIs",
}
_EXAMPLES = (
    "/v1/products/8880044.xml?apiKey=<YourApiKey> : Get product information for sku 8880044; display as XML",
    "/v1/stores/187.json?apiKey=<YourApiKey> : Get information for store 187; display as JSON",
    "/v1/products?pageSize=50&page=4&apiKey=<YourApiKey> : Get page 4 of all products, 50 products per page",
    "/v1/products(salePrice<299.99)?apiKey=<YourApiKey> : Get all products below $299.99",
)
_encode = msgspec.json.Encoder().encode


def site(world: World) -> Site:
    """Make the products of api.bestbuy.com."""
    api = _Api(world)
    world.listeners.append(api.used.clear)
    handlers: dict[str, Handler] = {
        "/v1/products": api.search,
        "/v1/products/{sku}/stores.json": api.pickup,
        "/v1/products/{sku}.json": api.one,
        "/v1/products{terms}": api.search,
    }
    routes = [Route(path, api.keyed(handler), methods=["GET"]) for path, handler in handlers.items()]
    routes += [Route("/click/-/{sku}/{where}", api.click, methods=["GET"])]
    return Site(name="bestbuy-api", routes=tuple(routes), robots="")


@dataclass(slots=True)
class Use:
    """How much of its allowance a key has used."""

    lately: deque[float] = field(default_factory=deque)  #: real seconds, of the requests of the last second
    day: date | None = None
    today: int = 0


class _Api:
    """The products. Answers about a product are kept as bytes until the product changes."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._stores_api = StoresApi(world)
        self.used: dict[str, Use] = {}

    def keyed(self, handler: Handler) -> Handler:
        """Let in who brings a key and has not used it up; the status is 403 either way."""

        async def checked(request: Request) -> Response:
            key = _asked(request.scope["query_string"]).key
            if not key or key.startswith("bad"):
                return _refused("We are unable to validate the API key provided.")
            if not key.startswith(_FREE):
                span = self._over(self.used.setdefault(key, Use()))
                if span:
                    return _refused(f"The provided API Key has reached the {span} limit allotted to it.")
            return await handler(request)

        return checked

    async def search(self, request: Request) -> Response:
        """``/v1/products(sku in(…))``: who is asked for in vain is missing; in the order of the SKUs."""
        asked, fault = _asked(request.scope["query_string"]), fault_of(request)
        try:
            wanted = question(request.path_params.get("terms", ""))
            size, page = min(LARGEST_PAGE, max(1, int(asked.size))), max(1, int(asked.page))
            found = self._found(wanted, fault)
        except ValueError:
            return self._misunderstood(request)
        first = (page - 1) * size
        shown = [self._shown(product, asked, fault, wanted.stores) for product in found[first : first + size]]
        head = {
            "from": first + 1 if shown else 0,
            "to": first + len(shown),
            "currentPage": page,
            "total": len(found),
            "totalPages": -(-len(found) // size),
            "queryTime": "0.050",
            "totalTime": "0.073",
            "partial": fault == "206",
            "canonicalUrl": f"{request.scope['path']}?format=json&apiKey={asked.key}",
        }
        body = _encode(head)[:-1] + b',"products":[' + b",".join(shown) + b"]}"
        return _json(body, 206 if fault == "206" else 200)

    async def one(self, request: Request) -> Response:
        """``/v1/products/6411488.json``."""
        product = self._product(request)
        if product is None:
            return _error(404, "Not Found", "The requested product is not available")
        asked = _asked(request.scope["query_string"])
        return _json(self._shown(product, asked, fault_of(request), None), 200)

    async def pickup(self, request: Request) -> Response:
        """``/v1/products/6411488/stores.json?postalCode=55423``: the stores where one can pick it up now."""
        product, query = self._product(request), request.query_params
        if product is None:
            return _error(404, "Not Found", "The requested product is not available")
        stores: StoreSet = self._world.stores["bestbuy"]
        ref, code = query.get("storeId", ""), query.get("postalCode", "")
        if not ref and not code:
            return _error(400, "Bad Request", "A postalCode or a storeId is needed")
        store = stores.by_ref(ref)
        near = stores.near_zip(code, within_miles=_NEAR_MILES) if code else []
        found = [(None, store)] if store else near
        entries = []
        for miles, at in found:
            if at.status == "open" and bestbuy_json.pickup_at(product, at.ref):
                entry = {
                    "storeID": at.ref,
                    "name": at.name,
                    "address": at.street,
                    "city": at.city,
                    "state": at.state,
                    "postalCode": at.postcode5,
                    "storeType": "Big_Box_Store",
                    "minPickupHours": None,
                    "lowStock": bestbuy_json.pieces_at(product, at.ref) <= _LOW,
                }
                entries.append(entry if miles is None else entry | {"distance": round(miles, 2)})
        return _json(_encode({"ispuEligible": bool(entries), "stores": entries}), 200)

    async def click(self, request: Request) -> Response:
        """Lead to the product page, as the addresses in a record do."""
        product = self._world.products.get("bestbuy", request.path_params["sku"])
        if product is None:
            return _error(404, "Not Found", "The requested product is not available")
        return RedirectResponse(self._world.origins["bestbuy"] + bestbuy_json.page_path(product), 302)

    def _over(self, use: Use) -> str | None:
        """Count one request; say which limit it breaks. A refused one does not count."""
        now, today = time.monotonic(), self._world.now().date()
        if use.day != today:
            use.day, use.today = today, 0
        while use.lately and use.lately[0] <= now - 1:
            use.lately.popleft()
        if use.today >= PER_DAY:
            return "per day"
        if len(use.lately) >= PER_SECOND:
            return "per second"
        use.lately.append(now)
        use.today += 1
        return None

    def _product(self, request: Request) -> Product | None:
        sku = request.path_params["sku"]
        if fault_of(request) == "wrong-state":
            sku = self._after(sku)
        return self._world.products.get("bestbuy", sku)

    def _found(self, wanted: Question, fault: str | None) -> list[Product]:
        shelf = self._world.products.shelves["bestbuy"]
        skus = sorted(shelf) if wanted.skus is None else wanted.skus
        if fault == "wrong-state":
            skus = sorted(self._after(sku) for sku in skus)
        found = [shelf[sku] for sku in skus if sku in shelf]
        for test in wanted.tests:
            found = [one for one in found if test(bestbuy_json.record(one, self._world))]
        if wanted.stores is not None:
            found = [one for one in found if self._stores_with(one, wanted.stores)]
        return found

    def _stores_with(self, product: Product, terms: str) -> list[dict[str, Any]]:
        stores: StoreSet = self._world.stores["bestbuy"]
        found = [store for _, store in self._stores_api.matching(terms)]
        with_it = [store for store in found if bestbuy_json.pickup_at(product, store.ref)]
        return [store_record(store, self._world.now(), stores) for store in with_it]

    def _shown(self, product: Product, asked: Asked, fault: str | None, stores: str | None) -> bytes:
        plain = fault is None and stores is None and not product.blip
        kept: bytes | None = product.cache.get(asked.show) if plain else None
        return kept or self._made(product, asked, fault, stores, plain=plain)

    def _made(
        self, product: Product, asked: Asked, fault: str | None, stores: str | None, *, plain: bool
    ) -> bytes:
        blip = self._world.products.take_blip(product)
        whole = bestbuy_json.record(product, self._world, blip=blip)
        if stores is not None:
            whole["stores"] = self._stores_with(product, stores)
        if fault == "missing-field":
            del whole["onlineAvailability"]
        if asked.show:
            whole = {name: whole[name] for name in asked.show if name in whole}
        made = _encode(whole)
        if plain:
            if len(product.cache) >= _CACHED_ANSWERS:
                product.cache.clear()
            product.cache[asked.show] = made
        return made

    def _after(self, sku: str) -> str:
        """Somebody else: the next product on the shelf."""
        shelf = list(self._world.products.shelves["bestbuy"])
        return shelf[(shelf.index(sku) + 1) % len(shelf)] if sku in shelf else sku

    def _misunderstood(self, request: Request) -> Response:
        path = quote(request.scope["path"], safe="/()=,&<>")
        query = request.scope["query_string"].decode("latin-1")
        return _error(400, "Bad Request", f"Couldn't understand '{path}&{query}", examples=_EXAMPLES)


@dataclass(frozen=True, slots=True)
class Asked:
    """What the query string says."""

    key: str
    show: tuple[str, ...]  #: empty: every field
    size: str
    page: str


@lru_cache(maxsize=20_000)
def _asked(query_string: bytes) -> Asked:
    query = QueryParams(query_string)
    show = tuple(name for name in query.get("show", "").split(",") if name and name != "all")
    return Asked(query.get("apiKey", ""), show, query.get("pageSize", "10"), query.get("page", "1"))


def _refused(message: str) -> Response:
    return _json(_encode({"errorCode": "403", "errorMessage": message}), 403)


def _error(status: int, title: str, message: str, *, examples: tuple[str, ...] = ()) -> Response:
    error: dict[str, Any] = {"code": status, "status": f"{status} {title}", "message": message}
    if examples:
        error["examples"] = examples
    return _json(_encode({"error": error}), status)


def _json(body: bytes, status: int) -> Response:
    return Response(body, status, _HEADERS, "application/json; charset=UTF-8")
