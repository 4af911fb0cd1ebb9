"""A run's log: written whole, rotated, read by level, word and place."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.fake_crawl import LogBook, SetClock

from shopwatch.locator.runlog import RunLog, first_error, format_line, read_log

AT = datetime(2026, 1, 17, 4, 45, tzinfo=UTC)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "logs" / "att_20260117_044500.log"


@pytest.fixture
def run_log(path: Path) -> Iterator[RunLog]:
    run_log = RunLog(path, SetClock(AT))
    yield run_log
    run_log.close()


def small(path: Path, *, max_bytes: int = 2_000) -> RunLog:
    return RunLog(path, SetClock(AT), max_bytes=max_bytes)


def test_a_line_has_time_level_event_and_facts(run_log: RunLog, path: Path) -> None:
    run_log.info("phase_done", phase="extract", pages=2100, share=0.5)

    assert path.read_text() == "2026-01-17T04:45:00Z info phase_done phase=extract pages=2100 share=0.5\n"


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("two words", '"two words"'),
        ("a\nforged line", r'"a\nforged line"'),
        ('say "no"', r'"say \"no\""'),
        ("a=b", '"a=b"'),
        ("", '""'),
        ("Zürich", "Zürich"),
        (None, "None"),
    ],
)
def test_a_value_from_a_site_cannot_forge_a_line(value: object, written: str) -> None:
    assert (
        format_line(AT, "info", "x", {"reason": value}) == f"2026-01-17T04:45:00Z info x reason={written}\n"
    )


def test_a_whole_page_does_not_fill_the_log() -> None:
    assert len(format_line(AT, "info", "x", {"body": "a" * 1_000_000})) < 3_000


def test_events_go_on_to_the_program_s_own_log(path: Path) -> None:
    book = LogBook()
    run_log = RunLog(path, SetClock(AT), also=book)
    run_log.warning("refused", pause_s=30)
    run_log.debug("detail")
    run_log.error("crawl_failed")
    run_log.close()

    assert book.names() == ["refused", "detail", "crawl_failed"]


def test_lines_are_read_back(run_log: RunLog, path: Path) -> None:
    run_log.info("crawl_began", seeds=1)
    run_log.error("crawl_failed", reason="layout changed: nothing")

    part = read_log(path)

    assert [(line.at, line.level, line.event, line.text) for line in part.lines] == [
        ("2026-01-17T04:45:00Z", "info", "crawl_began", "seeds=1"),
        ("2026-01-17T04:45:00Z", "error", "crawl_failed", 'reason="layout changed: nothing"'),
    ]
    assert part.at_end


def test_a_level_shows_what_is_as_bad_or_worse(run_log: RunLog, path: Path) -> None:
    for level in ("debug", "info", "warning", "error"):
        getattr(run_log, level)(f"a_{level}")

    assert [line.level for line in read_log(path, level="warning").lines] == ["warning", "error"]
    assert len(read_log(path, level="no such level").lines) == 4


def test_a_search_goes_over_the_whole_file_whatever_the_case(run_log: RunLog, path: Path) -> None:
    for number in range(1_000):
        run_log.info("page_read", city="Duluth" if number == 777 else "Chicago")

    [line] = read_log(path, search="dulUTH", limit=10).lines

    assert line.text == "city=Duluth"


def test_a_reader_follows_by_offset(run_log: RunLog, path: Path) -> None:
    run_log.info("one")
    first = read_log(path)
    run_log.info("two")
    second = read_log(path, offset=first.next_offset)
    third = read_log(path, offset=second.next_offset)

    assert [line.event for line in second.lines] == ["two"]
    assert (third.lines, third.next_offset) == ((), second.next_offset)


def test_a_limited_read_goes_on_where_it_stopped(run_log: RunLog, path: Path) -> None:
    for number in range(10):
        run_log.info(f"event_{number}")
    events: list[str] = []
    offset = 0
    for _ in range(4):
        part = read_log(path, offset=offset, limit=3)
        events += [line.event for line in part.lines]
        offset = part.next_offset
        if part.at_end:
            break

    assert events == [f"event_{number}" for number in range(10)]


def test_a_follower_with_a_filter_does_not_read_again_what_did_not_match(run_log: RunLog, path: Path) -> None:
    run_log.info("one")
    part = read_log(path, level="error")

    assert part.lines == ()
    assert part.next_offset == path.stat().st_size


def test_a_negative_offset_gives_the_last_lines(run_log: RunLog, path: Path) -> None:
    for number in range(100):
        run_log.info(f"event_{number}")

    part = read_log(path, offset=-1, limit=2)

    assert [line.event for line in part.lines] == ["event_98", "event_99"]
    assert read_log(path, offset=part.next_offset).lines == ()


def test_a_line_still_being_written_waits(run_log: RunLog, path: Path) -> None:
    run_log.info("whole")
    with path.open("ab") as stream:
        stream.write(b"2026-01-17T04:45:00Z info ha")

    assert [line.event for line in read_log(path).lines] == ["whole"]


def test_what_is_no_line_of_ours_is_shown_as_an_error(run_log: RunLog, path: Path) -> None:
    with path.open("ab") as stream:
        stream.write(b"Traceback (most recent call last):\n\xff\xfe\n")

    assert [(line.level, line.text) for line in read_log(path).lines] == [
        ("error", "Traceback (most recent call last):"),
        ("error", "\ufffd\ufffd"),
    ]


def test_the_first_error_can_be_jumped_to(run_log: RunLog, path: Path) -> None:
    assert first_error(path) is None
    run_log.info("fine")
    run_log.error("first")
    run_log.error("second")
    found = first_error(path)

    assert found is not None
    assert read_log(path, offset=found.offset, limit=1).lines[0].event == "first"


def test_a_log_nobody_wrote_is_empty(path: Path) -> None:
    part = read_log(path)

    assert (part.lines, part.next_offset, part.at_end) == ((), 0, True)


def test_a_long_log_is_put_aside_and_read_as_one(path: Path) -> None:
    run_log = small(path)
    for number in range(100):
        run_log.info(f"event_{number}")
    run_log.close()

    part = read_log(path, limit=1_000)

    assert len(list(path.parent.iterdir())) == 2
    assert [line.event for line in part.lines] == [f"event_{number}" for number in range(100)]


def test_offsets_stay_true_over_a_rotation(path: Path) -> None:
    run_log = small(path)
    run_log.info("before")
    offset = read_log(path).next_offset
    for number in range(100):
        run_log.info(f"event_{number}")
    run_log.close()

    assert read_log(path, offset=offset, limit=1).lines[0].event == "event_0"
    every = read_log(path, limit=1_000).lines
    assert [read_log(path, offset=line.offset, limit=1).lines[0] for line in every[::17]] == list(every[::17])


def test_old_parts_are_dropped_and_a_reader_goes_on_with_what_is_left(path: Path) -> None:
    run_log = small(path, max_bytes=200)
    for number in range(200):
        run_log.info(f"event_{number}")
    run_log.close()

    part = read_log(path, offset=0, limit=1_000)

    assert len(list(path.parent.iterdir())) <= 6
    assert part.lines[-1].event == "event_199"
    assert part.lines[0].offset > 0


def test_a_log_goes_on_after_a_restart(path: Path) -> None:
    for name in ("one", "two"):
        run_log = small(path)
        run_log.info(name)
        run_log.close()

    assert [line.event for line in read_log(path).lines] == ["one", "two"]
