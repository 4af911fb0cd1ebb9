"""Takes over a sign-in from a browser on another machine; without it a server without a screen had none."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from playwright.async_api import Browser, Error, async_playwright
from playwright.async_api import TimeoutError as PlaywrightTimeout

from shopwatch.browser.account import GREETED, greeting
from shopwatch.browser.launching import first_line
from shopwatch.browser.seats import save_state, state_file
from shopwatch.browser.signed_in import mark_signed_in
from shopwatch.domain.addresses import redact
from shopwatch.domain.errors import Invalid, Unusable
from shopwatch.domain.probe import SessionProbe
from shopwatch.domain.site import Site

_PATIENCE_S = 900.0  #: for a person with a phone for the code

WITHOUT_A_SCREEN = (
    "a sign-in needs a window, and this machine has no screen. Two ways work: run `shopwatch login"
    " {retailer}` on a machine with one and copy its {file} here (it is as good as the password: mode 0600);"
    " or start Chrome there with --remote-debugging-port=9222, tunnel that port here over SSH, and run"
    " `shopwatch login {retailer} --cdp http://127.0.0.1:9222`."
)


def has_screen(environment: Mapping[str, str] = os.environ, *, system: str = os.name) -> bool:
    """Whether a window can be opened; Windows and macOS always can."""
    if system == "nt" or Path("/System/Library").is_dir():
        return True
    return bool(environment.get("DISPLAY") or environment.get("WAYLAND_DISPLAY"))


async def take_over(
    retailer: str,
    site: Site,
    probe: SessionProbe,
    *,
    cdp_url: str,
    sessions: Path,
    patience_s: float = _PATIENCE_S,
) -> Path:
    """Wait in the remote browser until a person has signed in there, keep that session; returns its file.

    Raises:
        Invalid: no address of a debugging port.
        Unusable: it cannot be reached, or nobody signed in in time.
    """
    if urlsplit(cdp_url).scheme not in ("http", "https", "ws", "wss"):
        raise Invalid(f"--cdp must be an address such as http://127.0.0.1:9222, got {redact(cdp_url)!r}")
    async with async_playwright() as playwright:
        try:
            browser = await playwright.chromium.connect_over_cdp(cdp_url)
        except Error as error:
            said = f"no browser answers at {cdp_url}: {first_line(error)}"
            raise Unusable(redact(said)) from None
        try:
            return await _kept(
                browser, sessions, retailer=retailer, site=site, probe=probe, patience_s=patience_s
            )
        except PlaywrightTimeout:
            raise Unusable(f"nobody signed in at {retailer} within {patience_s / 60:.0f} min") from None
        except Error as error:
            raise Unusable(f"the remote browser went away: {first_line(error)}") from None


async def _kept(
    browser: Browser, sessions: Path, *, retailer: str, site: Site, probe: SessionProbe, patience_s: float
) -> Path:
    path = state_file(sessions, retailer)
    context = browser.contexts[0] if browser.contexts else await browser.new_context()
    tab = await context.new_page()
    await tab.goto(site.base_url + probe.login_path)
    await tab.wait_for_function(GREETED, arg=[probe.greeting, probe.greets], timeout=patience_s * 1000)
    state = await context.storage_state()
    host = urlsplit(site.base_url).hostname or ""
    # A person's browser holds much that is none of our business: only this site's cookies are taken.
    kept = [cookie for cookie in state.get("cookies", []) if _is_of(cookie.get("domain", ""), host)]
    mark_signed_in(sessions, retailer, await greeting(tab, probe))
    save_state(path, json.dumps({"cookies": kept, "origins": []}))
    await tab.close()
    return path


def _is_of(domain: str, host: str) -> bool:
    bare = domain.lstrip(".")
    return host == bare or host.endswith(f".{bare}")
