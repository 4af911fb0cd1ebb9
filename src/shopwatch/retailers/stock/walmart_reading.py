"""What the data inside a Walmart product page says: in stock only where no other field of it disagrees."""

from __future__ import annotations

from collections.abc import Sequence

from shopwatch.domain.crawling import Page
from shopwatch.domain.errors import Gone, LayoutChanged
from shopwatch.domain.site import Site
from shopwatch.domain.stock import (
    UNNAMED_SELLER,
    Availability,
    Details,
    Evidence,
    Observation,
    Offer,
    Product,
    Source,
)
from shopwatch.retailers.reading import dollars, plain, reading
from shopwatch.retailers.stock.walmart_shape import Option, Record, record

IN, OUT, UNKNOWN = Availability.IN_STOCK, Availability.OUT_OF_STOCK, Availability.UNKNOWN
_WORDS = {
    "IN_STOCK": IN,
    "PRE_ORDER_SELLABLE": Availability.PREORDER,
    "OUT_OF_STOCK": OUT,
    "UNAVAILABLE": OUT,
    "RETIRED": OUT,
}
_WAYS = {"AVAILABLE": IN, "NOT_AVAILABLE": OUT, "UNAVAILABLE": OUT, "OUT_OF_STOCK": OUT}
_OWN_NAMES = (None, "Walmart.com", "Walmart")
_OWN_TYPES = (None, "INTERNAL")


def read(page: Page, skus: Sequence[str], site: Site) -> list[Observation]:
    """The verdict on the one product of the page; about any other SKU the page says nothing.

    Raises:
        LayoutChanged: the page carries no product data we understand.
    """
    with reading(page):
        product = record(page.body)
    return [_observe(page, sku, product) for sku in skus]


def read_details(page: Page, sku: str, site: Site) -> Details:
    with reading(page):
        product = record(page.body)
    if product is None:
        raise Gone(page.url, f"no product found: {sku}")
    if product.usItemId != sku:
        raise LayoutChanged(page.url, f"the page is about {product.usItemId}, not {sku}")
    return Details(
        title=plain(product.name),
        offer=_offer(product),
        purchase_limit=product.orderLimit,
        image_url=product.imageInfo.thumbnailUrl if product.imageInfo else None,
        url=f"{site.base_url}/ip/{sku}",
        street_date=product.preOrder.streetDate if product.preOrder else None,
    )


def _verdict(product: Record) -> tuple[Availability, str]:
    """Shipping's availability: the status, unless another field of the same page denies it."""
    word = product.availabilityStatus or ""
    availability = _WORDS.get(word)
    if availability is None:
        return UNKNOWN, f"unknown status {word:.40}" if word else "no availability status on the page"
    if not availability.is_buyable:
        return availability, f"status {word}"
    quantities = [one.availableQuantity for one in product.fulfillmentOptions or ()]
    if quantities and all(quantity is not None and quantity <= 0 for quantity in quantities):
        return UNKNOWN, f"contradiction: status {word} with nothing available"
    if product.showAtc is False:
        return UNKNOWN, f"contradiction: status {word} without a button to buy it"
    way = _way(product.shippingOption, absent=availability)
    if way is not IN:
        return way, f"status {word}, but not shipped"
    if product.preOrder and product.preOrder.isPreOrder:
        availability = Availability.PREORDER
    return availability, f"status {word}"


def _way(option: Option | None, *, absent: Availability) -> Availability:
    if option is None or option.availabilityStatus is None:
        return IN if absent.is_buyable else UNKNOWN
    return _WAYS.get(option.availabilityStatus, UNKNOWN)


def _pickup(product: Record) -> Availability:
    way = _way(product.pickupOption, absent=UNKNOWN)
    denied = _WORDS.get(product.availabilityStatus or "") is not IN
    return UNKNOWN if way is IN and denied else way


def _offer(product: Record) -> Offer:
    """Price and seller. A seller nobody names is a third party: it must not pass for Walmart."""
    names, kind = product.sellerName, product.sellerType
    own = names in _OWN_NAMES and kind in _OWN_TYPES and (names or kind)
    prices = product.priceInfo
    price = dollars(prices.currentPrice.price) if prices and prices.currentPrice else None
    was = dollars(prices.wasPrice.price) if prices and prices.wasPrice else None
    sold_by = None if own else plain(names) or UNNAMED_SELLER
    return Offer(price=price, sold_by=sold_by, regular_price=was if price and was != price else None)


def _observe(page: Page, sku: str, product: Record | None) -> Observation:
    availability, reason = UNKNOWN, "no product found"
    seen: dict[str, object] = {"asked": sku}
    if product:
        seen |= {
            "usItemId": product.usItemId,
            "availabilityStatus": product.availabilityStatus,
            "sellerName": product.sellerName,
            "sellerType": product.sellerType,
            "showAtc": product.showAtc,
            "shippingOption": product.shippingOption and product.shippingOption.availabilityStatus,
            "pickupOption": product.pickupOption and product.pickupOption.availabilityStatus,
        }
        availability, reason = _verdict(product)
        if product.usItemId != sku:
            availability, reason = UNKNOWN, f"the page is about {product.usItemId}"
            product = None
    return Observation(
        product=Product(retailer="walmart", sku=sku, name=plain(product.name) if product else ""),
        availability=availability,
        source=Source.API,
        observed_at=page.fetched_at,
        reason=reason,
        pickup=_pickup(product) if product else UNKNOWN,
        offer=_offer(product) if product else None,
        evidence=Evidence(url=page.url, status=page.status, seen=seen),
    )
