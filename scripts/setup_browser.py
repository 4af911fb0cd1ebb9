"""Finds Chrome or Chromium, else installs one (Playwright's own, or Debian's package), and says so."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from shopwatch.browser.find import find_browser

_WITHOUT = (
    "no Chrome or Chromium: Shopwatch works without, but alerts stay unconfirmed and nothing can be bought.\n"
    "       Install one (Debian: apt install chromium), or name it with SHOPWATCH_BROWSER=/path/to/chrome"
)


def main() -> int:
    found = _found()
    if found is None and "SHOPWATCH_NO_BROWSER" not in os.environ:
        found = _from_playwright() or _from_debian()
    say(f"browser: {found}" if found else _WITHOUT)
    return 0


def _found() -> Path | None:
    return find_browser(os.environ, Path.home()).path


def _from_playwright() -> Path | None:
    say("no Chrome or Chromium found: asking Playwright for its own")
    command = [sys.executable, "-m", "playwright", "install", "chromium"]
    return _found() if _runs(command, timeout_s=120) else None


def _from_debian() -> Path | None:
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        return None
    say("installing Debian's chromium")
    install = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium", "fonts-dejavu-core"]
    if _runs(["apt-get", "update", "-qq"], timeout_s=180) and _runs(install, timeout_s=600):
        return _found()
    return None


def _runs(command: list[str], *, timeout_s: float) -> bool:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    try:
        done = subprocess.run(command, check=False, capture_output=True, timeout=timeout_s, env=environment)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def say(text: str) -> None:
    print(f"setup: {text}")


if __name__ == "__main__":
    sys.exit(main())
