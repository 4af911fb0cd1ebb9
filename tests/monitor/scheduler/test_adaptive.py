"""What the adaptive scheduler learns, and what it does with it. Every world here is made up on the spot."""

from copy import deepcopy
from datetime import timedelta, timezone
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.monitor.scheduler.worlds import (
    DAY,
    HOST,
    MONDAY,
    WEEK,
    World,
    every,
    first_family,
    watched,
    watches,
)

from shopwatch.monitor.scheduler.adaptive import AdaptiveScheduler
from shopwatch.monitor.scheduler.doubt import DISMISSED, SELLOUT_BELIEVED, Doubt, probability
from shopwatch.monitor.scheduler.interface import Assignment, HostLimits, Outcome


@pytest.fixture(scope="module")
def two_days() -> World:
    """Thirty products watched for two days; the 7th came back every four hours."""
    world = watched(30, in_stock=every("7", 4 * 3600.0), rate=0.01)
    world.run(2 * DAY)
    return world


@pytest.fixture
def learnt(two_days: World) -> World:
    return deepcopy(two_days)


def test_what_comes_back_often_is_looked_at_more_often(learnt: World) -> None:
    since = learnt.now - DAY
    usual = sum(learnt.count(str(n), since) for n in range(30)) / 30
    assert learnt.count("7", since) > 1.5 * usual


def test_a_restock_sends_the_next_looks_to_its_siblings() -> None:
    world = watched(family_size=6, in_stock=first_family(lambda at: (at - MONDAY) % 18_000 > 16_500))
    world.run(20 * 3600.0)
    last = max(at for _, at in world.restocks)
    first = min(at for _, at in world.restocks if at > last - 3600.0)
    assert sum(first <= at <= first + 150.0 for _, at in world.restocks) >= 5


def test_the_reason_names_the_sibling_and_how_long_ago() -> None:
    world = watched(family_size=6, in_stock=lambda sku, at: sku == "0" and at > MONDAY + 3 * 3600.0)
    world.run(3 * 3600.0)
    while not world.restocks:
        world.run(50.0)
    assert "a sibling came back" in world.why("3")
    assert "sibling" not in world.why("30")


def test_a_habit_is_named_in_local_time() -> None:
    eastern = timezone(timedelta(hours=-5))
    world = watched(10, in_stock=every("3", DAY, offset_s=12.25 * 3600), zone=eastern, rate=0.003)
    world.run(5 * DAY)
    assert world.why("3") == "5 of its 5 restocks came 07:00–09:00"


def test_more_looks_go_where_a_family_usually_drops() -> None:
    slot_s = 8 * 3600
    world = watched(family_size=6, in_stock=first_family(lambda at: 0 <= (at - MONDAY) % WEEK - slot_s < 900))
    world.run(slot_s + 900.0)
    world.now += WEEK - 7200.0  # the machine slept for most of a week
    world.run(3600.0)
    calm_begins = world.now - 3000.0
    calm = sum(world.count(str(n), calm_begins) for n in range(6)) / 3000.0
    world.run(3600.0 - 900.0)
    slot_begins = world.now
    world.run(600.0)
    busy = sum(world.count(str(n), slot_begins) for n in range(6)) / 600.0
    assert busy > 2 * calm


def test_a_second_wave_is_waited_for_once_it_is_known() -> None:
    period_s = 6 * 3600.0

    def waves(at: float) -> bool:
        since = (at - MONDAY) % period_s
        return at > MONDAY + 1500 and (since < 900 or 4500 < since < 5400)

    world = watched(family_size=6, in_stock=first_family(waves))
    world.run(4 * period_s + 3000.0)
    since = world.now
    world.run(1200.0)
    family = sum(world.count(str(n), since) for n in range(6)) / 6
    others = sum(world.count(str(n), since) for n in range(6, 60)) / 54
    assert family > 1.5 * others
    assert "a second wave often follows" in world.why("2")


def test_a_blip_makes_no_restock_and_a_real_one_is_told_after_a_second_look() -> None:
    world = watched(20)
    world.run(3600.0)
    world.lies = {world.requests + 1}
    world.run(600.0)
    assert world.restocks == []
    world.in_stock = lambda sku, at: sku == "4"
    world.run(1200.0)
    assert [sku for sku, _ in world.restocks] == ["4"]


