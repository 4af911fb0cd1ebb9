"""The light browser for tests: opening a page in a whole Chromium costs four times as much."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from shopwatch.browser.find import VARIABLE

#: Debian's program itself: the script of that name in the PATH leaves the browser behind when it is killed.
_DEBIANS = "/usr/lib/chromium/chromium-headless-shell"
#: Where Playwright keeps its own, below its folder.
_OWN = (
    "chromium_headless_shell-*/chrome-linux*/headless_shell",
    "chromium_headless_shell-*/chrome-headless-shell-*/chrome-headless-shell",
)


def headless_shell() -> str | None:
    """Chromium without its windows: the same engine, from Debian's package or from Playwright's folder."""
    folder = Path(os.environ.get("PLAYWRIGHT_BROWSERS_PATH", Path.home() / ".cache" / "ms-playwright"))
    own = [str(path) for pattern in _OWN for path in sorted(folder.glob(pattern), reverse=True)]
    return next((one for one in [_DEBIANS, *own] if _starts(one)), None)


def _starts(program: str) -> bool:
    """A browser without its libraries is none."""
    try:
        tried = subprocess.run([program, "--version"], capture_output=True, timeout=60, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return tried.returncode == 0


def prefer_it() -> None:
    """Let every test take it, and the programs the tests start, unless somebody named another."""
    if VARIABLE not in os.environ and (shell := headless_shell()):
        os.environ[VARIABLE] = shell


def without_it() -> dict[str, str]:
    """The environment of a person, who has a whole browser."""
    return {name: value for name, value in os.environ.items() if name != VARIABLE}
