"""The outbox: an alert is written once and leased to one deliverer at a time."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from functools import partial

from tests.storage.conftest import Open
from tests.storage_builders import NOON, minutes

from shopwatch.domain.stock_state import Alert, AlertKind
from shopwatch.storage.database import Database
from shopwatch.storage.events import SqlEvents
from shopwatch.storage.outbox import SqlOutbox


def alert(key: str = "a") -> Alert:
    return Alert(
        key=key,
        kind=AlertKind.RESTOCK,
        retailer="target",
        sku="1",
        facts={"price": "$17.99", "nested": {"list": [1, None]}},
        expires_at=NOON + minutes(60),
    )


async def test_an_alert_comes_back_as_it_was_written(database: Database) -> None:
    outbox = SqlOutbox(database)
    await outbox.add([alert()])
    (row,) = await outbox.lease(10, NOON, 30)
    assert row.alert == alert()
    assert (row.state, row.attempts, row.created_at) == ("pending", 0, NOON)


async def test_a_key_is_never_written_twice(database: Database) -> None:
    outbox = SqlOutbox(database)
    assert await outbox.add([alert("a"), alert("b"), alert("a")]) == 2
    assert await outbox.add([alert("a"), alert("c")]) == 1
    assert sorted(row.alert.key for row in await outbox.rows()) == ["a", "b", "c"]


async def test_a_leased_alert_is_nobody_elses_until_the_lease_runs_out(database: Database) -> None:
    outbox = SqlOutbox(database)
    await outbox.add([alert()])
    assert len(await outbox.lease(10, NOON, 30)) == 1
    assert await outbox.lease(10, NOON + timedelta(seconds=29), 30) == []
    assert len(await outbox.lease(10, NOON + timedelta(seconds=30), 30)) == 1


async def test_what_a_dead_deliverer_held_need_not_wait_for_its_lease(database: Database) -> None:
    outbox = SqlOutbox(database)
    await outbox.add([alert("a"), alert("b")])
    (row,) = await outbox.lease(1, NOON, 600)
    assert await outbox.release() == 1
    assert [again.alert.key for again in await outbox.lease(10, NOON, 30)] == ["a", "b"]
    await outbox.sent(row, NOON)
    assert await outbox.release() == 1, "what is sent stays as it is"


async def test_the_oldest_due_alerts_are_leased_first_and_no_more_than_asked(database: Database) -> None:
    outbox = SqlOutbox(database)
    for key in ("a", "b", "c"):
        await outbox.add([alert(key)])
    assert [row.alert.key for row in await outbox.lease(2, NOON, 30)] == ["a", "b"]
    assert [row.alert.key for row in await outbox.lease(2, NOON, 30)] == ["c"]


async def test_a_sent_alert_is_not_sent_again(database: Database) -> None:
    outbox = SqlOutbox(database)
    await outbox.add([alert()])
    (row,) = await outbox.lease(10, NOON, 30)
    await outbox.sent(row, NOON + minutes(1), "by 1 of 2 channels")
    (after,) = await outbox.rows()
    assert await outbox.lease(10, NOON + minutes(99), 30) == []
    assert (after.state, after.sent_at, after.attempts) == ("sent", NOON + minutes(1), 1)
    assert after.last_error == "by 1 of 2 channels"


async def test_a_failed_alert_comes_back_when_it_is_due(database: Database) -> None:
    outbox = SqlOutbox(database)
    await outbox.add([alert()])
    (row,) = await outbox.lease(10, NOON, 30)
    await outbox.failed(row, "connection refused", NOON + minutes(5))
    assert await outbox.lease(10, NOON + minutes(4), 30) == []
    (again,) = await outbox.lease(10, NOON + minutes(5), 30)
    assert (again.attempts, again.last_error) == (1, "connection refused")


async def test_an_alert_given_up_stays_visible(database: Database) -> None:
    outbox = SqlOutbox(database)
    await outbox.add([alert()])
    (row,) = await outbox.lease(10, NOON, 30)
    await outbox.failed(row, "no such address", None)
    assert await outbox.lease(10, NOON + minutes(99), 30) == []
    assert [(row.state, row.last_error) for row in await outbox.rows()] == [("failed", "no such address")]


async def test_who_lost_the_lease_cannot_undo_what_the_next_one_does(database: Database) -> None:
    outbox = SqlOutbox(database)
    await outbox.add([alert()])
    (late,) = await outbox.lease(10, NOON, 30)
    (current,) = await outbox.lease(10, NOON + minutes(1), 30)
    await outbox.failed(late, "time-out", NOON)
    await outbox.close(late, "expired", "stale")
    assert await outbox.lease(10, NOON + minutes(1), 30) == []
    await outbox.sent(current, NOON + minutes(1))
    await outbox.failed(late, "time-out", NOON)
    assert [row.state for row in await outbox.rows()] == ["sent"]


async def test_an_alert_may_be_closed_with_a_note(database: Database) -> None:
    outbox = SqlOutbox(database)
    await outbox.add([alert()])
    (row,) = await outbox.lease(10, NOON, 30)
    await outbox.close(row, "collapsed", "told with 12 others")
    assert [(row.state, row.last_error) for row in await outbox.rows()] == [
        ("collapsed", "told with 12 others")
    ]


async def test_an_alert_can_be_sent_once_more_by_hand_though_it_has_expired(database: Database) -> None:
    outbox = SqlOutbox(database)
    await outbox.add([alert()])
    (row,) = await outbox.lease(10, NOON, 30)
    assert not await outbox.resend(row.id, NOON)
    await outbox.close(row, "expired", "stale")
    assert await outbox.resend(row.id, NOON + minutes(90))
    (again,) = await outbox.lease(10, NOON + minutes(90), 30)
    assert again.attempts == 0
    assert again.alert.expires_at == NOON + minutes(90) + timedelta(days=1), "asked for, it is not stale"
    assert not await outbox.resend(999, NOON)


async def test_rows_are_paged_from_the_last(database: Database) -> None:
    outbox = SqlOutbox(database)
    await outbox.add([alert(key) for key in "abcd"])
    first = await outbox.rows(limit=3)
    rest = await outbox.rows(limit=3, before_id=first[-1].id)
    assert [row.alert.key for row in [*first, *rest]] == ["d", "c", "b", "a"]


async def test_what_becomes_of_an_alert_is_an_event(database: Database) -> None:
    outbox = SqlOutbox(database)
    await outbox.add([alert()])
    (row,) = await outbox.lease(10, NOON, 30)
    await outbox.failed(row, "refused", NOON)
    await outbox.sent(row, NOON)
    told = [(event.kind, event.data["state"]) for event in await SqlEvents(database).after(0)]
    assert told == [("alert", "pending"), ("alert", "pending"), ("alert", "sent")]


async def test_of_many_deliverers_no_two_get_the_same_alert(open_database: Open) -> None:
    deliverers = [SqlOutbox(open_database()) for _ in range(6)]
    for repetition in range(20):
        await deliverers[0].add([alert(f"{repetition}-{number}") for number in range(10)])
        leased = await asyncio.gather(*(outbox.lease(4, NOON, 3_600) for outbox in deliverers))
        keys = [row.alert.key for rows in leased for row in rows]
        assert len(keys) == len(set(keys))
        keys += [row.alert.key for row in await deliverers[0].lease(10, NOON, 3_600)]
        assert len(keys) == len(set(keys)) == 10


async def test_the_alerts_of_a_restock_are_those_that_name_it(database: Database) -> None:
    outbox, number = SqlOutbox(database), "7"
    of = partial(Alert, retailer="target", sku="1")
    await outbox.add(
        [
            of(key="restock:7", kind=AlertKind.RESTOCK, facts={"restock": number, "name": "A"}),
            of(key="purchase:7:placed", kind=AlertKind.PURCHASE, facts={"name": "A"}),
            of(key="restock:77", kind=AlertKind.RESTOCK, facts={"restock": "77"}),
            of(key="nested", kind=AlertKind.CRAWL, facts={"run": {"restock": number}}),
            Alert(
                key="other", kind=AlertKind.RESTOCK, retailer="walmart", sku="1", facts={"restock": number}
            ),
            of(key="sold_out:7:3", kind=AlertKind.SOLD_OUT, facts={"restock": number}),
        ]
    )
    assert [row.alert.key for row in await outbox.of_restock(("target", "1"), 7)] == [
        "sold_out:7:3",
        "restock:7",
    ]
    assert await outbox.of_restock(("target", "1"), 8) == []


async def test_what_waits_is_looked_at_again_but_not_what_a_browser_has_yet_to_see(
    database: Database,
) -> None:
    outbox = SqlOutbox(database)
    held = replace(alert("held"), waits_until=NOON + minutes(2))
    await outbox.add([alert("quiet"), held])
    (row,) = await outbox.lease(10, NOON, 30)
    await outbox.wait(row, "quiet hours", NOON + minutes(60))
    assert await outbox.lease(10, NOON, 30) == []
    assert await outbox.look_again(NOON) == 1
    (again,) = await outbox.lease(10, NOON, 30)
    assert (again.alert.key, again.attempts) == ("quiet", 0)