def test_a_doubtful_answer_is_asked_again_in_the_next_request_and_says_so() -> None:
    world = watched(40)
    world.run(3600.0)
    world.lies = {world.requests + 1}
    world.run(50.0)
    doubted = world.batches[-1].skus[0]
    assert world.scheduler.doubtful((HOST, doubted), world.now)
    assert world.why(doubted) == "a surprising answer is asked again before it is believed"
    world.run(50.0)
    assert doubted in world.batches[-1].skus
    world.run(50.0)
    assert not world.scheduler.doubtful((HOST, doubted), world.now)


@pytest.mark.parametrize(("wrongly_out", "asked_again"), [(0.03, [True, False]), (0.001, [False, False])])
def test_one_no_ends_a_doubt_only_where_a_no_is_hardly_ever_wrong(
    wrongly_out: float, asked_again: list[bool]
) -> None:
    """A look costs next to nothing, and waiting for the usual gap may lose the window."""
    doubt = Doubt()
    doubt.looked(100_000, 100_000)
    for in_stock, share in ((False, 0.003), (True, wrongly_out)):
        for _ in range(round(share * 100_000)):
            doubt.was_wrong(in_stock=in_stock)
    odds = doubt.odds(0.0005, in_stock=False)
    found = []
    for _ in range(2):
        odds = doubt.further_odds(odds, in_stock=False, says_in=False)
        found.append(probability(odds) >= DISMISSED)
    assert found == asked_again


def test_a_host_that_lies_often_is_believed_less() -> None:
    honest, liar = watched(10), watched(10)
    liar.lies = set(range(1, 100_000, 3))
    for world in (honest, liar):
        world.run(DAY / 4)
        world.lies, world.in_stock = set(), lambda sku, at: sku == "4"
        world.restocks.clear()
        world.run(1200.0)
    looks = [
        sum(MONDAY + DAY / 4 < at <= world.restocks[0][1] for at in world.looks["4"])
        for world in (honest, liar)
    ]
    assert looks[0] < looks[1]


@pytest.mark.parametrize(("wrongly_out", "least"), [(0.03, 5), (0.0001, 2)])
def test_a_sell_out_is_believed_after_as_many_answers_as_the_hosts_mistakes_ask_for(
    wrongly_out: float, least: int
) -> None:
    doubt = Doubt()
    doubt.errors[1] = 1e5 * wrongly_out, 1e5
    odds, answers = doubt.odds(0.5, in_stock=True), 1
    while probability(odds) < SELLOUT_BELIEVED:
        odds, answers = doubt.further_odds(odds, in_stock=True, says_in=False), answers + 1
    assert answers == least


def test_what_flickers_does_not_eat_the_budget() -> None:
    world = watched(30, in_stock=every("7", 1200.0, length_s=300.0), rate=0.01)
    world.run(DAY)
    since = world.now
    world.run(DAY / 2)
    usual = sum(world.count(str(n), since) for n in range(30)) / 30
    assert world.count("7", since) <= 2 * usual


def test_a_product_in_stock_is_looked_at_less_than_it_was() -> None:
    world = watched(10, in_stock=lambda sku, at: sku == "4" and at > MONDAY + DAY / 4, batch_size=2)
    world.run(DAY / 4)
    before = world.count("4", world.now - DAY / 8)
    world.run(DAY / 4)
    assert world.count("4", world.now - DAY / 8) < before


@settings(max_examples=10, deadline=None)
@given(
    intervals=st.lists(st.floats(20.0, 300.0), min_size=2, max_size=40),
    often=st.integers(0, 39),
    batch_size=st.integers(2, 8),
)
def test_intervals_are_honoured_while_others_look_more_interesting(
    intervals: list[float], often: int, batch_size: int
) -> None:
    rate = 1.3 * sum(1 / interval for interval in intervals) / batch_size
    scheduler = AdaptiveScheduler()
    limits = HostLimits(batch_size=batch_size, requests_per_s=max(rate, 0.2), min_gap_s=0.5)
    scheduler.limits(HOST, limits, MONDAY)
    scheduler.replace(
        [Assignment(key=(HOST, str(n)), max_interval_s=s) for n, s in enumerate(intervals)], MONDAY
    )
    world = World(scheduler, every(str(often), 500.0, length_s=60.0))
    world.run(1200.0)
    assert scheduler.stretch(HOST) == 1.0
    for number, interval in enumerate(intervals):
        longest = max(later - earlier for earlier, later in pairwise(world.looks[str(number)]))
        assert longest <= interval + (len(intervals) / batch_size + 1) / limits.requests_per_s


