"""What was, as the dashboard asks for it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.storage_builders import IN_STOCK, NOON, OUT, believe, minutes, seen

from shopwatch.domain.errors import NotFound
from shopwatch.domain.money import Money
from shopwatch.domain.stock import Availability, Evidence, Observation
from shopwatch.ports import CheckTally
from shopwatch.storage import spans
from shopwatch.storage.database import Database
from shopwatch.storage.history import SqlHistory
from shopwatch.storage.observations import SqlObservations

KEY = ("target", "89542109")
UNKNOWN = Availability.UNKNOWN


async def record(database: Database, looks: Sequence[Observation]) -> None:
    await SqlObservations(database).record(looks, believe)


def look(
    availability: Availability, at: float, price: str | None = "49.99", sku: str = KEY[1]
) -> Observation:
    return seen(availability, sku=sku, at=NOON + minutes(at), price=price)


async def test_a_products_changes_are_paged_from_the_last(database: Database) -> None:
    looks = [look(availability, at) for at, availability in enumerate([OUT, IN_STOCK] * 3)]
    await record(database, [*looks, look(IN_STOCK, 9, sku="another")])
    history = SqlHistory(database)
    first = await history.changes(KEY, limit=4)
    rest = await history.changes(KEY, limit=4, before_id=first[-1].id)
    assert [change.at for change in [*first, *rest]] == [NOON + minutes(at) for at in (5, 4, 3, 2, 1, 0)]
    newest = first[0]
    assert (newest.was, newest.availability, newest.price) == (OUT, IN_STOCK, Money(4999))
    assert (newest.source, newest.restock_id is not None) == ("api", True)


async def test_the_price_in_force_at_the_beginning_belongs_to_the_chart(database: Database) -> None:
    await record(database, [look(OUT, at, price) for at, price in ((0, "10"), (10, "12"), (20, "9"))])
    points = await SqlHistory(database).prices(KEY, NOON + minutes(15))
    assert [(point.at, point.price) for point in points] == [
        (NOON + minutes(10), Money(1200)),
        (NOON + minutes(20), Money(900)),
    ]


async def test_a_restock_can_be_asked_why_it_fired(database: Database) -> None:
    observations = SqlObservations(database)
    observation = seen(evidence={"availability_status": "IN_STOCK", "quantity": [1, None]})
    (change,) = await observations.record([observation], believe)
    assert change.restock_id is not None
    button = Evidence(url="https://example.test/p", status=200, seen={"button": "Add to cart"})
    await observations.confirm(change.restock_id, "confirmed", button, None)
    restock = await SqlHistory(database).restock(change.restock_id)
    assert restock.observation == observation
    assert restock.evidence == observation.evidence
    assert (restock.confirmation, restock.confirmation_evidence) == ("confirmed", button)
    with pytest.raises(NotFound, match="There is no restock 999"):
        await SqlHistory(database).restock(999)


async def test_restocks_are_paged_over_all_products_or_one(database: Database) -> None:
    await record(database, [look(IN_STOCK, 0, sku=sku) for sku in ("1", "2", "3")])
    history = SqlHistory(database)
    first = await history.restocks(limit=2)
    rest = await history.restocks(limit=2, before_id=first[-1].id)
    assert [restock.key[1] for restock in [*first, *rest]] == ["3", "2", "1"]
    assert [restock.key[1] for restock in await history.restocks(key=("target", "2"))] == ["2"]


async def test_the_heat_map_counts_restocks_by_hour_of_the_week_where_the_person_lives(
    database: Database,
) -> None:
    """2026-01-17 is a Saturday; 12:00 UTC is 06:00 in Chicago."""
    await record(
        database, [look(availability, at) for at, availability in enumerate([IN_STOCK, OUT, IN_STOCK])]
    )
    history = SqlHistory(database)
    utc = await history.heat_map(KEY, NOON - minutes(1))
    chicago = await history.heat_map(KEY, NOON - minutes(1), ZoneInfo("America/Chicago"))
    assert (len(utc), sum(utc), utc[5 * 24 + 12]) == (168, 2, 2)
    assert chicago[5 * 24 + 6] == 2
    assert sum(await history.heat_map(KEY, NOON + minutes(2))) == 1


async def test_the_summary_of_a_product_over_a_day(database: Database) -> None:
    """Out at 100 for 12 h, in at 80 for 3 h, unknown for 6 h, out at 120 for 3 h; never for pickup."""
    await record(
        database,
        [
            look(OUT, 0, "100"),
            look(IN_STOCK, 12 * 60, "80"),
            look(UNKNOWN, 15 * 60, None),
            look(OUT, 21 * 60, "120"),
        ],
    )
    summary = await SqlHistory(database).summary(KEY, NOON, NOON + minutes(24 * 60))
    assert (summary.lowest, summary.typical, summary.highest) == (Money(8000), Money(10_000), Money(12_000))
    assert summary.in_stock_share == pytest.approx(3 / 18)  # the unknown hours count for neither side
    assert summary.restocks == 1
    assert summary.restocks_per_week == pytest.approx(7.0)


async def test_the_whole_past_in_one_reading_is_what_its_parts_say(database: Database) -> None:
    looks = [(0, IN_STOCK), (2, OUT), (10, IN_STOCK), (14, OUT), (20, IN_STOCK)]
    await record(database, [look(availability, at) for at, availability in looks])
    history, zone, window = SqlHistory(database), ZoneInfo("America/Chicago"), (NOON, NOON + minutes(99))
    past = await history.past(KEY, *window, zone)
    assert past.prices == await history.prices(KEY, NOON) != []
    assert past.stays == await history.stays(KEY, *window) != []
    assert past.summary == await history.summary(KEY, *window)
    assert past.heat_map == await history.heat_map(KEY, NOON, zone)
    assert (past.summary.restocks, sum(past.heat_map)) == (3, 3)


async def test_of_a_product_never_seen_nothing_is_claimed(database: Database) -> None:
    summary = await SqlHistory(database).summary(KEY, NOON, NOON + minutes(60))
    assert (summary.lowest, summary.typical, summary.highest, summary.in_stock_share) == (None,) * 4
    assert (summary.restocks, summary.median_stay_s) == (0, None)


async def test_how_long_a_product_stays_is_the_median_of_its_restocks(database: Database) -> None:
    looks = [(0, IN_STOCK), (2, OUT), (10, IN_STOCK), (14, OUT), (20, IN_STOCK), (80, OUT)]
    await record(database, [look(availability, at) for at, availability in looks])
    assert (await SqlHistory(database).summary(KEY, NOON, NOON + minutes(99))).median_stay_s == 240


async def test_checks_are_told_by_minute_and_hour(database: Database) -> None:
    tally = CheckTally(key=KEY, checks=10, unknowns=1, in_stock_checks=3, last_checked=NOON)
    await SqlObservations(database).checked([tally])
    history = SqlHistory(database)
    (minute,) = await history.minutes("target", NOON - minutes(1))
    (hour,) = await history.hours(KEY, NOON - minutes(60))
    assert (minute.checks, minute.unknowns, minute.in_stock_checks) == (10, 1, 3)
    assert hour.at == NOON.replace(minute=0, second=0, microsecond=0)
    assert await history.hours(KEY, NOON) == []
    assert await history.days(KEY, NOON - minutes(60)) == []


# --- spans: pure -------------------------------------------------------------------------------------------


class Row:
    def __init__(self, at: datetime, availability: Availability, pickup: Availability) -> None:
        self.at, self.availability, self.pickup = at, availability, pickup


@given(
    st.lists(
        st.tuples(st.integers(-50, 150), st.sampled_from(Availability), st.sampled_from(Availability)),
        min_size=1,
    )
)
def test_spans_follow_each_other_without_gap_or_overlap(
    changes: list[tuple[int, Availability, Availability]],
) -> None:
    rows = [
        Row(NOON + minutes(at), *ways)
        for at, *ways in sorted(changes, key=lambda change: change[0])
        if at < 100
    ]
    found = spans.of_changes(rows, NOON, NOON + minutes(100))
    assert all(span.begin < span.end for span in found)
    assert all(one.end == following.begin for one, following in pairwise(found))
    assert all(one.availability != following.availability for one, following in pairwise(found))
    if rows:
        assert found[-1].end == NOON + minutes(100)


@given(st.lists(st.tuples(st.integers(1, 500), st.integers(1, 100)), min_size=1))
def test_the_typical_price_is_one_of_the_prices_and_splits_the_time(held: list[tuple[int, int]]) -> None:
    at, prices = datetime(2026, 1, 1, tzinfo=UTC), []
    since = at
    for cents, hours in held:
        prices.append((at, Money(cents)))
        at += timedelta(hours=hours)
    typical = spans.typical(prices, since, at)
    assert typical is not None
    at_or_below = sum(hours for cents, hours in held if cents <= typical.cents)
    below = sum(hours for cents, hours in held if cents < typical.cents)
    total = sum(hours for _, hours in held)
    assert below <= total / 2 <= at_or_below


def test_a_way_that_is_never_told_hides_no_time_out_of_stock() -> None:
    """Sites tell no pickup of many products: they must not look as if they had been in stock all along."""
    rows = [Row(NOON, OUT, UNKNOWN), Row(NOON + minutes(30), IN_STOCK, UNKNOWN)]
    found = spans.of_changes(rows, NOON, NOON + minutes(40))
    assert [span.availability for span in found] == [OUT, IN_STOCK]
    assert spans.share_in_stock(found) == pytest.approx(10 / 40)


def test_where_nothing_is_known_no_share_is_claimed() -> None:
    found = spans.of_changes([Row(NOON, UNKNOWN, UNKNOWN)], NOON, NOON + minutes(40))
    assert spans.share_in_stock(found) is None
