"""What Target's JSON says about one product, and where in a document that may hide."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from functools import cache
from typing import Any

import msgspec

from shopwatch.domain.stock import UNNAMED_SELLER, Evidence, Observation, Offer, Product, Source
from shopwatch.retailers.reading import dollars, plain
from shopwatch.retailers.stock.target_facts import Facts, facts_of, judge
from shopwatch.retailers.stock.target_shape import Node

_DEEPEST = 60  #: levels of a page's own JSON that are searched; the real ones have about ten
_OWN = Offer(price=None)


def pick(nodes: Iterable[Node], sku: str) -> Node | None:
    """The node of ``sku`` among ``nodes`` and their children: the answer may be about its parent."""
    for node in nodes:
        if node.tcin == sku:
            return node
        for child in node.children or ():
            if child.tcin == sku:
                return child
    return None


def observe(
    node: Node, *, at: datetime, evidence: Callable[[Facts], Evidence], store_id: str = ""
) -> Observation:
    """One product's verdict; ``evidence`` knows which answer it stands in."""
    facts = facts_of(node, store_id)
    verdict = judge(facts)
    description = node.item.product_description if node.item else None
    return Observation(
        product=Product(
            retailer="target", sku=node.tcin, name=plain(description.title) if description else ""
        ),
        availability=verdict.availability,
        source=Source.API,
        observed_at=at,
        reason=verdict.reason,
        pickup=verdict.pickup,
        in_store=verdict.in_store,
        quantity=verdict.quantity,
        offer=offer(node),
        evidence=evidence(facts),
    )


def evidence_of(url: str, status: int) -> Callable[[Facts], Evidence]:
    """Make the evidence of one answer; products with the same fields share theirs."""

    @cache
    def evidence(facts: Facts) -> Evidence:
        return Evidence(url=url, status=status, seen=facts._asdict())

    return evidence


def offer(node: Node) -> Offer | None:
    """The seller, and the price where the answer has one; ``None`` where it tells neither."""
    item, price = node.item, node.price
    is_marketplace = item is not None and item.fulfillment is not None and item.fulfillment.is_marketplace
    if price is None and not is_marketplace:
        return _OWN if item else None
    vendors = (item.product_vendors if item else None) or ()
    named = next((vendor.vendor_name for vendor in vendors if vendor.vendor_name), UNNAMED_SELLER)
    sold_by = plain(named) if is_marketplace else None
    now, regular = (dollars(price.current_retail), dollars(price.reg_retail)) if price else (None, None)
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