def test_an_overdrawn_budget_stretches_all_intervals_alike() -> None:
    world = watched(100, interval=10.0, batch_size=5, rate=1.0)
    world.run(1200.0)
    stretch = world.scheduler.stretch(HOST)
    assert stretch > 2.0
    longest = [max(b - a for a, b in pairwise(looks)) for looks in world.looks.values()]
    assert max(longest) <= 10.0 * stretch + 21.0
    cheap = Assignment(key=(HOST, "cheap"), max_interval_s=10.0, value=1e-6)
    world.scheduler.replace([*watches(100, interval=10.0), cheap], world.now)
    world.run(300.0)
    assert "its check_frequency is 10 s, stretched by" in world.why("cheap")


def test_the_stretch_grows_when_the_host_slows_us_down() -> None:
    world = watched(100, interval=25.0, batch_size=5, rate=1.0)
    world.run(700.0)
    before = world.scheduler.stretch(HOST)
    for _ in range(8):
        world.now += 30.0
        (batch,) = world.scheduler.take_due(world.now)
        world.scheduler.done(batch, {}, world.now, refused=True, retry_after_s=1.0)
    world.run(700.0)
    assert world.scheduler.stretch(HOST) > 1.2 * before


def test_a_request_not_worth_its_price_waits_unless_somebody_asks() -> None:
    world = watched(30, rate=0.01, peak_requests_per_s=0.04)
    world.run(DAY / 2)
    waits_s: float | None = 0.0
    while not waits_s or waits_s <= 25.0:  # until one is not worth its price
        for batch in world.scheduler.take_due(world.now):
            world.answer(batch)
        waits_s = world.scheduler.seconds_until_due(world.now)
        world.now += waits_s if waits_s and waits_s <= 25.0 else 0.0
    world.scheduler.check_now((HOST, "3"), world.now)
    asked_s = world.scheduler.seconds_until_due(world.now)
    assert waits_s == pytest.approx(50.0)  # half of the time between two requests at the usual rate
    assert asked_s is not None
    assert asked_s <= 25.0


