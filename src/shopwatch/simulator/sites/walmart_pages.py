"""Walmart's product pages: the page's data is its stock API, and the buy box comes alive afterwards.

Of the page modes ``challenge`` is the guard's page with status 200, ``blocked`` the way to ``/blocked`` (412
for who asks for JSON), ``queue`` the way to the waiting room; ``cdui`` and ``consent`` are pages of Target.
"""

from __future__ import annotations

import base64
import json
from html import escape
from pathlib import Path
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from shopwatch.simulator import fault_answers
from shopwatch.simulator.pictures import MEDIA_TYPE, picture_of
from shopwatch.simulator.shelf import Product
from shopwatch.simulator.site import Site, fault_of
from shopwatch.simulator.sites.store_pages import HTML, get, script_json, shell
from shopwatch.simulator.sites.walmart_json import page_path, picks, product_json, ships
from shopwatch.simulator.world import World

_SCRIPT = Path(__file__).with_name("walmart_product.js").read_text("utf-8")
_APP = "PXu6b0qd2S"
#: Every page carries these words in its scripts: who searches its text for them is misled.
_MESSAGES = {
    "availability": {"oos": "Out of stock", "alert": "Get in-stock alert", "atc": "Add to cart"},
    "queue": {"title": "Hold tight", "text": "high traffic", "api": "q-api.www.walmart.com"},
    "challenge": {"title": "Robot or human?"},
}
_WAITING_ROOM = """<!DOCTYPE html><html lang="en"><head><title>Hold tight</title></head><body>
<div data-testid="queue-banner"><h1>Hold tight!</h1><p>We're seeing high traffic right now.
We'll load this page when it's ready.</p><p>Your place in line is being held.</p></div></body></html>
"""


def site(world: World) -> Site:
    """Make the product pages of www.walmart.com."""
    pages = _Pages(world)
    routes = (
        get("/ip/{slug}/{sku}", pages.product),
        get("/ip/{sku}", pages.product),
        get("/simulator/buybox/{sku}", pages.buy_box),
        get("/qp", pages.queue),
        get("/asr/{name}", pages.picture),
    )
    return Site(name="walmart", routes=routes, robots="")


