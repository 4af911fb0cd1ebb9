"""Walmart's product page: what its embedded data says, believed only with a button that can be pressed."""

from __future__ import annotations

from dataclasses import replace

from shopwatch.domain.probe import Element, PageProbe, Sighting
from shopwatch.domain.site import Site
from shopwatch.domain.stock import Observation
from shopwatch.retailers.probes.common import UNKNOWN, agreed, observed, price_in
from shopwatch.retailers.reading import plain
from shopwatch.retailers.stock.walmart_reading import read as read_page

_BUTTONS = (
    '[data-automation-id="atc"]',
    '[data-automation-id="add-to-cart-button"]',
    '[data-automation-id="add-to-cart"]',
    '[data-dca-event="addToCart"]',
)

_TILES = '[data-item-id] *, [data-testid="similar-products"] *'  #: of other products
_SKELETON = '[data-testid="add-to-cart-skeleton"]'


def read(sighting: Sighting, sku: str, site: Site) -> Observation:
    (told,) = read_page(sighting.page, (sku,), site)
    seen = {"data": dict(told.evidence.seen)} if told.evidence else {}
    if told.availability.is_buyable or told.pickup.is_buyable:
        if sighting.first("queue"):
            return observed(sighting, told.product, UNKNOWN, "a queue stands before the button", seen=seen)
        if not any(_is_ours(button, told.product.name) for button in sighting.elements.get("button", ())):
            reason = f"{told.reason}, but no button can be pressed"
            return observed(sighting, told.product, UNKNOWN, reason, seen=seen)
    offer, price = told.offer, price_in(sighting.first("price"))
    if offer and offer.price and price and offer.price != price:
        offer = replace(offer, price=None)
    return observed(
        sighting,
        told.product,
        told.availability,
        told.reason,
        pickup=agreed(told.pickup, UNKNOWN),
        in_store=told.in_store,
        quantity=told.quantity,
        offer=offer,
        seen=seen,
    )


def _is_ours(button: Element, name: str) -> bool:
    """A button that can be pressed and names no other product: tiles below have buttons like it."""
    named = button.attributes.get("aria-label", "").partition(" - ")[2]
    return button.enabled and button.visible and (not named or plain(named) == name)


WALMART_PROBE = PageProbe(
    selectors={
        "button": ", ".join(f"main button{one}:not({_TILES})" for one in _BUTTONS),
        "skeleton": _SKELETON,
        "queue": '[data-testid="queue-banner"]',
        "price": 'main [itemprop="price"]',
        "tiles": '[data-testid="shipping-tile"], [data-testid="pickup-tile"]',
        "data": f"body:not(:has({_SKELETON})) script#__NEXT_DATA__",
    },
    ready="data",
    button="button",
    read=read,
    challenge="#px-captcha",
)
