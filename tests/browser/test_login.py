"""Signing in by hand, and noticing that a session is over."""

from __future__ import annotations

import asyncio
import json
import stat
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from tests.browser.chromium import needs_browser
from tests.transport.raw_server import RawServer, Seen, answer, raw_server

from shopwatch.browser.launching import Start
from shopwatch.browser.login import sign_in
from shopwatch.browser.pool import Pool, ProductPages
from shopwatch.browser.seats import save_state, state_file
from shopwatch.domain.errors import Blocked, Unreachable, Unusable
from shopwatch.domain.site import Site
from shopwatch.retailers.registry import PROBES, SESSION_PROBES
from shopwatch.transport.clock import SystemClock

pytestmark = [*needs_browser, pytest.mark.asyncio(loop_scope="module")]
GUEST = b'<a data-test="@web/AccountLink">Sign in</a>'
PERSON = b'<a data-test="@web/AccountLink">Hi, Anna</a>'
#: The person of this test: signs in a moment after the page came.
SIGNING_IN = b"""<a data-test="@web/AccountLink">Sign in</a><script>setTimeout(() => {
 document.cookie = "login-session=1; path=/; max-age=9999";
 document.querySelector("a").textContent = "Hi, Anna"; }, 200)</script>"""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def server() -> AsyncIterator[RawServer]:
    async with raw_server() as server:
        yield server


@pytest_asyncio.fixture(loop_scope="module")
async def shop(server: RawServer) -> RawServer:
    async def account(seen: Seen, writer: asyncio.StreamWriter) -> None:
        is_person = "login-session=1" in seen.headers.get("cookie", "")
        reply = (
            answer(200, PERSON, Content_Type="text/html")
            if is_person
            else answer(302, b"", Location="/login")
        )
        writer.write(reply)

    server.on("/account", account)
    server.on("/login", answer(200, SIGNING_IN, Content_Type="text/html"))
    return server


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browsers(
    server: RawServer, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[tuple[Pool, Path]]:
    """One browser for all, and where it looks for who is signed in."""
    sessions = tmp_path_factory.mktemp("sessions")
    async with Pool(Start(sessions=sessions, size=1), pages(server), SystemClock()) as pool:
        yield pool, sessions


@pytest.fixture
def pool(browsers: tuple[Pool, Path]) -> Pool:
    """With the cookies of nobody."""
    shared, sessions = browsers
    save_state(state_file(sessions, "target"), '{"cookies": [], "origins": []}')
    return shared


def pages(shop: RawServer) -> dict[str, ProductPages]:
    """Target's, and those of a shop that is away."""
    here, away = Site(base_url=shop.url("")), Site(base_url="http://127.0.0.1:9")
    session = SESSION_PROBES["target"]
    return {
        "target": ProductPages(probe=PROBES["target"], site=here, session=session),
        "walmart": ProductPages(probe=PROBES["target"], site=away, session=session),
    }


async def test_a_person_signs_in_once_and_the_pool_stays_signed_in(
    shop: RawServer, browsers: tuple[Pool, Path]
) -> None:
    pool, sessions = browsers
    start = Start(sessions=sessions, size=1)
    save_state(state_file(sessions, "target"), '{"cookies": [{"sameSite": "no_restriction"}]}')
    path = await sign_in("target", Site(base_url=shop.url("")), SESSION_PROBES["target"], start)
    assert path == state_file(sessions, "target")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [one["name"] for one in json.loads(path.read_text())["cookies"]] == ["login-session"]
    state = await pool.session("target")
    assert (state.signed_in, state.reason) == (True, "Hi, Anna")


async def test_a_session_that_is_over_is_noticed(shop: RawServer, pool: Pool) -> None:
    shop.on("/login", answer(200, GUEST, Content_Type="text/html"))
    state = await pool.session("target")
    assert (state.signed_in, state.reason) == (False, "the account page asks to sign in")


async def test_an_old_greeting_on_the_login_page_is_no_session(shop: RawServer, pool: Pool) -> None:
    shop.on("/login", answer(200, PERSON, Content_Type="text/html"))
    assert (await pool.session("target")).signed_in is False


@pytest.mark.parametrize(
    ("body", "signed_in"), [(GUEST, False), (b"<p>loading</p>", None)], ids=["a guest", "no account link"]
)
async def test_an_account_page_that_greets_nobody(
    shop: RawServer, pool: Pool, monkeypatch: pytest.MonkeyPatch, body: bytes, signed_in: bool | None
) -> None:
    monkeypatch.setattr("shopwatch.browser.account._GREETING_MS", 500.0)
    shop.on("/account", answer(200, body, Content_Type="text/html"))
    assert (await pool.session("target")).signed_in is signed_in


async def test_a_refused_account_page_is_no_answer(shop: RawServer, pool: Pool) -> None:
    shop.on("/account", answer(403, b"<title>Access Denied</title>", Content_Type="text/html"))
    with pytest.raises(Blocked):
        await pool.session("target")


async def test_nobody_signing_in_ends_the_wait(shop: RawServer, tmp_path: Path) -> None:
    shop.on("/login", answer(200, GUEST, Content_Type="text/html"))
    with pytest.raises(Unusable, match="nobody signed in at target"):
        await sign_in(
            "target",
            Site(base_url=shop.url("")),
            SESSION_PROBES["target"],
            Start(sessions=tmp_path),
            patience_s=0.5,
        )
    assert not state_file(tmp_path, "target").exists()


async def test_a_retailer_without_sign_in_says_so(pool: Pool) -> None:
    assert (await pool.session("att")).signed_in is None


async def test_a_shop_that_is_away_is_unreachable(pool: Pool) -> None:
    with pytest.raises(Unreachable):
        await pool.session("walmart")
