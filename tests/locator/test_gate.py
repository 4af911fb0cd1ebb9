"""The gate: what keeps a run from replacing the last good set."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from tests.store_builders import FIRST, a_store, as_known, stores

from shopwatch.domain.run import PhaseProgress, Run, RunOptions, RunState
from shopwatch.domain.store import Store, StoreStatus
from shopwatch.locator.gate import GateLimits, coverage, judge
from shopwatch.ports import KnownStore


def a_run(*, pages: int = 0, failed: int = 0, **facts: Any) -> Run:
    phases = (
        PhaseProgress(name="urls", total=1, completed=1),
        PhaseProgress(name="extract", total=pages, completed=pages - failed, failed=failed),
    )
    return Run(
        run_id="target_20210826_060000",
        retailer="target",
        state=RunState.RUNNING,
        started_at=FIRST,
        phases=phases,
        **facts,
    )


def reasons(seen: Sequence[Store], known: Sequence[KnownStore], run: Run | None = None) -> list[str]:
    return judge(run or a_run(pages=len(seen)), seen, known)


def test_the_same_stores_again_are_good() -> None:
    assert reasons(stores(100), as_known(stores(100))) == []


def test_a_run_that_lost_44_of_1926_stores_is_held() -> None:
    assert reasons(stores(1882), as_known(stores(1926))) == [
        "44 of 1,926 stores are missing (2.3 %, allowed 2.0 %)"
    ]


def test_a_run_that_lost_39_of_1926_stores_may_be_churn() -> None:
    assert judge(a_run(), stores(1888), as_known(stores(1926))) == []


def test_lost_stores_are_not_made_up_for_by_others() -> None:
    other_numbers = [a_store(number) for number in range(1001, 1101)]

    assert "100 of 100 stores are missing (100.0 %, allowed 2.0 %)" in reasons(
        other_numbers, as_known(stores(100))
    )


def test_one_store_of_a_small_set_may_close() -> None:
    assert reasons(stores(9), as_known(stores(10))) == []


def test_stores_that_were_missing_before_or_are_closed_are_not_expected() -> None:
    known = [
        *as_known(stores(90)),
        *(
            KnownStore(store=a_store(n), first_seen=FIRST, last_seen=FIRST, missed_runs=1)
            for n in range(91, 96)
        ),
        *(
            KnownStore(store=a_store(n), first_seen=FIRST, last_seen=FIRST, missed_runs=2, closed_at=FIRST)
            for n in range(96, 101)
        ),
    ]

    assert reasons(stores(90), known) == []


def test_a_field_lost_everywhere_holds_the_run() -> None:
    assert reasons(stores(100, phone=None), as_known(stores(100))) == [
        "phone is missing for every store (was 100 %)"
    ]


def test_a_field_lost_for_many_stores_holds_the_run() -> None:
    seen = [*stores(80), *(a_store(number, hours=None) for number in range(81, 101))]

    assert reasons(seen, as_known(stores(100))) == [
        "hours is known for 80 % of the stores (was 100 %, allowed loss 10 %)"
    ]


def test_a_status_that_became_unknown_is_a_lost_field() -> None:
    assert reasons(stores(50, status=StoreStatus.UNKNOWN), as_known(stores(50))) == [
        "status is missing for every store (was 100 %)"
    ]


def test_a_field_hardly_any_store_had_is_not_missed() -> None:
    before = [a_store(1, opened_on="2021-01-01"), *(a_store(number) for number in range(2, 101))]

    assert reasons(stores(100), as_known(before)) == []


def test_every_reason_is_told_not_the_first() -> None:
    told = reasons(stores(50, phone=None, hours=None), as_known(stores(100)))

    assert [reason.split(" ")[0] for reason in told] == ["50", "phone", "hours"]


def test_a_set_that_doubled_is_held() -> None:
    assert reasons(stores(300), as_known(stores(150))) == [
        "300 stores, 150 before (100.0 % more, allowed 50.0 %)"
    ]


def test_stores_under_two_numbers_are_seen() -> None:
    twins = [
        a_store(number + 1000, name=f"Target {number}", address=(f"{number} Main St",))
        for number in range(1, 21)
    ]

    assert reasons([*stores(100), *twins], as_known(stores(100))) == [
        "20 of 120 stores have the name and address of another (were 0)"
    ]


def test_pages_that_show_another_page_s_store_are_seen() -> None:
    assert reasons(stores(90), as_known(stores(90)), a_run(pages=100, duplicates=10)) == [
        "10 of 100 pages showed a store that another page had shown"
    ]
    assert reasons(stores(97), as_known(stores(97)), a_run(pages=100, duplicates=3)) == []


def test_too_many_failed_pages_are_told_by_class() -> None:
    run = a_run(pages=100, failed=9, errors_by_class={"blocked": 6, "time_out": 12, "gone": 3})

    assert reasons(stores(100), as_known(stores(100)), run) == [
        "6 of 100 pages failed (6.0 %, allowed 5.0 %): time_out 12, blocked 6"
    ]


def test_pages_that_cannot_be_read_have_a_limit_of_their_own() -> None:
    run = a_run(pages=100, failed=2, errors_by_class={"layout_changed": 5})

    assert reasons(stores(100), as_known(stores(100)), run) == [
        "2 of 100 pages could not be read: the layout changed"
    ]


def test_pages_that_are_gone_are_no_failures_until_there_are_many() -> None:
    few = a_run(pages=100, failed=10, errors_by_class={"gone": 10})
    many = a_run(pages=100, failed=30, errors_by_class={"gone": 30})

    assert reasons(stores(100), as_known(stores(100)), few) == []
    assert reasons(stores(100), as_known(stores(100)), many) == ["30 of 100 pages the site names are gone"]


def test_a_first_run_that_looks_like_a_directory_is_good() -> None:
    assert reasons(stores(30), ()) == []


def test_a_first_run_whose_pages_all_show_one_store_is_held() -> None:
    assert reasons(stores(1), (), a_run(pages=2000)) == ["2,000 pages gave only 1 stores"]


def test_a_first_run_without_addresses_is_held() -> None:
    seen = [a_store(1), *(a_store(number, address=()) for number in range(2, 101))]

    assert reasons(seen, ()) == ["address is known for only 1 % of the stores"]


def test_a_run_without_a_store_is_held() -> None:
    assert reasons([], ()) == ["the run found no store"]


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (RunOptions(limit=10), "the run was limited to 10 stores: not the whole directory"),
        (RunOptions(test=True), "a test run fetches a few pages only"),
    ],
)
def test_a_part_of_the_directory_is_never_published(options: RunOptions, reason: str) -> None:
    assert reason in reasons(stores(10), (), a_run(pages=10, options=options))


def test_limits_are_the_keepers_choice() -> None:
    limits = GateLimits(max_loss_percent=50.0, max_field_loss_percent=100.0)

    assert judge(a_run(), stores(60), as_known(stores(100)), limits=limits) == []


def test_coverage_is_the_share_of_the_stores_with_a_value() -> None:
    share = coverage([a_store(1), a_store(2, phone=None), a_store(3, phone=""), a_store(4)])

    assert (share["phone"], share["hours"], share["services"]) == (0.5, 1.0, 0.0)
    assert coverage([])["phone"] == 0.0


def test_nearly_every_store_is_not_every_store() -> None:
    before = [*stores(1999), a_store(2000, hours=None)]

    assert reasons(stores(2000, hours=None), as_known(before)) == [
        "hours is missing for every store (was 99.9 %)"
    ]
