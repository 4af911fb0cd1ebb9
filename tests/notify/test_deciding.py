"""What becomes of due alerts: each row in exactly one decision, no storm, nobody woken for a price."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shopwatch.domain.stock_state import Alert, AlertKind
from shopwatch.notify.deciding import Drop, Family, Manners, Send, Wait, decide
from shopwatch.ports import OutboxRow

NOON = datetime(2026, 1, 17, 12, tzinfo=UTC)


def row(
    number: int, kind: AlertKind = AlertKind.RESTOCK, *, age_s: float = 1, retailer: str = "target"
) -> OutboxRow:
    at = NOON - timedelta(seconds=age_s)
    alert = Alert(key=f"{kind}:{number}", kind=kind, retailer=retailer, sku=str(number))
    return OutboxRow(id=number, alert=alert, state="pending", attempts=0, created_at=at, next_try_at=at)


def test_a_few_alerts_are_sent_one_by_one() -> None:
    rows = [row(1), row(2)]
    assert decide(rows, Manners(), NOON) == [Send((rows[0],)), Send((rows[1],))]


def test_a_storm_of_one_kind_at_one_retailer_is_one_message() -> None:
    rows = [row(n, AlertKind.HEALTH) for n in range(12)]
    assert decide([*rows, row(50)], Manners(storm=10), NOON) == [
        Send(tuple(rows), "health target"),
        Send((row(50),)),
    ]


def test_a_stale_restock_is_dropped_with_a_note_and_a_failed_purchase_is_not() -> None:
    old, purchase = row(1, age_s=7200), row(2, AlertKind.PURCHASE, age_s=7200)
    dropped, sent = decide([old, purchase], Manners(expire_s=3600), NOON)
    assert dropped == Drop(old, "stale: nobody could be told for 2 h 0 min")
    assert sent == Send((purchase,))


@pytest.mark.parametrize("kind", [AlertKind.CONFIRMED, AlertKind.NOT_CONFIRMED])
def test_what_a_browser_said_of_a_restock_goes_stale_with_it(kind: AlertKind) -> None:
    rows = [row(1, age_s=7200), row(2, kind, age_s=7190)]
    assert [type(one) for one in decide(rows, Manners(expire_s=3600), NOON)] == [Drop, Drop]


def test_what_went_stale_says_what_stood_in_its_way() -> None:
    tried = replace(row(1, age_s=8), last_error="JSON (dbf7): the service answered 500")
    (dropped,) = decide([tried], Manners(expire_s=5), NOON)
    assert dropped == Drop(
        tried, "stale: nobody could be told for 8 s (JSON (dbf7): the service answered 500)"
    )


def test_an_alert_s_own_expiry_wins() -> None:
    alive = row(1, age_s=7200)
    alive = replace(alive, alert=replace(alive.alert, expires_at=NOON + timedelta(seconds=1)))
    assert decide([alive], Manners(), NOON) == [Send((alive,))]


@pytest.mark.parametrize(
    ("start", "end", "at", "until_hour"),
    [
        ("22:00", "07:00", "23:30", 7),
        ("22:00", "07:00", "06:59", 7),
        ("12:00", "14:00", "13:00", 14),
        ("22:00", "07:00", "12:00", None),
        ("22:00", "07:00", "07:00", None),
        ("08:00", "08:00", "08:00", None),
    ],
)
def test_quiet_hours_run_over_midnight_in_the_person_s_own_zone(
    start: str, end: str, at: str, until_hour: int | None
) -> None:
    zone = ZoneInfo("America/New_York")
    manners = Manners(quiet_from=time.fromisoformat(start), quiet_to=time.fromisoformat(end), zone=zone)
    hour, minute = map(int, at.split(":"))
    until = manners.quiet_until(datetime(2026, 1, 17, hour, minute, tzinfo=zone))
    assert (until.astimezone(zone).hour if until else None) == until_hour


def test_in_quiet_hours_a_restock_is_told_and_a_price_waits_for_the_morning() -> None:
    manners = Manners(quiet_from=time(11), quiet_to=time(13))
    restock, price = row(1), row(2, AlertKind.PRICE_DROP)
    waiting, sent = decide([restock, price], manners, NOON)
    assert waiting == Wait(price, NOON.replace(hour=13), "quiet hours")
    assert sent == Send((restock,))


def test_a_digest_gathers_until_the_next_multiple_on_the_clock_and_then_is_one_message() -> None:
    manners = Manners(digest_s=60)
    early = [row(1, age_s=-1), row(2, age_s=-40)]
    due = NOON + timedelta(minutes=1)
    assert decide(early, manners, due - timedelta(seconds=19)) == [Wait(one, due, "digest") for one in early]
    assert decide(early, manners, due) == [Send(tuple(early), "digest")]


def test_a_digest_of_a_day_comes_at_the_person_s_midnight() -> None:
    manners = Manners(digest_s=86_400, zone=ZoneInfo("America/New_York"))
    (waiting,) = decide([row(1)], manners, NOON)
    assert waiting == Wait(row(1), datetime(2026, 1, 18, 5, tzinfo=UTC), "digest")


def test_what_follows_a_storm_within_its_minute_is_gathered_for_ten_seconds() -> None:
    lately: dict[Family, int] = {("restock", "target"): 9}
    first, second, other = row(1, age_s=-1), row(2, age_s=-8), row(3, age_s=-8, retailer="walmart")
    at, due = NOON + timedelta(seconds=9), NOON + timedelta(seconds=10)
    assert decide([first, second, other], Manners(storm=10), at, lately=lately) == [
        Wait(first, due, "restock target"),
        Wait(second, due, "restock target"),
        Send((other,)),
    ]
    assert decide([first, second], Manners(storm=10), due, lately=lately) == [
        Send((first, second), "restock target")
    ]


@given(
    st.lists(
        st.tuples(st.sampled_from(AlertKind), st.integers(0, 10_000), st.sampled_from(["target", "bestbuy"]))
    ),
    st.integers(0, 23),
    st.sampled_from([0.0, 60.0]),
)
def test_no_row_is_forgotten_and_none_is_told_twice(
    kinds: list[tuple[AlertKind, int, str]], hour: int, digest_s: float
) -> None:
    rows = [row(n, kind, age_s=age, retailer=shop) for n, (kind, age, shop) in enumerate(kinds)]
    manners = Manners(quiet_from=time(hour), quiet_to=time((hour + 8) % 24), digest_s=digest_s, storm=3)
    seen: list[int] = []
    for decision in decide(rows, manners, NOON):
        seen += [one.id for one in decision.rows] if isinstance(decision, Send) else [decision.row.id]
    assert sorted(seen) == [one.id for one in rows]
