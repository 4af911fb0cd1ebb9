"""Starts the browser of this machine: the pool and the login would each do it in their own way."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import structlog
from playwright.async_api import Browser, Error, Playwright

from shopwatch.browser.find import find_browser
from shopwatch.domain.errors import Unusable

log = structlog.get_logger(__name__)

_ARGUMENTS = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
)
_AS_ROOT = "--no-sandbox"  #: the sandbox does not start for root, as in most containers


@dataclass(frozen=True, kw_only=True, slots=True)
class Start:
    """How the browser is started."""

    sessions: Path  #: folder of the signed-in sessions
    size: int = 4  #: warm contexts at most
    headless: bool = True
    hung_s: float = 10.0  #: so long it may take for what it does at once, then it is started anew
    environment: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))
    home: Path = field(default_factory=Path.home)


async def launch(playwright: Playwright, start: Start) -> Browser:
    """Start it.

    Raises:
        Unusable: there is none on this machine, or it does not start.
    """
    found = find_browser(start.environment, start.home)
    if found.path is None:
        raise Unusable(found.missing)
    arguments = [*_ARGUMENTS, _AS_ROOT] if os.geteuid() == 0 else list(_ARGUMENTS)
    try:
        browser = await playwright.chromium.launch(
            executable_path=found.path, headless=start.headless, args=arguments
        )
    except Error as error:
        why = "a window needs a screen; " if not start.headless and "display" in error.message.lower() else ""
        raise Unusable(f"{found.path} does not start: {why}{first_line(error)}") from None
    log.info("browser_started", path=str(found.path), version=browser.version)
    return browser


def first_line(error: Error) -> str:
    return error.message.splitlines()[0][:200]
