"""The shelf is the truth: seeded, changed at once, and it remembers when each product came and went."""

from __future__ import annotations

import asyncio
import html
import re
import time
from collections import Counter
from dataclasses import asdict
from typing import Any

import pytest
from tests.simulator_fixture import Simulator, simulator_in_loop

from shopwatch.simulator.names import escaped, slug
from shopwatch.simulator.scenario import Event, Plan, events_of
from shopwatch.simulator.shelf import BUYABLE, SITES, Product, Products
from shopwatch.simulator.stocking import first_day
from shopwatch.simulator.world import VirtualClock, World

SKU = "20000001"


def world(seed: int = 1, per_site: int = 120) -> World:
    return World(seed=seed, products=Products(lambda: first_day(seed, per_site)))


def test_the_seed_decides_the_first_day() -> None:
    def stock(seed: int) -> list[Product]:
        return list(first_day(seed, 200))

    assert stock(1) == stock(1) != stock(2)


def test_a_larger_shelf_begins_like_a_smaller_one_in_its_skus() -> None:
    small, large = ([p.sku for p in first_day(1, n) if p.site == "target"] for n in (50, 500))
    assert large[:50] == small


def test_skus_are_eight_digits_and_never_twice() -> None:
    for site in SITES:
        skus = [product.sku for product in first_day(1, 5_000) if product.site == site]
        assert len(set(skus)) == len(skus)
        assert all(re.fullmatch(r"\d{8}", sku) for sku in skus)


def test_the_first_day_has_every_kind_of_product() -> None:
    target = [product for product in first_day(1, 1000) if product.site == "target"]
    words = Counter(product.ship for product in target)
    assert {"IN_STOCK", "OUT_OF_STOCK", "PRE_ORDER_SELLABLE", "DISCONTINUED", "UNAVAILABLE"} <= set(words)
    assert words["OUT_OF_STOCK"] > words["IN_STOCK"] > 100
    assert {product.kind for product in target} == {"SA", "VAP", "VC"}
    assert any(product.marketplace and product.seller for product in target)
    assert any(product.pickup == "IN_STOCK" and product.ship == "OUT_OF_STOCK" for product in target)
    assert all(100 <= product.price_cents < 100_000 for product in target)


def test_titles_hold_the_traps_of_real_ones() -> None:
    titles = "".join(product.title for product in first_day(1, 200))
    assert [trap for trap in "'&é™\"" if trap not in titles] == []


def test_a_variation_knows_its_parent_and_the_parent_its_variations() -> None:
    shelf = world().products.shelves["target"]
    parents = [product for product in shelf.values() if product.kind == "VAP"]
    assert len(parents) == 3
    for parent in parents:
        assert [shelf[sku].parent for sku in parent.children] == [parent.sku] * 3
        assert not parent.buyable


def test_titles_are_escaped_with_numbers_and_come_back_whole() -> None:
    title = 'Pokémon™ "Tim\'s" <Cards> & More'
    assert escaped(title) == "Pok&#233;mon&#8482; &#34;Tim&#39;s&#34; &#60;Cards&#62; &#38; More"
    assert html.unescape(escaped(title)) == title
    assert slug('Pokémon 3/4" Tape') == "pok-233-mon-3-4-34-tape"


@pytest.mark.parametrize("site", SITES)
def test_a_restock_and_a_sell_out_are_two_flips(site: str) -> None:
    products = Products()
    products.put(site, SKU)
    before = time.time()
    products.restock(site, SKU)
    products.sell_out(site, SKU)
    products.sell_out(site, SKU)
    assert [(flip.buyable, flip.claims) for flip in products.history] == [(True, True), (False, False)]
    assert before <= products.history[0].at <= products.history[1].at <= time.time()


@pytest.mark.parametrize("word", ["IN_STOCK", "LIMITED_STOCK", "PRE_ORDER_SELLABLE"])
def test_words_one_can_order_by_are_buyable(word: str) -> None:
    assert Products().put("target", SKU, ship=word).buyable


@pytest.mark.parametrize("word", ["OUT_OF_STOCK", "UNAVAILABLE", "PRE_ORDER_UNSELLABLE", "SOMETHING_NEW"])
def test_other_words_are_not(word: str) -> None:
    assert not Products().put("target", SKU, ship=word).buyable


def test_a_lie_is_claimed_but_cannot_be_bought() -> None:
    products = Products()
    products.put("target", SKU)
    products.lie("target", SKU)
    (flip,) = products.history
    assert (flip.claims, flip.buyable, flip.cause) == (True, False, "lie")


def test_a_price_is_no_flip() -> None:
    products = Products()
    products.put("target", SKU, price_cents=5)
    products.put("target", SKU, price_cents=6)
    assert list(products.history) == []


def test_a_contradiction_can_be_asked_for() -> None:
    product = Products().put("target", SKU, ship="IN_STOCK", quantity=0)
    assert (product.claims, product.quantity) == (True, 0)


def test_a_flip_costs_the_same_on_a_large_shelf() -> None:
    products = Products(lambda: first_day(1, 5_000))
    skus = list(products.shelves["target"])
    started = time.process_time()
    for sku in skus:
        products.restock("target", sku)
    assert (time.process_time() - started) / len(skus) < 100e-6


