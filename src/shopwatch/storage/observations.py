"""The stock states: a change is decided by the database, once, and commits with all that follows from it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from shopwatch.domain.stock import Availability, Evidence, Key, Observation
from shopwatch.domain.stock_state import Alert, Change, Decide, StockState, Transition
from shopwatch.ports import CheckTally, Restock
from shopwatch.storage import consequences, rollups
from shopwatch.storage.database import Database
from shopwatch.storage.many import insert_many, insert_new
from shopwatch.storage.sql import Columns, Row, claim, insert, money_columns, money_of
from shopwatch.storage.stock_tables import stock_states

_DETAILS = ("title", "purchase_limit", "image_url")
#: What a compare-and-set writes. Details are left out: another process may have stored better ones meanwhile.
_REPLACED = tuple(
    column.name for column in stock_states.c if column.name not in ("retailer", "sku", *_DETAILS)
)
_REPLACE = (
    stock_states.update()
    .where(
        stock_states.c.retailer == sa.bindparam("of_retailer"),
        stock_states.c.sku == sa.bindparam("of_sku"),
        stock_states.c.version == sa.bindparam("before"),
    )
    .values({name: sa.bindparam(f"new_{name}", type_=stock_states.c[name].type) for name in _REPLACED})
)
_Step = tuple[Change, Transition]  #: a change and what decided it


class Glance(NamedTuple):
    """Whether a state that somebody has read is still the present one."""

    version: int
    last_checked: datetime | None
    title: str
    image_url: str | None


class SqlObservations:
    """Of many monitors that see one change, one is told; its alerts are in the outbox when it hears of it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def load(self) -> dict[Key, StockState]:
        def work(connection: Connection) -> dict[Key, StockState]:
            rows = connection.execute(sa.select(stock_states)).mappings()
            return {state.key: state for state in map(_state, rows)}

        return await self._database.read(work)

    async def states(self, keys: Iterable[Key]) -> dict[Key, StockState]:
        """Those of some products, for a reader that keeps the others."""
        wanted = frozenset(keys)
        return await self._database.read(lambda connection: _states(connection, wanted))

    async def glances(self) -> dict[Key, Glance]:
        """Of every product what changes without an event, for a reader of all that has to stay current."""
        names = ("retailer", "sku", "version", "last_checked", "title", "image_url")
        query = sa.select(*(stock_states.c[name] for name in names))
        rows = await self._database.read(lambda connection: connection.execute(query).all())
        return {(retailer, sku): Glance(*rest) for retailer, sku, *rest in rows}

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

    async def unconfirmed(self) -> list[Restock]:
        return await self._database.read(consequences.unconfirmed)


def _record(connection: Connection, seen: Sequence[Observation], decide: Decide) -> list[Change]:
    states = _states(connection, {one.product.key for one in seen})
    accepted = _first_looks(connection, states, seen, decide)
    # By key, so that two monitors with the same products do not wait for each other crosswise.
    for index in sorted(range(len(seen)), key=lambda index: seen[index].product.key):
        if index not in accepted:
            accepted[index] = _apply(connection, states, seen[index], decide)
    steps = (accepted[index] for index in range(len(seen)))
    return consequences.write(connection, [step for step in steps if step is not None])


def _first_looks(
    connection: Connection, states: dict[Key, StockState], seen: Sequence[Observation], decide: Decide
) -> dict[int, _Step | None]:
    """Write the products never seen before in one statement: the first sweep has 50,000 of them.

    Those another monitor wrote first are left to be decided anew.
    """
    first: dict[Key, int] = {}
    for index, observation in enumerate(seen):
        if observation.product.key not in states:
            first.setdefault(observation.product.key, index)
    steps = {key: _decided(StockState(key=key), seen[index], decide) for key, index in first.items()}
    rows = [_columns(step[0].after) for _, step in sorted(steps.items()) if step is not None]
    if rows:
        ours = _insert_first(connection, rows)
        states.update(_states(connection, [key for key, step in steps.items() if step and key not in ours]))
        states.update((key, step[0].after) for key, step in steps.items() if step and key in ours)
        return {index: steps[key] for key, index in first.items() if steps[key] is None or key in ours}
    return dict.fromkeys(first.values())


def _insert_first(connection: Connection, rows: Sequence[Columns]) -> set[tuple[object, ...]]:
    """Insert states that were not there when this transaction looked; returns the keys that are ours."""
    if connection.dialect.name == "postgresql":
        return insert_new(connection, stock_states, rows, keys=("retailer", "sku"))
    insert_many(connection, stock_states, rows)  # on SQLite nobody else can have written since
    return {(row["retailer"], row["sku"]) for row in rows}


def _apply(
    connection: Connection, states: dict[Key, StockState], observation: Observation, decide: Decide
) -> _Step | None:
    """Try until the state in the database is the one that was decided upon."""
    key = observation.product.key
    while True:
        known = states.get(key)
        step = _decided(known or StockState(key=key), observation, decide)
        if step is None:
            return None
        if _replace(connection, step[0].before, step[0].after, exists=known is not None):
            states[key] = step[0].after
            return step
        states.update(_states(connection, {key}))


def _decided(before: StockState, observation: Observation, decide: Decide) -> _Step | None:
    transition = decide(before, observation)
    if transition is None:
        return None
    after, version = transition.after, before.version + 1
    if after.key != before.key or after.version != version:  # what counts is what the database has
        after = replace(after, key=before.key, version=version)
    return Change(before=before, after=after, observation=observation), transition


def _replace(connection: Connection, before: StockState, after: StockState, *, exists: bool) -> bool:
    """Compare-and-set: the row count decides, not what was read before."""
    columns = _columns(after)
    if not exists:
        return claim(connection, stock_states, columns)
    values = {f"new_{name}": columns[name] for name in _REPLACED}
    of_row = {"of_retailer": before.key[0], "of_sku": before.key[1], "before": before.version}
    if connection.execute(_REPLACE, {**values, **of_row}).rowcount != 1:
        return False
    if any(getattr(before, name) != getattr(after, name) for name in _DETAILS):
        connection.execute(_row_of(before.key).values({name: columns[name] for name in _DETAILS}))
    return True


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
        "availability": state.availability,
        "pickup": state.pickup,
        "in_store": state.in_store,
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
