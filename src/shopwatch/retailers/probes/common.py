"""What the probes share: without it each would build its observations in its own way."""

from __future__ import annotations

import re
from collections.abc import Mapping

from shopwatch.domain.money import Money
from shopwatch.domain.probe import Element, Sighting
from shopwatch.domain.stock import Availability, Evidence, Observation, Offer, Product, Source

IN, OUT, UNKNOWN = Availability.IN_STOCK, Availability.OUT_OF_STOCK, Availability.UNKNOWN
_PRICE = re.compile(r"\$\s?(\d[\d,]*(?:\.\d\d)?)(?!\s*(?:/|per|a month))")
_LONGEST = 120  #: characters of a text that is kept as evidence


def price_in(element: Element | None) -> Money | None:
    """The one price an element shows; ``None`` for none, for several, and for "see price in cart"."""
    found = {price.replace(",", "") for price in _PRICE.findall(element.text if element else "")}
    return Money.parse(found.pop()) if len(found) == 1 else None


def agreed(first: Availability, second: Availability) -> Availability:
    """What two witnesses say together: one may be silent, but at odds they say nothing."""
    if UNKNOWN in (first, second):
        return second if first is UNKNOWN else first
    if first.is_buyable and second.is_buyable:
        return second if first is IN else first
    return first if first is second else UNKNOWN


def observed(
    sighting: Sighting,
    product: Product,
    availability: Availability,
    reason: str,
    *,
    pickup: Availability = UNKNOWN,
    in_store: Availability = UNKNOWN,
    quantity: int | None = None,
    offer: Offer | None = None,
    seen: Mapping[str, object] | None = None,
) -> Observation:
    """A browser's observation, with the elements that decided as evidence."""
    shown = {name: [_told(one) for one in elements[:2]] for name, elements in sighting.elements.items()}
    evidence = {"title": sighting.title[:_LONGEST], "elements": shown, **(seen or {})}
    return Observation(
        product=product,
        availability=availability,
        source=Source.BROWSER,
        observed_at=sighting.page.fetched_at,
        reason=reason,
        pickup=pickup,
        in_store=in_store,
        quantity=quantity,
        offer=offer,
        evidence=Evidence(url=sighting.page.url, status=sighting.page.status, seen=evidence),
    )


def _told(element: Element) -> dict[str, object]:
    return {
        "text": element.text[:_LONGEST],
        "enabled": element.enabled,
        "visible": element.visible,
        **element.attributes,
    }
