"""A sign-in on a machine without a screen: the browser is elsewhere, reached at its debugging port."""

from __future__ import annotations

import asyncio
import json
import stat
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from playwright.async_api import BrowserContext, async_playwright
from playwright.async_api import Page as Tab
from tests.browser.chromium import FOUND, needs_browser
from tests.buying_shop import furnish
from tests.simulator_fixture import running_simulator
from tests.target_shopper import PASSWORD, USER

from shopwatch.browser.remote import take_over
from shopwatch.browser.seats import state_file
from shopwatch.browser.signed_in import account_of, signed_in_mark
from shopwatch.cli.main import main
from shopwatch.domain.errors import Invalid, Unusable
from shopwatch.domain.site import Site
from shopwatch.retailers.registry import SESSION_PROBES

pytestmark = [pytest.mark.timeout(90)]


@asynccontextmanager
async def browser_elsewhere(folder: Path) -> AsyncIterator[str]:
    """A browser with a debugging port, as the person starts it; gives the port's address."""
    words = ["--headless=new", "--no-sandbox", "--no-first-run", f"--user-data-dir={folder}"]
    process = await asyncio.create_subprocess_exec(
        str(FOUND.path),
        *words,
        "--remote-debugging-port=0",
        "about:blank",
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        assert process.stderr is not None
        async with asyncio.timeout(40):
            while b"DevTools listening on" not in (line := await process.stderr.readline()):
                assert line, "the browser ended"
        yield "http://" + line.decode().split("ws://")[1].split("/")[0]
    finally:
        process.terminate()
        await process.wait()


async def tab_at(context: BrowserContext, part: str) -> Tab:
    """The tab whose address has this part, now or as soon as one goes there."""
    gone_somewhere = asyncio.Event()

    def follow(tab: Tab) -> None:
        tab.on("framenavigated", lambda _frame: gone_somewhere.set())
        gone_somewhere.set()

    context.on("page", follow)
    for tab in context.pages:
        follow(tab)
    async with asyncio.timeout(40):
        while not (there := [tab for tab in context.pages if part in tab.url]):
            gone_somewhere.clear()
            await gone_somewhere.wait()
    return there[0]


async def person(cdp: str, login: str) -> None:
    """Waits for the tab that opens, and signs in by hand."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.connect_over_cdp(cdp)
        tab = await tab_at(browser.contexts[0], login)
        await tab.fill("#username", USER)
        await tab.click('form[data-step="username"] button[type="submit"]')
        await tab.click('[role="button"]#password')
        await tab.fill('input[type="password"]', PASSWORD)
        await tab.check("#keepMeSignedIn")
        await tab.click("#login")
        await tab.click("#skip")


@pytest.mark.browser
@needs_browser[1]
async def test_login_takes_over_a_sign_in_made_by_hand_in_a_browser_elsewhere(tmp_path: Path) -> None:
    async with running_simulator(products=5) as simulator, browser_elsewhere(tmp_path / "profile") as cdp:
        await furnish(simulator.origins, tmp_path)
        file = state_file(tmp_path / "sessions", "target")
        file.unlink()
        words = ["--config-dir", str(tmp_path / "config"), "--data-dir", str(tmp_path / "data")]
        command = asyncio.to_thread(main, [*words, "login", "target", "--cdp", cdp])
        status, _ = await asyncio.gather(command, person(cdp, "/login"))
    assert status == 0
    names = {cookie["name"] for cookie in json.loads(file.read_text())["cookies"]}
    assert {"login-session", "accessToken", "refreshToken"} <= names
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(signed_in_mark(tmp_path / "sessions", "target").stat().st_mode) == 0o600
    account = account_of(tmp_path / "sessions", "target")
    assert account is not None
    assert account[0] == "Hi, Jane"


@pytest.mark.parametrize(
    ("address", "error", "says"),
    [
        ("127.0.0.1:9222", Invalid, "must be an address such as"),
        ("http://127.0.0.1:9", Unusable, "no browser answers at http://127.0.0.1:9"),
    ],
)
async def test_an_address_where_no_browser_is_says_so(
    tmp_path: Path, address: str, error: type[Exception], says: str
) -> None:
    with pytest.raises(error, match=says):
        await take_over(
            "target",
            Site(base_url="http://127.0.0.1:9"),
            SESSION_PROBES["target"],
            cdp_url=address,
            sessions=tmp_path,
        )
