"""What Target's JSON says about one product: the words, the contradictions and where they may hide."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

import msgspec

from shopwatch.domain.stock import Availability, Evidence, Observation, Offer, Product, Source
from shopwatch.retailers.reading import dollars, plain
from shopwatch.retailers.stock.target_shape import Node

IN, OUT, UNKNOWN = Availability.IN_STOCK, Availability.OUT_OF_STOCK, Availability.UNKNOWN
LIMITED = Availability.LIMITED

_SHIPPING = {
    "IN_STOCK": IN,
    "LIMITED_STOCK": LIMITED,
    "PRE_ORDER_SELLABLE": Availability.PREORDER,
    "OUT_OF_STOCK": OUT,
    "UNAVAILABLE": OUT,
    "PRE_ORDER_UNSELLABLE": OUT,
    "DISCONTINUED": OUT,
}
_PICKUP = {"IN_STOCK": IN, "LIMITED_STOCK": LIMITED, "UNAVAILABLE": OUT, "OUT_OF_STOCK": OUT}
_IN_STORE = {"IN_STOCK": IN, "LIMITED_STOCK": LIMITED, "OUT_OF_STOCK": OUT, "NOT_SOLD_IN_STORE": OUT}
_SOMEBODY = "a marketplace seller"  #: the batch answer does not name it
_MOST_PIECES = 1_000_000  #: a larger number is no quantity
_DEEPEST = 60  #: levels of a page's own JSON that are searched; the real ones have about ten


def pick(nodes: Iterable[Node], sku: str) -> Node | None:
    """The node of ``sku`` among ``nodes`` and their children: the answer may be about its parent."""
    for node in nodes:
        if node.tcin == sku:
            return node
        for child in node.children or ():
            if child.tcin == sku:
                return child
    return None


def observe(node: Node, *, at: datetime, where: tuple[str, int], store_id: str = "") -> Observation:
    """One product's verdict; ``where`` is the address and status of the answer it stands in."""
    availability, reason = _shipping(node)
    seen: dict[str, object] = {"tcin": node.tcin}
    pickup, in_store = _at_store(node, store_id, seen)
    promised = None
    if node.fulfillment and (options := node.fulfillment.shipping_options):
        promised = options.available_to_promise_quantity
        seen["shipping_options.availability_status"] = options.availability_status
        seen["shipping_options.available_to_promise_quantity"] = promised
        if options.reason_code:
            seen["shipping_options.reason_code"] = options.reason_code
    if node.item:
        seen["item.relationship_type_code"] = node.item.relationship_type_code
    title = node.item.product_description.title if node.item and node.item.product_description else ""
    return Observation(
        product=Product(retailer="target", sku=node.tcin, name=plain(title)),
        availability=availability,
        source=Source.API,
        observed_at=at,
        reason=reason,
        pickup=pickup,
        in_store=in_store,
        quantity=int(promised) if promised is not None and 0 <= promised <= _MOST_PIECES else None,
        offer=offer(node, seen),
        evidence=Evidence(url=where[0], status=where[1], seen=seen),
    )


def offer(node: Node, seen: dict[str, object] | None = None) -> Offer | None:
    """The seller, and the price where the answer has one; ``None`` where it tells neither."""
    item, price = node.item, node.price
    if item is None and price is None:
        return None
    sold_by = None
    if item and item.fulfillment and item.fulfillment.is_marketplace:
        vendors = [vendor.vendor_name for vendor in item.product_vendors or () if vendor.vendor_name]
        sold_by = plain(vendors[0]) if vendors else _SOMEBODY
        if seen is not None:
            seen["item.fulfillment.is_marketplace"] = True
    if price is None:
        return Offer(price=None, sold_by=sold_by)
    now, regular = dollars(price.current_retail), dollars(price.reg_retail)
    return Offer(price=now, sold_by=sold_by, regular_price=regular if now and regular != now else None)


def stock_nodes(document: object, sku: str) -> Iterator[Node]:
    """Every object anywhere in ``document`` that tells the stock or the price of ``sku``.

    The page's own answers change their address and nesting; what they say of a product
    does not. A cart line also has ``tcin`` and ``fulfillment``, and no shipping options.
    """
    for thing in _walk(document, sku):
        fulfillment = thing.get("fulfillment")
        has_stock = isinstance(fulfillment, Mapping) and "shipping_options" in fulfillment
        if has_stock or isinstance(thing.get("price"), Mapping):
            kept = dict(thing) if has_stock else {**thing, "fulfillment": None}
            yield msgspec.convert(kept, Node)


def _walk(document: object, sku: str) -> Iterator[Mapping[str, Any]]:
    level: list[object] = [document]
    for _ in range(_DEEPEST):
        below: list[object] = []
        for thing in level:
            if isinstance(thing, Mapping):
                if thing.get("tcin") == sku:
                    yield thing
                below.extend(thing.values())
            elif isinstance(thing, list):
                below.extend(thing)
        level = below


def _shipping(node: Node) -> tuple[Availability, str]:
    options = node.fulfillment.shipping_options if node.fulfillment else None
    if node.is_parent:
        return UNKNOWN, "has variants: watch one of them, their parent is never orderable"
    if options is None or not options.availability_status:
        return UNKNOWN, "no shipping status in the answer"
    word, promised = options.availability_status, options.available_to_promise_quantity
    availability = _SHIPPING.get(word)
    if availability is None:
        return UNKNOWN, f"unknown shipping status {word:.40}"
    if promised is not None and promised <= 0 and availability in (IN, LIMITED):
        return UNKNOWN, f"contradiction: shipping {word} with {promised:g} to promise"
    return availability, f"shipping {word}"


def _at_store(node: Node, store_id: str, seen: dict[str, object]) -> tuple[Availability, Availability]:
    """Order pickup and walking in, at the store that was asked for and at no other."""
    options = (node.fulfillment.store_options if node.fulfillment else None) or ()
    ours = [one for one in options if not store_id or one.location_id == store_id]
    if len(ours) != 1 or node.is_parent:
        return UNKNOWN, UNKNOWN
    store = ours[0]
    pickup = (store.order_pickup and store.order_pickup.availability_status) or ""
    in_store = (store.in_store_only and store.in_store_only.availability_status) or ""
    seen["store_options.location_id"] = store.location_id
    seen["store_options.order_pickup.availability_status"] = pickup
    seen["store_options.in_store_only.availability_status"] = in_store
    promised = store.location_available_to_promise_quantity
    seen["store_options.location_available_to_promise_quantity"] = promised
    orderable = _PICKUP.get(pickup, UNKNOWN)
    if promised is not None and promised <= 0 and orderable is not OUT:
        orderable = UNKNOWN  # a contradiction, as with shipping
    return orderable, _IN_STORE.get(in_store, UNKNOWN)
