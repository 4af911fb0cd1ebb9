"""The change feed: what is news between two good runs, and what is not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import pytest
from tests.store_builders import FIRST, a_store, as_known, days, stores

from shopwatch.domain.hours import DatedHours
from shopwatch.domain.store import Store, StoreStatus
from shopwatch.locator.changes import distance_m, plain_address, reconcile
from shopwatch.ports import KnownStore, Publication


def publish(known: Sequence[KnownStore], seen: Sequence[Store], *, day: int = 7) -> Publication:
    return reconcile(known, seen, run_id=f"run_{day}", now=FIRST + days(day))


def kinds(publication: Publication) -> list[tuple[str, str]]:
    return [(change.ref, change.kind) for change in publication.changes]


def one_change(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    publication = publish(as_known([a_store(**before)]), [a_store(**after)])
    return [change.kind for change in publication.changes]


def test_the_first_run_opens_nothing() -> None:
    publication = publish((), stores(3))

    assert publication.changes == ()
    assert [known.first_seen for known in publication.known] == [FIRST + days(7)] * 3


def test_a_store_nobody_knew_has_opened() -> None:
    publication = publish(as_known(stores(2)), stores(3))

    assert kinds(publication) == [("3", "opened")]
    assert publication.changes[0].after["city"] == "Duluth"


def test_a_store_that_is_only_coming_is_announced_and_opens_later() -> None:
    coming = publish(as_known(stores(1)), [a_store(1), a_store(2, status=StoreStatus.COMING)])
    opened = publish(coming.known, stores(2), day=14)

    assert kinds(coming) == [("2", "announced")]
    assert kinds(opened) == [("2", "opened")]


def test_a_store_missing_from_one_run_is_kept_and_nobody_is_told() -> None:
    publication = publish(as_known(stores(3)), stores(2))

    assert publication.changes == ()
    assert [(known.store.ref, known.missed_runs) for known in publication.known] == [
        ("1", 0),
        ("2", 0),
        ("3", 1),
    ]
    assert publication.known[2].last_seen == FIRST


def test_a_store_missing_from_two_runs_in_a_row_has_closed() -> None:
    once = publish(as_known(stores(3)), stores(2))
    twice = publish(once.known, stores(2), day=14)

    assert kinds(twice) == [("3", "closed")]
    assert twice.changes[0].after == {"last_seen": FIRST.isoformat()}
    assert twice.known[2].closed_at == FIRST + days(14)


def test_a_store_that_comes_back_after_one_run_never_closed() -> None:
    once = publish(as_known(stores(3)), stores(2))
    back = publish(once.known, stores(3), day=14)
    again = publish(back.known, stores(2), day=21)

    assert back.changes == ()
    assert again.changes == ()
    assert again.known[2].missed_runs == 1


def test_a_closed_store_stays_quiet_and_is_reopened_under_its_old_date() -> None:
    known = as_known(stores(2))
    for day in (7, 14, 21):
        known = publish(known, stores(1), day=day).known
    back = publish(known, stores(2), day=28)

    assert kinds(back) == [("2", "reopened")]
    assert back.known[1].first_seen == FIRST
    assert back.known[1].closed_at is None


def test_a_closed_store_that_is_listed_again_as_closed_has_not_reopened() -> None:
    known = as_known(stores(2))
    for day in (7, 14, 21):
        known = publish(known, stores(1), day=day).known
    listed = publish(known, [a_store(1), a_store(2, status=StoreStatus.CLOSED)], day=28)
    opened = publish(listed.known, stores(2), day=35)

    assert listed.changes == ()
    assert kinds(opened) == [("2", "reopened")]


def test_a_page_that_says_closed_is_believed_at_once_and_told_once() -> None:
    said = publish(as_known(stores(2)), [a_store(1), a_store(2, status=StoreStatus.CLOSED)])
    gone = publish(said.known, stores(1), day=14)
    dropped = publish(gone.known, stores(1), day=21)

    assert kinds(said) == [("2", "closed")]
    assert gone.changes == dropped.changes == ()
    assert dropped.known[1].closed_at is not None


def test_a_store_that_first_shows_up_closed_has_not_opened() -> None:
    assert publish(as_known(stores(1)), [a_store(1), a_store(2, status=StoreStatus.CLOSED)]).changes == ()


def test_a_page_that_says_open_again_reopens_the_store() -> None:
    assert one_change({"status": StoreStatus.CLOSED}, {"status": StoreStatus.OPEN}) == ["reopened"]


def test_an_unknown_status_is_no_change() -> None:
    assert one_change({"status": StoreStatus.OPEN}, {"status": StoreStatus.UNKNOWN}) == []
    assert one_change({"status": StoreStatus.UNKNOWN}, {"status": StoreStatus.OPEN}) == []


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ({"address": ("1 Main Street",)}, {"address": ("77 Oak Road",)}, ["moved"]),
        ({"address": ("1 Main Street, Suite 4",)}, {"address": ("1 MAIN ST. STE 4",)}, []),
        ({"address": ("1 Main Street", "Suite 4")}, {"address": ("1 Main St Suite 4",)}, []),
        ({"lat": 40.0, "lon": -90.0}, {"lat": 40.0022, "lon": -90.0}, []),
        ({"lat": 40.0, "lon": -90.0}, {"lat": 40.0024, "lon": -90.0}, ["moved"]),
        ({"lat": 40.0, "lon": -90.0}, {"lat": None, "lon": None}, []),
        ({"name": "Target  Duluth"}, {"name": "Target DULUTH"}, []),
        ({"name": "Duluth"}, {"name": "Duluth Mall"}, ["renamed"]),
        ({"phone": "+12185550001"}, {"phone": "+12185550002"}, ["phone"]),
        ({"phone": "+12185550001"}, {"phone": None}, []),
        ({"hours": "Mo-Su 08:00-22:00"}, {"hours": "Mo-Su 08:00-23:00"}, ["hours"]),
        ({"hours": "Mo-Su 08:00-22:00"}, {"hours": None}, []),
        ({"postcode": "55811"}, {"postcode": "55811-1810"}, []),
        ({"postcode": "55811"}, {"postcode": "55812"}, ["postcode"]),
        ({"services": ("Optical", "Cafe")}, {"services": ("Cafe", "Optical")}, []),
        ({"services": ("Cafe",)}, {"services": ("Cafe", "Optical")}, ["services"]),
        ({"corporate": True}, {"corporate": False}, ["corporate"]),
        ({"url": "https://a.example/1"}, {"url": "https://a.example/one/1"}, []),
    ],
)
def test_a_difference_is_told_when_both_values_are_known(
    before: dict[str, Any], after: dict[str, Any], expected: list[str]
) -> None:
    assert one_change(before, after) == expected


def test_dated_days_are_never_a_change_of_the_week() -> None:
    thanksgiving = (DatedHours(date="2021-11-25", intervals=()),)

    assert one_change({}, {"dated_hours": thanksgiving}) == []


def test_a_change_says_what_was_and_what_is() -> None:
    [change] = publish(as_known([a_store()]), [a_store(phone="+12185559999")]).changes

    assert (change.before, change.after) == ({"phone": "+12185550001"}, {"phone": "+12185559999"})
    assert (change.retailer, change.ref, change.run_id, change.at) == (
        "target",
        "1",
        "run_7",
        FIRST + days(7),
    )


def test_hours_that_change_for_most_stores_at_once_are_held_as_a_timetable_of_the_season() -> None:
    publication = publish(as_known(stores(20)), stores(20, hours="Mo-Su 07:00-24:00"))

    assert publication.changes == ()
    assert {known.store.hours for known in publication.known} == {"Mo-Su 08:00-22:00"}
    assert {known.pending_hours for known in publication.known} == {"Mo-Su 07:00-24:00"}
    assert publication.note.startswith("20 of 20 stores show other hours at once: holiday timetable?")


def test_held_hours_that_go_back_were_never_news() -> None:
    held = publish(as_known(stores(20)), stores(20, hours="Mo-Su 07:00-24:00"))
    back = publish(held.known, stores(20), day=14)

    assert (back.changes, back.note) == ((), "")
    assert {known.pending_hours for known in back.known} == {None}


def test_held_hours_that_last_two_runs_are_told_as_changed() -> None:
    held = publish(as_known(stores(20)), stores(20, hours="Mo-Su 07:00-24:00"))
    lasted = publish(held.known, stores(20, hours="Mo-Su 07:00-24:00"), day=14)

    assert Counter(kind for _, kind in kinds(lasted)) == {"hours": 20}
    assert {known.store.hours for known in lasted.known} == {"Mo-Su 07:00-24:00"}


def test_one_timetable_after_the_other_is_held_again() -> None:
    thanksgiving = publish(as_known(stores(20)), stores(20, hours="Mo-We 08:00-22:00"))
    christmas = publish(thanksgiving.known, stores(20, hours="Mo-Su 07:00-24:00"), day=14)

    assert christmas.changes == ()
    assert {known.store.hours for known in christmas.known} == {"Mo-Su 08:00-22:00"}


def test_hours_of_a_few_stores_are_told_at_once() -> None:
    seen = [*stores(15), *(a_store(number, hours="Mo-Su 09:00-21:00") for number in range(16, 21))]

    assert Counter(kind for _, kind in kinds(publish(as_known(stores(20)), seen))) == {"hours": 5}


def test_two_retailers_with_the_same_store_number_are_two_stores() -> None:
    known = as_known([a_store(1)])

    assert kinds(publish(known, [a_store(1), a_store(1, retailer="walmart")])) == [("1", "opened")]


def test_distances_are_metres_on_the_globe() -> None:
    one_degree = distance_m(a_store(lat=40.0, lon=-90.0), a_store(lat=41.0, lon=-90.0))

    assert one_degree == pytest.approx(111_195, rel=0.001)
    assert distance_m(a_store(lat=None), a_store()) is None


def test_addresses_compare_without_case_points_and_spellings() -> None:
    assert plain_address(["1665 State Hill Road", "Suite 370"]) == plain_address(
        ["1665 STATE HILL RD., STE 370"]
    )


def test_a_day_left_out_of_the_week_is_no_change() -> None:
    before, after = "Mo-Fr 10:00-20:00; Sa 10:00-18:00", "Mo-We 10:00-20:00; Fr 10:00-20:00; Sa 10:00-18:00"

    assert one_change({"hours": before}, {"hours": after}) == []
    assert one_change({"hours": after}, {"hours": before}) == []
    assert one_change({"hours": before}, {"hours": after.replace("18:00", "19:00")}) == ["hours"]


def test_after_an_import_only_coming_and_going_is_news() -> None:
    """Another's set writes names, streets and hours in its own words: 40 renamings are none."""
    elsewhere = as_known(stores(40, name="Target Store", hours="Mo-Su 07:00-23:00", address=("Main",)))
    publication = reconcile(elsewhere, stores(41)[1:], run_id="run_7", now=FIRST + days(7), after_import=True)

    assert kinds(publication) == [("41", "opened")]
    believed = {known.store.ref: known for known in publication.known}
    assert (believed["2"].store, believed["2"].pending_hours) == (a_store(2), None)
    assert believed["1"].missed_runs == 1
    assert kinds(publish(publication.known, stores(41)[1:], day=14)) == [("1", "closed")]
