"""Signing in by hand, once; without it a password would have to be kept.

A person signs in, in a real window, with "keep me signed in"; we only notice that it is done.
"""

from __future__ import annotations

import json
from pathlib import Path

import structlog
from playwright.async_api import Browser, Error, async_playwright
from playwright.async_api import TimeoutError as PlaywrightTimeout

from shopwatch.browser.account import GREETED, greeting
from shopwatch.browser.launching import Start, first_line, launch
from shopwatch.browser.seats import context_of, save_state, state_file
from shopwatch.browser.signed_in import mark_signed_in
from shopwatch.domain.errors import Unusable
from shopwatch.domain.probe import SessionProbe
from shopwatch.domain.site import Site

log = structlog.get_logger(__name__)

_PATIENCE_S = 900.0  #: for a person with a phone for the code


async def sign_in(
    retailer: str, site: Site, probe: SessionProbe, start: Start, *, patience_s: float = _PATIENCE_S
) -> Path:
    """Open the login page, wait for the person, keep the session; returns its file.

    Raises:
        Unusable: no browser or no screen, the window was closed, or nobody signed in in time.
    """
    async with async_playwright() as playwright:
        browser = await launch(playwright, start)
        try:
            path = await _signed_in(
                browser, start.sessions, retailer=retailer, site=site, probe=probe, patience_s=patience_s
            )
        except PlaywrightTimeout:
            raise Unusable(f"nobody signed in at {retailer} within {patience_s / 60:.0f} min") from None
        except Error as error:
            raise Unusable(f"the window was closed before the sign-in ({first_line(error)})") from None
        finally:
            await browser.close()
    log.info("signed_in", retailer=retailer)
    return path


async def _signed_in(
    browser: Browser, sessions: Path, *, retailer: str, site: Site, probe: SessionProbe, patience_s: float
) -> Path:
    path = state_file(sessions, retailer)
    try:
        context = await context_of(browser, path)
    except Unusable:  # what holds no session is replaced by this one
        context = await browser.new_context()
    tab = await context.new_page()
    await tab.goto(site.base_url + probe.login_path)
    await tab.wait_for_function(GREETED, arg=[probe.greeting, probe.greets], timeout=patience_s * 1000)
    mark_signed_in(sessions, retailer, await greeting(tab, probe))
    save_state(path, json.dumps(await context.storage_state()))
    return path
