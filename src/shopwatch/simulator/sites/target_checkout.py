"""Target's pages from the cart to the confirmation, which a purchase walks through in a browser."""

from __future__ import annotations

from html import escape
from pathlib import Path
from string import Template

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from shopwatch.simulator.shelf import Product
from shopwatch.simulator.site import Site
from shopwatch.simulator.sites import target_checkout_html as pieces
from shopwatch.simulator.sites.target_api import PAGE_KEY
from shopwatch.simulator.sites.target_cart_json import (
    Cart,
    Line,
    alerts_of,
    bill_of,
    cart_of,
    contents,
    session_of,
    unit_cents,
)
from shopwatch.simulator.sites.target_guest import framed, name_of, to_login, welcomed
from shopwatch.simulator.sites.target_json import dollars, page_url
from shopwatch.simulator.sites.target_login import Account, Login
from shopwatch.simulator.sites.target_orders import orders_of
from shopwatch.simulator.world import World

_HERE = Path(__file__)
_PAGE = Template(_HERE.with_name("target_checkout.html").read_text("utf-8"))
_SCRIPTS = "\n".join(
    _HERE.with_name(name).read_text("utf-8") for name in ("target_frame.js", "target_checkout.js")
)
_CART_SCRIPT = """
document.addEventListener("click", async (event) => {
  const button = event.target.closest("button");
  if (button?.dataset.test === "cartItem-deleteBtn") {
    await site.carts("DELETE", `/web_checkouts/v1/cart_items/${button.dataset.line}`);
    location.reload();
  } else if (button?.dataset.test === "checkout-button") {
    const answer = await site.carts("POST", "/web_checkouts/v1/pre_checkout", { cart_type: "REGULAR" });
    if (answer.ok) location.href = "/checkout";
    else site.dialog("Something changed", "One or more items in your cart may no longer be available.");
  }
});
"""


def site(world: World) -> Site:
    """Make login, account, cart, checkout and orders of the origin ``target``."""
    pages = _Pages(world)
    routes = (
        *Login(world).routes(),
        *Account(world).routes(),
        Route("/cart", pages.cart, methods=["GET"]),
        Route("/co-cart", pages.cart, methods=["GET"]),
        Route("/checkout", pages.checkout, methods=["GET"]),
        Route("/checkout/{step}", pages.checkout, methods=["GET"]),
        Route("/order-confirmation", pages.confirmation, methods=["GET"]),
        Route("/orders", pages.orders, methods=["GET"]),
        Route("/orders/{number}", pages.order, methods=["GET"]),
    )
    return Site(name="target", routes=routes, robots="")


