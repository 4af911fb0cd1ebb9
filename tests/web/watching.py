"""Lays watches, states, restocks and alerts into a dashboard's folder and database."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from tests.dashboard_fixture import Dashboard

from shopwatch.bootstrap.core import Core
from shopwatch.config import documents
from shopwatch.domain.money import Money
from shopwatch.domain.stock import Availability, Evidence, Observation, Offer, Product, Source
from shopwatch.domain.stock_state import Alert, AlertKind, Change, StockState, Transition

IN, OUT = Availability.IN_STOCK, Availability.OUT_OF_STOCK


async def watching(dashboard: Dashboard, products: dict[str, dict[str, object]]) -> None:
    """Make ``products`` the watch list."""
    path = dashboard.core.folder.path / "shopwatch.yaml"
    path.write_text("# mine\n" + documents.dump({"products": products}))
    await dashboard.services.reload()


async def seen(
    dashboard: Dashboard,
    sku: str,
    availability: Availability,
    *,
    dollars: float | None = 49.99,
    at: datetime | None = None,
    retailer: str = "target",
) -> Change | None:
    """Record what a check saw."""
    return await record(
        dashboard.core,
        sku,
        availability,
        dollars=dollars,
        at=at or datetime.now(UTC) - timedelta(minutes=1),
        retailer=retailer,
    )


async def record(
    core: Core,
    sku: str,
    availability: Availability,
    *,
    at: datetime,
    dollars: float | None = None,
    retailer: str = "target",
) -> Change | None:
    """The same for a core."""
    price = None if dollars is None else Money(round(dollars * 100))
    observation = Observation(
        product=Product(retailer=retailer, sku=sku),
        availability=availability,
        source=Source.API,
        observed_at=at,
        reason=f"the site says {availability.value}",
        offer=Offer(price=price) if price else None,
        evidence=Evidence(url="https://redsky.example/x", status=200, seen={"word": availability.value}),
    )
    changes = await core.observations.record([observation], _decide)
    return changes[0] if changes else None


def _decide(before: StockState, observation: Observation) -> Transition | None:
    if observation.availability is before.availability:
        return None
    is_restock = observation.availability.is_buyable
    after = replace(
        before,
        availability=observation.availability,
        price=observation.offer.price if observation.offer else before.price,
        since=observation.observed_at,
        last_checked=observation.observed_at,
        last_restock=observation.observed_at if is_restock else before.last_restock,
    )
    alert = Alert(
        key="restock:{restock}",
        kind=AlertKind.RESTOCK,
        retailer=before.key[0],
        sku=before.key[1],
        facts={"restock": "{restock}"},
    )
    return Transition(after=after, is_change=True, is_restock=is_restock, alerts=(alert,) * is_restock)
