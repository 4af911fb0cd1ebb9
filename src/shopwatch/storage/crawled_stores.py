"""The stores a run has found so far: one row each, however many pages name it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from shopwatch.domain.store import Store, StoreStatus
from shopwatch.ports import Fetched
from shopwatch.storage.columns import storable, to_json
from shopwatch.storage.crawl_tables import frontier, run_stores, stores
from shopwatch.storage.many import insert_many

#: Of two with one ref the richer stays.
_RICHER = (
    "ON CONFLICT (run_id, ref) DO UPDATE SET key_hash = excluded.key_hash, filled = excluded.filled, "
    "lat = excluded.lat, lon = excluded.lon, body = excluded.body WHERE excluded.filled > run_stores.filled"
)
_FIELDS = tuple(field.name for field in fields(Store))
_EMPTY = (None, "", (), StoreStatus.UNKNOWN)
_decoder = msgspec.json.Decoder(Store)


@dataclass(frozen=True, slots=True)
class Kept:
    """What a batch came to."""

    added: int
    duplicates: int  #: named before, by this page or another
    lost: frozenset[int]  #: frontier rows "not modified" whose stores are gone from the last good set


def store_of(body: str) -> Store:
    return _decoder.decode(body)


def keep(connection: Connection, run_id: str, retailer: str, batch: Sequence[Fetched]) -> Kept:
    """Write the stores of a batch. Of two with one ref the richer stays, whichever came first."""
    hashes = _page_hashes(connection, [one.row.id for one in batch if one.stores or one.not_modified])
    rows = [columns(store, hashes[one.row.id]) for one in batch for store in one.stores]
    lost: set[int] = set()
    for one in batch:
        if one.not_modified and one.error is None:
            taken = _taken_over(connection, retailer, hashes[one.row.id])
            rows += taken
            if not taken:
                lost.add(one.row.id)
    added = _write(connection, run_id, rows)
    return Kept(added, len(rows) - added, frozenset(lost))


def columns(store: Store, key_hash: bytes | None) -> dict[str, object]:
    return {
        "ref": storable(store.ref),
        "key_hash": key_hash,
        "filled": _filled(store),
        "lat": store.lat,
        "lon": store.lon,
        "body": to_json(store),
    }


def _page_hashes(connection: Connection, ids: Sequence[int]) -> dict[int, bytes]:
    if not ids:
        return {}
    query = sa.select(frontier.c.id, frontier.c.key_hash).where(frontier.c.id.in_(ids))
    return {number: bytes(key_hash) for number, key_hash in connection.execute(query)}


def _taken_over(connection: Connection, retailer: str, key_hash: bytes) -> list[dict[str, object]]:
    as_given = sa.func.coalesce(stores.c.page_body, stores.c.body)
    query = sa.select(as_given).where(
        stores.c.retailer == retailer, stores.c.key_hash == key_hash, stores.c.closed_at.is_(None)
    )
    bodies = connection.execute(query).scalars().all()
    return [columns(store_of(body), key_hash) for body in bodies]


def _write(connection: Connection, run_id: str, rows: Sequence[dict[str, object]]) -> int:
    if not rows:
        return 0
    refs = {row["ref"] for row in rows}
    there = sa.select(run_stores.c.ref).where(run_stores.c.run_id == run_id, run_stores.c.ref.in_(refs))
    known = set(connection.execute(there).scalars())
    richest: dict[object, dict[str, object]] = {}
    for row in rows:
        if row["ref"] not in richest or row["filled"] > richest[row["ref"]]["filled"]:  # type: ignore[operator]
            richest[row["ref"]] = {"run_id": run_id, **row}
    insert_many(connection, run_stores, list(richest.values()), _RICHER)
    return len(refs - known)


def _filled(store: Store) -> int:
    """How much of it is known."""
    return sum(getattr(store, name) not in _EMPTY for name in _FIELDS)
