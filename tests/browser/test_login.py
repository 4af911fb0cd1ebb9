"""Signing in by hand, and noticing that a session is over."""

from __future__ import annotations

import asyncio
import json
import stat
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.browser.chromium import needs_browser
from tests.transport.raw_server import RawServer, Seen, answer, raw_server

from shopwatch.browser.launching import Start
from shopwatch.browser.login import sign_in
from shopwatch.browser.pool import Pool, ProductPages
from shopwatch.browser.seats import state_file
from shopwatch.domain.errors import Blocked, Unreachable, Unusable
from shopwatch.domain.site import Site
from shopwatch.retailers.registry import PROBES, SESSION_PROBES
from shopwatch.transport.clock import SystemClock

pytestmark = needs_browser
GUEST = b'<a data-test="@web/AccountLink">Sign in</a>'
PERSON = b'<a data-test="@web/AccountLink">Hi, Anna</a>'
#: The person of this test: signs in a moment after the page came.
SIGNING_IN = b"""<a data-test="@web/AccountLink">Sign in</a><script>setTimeout(() => {
 document.cookie = "login-session=1; path=/; max-age=9999";
 document.querySelector("a").textContent = "Hi, Anna"; }, 200)</script>"""


@pytest.fixture
async def shop() -> AsyncIterator[RawServer]:
    async with raw_server() as server:

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
        yield server


def pages(shop: RawServer) -> dict[str, ProductPages]:
    site = Site(base_url=shop.url(""))
    return {"target": ProductPages(probe=PROBES["target"], site=site, session=SESSION_PROBES["target"])}


async def test_a_person_signs_in_once_and_the_pool_stays_signed_in(shop: RawServer, tmp_path: Path) -> None:
    start = Start(sessions=tmp_path, size=1)
    path = await sign_in("target", Site(base_url=shop.url("")), SESSION_PROBES["target"], start)
    assert path == state_file(tmp_path, "target")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [one["name"] for one in json.loads(path.read_text())["cookies"]] == ["login-session"]
    async with Pool(start, pages(shop), SystemClock()) as pool:
        state = await pool.session("target")
    assert (state.signed_in, state.reason) == (True, "Hi, Anna")


async def test_a_session_that_is_over_is_noticed(shop: RawServer, tmp_path: Path) -> None:
    shop.on("/login", answer(200, GUEST, Content_Type="text/html"))
    async with Pool(Start(sessions=tmp_path, size=1), pages(shop), SystemClock()) as pool:
        state = await pool.session("target")
    assert (state.signed_in, state.reason) == (False, "the account page asks to sign in")


async def test_an_old_greeting_on_the_login_page_is_no_session(shop: RawServer, tmp_path: Path) -> None:
    shop.on("/login", answer(200, PERSON, Content_Type="text/html"))
    async with Pool(Start(sessions=tmp_path, size=1), pages(shop), SystemClock()) as pool:
        assert (await pool.session("target")).signed_in is False


@pytest.mark.parametrize(
    ("body", "signed_in"), [(GUEST, False), (b"<p>loading</p>", None)], ids=["a guest", "no account link"]
)
async def test_an_account_page_that_greets_nobody(
    shop: RawServer, tmp_path: Path, body: bytes, signed_in: bool | None
) -> None:
    shop.on("/account", answer(200, body, Content_Type="text/html"))
    async with Pool(Start(sessions=tmp_path, size=1), pages(shop), SystemClock()) as pool:
        assert (await pool.session("target")).signed_in is signed_in


async def test_a_refused_account_page_is_no_answer(shop: RawServer, tmp_path: Path) -> None:
    shop.on("/account", answer(403, b"<title>Access Denied</title>", Content_Type="text/html"))
    async with Pool(Start(sessions=tmp_path, size=1), pages(shop), SystemClock()) as pool:
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


async def test_a_retailer_without_sign_in_says_so(tmp_path: Path) -> None:
    async with Pool(Start(sessions=tmp_path, size=1), {}, SystemClock()) as pool:
        assert (await pool.session("att")).signed_in is None


async def test_a_shop_that_is_away_is_unreachable(tmp_path: Path) -> None:
    away = {
        "target": ProductPages(
            probe=PROBES["target"],
            site=Site(base_url="http://127.0.0.1:9"),
            session=SESSION_PROBES["target"],
        )
    }
    async with Pool(Start(sessions=tmp_path, size=1), away, SystemClock()) as pool:
        with pytest.raises(Unreachable):
            await pool.session("target")
