"""Who is signed in at a retailer; without it a lost session would show at the moment of a purchase."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from playwright.async_api import Page as Tab
from playwright.async_api import TimeoutError as PlaywrightTimeout

from shopwatch.browser.looking import HUNG_S, not_hung
from shopwatch.domain.probe import SessionProbe

_GREETING_MS = 5_000.0  #: the account link is filled in by a script

#: True once the account link greets a person.
GREETED = """([selector, words]) => [...document.querySelectorAll(selector)]
  .some((one) => new RegExp(words).test((one.textContent ?? "").trim()))"""


async def read_account(tab: Tab, probe: SessionProbe) -> tuple[bool | None, str]:
    """Whether the account page that is open is a person's: its address and its greeting must both say so."""
    if _asks_to_sign_in(tab, probe):  # whatever it greets with there
        return False, "the account page asks to sign in"
    try:
        await tab.wait_for_function(GREETED, arg=[probe.greeting, probe.greets], timeout=_GREETING_MS)
    except PlaywrightTimeout:
        return await _why_not(tab, probe)
    if _asks_to_sign_in(tab, probe):
        return False, "the account page asks to sign in"
    return True, await greeting(tab, probe)


async def _why_not(tab: Tab, probe: SessionProbe) -> tuple[bool | None, str]:
    """Nobody was greeted: a guest, or a page that never finished?"""
    if _asks_to_sign_in(tab, probe):
        return False, "the account page asks to sign in"
    said = await greeting(tab, probe)
    return (False, f"the page says {said!r}") if said else (None, "the page says neither hello nor sign in")


def _asks_to_sign_in(tab: Tab, probe: SessionProbe) -> bool:
    return urlsplit(tab.url).path.startswith(urlsplit(probe.login_path).path)


async def greeting(tab: Tab, probe: SessionProbe, *, hung_s: float = HUNG_S) -> str:
    """The words of the account link, such as "Hi, Jane".

    Raises:
        Error: a page whose scripts never end.
    """
    async with not_hung(hung_s):
        texts = await tab.locator(probe.greeting).all_text_contents()
    return re.sub(r"\s+", " ", texts[0]).strip()[:80] if texts else ""