class _Pages:
    def __init__(self, world: World) -> None:
        self._world = world

    async def cart(self, request: Request) -> Response:
        """Show what is in the cart, and the way to the checkout."""
        cart = cart_of(request, self._world)
        body = (
            self._lines(request, cart)
            if cart.lines
            else '<h1 data-test="boxEmptyMsg">Your cart is empty</h1>'
        )
        return framed(request, self._world, title="Cart : Target", body=body, script=_CART_SCRIPT)

    async def checkout(self, request: Request) -> Response:
        """The page with the one button; who is not signed in, or has nothing, sees little of it."""
        cart, settings = cart_of(request, self._world), self._world.checkout
        if name_of(request, self._world) is None:
            return self._written(request, pieces.SKELETON + pieces.SIGN_IN, cart)
        if not cart.lines or settings.state == "skeleton":
            return self._written(request, pieces.SKELETON, cart)
        if settings.state == "error":
            return self._written(request, "<h1>Something went wrong</h1><p>Please try again later.</p>", cart)
        dialog = pieces.dialog(cart, self._world)
        return self._written(request, pieces.page_body(cart, self._world), cart, dialog=dialog)

    async def confirmation(self, request: Request) -> Response:
        """Say thanks, for whatever order number."""
        if session_of(request, self._world) is None:
            return to_login(request)
        number = escape(request.query_params.get("orderId", ""))
        body = (
            '<h1 data-test="thank-you-message">Thanks for your order!</h1>'
            f"<p>We'll email you the details. Order {number}</p>"
            '<a href="/orders" data-test="order-details-link">See order details</a>'
        )
        return framed(request, self._world, title="Order confirmation : Target", body=body)

    async def orders(self, request: Request) -> Response:
        """List the orders of who is signed in, as far as the history has them."""
        session = session_of(request, self._world)
        if session is None:
            return to_login(request)
        rows = "".join(
            f'<li><a data-test="order-details-link" href="/orders/{order["order_number"]}">'
            f"Order {order['order_number']}</a> {order['at']:%b %-d, %Y} {dollars(order['total_cents'])}</li>"
            for order in orders_of(self._world, session)
        )
        body = f"<h1>Orders</h1><ul>{rows}</ul>" if rows else "<h1>Orders</h1><p>No orders yet</p>"
        return framed(request, self._world, title="Orders : Target", body=body)

    async def order(self, request: Request) -> Response:
        """Show one order."""
        session = session_of(request, self._world)
        if session is None:
            return to_login(request)
        number = request.path_params["number"]
        found = [one for one in orders_of(self._world, session) if one["order_number"] == number]
        if not found:
            body = "<h1>We can't find that order</h1>"
            return framed(request, self._world, title="Orders : Target", body=body)
        lines = "".join(
            f'<li data-test="order-line" data-tcin="{line["sku"]}"><a href="/p/-/A-{line["sku"]}">'
            f"{line['sku']}</a> Qty {line['quantity']}</li>"
            for line in found[0]["lines"]
        )
        total = dollars(found[0]["total_cents"])
        body = f"<h1>Order {escape(number)}</h1><p>Processing</p><ul>{lines}</ul><p>Total {total}</p>"
        return framed(request, self._world, title="Order details : Target", body=body)

    def _lines(self, request: Request, cart: Cart) -> str:
        signed_in = session_of(request, self._world) is not None
        rows = "".join(self._line(line, product) for line, product in contents(cart, self._world))
        alerts = alerts_of(cart, self._world)
        short = f"Add ${alerts[0]['metadata']['shortfall']} to ship: cannot order alone" if alerts else ""
        off = " disabled" if alerts else ""
        bill = bill_of(cart, self._world, signed_in=signed_in)
        return (
            f"<h1>Cart</h1>{rows}<p>{short}</p>"
            f'<div data-test="cart-summary-total"><h3>Total</h3><p>{dollars(bill.total)}</p></div>'
            f'<button type="button" data-test="checkout-button"{off}>Check out</button>'
        )

    def _line(self, line: Line, product: Product) -> str:
        price = dollars(unit_cents(product, self._world) * line.quantity)
        address = escape(page_url(product, self._world))
        return (
            f'<div data-test="cartItem"><a data-test="cartItem-title" href="{address}">'
            f'{escape(product.title)}</a><span data-test="cartItem-qty">Qty {line.quantity}</span>'
            f'<span data-test="cartItem-price">{price}</span>'
            f'<button type="button" data-test="cartItem-deleteBtn" data-line="{line.id}">Remove</button>'
            "</div>"
        )

    def _written(self, request: Request, body: str, cart: Cart, *, dialog: str = "") -> HTMLResponse:
        settings, spinning = self._world.checkout, self._world.checkout.state == "spinner"
        asks = settings.state == "cvv-after-click" and pieces.open_step(cart, self._world) is not None
        written = _PAGE.substitute(
            api=self._world.origins["target-api"],
            carts=self._world.origins["target-carts"],
            key=PAGE_KEY,
            stays=str(settings.confirmation == "never").lower(),
            asks=str(asks).lower(),
            spinning=str(spinning).lower(),
            display="block" if spinning else "none",
            body=body,
            dialog=dialog,
            script=_SCRIPTS,
        )
        return welcomed(HTMLResponse(written), request, self._world)
