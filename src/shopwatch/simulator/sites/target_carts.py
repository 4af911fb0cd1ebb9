"""Target's cart host: what the page posts to when "Add to cart" is clicked, and what the cart then holds."""

from __future__ import annotations

from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from shopwatch.simulator.fault_answers import wall
from shopwatch.simulator.origin import until_gone
from shopwatch.simulator.site import Site
from shopwatch.simulator.sites.target_api import cors
from shopwatch.simulator.sites.target_cart_json import cart_item, cart_json, cart_of, put_in, session_of
from shopwatch.simulator.sites.target_json import JSON
from shopwatch.simulator.world import World

BASE = "/web_checkouts/v1"
#: The header with which a refusal for haste names its reason, by the word of the settings.
_HASTE = {
    "fast-selling": "FAST_SELLING",
    "rate-limited": "ERR_A2C_TCIN_RATE_LIMITED",
    "throttled": "DCO_RATE_LIMITED",
}


class Wanted(msgspec.Struct):
    """The product a page puts into the cart."""

    tcin: str
    quantity: int = 1
    item_channel_id: str = "10"


class AddBody(msgspec.Struct):
    """POST …/cart_items."""

    cart_item: Wanted
    cart_type: str = "REGULAR"
    fulfillment: dict[str, Any] | None = None


def site(world: World) -> Site:
    """Make the cart of the origin ``target-carts``."""
    carts = _Carts(world)
    routes = (
        Route(f"{BASE}/cart_items", carts.add, methods=["POST"]),
        Route(f"{BASE}/cart_items/{{line_id}}", carts.remove, methods=["DELETE"]),
        Route(f"{BASE}/cart", carts.read, methods=["GET"]),
        Route(f"{BASE}/cart", carts.change, methods=["PUT"]),
        Route(f"{BASE}/cart_views", carts.read, methods=["GET"]),
        Route("/{anything:path}", carts.preflight, methods=["OPTIONS"]),
    )
    return Site(name="target-carts", routes=routes, robots="User-agent: *\nDisallow: /\n")


class _Carts:
    def __init__(self, world: World) -> None:
        self._world = world

    async def add(self, request: Request) -> Response:
        """Put a product into the cart; the same one again adds to it."""
        try:
            wanted = msgspec.json.decode(await request.body(), type=AddBody)
        except (msgspec.ValidationError, msgspec.DecodeError):
            return say(self._world, {"message": "Invalid request", "code": "INVALID_REQUEST"}, 400)
        return self._refused(request, wanted) or self._unavailable(wanted) or await self._put(request, wanted)

    async def remove(self, request: Request) -> Response:
        """Take a line out."""
        cart = cart_of(request, self._world)
        kept = [line for line in cart.lines if line.id != request.path_params["line_id"]]
        found = len(kept) < len(cart.lines)
        cart.lines = kept
        body = {"cart_id": cart.id, "total_cart_item_quantity": cart.pieces}
        return say(self._world, body, 200 if found else 404)

    async def read(self, request: Request) -> Response:
        """Show the cart; an empty one is 204 and nothing."""
        cart = cart_of(request, self._world)
        if not cart.lines:
            return Response(b"", 204, cors(self._world))
        body = cart_json(cart, self._world, signed_in=session_of(request, self._world) is not None)
        if "CART_ITEMS" not in request.query_params.get("field_groups", ""):
            del body["cart_items"]
        return say(self._world, body, 200)

    async def change(self, request: Request) -> Response:
        """Take a new location for the cart, which changes nothing here."""
        cart = cart_of(request, self._world)
        signed_in = session_of(request, self._world) is not None
        return say(self._world, cart_json(cart, self._world, signed_in=signed_in), 200)

    async def preflight(self, request: Request) -> Response:
        """Let the pages of www post here."""
        return Response(b"", 200, cors(self._world))

    async def _put(self, request: Request, wanted: AddBody) -> Response:
        cart, tcin = cart_of(request, self._world), wanted.cart_item.tcin
        product = self._world.products.shelves["target"][tcin]
        held = sum(line.quantity for line in cart.lines if line.tcin == tcin)
        if product.limit is not None and held + wanted.cart_item.quantity > product.limit:
            message = "Items cannot be added to cart as max purchase limit exceeded"
            return say(self._world, {"message": message, "code": "MAX_PURCHASE_LIMIT_EXCEEDED"}, 400)
        line = put_in(cart, tcin, wanted.cart_item.quantity, self._world)
        line.how |= wanted.fulfillment or {}
        if self._world.checkout.add == "hang":
            await until_gone(request.receive)
        head = {"cart_id": cart.id, "total_cart_item_quantity": cart.pieces}
        return say(self._world, head | cart_item(line, product, self._world), 201)

    def _unavailable(self, wanted: AddBody) -> Response | None:
        product = self._world.products.get("target", wanted.cart_item.tcin)
        if product is None:
            return say(
                self._world, dependent("product is not found", "NOT_FOUND", wanted.cart_item.tcin), 424
            )
        if not product.buyable or product.kind == "VAP":
            return say(self._world, sold_out(product.sku), 424)
        return None

    def _refused(self, request: Request, wanted: AddBody) -> Response | None:
        """What the settings let happen instead."""
        word, tcin = self._world.checkout.add, wanted.cart_item.tcin
        if word == "auth-denied" or stale(request, self._world):
            return denied(self._world)
        if word in _HASTE:
            return hasty(self._world, _HASTE[word])
        answers: dict[str, tuple[JSON, int]] = {
            "bare-424": (bare(), 424),
            "not-ready": (dependent("not ready", "ITEM_NOT_READY_FOR_LAUNCH", tcin), 424),
            "overloaded": ({"message": "Service Unavailable"}, 503),
        }
        if word in answers:
            return say(self._world, *answers[word])
        if word == "refused":
            return Response(wall("edge", tcin), 403, cors(self._world), "text/html")
        return None


def say(world: World, body: JSON, status: int, headers: dict[str, str] | None = None) -> Response:
    """Answer with JSON that the pages of www may read."""
    return Response(msgspec.json.encode(body), status, cors(world) | (headers or {}), "application/json")


def stale(request: Request, world: World) -> bool:
    """Whether the access token has run out while the site still says "Hi"."""
    return request.cookies.get("login-session", "") in world.stale


def denied(world: World) -> Response:
    """The refusal that one reload of a page cures."""
    return say(world, {"code": "_ERR_AUTH_DENIED", "message": "T83072242"}, 401)


def hasty(world: World, reason: str) -> Response:
    """The refusal of a drop that sells too quickly; only a header says why."""
    exposed = {"tgt-cart-error-key": reason, "access-control-expose-headers": "tgt-cart-error-key"}
    return say(world, {"message": "Too Many Requests"}, 429, exposed)


def sold_out(tcin: str) -> JSON:
    """The recorded words for what is not there."""
    return dependent("inventory is not available for this item", "INVENTORY_UNAVAILABLE", tcin)


def dependent(message: str, code: str, tcin: str) -> JSON:
    """A refusal that names the service that refused."""
    alert = {"integration": "CARTS.FULFILLMENT_AGGREGATOR", "message": message, "code": code}
    return bare() | {"alerts": [alert | {"metadata": {"tcin": tcin}}]}


def bare() -> JSON:
    """A refusal that does not: it need not mean out of stock."""
    return {
        "message": "Encountered errors with required dependent services.",
        "code": "DEPENDENT_SERVICE_ERROR",
    }
