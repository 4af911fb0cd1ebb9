"""Target's product page as recorded in 2026: without its buy box no confirmation could be tried."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from html import escape
from pathlib import Path
from string import Template
from typing import Any

from shopwatch.simulator.names import slug
from shopwatch.simulator.shelf import Product
from shopwatch.simulator.sites.target_json import View, dollars, page_url, store_of, view_of
from shopwatch.simulator.world import World

_HERE = Path(__file__)
_PAGE = Template(_HERE.with_name("target_page.html").read_text("utf-8"))
_SCRIPT = _HERE.with_name("target_page.js").read_text("utf-8")

#: Pages whose HTML has no buy box yet.
_HOLLOW = frozenset({"cdui", "slow", "skeleton"})

UNAVAILABLE = """<!DOCTYPE html><html lang="en-US"><head><title></title></head><body>
<div data-test="productNotFound">
<h1>We're sorry! This page is currently unavailable. Please try again later.</h1></div></body></html>
"""
_CONSENT = """<div role="dialog" aria-label="Health Data Consent"><h2>Health Data Consent</h2>
<p>We may collect health data when you shop for this product.</p>
<button data-test="healthFlagModalAcceptButton">Continue shopping</button></div>"""


def page(product: Product, world: World, *, key: str, store_id: str, account: str) -> str:
    """Write the page of a product as it is served, before any script ran."""
    if product.page == "other-product":
        product = replace(product, title=other_of(product, world).title)
    hollow = product.page in _HOLLOW
    context = base64.b64encode(f'{{"tcin":"{product.sku}"}}'.encode()).decode()
    return _PAGE.substitute(
        page_title=f"{escape(product.title)} : Target",
        heading=escape(product.title),
        url=escape(page_url(product, world)),
        config=_script_json({"apiKey": key, "page_context": context}),
        tcin=escape(product.sku),
        mode=product.page,
        hydrate_ms=product.hydrate_ms,
        api=world.origins["target-api"],
        carts=world.origins["target-carts"],
        key=key,
        store_id=escape(store_id),
        store_name=escape(store_of(world, store_id)["location_name"]),
        account=escape(account),
        buy_box=skeleton(product) if hollow else buy_box(product, world, store_id),
        dialog=_CONSENT if product.page == "consent" else "",
        next_data=_script_json(_next_data(product, world, context, hollow=hollow)),
        script=_SCRIPT,
    )


def skeleton(product: Product) -> str:
    """What stands where the buy box will be: a disabled button, whatever the stock."""
    return f'<div class="skeleton"><button id="{_button_id(product)}" disabled>Add to cart</button></div>'


def buy_box(product: Product, world: World, store_id: str) -> str:
    """Write price, buy box, sticky bar, and the tiles below a product one cannot have."""
    view = view_of(product, store_id)
    price = "See price in cart" if product.price_hidden else dollars(product.price_cents)
    parts = [f'<span data-test="product-price">{price}</span>', _seller(product)]
    store_name = escape(store_of(world, store_id)["location_name"])
    store = f'<button id="store-name-{escape(store_id)}">{store_name}</button>'
    store += '<button data-test="@web/ATCEditStoreLink">Check other stores</button>'
    if product.kind == "VAP":
        parts += [_variations(product, world), _section(_button(product, disabled=True))]
    elif product.button == "disabled" or not _can_have(product, view):
        parts += _sold_out(product, view, world, store)
    elif view.ship == "PRE_ORDER_SELLABLE":
        parts += _orderable(
            product, _cells("shipping", ships=True, picks=False), "preorderButton", "Preorder"
        )
    else:
        ships = view.ship in {"IN_STOCK", "LIMITED_STOCK"} or product.button == "enabled"
        picks = view.pickup in {"IN_STOCK", "LIMITED_STOCK"}
        chosen, word = ("pickup", "orderPickupButton") if picks else ("shipping", "shippingButton")
        parts += _orderable(product, _cells(chosen, ships=ships, picks=picks) + store, word, "Add to cart")
    return "\n".join(part for part in parts if part)


def other_of(product: Product, world: World) -> Product:
    """The product that a page leads to instead of its own."""
    shelf = world.products.shelves["target"]
    chosen = shelf.get(product.other or "")
    return chosen or next((other for sku, other in shelf.items() if sku != product.sku), product)


def _can_have(product: Product, view: View) -> bool:
    picks = view.pickup in {"IN_STOCK", "LIMITED_STOCK"}
    return product.button == "enabled" or view.ships or picks


def _orderable(product: Product, cells: str, word: str, text: str) -> list[str]:
    button = _button(product, word=word, text=text)
    quantity = '<button id="select-_r_2s_">Qty1</button>'
    sticky_label = f"Add {escape(product.title)} to cart"
    sticky = '<button id="select-_r_3r_">Qty1</button>'
    sticky += _button(product, word=word, text=text, label=sticky_label)
    return [_section(cells + quantity + button + _buy_now(product)), _sticky(sticky)]


def _sold_out(product: Product, view: View, world: World, store: str) -> list[str]:
    if view.in_store in {"IN_STOCK", "LIMITED_STOCK"} and product.button == "follow":
        name = escape(product.title)
        button = _button(
            product,
            word="showInStockPrimaryButton",
            text="Show in-stock stores",
            label=f"Show in-stock stores for {name}",
        )
        cells = _cells("pickup", ships=False, picks=False)
        return [_section(cells + store + button), _sticky(button)]
    closed = view.ship == "PRE_ORDER_UNSELLABLE"
    word, text = ("preorderButtonDisabled", "Preorder") if closed else ("", "Add to cart")
    button = _button(product, word=word, text=text, disabled=True)
    why = "Preorders have sold out" if closed else "Out of stock"
    return [
        f'<div data-test="NonbuyableSection"><span>{why}</span></div>',
        _section(button),
        _sticky("<button>Find alternative</button>"),
        _decoys(product, world),
    ]


def _buy_now(product: Product) -> str:
    name, label = "sign-in-to-buy-now-button", f"Sign in to buy now for {escape(product.title)}"
    return f'<button id="{name}" data-test="{name}" aria-label="{label}">Sign in to buy now</button>'


def _section(content: str) -> str:
    return f'<div data-test="@web/AddToCart/FulfillmentSection">{content}</div>'


def _sticky(content: str) -> str:
    return f'<div data-test="StickyAddToCartFulfillmentSection">{content}</div>'


def _cells(selected: str, *, ships: bool, picks: bool) -> str:
    says = {
        "pickup": "Ready within 2 hours" if picks else "Not available",
        "delivery": "Check availability",
        "shipping": "Arrives by Tue, Jun 30" if ships else "Not available",
    }
    cells = []
    for place, (kind, word) in enumerate(says.items(), 1):
        state = "selected" if kind == selected else "unselected"
        label = f"{kind} - {state} - {place} of 3 - {word}"
        text = f"{kind.title()}{word}"
        cells.append(f'<button data-test="fulfillment-cell-{kind}" aria-label="{label}">{text}</button>')
    return "".join(cells)


def _button(
    product: Product, *, word: str = "", text: str = "Add to cart", label: str = "", disabled: bool = False
) -> str:
    test = f' data-test="{word}"' if word else ""
    name = label or f"Add to cart for {escape(product.title)}"
    off = " disabled" if disabled else ""
    return f'<button id="{_button_id(product)}"{test} aria-label="{name}"{off}>{text}</button>'


def _button_id(product: Product) -> str:
    return f"addToCartButtonOrTextIdFor{escape(product.sku)}"


def _seller(product: Product) -> str:
    if not product.marketplace:
        return ""
    name = product.seller or "A seller"
    link = f'<a href="/sp/{slug(name)}/-/N-{sum(map(ord, name))}">{escape(name)}</a>'
    return f"<div>Sold and shipped by {link}, a Target Plus™ partner</div>"


def _variations(product: Product, world: World) -> str:
    links = []
    for sku in product.children:
        child = world.products.get("target", sku)
        if child:
            words = escape(child.variation or child.title)
            links.append(f'<a href="{escape(page_url(child, world))}" aria-label="{words}">{words}</a>')
    return f'<div data-test="@web/VariationComponent">{"".join(links)}</div>'


def _decoys(product: Product, world: World) -> str:
    """Tiles of other products with buttons that look like ours."""
    tiles: list[str] = []
    for other in world.products.shelves["target"].values():
        if len(tiles) >= product.decoys:
            break
        if other.sku not in {product.sku, product.parent} and other.kind == "SA":
            button = _button(other, word="chooseOptionsButton")
            tiles.append(
                f"<div><span>{dollars(other.price_cents)}</span> {escape(other.title)} {button}</div>"
            )
    return f'<section aria-label="Find alternative">{"".join(tiles)}</section>'


def _next_data(product: Product, world: World, context: str, *, hollow: bool) -> dict[str, Any]:
    """What the server gave the script. Since September 2026 what matters is declared with no data."""
    core: dict[str, Any] = {"tcin": product.sku, "item": {"product_description": {"title": product.title}}}
    later = ("ProductDetailWebDatasourceFulfillmentAndVariations", "ProductDetailWebDatasourceWithStore")
    modules: list[dict[str, Any]] = [
        {"module_type": "ProductDetailWebDatasourceCore", "module_data": {"data": {"product": core}}}
    ]
    modules += [
        {"module_type": name, "module_data": None, "module_placement_id": name, "enrichment_context": context}
        for name in later
    ]
    if not hollow and product.limit is not None:
        core["item"] |= {"fulfillment": {"purchase_limit": product.limit}}
    data = {"data_source_modules": modules, "page_context": context}
    return {"props": {"dehydratedState": {"queries": [{"state": {"data": {"data": data}}}]}}}


def _script_json(value: object) -> str:
    """JSON that cannot end the script it stands in."""
    return json.dumps(value).replace("<", "\\u003c")