class _Pages:
    def __init__(self, world: World) -> None:
        self._world = world
        self._shell = shell("Walmart")
        # Without the script that is named there: a browser's console has to stay clean.
        self._middle = b"</head><body>" + self._shell.middle.partition(b"</head><body>")[2]

    async def product(self, request: Request) -> Response:
        """The product page, in whatever state it is told to be; any slug will do."""
        product = self._world.products.get("walmart", request.path_params["sku"])
        if product is None:
            return self._page(
                "<title>Error Page</title>", "<h1>This page could not be found.</h1>", None, 404
            )
        if fault_of(request) == "wrong-state":
            product = self._other(product)
        return self._instead(product, request) or self._whole(product, fault_of(request))

    async def buy_box(self, request: Request) -> Response:
        """What the page's script puts in the place of the skeleton. No real site has this address."""
        product = self._world.products.get("walmart", request.path_params["sku"])
        return HTMLResponse(self._buy_box(product)) if product else Response(b"", 404)

    async def queue(self, request: Request) -> Response:
        """The waiting room of a drop: only a person gets any further."""
        return HTMLResponse(_WAITING_ROOM)

    async def picture(self, request: Request) -> Response:
        """A picture: any will do."""
        return Response(picture_of(request.path_params["name"]), media_type=MEDIA_TYPE)

    def _instead(self, product: Product, request: Request) -> Response | None:
        """What the page is told to be instead of itself."""
        match product.page:
            case "challenge":
                return HTMLResponse(fault_answers.wall("walmart", self._uuid(product)))
            case "blocked":
                return self._blocked(request, product)
            case "queue":
                ticket = json.dumps({"queue": product.sku, "itemId": product.sku, "state": "pending"})
                query = base64.urlsafe_b64encode(ticket.encode()).decode()
                return RedirectResponse(f"/qp?qpdata={query}", 307)
            case "redirect-to-other":
                return RedirectResponse(page_path(self._other(product)), 302)
            case "unavailable":
                return self._page("<title></title>", "<h1>Something went wrong</h1>", None, 200)
        return None

    def _whole(self, product: Product, fault: str | None) -> Response:
        plain = fault is None and not product.blip
        kept: bytes | None = product.cache.get("page") if plain else None
        if kept is not None:
            return Response(kept, media_type=HTML)
        shown = self._other(product) if product.page == "other-product" else product
        data = product_json(shown, self._world, blip=self._world.products.take_blip(product))
        if fault == "missing-field":
            del data["availabilityStatus"]
        head = f"<title>{escape(shown.title)} - Walmart.com</title>"
        head += f'<link rel="canonical" href="{escape(page_path(shown))}">'
        made = self._page(head, self._body(shown, product), data, 200)
        if plain:
            product.cache["page"] = made.body
        return made

    def _page(self, head: str, body: str, product: dict[str, Any] | None, status: int) -> Response:
        data = script_json(_next_data(product))
        script = f'<script id="__NEXT_DATA__" type="application/json">{data}</script>'
        script += f"<script>window.__WML_MESSAGES__ = {script_json(_MESSAGES)};</script>"
        script += f"<script>{_SCRIPT}</script>"
        parts = (self._shell.opening, f'{head}<link rel="icon" href="data:,">'.encode(), self._middle)
        return Response(
            b"".join((*parts, body.encode(), script.encode(), self._shell.closing)), status, media_type=HTML
        )

    def _body(self, shown: Product, asked: Product) -> str:
        price = "See price in cart" if shown.price_hidden else f"${shown.price_cents / 100:,.2f}"
        was = (shown.regular_cents or 0) > shown.price_cents
        price = f"Now {price}" if was else price
        return (
            f'<h1 itemprop="name">{escape(shown.title)}</h1>'
            f'<div data-testid="price-wrap"><span itemprop="price">{price}</span></div>'
            f'<div id="buybox" data-testid="ip-atc-mweb-fixed" data-product="{escape(shown.sku)}" '
            f'data-mode="{asked.page}" data-hydrate-ms="{asked.hydrate_ms}">'
            '<div data-testid="add-to-cart-skeleton"></div></div>'
            f"{_tiles(shown)}{_sold_by(shown)}{self._decoys(shown)}"
        )

    def _buy_box(self, product: Product) -> str:
        """The button as it truly is, which need not be what the page's data says."""
        if not product.buyable:
            return '<div><span>Out of stock</span><button type="button">Get in-stock alert</button></div>'
        preorder = product.ship == "PRE_ORDER_SELLABLE"
        text = "Pre-order" if preorder else "Add to cart"
        return (
            f'<button type="button" data-automation-id="atc" data-dca-event="addToCart" '
            f'aria-label="{text} - {escape(product.title)}">{text}</button>'
        )

    def _decoys(self, product: Product) -> str:
        """Tiles of other products with buttons that look like ours, on a page without stock."""
        if product.buyable:
            return ""
        tiles: list[str] = []
        for other in self._world.products.shelves["walmart"].values():
            if len(tiles) >= product.decoys:
                break
            if other.sku != product.sku:
                name = escape(other.title)
                tiles.append(
                    f'<div data-item-id="{escape(other.sku)}"><a href="{escape(page_path(other))}">{name}</a>'
                    f'<button type="button" data-automation-id="add-to-cart" '
                    f'aria-label="Add to cart - {name}">Add</button></div>'
                )
        return f'<section data-testid="similar-products">{"".join(tiles)}</section>'

    def _blocked(self, request: Request, product: Product) -> Response:
        path = base64.b64encode(request.scope["path"].encode()).decode()
        uuid = self._uuid(product)
        if "text/html" in request.headers.get("accept", "") or "*/*" in request.headers.get("accept", "*/*"):
            return Response(b"", 307, {"location": f"/blocked?url={path}&uuid={uuid}&vid={uuid}&g=b"})
        body = {
            "redirectUrl": f"/blocked?url={path}",
            "appId": _APP,
            "jsClientSrc": f"/px/{_APP}/init.js",
            "blockScript": f"/px/{_APP}/captcha/captcha.js",
        }
        return Response(msgspec.json.encode(body), 412, media_type="application/json")

    def _other(self, product: Product) -> Product:
        shelf = self._world.products.shelves["walmart"]
        chosen = shelf.get(product.other or "")
        return chosen or next((other for sku, other in shelf.items() if sku != product.sku), product)

    def _uuid(self, product: Product) -> str:
        return f"{self._world.random('blocked', product.sku).getrandbits(128):032x}"


def _next_data(product: dict[str, Any] | None) -> dict[str, Any]:
    data: dict[str, Any] = {
        "product": product,
        "contentLayout": {"modules": []},
        "idml": None,
        "reviews": None,
        "ugcUserInfo": None,
    }
    page = "/ip/[...itemParams]" if product else "/error"
    return {
        "props": {
            "pageProps": {
                "initialData": {"data": data},
                "serversideReferrer": None,
                "isIpLevelBot": False,
                "isItemCaching": True,
                "membershipStatus": "NON_MEMBER",
            }
        },
        "page": page,
        "query": {},
        "buildId": "production_20260625T105533606Z-en-US",
    }


def _tiles(product: Product) -> str:
    says = {"shipping": ships(product), "pickup": picks(product), "delivery": picks(product)}
    tiles = "".join(
        f'<button type="button" data-testid="{kind}-tile">{kind.title()} '
        f"{'Arrives tomorrow' if there else 'Not available'}</button>"
        for kind, there in says.items()
    )
    return f'<div data-testid="fulfillment-zone-1">{tiles}</div>'


def _sold_by(product: Product) -> str:
    name = (product.seller or "A seller") if product.marketplace else "Walmart.com"
    text = f"Sold and shipped by {escape(name)}"
    return f'<div data-testid="ip-sold-and-shipped-by-module">{text}</div>'
