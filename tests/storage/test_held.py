"""An alert held back for a browser's word: completed in its place, kept in, or gone when nobody speaks."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.storage_builders import OUT, believe, seen

from shopwatch.domain.stock import Observation
from shopwatch.domain.stock_state import Alert, AlertKind, StockState, Transition
from shopwatch.ports import OutboxRow
from shopwatch.storage.database import Database
from shopwatch.storage.observations import SqlObservations
from shopwatch.storage.outbox import SqlOutbox

WAIT = timedelta(seconds=90)
CONFIRMED = Alert(
    key="confirmed:{restock}",
    kind=AlertKind.CONFIRMED,
    facts={"confirmation": "confirmed", "price": "49.99 USD", "sold_by": None},
)
REFUTED = Alert(
    key="refuted:{restock}", kind=AlertKind.NOT_CONFIRMED, facts={"why": "the button is disabled"}
)
NOBODY = Alert(
    key="restock:{restock}", kind=AlertKind.RESTOCK, facts={"unconfirmed_because": "the page did not load"}
)


async def held(database: Database) -> int:
    """A restock whose alert waits; its number."""
    until = database.now() + WAIT

    def patiently(before: StockState, observation: Observation) -> Transition | None:
        transition = believe(before, observation)
        if transition is None:
            return None
        return replace(
            transition, alerts=tuple(replace(alert, waits_until=until) for alert in transition.alerts)
        )

    observations = SqlObservations(database)
    (change,) = await observations.record([seen(at=database.now())], patiently)
    assert change.restock_id is not None
    return change.restock_id


async def due(database: Database, after: timedelta = timedelta()) -> list[OutboxRow]:
    return await SqlOutbox(database).lease(10, database.now() + after, 60)


async def test_it_leaves_at_the_latest_when_its_time_is_over(database: Database) -> None:
    number = await held(database)
    assert await due(database) == []
    (row,) = await due(database, after=2 * WAIT)
    assert row.alert.key == f"restock:{number}"


async def test_a_browsers_yes_completes_it_and_it_is_the_only_message(database: Database) -> None:
    number = await held(database)
    assert await SqlObservations(database).confirm(number, "confirmed", None, CONFIRMED)
    (row,) = await due(database)
    assert row.alert.key == f"restock:{number}"
    assert row.alert.facts["confirmation"] == "confirmed"
    assert row.alert.facts["page"] == f"/restocks/{number}", "what it said before stays"
    assert "sold_by" not in row.alert.facts, "what the browser did not see takes nothing away"


async def test_a_browsers_no_keeps_it_in_with_the_reason(database: Database) -> None:
    number = await held(database)
    assert await SqlObservations(database).confirm(number, "refuted", None, REFUTED)
    assert await due(database, after=2 * WAIT) == []
    (row,) = await SqlOutbox(database).rows()
    assert (row.state, row.last_error) == ("withheld", "not confirmed: the button is disabled")
    assert await SqlOutbox(database).resend(row.id, database.now()), "a person may send it all the same"


@pytest.mark.parametrize("completion", [NOBODY, None])
async def test_what_nobody_could_look_at_leaves_at_once_and_says_why(
    database: Database, completion: Alert | None
) -> None:
    number = await held(database)
    await SqlObservations(database).confirm(number, "unavailable", None, completion)
    (row,) = await due(database)
    assert row.alert.facts.get("unconfirmed_because") == ("the page did not load" if completion else None)


async def test_one_that_has_left_is_completed_by_a_message_of_its_own(database: Database) -> None:
    number = await held(database)
    assert await due(database, after=2 * WAIT)
    await SqlObservations(database).confirm(number, "refuted", None, REFUTED)
    assert [row.alert.key for row in await SqlOutbox(database).rows()] == [
        f"refuted:{number}", f"restock:{number}",
    ]  # fmt: skip


async def test_a_restock_nobody_wanted_to_hear_of_makes_no_alert_when_it_is_completed(
    database: Database,
) -> None:
    (change,) = await SqlObservations(database).record(
        [seen()], lambda before, look: replace(believe(before, look) or Transition(after=before), alerts=())
    )
    await SqlObservations(database).confirm(change.restock_id or 0, "unavailable", None, NOBODY)
    assert await SqlOutbox(database).rows() == []


@pytest.mark.parametrize(("verdict", "told"), [("confirmed", 2), ("refuted", 1), ("", 1)])
async def test_the_end_of_what_nobody_was_told_of_is_no_news(
    database: Database, verdict: str, told: int
) -> None:
    number = await held(database)
    observations = SqlObservations(database)
    if verdict:
        await observations.confirm(
            number, verdict, None, {"confirmed": CONFIRMED, "refuted": REFUTED}[verdict]
        )

    def ending(before: StockState, observation: Observation) -> Transition | None:
        end = Alert(key="sold_out:{restock}", kind=AlertKind.SOLD_OUT, retailer="target", sku=before.key[1])
        transition = believe(before, observation)
        return transition and replace(transition, alerts=(end,))

    await observations.record([seen(OUT, at=database.now())], ending)
    assert len(await SqlOutbox(database).rows()) == told
