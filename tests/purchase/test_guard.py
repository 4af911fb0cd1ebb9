"""The guard: one reason is enough, none is needed to say no, and no order of events passes a cap."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shopwatch.domain.money import Money
from shopwatch.domain.purchase import Limits, Purchase, PurchaseState
from shopwatch.domain.stock import Availability, Channel, Observation, Offer, Product, Source
from shopwatch.domain.watch import Watch
from shopwatch.purchase.guard import RULES, Cart, CartLine, Case, decide

NOON = datetime(2026, 1, 17, 12, tzinfo=UTC)
WATCH = Watch(retailer="target", sku="1", max_price=Money(5000), auto_purchase=True, group="cards")
SEEN = Observation(
    product=Product(retailer="target", sku="1"),
    availability=Availability.IN_STOCK,
    source=Source.BROWSER,
    observed_at=NOON,
    offer=Offer(price=Money(4999)),
)
CART = Cart(
    lines=(CartLine(sku="1", quantity=1, unit_price=Money(4999)),),
    total=Money(5400),
    page_total=Money(5400),
    ship_to_zip="20147",
    card_last_four="0000",
)
LIMITS = Limits(max_order_total=Money(6000), max_daily_spend=Money(20000))


@pytest.fixture
def good() -> Case:
    """Everything is right, up to the last click."""
    return Case(
        watch=WATCH,
        observation=SEEN,
        limits=LIMITS,
        now=NOON + timedelta(seconds=5),
        live=True,
        last_click=True,
        emergency_stop=False,
        session_healthy=True,
        cart=CART,
        ship_to_zip="20147",
        card_last_four="0000",
    )


def bought(state: PurchaseState = PurchaseState.PLACED, **facts: Any) -> Purchase:
    at = NOON - timedelta(hours=2)
    base: dict[str, Any] = {
        "id": 7,
        "restock_id": 3,
        "key": ("target", "9"),
        "state": state,
        "quantity": 1,
        "live": True,
        "created_at": at,
        "updated_at": at,
        "total": Money(5400),
    }
    return Purchase(**{**base, **facts})


def seen(**change: Any) -> Observation:
    return replace(SEEN, **change)


def cart(**change: Any) -> Cart:
    return replace(CART, **change)


def line(**change: Any) -> Cart:
    return cart(lines=(replace(CART.lines[0], **change),))


def test_when_all_is_right_there_is_no_refusal(good: Case) -> None:
    assert decide(good).allowed


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"emergency_stop": True}, "the emergency stop is on"),
        ({"live": False}, "this is test mode"),
        ({"watch": replace(WATCH, auto_purchase=False)}, "auto_purchase is off for this watch"),
        ({"observation": seen(source=Source.API)}, "no browser has confirmed it"),
        ({"observation": seen(availability=Availability.UNKNOWN)}, "it is unknown"),
        ({"observation": seen(availability=Availability.OUT_OF_STOCK)}, "it is unknown"),
        (
            {"observation": seen(product=Product(retailer="target", sku="2"))},
            "the observation is of another product",
        ),
        ({"observation": seen(observed_at=NOON - timedelta(seconds=31))}, "seen 36 s ago"),
        (
            {"observation": seen(observed_at=NOON + timedelta(seconds=6))},
            "seen 1 s in the future: the clock has jumped",
        ),
        ({"observation": seen(offer=Offer(price=Money(5001)))}, "$50.01 is over $50.00"),
        ({"observation": seen(offer=None)}, "no price to compare"),
        ({"observation": seen(offer=Offer(price=None))}, "no price to compare"),
        ({"observation": seen(offer=Offer(price=Money(4999), sold_by="Scalper"))}, "sold by Scalper"),
        ({"watch": replace(WATCH, max_price=None)}, "the watch has no max_price"),
        ({"limits": replace(LIMITS, max_order_total=None)}, "no max_order_total is set"),
        ({"cart": cart(total=Money(6001), page_total=Money(6001))}, "a total of $60.01 is over $60.00"),
        ({"limits": replace(LIMITS, max_daily_purchases=0)}, "0 of 0 bought today"),
        (
            {"others": [bought()], "limits": replace(LIMITS, max_daily_spend=Money(10000))},
            "$54.00 is more than the $46.00 left of today's $100.00",
        ),
        (
            {"others": [bought(created_at=NOON - timedelta(minutes=4))]},
            "the last purchase was 245 s ago",
        ),
        ({"others": [bought(key=("target", "1"))]}, "1 of 1 bought today of this product or its group"),
        ({"others": [bought(group="cards")]}, "1 of 1 bought today of this product or its group"),
        (
            {"others": [bought(PurchaseState.AMBIGUOUS, key=("target", "1"), live=False)]},
            "purchase 7 of it is not resolved",
        ),
        ({"session_healthy": False}, "the session is not signed in"),
        ({"purchase_limit": 0}, "1 wanted, but the site sells 0 to a shopper"),
        ({"cart": cart(lines=())}, "the cart holds 0 lines, not 1"),
        ({"cart": cart(lines=CART.lines * 2)}, "the cart holds 2 lines, not 1"),
        ({"cart": line(sku="2")}, "the cart holds 2, not 1"),
        ({"cart": line(quantity=2)}, "the cart holds 2 pieces, not 1"),
        ({"cart": line(sold_by="Scalper")}, "the cart's line is sold by Scalper"),
        ({"cart": line(unit_price=None)}, "the cart shows no price"),
        ({"cart": line(unit_price=Money(5001))}, "the cart's price $50.01 is over $50.00"),
        ({"cart": cart(page_total=Money(5401))}, "the page says $54.01, the cart $54.00"),
        ({"cart": cart(page_total=None)}, "the page shows no total"),
        ({"cart": cart(cannot_order=("not below $35.00",))}, "not below $35.00"),
        ({"others": [bought(updated_at=NOON)]}, "the last purchase was 5 s ago"),
        ({"cart": cart(ship_to_zip="10001")}, "the address is not the configured one"),
        ({"cart": cart(card_last_four=None)}, "the card is not the configured one"),
    ],
)
def test_one_reason_is_enough_to_refuse(good: Case, change: dict[str, Any], reason: str) -> None:
    if reason == "it is unknown":  # pickup is unknown, so it may not be said to be out of stock
        assert "it is unknown" in decide(replace(good, **change)).refusals
    else:
        assert decide(replace(good, **change)).refusals == (reason,)


def test_as_many_as_the_site_sells_to_a_shopper_are_no_reason(good: Case) -> None:
    assert decide(replace(good, purchase_limit=1)).allowed
    assert decide(replace(good, purchase_limit=None)).allowed


def test_every_rule_refuses_something(good: Case) -> None:
    """A rule that can never refuse is not a rail."""
    strange = [
        replace(good, emergency_stop=True, live=False, session_healthy=False, now=NOON + timedelta(hours=1)),
        replace(good, watch=replace(WATCH, auto_purchase=False, sku="2", quantity=0, max_price=None)),
        replace(good, observation=seen(source=Source.API, availability=Availability.UNKNOWN, offer=None)),
        replace(good, observation=seen(offer=Offer(price=Money(1), sold_by="x")), limits=Limits()),
        replace(good, limits=replace(LIMITS, max_daily_purchases=0, max_daily_spend=Money(1))),
        replace(good, others=[bought(PurchaseState.AMBIGUOUS, key=("target", "1"), created_at=NOON)]),
        replace(good, cart=cart(lines=(), page_total=None, ship_to_zip=None, card_last_four=None)),
        replace(good, cart=replace(line(unit_price=None), cannot_order=("not below $35.00",))),
    ]
    never: list[Callable[..., object]] = [rule for rule in RULES if not any(rule(case) for case in strange)]
    assert never == []


def test_a_case_made_without_care_is_refused() -> None:
    careless = Case(watch=WATCH, observation=SEEN, limits=LIMITS, now=NOON)
    assert "the emergency stop is on" in decide(careless).refusals
    assert "the session is not signed in" in decide(careless).refusals


def test_what_one_must_walk_in_for_is_never_ordered(good: Case) -> None:
    watch = replace(WATCH, channels=frozenset({Channel.IN_STORE}))
    in_store = seen(availability=Availability.OUT_OF_STOCK, in_store=Availability.IN_STOCK)
    assert not decide(replace(good, watch=watch, observation=in_store)).allowed


def test_in_test_mode_the_whole_way_is_walked_but_not_the_last_click(good: Case) -> None:
    rehearsal = replace(good, live=False, last_click=False)
    assert decide(rehearsal).allowed
    assert decide(replace(rehearsal, last_click=True)).refusals == ("this is test mode",)


_STATES = st.sampled_from(list(PurchaseState))
_PURCHASES = st.lists(
    st.builds(
        bought,
        _STATES,
        created_at=st.integers(-200_000, 200_000).map(lambda s: NOON + timedelta(seconds=s)),
        total=st.one_of(st.none(), st.integers(0, 9000).map(Money)),
        key=st.sampled_from([("target", "1"), ("target", "9")]),
        group=st.sampled_from([None, "cards"]),
        live=st.booleans(),
    ),
    max_size=6,
)


@given(
    others=_PURCHASES,
    cap=st.integers(0, 30_000),
    count=st.integers(0, 4),
    total=st.integers(0, 9000),
    jump_s=st.integers(-100_000, 100_000),
)
def test_whatever_happened_and_whatever_the_clock_does_no_cap_is_passed(
    others: list[Purchase], cap: int, count: int, total: int, jump_s: int
) -> None:
    now = NOON + timedelta(seconds=jump_s)
    case = Case(
        watch=WATCH,
        observation=seen(observed_at=now),
        limits=replace(LIMITS, max_daily_spend=Money(cap), max_daily_purchases=count, max_group_purchases=99),
        now=now,
        live=True,
        last_click=True,
        emergency_stop=False,
        session_healthy=True,
        others=others,
        cart=cart(total=Money(total), page_total=Money(total)),
    )
    if not decide(case).allowed:
        return
    spending = (PurchaseState.PLACED, PurchaseState.PLACING, PurchaseState.AMBIGUOUS)
    today = [
        one
        for one in others
        if one.live and one.state in spending and now - one.created_at < timedelta(days=1)
    ]
    assert len(today) < count
    assert total <= 6000
    assert sum(one.total.cents if one.total else 6000 for one in today) + total <= cap
