"""Target's stock API (redsky): the batch the monitor lives from, and the aggregations around it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import lru_cache
from typing import Any
from uuid import UUID

import msgspec
from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from shopwatch.simulator.names import escaped
from shopwatch.simulator.shelf import Product
from shopwatch.simulator.site import Site, fault_of
from shopwatch.simulator.sites.target_json import (
    DIGITAL,
    JSON,
    client,
    fulfillment,
    page_url,
    store_of,
    summary,
    unknown,
    view_of,
)
from shopwatch.simulator.world import World

Handler = Callable[[Request], Awaitable[Response]]

ROBOTS = "User-agent: *\nCrawl-delay: 1\nDisallow: /\n"

#: The public key the pages carry, and others that were seen to work.
PAGE_KEY = "9f36aeafbe60771e321a7cc95a78140772ab3e96"
KEYS = frozenset(
    {
        PAGE_KEY,
        "ff457966e64d5e877fdbad070f276d18ecec4a01",
        "e59ce3b531b2c39afb2e2b8a71ff10113aac2a14",
        "8df66ea1e1fc070a6ea99e942431c9cd67a80f02",
    }
)
#: Once valid for the stores; answered with nothing since January 2026.
STALE_KEY = "feaf228eb2777fd3eee0fd5192ae7107d6224b39"

AT_MOST = 30  #: TCINs in one batch
_CACHED_STORES = 64  #: per product: answers kept for so many stores
_BASE = "/redsky_aggregations/v1/{segment}/"
_encode = msgspec.json.Encoder().encode


def site(world: World) -> Site:
    """Make the origin ``target-api``."""
    api = _Api(world)
    keyed: dict[str, Handler] = {
        "product_summary_with_fulfillment_v1": api.batch,
        "product_fulfillment_v1": api.one,
        "product_fulfillment_and_variation_hierarchy_v1": api.one,
        "pdp_client_v1": api.price,
        "plp_search_v2": api.search,
        "nearby_stores_v1": api.nearby_stores,
        "store_location_v1": api.store_location,
        "fiats_v1": api.find_in_stores,
        "pdp_recommendations_placement_v1": api.recommendations,
        "product_fulfillment_and_price_v1": api.unusable,
    }
    retired = ("pdp_fulfillment_v1", "plp_search_v1")
    routes = [Route(path, api.keyed(handler), methods=["GET"]) for path, handler in _paths(keyed)]
    routes += [Route(path, api.gone, methods=["GET"]) for path, _ in _paths(dict.fromkeys(retired, api.gone))]
    routes += [
        Route("/captcha", api.captcha, methods=["GET"]),
        Route("/RttCheck", api.captcha, methods=["GET", "POST"]),
        Route("/AtaVerifyCaptcha", api.captcha, methods=["GET", "POST"]),
        Route("/{anything:path}", api.preflight, methods=["OPTIONS"]),
    ]
    return Site(name="target-api", routes=tuple(routes), robots=ROBOTS)


def _paths(handlers: dict[str, Handler]) -> list[tuple[str, Handler]]:
    segments = ("web", "web_platform")
    return [(_BASE.format(segment=s) + name, handler) for name, handler in handlers.items() for s in segments]


class _Api:
    """The aggregations. Answers about a product are kept as bytes until the product changes."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._headers: dict[str, str] = {}

    def keyed(self, handler: Handler) -> Handler:
        """Let in only who brings a key."""

        async def checked(request: Request) -> Response:
            key = _key(request.scope["query_string"])
            if key in KEYS or (key == STALE_KEY and "store" in request.scope["path"]):
                return await handler(request)
            return self._say({"errors": [{"message": "unauthorized"}]}, 403 if key else 401)

        return checked

    async def batch(self, request: Request) -> Response:
        """``product_summary_with_fulfillment_v1``: who is asked for in vain is missing, and named beside."""
        tcins, store_id = _batch(request.scope["query_string"])
        if not tcins or not store_id:
            return self._error("Required parameters are missing", 400)
        if len(tcins) > AT_MOST:
            return self._error(f"Tcins cannot be more than {AT_MOST}", 400)
        fault = fault_of(request)
        if fault == "wrong-state":
            tcins = self._others(tcins)
        shelf = self._world.products.shelves["target"]
        key = ("summary", store_id, int(self._world.clock.epoch() // 86_400))
        parts, missing = [], []
        for tcin in tcins:
            product = shelf.get(tcin)
            if product is None:
                missing.append(unknown(tcin))
            else:
                kept = None if fault or product.blip else product.cache.get(key)
                parts.append(kept or self._summary(product, key, fault))
        body = b'"data":{"product_summaries":[' + b",".join(parts) + b"]}}"
        body = (b'{"errors":' + _encode(missing) + b"," if missing else b"{") + body
        partial = bool(missing) or fault == "206" or store_id == DIGITAL
        return self._json(body, 206 if partial else 200)

    async def one(self, request: Request) -> Response:
        """``product_fulfillment_v1`` and its kin: one product at one store, with quantities."""
        product = self._asked(request)
        if isinstance(product, Response):
            return product
        store_id = request.query_params.get("store_id")
        blip = self._world.products.take_blip(product)
        body = fulfillment(product, self._world, store_id, blip=blip)
        fault = fault_of(request)
        if fault == "missing-field":
            del body["fulfillment"]["shipping_options"]
        return self._say({"data": {"product": body}}, 206 if fault == "206" or store_id == DIGITAL else 200)

    async def price(self, request: Request) -> Response:
        """``pdp_client_v1``: a variation is answered with its parent, and the siblings as children."""
        product = self._asked(request)
        if isinstance(product, Response):
            return product
        parent = self._world.products.get("target", product.parent) if product.parent else None
        body = client(parent or product, self._world)
        fault = fault_of(request)
        if fault == "missing-field":
            del body["price"]
        return self._say({"data": {"product": body}}, 206 if fault == "206" else 200)

    async def search(self, request: Request) -> Response:
        """``plp_search_v2``: by keyword; the first hit of a page is there twice."""
        query = request.query_params
        if not all(
            query.get(name) for name in ("keyword", "channel", "page", "pricing_store_id", "visitor_id")
        ):
            return self._json(b"", 400)
        words = query["keyword"].lower().split()
        shelf = self._world.products.shelves["target"].values()
        hits = [p for p in shelf if all(word in p.title.lower() for word in words)]
        offset, count = _int(query.get("offset"), 0), min(_int(query.get("count"), 24), 24)
        page = [self._hit(product) for product in hits[offset : offset + count]]
        response = {
            "metadata": {
                "total_results": len(hits),
                "offset": offset,
                "count": count,
                "keyword": query["keyword"],
            },
            "facet_list": [{"name": "brand", "display_name": "Brand"}] if hits else [],
        }
        return self._say({"data": {"search": {"products": page + page[:1], "search_response": response}}})

    async def nearby_stores(self, request: Request) -> Response:
        """``nearby_stores_v1``."""
        query = request.query_params
        if not query.get("place"):
            return self._error("place is required", 400)
        near = self._near(query["place"], _int(query.get("within"), 100))[: _int(query.get("limit"), 20)]
        stores = [record | {"distance": round(miles, 2)} for miles, record in near]
        return self._say({"data": {"nearby_stores": {"count": len(stores), "stores": stores}}})

    async def store_location(self, request: Request) -> Response:
        """``store_location_v1``: with a stale key 200 and nothing in it."""
        query = request.query_params
        if query["key"] == STALE_KEY:
            return self._say({})
        store_id = query.get("store_id", "")
        stores: Any = self._world.stores.get("target")
        record = stores.location(store_id) if stores else None
        if record is None:
            return self._error(f"No store found with id {store_id}", 404)
        return self._say({"data": {"store": record}})

    async def find_in_stores(self, request: Request) -> Response:
        """``fiats_v1``: the stores near a ZIP and what they have of one product."""
        product = self._asked(request)
        if isinstance(product, Response):
            return product
        query = request.query_params
        near = self._near(query.get("nearby", ""), _int(query.get("radius"), 50))
        only = query.get("include_only_available_stores") == "true"
        locations = [self._location(product, miles, record) for miles, record in near]
        wanted = [
            loc for loc in locations if not only or loc["order_pickup"]["availability_status"] == "IN_STOCK"
        ]
        found = {"product_id": product.sku, "locations": wanted[: _int(query.get("limit"), 20)]}
        return self._say({"data": {"fulfillment_fiats": found}})

    async def recommendations(self, request: Request) -> Response:
        """``pdp_recommendations_placement_v1``: products that are not the one asked for."""
        asked = set(request.query_params.get("tcins", "").split(","))
        others = [p for p in self._world.products.shelves["target"].values() if p.sku not in asked][:12]
        placement = request.query_params.get("placement_id", "")
        body = {
            "strategy_id": placement,
            "strategy_description": "Find alternative",
            "placement_id": placement,
            "products": [self._hit(product) for product in others],
        }
        return self._say({"data": {"recommended_products": body}})

    async def unusable(self, request: Request) -> Response:
        """An aggregation that nobody found the parameters of."""
        return self._json(b"", 400)

    async def gone(self, request: Request) -> Response:
        """A retired aggregation."""
        return self._json(b"", 410)

    async def captcha(self, request: Request) -> Response:
        """What a challenged page loads in a frame. A person would solve it there; nothing here does."""
        return Response("<html><body>Verify you are human</body></html>", media_type="text/html")

    async def preflight(self, request: Request) -> Response:
        """Let the pages of www read and send cookies."""
        return Response(b"", 200, cors(self._world))

    def _summary(self, product: Product, key: tuple[str, str, int], fault: str | None) -> bytes:
        store_id = key[1]
        if self._world.products.take_blip(product):
            return _encode(summary(product, self._world, store_id, blip=True))
        whole = summary(product, self._world, store_id)
        if fault == "missing-field":
            del whole["fulfillment"]["shipping_options"]
            return _encode(whole)
        if len(product.cache) >= _CACHED_STORES:
            product.cache.clear()
        made: bytes = _encode(whole)
        product.cache[key] = made
        return made

    def _asked(self, request: Request) -> Product | Response:
        tcin = request.query_params.get("tcin")
        if not tcin:
            return self._error("tcin is required", 400)
        if fault_of(request) == "wrong-state":
            tcin = self._others((tcin,))[0]
        return self._world.products.get("target", tcin) or self._error(unknown(tcin)["message"], 404)

    def _others(self, tcins: tuple[str, ...]) -> tuple[str, ...]:
        """Answer for somebody else: each product gives way to the one after it on the shelf."""
        shelf = list(self._world.products.shelves["target"])
        places = {sku: place for place, sku in enumerate(shelf)}
        return tuple(shelf[(places.get(tcin, 0) + len(tcins)) % len(shelf)] for tcin in tcins)

    def _hit(self, product: Product) -> JSON:
        whole = client(product, self._world)
        item: JSON = {
            "relationship_type_code": product.kind,
            "product_description": {"title": escaped(product.title)},
            "enrichment": {"buy_url": page_url(product, self._world)},
            "fulfillment": {"is_marketplace": True} if product.marketplace else {},
        }
        return {"__typename": "ProductSummary", "tcin": product.sku, "item": item, "price": whole["price"]}

    def _near(self, place: str, miles: int) -> list[tuple[float, JSON]]:
        stores: Any = self._world.stores.get("target")
        return list(stores.nearby(place, miles)) if stores else []

    def _location(self, product: Product, miles: float, record: JSON) -> JSON:
        store_id = str(record["store_id"])
        view = view_of(product, store_id)
        pickup: JSON = {"availability_status": view.pickup}
        if view.pickup == "IN_STOCK":
            pickup |= {"pickup_date": self._world.now().date().isoformat(), "guest_pick_sla": 120}
        store = {"store_id": store_id} | store_of(self._world, store_id)
        store["main_voice_phone_number"] = record.get("main_voice_phone_number", "")
        return {
            "location_id": store_id,
            "distance": round(miles, 2),
            "location_available_to_promise_quantity": view.at_store,
            "order_pickup": pickup,
            "curbside": pickup,
            "in_store_only": {"availability_status": view.in_store},
            "store": store,
        }

    def _error(self, message: str, status: int) -> Response:
        return self._say({"errors": [{"message": message}]}, status)

    def _say(self, body: object, status: int = 200) -> Response:
        return self._json(_encode(body), status)

    def _json(self, body: bytes, status: int) -> Response:
        return Response(body, status, self._cors(), "application/json")

    def _cors(self) -> dict[str, str]:
        if not self._headers:  # the origins are known only once the ports are
            self._headers = cors(self._world)
        return self._headers


def cors(world: World) -> dict[str, str]:
    """Headers that let a page of www read another origin of Target, with cookies."""
    return {
        "access-control-allow-origin": world.origins["target"],
        "access-control-allow-credentials": "true",
        "access-control-allow-methods": "GET, POST, PUT, DELETE, OPTIONS",
        "access-control-allow-headers": "accept, content-type, x-api-key, x-application-name",
        "vary": "Origin",
    }


def tracking_id(world: World, *names: str | int) -> str:
    """An id of the kind Target hands out everywhere, from the seed."""
    return str(UUID(int=world.random(*names).getrandbits(128), version=4))


@lru_cache(maxsize=20_000)
def _batch(query_string: bytes) -> tuple[tuple[str, ...], str]:
    """Read which products and which store a batch is about; a monitor asks the same ones again and again."""
    query = QueryParams(query_string)
    tcins = dict.fromkeys(tcin for tcin in query.get("tcins", "").split(",") if tcin)
    return tuple(tcins), query.get("store_id") or query.get("required_store_id") or ""


@lru_cache(maxsize=20_000)
def _key(query_string: bytes) -> str | None:
    return QueryParams(query_string).get("key")


def _int(text: str | None, default: int) -> int:
    return int(text) if text and text.isdigit() else default
