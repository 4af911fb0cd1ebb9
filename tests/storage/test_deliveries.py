"""Deliveries: which channel has which alert."""

from __future__ import annotations

from tests.storage_builders import NOON, minutes

from shopwatch.domain.stock_state import Alert, AlertKind
from shopwatch.storage.database import Database
from shopwatch.storage.deliveries import SqlDeliveries
from shopwatch.storage.outbox import SqlOutbox
from shopwatch.storage.retention import Retention, prune


async def test_only_a_channel_that_has_the_alert_is_done(database: Database) -> None:
    deliveries = SqlDeliveries(database)
    await deliveries.mark([1], "mail", "Mail", NOON)
    await deliveries.mark([1], "chat", "Chat", NOON, error="the service answered 500")
    assert await deliveries.done([1, 2]) == {1: {"mail"}}


async def test_a_message_that_told_several_alerts_is_marked_for_each(database: Database) -> None:
    deliveries = SqlDeliveries(database)
    await deliveries.mark([1, 2], "chat", "Chat", NOON, error="the service answered 500")
    await deliveries.mark([1, 2], "chat", "Chat", NOON)
    assert await deliveries.done([1, 2, 3]) == {1: {"chat"}, 2: {"chat"}}


async def test_a_later_try_replaces_the_earlier_and_is_counted(database: Database) -> None:
    deliveries = SqlDeliveries(database)
    await deliveries.mark([1], "chat", "Chat", NOON, error="the service answered 500")
    await deliveries.mark([1], "chat", "Chat", NOON + minutes(1))
    ((row,),) = (await deliveries.of([1])).values()
    assert (row.ok, row.attempts, row.error, row.at) == (True, 2, "", NOON + minutes(1))


async def test_an_alert_sent_again_goes_to_every_channel(database: Database) -> None:
    outbox, deliveries = SqlOutbox(database), SqlDeliveries(database)
    await outbox.add([Alert(key="a", kind=AlertKind.RESTOCK)])
    (row,) = await outbox.lease(1, NOON, 30)
    await deliveries.mark([row.id], "mail", "Mail", NOON)
    await outbox.sent(row, NOON)
    assert await outbox.resend(row.id, NOON)
    assert await deliveries.done([row.id]) == {}


async def test_deliveries_of_forgotten_alerts_are_forgotten(database: Database) -> None:
    deliveries = SqlDeliveries(database)
    await deliveries.mark([99], "mail", "Mail", NOON)
    await prune(database, Retention(), NOON)
    assert await deliveries.of([99]) == {}
