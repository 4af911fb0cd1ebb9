"""Finds the browser of this machine; without it a missing one would show as a crash at the first restock."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

VARIABLE = "SHOPWATCH_BROWSER"
_NAMES = ("google-chrome-stable", "google-chrome", "chromium", "chromium-browser", "chrome", "msedge")
_APPLICATIONS = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)
#: Where Playwright keeps its own, newest last, below its cache folder.
_OWN = (
    "chromium-*/chrome-linux*/chrome",
    "chromium-*/chrome-mac*/Chromium.app/Contents/MacOS/Chromium",
    "chromium-*/chrome-win*/chrome.exe",
)
_CACHES = (".cache/ms-playwright", "Library/Caches/ms-playwright", "AppData/Local/ms-playwright")
_HOW = (
    f"no Chrome or Chromium: install one, or run 'playwright install chromium', or set {VARIABLE} to its path"
)


@dataclass(frozen=True, slots=True)
class Found:
    """The browser, or a sentence that says how to get one."""

    path: Path | None
    missing: str = ""


def find_browser(environment: Mapping[str, str], home: Path) -> Found:
    """Look where the shopper said, then on the PATH, then where Playwright puts its own."""
    if named := environment.get(VARIABLE):
        path = shutil.which(named, path=environment.get("PATH", ""))
        if path is None:
            return Found(None, f"{VARIABLE} names {named!r}, which is no program that can be started")
        return Found(Path(path))
    candidates = [shutil.which(name, path=environment.get("PATH", "")) for name in _NAMES]
    candidates += [path for path in _APPLICATIONS if Path(path).is_file()]
    if path := next((path for path in candidates if path), None):
        return Found(Path(path))
    own = _playwrights_own(environment, home)
    return Found(own) if own else Found(None, _HOW)


def _playwrights_own(environment: Mapping[str, str], home: Path) -> Path | None:
    named = environment.get("PLAYWRIGHT_BROWSERS_PATH")
    folders = [Path(named)] if named else [home / cache for cache in _CACHES]
    found = [path for folder in folders for pattern in _OWN for path in folder.glob(pattern)]
    return max(found, key=lambda path: _revision(path, folders), default=None)


def _revision(path: Path, folders: list[Path]) -> int:
    folder = next(folder for folder in folders if folder in path.parents)
    number = path.relative_to(folder).parts[0].rpartition("-")[2]
    return int(number) if number.isdecimal() else 0
