"""How a run becomes the last good set: store by store, with the change feed, in one transaction."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from shopwatch.domain.errors import Conflict
from shopwatch.domain.run import RunState
from shopwatch.ports import KnownStore, Publication, StoreChange
from shopwatch.storage import events
from shopwatch.storage.columns import hash_of, microseconds, to_json
from shopwatch.storage.crawl_tables import (
    frontier,
    page_validators,
    published_sets,
    run_stores,
    runs,
    store_changes,
    stores,
)
from shopwatch.storage.crawled_stores import store_of
from shopwatch.storage.many import insert_many
from shopwatch.storage.sql import put

_PUBLISHABLE = (RunState.RUNNING.value, RunState.COMPLETE.value, RunState.HELD.value)


@dataclass(frozen=True, slots=True)
class _Origin:
    """Where a store was read, and how its page gave it."""

    key_hash: bytes | None
    page_body: str | None


def publish(connection: Connection, run_id: str, now: datetime, publication: Publication | None) -> None:
    note = publication.note if publication else ""
    retailer = _complete(connection, run_id, now, note)
    _refuse_older(connection, run_id, retailer)
    origins = _origins(connection, run_id, retailer)
    told = publication or Publication(known=tuple(_as_they_are(connection, run_id, retailer, now)))
    replace_set(connection, retailer, told.known, origins)
    write_changes(connection, told.changes)
    _keep_validators(connection, run_id, retailer)
    name_set(connection, retailer, run_id, now, told.known)
    events.append(connection, [events.of_run(run_id, retailer, RunState.COMPLETE, now)])


def replace_set(
    connection: Connection, retailer: str, known: Sequence[KnownStore], origins: dict[str, _Origin]
) -> None:
    connection.execute(stores.delete().where(stores.c.retailer == retailer))
    rows = [_columns(retailer, one, origins.get(one.store.ref)) for one in known]
    insert_many(connection, stores, rows)


def write_changes(connection: Connection, changes: Sequence[StoreChange]) -> None:
    rows = [
        {
            "at": change.at,
            "retailer": change.retailer,
            "ref": change.ref,
            "kind": change.kind,
            "run_id": change.run_id,
            "before": change.before,
            "after": change.after,
        }
        for change in changes
    ]
    insert_many(connection, store_changes, rows)


def name_set(
    connection: Connection, retailer: str, run_id: str, now: datetime, known: Sequence[KnownStore]
) -> None:
    count = sum(one.closed_at is None for one in known)
    row = {"retailer": retailer, "run_id": run_id, "at": now, "stores": count}
    put(connection, published_sets, [row], keys=("retailer",))


def _complete(connection: Connection, run_id: str, now: datetime, note: str) -> str:
    """Two people may accept a run at once: the database lets one through."""
    statement = (
        runs.update()
        .where(runs.c.run_id == run_id, runs.c.state.in_(_PUBLISHABLE), runs.c.published_at.is_(None))
        .values(
            state=RunState.COMPLETE.value,
            published_at=now,
            completed_at=sa.func.coalesce(runs.c.completed_at, microseconds(now)),
            message=note or runs.c.message,
        )
        .returning(runs.c.retailer)
    )
    retailer = connection.execute(statement).scalar()
    if retailer is None:
        raise Conflict(f"The run {run_id} cannot be published: it is published already, or not finished")
    return str(retailer)


def _refuse_older(connection: Connection, run_id: str, retailer: str) -> None:
    started = sa.select(runs.c.started_at).where(runs.c.run_id == run_id).scalar_subquery()
    later = sa.select(runs.c.run_id).where(
        runs.c.retailer == retailer, runs.c.published_at.is_not(None), runs.c.started_at > started
    )
    other = connection.execute(later.limit(1)).scalar()
    if other is not None:
        raise Conflict(f"The run {run_id} cannot be published: the later run {other} is published already")


def _origins(connection: Connection, run_id: str, retailer: str) -> dict[str, _Origin]:
    """By ref; what this run read replaces what was known of the page."""
    known = sa.select(stores.c.ref, stores.c.key_hash, stores.c.page_body)
    read = sa.select(run_stores.c.ref, run_stores.c.key_hash, run_stores.c.body)
    rows = [
        *connection.execute(known.where(stores.c.retailer == retailer)),
        *connection.execute(read.where(run_stores.c.run_id == run_id)),
    ]
    return {ref: _Origin(key_hash, body) for ref, key_hash, body in rows}


def _as_they_are(connection: Connection, run_id: str, retailer: str, now: datetime) -> Iterable[KnownStore]:
    query = sa.select(stores.c.ref, stores.c.first_seen).where(stores.c.retailer == retailer)
    first_seen = {row.ref: row.first_seen for row in connection.execute(query)}
    bodies = sa.select(run_stores.c.ref, run_stores.c.body).where(run_stores.c.run_id == run_id)
    for ref, body in connection.execute(bodies.order_by(run_stores.c.ref)):
        yield KnownStore(store=store_of(body), first_seen=first_seen.get(ref, now), last_seen=now)


def _columns(retailer: str, one: KnownStore, origin: _Origin | None) -> dict[str, object]:
    body = to_json(one.store)
    key_hash = origin.key_hash if origin else None
    if key_hash is None and one.store.url:
        key_hash = hash_of(one.store.url)
    page_body = origin.page_body if origin else None
    return {
        "retailer": retailer,
        "ref": one.store.ref,
        "key_hash": key_hash,
        "lat": one.store.lat,
        "lon": one.store.lon,
        "body": body,
        "page_body": None if page_body == body else page_body,
        "first_seen": one.first_seen,
        "last_seen": one.last_seen,
        "missed_runs": one.missed_runs,
        "pending_hours": one.pending_hours,
        "closed_at": one.closed_at,
    }


def _keep_validators(connection: Connection, run_id: str, retailer: str) -> None:
    """Only what the published pages said: a validator of a page that was not published would answer
    "not modified" for a store the set does not have."""
    done = sa.and_(frontier.c.run_id == run_id, frontier.c.state == "done")
    of_set = sa.select(stores.c.key_hash).where(stores.c.retailer == retailer, stores.c.key_hash.is_not(None))
    read_anew = sa.select(frontier.c.key_hash).where(done)
    connection.execute(
        page_validators.delete().where(
            page_validators.c.retailer == retailer,
            sa.or_(
                page_validators.c.key_hash.in_(read_anew),
                page_validators.c.key_hash.not_in(of_set),
            ),
        )
    )
    given = sa.or_(frontier.c.etag.is_not(None), frontier.c.last_modified.is_not(None))
    columns = (frontier.c.key_hash, frontier.c.etag, frontier.c.last_modified)
    fresh = sa.select(sa.literal(retailer), *columns).where(done, given, frontier.c.key_hash.in_(of_set))
    names = ["retailer", "key_hash", "etag", "last_modified"]
    connection.execute(page_validators.insert().from_select(names, fresh))
