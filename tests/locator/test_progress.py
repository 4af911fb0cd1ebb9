"""How far, how quick, how long still; and the metadata file in the mission's shape."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from shopwatch.domain.errors import Invalid, Unusable
from shopwatch.domain.run import PhaseProgress, Run, RunError, RunOptions, RunState
from shopwatch.locator.export import export_file
from shopwatch.locator.files import RunFiles
from shopwatch.locator.progress import (
    Rate,
    eta_s,
    percent,
    run_document,
    with_all_phases,
    write_run_document,
)
from shopwatch.locator.rows import Edition

BEGAN = datetime(2026, 1, 17, 4, 45, tzinfo=UTC)
EDITION = Edition(retailer="target", run_id="r", published_at=BEGAN, exported_at=BEGAN)
PHASES = (
    PhaseProgress(name="states", total=51, completed=51),
    PhaseProgress(name="cities", total=1423, completed=1423),
    PhaseProgress(name="urls", total=2100, completed=2100),
    PhaseProgress(name="extract", total=2100, completed=1247),
)
RUN = Run(
    run_id="verizon_20260117_044500",
    retailer="verizon",
    state=RunState.RUNNING,
    started_at=BEGAN,
    stores=1247,
    requests=1250,
    errors=3,
    phases=PHASES,
    last_errors=(
        RunError(at=BEGAN, error_class="time_out", message="no answer in 30 s", url="https://a.test/1"),
    ),
    errors_by_class={"time_out": 3},
)


def test_the_document_has_the_mission_s_shape() -> None:
    document = run_document(RUN, BEGAN + timedelta(hours=1))

    mission = {
        "run_id": "verizon_20260117_044500",
        "retailer": "verizon",
        "status": "running",
        "started_at": "2026-01-17T04:45:00Z",
        "completed_at": None,
        "stats": {"stores_scraped": 1247, "requests_made": 1250, "errors": 3, "duration_seconds": 3600},
    }
    assert {name: document[name] for name in mission} == mission
    assert {name: document["config"][name] for name in ("resume", "incremental", "limit", "proxy_mode")} == {
        "resume": False,
        "incremental": False,
        "limit": None,
        "proxy_mode": "direct",
    }
    assert document["phases"]["states"] == {"total": 51, "completed": 51, "status": "complete", "failed": 0}
    assert document["phases"]["extract"]["status"] == "in_progress"
    assert document["errors"] == [
        {
            "timestamp": "2026-01-17T04:45:00Z",
            "message": "no answer in 30 s",
            "url": "https://a.test/1",
            "class": "time_out",
        }
    ]


def test_a_finished_run_is_at_a_hundred_and_has_no_rate() -> None:
    done = replace(RUN, state=RunState.COMPLETE, completed_at=BEGAN + timedelta(hours=2))
    document = run_document(done, BEGAN + timedelta(days=9), per_s=3.0)

    assert document["completed_at"] == "2026-01-17T06:45:00Z"
    assert (document["progress"], document["eta_seconds"], document["pages_per_second"]) == (
        100.0,
        None,
        None,
    )
    assert document["stats"]["duration_seconds"] == 7200


def test_a_held_run_says_why() -> None:
    held = replace(RUN, state=RunState.HELD, gate_reasons=("44 of 1,926 stores are missing",))

    assert run_document(held, BEGAN)["gate_reasons"] == ["44 of 1,926 stores are missing"]


def test_the_options_are_told_as_they_were_asked() -> None:
    document = run_document(replace(RUN, options=RunOptions(limit=10, test=True)), BEGAN)

    assert document["config"] == {
        "resume": False,
        "incremental": False,
        "limit": 10,
        "proxy_mode": "direct",
        "test": True,
        "retry_failed": False,
    }


def test_phases_that_have_not_begun_are_pending() -> None:
    names = ("states", "cities", "urls", "extract")
    document = run_document(replace(RUN, phases=PHASES[:1]), BEGAN, phase_names=names)

    assert list(document["phases"]) == list(names)
    assert document["phases"]["urls"] == {"total": 0, "completed": 0, "status": "pending", "failed": 0}


def test_the_document_is_written_whole(tmp_path: Path) -> None:
    files = RunFiles(tmp_path, "verizon")
    write_run_document(files, run_document(RUN, BEGAN))

    path = tmp_path / "verizon" / "runs" / "verizon_20260117_044500.json"
    assert json.loads(path.read_text())["run_id"] == RUN.run_id
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def sitemap(lists: int, pages: int, done: int, failed: int = 0) -> tuple[PhaseProgress, ...]:
    return with_all_phases(
        [
            PhaseProgress(name="urls", total=lists, completed=lists),
            PhaseProgress(name="extract", total=pages, completed=done, failed=failed),
        ],
        ("urls", "extract"),
    )


def test_nothing_done_is_nothing() -> None:
    assert percent(()) == 0.0
    assert percent(with_all_phases((), ("urls", "extract"))) == 0.0


def test_the_last_phase_is_most_of_the_way() -> None:
    assert percent(sitemap(1, 0, 0)) == 10.0
    assert percent(sitemap(1, 2000, 0)) == 10.0
    assert percent(sitemap(1, 2000, 1000)) == 55.0
    assert percent(sitemap(1, 2000, 2000)) == 100.0


def test_pages_that_failed_are_behind_us_too() -> None:
    assert percent(sitemap(1, 100, 90, failed=10)) == 100.0


def test_progress_never_falls_as_phases_begin() -> None:
    names = ("states", "cities", "urls", "extract")
    way: list[PhaseProgress] = []
    told: list[float] = []
    for name, total in zip(names, (1, 51, 1423, 2100), strict=True):
        way.append(PhaseProgress(name=name, total=total))
        for share in (0.0, 0.5, 1.0):
            way[-1] = PhaseProgress(name=name, total=total, completed=round(total * share))
            told.append(percent(with_all_phases(way, names)))
    assert told == sorted(told)
    assert told[-1] == 100.0


def test_the_last_run_tells_how_much_each_phase_weighs() -> None:
    expected = {"urls": 100, "extract": 100}

    assert (
        percent(
            with_all_phases([PhaseProgress(name="urls", total=100, completed=100)], ("urls", "extract")),
            expected,
        )
        == 50.0
    )


def test_time_to_go_is_pages_left_by_the_rate() -> None:
    assert eta_s(sitemap(1, 2000, 1000), 10.0) == pytest.approx(100.0)
    assert eta_s(sitemap(1, 0, 0), 10.0) is None, "nobody knows how many pages there are"
    assert eta_s(sitemap(1, 0, 0), 10.0, {"extract": 500}) == pytest.approx(50.0)
    assert eta_s(sitemap(1, 2000, 1000), None) is None
    assert eta_s((), 1.0) is None


def test_the_rate_looks_back_half_a_minute() -> None:
    rate = Rate()
    assert rate.per_s is None
    for second in range(101):
        rate.mark(float(second), second * 10 if second <= 50 else 500 + (second - 50) * 2)

    assert rate.per_s == pytest.approx(2.0)


def test_a_rate_between_two_marks_at_one_moment_is_unknown() -> None:
    rate = Rate()
    rate.mark(5.0, 1)
    rate.mark(5.0, 9)

    assert rate.per_s is None


@pytest.mark.parametrize("name", ["../../etc/passwd", "", "a/b", "a\\b", ".hidden", "a" * 200, "a\n"])
def test_no_name_leads_out_of_the_data_folder(tmp_path: Path, name: str) -> None:
    with pytest.raises(Invalid, match="not the name of a"):
        RunFiles(tmp_path, "verizon").log(name)
    with pytest.raises(Invalid, match="not the name of a retailer"):
        RunFiles(tmp_path, name)


def test_a_folder_that_cannot_be_made_is_told_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "target").write_text("a file in the way")

    with pytest.raises(Unusable, match=r"target_stores\.csv cannot be written"):
        export_file((), RunFiles(tmp_path, "target").output("csv"), EDITION)
