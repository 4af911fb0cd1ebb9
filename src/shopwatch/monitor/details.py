"""When the slow facts of a product (price, title, limit) are read: never before a look at its stock."""

from __future__ import annotations

import heapq
from collections.abc import Iterable

from shopwatch.domain.crawling import Page
from shopwatch.domain.stock import (
    Availability,
    Details,
    Evidence,
    Key,
    Observation,
    Offer,
    Product,
    Source,
)

SHARE = 0.25  #: details requests for each request for stock, at most
_RETRY_S = 300.0  #: seconds after which failed details are tried again


class DetailsPlan:
    """Whose details are due. A retailer's details wait until its stock requests have paid for them.

    Told a time that nobody sets.
    """

    def __init__(self, interval_s: float) -> None:
        self.interval_s = interval_s
        self._due: dict[str, list[tuple[float, str]]] = {}
        self._at: dict[Key, float] = {}
        self._credit: dict[str, float] = {}

    def watch(self, keys: Iterable[Key], now_s: float) -> None:
        """Plan these and no others; those already planned keep their turn."""
        wanted = set(keys)
        self._at = {key: self._at.get(key, now_s) for key in wanted}
        self._due = {}
        for (retailer, sku), at in self._at.items():
            self._due.setdefault(retailer, []).append((at, sku))
        for heap in self._due.values():
            heapq.heapify(heap)

    def hurry(self, key: Key, now_s: float) -> None:
        """Something happened to this product: its price matters now."""
        if key in self._at:
            self._set(key, now_s - self.interval_s)

    def paid(self, retailer: str) -> None:
        """A request for stock came back."""
        self._credit[retailer] = min(1.0, self._credit.get(retailer, 1.0) + SHARE)

    def take(self, retailer: str, now_s: float) -> str | None:
        """The SKU whose details may be read now, if any; it is due again an interval later."""
        if self._credit.get(retailer, 1.0) < 1.0:
            return None
        heap = self._due.get(retailer, [])
        while heap and heap[0][0] <= now_s:
            at, sku = heapq.heappop(heap)
            if self._at.get((retailer, sku)) == at:
                self._set((retailer, sku), now_s + self.interval_s)
                self._credit[retailer] = 0.0
                return sku
        return None

    def is_due(self, key: Key, now_s: float) -> bool:
        return self._at.get(key, float("inf")) <= now_s

    def done(self, key: Key, now_s: float) -> None:
        self._set(key, now_s + self.interval_s)

    def failed(self, key: Key, now_s: float) -> None:
        self._set(key, now_s + min(_RETRY_S, self.interval_s))

    def _set(self, key: Key, at_s: float) -> None:
        if key in self._at:
            self._at[key] = at_s
            heapq.heappush(self._due.setdefault(key[0], []), (at_s, key[1]))


def offer_seen(key: Key, details: Details, page: Page) -> Observation | None:
    """The price and seller of the details as an observation that says nothing about stock."""
    offer = details.offer
    if offer is None:
        return None
    return Observation(
        product=Product(retailer=key[0], sku=key[1], name=details.title),
        availability=Availability.UNKNOWN,
        source=Source.API,
        observed_at=page.fetched_at,
        reason="price and seller from the product's details",
        offer=offer,
        evidence=Evidence(url=page.request.url, status=page.status, seen=_as_seen(offer)),
    )


def _as_seen(offer: Offer) -> dict[str, object]:
    return {"price": str(offer.price) if offer.price else None, "sold_by": offer.sold_by or "the retailer"}
