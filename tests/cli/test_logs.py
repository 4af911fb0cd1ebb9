"""Log lines: events with facts, and nothing secret in any of them."""

import logging
import shutil
from contextlib import closing
from pathlib import Path

import pytest
import structlog
from structlog.testing import capture_logs

from shopwatch.cli import logs
from shopwatch.domain.errors import Unusable


def line(**event: object) -> str:
    base = {"timestamp": "2026-01-17T04:45:00Z", "level": "warning", "event": "check_failed"}
    return logs.render(None, "", logs.redact(None, "", {**base, **event}))


def test_a_line_is_an_event_with_facts() -> None:
    assert line(sku="89542109", reason="HTTP 429", duration_ms=84.0) == (
        "2026-01-17T04:45:00Z warning check_failed             sku=89542109 reason='HTTP 429' duration_ms=84"
    )


@pytest.mark.parametrize(
    "facts",
    [
        {"password": "hush"},
        {"access_token": "hush"},
        {"url": "https://api.example.com/x?apiKey=hush&format=json"},
        {"reason": "no answer at http://user:hush@proxy.example.com:7777"},
        {"reason": "refused at https://x/?a=1&key=hush"},
        {"reason": "refused at https://x/?access_token=hush"},
        {"channels": ["mailto://user:hush@mail.example.com"]},
        {"error": ValueError("no answer at http://user:a@hush@proxy.example.com")},
    ],
)
def test_a_secret_is_never_logged(facts: dict[str, object]) -> None:
    assert "hush" not in line(**facts)


def test_what_is_around_a_secret_stays(tmp_path: Path) -> None:
    assert "format=json" in line(url="https://x/?apiKey=hush&format=json")


def test_info_goes_to_the_file_and_only_warnings_to_the_terminal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    logs.set_up(tmp_path / "logs" / "monitor.log")
    log = structlog.get_logger()
    log.info("check_done", sku="1")
    log.warning("blocked", retailer="target")
    written = (tmp_path / "logs" / "monitor.log").read_text()
    assert "check_done" in written
    assert "blocked" in written
    assert "check_done" not in capsys.readouterr().err


def test_what_a_library_logs_shows_no_password_either(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    logs.set_up(tmp_path / "x.log")
    logging.getLogger("apprise").error("no answer at %s", "https://bot:hush@chat.example.com/")
    assert "hush" not in (tmp_path / "x.log").read_text() + capsys.readouterr().err


def record(text: str) -> logging.LogRecord:
    return logging.LogRecord("x", logging.INFO, "", 0, text, None, None)


def test_of_two_processes_that_share_a_file_one_puts_it_aside_and_both_go_on(tmp_path: Path) -> None:
    """Each has its own handler; neither knows when the other rotates."""
    file = tmp_path / "shopwatch.log"
    with (
        closing(logs.SharedFile(file, maxBytes=1_000, backupCount=50)) as one,
        closing(logs.SharedFile(file, maxBytes=1_000, backupCount=50)) as other,
    ):
        for number in range(200):
            (one if number % 3 else other).emit(record(f"line {number:03} {'x' * 30}"))

    aside = sorted(tmp_path.glob("shopwatch.log.[0-9]*"), key=lambda path: -int(path.suffix[1:]))
    lines = [line for path in (*aside, file) for line in path.read_text().splitlines()]
    assert [int(line.split()[1]) for line in lines] == list(range(200))
    assert {path.stat().st_size for path in aside} == {24 * 40}, "each was full when it was put aside"


def test_a_file_that_somebody_took_away_is_made_anew(tmp_path: Path) -> None:
    with closing(logs.SharedFile(tmp_path / "x.log", maxBytes=1_000, backupCount=2)) as handler:
        handler.emit(record("before"))
        (tmp_path / "x.log").unlink()
        handler.emit(record("after"))
    assert (tmp_path / "x.log").read_text() == "after\n"


def test_a_folder_that_somebody_took_away_ends_nothing_and_is_written_to_when_it_is_back(
    tmp_path: Path,
) -> None:
    path = tmp_path / "logs" / "monitor.log"
    logs.set_up(path)
    log = structlog.get_logger()
    log.info("before")
    shutil.rmtree(path.parent)
    log.info("meanwhile")
    log.info("again")
    path.parent.mkdir()
    log.info("after")
    assert [one.split()[2] for one in path.read_text().splitlines()] == ["after"]


def test_a_folder_that_cannot_be_written_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(Unusable, match="cannot be written"):
        logs.set_up(tmp_path / "file" / "monitor.log")


def test_a_logger_that_was_used_before_can_still_be_listened_to(tmp_path: Path) -> None:
    logs.set_up(tmp_path / "monitor.log")
    log = structlog.get_logger()
    log.info("first")
    with structlog.testing.capture_logs() as lines:
        log.info("second")
    assert [line["event"] for line in lines] == ["second"]


@pytest.mark.parametrize(
    ("file", "lines"),
    [("ultra_fast_config.json", 1), ("product_config.json", 1), ("shopwatch.yaml", 0), ("", 0)],
)
def test_the_log_names_the_command_that_makes_the_present_file_of_an_old_one(file: str, lines: int) -> None:
    with capture_logs() as told:
        logs.name_old_format(file)
    assert ["`shopwatch config migrate`" in str(one["hint"]) for one in told] == [True] * lines
