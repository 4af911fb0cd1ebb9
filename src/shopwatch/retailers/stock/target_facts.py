"""The fields of Target's that decide, and the verdict they amount to: an allow-list of words."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from shopwatch.domain.stock import Availability
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
PICKUP = {"IN_STOCK": IN, "LIMITED_STOCK": LIMITED, "UNAVAILABLE": OUT, "OUT_OF_STOCK": OUT}
IN_STORE = {"IN_STOCK": IN, "LIMITED_STOCK": LIMITED, "OUT_OF_STOCK": OUT, "NOT_SOLD_IN_STORE": OUT}
_MOST_PIECES = 1_000_000  #: a larger number is no quantity


class Facts(NamedTuple):
    """The deciding fields as Target writes them; most products of an answer have the same."""

    relationship: str | None
    is_parent: bool
    shipping: str | None
    promised: float | None
    reason_code: str | None
    location_id: str | None
    pickup: str | None
    in_store: str | None
    at_store: float | None
    is_marketplace: bool | None


class Verdict(NamedTuple):
    availability: Availability
    reason: str
    pickup: Availability
    in_store: Availability
    quantity: int | None


def facts_of(node: Node, store_id: str) -> Facts:
    """The fields of the store that was asked for, and of no other."""
    item, fulfillment = node.item, node.fulfillment
    shipping = fulfillment.shipping_options if fulfillment else None
    stores = (fulfillment.store_options if fulfillment else None) or ()
    ours = [one for one in stores if not store_id or one.location_id == store_id]
    store = ours[0] if len(ours) == 1 else None
    return Facts(
        item.relationship_type_code if item else None,
        node.is_parent,
        shipping.availability_status if shipping else None,
        shipping.available_to_promise_quantity if shipping else None,
        shipping.reason_code if shipping else None,
        store.location_id if store else None,
        store.order_pickup.availability_status if store and store.order_pickup else None,
        store.in_store_only.availability_status if store and store.in_store_only else None,
        store.location_available_to_promise_quantity if store else None,
        item.fulfillment.is_marketplace if item and item.fulfillment else None,
    )


@lru_cache(maxsize=4096)
def judge(facts: Facts) -> Verdict:
    if facts.is_parent:
        return Verdict(
            UNKNOWN,
            "has variants: watch one of them, their parent is never orderable",
            UNKNOWN,
            UNKNOWN,
            None,
        )
    availability, reason = _shipping(facts.shipping, facts.promised)
    pickup = PICKUP.get(facts.pickup or "", UNKNOWN)
    if facts.at_store is not None and facts.at_store <= 0 and pickup is not OUT:
        pickup = UNKNOWN  # a contradiction, as with shipping
    in_store = IN_STORE.get(facts.in_store or "", UNKNOWN)
    counted = facts.promised is not None and 0 <= facts.promised <= _MOST_PIECES
    return Verdict(availability, reason, pickup, in_store, int(facts.promised or 0) if counted else None)


def _shipping(word: str | None, promised: float | None) -> tuple[Availability, str]:
    if not word:
        return UNKNOWN, "no shipping status in the answer"
    availability = _SHIPPING.get(word)
    if availability is None:
        return UNKNOWN, f"unknown shipping status {word:.40}"
    if promised is not None and promised <= 0 and availability in (IN, LIMITED):
        return UNKNOWN, f"contradiction: shipping {word} with {promised:g} to promise"
    return availability, f"shipping {word}"
