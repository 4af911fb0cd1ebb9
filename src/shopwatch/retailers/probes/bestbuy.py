"""Best Buy's product page: the state its button for that SKU carries, by allow-list."""

from __future__ import annotations

from shopwatch.domain.probe import Element, PageProbe, Sighting
from shopwatch.domain.site import Site
from shopwatch.domain.stock import Availability, Observation, Offer, Product
from shopwatch.retailers.probes.common import IN, OUT, UNKNOWN, observed, price_in

_BUTTONS = (".fulfillment-add-to-cart-button button", "button.add-to-cart-button")
_STATES = {
    "ADD_TO_CART": IN,
    "PRE_ORDER": Availability.PREORDER,
    "SOLD_OUT": OUT,
    "COMING_SOON": OUT,
    "CHECK_STORES": OUT,  # to be had in stores only: nothing is shipped
}
#: The words of 2021, when the button carried no state.
_TEXTS = {
    "add to cart": "ADD_TO_CART",
    "pre-order": "PRE_ORDER",
    "sold out": "SOLD_OUT",
    "coming soon": "COMING_SOON",
}


def read(sighting: Sighting, sku: str, site: Site) -> Observation:
    product = Product(retailer="bestbuy", sku=sku, name=sighting.title.removesuffix(" - Best Buy"))
    button = sighting.usable("button") or sighting.first("button")
    if button is None:
        return observed(sighting, product, UNKNOWN, "the page shows no button of this SKU")
    state = _state(button)
    availability = _STATES.get(state, UNKNOWN)
    if availability is UNKNOWN:
        return observed(sighting, product, UNKNOWN, f"unknown button state {state!r:.40}")
    if availability.is_buyable and not (button.enabled and button.visible):
        return observed(sighting, product, UNKNOWN, f"the button says {state} and cannot be pressed")
    if not availability.is_buyable and not sighting.settled:
        return observed(sighting, product, UNKNOWN, "the page did not come to rest")
    offer = Offer(price=price_in(sighting.first("price"))) if availability.is_buyable else None
    pickup = UNKNOWN if state == "CHECK_STORES" or availability.is_buyable else OUT
    return observed(sighting, product, availability, f"the button says {state}", pickup=pickup, offer=offer)


def _state(button: Element) -> str:
    return button.attributes.get("data-button-state") or _TEXTS.get(button.text.strip().casefold(), "")


BESTBUY_PROBE = PageProbe(
    selectors={
        "button": ", ".join(f'{one}[data-sku-id="{{sku}}"]' for one in _BUTTONS),
        "price": '[data-testid="customer-price"], .priceView-customer-price',
    },
    ready="button",
    button="button",
    read=read,
)
