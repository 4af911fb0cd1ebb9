"""Placing an order at Target: the one click that spends money, and all the ways in which it stays unclear."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from shopwatch.simulator.origin import pause, until_gone
from shopwatch.simulator.site import Site
from shopwatch.simulator.sites.target_api import tracking_id
from shopwatch.simulator.sites.target_cart_json import (
    Cart,
    alerts_of,
    bill_of,
    cart_json,
    cart_of,
    contents,
    session_of,
    unit_cents,
)
from shopwatch.simulator.sites.target_carts import BASE, bare, denied, hasty, say, sold_out, stale
from shopwatch.simulator.sites.target_json import JSON
from shopwatch.simulator.world import World

#: Milliseconds a slow confirmation takes where the settings name none.
_SLOW_MS = 3000
#: What has to be done before an order can be placed, by the state of the checkout: the step's name.
STEPS = {
    "step-shipping": "SHIPPING",
    "step-payment": "PAYMENT",
    "step-gift": "GIFTOPTION",
    "verify-card": "PAYMENT",
    "cvv": "CVV",
    "cvv-after-click": "CVV",
    "pin": "PIN",
    "pickup-info": "PICKUP",
}
#: States in which no order can be placed at all.
_SHUT = frozenset({"busy", "unavailable", "sign-in", "spinner", "skeleton", "error", "disabled"})


def site(world: World) -> Site:
    """Make the checkout of the origin ``target-carts``."""
    placing = _Placing(world)
    instructions = "/checkout_payments/v1/payment_instructions/{id}"
    routes = (
        Route(f"{BASE}/pre_checkout", placing.prepare, methods=["POST"]),
        Route(f"{BASE}/checkout", placing.place, methods=["POST"]),
        Route(instructions, placing.pay, methods=["PUT"]),
        Route("/simulator/steps/{step}", placing.step, methods=["PUT"]),
    )
    return Site(name="target-carts", routes=routes, robots="")


class _Placing:
    def __init__(self, world: World) -> None:
        self._world = world

    async def prepare(self, request: Request) -> Response:
        """Look once more whether everything is there before the checkout page opens."""
        cart = cart_of(request, self._world)
        if not cart.lines:
            return _refusal(self._world, 400, "EMPTY_CART", "There is nothing in the cart")
        short = self._short(cart)
        if short is not None:
            return say(self._world, sold_out(short), 424)
        signed_in = session_of(request, self._world) is not None
        return say(self._world, cart_json(cart, self._world, signed_in=signed_in), 201)

    async def pay(self, request: Request) -> Response:
        """Take the card's security code."""
        cart_of(request, self._world).done.add("CVV")
        return say(self._world, {"payment_instruction_id": request.path_params["id"]}, 200)

    async def step(self, request: Request) -> Response:
        """Close a step of the checkout page. The real pages have several addresses for this."""
        cart_of(request, self._world).done.add(request.path_params["step"])
        return say(self._world, {"step": request.path_params["step"]}, 200)

    async def place(self, request: Request) -> Response:
        """``POST …/checkout``: the order is placed, or not, and the answer need not tell which."""
        await request.body()
        world, cart = self._world, cart_of(request, self._world)
        refusal = self._refused(request, cart)
        if refusal is not None:
            return refusal
        word = world.checkout.confirmation
        placed = word not in {"lost", "phantom"}
        order = self._order(request, cart)
        if placed:
            world.orders.append(order)
            self._take(cart)
        if word not in {"hang", "never", "lost"}:
            cart.lines = []  # those leave it full: whoever clicks again buys again
            cart.done.clear()
        if word in {"hang", "lost"}:
            await until_gone(request.receive)
        delay_ms = world.checkout.order_delay_ms or (_SLOW_MS if word == "slow" else 0)
        await pause(delay_ms / 1000)
        told = {"order_id": order["order_id"], "reference_id": order["order_number"]}
        return say(world, {"orders": [told]}, 201)

    def _refused(self, request: Request, cart: Cart) -> Response | None:
        if session_of(request, self._world) is None:
            return _refusal(self._world, 401, "ERR_UNAUTHORIZED", "Sign in to your account")
        if stale(request, self._world):
            return denied(self._world)
        if not cart.lines:
            return _refusal(self._world, 400, "EMPTY_CART", "There is nothing in the cart")
        return self._not_now(cart) or self._not_these(cart)

    def _not_now(self, cart: Cart) -> Response | None:
        """What the settings put in the way."""
        settings = self._world.checkout
        step = STEPS.get(settings.state)
        if step is not None and step not in cart.done:
            return _refusal(self._world, 400, "CHECKOUT_INCOMPLETE", f"{step} is not complete")
        if settings.state in _SHUT:
            return _refusal(self._world, 400, "CHECKOUT_UNAVAILABLE", "Please keep trying")
        if settings.state == "high-demand" or settings.confirmation == "throttled":
            return hasty(self._world, "RESERVATION_FAILURE")
        if settings.confirmation == "fail":
            return say(self._world, bare(), 424)
        return None

    def _not_these(self, cart: Cart) -> Response | None:
        """What the cart itself puts in the way."""
        alerts = alerts_of(cart, self._world)
        if alerts:
            return say(self._world, {"message": alerts[0]["message"], "code": alerts[0]["code"]}, 400)
        short = self._short(cart)
        return say(self._world, sold_out(short), 424) if short is not None else None

    def _short(self, cart: Cart) -> str | None:
        """A product of the cart of which there is not enough any more."""
        for line, product in contents(cart, self._world):
            enough = product.button == "enabled" or line.quantity <= product.quantity
            if not product.buyable or not enough:
                return product.sku
        return None

    def _order(self, request: Request, cart: Cart) -> JSON:
        world, number = self._world, len(self._world.orders) + 1
        session = session_of(request, world) or ""
        bill = bill_of(cart, world, signed_in=True)
        lines = [
            {"sku": product.sku, "quantity": line.quantity, "unit_cents": unit_cents(product, world)}
            for line, product in contents(cart, world)
        ]
        return {
            "order_id": tracking_id(world, "order", number, cart.id),
            "order_number": str(102_003_000_000_000 + number),
            "sku": lines[0]["sku"],
            "quantity": lines[0]["quantity"],
            "total_cents": bill.total,
            "at": world.now(),
            "session": session,
            "guest": world.sessions[session],
            "lines": lines,
            "zip_code": world.checkout.zip_code,
            "card_suffix": world.checkout.card_suffix,
        }

    def _take(self, cart: Cart) -> None:
        """Take what was ordered off the shelf; the last piece is sold out."""
        products = self._world.products
        for line, product in contents(cart, self._world):
            left = max(0, product.quantity - line.quantity)
            if left:
                products.put("target", product.sku, quantity=left, cause="order")
            else:
                products.sell_out("target", product.sku, cause="order")


def _refusal(world: World, status: int, code: str, message: str) -> Response:
    return say(world, {"message": message, "code": code}, status)
