"""The command line as a person calls it: in a folder of its own, with what it printed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from shopwatch.cli.main import main

Call = Callable[..., tuple[int, str, str]]


@pytest.fixture
def call(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Call:
    """Words in; exit status, standard output and standard error out."""
    monkeypatch.chdir(tmp_path)

    def run(*words: str) -> tuple[int, str, str]:
        status = main(words)
        said = capsys.readouterr()
        return status, said.out, said.err

    return run
