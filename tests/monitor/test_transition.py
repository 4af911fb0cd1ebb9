"""When a look is a change, when it is a restock, when it is told, and what is held until it is seen twice."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.monitor.looks import IN, KEY, OUT, UNKNOWN, after, at, dollars, known, rules, seen

from shopwatch.domain.stock import UNNAMED_SELLER, Availability, Channel, Offer
from shopwatch.domain.stock_state import Alert, AlertKind, StockState
from shopwatch.monitor.transition import UNWANTED, Decider, is_news, judge


def kinds(transitions: Any) -> list[AlertKind]:
    return [alert.kind for transition in transitions for alert in transition.alerts]


# --- restocks ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("now", [IN, Availability.LIMITED, Availability.PREORDER])
def test_from_out_of_stock_to_buyable_is_a_restock_told_at_once(now: Availability) -> None:
    made = judge(known(OUT), seen(now), rules())
    assert made is not None
    assert (made.is_restock, made.is_change) == (True, True)
    (alert,) = made.alerts
    assert (alert.kind, alert.key) == (AlertKind.RESTOCK, "restock:{restock}")
    assert (made.after.availability, made.after.since, made.after.last_restock) == (now, at(0), at(0))


def test_an_alert_says_all_that_is_needed_to_act() -> None:
    made = judge(
        known(OUT, price=dollars("49.99"), purchase_limit=2), seen(IN, quantity=3), rules(), note="no browser"
    )
    assert made is not None
    facts = made.alerts[0].facts
    assert facts["name"] == "Trainer Box"
    assert facts["url"] == "https://www.target.com/p/-/A-89542109"
    assert (facts["price"], facts["quantity"], facts["purchase_limit"]) == ("$49.99", 3, 2)
    assert (facts["was"], facts["channels"], facts["reason"]) == (
        "out_of_stock",
        ["shipping"],
        "shipping in_stock",
    )
    assert facts["unconfirmed_because"] == "no browser"


def test_a_product_in_stock_at_the_first_look_is_told() -> None:
    made = judge(StockState(key=KEY), seen(IN), rules())
    assert made is not None
    assert made.is_restock
    assert made.alerts[0].facts["first_look"] is True


def test_the_first_look_at_a_sold_out_product_is_remembered_and_nothing_else() -> None:
    made = judge(StockState(key=KEY), seen(OUT), rules())
    assert made is not None
    assert (made.is_restock, made.is_change, made.alerts) == (False, False, ())
    assert made.after.availability is OUT


def test_the_same_again_is_nothing_to_write() -> None:
    assert judge(known(IN), seen(IN), rules()) is None
    assert judge(known(OUT), seen(OUT), rules()) is None


@pytest.mark.parametrize("before", [IN, OUT])
def test_unknown_never_changes_a_state(before: Availability) -> None:
    assert judge(known(before), seen(UNKNOWN, pickup=UNKNOWN), rules()) is None


def test_a_first_look_that_tells_nothing_leaves_no_trace() -> None:
    assert judge(StockState(key=KEY), seen(UNKNOWN), rules()) is None


def test_through_unknown_a_restock_is_still_seen_once() -> None:
    looks = [seen(UNKNOWN, when=1), seen(IN, when=2), seen(UNKNOWN, when=3), seen(IN, when=4)]
    _, made = after(known(OUT), looks)
    assert kinds(made) == [AlertKind.RESTOCK]


def test_a_look_overtaken_by_a_later_one_changes_nothing() -> None:
    assert judge(known(IN, since=at(10)), seen(OUT, when=5), rules(), now=at(11)) is None


def test_ends_of_what_no_restock_began_are_an_alert_for_each_product() -> None:
    """A way that is added to the watch while it is open has no restock of its own."""

    def end_of(sku: str) -> Alert:
        state = replace(known(UNKNOWN, pickup=IN), key=("target", sku))
        looks = [seen(pickup=OUT, when=number, sku=sku) for number in (1, 2)]
        _, [_, made] = after(state, looks)
        return made.alerts[0]

    one, two = end_of("1"), end_of("2")
    assert one.kind is two.kind is AlertKind.SOLD_OUT
    assert one.key != two.key


@pytest.mark.parametrize("ahead_s", [10, 120, 3600])
def test_a_clock_that_was_set_back_hides_no_restock(ahead_s: float) -> None:
    made = judge(known(OUT, since=at(5 + ahead_s)), seen(IN, when=5), rules(), now=at(5))
    assert made is not None
    assert made.is_restock
    assert made.after.since == at(5)


def test_an_end_held_back_before_the_clock_was_set_back_began_not_later_than_it_was_believed() -> None:
    held = judge(known(IN), seen(OUT, when=3600), rules())
    assert held is not None
    made = judge(held.after, seen(OUT, when=5), rules(), now=at(5))
    assert made is not None
    assert (made.after.availability, made.after.since) == (OUT, at(5))


def test_another_word_for_buyable_is_a_change_and_no_restock() -> None:
    made = judge(known(IN), seen(Availability.LIMITED), rules())
    assert made is not None
    assert (made.is_change, made.is_restock, made.alerts) == (True, False, ())


# --- ends and flaps ----------------------------------------------------------------------------------------


def test_an_end_is_believed_when_it_is_seen_twice_and_dates_from_the_first() -> None:
    state, (held, ended) = after(known(IN), [seen(OUT, when=5), seen(OUT, when=9)])
    assert (held.is_change, held.alerts) == (False, ())
    assert held.after.availability is IN
    assert ended.is_change
    assert kinds([ended]) == [AlertKind.SOLD_OUT]
    assert (state.availability, state.since, dict(state.held)) == (OUT, at(5), {})


def test_an_end_is_told_only_to_who_wants_to_know() -> None:
    silent = replace(rules(), tell_end=False)
    _, made = after(known(IN), [seen(OUT, when=1), seen(OUT, when=2)], silent)
    assert made[-1].is_change
    assert kinds(made) == []


def test_a_flap_is_one_restock() -> None:
    looks = [seen(IN, when=1), seen(OUT, when=2), seen(IN, when=3), seen(OUT, when=4), seen(IN, when=5)]
    _, made = after(known(OUT), looks)
    assert kinds(made) == [AlertKind.RESTOCK]


def test_two_windows_are_two_restocks() -> None:
    looks = [seen(IN, when=1), *(seen(OUT, when=n) for n in (2, 3)), seen(IN, when=4)]
    _, made = after(known(OUT), looks)
    assert kinds(made) == [AlertKind.RESTOCK, AlertKind.SOLD_OUT, AlertKind.RESTOCK]


def test_an_unknown_between_the_two_reads_of_an_end_does_not_forget_the_first() -> None:
    looks = [seen(OUT, when=1), seen(UNKNOWN, when=2), seen(OUT, when=3)]
    state, _ = after(known(IN), looks)
    assert (state.availability, state.since) == (OUT, at(1))


def test_the_same_read_twice_is_not_two_reads() -> None:
    state, _ = after(known(IN), [seen(OUT, when=1), seen(OUT, when=1)])
    assert state.availability is IN


def test_a_doubtful_start_is_held_and_costs_one_write() -> None:
    first = judge(known(OUT), seen(IN, when=1), rules(), doubtful=True)
    assert first is not None
    assert (first.is_change, first.is_restock, first.alerts) == (False, False, ())
    assert first.after.availability is OUT
    assert judge(first.after, seen(IN, when=2), rules(), doubtful=True) is None
    believed = judge(first.after, seen(IN, when=3), rules())
    assert believed is not None
    assert believed.is_restock
    assert dict(believed.after.held) == {}


def test_a_doubt_that_turns_out_wrong_is_dropped_without_an_alert() -> None:
    first = judge(known(OUT), seen(IN, when=1), rules(), doubtful=True)
    assert first is not None
    second = judge(first.after, seen(OUT, when=2), rules())
    assert second is not None
    assert (second.is_change, second.alerts, dict(second.after.held)) == (False, (), {})


# --- channels ----------------------------------------------------------------------------------------------


def test_pickup_alone_is_a_restock_for_who_picks_up() -> None:
    made = judge(known(OUT), seen(OUT, pickup=IN), rules())
    assert made is not None
    assert made.alerts[0].facts["channels"] == ["pickup"]
    only_shipping = judge(known(OUT), seen(OUT, pickup=IN), rules(channels=frozenset({Channel.SHIPPING})))
    assert only_shipping is not None
    assert (only_shipping.is_change, only_shipping.is_restock, only_shipping.alerts) == (True, False, ())


def test_walking_in_is_told_only_to_who_asked_for_it() -> None:
    look = seen(OUT, pickup=OUT, in_store=IN)
    default, asked = (
        judge(known(OUT), look, rules()),
        judge(known(OUT), look, rules(channels=frozenset(Channel))),
    )
    assert default is not None
    assert not default.is_restock
    assert asked is not None
    assert asked.is_restock


def test_shipping_after_pickup_is_told_again_but_not_the_other_way_round() -> None:
    shipping_too = judge(known(OUT, pickup=IN), seen(IN, pickup=IN), rules())
    assert shipping_too is not None
    assert shipping_too.alerts[0].facts["channels"] == ["shipping"]
    pickup_too = judge(known(IN, pickup=OUT), seen(IN, pickup=IN), rules())
    assert pickup_too is not None
    assert (pickup_too.is_change, pickup_too.alerts) == (True, ())


def test_a_channel_the_retailer_never_tells_hides_neither_stock_nor_its_end() -> None:
    state = known(OUT, pickup=UNKNOWN)
    looks = [seen(IN, when=1), seen(OUT, when=2), seen(OUT, when=3)]
    _, made = after(state, looks)
    assert kinds(made) == [AlertKind.RESTOCK, AlertKind.SOLD_OUT]


# --- seller and price cap ----------------------------------------------------------------------------------


def test_a_third_party_is_a_change_and_no_restock_unless_allowed() -> None:
    look = seen(IN, sold_by="Scalper LLC", price="99.00")
    refused, allowed = (
        judge(known(OUT), look, rules()),
        judge(known(OUT), look, rules(third_party_sellers=True)),
    )
    assert refused is not None
    assert (refused.is_change, refused.is_restock, refused.alerts) == (True, False, ())
    assert refused.after.held[UNWANTED] == "sold by Scalper LLC, not by the retailer itself"
    assert allowed is not None
    assert allowed.is_restock


def test_when_the_retailer_itself_takes_over_it_is_a_restock() -> None:
    looks = [seen(IN, when=1, sold_by="Scalper LLC"), seen(IN, when=2, offer=Offer(price=None))]
    _, made = after(known(OUT), looks)
    assert kinds(made) == [AlertKind.RESTOCK]


def test_the_name_of_a_seller_known_to_be_there_is_no_change() -> None:
    state = known(
        IN, sold_by="Scalper LLC", held={UNWANTED: "sold by Scalper LLC, not by the retailer itself"}
    )
    assert judge(state, seen(IN, sold_by=UNNAMED_SELLER), rules()) is None


def test_over_the_cap_is_a_change_that_says_why_it_makes_no_alert() -> None:
    made = judge(known(OUT), seen(IN, price="50.01"), rules(max_price=dollars("50")))
    assert made is not None
    assert (made.is_change, made.is_restock, made.alerts) == (True, False, ())
    assert made.after.held[UNWANTED] == "$50.01 is over your limit of $50.00"


def test_at_the_cap_is_told() -> None:
    made = judge(known(OUT), seen(IN, price="50.00"), rules(max_price=dollars("50")))
    assert made is not None
    assert made.is_restock


def test_a_price_that_falls_below_the_cap_is_a_restock() -> None:
    looks = [seen(IN, when=1, price="60"), seen(IN, when=2, price="60"), seen(IN, when=3, price="45")]
    _, made = after(known(OUT), looks, rules(max_price=dollars("50")))
    assert kinds(made) == [AlertKind.RESTOCK]


def test_a_cap_the_person_raises_is_a_restock_at_the_next_look() -> None:
    state, _ = after(known(OUT), [seen(IN, when=1, price="60")], rules(max_price=dollars("50")))
    assert is_news(state, seen(IN, when=2, price="60"))
    made = judge(state, seen(IN, when=2, price="60"), rules(max_price=dollars("70")))
    assert made is not None
    assert kinds([made]) == [AlertKind.RESTOCK]
    assert UNWANTED not in made.after.held


def test_without_a_price_a_cap_does_not_silence() -> None:
    made = judge(known(OUT), seen(IN), rules(max_price=dollars("50")))
    assert made is not None
    assert made.is_restock
    assert made.alerts[0].facts["price"] is None


# --- prices ------------------------------------------------------------------------------------------------


def test_a_look_without_a_price_keeps_the_one_known() -> None:
    made = judge(known(OUT, price=dollars("49.99")), seen(IN), rules())
    assert made is not None
    assert made.after.price == dollars("49.99")


@pytest.mark.parametrize("odd", ["19.99", "100.00", "0.50"])
def test_an_odd_price_is_held_until_it_is_seen_twice(odd: str) -> None:
    state = known(IN, price=dollars("49.99"))
    held = judge(state, seen(IN, when=1, price=odd), rules(alert_below_price=dollars("30")))
    assert held is not None
    assert (held.is_change, held.alerts, held.after.price) == (False, (), dollars("49.99"))
    again = judge(held.after, seen(IN, when=2, price=odd), rules())
    assert again is not None
    assert (again.is_change, again.after.price, dict(again.after.held)) == (True, dollars(odd), {})


def test_an_odd_price_seen_once_is_forgotten() -> None:
    looks = [seen(IN, when=1, price="4.99"), seen(IN, when=2, price="49.99"), seen(IN, when=3, price="4.99")]
    state, made = after(known(IN, price=dollars("49.99")), looks)
    assert state.price == dollars("49.99")
    assert kinds(made) == []


def test_one_price_alert_for_one_change_with_a_key_of_its_own() -> None:
    given_rules = rules(alert_below_price=dollars("45"), alert_price_drop_percent=5)
    state = known(IN, price=dollars("49.99"))
    _, made = after(
        state, [seen(IN, when=n, price=p) for n, p in ((1, "44"), (2, "42"), (3, "41.5"))], given_rules
    )
    alerts = [alert for transition in made for alert in transition.alerts]
    assert [alert.kind for alert in alerts] == [AlertKind.BELOW_PRICE]
    assert alerts[0].key == "price:target:89542109:2"
    assert alerts[0].facts["price_before"] == "$49.99"


@pytest.mark.parametrize(
    ("price", "told"), [("44.99", True), ("45.00", True), ("45.01", False), ("55", False)]
)
def test_a_drop_by_the_persons_percentage(price: str, told: bool) -> None:
    made = judge(known(IN, price=dollars("50")), seen(IN, price=price), rules(alert_price_drop_percent=10))
    assert made is not None
    assert (kinds([made]) == [AlertKind.PRICE_DROP]) is told


def test_a_price_nobody_can_pay_is_no_news() -> None:
    made = judge(
        known(OUT, price=dollars("50")), seen(OUT, price="40"), rules(alert_below_price=dollars("45"))
    )
    assert made is not None
    assert (made.is_change, made.alerts) == (True, ())


def test_a_restock_at_a_better_price_is_one_alert() -> None:
    made = judge(
        known(OUT, price=dollars("50")), seen(IN, price="40"), rules(alert_below_price=dollars("45"))
    )
    assert made is not None
    assert kinds([made]) == [AlertKind.RESTOCK]


# --- silence -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("quiet", [{"muted": True}, {"snoozed_until": at(60)}])
def test_a_muted_or_snoozed_watch_changes_without_an_alert(quiet: Any) -> None:
    made = judge(known(OUT), seen(IN), rules(**quiet))
    assert made is not None
    assert (made.is_restock, made.alerts) == (True, ())


def test_who_wants_a_browsers_word_first_has_the_alert_wait_but_not_where_no_browser_would_look() -> None:
    asking = replace(rules(), ask_first=True)
    waiting = judge(known(OUT), seen(IN, when=5), asking)
    at_once = judge(known(OUT), seen(IN, when=5), asking, note="the browser is not ready")
    assert waiting is not None
    assert at_once is not None
    assert [alert.waits_until for alert in waiting.alerts] == [at(95)]
    assert [alert.waits_until for alert in at_once.alerts] == [None]


def test_a_snooze_that_is_over_is_over() -> None:
    made = judge(known(OUT), seen(IN, when=60), rules(snoozed_until=at(60)))
    assert made is not None
    assert made.alerts


# --- the cheap first look, and the database's decider ------------------------------------------------------


def test_the_decider_remembers_what_the_database_had() -> None:
    decide = Decider({KEY: rules()}.get)
    assert decide(known(IN, version=7), seen(IN)) is None
    assert decide.known[KEY].version == 7
    assert decide(known(OUT, version=8), seen(IN)) is not None
    assert decide(known(OUT), seen(IN, sku="unwatched")) is None


def test_the_decider_holds_what_the_scheduler_doubts() -> None:
    made = Decider({KEY: rules()}.get, [KEY])(known(OUT), seen(IN))
    assert made is not None
    assert not made.is_restock


availabilities = st.sampled_from(list(Availability))
prices = st.sampled_from([None, "10", "19.99", "20", "25", "60"])
sellers = st.sampled_from([None, "Scalper LLC", UNNAMED_SELLER])


@st.composite
def looks(draw: Any) -> list[Any]:
    return [
        seen(
            draw(availabilities),
            when=number,
            pickup=draw(availabilities),
            in_store=draw(availabilities),
            price=draw(prices),
            sold_by=draw(sellers),
        )
        for number in range(draw(st.integers(1, 12)))
    ]


@settings(deadline=None)
@given(looks=looks(), cap=st.sampled_from([None, "20"]), doubts=st.sets(st.integers(0, 11)))
def test_whatever_is_seen_the_promises_hold(looks: list[Any], cap: str | None, doubts: set[int]) -> None:
    given_rules = rules(max_price=dollars(cap) if cap else None, alert_below_price=dollars("20"))
    state, keys = StockState(key=KEY), []
    for number, look in enumerate(looks):
        made = judge(state, look, given_rules, doubtful=number in doubts)
        assert made is None or is_news(state, look), "the cheap first look may not miss a change"
        if made is None:
            continue
        assert len(made.alerts) <= 1
        assert made.after.version == state.version + 1
        if made.is_restock:
            assert number not in doubts or state.held, "a doubtful start is not believed"
            assert look.availability.is_buyable or look.pickup.is_buyable or UNWANTED in state.held
            assert [alert.kind for alert in made.alerts] == [AlertKind.RESTOCK]
        for name in ("availability", "pickup", "in_store"):
            if getattr(look, name) is UNKNOWN:
                assert getattr(made.after, name) is getattr(state, name)
        keys += [alert.key + str(made.after.version) for alert in made.alerts]
        state = replace(made.after)
    assert len(keys) == len(set(keys))


@settings(deadline=None)
@given(looks=looks())
def test_the_same_look_twice_makes_one_change_and_never_two(looks: list[Any]) -> None:
    state = StockState(key=KEY)
    for look in looks:
        made = judge(state, look, rules())
        if made is not None:
            state = made.after
            assert judge(state, look, rules()) is None


@pytest.mark.parametrize(("percent", "price"), [(7, "93"), (31, "69"), (32, "68"), (12.5, "87.50")])
def test_a_drop_of_exactly_the_persons_percentage_is_told(percent: float, price: str) -> None:
    before = known(IN, price=dollars("100"))
    made = judge(before, seen(IN, price=price), rules(alert_price_drop_percent=percent))
    assert made is not None
    assert kinds([made]) == [AlertKind.PRICE_DROP]
    over = str(dollars(price).cents / 100 + 0.01)
    made = judge(before, seen(IN, price=over), rules(alert_price_drop_percent=percent))
    assert made is not None
    assert kinds([made]) == []
