"""Best Buy's product pages, whose button carries the state a browser confirms; www shares the stores' origin.

Addresses: ``/site/<name>/<sku>.p`` and ``/site/<sku>.p``, with or without ``?skuId=``. Page mode ``2021`` is
the page of that year: no state at the button, and a script that says ``CHECK_STORES`` whatever is true.
"""

from __future__ import annotations

from html import escape
from pathlib import Path

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from shopwatch.simulator import fault_answers
from shopwatch.simulator.pictures import MEDIA_TYPE, picture_of
from shopwatch.simulator.shelf import Product
from shopwatch.simulator.site import Site, fault_of
from shopwatch.simulator.sites.bestbuy_json import HERE, page_path
from shopwatch.simulator.sites.store_pages import HTML, get, script_json, shell
from shopwatch.simulator.world import World

_SCRIPT = Path(__file__).with_name("bestbuy_product.js").read_text("utf-8")
#: state of the button -> its words, and whether it can be pressed
_BUTTONS = {
    "ADD_TO_CART": ("Add to Cart", True),
    "PRE_ORDER": ("Pre-Order", True),
    "CHECK_STORES": ("Find a Store", True),
    "COMING_SOON": ("Coming Soon", False),
    "SOLD_OUT": ("Sold Out", False),
}
_STATES = {
    "Available": "ADD_TO_CART",
    "BackOrder": "ADD_TO_CART",
    "PreOrder": "PRE_ORDER",
    "ComingSoon": "COMING_SOON",
}


def site(world: World) -> Site:
    """Make the product pages of www.bestbuy.com."""
    pages = _Pages(world)
    routes = (
        get("/site/{slug}/{sku}.p", pages.product),
        get("/site/{sku}.p", pages.product),
        get("/simulator/buybox/{sku}", pages.buy_box),
        get("/image/{name}", pages.picture),
    )
    return Site(name="bestbuy", routes=routes, robots="")


def state_of(product: Product) -> str:
    """The state of the button: what one can truly do."""
    if product.button == "enabled":
        return "ADD_TO_CART"
    if product.button == "disabled":
        return "SOLD_OUT"
    pickup_only = product.pickup in HERE or product.in_store in HERE
    return _STATES.get(product.ship, "CHECK_STORES" if pickup_only else "SOLD_OUT")


class _Pages:
    def __init__(self, world: World) -> None:
        self._world = world
        frame = shell("Best Buy")
        # Without the script that is named there: a browser's console has to stay clean.
        self._opening, self._closing = frame.opening, frame.closing
        self._middle = b"</head><body>" + frame.middle.partition(b"</head><body>")[2]

    async def product(self, request: Request) -> Response:
        """The product page, in whatever state it is told to be."""
        product = self._world.products.get("bestbuy", request.path_params["sku"])
        if product is None:
            return self._page("<title>Best Buy</title>", "<h1>This product is no longer available</h1>", 404)
        if fault_of(request) == "wrong-state":
            product = self._other(product)
        match product.page:
            case "challenge" | "blocked":
                return HTMLResponse(fault_answers.wall("bestbuy", f"{product.sku:0>32}"), 403)
            case "redirect-to-other":
                return RedirectResponse(page_path(self._other(product)), 302)
            case "unavailable":
                return self._page("<title>Best Buy</title>", "<h1>Something went wrong</h1>", 200)
        return self._shown(product, spoilt=fault_of(request) == "missing-field")

    async def buy_box(self, request: Request) -> Response:
        """What the script of a page that hydrates late puts into it. No real site has this address."""
        product = self._world.products.get("bestbuy", request.path_params["sku"])
        return HTMLResponse(_buy_box(product)) if product else Response(b"", 404)

    async def picture(self, request: Request) -> Response:
        """A picture: any will do."""
        return Response(picture_of(request.path_params["name"]), media_type=MEDIA_TYPE)

    def _shown(self, product: Product, *, spoilt: bool) -> Response:
        shown = self._other(product) if product.page == "other-product" else product
        hollow = product.page in {"slow", "skeleton"} or spoilt
        state = "CHECK_STORES" if product.page == "2021" else state_of(shown)
        data = {"app": {"skuId": shown.sku, "buttonState": state, "context": "pdp"}}
        head = f'<title>{escape(shown.title)} - Best Buy</title><link rel="icon" href="data:,">'
        head += f'<link rel="canonical" href="{escape(page_path(shown))}">'
        body = (
            f'<div class="sku-title" itemprop="name"><h1>{escape(_full_name(shown))}</h1></div>'
            f'<span class="product-data-label">SKU:</span>'
            f'<span class="product-data-value">{escape(shown.sku)} </span>'
            f"{_price(shown)}{_sold_by(shown)}"
            f'<div id="buybox" data-product="{escape(shown.sku)}" data-mode="{product.page}" '
            f'data-hydrate-ms="{product.hydrate_ms}">'
            f"{'' if hollow else _buy_box(shown, older=product.page == '2021')}</div>"
            f"{self._decoys(shown)}<script>window.__BBY__ = {script_json(data)};</script>"
            f"<script>{_SCRIPT}</script>"
        )
        return self._page(head, body, 200)

    def _page(self, head: str, body: str, status: int) -> Response:
        parts = (self._opening, head.encode(), self._middle, body.encode(), self._closing)
        return Response(b"".join(parts), status, media_type=HTML)

    def _decoys(self, product: Product) -> str:
        """Tiles of other products whose buttons look like ours, on a page one cannot order from."""
        if state_of(product) in {"ADD_TO_CART", "PRE_ORDER"}:
            return ""
        shelf = self._world.products.shelves["bestbuy"].values()
        others = [other for other in shelf if other.sku != product.sku][: product.decoys]
        tiles = "".join(
            f"<li><h4>{escape(other.title)}</h4>{_button(other, 'ADD_TO_CART', stated=True)}</li>"
            for other in others
        )
        return f'<section class="c-carousel"><h2>Customers also viewed</h2><ul>{tiles}</ul></section>'

    def _other(self, product: Product) -> Product:
        shelf = self._world.products.shelves["bestbuy"]
        chosen = shelf.get(product.other or "")
        return chosen or next((other for sku, other in shelf.items() if sku != product.sku), product)


def _buy_box(product: Product, *, older: bool = False) -> str:
    return _button(product, state_of(product), stated=not older)


def _button(product: Product, state: str, *, stated: bool) -> str:
    text, pressable = _BUTTONS[state]
    attributes = f' data-button-state="{state}"' if stated else ""
    attributes += "" if pressable else " disabled"
    kind = "btn-primary" if pressable else "btn-disabled"
    return (
        '<div class="fulfillment-add-to-cart-button"><div>'
        f'<button class="btn {kind} btn-lg btn-block add-to-cart-button" type="button" '
        f'data-sku-id="{escape(product.sku)}"{attributes}>{text}</button></div></div>'
    )


def _price(product: Product) -> str:
    if product.price_hidden:
        return '<div class="pricing-price">See price in cart</div>'
    price = f"${product.price_cents / 100:,.2f}"
    return (
        '<div class="priceView-hero-price priceView-customer-price" data-testid="customer-price">'
        f'<span aria-hidden="true">{price}</span>'
        f'<span class="sr-only">Your price for this item is {price}</span></div>'
    )


def _sold_by(product: Product) -> str:
    if not product.marketplace:
        return ""
    return f'<div class="seller">Sold and shipped by {escape(product.seller or "A seller")}</div>'


def _full_name(product: Product) -> str:
    return f"{product.brand} - {product.title}" if product.brand else product.title
