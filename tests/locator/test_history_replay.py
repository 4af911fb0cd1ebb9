"""Real snapshots of 2021 in their order, through the gate and the change feed."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from tests.paths import RECORDINGS, needs_recordings
from tests.store_builders import recorded_stores

from shopwatch.domain.run import PhaseProgress, Run, RunState
from shopwatch.domain.store import Store
from shopwatch.locator.changes import reconcile
from shopwatch.locator.gate import judge
from shopwatch.ports import KnownStore, Publication

pytestmark = needs_recordings
TARGET = RECORDINGS / "stores" / "target" / "history"
VERIZON = RECORDINGS / "stores" / "verizon" / "history"


def snapshots(folder: Path) -> Iterator[tuple[str, list[Store]]]:
    for path in sorted(folder.glob("*.geojson.gz")):
        found = re.search(r"\d{4}-\d\d-\d\d", path.name)
        assert found is not None
        yield found[0], recorded_stores(path)


def gate(seen: list[Store], known: tuple[KnownStore, ...]) -> list[str]:
    run = Run(
        run_id="x_1",
        retailer=seen[0].retailer,
        state=RunState.RUNNING,
        started_at=datetime(2021, 1, 1, tzinfo=UTC),
        phases=(PhaseProgress(name="extract", total=len(seen), completed=len(seen)),),
    )
    return judge(run, seen, known)


@cache
def replay(folder: Path) -> dict[str, Publication]:
    """Every snapshot must pass the gate."""
    told: dict[str, Publication] = {}
    known: tuple[KnownStore, ...] = ()
    for day, seen in snapshots(folder):
        assert gate(seen, known) == [], day
        told[day] = reconcile(known, seen, run_id=day, now=datetime.fromisoformat(f"{day}T06:00:00+00:00"))
        known = told[day].known
    return told


def kinds(publication: Publication) -> Counter[str]:
    return Counter(change.kind for change in publication.changes)


def test_a_store_lost_by_one_snapshot_is_not_reported_as_closed() -> None:
    told = replay(TARGET)

    closed = {
        change.ref: day for day, feed in told.items() for change in feed.changes if change.kind == "closed"
    }
    last = {store.ref for store in recorded_stores(max(TARGET.glob("*.geojson.gz")))}
    assert not closed.keys() & last, "a store that is there in the end has been told as closed"
    assert len(closed) <= 4


def test_thanksgiving_is_not_reported_as_changed_hours() -> None:
    told = replay(TARGET)

    assert kinds(told["2021-11-20"])["hours"] == 0
    assert kinds(told["2021-12-11"])["hours"] == 0
    assert told["2021-11-20"].note.startswith("1,925 of 1,926 stores show other hours at once")
    usual = {known.store.hours for known in told["2021-11-20"].known}
    assert not any("Mo-We 08:00-22:00; Fr" in hours for hours in usual if hours)


def test_ordinary_changes_of_hours_are_reported() -> None:
    told = replay(TARGET)

    assert kinds(told["2021-08-28"]) == {"hours": 4}
    assert kinds(told["2021-11-08"])["hours"] == 16


def test_real_openings_are_reported() -> None:
    told = replay(TARGET)

    assert kinds(told["2021-11-08"])["opened"] == 12
    assert kinds(told["2021-11-13"])["opened"] == 1


def test_a_page_under_another_address_is_no_opening_and_no_closing() -> None:
    """Four stores got other addresses of their pages: by URL that is 4 opened and 4 closed."""
    feed = kinds(replay(TARGET)["2021-12-11"])

    assert (feed["opened"], feed["renamed"]) == (0, 4)


def test_a_partial_crawl_that_lost_44_stores_is_held() -> None:
    *_, last = replay(TARGET).values()
    whole = [known.store for known in last.known if known.missed_runs == 0]

    [reason] = gate(whole[44:], last.known)

    assert reason == "44 of 1,926 stores are missing (2.3 %, allowed 2.0 %)"


def test_a_snapshot_that_lost_its_phones_is_held() -> None:
    *_, last = replay(TARGET).values()
    mute = [replace(known.store, phone=None) for known in last.known if not known.missed_runs]

    assert gate(mute, last.known) == ["phone is missing for every store (was 100 %)"]


def test_verizon_s_churn_passes_and_its_christmas_hours_are_held() -> None:
    told = replay(VERIZON)
    feed = kinds(told["2021-12-11"])

    assert feed["opened"] == 20
    assert feed["closed"] == 0
    assert feed["hours"] == 0
