"""The mission's words: ``run.py`` is a thin map onto ours."""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from tests.paths import PROJECT

from shopwatch.cli import mission


@pytest.fixture
def mapped(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """What reaches our command line."""
    calls: list[list[str]] = []

    def record(words: Sequence[str]) -> int:
        calls.append(list(words))
        return 0

    monkeypatch.setattr(mission, "shopwatch", record)
    return calls


@pytest.mark.parametrize(
    ("words", "ours"),
    [
        ("", "monitor"),
        ("--test", "monitor"),
        ("production", "monitor --live"),
        ("production --test", "monitor"),
        ("--dashboard", "serve --port 5001"),
        ("production --dashboard", "serve --port 5001 --live"),
        ("--legacy", "monitor --pacing fixed --old-format"),
        ("--status", "runs"),
        ("--status -r att", "runs att"),
        ("-a --format xlsx,csv", "crawl --all --format xlsx,csv"),
        ("-r att", "crawl att"),
        ("--retailer att -r verizon --resume", "crawl att verizon --resume"),
        ("-a -e walmart --incremental", "crawl --all --incremental --exclude walmart"),
        ("-r att --limit 5 --proxy residential --test", "crawl att --test --limit 5 --proxy residential"),
        ("-v -a", "--verbose crawl --all"),
    ],
)
def test_each_word_of_the_mission_has_one_of_ours(mapped: list[list[str]], words: str, ours: str) -> None:
    assert mission.main(words.split()) == 0
    assert mapped == [ours.split()]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("--limit 5", "--limit is about store directories: name them with --retailer, or say --all"),
        ("production --resume", "--resume is about store directories"),
        ("--format csv", "--format is about store directories"),
        ("production -r att", "production watches stock: it does not go with --retailer or --all"),
        ("-a --dashboard", "--dashboard watches stock"),
    ],
)
def test_no_word_is_dropped_in_silence(
    mapped: list[list[str]], capsys: pytest.CaptureFixture[str], words: str, said: str
) -> None:
    with pytest.raises(SystemExit, match="2"):
        mission.main(words.split())
    assert said in capsys.readouterr().err
    assert mapped == []


def test_run_py_is_that_map(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, PROJECT / "run.py", "-r", "nope"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("there is no retailer 'nope'")


def test_production_is_refused_while_the_configuration_says_test_mode(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, PROJECT / "run.py", "production"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "safety.test_mode is on" in done.stderr
