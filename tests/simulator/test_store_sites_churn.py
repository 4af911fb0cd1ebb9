"""A week opens, closes, moves and re-times stores, at the real rates and the same way each time."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from shopwatch.simulator.stores import RETAILERS, StoreSet, build
from shopwatch.simulator.stores.churn import RATES

SUMMER = datetime(2026, 6, 8, 12, tzinfo=UTC)
BEFORE_THANKSGIVING = datetime(2021, 11, 20, 12, tzinfo=UTC)
AFTER_THANKSGIVING = datetime(2021, 12, 4, 12, tzinfo=UTC)


class Calendar:
    """The time a set is told."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


def a_set(retailer: str, now: datetime = SUMMER, *, count: int = 300) -> tuple[StoreSet, Calendar]:
    calendar = Calendar(now)
    return build(retailer, seed=3, count=count, now=calendar), calendar


@pytest.mark.parametrize("retailer", RETAILERS)
def test_the_same_weeks_do_the_same(retailer: str) -> None:
    first, second = a_set(retailer)[0], a_set(retailer)[0]
    told = [[stores.week() for _ in range(3)] for stores in (first, second)]
    assert told[0] == told[1]
    assert first.stores == second.stores
    assert told[0][0] != told[0][1]


@pytest.mark.parametrize("retailer", RETAILERS)
def test_something_of_each_kind_happens_and_the_summary_tells_the_truth(retailer: str) -> None:
    stores, _ = a_set(retailer)
    before = dict(stores.stores)
    told = stores.week()
    opened = set(stores.stores) - set(before)
    closed = {ref for ref in before if ref not in stores.stores or stores.stores[ref].status == "closed"}
    closed -= {ref for ref, store in before.items() if store.status == "closed"}
    assert set(told["opened"]) == opened
    assert set(told["closed"]) == closed
    stayed = [ref for ref in before if ref in stores.stores]
    assert {ref for ref in stayed if stores.stores[ref].lat != before[ref].lat} == set(told["moved"])
    re_timed = {ref for ref in stayed if stores.stores[ref].hours != before[ref].hours}
    assert re_timed == set(told["hours_changed"])
    assert min(map(len, (opened, closed, re_timed))) >= 1


@pytest.mark.parametrize("retailer", RETAILERS)
def test_only_stores_that_changed_get_a_new_date(retailer: str) -> None:
    stores, _ = a_set(retailer)
    before = dict(stores.stores)
    told = stores.week()
    touched = {ref for name in ("opened", "closed", "moved", "hours_changed") for ref in told[name]}
    now_dated = {ref for ref, store in stores.stores.items() if store.changed_at == SUMMER}
    assert now_dated == touched & set(stores.stores)
    assert all(stores.stores[ref] is before[ref] for ref in stores.stores if ref not in touched)


def test_the_rates_are_those_counted_between_real_snapshots() -> None:
    stores, _ = a_set("verizon", count=4000)
    told = stores.week()
    assert len(told["opened"]) == round(4000 * 15 / 4690)
    assert 12 <= len(told["closed"]) * 4690 / 4000 <= 39
    assert 182 <= len(told["hours_changed"]) * 4690 / 4000 <= 1407
    assert RATES["target"][0] <= 10


def holiday_weeks(retailer: str) -> tuple[StoreSet, dict[str, Any], list[dict[str, Any]]]:
    stores, calendar = a_set(retailer, BEFORE_THANKSGIVING)
    usual = {ref: store.hours for ref, store in stores.stores.items()}
    told = [stores.week()]
    calendar.now = AFTER_THANKSGIVING
    told.append(stores.week())
    return stores, usual, told


def test_thanksgiving_leaks_into_verizons_week_and_out_again() -> None:
    stores, calendar = a_set("verizon", BEFORE_THANKSGIVING)
    usual = {ref: store.hours for ref, store in stores.stores.items()}
    told = stores.week()
    changed = [ref for ref in usual if ref in stores.stores and stores.stores[ref].hours != usual[ref]]
    assert told["holidays"] == {"2021-11-25": "closed", "2021-11-26": "07:00-22:00"}
    assert len(changed) > 0.9 * len(stores)
    assert all(stores.stores[ref].hours[3] == () for ref in changed if stores.stores[ref].hours)  # type: ignore[index]
    calendar.now = AFTER_THANKSGIVING
    told_after = stores.week()
    still = [ref for ref in usual if ref in stores.stores and stores.stores[ref].hours != usual[ref]]
    assert told_after["stores_with_holiday_changes"] > 0.75 * len(stores)
    assert set(still) <= set(told["hours_changed"]) | set(told_after["hours_changed"])


def test_at_target_the_holiday_is_in_the_dated_days_and_leaves_the_week_alone() -> None:
    stores, usual, told = holiday_weeks("target")
    changed = [ref for ref in usual if ref in stores.stores and stores.stores[ref].hours != usual[ref]]
    assert set(changed) <= set(told[0]["hours_changed"]) | set(told[1]["hours_changed"])
    assert told[0]["stores_with_holiday_changes"] == told[0]["stores"]
    assert told[1]["stores_with_holiday_changes"] == told[1]["stores"]


def test_a_season_of_holidays_has_one_even_in_summer_and_an_ordinary_one_has_none_in_november() -> None:
    stores, _ = a_set("target")
    stores.set_mode("season-holiday")
    assert stores.week()["holidays"] == {"2026-06-12": "closed", "2026-06-13": "07:00-22:00"}
    stores, _ = a_set("verizon", BEFORE_THANKSGIVING)
    stores.set_mode("season-ordinary")
    assert stores.week()["holidays"] == {}


@pytest.mark.parametrize(
    ("retailer", "kind"),
    [("verizon", "stale"), ("att", "api-only"), ("target", "not-found"), ("walmart", "soft-404")],
)
def test_each_site_goes_on_about_closed_stores_in_its_own_way(retailer: str, kind: str) -> None:
    stores, _ = a_set(retailer)
    closed = stores.week()["closed"]
    kinds = {stray.store.ref: stray.kind for stray in stores.strays if stray.store}
    assert {kinds[ref] for ref in closed} == {kind}


def test_a_closed_store_of_best_buy_stays_with_its_status() -> None:
    stores, _ = a_set("bestbuy")
    assert {stores.stores[ref].status for ref in stores.week()["closed"]} == {"closed"}


def test_a_ref_is_never_given_again() -> None:
    stores, _ = a_set("walmart", count=60)
    seen = set(stores.stores)
    for _ in range(20):
        opened = set(stores.week()["opened"])
        assert not opened & seen
        seen |= opened
