"""Target's product page as seen in June 2026: the button whose id ends in the TCIN, and nothing like it.

The page fetches its own stock as JSON; button and JSON must not contradict each other.
"""

from __future__ import annotations

import re

from shopwatch.domain.probe import Element, PageProbe, Sighting
from shopwatch.domain.site import Site
from shopwatch.domain.stock import Availability, Observation, Offer, Product
from shopwatch.retailers.probes.common import IN, OUT, UNKNOWN, agreed, observed, price_in
from shopwatch.retailers.probes.target_data import tells_stock, told_by_answers
from shopwatch.retailers.reading import plain
from shopwatch.retailers.stock.target_checkout import NOT_TO_ORDER

_SCOPES = (
    '[data-test="@web/AddToCart/FulfillmentSection"]',
    '[data-test="@web/AddToCart/Fulfillment/ShippingSection"]',
)
_TCIN = re.compile(r"/A-(\d+)")
_SHIPS = frozenset({"shippingButton", "shipItButton"})
_YES = re.compile(r"\b(?:arrives?|get it|ready|pick ?up (?:by|today|in)|ships)\b", re.IGNORECASE)
_NO = re.compile(r"\b(?:not available|unavailable|out of stock|sold out)\b", re.IGNORECASE)


def read(sighting: Sighting, sku: str, site: Site) -> Observation:
    """The verdict of page and JSON together; anything unfinished, moved or at odds is UNKNOWN."""
    data = told_by_answers(sighting, sku)
    product = Product(retailer="target", sku=sku, name=_name(sighting, data))
    if wrong := _moved(sighting, sku, data):
        return observed(sighting, product, UNKNOWN, wrong)
    button = sighting.usable("button") or sighting.first("button")
    if button is None:
        return observed(sighting, product, UNKNOWN, "the page did not show its buy box")
    if button.enabled and button.visible:
        return _open(sighting, product, button, data)
    return _closed(sighting, product, data)


def _moved(sighting: Sighting, sku: str, data: Observation | None) -> str:
    """Say that the page is about something else; the address alone proves nothing either way."""
    landed = _TCIN.search(sighting.page.url)
    if landed and landed[1] != sku:
        return f"the page moved to {landed[1]}"
    heading = sighting.first("title")
    if heading and data and data.product.name and _words(heading.text) != _words(data.product.name):
        return f"the page shows {heading.text.strip()!r:.80}, its data another product"
    return ""


def _name(sighting: Sighting, data: Observation | None) -> str:
    return (data.product.name if data else "") or sighting.title.removesuffix(" : Target")


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", plain(text).casefold())


def _open(sighting: Sighting, product: Product, button: Element, data: Observation | None) -> Observation:
    """An enabled button: what can be ordered, and which way."""
    word = button.attributes.get("data-test", "")
    if word in NOT_TO_ORDER:
        in_store = data.in_store if data else UNKNOWN
        shipping = data.availability if data and not data.availability.is_buyable else UNKNOWN
        return observed(sighting, product, shipping, NOT_TO_ORDER[word], in_store=in_store)
    shipping, pickup = _by_page(sighting, word)
    if data is not None:
        shipping, pickup = agreed(shipping, data.availability), agreed(pickup, data.pickup)
    if not (shipping.is_buyable or pickup.is_buyable):
        reason = (
            f"contradiction: the button {word!r} is enabled, the data says {data.reason if data else '-'}"
        )
        return observed(sighting, product, UNKNOWN, reason, seen=_seen(data))
    return observed(
        sighting,
        product,
        shipping,
        f"the button {word!r} is enabled",
        pickup=pickup,
        in_store=data.in_store if data else UNKNOWN,
        quantity=data.quantity if data else None,
        offer=_offer(sighting, data),
        seen=_seen(data),
    )


def _by_page(sighting: Sighting, word: str) -> tuple[Availability, Availability]:
    """(shipping, pickup) as button and cells show them."""
    if word == "preorderButton":
        return Availability.PREORDER, UNKNOWN
    shipping, pickup = _cell(sighting.first("shipping")), _cell(sighting.first("pickup"))
    if word in _SHIPS:
        shipping = agreed(shipping, IN)
    if word == "orderPickupButton":
        pickup = agreed(pickup, IN)
    return shipping, pickup


def _cell(cell: Element | None) -> Availability:
    label = cell.attributes.get("aria-label", "") if cell else ""
    if _NO.search(label):
        return OUT
    return IN if _YES.search(label) else UNKNOWN


def _closed(sighting: Sighting, product: Product, data: Observation | None) -> Observation:
    """A disabled button: sold out only if the page also says so and stays so.

    Its data may lie: the button stood disabled for seconds beside an IN_STOCK, and nobody could order.
    """
    if not (sighting.first("sold_out") and sighting.settled):
        return observed(sighting, product, UNKNOWN, "the button is disabled and nothing says why")
    reason = "the button is disabled and the page says it cannot be bought"
    if data is not None and (data.availability.is_buyable or data.pickup.is_buyable):
        reason += f", whatever its data says ({data.reason})"
    in_store = data.in_store if data else UNKNOWN
    return observed(sighting, product, OUT, reason, pickup=OUT, in_store=in_store, seen=_seen(data))


def _offer(sighting: Sighting, data: Observation | None) -> Offer:
    """Seller and price; a price that page and data do not agree on is none."""
    told = data.offer if data else None
    seller = sighting.first("seller")
    sold_by = (told.sold_by if told else None) or (plain(seller.text).strip() or None if seller else None)
    price = price_in(sighting.first("price"))
    if price and told and told.price and told.price != price:
        price = None
    return Offer(price=price, sold_by=sold_by, regular_price=told.regular_price if told else None)


def _seen(data: Observation | None) -> dict[str, object]:
    return {"data": dict(data.evidence.seen)} if data and data.evidence else {}


TARGET_PROBE = PageProbe(
    selectors={
        "ready": ", ".join((*_SCOPES, '[data-test="productNotFound"]')),
        "button": ", ".join(f'{scope} [id="addToCartButtonOrTextIdFor{{sku}}"]' for scope in _SCOPES),
        "shipping": 'button[data-test="fulfillment-cell-shipping"]',
        "pickup": 'button[data-test="fulfillment-cell-pickup"]',
        "sold_out": '[data-test="NonbuyableSection"]',
        "price": '[data-test="product-price"]',
        "seller": 'main a[href*="/sp/"]',
        "title": 'h1[data-test="product-title"]',
    },
    ready="ready",
    button="button",
    read=read,
    challenge='#px-captcha, iframe[src*="/captcha"]',
    tells_stock=tells_stock,
)
