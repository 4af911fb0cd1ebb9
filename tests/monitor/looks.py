"""Watches, states and observations with only what a test is about."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from shopwatch.domain.money import Money
from shopwatch.domain.stock import Availability, Evidence, Observation, Offer, Product, Source
from shopwatch.domain.stock_state import StockState, Transition
from shopwatch.domain.watch import Watch
from shopwatch.monitor.rules import Rules
from shopwatch.monitor.transition import judge

IN, OUT, UNKNOWN = Availability.IN_STOCK, Availability.OUT_OF_STOCK, Availability.UNKNOWN
NOON = datetime(2026, 9, 1, 12, 0, tzinfo=UTC)
SKU = "89542109"
KEY = ("target", SKU)


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def dollars(text: str) -> Money:
    return Money.parse(text)


def watch(**changes: Any) -> Watch:
    return replace(Watch(retailer="target", sku=SKU, name="Trainer Box"), **changes)


def rules(**changes: Any) -> Rules:
    return Rules(watch=watch(**changes), url="https://www.target.com/p/-/A-89542109", tell_end=True)


def seen(
    shipping: Availability = UNKNOWN,
    *,
    when: float = 0,
    sku: str = SKU,
    price: str | None = None,
    sold_by: str | None = None,
    **changes: Any,
) -> Observation:
    offer = Offer(price=dollars(price) if price else None, sold_by=sold_by)
    observation = Observation(
        product=Product(retailer="target", sku=sku, name="Trainer Box"),
        availability=shipping,
        source=Source.API,
        observed_at=at(when),
        reason=f"shipping {shipping}",
        offer=offer if price or sold_by else None,
        evidence=Evidence(url="https://redsky/x", status=200, seen={"status": str(shipping)}),
    )
    return replace(observation, **changes)


def known(shipping: Availability = OUT, **changes: Any) -> StockState:
    state = StockState(
        key=KEY, version=1, availability=shipping, pickup=OUT, since=at(-600), title="Trainer Box"
    )
    return replace(state, **changes)


def after(
    state: StockState, looks: Iterable[Observation], given: Rules | None = None
) -> tuple[StockState, list[Transition]]:
    """The state after ``looks``, and every transition on the way."""
    made = []
    for look in looks:
        transition = judge(state, look, given or rules())
        if transition is not None:
            state = transition.after
            made.append(transition)
    return state, made
