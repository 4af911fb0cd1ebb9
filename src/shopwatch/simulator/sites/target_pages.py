"""Target's product pages on www, which a browser opens to confirm what the API said."""

from __future__ import annotations

import re

import msgspec
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from shopwatch.simulator import fault_answers
from shopwatch.simulator.pictures import MEDIA_TYPE, picture_of
from shopwatch.simulator.shelf import Product
from shopwatch.simulator.site import Site, fault_of
from shopwatch.simulator.sites import target_html
from shopwatch.simulator.sites.target_api import PAGE_KEY, tracking_id
from shopwatch.simulator.sites.target_guest import account, welcomed
from shopwatch.simulator.sites.target_json import JSON, client, fulfillment, page_url
from shopwatch.simulator.world import World

ROBOTS = """User-agent: *
Disallow: /s?
Disallow: /cart
Disallow: /account/
Disallow: /shop/
Disallow: /pl/
Disallow: /store-locator/search-results-print
"""
_CDUI = "/cdui_orchestrations/v1/pages/pdp/deferred_enrichment/modules"
_DEFAULT_STORE = "2272"


class CduiModule(msgspec.Struct):
    """A part of the page that its script asks for."""

    module_type: str
    module_placement_id: str = ""


class CduiBody(msgspec.Struct):
    """What the script of the page posts."""

    page_context: str
    modules: list[CduiModule]


def site(world: World) -> Site:
    """Make the product pages of the origin ``target``."""
    pages = _Pages(world)
    routes = (
        Route("/p/-/A-{tcin}", pages.short, methods=["GET"]),
        Route("/p/{slug}/-/A-{tcin}", pages.product, methods=["GET"]),
        Route("/simulator/buybox/{tcin}", pages.buy_box, methods=["GET"]),
        Route(_CDUI, pages.cdui, methods=["POST"]),
        Route("/is/image/Target/{name}", pages.image, methods=["GET"]),
    )
    return Site(name="target", routes=routes, robots=ROBOTS)


class _Pages:
    def __init__(self, world: World) -> None:
        self._world = world

    async def short(self, request: Request) -> Response:
        """An address without the product's name leads to the one with it."""
        product = self._world.products.get("target", request.path_params["tcin"])
        if product is None:
            return HTMLResponse(target_html.UNAVAILABLE, 404)
        return RedirectResponse(page_url(product, self._world), 301)

    async def product(self, request: Request) -> Response:
        """The product page, in whatever state it is told to be; any slug will do."""
        product = self._world.products.get("target", request.path_params["tcin"])
        if product is None:
            return HTMLResponse(target_html.UNAVAILABLE, 404)
        if fault_of(request) == "wrong-state":
            product = target_html.other_of(product, self._world)
        return self._shown(product, request)

    async def buy_box(self, request: Request) -> Response:
        """What the script of a page that hydrates late puts into it. No real site has this address."""
        product = self._world.products.get("target", request.path_params["tcin"])
        if product is None:
            return Response(b"", 404)
        return HTMLResponse(target_html.buy_box(product, self._world, _store(request)))

    async def cdui(self, request: Request) -> Response:
        """Answer the page's script with the parts it asks for."""
        product = self._world.products.get("target", request.query_params.get("tcin", ""))
        try:
            body = msgspec.json.decode(await request.body(), type=CduiBody)
        except (msgspec.ValidationError, msgspec.DecodeError):
            return Response(b'{"errors":[{"message":"Bad Request"}]}', 400, media_type="application/json")
        if product is None:
            return Response(b'{"modules":[]}', 404, media_type="application/json")
        modules = [
            {
                "module_type": module.module_type,
                "module_placement_id": module.module_placement_id,
                "module_data": {"data": {"product": self._module(product, module.module_type, request)}},
            }
            for module in body.modules
        ]
        return Response(msgspec.json.encode({"modules": modules}), media_type="application/json")

    async def image(self, request: Request) -> Response:
        """A picture: any will do."""
        return Response(picture_of(request.path_params["name"]), media_type=MEDIA_TYPE)

    def _shown(self, product: Product, request: Request) -> Response:
        match product.page:
            case "unavailable":
                return HTMLResponse(target_html.UNAVAILABLE)
            case "challenge":
                uuid = tracking_id(self._world, "challenge", product.sku)
                return HTMLResponse(fault_answers.wall("target", uuid), 403)
            case "redirect-to-other":
                other = target_html.other_of(product, self._world)
                return RedirectResponse(page_url(other, self._world), 302)
        written = target_html.page(
            product,
            self._world,
            key=PAGE_KEY,
            store_id=_store(request),
            account=account(request, self._world),
        )
        return welcomed(HTMLResponse(written), request, self._world)

    def _module(self, product: Product, kind: str, request: Request) -> JSON:
        if kind == "ProductDetailWebDatasourceFulfillmentAndVariations":
            blip = self._world.products.take_blip(product)
            return fulfillment(product, self._world, _store(request), blip=blip)
        whole = client(product, self._world)
        return {name: whole[name] for name in ("__typename", "tcin", "price", "children") if name in whole}


def _store(request: Request) -> str:
    """The store this visitor chose, by the cookie that says so."""
    found = re.match(r"DSI_(\d+)", request.cookies.get("fiatsCookie", ""))
    return found.group(1) if found else _DEFAULT_STORE
