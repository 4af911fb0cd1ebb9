"""Target's cart host: what the page posts to when "Add to cart" is clicked, and what the cart then holds."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from shopwatch.simulator.shelf import Product
from shopwatch.simulator.site import Site
from shopwatch.simulator.sites.target_api import cors, tracking_id
from shopwatch.simulator.sites.target_json import JSON, View, view_of
from shopwatch.simulator.world import World

#: Add-on products alone cannot be shipped below this. Cents.
ADD_ON_THRESHOLD_CENTS = 3500
_BASE = "/web_checkouts/v1"


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


@dataclass(slots=True)
class Line:
    """One product in a cart."""

    id: str
    tcin: str
    quantity: int
    added_at: str
    how: JSON = field(default_factory=lambda: {"type": "SHIP", "ship_method": "STANDARD"})


@dataclass(slots=True)
class Cart:
    """What one visitor collected. A cart reserves nothing."""

    id: str
    lines: list[Line] = field(default_factory=list)

    @property
    def pieces(self) -> int:
        return sum(line.quantity for line in self.lines)


def site(world: World) -> Site:
    """Make the origin ``target-carts``."""
    carts = _Carts(world)
    routes = (
        Route(f"{_BASE}/cart_items", carts.add, methods=["POST"]),
        Route(f"{_BASE}/cart_items/{{line_id}}", carts.remove, methods=["DELETE"]),
        Route(f"{_BASE}/cart", carts.read, methods=["GET"]),
        Route("/{anything:path}", carts.preflight, methods=["OPTIONS"]),
    )
    return Site(name="target-carts", routes=routes, robots="User-agent: *\nDisallow: /\n")


def cart_of(request: Request, world: World) -> Cart:
    """The cart of this visitor, who is known by a cookie the page set."""
    remote = request.client.host if request.client else ""
    visitor = request.cookies.get("visitorId") or f"{remote} {request.headers.get('user-agent', '')}"
    cart: Cart | None = world.carts.get(visitor)
    if cart is None:
        cart = world.carts[visitor] = Cart(id=tracking_id(world, "cart", len(world.carts)))
    return cart


class _Carts:
    def __init__(self, world: World) -> None:
        self._world = world

    async def add(self, request: Request) -> Response:
        """Put a product into the cart; the same one again adds to it."""
        try:
            wanted = msgspec.json.decode(await request.body(), type=AddBody)
        except (msgspec.ValidationError, msgspec.DecodeError):
            return self._say({"message": "Invalid request", "code": "INVALID_REQUEST"}, 400)
        tcin, quantity = wanted.cart_item.tcin, wanted.cart_item.quantity
        product = self._world.products.get("target", tcin)
        if product is None:
            return self._say(_dependent("product is not found", "NOT_FOUND", tcin), 424)
        if not product.buyable or product.kind == "VAP":
            message = "inventory is not available for this item"
            return self._say(_dependent(message, "INVENTORY_UNAVAILABLE", tcin), 424)
        cart = cart_of(request, self._world)
        line = next((line for line in cart.lines if line.tcin == tcin), None)
        if product.limit is not None and quantity + (line.quantity if line else 0) > product.limit:
            message = "Items cannot be added to cart as max purchase limit exceeded"
            return self._say({"message": message, "code": "MAX_PURCHASE_LIMIT_EXCEEDED"}, 400)
        if line is None:
            line_id = tracking_id(self._world, "line", cart.id, tcin)
            line = Line(id=line_id, tcin=tcin, quantity=0, added_at=self._world.now().isoformat())
            cart.lines.append(line)
        line.quantity += quantity
        line.how |= wanted.fulfillment or {}
        head = {"cart_id": cart.id, "total_cart_item_quantity": cart.pieces}
        return self._say(head | cart_item(line, product, self._world), 201)

    async def remove(self, request: Request) -> Response:
        """Take a line out."""
        cart = cart_of(request, self._world)
        kept = [line for line in cart.lines if line.id != request.path_params["line_id"]]
        found = len(kept) < len(cart.lines)
        cart.lines = kept
        return self._say({"cart_id": cart.id, "total_cart_item_quantity": cart.pieces}, 200 if found else 404)

    async def read(self, request: Request) -> Response:
        """Show the cart; an empty one is 204 and nothing."""
        cart = cart_of(request, self._world)
        if not cart.lines:
            return Response(b"", 204, cors(self._world))
        fields = request.query_params.get("field_groups", "")
        body = cart_json(cart, self._world)
        if "CART_ITEMS" not in fields:
            del body["cart_items"]
        return self._say(body, 200)

    async def preflight(self, request: Request) -> Response:
        """Let the pages of www post here."""
        return Response(b"", 200, cors(self._world))

    def _say(self, body: JSON, status: int) -> Response:
        return Response(msgspec.json.encode(body), status, cors(self._world), "application/json")


def cart_json(cart: Cart, world: World) -> JSON:
    """A cart as the API shows it, without tax: that comes with the address."""
    found = [(line, world.products.get("target", line.tcin)) for line in cart.lines]
    items = [cart_item(line, product, world) for line, product in found if product]
    cents = sum(product.price_cents * line.quantity for line, product in found if product)
    alerts: list[JSON] = []
    if cents < ADD_ON_THRESHOLD_CENTS and any(product and _is_add_on(product) for _, product in found):
        shortfall = f"{(ADD_ON_THRESHOLD_CENTS - cents) / 100:.2f}"
        alerts.append(
            {
                "message": "Cart Items contain add-on-item and product total is less than add-on-threshold",
                "code": "CART_NOT_MET_ADD_ON_THRESHOLD",
                "level": "ERROR",
                "metadata": {"shortfall": shortfall, "threshold": "35.00"},
            }
        )
    return {
        "channel_id": "10",
        "cart_id": cart.id,
        "alerts": alerts,
        "test_cart": False,
        "reference_id": str(int(cart.id[:8], 16) + 102_000_000_000_000),
        "guest_id": tracking_id(world, "guest", cart.id),
        "cart_state": "PENDING",
        "cart_type": "REGULAR",
        "guest_type": "GUEST",
        "guest_location": {"zip_code": "20147", "state": "VA", "country": "US"},
        "guest_profile": {},
        "cart_items": items,
        "summary": {
            "items_quantity": cart.pieces,
            "total_product_amount": cents / 100,
            "total_discounts": 0.0,
            "total_tax": 0.0,
            "grand_total": cents / 100,
        },
        "indicators": {},
    }


def cart_item(line: Line, product: Product, world: World) -> JSON:
    """A line as the API shows it."""
    price, regular = product.price_cents / 100, (product.regular_cents or product.price_cents) / 100
    total = product.price_cents * line.quantity / 100
    view = view_of(product, "")
    return {
        "cart_item_id": line.id,
        "cart_item_type": "REGULARITEM",
        "tcin": product.sku,
        "dpci": f"{product.sku[:3]}-{product.sku[3:5]}-{product.sku[4:]}",
        "quantity": line.quantity,
        "unit_price": price,
        "list_price": regular,
        "current_price": price,
        "msrp": regular,
        "limited_quantity": False,
        "available_quantity_in_inventory": min(view.quantity, 99),
        "fulfillment": _fulfillment(line, world),
        "item_attributes": {
            "description": product.title,
            "image_path": f"{world.origins['target']}/is/image/Target//GUEST_{product.sku}",
            "max_purchase_quantity": product.limit or 99,
        },
        "item_summary": {"total_product": total, "price": total, "tax_amount": 0.0},
        "inventory_info": _inventory(line, view),
        "item_indicators": {
            "is_pre_order": view.ship == "PRE_ORDER_SELLABLE",
            "is_marketplace": product.marketplace,
            "is_coming_soon": False,
            "is_add_on": _is_add_on(product),
        },
        "created_at": line.added_at,
        "updated_at": line.added_at,
        "add_on_threshold": 35,
        "item_add_channel": "10",
    }


def _fulfillment(line: Line, world: World) -> JSON:
    day = world.now().date().isoformat()
    method = {
        "type": line.how["type"],
        "ship_method": line.how["ship_method"],
        "preferred": True,
        "selected": True,
    }
    price = {"shipping_price": 0.0, "handling_price": 0.0, "service_fee": 0.0}
    arrives = {"estimated_arrival_start_date": day, "estimated_arrival_end_date": day}
    return line.how | {"location_data": {}, "price": price, "available_ship_methods": [method]} | arrives


def _inventory(line: Line, view: View) -> JSON:
    return {
        "availability_status": view.ship,
        "location_type": "DISTRIBUTION_CENTER",
        "demand_type": "NETWORK",
        "online_available_to_promise_quantity": line.quantity,  # what was asked for, not what is there
        "is_out_of_stock_in_all_store_locations": False,
    }


def _is_add_on(product: Product) -> bool:
    """Cheap things are not shipped alone."""
    return product.price_cents < 500 and not product.marketplace


def _dependent(message: str, code: str, tcin: str) -> JSON:
    alert = {"integration": "CARTS.FULFILLMENT_AGGREGATOR", "message": message, "code": code}
    return {
        "message": "Encountered errors with required dependent services.",
        "code": "DEPENDENT_SERVICE_ERROR",
        "alerts": [alert | {"metadata": {"tcin": tcin}}],
    }
