"""Short ways to say what the storage tests are about; everything else gets a plain value."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from shopwatch.domain.crawling import Request
from shopwatch.domain.money import Money
from shopwatch.domain.run import PhaseProgress, RunError
from shopwatch.domain.stock import Availability, Evidence, Observation, Offer, Product, Source
from shopwatch.domain.stock_state import Alert, AlertKind, StockState, Transition
from shopwatch.domain.store import Store
from shopwatch.storage.crawl_tables import frontier
from shopwatch.storage.database import Database

NOON = datetime(2026, 1, 17, 12, 0, 0, 123456, tzinfo=UTC)
IN_STOCK, OUT = Availability.IN_STOCK, Availability.OUT_OF_STOCK


def minutes(number: float) -> timedelta:
    return timedelta(minutes=number)


def seen(
    availability: Availability = IN_STOCK,
    *,
    sku: str = "89542109",
    at: datetime = NOON,
    price: str | None = "49.99",
    retailer: str = "target",
    pickup: Availability = OUT,
    in_store: Availability = OUT,
    evidence: Mapping[str, object] | None = None,
) -> Observation:
    return Observation(
        product=Product(retailer=retailer, sku=sku),
        availability=availability,
        pickup=pickup,
        in_store=in_store,
        source=Source.API,
        observed_at=at,
        offer=None if price is None else Offer(price=Money.parse(price)),
        evidence=Evidence(url="https://example.test/x", status=200, seen=evidence or {"status": "IN_STOCK"}),
    )


def believe(before: StockState, observation: Observation) -> Transition | None:
    """The plainest decision: what is seen is true; buyable after not buyable is a restock, told once."""
    price = observation.offer.price if observation.offer else before.price
    after = replace(
        before,
        availability=observation.availability,
        pickup=observation.pickup,
        in_store=observation.in_store,
        price=price,
        since=observation.observed_at,
    )
    if after == replace(before, since=observation.observed_at):
        return None
    is_restock = after.availability.is_buyable and not before.availability.is_buyable
    alert = Alert(
        key="restock:{restock}",
        kind=AlertKind.RESTOCK,
        retailer=before.key[0],
        sku=before.key[1],
        facts={"page": "/restocks/{restock}"},
    )
    return Transition(
        after=after, is_restock=is_restock, is_change=True, alerts=(alert,) if is_restock else ()
    )


def page(name: str, phase: str = "extract") -> Request:
    return Request(url=f"https://att.test/stores/{name}", phase=phase)


def store(ref: str, *, retailer: str = "att", name: str = "", **more: object) -> Store:
    return replace(Store(retailer=retailer, ref=ref, name=name or f"Store {ref}"), **more)  # type: ignore[arg-type]


def failure(error_class: str = "time_out", at: datetime = NOON) -> RunError:
    return RunError(at=at, error_class=error_class, message="no answer", url="https://att.test/stores/x")


async def recounted(database: Database, run_id: str) -> tuple[PhaseProgress, ...]:
    """The progress of a run counted page by page: what it is told as must always agree."""
    query = sa.select(frontier.c.phase, frontier.c.state).where(frontier.c.run_id == run_id)
    rows = await database.read(lambda connection: connection.execute(query.order_by(frontier.c.id)).all())
    states: dict[str, Counter[str]] = {}
    for phase, state in rows:
        states.setdefault(phase, Counter())[state] += 1
    return tuple(
        PhaseProgress(name=name, total=one.total(), completed=one["done"], failed=one["failed"])
        for name, one in states.items()
    )
