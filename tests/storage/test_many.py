"""Thousands of rows in one statement mean the same as one row after the other."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from tests.storage_builders import NOON, minutes

from shopwatch.storage.columns import hash_of
from shopwatch.storage.crawl_tables import frontier_counts, page_validators, run_stores
from shopwatch.storage.database import Database
from shopwatch.storage.many import add_up, insert_many, insert_new, update_many
from shopwatch.storage.sql import Columns
from shopwatch.storage.stock_tables import pauses, purchases, restocks

KEYS = ("retailer", "key_hash")


async def rows(database: Database, table: sa.Table) -> list[dict[str, object]]:
    def work(connection: sa.Connection) -> list[dict[str, object]]:
        query = sa.select(table).order_by(*table.primary_key)
        return [dict(row) for row in connection.execute(query).mappings()]

    return await database.read(work)


def validator(key: str, etag: str | None = None) -> dict[str, object]:
    return {"retailer": "att", "key_hash": hash_of(key), "etag": etag, "last_modified": None}


def pause(name: str, at: int, strikes: int = 1) -> dict[str, object]:
    return {"name": name, "until": NOON + minutes(at), "reason": "", "strikes": strikes}


async def test_every_kind_of_column_comes_back_as_it_went_in(database: Database) -> None:
    purchase: Columns = {
        "restock_id": 2**40,
        "retailer": "target",
        "sku": "Käse",
        "state": "placed",
        "quantity": 3,
        "order_number": None,
        "live": True,
        "reasons": ["a", {"b": [1.5, None]}],
        "created_at": NOON,
        "updated_at": NOON,
    }
    store: Columns = {
        "run_id": "r",
        "ref": "1",
        "key_hash": b"\x00\xff" * 8,
        "lat": 41.8781136,
        "lon": None,
        "body": '{"quote": "\\""}',
        "filled": 2,
    }

    def work(connection: sa.Connection) -> None:
        insert_many(connection, purchases, [purchase])
        insert_many(connection, run_stores, [store])

    await database.write(work)
    (found,) = await rows(database, purchases)
    assert {name: found[name] for name in purchase} == purchase
    (found,) = await rows(database, run_stores)
    assert {**found, "key_hash": bytes(found["key_hash"])} == store  # type: ignore[call-overload]


async def test_no_rows_are_no_work(database: Database) -> None:
    def work(connection: sa.Connection) -> object:
        insert_many(connection, pauses, [])
        update_many(connection, pauses, [], keys=("name",))
        add_up(connection, frontier_counts, [], keys=("run_id",), sums=("total",))
        return insert_new(connection, pauses, [], keys=("name",))

    assert await database.write(work) == set()


async def test_rows_keep_their_order(database: Database) -> None:
    made = [
        {"retailer": "target", "sku": str(number), "at": NOON, "observation": {"number": number}}
        for number in range(2_000)
    ]
    await database.write(lambda connection: insert_many(connection, restocks, made))
    assert [row["sku"] for row in await rows(database, restocks)] == [str(number) for number in range(2_000)]


async def test_of_many_rows_those_not_there_yet_are_written_and_named(database: Database) -> None:
    first = [validator(str(number), "old") for number in range(0, 1_500, 2)]
    every = [validator(str(number), "new") for number in range(1_500)]
    await database.write(lambda connection: insert_new(connection, page_validators, first, keys=KEYS))
    new = await database.write(lambda connection: insert_new(connection, page_validators, every, keys=KEYS))
    assert {bytes(key_hash) for _, key_hash in new} == {hash_of(str(number)) for number in range(1, 1_500, 2)}
    assert [row["etag"] for row in await rows(database, page_validators)].count("old") == 750


async def test_the_same_last_key_beside_another_first_is_another_row(database: Database) -> None:
    await database.write(
        lambda connection: insert_new(connection, page_validators, [validator("1")], keys=KEYS)
    )
    others = [validator("1"), {**validator("1"), "retailer": "verizon"}]
    new = await database.write(lambda connection: insert_new(connection, page_validators, others, keys=KEYS))
    assert {retailer for retailer, _ in new} == {"verizon"}


async def test_sums_add_up_over_rows_and_calls(database: Database) -> None:
    def row(phase: str, total: int) -> Columns:
        return {"run_id": "r", "phase": phase, "total": total}

    for _ in range(2):
        await database.write(
            lambda connection: add_up(
                connection,
                frontier_counts,
                [row("a", 1), row("b", 10), row("a", 2)],
                keys=("run_id", "phase"),
                sums=("total",),
            )
        )
    assert {found["phase"]: found["total"] for found in await rows(database, frontier_counts)} == {
        "a": 6,
        "b": 20,
    }


async def test_each_row_is_updated_by_its_own_keys_and_no_other(database: Database) -> None:
    changed = [pause("a", 5, 2), pause("c", 7, 3), pause("nobody", 9)]

    def work(connection: sa.Connection) -> None:
        insert_many(connection, pauses, [pause(name, 0) for name in "abc"])
        update_many(connection, pauses, changed, keys=("name",))

    await database.write(work)
    assert await rows(database, pauses) == [pause("a", 5, 2), pause("b", 0), pause("c", 7, 3)]


@pytest.mark.parametrize(("at", "expected"), [(4, 5), (5, 5), (6, 6)])
async def test_an_update_may_be_kept_from_going_back(database: Database, at: int, expected: int) -> None:
    def work(connection: sa.Connection) -> None:
        insert_many(connection, pauses, [pause("a", 5)])
        update_many(connection, pauses, [pause("a", at)], keys=("name",), unless="until")

    await database.write(work)
    assert await rows(database, pauses) == [pause("a", expected)]


async def test_a_value_that_looks_like_sql_is_a_value(database: Database) -> None:
    name = "x'); DROP TABLE pauses; -- %s ? :name"
    await database.write(lambda connection: insert_many(connection, pauses, [pause(name, 1)]))
    assert [row["name"] for row in await rows(database, pauses)] == [name]
