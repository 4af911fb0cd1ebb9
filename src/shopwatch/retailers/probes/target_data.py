"""What Target's product page fetched by itself, wherever it stands in which answer: one voice of several."""

from __future__ import annotations

from dataclasses import replace

from shopwatch.domain.errors import LayoutChanged
from shopwatch.domain.probe import Sighting
from shopwatch.domain.stock import Availability, Observation, Offer
from shopwatch.retailers.reading import UNREADABLE
from shopwatch.retailers.stock.target_answer import read_any
from shopwatch.retailers.stock.target_reading import stock_nodes


def tells_stock(document: object, sku: str) -> bool:
    try:
        return any(node.fulfillment for node in stock_nodes(document, sku))
    except (*UNREADABLE, TypeError):  # an answer about something else
        return False


def told_by_answers(sighting: Sighting, sku: str) -> Observation | None:
    """Stock, price and name as the answers tell them together; ``None`` if none is about this product."""
    seen = [one for document in sighting.answers if (one := _read(document, sku, sighting))]
    if not seen:
        return None
    told = [one for one in seen if one.availability is not Availability.UNKNOWN]
    best = told[0] if told else seen[0]
    if len({one.availability for one in told}) > 1:
        best = replace(best, availability=Availability.UNKNOWN, reason="the page's own answers disagree")
    name = next((one.product.name for one in seen if one.product.name), "")
    return replace(best, offer=_offer(seen), product=replace(best.product, name=name))


def _read(document: object, sku: str, sighting: Sighting) -> Observation | None:
    try:
        return read_any(document, sku, sighting.page)
    except LayoutChanged:
        return None


def _offer(seen: list[Observation]) -> Offer | None:
    offers = [one.offer for one in seen if one.offer]
    sold_by = next((one.sold_by for one in offers if one.sold_by), None)
    priced = next((one for one in offers if one.price), None)
    if priced is None:
        return offers[0] if offers else None
    return replace(priced, sold_by=priced.sold_by or sold_by)
