"""What a visitor of Target has in the cart, and the bill; without it cart API and pages would disagree."""

from __future__ import annotations

from dataclasses import dataclass, field

from starlette.requests import Request

from shopwatch.simulator.shelf import Product
from shopwatch.simulator.sites.target_api import tracking_id
from shopwatch.simulator.sites.target_json import JSON, View, view_of
from shopwatch.simulator.world import World

#: Add-on products alone cannot be shipped below this, and below it everything else costs shipping. Cents.
THRESHOLD_CENTS = 3500
SHIPPING_CENTS = 599


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
    foreign: str | None = None  #: what the settings laid into it; only once
    done: set[str] = field(default_factory=set)  #: steps of the checkout that were gone through

    @property
    def pieces(self) -> int:
        return sum(line.quantity for line in self.lines)

    @property
    def reference(self) -> str:
        """The number the checkout page calls "Cart #"."""
        return str(int(self.id[:8], 16) + 102_000_000_000_000)


@dataclass(frozen=True, slots=True)
class Bill:
    """What a cart costs, in cents. Guests are told neither shipping nor tax: these come with an address."""

    subtotal: int
    shipping: int = 0
    tax: int = 0

    @property
    def total(self) -> int:
        return self.subtotal + self.shipping + self.tax


def cart_of(request: Request, world: World) -> Cart:
    """The cart of this visitor, who is known by a cookie the page set."""
    remote = request.client.host if request.client else ""
    visitor = request.cookies.get("visitorId") or f"{remote} {request.headers.get('user-agent', '')}"
    cart: Cart | None = world.carts.get(visitor)
    if cart is None:
        cart = world.carts[visitor] = Cart(id=tracking_id(world, "cart", len(world.carts)))
    foreign = world.checkout.foreign
    if foreign is not None and cart.foreign != foreign:
        cart.foreign = foreign
        put_in(cart, foreign, 1, world)
    return cart


def session_of(request: Request, world: World) -> str | None:
    """The session of who is signed in. Guests have access tokens too: those prove nothing."""
    value = request.cookies.get("login-session", "")
    return value if value in world.sessions else None


def put_in(cart: Cart, tcin: str, quantity: int, world: World) -> Line:
    """Add pieces of a product; the same one again adds to its line."""
    line = next((line for line in cart.lines if line.tcin == tcin), None)
    if line is None:
        line_id = tracking_id(world, "line", cart.id, tcin)
        line = Line(id=line_id, tcin=tcin, quantity=0, added_at=world.now().isoformat())
        cart.lines.append(line)
    line.quantity += quantity
    return line


def contents(cart: Cart, world: World) -> list[tuple[Line, Product]]:
    """The lines with their products; what is sold no more has left the cart."""
    found = [(line, world.products.get("target", line.tcin)) for line in cart.lines]
    return [(line, product) for line, product in found if product]


def unit_cents(product: Product, world: World) -> int:
    """What a piece costs in the cart, which need not be what its page says."""
    return max(0, product.price_cents + world.checkout.price_change_cents)


def bill_of(cart: Cart, world: World, *, signed_in: bool) -> Bill:
    """Reckon what the cart costs."""
    lines = contents(cart, world)
    subtotal = sum(unit_cents(product, world) * line.quantity for line, product in lines)
    if not signed_in:
        return Bill(subtotal)
    shipped = any(line.how["type"] == "SHIP" for line, _ in lines)
    shipping = world.checkout.shipping_cents
    if shipping is None:
        shipping = SHIPPING_CENTS if shipped and subtotal < THRESHOLD_CENTS else 0
    return Bill(subtotal, shipping, int((subtotal + shipping) * world.checkout.tax_rate + 0.5))


def alerts_of(cart: Cart, world: World) -> list[JSON]:
    """What stands in the way of ordering: add-on products below the threshold."""
    lines = contents(cart, world)
    cents = sum(unit_cents(product, world) * line.quantity for line, product in lines)
    if cents >= THRESHOLD_CENTS or not any(_is_add_on(product) for _, product in lines):
        return []
    return [
        {
            "message": "Cart Items contain add-on-item and product total is less than add-on-threshold",
            "code": "CART_NOT_MET_ADD_ON_THRESHOLD",
            "level": "ERROR",
            "metadata": {"shortfall": f"{(THRESHOLD_CENTS - cents) / 100:.2f}", "threshold": "35.00"},
        }
    ]


def cart_json(cart: Cart, world: World, *, signed_in: bool = False) -> JSON:
    """A cart as the API shows it."""
    bill, settings = bill_of(cart, world, signed_in=signed_in), world.checkout
    return {
        "channel_id": "10",
        "cart_id": cart.id,
        "alerts": alerts_of(cart, world),
        "test_cart": False,
        "reference_id": cart.reference,
        "guest_id": tracking_id(world, "guest", cart.id),
        "cart_state": "PENDING",
        "cart_type": "REGULAR",
        "guest_type": "REGISTERED" if signed_in else "GUEST",
        "guest_location": {
            "zip_code": settings.zip_code,
            "state": settings.state_code,
            "country": "US",
        },
        "guest_profile": {"email": settings.email} if signed_in else {},
        "cart_items": [cart_item(line, product, world) for line, product in contents(cart, world)],
        "summary": {
            "items_quantity": cart.pieces,
            "total_product_amount": bill.subtotal / 100,
            "total_discounts": 0.0,
            "total_shipping": bill.shipping / 100,
            "total_tax": bill.tax / 100,
            "grand_total": bill.total / 100,
        },
        "indicators": {},
    }


def cart_item(line: Line, product: Product, world: World) -> JSON:
    """A line as the API shows it."""
    cents = unit_cents(product, world)
    price, regular = cents / 100, (product.regular_cents or cents) / 100
    total = cents * line.quantity / 100
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
