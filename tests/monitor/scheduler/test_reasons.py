"""Each of the reasons a plan can name, brought about by a world in which it is the true one."""

import sys
import tracemalloc
from typing import Any

from tests.monitor.scheduler.worlds import DAY, HOST, MONDAY, WEEK, every, watched, watches

from shopwatch.monitor.scheduler import AdaptiveScheduler, Assignment, Outcome


def test_the_persons_interval_is_the_reason_where_it_comes_first() -> None:
    world = watched(40, interval=120.0, rate=0.1)
    cheap = Assignment(key=(HOST, "cheap"), max_interval_s=150.0, value=1e-6)
    world.scheduler.replace([*watches(40, interval=120.0), cheap], MONDAY)
    world.run(1200.0)
    assert world.why("cheap") == "its check_frequency is 2.5 min"


def test_a_product_nobody_knows_yet_is_looked_at_because_little_is_known() -> None:
    world = watched()
    world.run(3600.0)
    assert world.why("3") == "little is known about it yet"


def test_a_product_watched_long_is_called_rare_and_not_unknown() -> None:
    world = watched(5, rate=0.002, batch_size=5)
    world.run(7 * DAY)
    assert world.why("3").startswith("it comes back about every ")


def test_a_busy_hour_of_the_host_is_named() -> None:
    def mondays(sku: str, at: float) -> bool:
        return int(sku) % 3 == 0 and 8 * 3600 < (at - MONDAY) % WEEK < 8 * 3600 + 1500

    world = watched(30, in_stock=mondays, rate=0.01)
    world.run(2 * DAY)
    world.now = MONDAY + WEEK + 7 * 3600.0  # the machine slept for most of the week
    world.run(3900.0)
    assert world.why("7") == "08:00–08:30 is a busy time at this retailer"


def test_the_half_hour_in_which_a_family_drops_is_named() -> None:
    slot_s = 8 * 3600.0
    world = watched(
        family_size=6, in_stock=lambda sku, at: int(sku) < 6 and 0 <= (at - MONDAY) % (7 * DAY) - slot_s < 900
    )
    for _ in range(2):
        world.run(slot_s + 1800.0 if world.now == MONDAY else 1800.0)
        world.now += 7 * DAY - 1800.0
    world.run(60.0)
    assert world.why("2") == "its family often comes back Mon 08:00–08:30"


def test_a_product_in_stock_is_looked_at_to_see_it_sell_out() -> None:
    world = watched(10, in_stock=lambda sku, at: sku == "4")
    world.run(3600.0)
    assert world.why("4") == "in stock: looked at to see it sell out"


def test_what_a_person_asked_for_and_what_is_under_way_say_so() -> None:
    world = watched(10, rate=0.1)
    world.run(600.0)
    world.scheduler.check_now((HOST, "4"), world.now)
    assert world.why("4") == "you asked for it"
    (batch,) = world.scheduler.take_due(world.now + 10.0)
    assert batch.skus[0] == "4"
    assert world.why("4") == "being checked now"
    world.scheduler.done(batch, {"4": Outcome.OUT_OF_STOCK}, world.now + 10.0)
    assert world.why("4") != "you asked for it"


def test_a_habit_of_single_restocks_is_named_before_how_often_they_come() -> None:
    world = watched(10, in_stock=every("3", DAY, offset_s=7.25 * 3600), rate=0.003)
    world.run(4 * DAY)
    assert world.why("3") == "4 of its 4 restocks came 07:00–09:00"


def test_a_plan_costs_the_same_however_many_products_and_families_there_are() -> None:
    few, many = _work_of_plans(60), _work_of_plans(8_000)
    assert many.calls == few.calls
    assert many.bytes < 20_000  # one column of the long list has 32,000 or more


class _Work:
    def __init__(self) -> None:
        self.calls, self.bytes = 0, 0

    def count(self, frame: Any, event: str, argument: Any) -> None:
        self.calls += event in ("call", "c_call")


def _work_of_plans(products: int) -> _Work:
    """Count calls and memory, not time: a busy machine must not fail this."""
    world = watched(products, family_size=2)
    world.run(200.0)
    skus = sorted(world.looks)[:20]
    _ask_for_plans(world.scheduler, skus, world.now)
    work, before = _Work(), sys.getprofile()
    sys.setprofile(work.count)
    try:
        _ask_for_plans(world.scheduler, skus, world.now)
    finally:
        sys.setprofile(before)
    tracemalloc.start()
    _ask_for_plans(world.scheduler, skus, world.now)
    work.bytes = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return work


def _ask_for_plans(scheduler: AdaptiveScheduler, skus: list[str], now: float) -> None:
    for sku in skus:
        scheduler.plan((HOST, sku), now)