def test_a_plan_is_made_from_its_seed() -> None:
    def events(seed: int) -> list[Event]:
        return events_of(Plan(seed=seed, restocks=10, blips=3, lies=2, drops=2, duration=100), world())

    assert events(1) == events(1) != events(2)
    assert Counter(e.action for e in events(1)) == {"restock": 10, "blip": 3, "lie": 2, "drop": 2}
    assert events(1) == sorted(events(1), key=lambda event: event.at)
    assert all(0 <= event.at <= 100 for event in events(1))


def test_the_clock_runs_at_its_speed_and_never_jumps_back() -> None:
    clock = VirtualClock()
    before = clock.epoch()
    clock.move(offset=3600, speed=1000)
    moved = clock.epoch()
    assert moved - before >= 3600
    started = time.time()
    while time.time() - started < 0.01:
        pass
    assert clock.epoch() - moved >= 10


async def flips(simulator: Simulator, count: int, sku: str = SKU) -> list[dict[str, Any]]:
    """Ask until that many flips have been."""
    async with asyncio.timeout(60):
        while True:
            found = (await simulator.tell("GET", f"/shelf/history?sku={sku}"))["flips"]
            if len(found) >= count:
                return found  # type: ignore[no-any-return]


def after(flip: dict[str, Any], asked: float, seconds: float) -> bool:
    """Never before its time by more than a clock's grain; after it, a busy machine may take its time."""
    late_s = float(flip["at"]) - asked - seconds
    return -0.01 <= late_s < 8


async def test_a_timed_restock_comes_and_goes_when_it_said(simulator: Simulator) -> None:
    await simulator.put(SKU)
    asked = time.time()
    answer = await simulator.tell("POST", "/scenario", {"events": [{"at": 0.2, "sku": SKU, "seconds": 0.3}]})
    assert answer["changes"] == 2
    came, went = await flips(simulator, 2)
    assert (came["buyable"], came["cause"], went["buyable"]) == (True, "restock", False)
    assert after(came, asked, 0.2)
    assert after(went, asked, 0.5)


async def test_a_factor_makes_the_scenario_quicker(simulator: Simulator) -> None:
    await simulator.put(SKU)
    body = {"speed": 100, "events": [{"at": 10, "sku": SKU, "seconds": 20}]}
    asked = time.time()
    await simulator.tell("POST", "/scenario", body)
    came, went = await flips(simulator, 2)
    assert after(came, asked, 0.1)
    assert after(went, asked, 0.3)


async def test_a_family_comes_back_one_after_the_other(simulator: Simulator) -> None:
    for n in range(3):
        await simulator.put(f"2000000{n}", brand="Sonny Angel")
    event = {"at": 0, "action": "drop", "brand": "Sonny Angel", "spread": 0.2, "seconds": 60}
    asked = time.time()
    await simulator.tell("POST", "/scenario", {"events": [event]})
    came = [(await flips(simulator, 1, f"2000000{n}"))[0] for n in range(3)]
    assert [after(one, asked, 0.1 * place) for place, one in enumerate(came)] == [True] * 3
    assert await simulator.tell("DELETE", "/scenario") == {"dropped": 3}


async def test_a_blip_is_told_to_one_read_only(simulator: Simulator) -> None:
    await simulator.put(SKU)
    await simulator.tell("POST", "/scenario", {"events": [{"at": 0, "sku": SKU, "action": "blip"}]})
    words = []
    async with asyncio.timeout(60):
        while "IN_STOCK" not in words:
            words = [await ship_of(simulator) for _ in range(3)]
    assert words.count("IN_STOCK") == 1
    (flip,) = (await simulator.tell("GET", f"/shelf/history?sku={SKU}"))["flips"]
    assert (flip["claims"], flip["buyable"], flip["cause"]) == (True, False, "blip")


async def ship_of(simulator: Simulator) -> str:
    entry = (await simulator.summary(SKU)).json["data"]["product_summaries"][0]
    return str(entry["fulfillment"]["shipping_options"]["availability_status"])


async def test_a_later_window_is_not_closed_by_an_earlier_one(simulator: Simulator) -> None:
    await simulator.put(SKU)
    events = [{"at": 0, "sku": SKU, "seconds": 0.2}, {"at": 0.1, "sku": SKU, "seconds": 0.3}]
    asked = time.time()
    await simulator.tell("POST", "/scenario", {"events": events})
    _, went = await flips(simulator, 2)
    assert after(went, asked, 0.4)


async def test_history_can_be_asked_from_a_moment_on(simulator: Simulator) -> None:
    await simulator.put(SKU, ship="IN_STOCK")
    (first,) = await flips(simulator, 1)
    await simulator.put(SKU, ship="OUT_OF_STOCK")
    later = (await simulator.tell("GET", f"/shelf/history?since={first['at'] + 1e-6}"))["flips"]
    assert [flip["buyable"] for flip in later] == [False]


async def test_the_simulator_also_runs_in_the_loop_of_a_test() -> None:
    async with simulator_in_loop(products=20, seed=3) as simulator:
        shown = await simulator.tell("GET", "/products/target")
        skus = [product["sku"] for product in shown["products"]]
    assert skus == [product.sku for product in first_day(3, 20) if product.site == "target"]


def test_every_site_has_words_for_both_states() -> None:
    for site, words in BUYABLE.items():
        product = Products().put(site, SKU)
        assert product.ship not in words
        assert asdict(product)["site"] == site
