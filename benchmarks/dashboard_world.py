"""A dashboard's folder that has been in use for a year: products, their history, alerts, runs and stores."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from shopwatch.bootstrap.core import Core, opened
from shopwatch.bootstrap.paths import Paths
from shopwatch.config import documents
from shopwatch.domain.money import Money
from shopwatch.domain.run import RunOptions, RunState
from shopwatch.domain.stock import Availability, Evidence, Observation, Offer, Product, Source
from shopwatch.domain.stock_state import Alert, AlertKind
from shopwatch.domain.store import Store
from shopwatch.storage.many import insert_many
from shopwatch.storage.outbox import enqueue
from shopwatch.storage.stock_tables import price_points, restocks, stock_changes, stock_states

WORDS = ("Console", "Card box", "Plush", "Headset", "Blender", "Keyboard", "Doll house", "Puzzle", "Racer")
TAGS = ("games", "cards", "toys", "kitchen", "gifts")
STORES, RUNS, ALERTS = 4_600, 60, 400
IN, OUT = Availability.IN_STOCK, Availability.OUT_OF_STOCK
Rows = list[dict[str, Any]]


def skus(count: int) -> list[str]:
    return [str(90_000_000 + number) for number in range(count)]


async def furnish(paths: Paths, *, watches: int, days: int, seed: int = 1) -> int:
    """Write the folder; returns how many changes of stock its database holds."""
    chance = random.Random(seed)
    paths.config_dir.mkdir(parents=True, exist_ok=True)
    paths.data_dir.mkdir(parents=True, exist_ok=True)
    listed = {sku: _settings(chance, number) for number, sku in enumerate(skus(watches))}
    (paths.config_dir / "shopwatch.yaml").write_text(documents.dump({"products": listed}))
    async with opened(paths) as core:
        changes = 0
        for begin in range(0, watches, 100):
            changes += await _past(core, chance, skus(watches)[begin : begin + 100], days, first=changes)
        await _alerts(core)
        await _directories(core, chance)
        await plan(core, watches)
        return changes


async def plan(core: Core, watches: int) -> None:
    """What a monitor lays out every second."""
    now = datetime.now(UTC)
    plans = {
        f"target:{sku}": [now.timestamp() + 5 + number % 25, "4 of its 5 restocks came 07:00-09:00"]
        for number, sku in enumerate(skus(watches))
    }
    performance = {"checks_per_s": 35.0, "latency_ms": {"p50": 40.0, "p95": 80.0}, "sweep_s": {"target": 1.9}}
    document = {
        "plans": plans,
        "mode": "test",
        "performance": performance,
        "written_at": now.isoformat(),
        "retailers": {"target": {"stretch": 1.0, "requests_per_second": 1.2}},
    }
    await core.notebook.write("monitor", document)


def observation(sku: str, availability: Availability, cents: int, at: datetime) -> Observation:
    word = availability.value
    return Observation(
        product=Product(retailer="target", sku=sku),
        availability=availability,
        source=Source.API,
        observed_at=at,
        reason=f"shipping: {word}",
        offer=Offer(price=Money(cents)),
        evidence=Evidence(url="https://redsky.example/x", status=200, seen={"availability_status": word}),
    )


def _settings(chance: random.Random, number: int) -> dict[str, Any]:
    return {
        "name": f"{WORDS[number % len(WORDS)]} {number}, the long-titled edition of a well-known maker",
        "max_price": float(chance.randint(20, 400)),
        "check_frequency": chance.choice((10, 30, 60)),
        "tags": chance.sample(TAGS, chance.randint(0, 2)),
    }


async def _past(core: Core, chance: random.Random, some: list[str], days: int, *, first: int) -> int:
    """A year of two restocks a week and a price that moves, for some products, in one transaction."""
    now = datetime.now(UTC)
    came: Rows = []
    changed: Rows = []
    priced: Rows = []
    stands: Rows = []
    for sku in some:
        cents = chance.randint(1_000, 40_000)
        last = None
        for at, until in _stays(chance, now, days):
            seen = observation(sku, IN, cents, at)
            key = {"retailer": "target", "sku": sku}
            came.append(
                {**key, "at": at, "observation": seen, "confirmation": "confirmed", "ended_at": until}
            )
            changed += [_change(key, at, OUT, IN, cents), _change(key, until, IN, OUT, cents)]
            last = at
            if chance.random() < 0.5:
                cents = max(500, round(cents * chance.uniform(0.85, 1.17)))
                priced.append({**key, "at": at, "price_cents": cents, "price_currency": "USD"})
        stands.append(_stand(sku, now, cents, last))

    def work(connection: Any) -> None:
        for table, rows in (
            (restocks, came), (stock_changes, changed), (price_points, priced), (stock_states, stands),
        ):  # fmt: skip
            insert_many(connection, table, rows)

    await core.database.write(work)
    return len(changed)


def _stays(chance: random.Random, now: datetime, days: int) -> Iterator[tuple[datetime, datetime]]:
    at = now - timedelta(days=days)
    while True:
        at += timedelta(hours=chance.expovariate(1 / 84))
        until = at + timedelta(minutes=chance.uniform(3, 240))
        if until >= now:
            return
        yield at, until
        at = until


def _change(
    key: Mapping[str, str], at: datetime, was: Availability, now: Availability, cents: int
) -> dict[str, Any]:
    seen = {"availability": now.value, "pickup": now.value, "in_store": "unknown"}
    price = {"price_cents": cents, "price_currency": "USD"}
    return {**key, "at": at, "was": was.value, **seen, **price, "source": "api", "reason": "shipping"}


def _stand(sku: str, now: datetime, cents: int, last: datetime | None) -> dict[str, Any]:
    return {
        "retailer": "target", "sku": sku, "version": 1, "availability": "out_of_stock",
        "pickup": "out_of_stock", "in_store": "unknown", "price_cents": cents, "price_currency": "USD",
        "title": f"Site's own title of {sku}", "since": last, "last_checked": now, "last_restock": last,
    }  # fmt: skip


async def _alerts(core: Core) -> None:
    alerts = [
        Alert(
            key=f"restock:{number}", kind=AlertKind.RESTOCK, retailer="target", sku=sku, facts={"name": sku}
        )
        for number, sku in enumerate(skus(ALERTS))
    ]
    now = datetime.now(UTC)
    await core.database.write(lambda connection: list(enqueue(connection, alerts, now)))


async def _directories(core: Core, chance: random.Random) -> None:
    for retailer in ("verizon", "target"):
        stores = [_store(chance, retailer, number) for number in range(STORES)]
        await core.stores.import_baseline(retailer, stores, datetime.now(UTC))
        for day in range(RUNS):
            at = datetime.now(UTC) - timedelta(days=RUNS - day)
            run = await core.runs.create(retailer, RunOptions(), at)
            await core.runs.move(run.run_id, [RunState.PENDING], RunState.COMPLETE, now=at)


def _store(chance: random.Random, retailer: str, number: int) -> Store:
    return Store(
        retailer=retailer,
        ref=str(number),
        name=f"Store {number}",
        address=(f"{number} Main Street",),
        city="Reno",
        state="NV",
        postcode="89501",
        lat=chance.uniform(26, 48),
        lon=chance.uniform(-123, -68),
    )


def paths_in(folder: Path) -> Paths:
    return Paths(config_dir=folder / "config", data_dir=folder / "data")
