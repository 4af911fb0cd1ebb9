"""The stock states: a change is decided by the database, once, and commits with all that follows from it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from shopwatch.domain.stock import Availability, Evidence, Key, Observation
from shopwatch.domain.stock_state import Alert, Change, Decide, StockState, Transition
from shopwatch.ports import CheckTally
from shopwatch.storage import consequences, rollups
from shopwatch.storage.database import Database
from shopwatch.storage.sql import Row, claim, insert, money_columns, money_of
from shopwatch.storage.stock_tables import stock_states

_DETAILS = ("title", "purchase_limit", "image_url")


class SqlObservations:
    """Of many monitors that see one change, one is told; its alerts are in the outbox when it hears of it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def load(self) -> dict[Key, StockState]:
        def work(connection: Connection) -> dict[Key, StockState]:
            rows = connection.execute(sa.select(stock_states)).mappings()
            return {state.key: state for state in map(_state, rows)}

        return await self._database.read(work)

    async def record(self, seen: Sequence[Observation], decide: Decide) -> list[Change]:
        if not seen:
            return []
        return await self._database.write(lambda connection: _record(connection, seen, decide))

    async def checked(self, tallies: Sequence[CheckTally]) -> None:
        await rollups.add(self._database, tallies)

    async def save_details(self, states: Sequence[StockState]) -> None:
        if not states:
            return

        def work(connection: Connection) -> None:
            statement = insert(connection, stock_states)
            details = {name: statement.excluded[name] for name in _DETAILS}
            keep = statement.on_conflict_do_update(index_elements=["retailer", "sku"], set_=details)
            # A product never seen gets a row of version 0, which says nothing but its details.
            rows = [_columns(_only_details(state)) for state in sorted(states, key=lambda one: one.key)]
            connection.execute(keep, rows)

        await self._database.write(work)

    async def confirm(
        self, restock_id: int, verdict: str, evidence: Evidence | None, alert: Alert | None
    ) -> bool:
        now = self._database.now()
        return await self._database.write(
            lambda connection: consequences.confirm(
                connection, restock_id, verdict, evidence, alert=alert, now=now
            )
        )


def _record(connection: Connection, seen: Sequence[Observation], decide: Decide) -> list[Change]:
    states = _states(connection, {one.product.key for one in seen})
    accepted: dict[int, tuple[Change, Transition]] = {}
    # By key, so that two monitors with the same products do not wait for each other crosswise.
    for index in sorted(range(len(seen)), key=lambda index: seen[index].product.key):
        step = _apply(connection, states, seen[index], decide)
        if step is not None:
            accepted[index] = step
    return consequences.write(connection, [accepted[index] for index in sorted(accepted)])


def _apply(
    connection: Connection, states: dict[Key, StockState], observation: Observation, decide: Decide
) -> tuple[Change, Transition] | None:
    """Try until the state in the database is the one that was decided upon."""
    key = observation.product.key
    while True:
        known = states.get(key)
        before = known or StockState(key=key)
        transition = decide(before, observation)
        if transition is None:
            return None
        after = replace(transition.after, key=key, version=before.version + 1)
        if _replace(connection, before, after, exists=known is not None):
            states[key] = after
            return Change(before=before, after=after, observation=observation), transition
        states.update(_states(connection, {key}))


def _replace(connection: Connection, before: StockState, after: StockState, *, exists: bool) -> bool:
    """Compare-and-set: the row count decides, not what was read before."""
    columns = _columns(after)
    if not exists:
        return claim(connection, stock_states, columns)
    kept = {name for name in _DETAILS if getattr(before, name) == getattr(after, name)}
    values = {name: value for name, value in columns.items() if name not in kept}
    statement = _row_of(before.key).where(stock_states.c.version == before.version)
    return connection.execute(statement.values(**values)).rowcount == 1


def _row_of(key: Key) -> sa.Update:
    return stock_states.update().where(stock_states.c.retailer == key[0], stock_states.c.sku == key[1])


def _states(connection: Connection, keys: Iterable[Key]) -> dict[Key, StockState]:
    of_retailer: dict[str, list[str]] = defaultdict(list)
    for retailer, sku in keys:
        of_retailer[retailer].append(sku)
    found: dict[Key, StockState] = {}
    for retailer, skus in of_retailer.items():
        query = sa.select(stock_states).where(
            stock_states.c.retailer == retailer, stock_states.c.sku.in_(skus)
        )
        found.update((state.key, state) for state in map(_state, connection.execute(query).mappings()))
    return found


def _only_details(state: StockState) -> StockState:
    return StockState(
        key=state.key,
        title=state.title,
        purchase_limit=state.purchase_limit,
        image_url=state.image_url,
    )


def _columns(state: StockState) -> dict[str, object]:
    return {
        "retailer": state.key[0],
        "sku": state.key[1],
        "version": state.version,
        "availability": state.availability.value,
        "pickup": state.pickup.value,
        "in_store": state.in_store.value,
        **money_columns("price", state.price),
        **money_columns("regular", state.regular_price),
        "sold_by": state.sold_by,
        "title": state.title,
        "purchase_limit": state.purchase_limit,
        "image_url": state.image_url,
        "since": state.since,
        "last_checked": state.last_checked,
        "last_restock": state.last_restock,
        "held": state.held,
    }


def _state(row: Row) -> StockState:
    held: Mapping[str, object] = row["held"]
    return StockState(
        key=(row["retailer"], row["sku"]),
        version=row["version"],
        availability=Availability(row["availability"]),
        pickup=Availability(row["pickup"]),
        in_store=Availability(row["in_store"]),
        price=money_of(row, "price"),
        regular_price=money_of(row, "regular"),
        sold_by=row["sold_by"],
        title=row["title"],
        purchase_limit=row["purchase_limit"],
        image_url=row["image_url"],
        since=row["since"],
        last_checked=row["last_checked"],
        last_restock=row["last_restock"],
        held=held,
    )
