"""What is made of the counts: how far a product is taken for itself, and how far for one of many."""

from datetime import UTC

import numpy as np
import numpy.typing as npt
from tests.monitor.scheduler.worlds import DAY, MONDAY

from shopwatch.monitor.scheduler.families import Families
from shopwatch.monitor.scheduler.learning import Learning
from shopwatch.monitor.scheduler.table import Table

PRODUCTS = 400
Numbers = npt.NDArray[np.float64]


def learnt(mean_in_s: Numbers, restocks_a_day: Numbers, *, days: float = 14.0, family_size: int = 0) -> Table:
    """The table after ``days`` in which every restock was noticed and watched to its end."""
    rng = np.random.default_rng(3)
    table, families = Table(), Families()
    table.arrange([str(number) for number in range(PRODUCTS)])
    names = [f"family {number // family_size}" if family_size else "" for number in range(PRODUCTS)]
    table.family = families.numbers(names)
    families.seat(table.family)
    restocks = rng.poisson(restocks_a_day * days)
    times = [rng.exponential(mean, count).sum() for mean, count in zip(mean_in_s, restocks, strict=True)]
    table.restocks[:] = table.sellouts[:] = restocks
    table.in_time[:] = times
    table.exposure[:] = days * DAY
    learning = Learning(table, families, UTC)
    learning.fit(MONDAY, MONDAY)
    return table


def spread(values: npt.NDArray[np.floating]) -> float:
    return float(values.std() / values.mean())


def test_where_all_are_alike_chance_is_not_taken_for_a_difference() -> None:
    alike = np.ones(PRODUCTS)
    for family_size in (0, 1):
        table = learnt(200.0 * alike, 0.3 * alike, family_size=family_size)
        assert spread(table.mean_in) < 0.05
        assert spread(table.stake) < 0.07


def test_products_that_stay_longer_are_told_apart() -> None:
    stay_s = np.tile([60.0, 1200.0], PRODUCTS // 2)
    mean_in = learnt(stay_s, np.ones(PRODUCTS)).mean_in
    short, long = np.median(mean_in[::2]), np.median(mean_in[1::2])
    assert short < 300.0
    assert long > 900.0


def test_products_that_come_back_more_often_are_told_apart() -> None:
    often = np.tile([0.1, 1.0], PRODUCTS // 2)
    stake = learnt(np.full(PRODUCTS, 200.0), often).stake
    assert np.median(stake[1::2]) > 4 * np.median(stake[::2])


def test_a_product_nobody_has_seen_in_stock_is_taken_for_one_of_its_family() -> None:
    stay_s = np.repeat([60.0, 1200.0], PRODUCTS // 2)
    restocks = np.ones(PRODUCTS)
    restocks[[0, -1]] = 0.0
    mean_in = learnt(stay_s, restocks, family_size=PRODUCTS // 2).mean_in
    assert mean_in[0] < 100.0
    assert mean_in[-1] > 900.0