def test_a_budget_with_a_peak_spends_more_when_it_matters_and_no_more_in_all() -> None:
    def mornings(sku: str, at: float) -> bool:
        return 8 * 3600 < (at - MONDAY) % DAY < 10 * 3600 and (int(sku) + int(at // 1800)) % 6 == 0

    world = watched(30, in_stock=mornings, rate=0.0025, peak_requests_per_s=0.01)
    world.run(4 * DAY)
    assert len(world.batches) <= 0.0025 * 4 * DAY + 2
    times = sorted(at for looks in world.looks.values() for at in looks if at > MONDAY + 2 * DAY)
    busy = sum(8 * 3600 <= (at - MONDAY) % DAY <= 10 * 3600 for at in times) / len(times)
    assert busy > 1.5 * 2 / 24


def test_requests_saved_up_for_busy_minutes_survive_a_restart() -> None:
    world = watched(30, rate=0.01, peak_requests_per_s=0.04)
    world.run(DAY / 4)
    saved = world.scheduler.save()
    restarted = AdaptiveScheduler()
    restarted.restore(saved, world.now)
    assert saved["retailers"][HOST]["saved_requests"] >= 10
    assert restarted.save()["retailers"][HOST]["saved_requests"] == saved["retailers"][HOST]["saved_requests"]


def test_new_products_join_without_costing_the_others_their_learning(learnt: World) -> None:
    why = learnt.scheduler.plan((HOST, "7"), learnt.now)
    learnt.scheduler.replace(watches(60), learnt.now)
    learnt.run(1.0)
    assert learnt.scheduler.plan((HOST, "7"), learnt.now).due_at_s == pytest.approx(why.due_at_s, abs=600.0)
    since = learnt.now
    learnt.run(DAY / 2)
    assert learnt.count("7", since) > 2 * learnt.count("8", since)


def test_a_watch_that_was_taken_away_comes_back_with_what_was_learnt(learnt: World) -> None:
    without = [watch for watch in watches(30) if watch.key[1] != "7"]
    learnt.scheduler.replace(without, learnt.now)
    learnt.run(3600.0)
    learnt.scheduler.replace(watches(30), learnt.now)
    since = learnt.now
    learnt.run(DAY / 2)
    assert learnt.count("7", since) > 1.5 * learnt.count("8", since)


def test_a_restored_scheduler_decides_as_the_one_that_was_saved(learnt: World) -> None:
    other = watched(30, rate=0.01)
    other.scheduler.restore(learnt.scheduler.save(), learnt.now)
    other.now, other.in_stock = learnt.now, learnt.in_stock
    since = learnt.now
    learnt.run(DAY / 2)
    other.run(DAY / 2)
    assert other.count("7", since) == pytest.approx(learnt.count("7", since), rel=0.15)


def test_an_old_state_fades_to_what_is_known_of_everybody(learnt: World) -> None:
    other = watched(30, rate=0.01)
    later = learnt.now + 400 * DAY
    other.scheduler.restore(learnt.scheduler.save(), later)
    other.now = later
    other.run(DAY / 2)
    assert other.count("7", later) == pytest.approx(other.count("8", later), rel=0.2)


@pytest.mark.parametrize("damage", ["products", "week", "families", "errors", "habits", "waves", "put_away"])
def test_a_damaged_state_is_refused_and_changes_nothing(damage: str) -> None:
    world = watched(10)
    world.run(600.0)
    world.scheduler.seconds_until_due(world.now)
    before, state = world.scheduler.save(), world.scheduler.save()
    state["retailers"][HOST][damage] = [["nonsense", float("nan")]]
    with pytest.raises(ValueError, match="the saved scheduler state cannot be read"):
        world.scheduler.restore(state, world.now)
    assert world.scheduler.save() == before


def test_answers_without_a_verdict_change_no_belief_and_are_retried_less_and_less() -> None:
    scheduler = watched(1, interval=600.0, rate=10.0, min_gap_s=1.0).scheduler
    now, times = MONDAY, []
    for _ in range(1500):
        for batch in scheduler.take_due(now):
            times.append(now)
            scheduler.done(batch, {"0": Outcome.UNKNOWN}, now)
        now += 1.0
    gaps = [later - earlier for earlier, later in pairwise(times)]
    assert gaps == sorted(gaps)
    assert gaps[-1] >= 200.0
    assert "without a verdict" in scheduler.plan((HOST, "0"), now).why


def test_a_missing_product_in_an_answer_counts_as_unknown() -> None:
    scheduler = watched(2, batch_size=2).scheduler
    (batch,) = scheduler.take_due(MONDAY)
    scheduler.done(batch, {"0": Outcome.OUT_OF_STOCK}, MONDAY)
    assert scheduler.plan((HOST, "1"), MONDAY).why == "trying again after no verdict"


def test_a_product_in_stock_at_the_very_first_look_is_no_restock_to_learn_from() -> None:
    world = watched(20, in_stock=lambda sku, at: int(sku) < 10)
    world.run(600.0)
    products = {row[0]: row for row in world.scheduler.save()["retailers"][HOST]["products"]}
    assert all(row[4] == 0 for row in products.values())
    assert {sku for sku, row in products.items() if row[3]} == {str(n) for n in range(10)}


def test_a_refused_batch_teaches_nothing_and_its_products_stay_due() -> None:
    world = watched(5, batch_size=5, rate=1.0)
    (batch,) = world.scheduler.take_due(MONDAY)
    world.scheduler.done(batch, {}, MONDAY, refused=True, retry_after_s=30.0)
    (again,) = world.scheduler.take_due(MONDAY + 31.0)
    assert sorted(again.skus) == sorted(batch.skus)
    assert world.scheduler.save()["retailers"][HOST]["products"] == []


def test_the_plan_is_a_time_that_is_kept() -> None:
    world = watched(30, interval=120.0, rate=0.5)
    world.run(1200.0)
    promised = {str(n): world.scheduler.plan((HOST, str(n)), world.now).due_at_s for n in range(30)}
    since = world.now
    world.run(200.0)
    for sku, due_at in promised.items():
        first = min(at for at in world.looks[sku] if at >= since)
        assert first <= due_at + 15.0
