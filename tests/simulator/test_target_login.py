"""Signing in at Target: passwords, codes, locks, sessions that end, and what proves that one is signed in."""

from __future__ import annotations

from typing import Any

import pytest
from tests.simulator_fixture import Simulator
from tests.target_shopper import CODE, Shopper, text_of

ACCOUNT = '[data-test="@web/AccountLink"]'


@pytest.fixture
async def shopper(simulator: Simulator) -> Shopper:
    await simulator.put("20000001", ship="IN_STOCK", price=40)
    return Shopper(simulator)


async def greeting(shopper: Shopper, path: str = "/") -> str:
    return text_of(await shopper.page(path), ACCOUNT)


async def test_who_signed_in_is_greeted_on_every_page(shopper: Shopper) -> None:
    assert await greeting(shopper) == "Sign in"
    assert (await shopper.sign_in()).json == {"next": "done"}
    for path in ("/", "/cart", "/account", "/orders", "/p/product-20000001/-/A-20000001"):
        assert await greeting(shopper, path) == "Hi, Jane"


async def test_a_guest_has_an_access_token_too(shopper: Shopper) -> None:
    await shopper.page("/p/product-20000001/-/A-20000001")
    assert shopper.cookies["accessToken"].count(".") == 2
    assert "login-session" not in shopper.cookies
    await shopper.add()
    assert (await shopper.cart()).json["guest_type"] == "GUEST"


@pytest.mark.parametrize("path", ["/account", "/account/payments", "/orders", "/orders/1"])
async def test_who_is_not_signed_in_is_sent_to_the_login(shopper: Shopper, path: str) -> None:
    answer = await shopper.ask("GET", f"target:{path}")
    assert answer.status == 302
    assert answer.headers["location"].startswith("/login?client_id=ecom-web-1.0.0")
    assert (await shopper.ask("GET", f"target:{answer.headers['location']}")).status == 200


async def test_the_login_page_prints_its_accounts(shopper: Shopper) -> None:
    page = await shopper.page("/login?client_id=ecom-web-1.0.0&redirect_uri=https://evil.example/")
    assert "shopper@example.com / bullseye" in text_of(page, "#signin > p:first-child")
    assert page.css_first("#username")
    assert page.css_first("#keepMeSignedIn")
    assert page.css_first("#signin").attributes["data-back"] == "/"  # type: ignore[union-attr]


async def test_three_wrong_passwords_lock_the_account(shopper: Shopper) -> None:
    said = [(await shopper.sign_in(password="guess")).json["message"] for _ in range(3)]
    assert said[:2] == ["The password you entered is incorrect"] * 2
    assert "locked" in said[2]
    right = await shopper.sign_in()
    assert (right.status, "locked" in right.json["message"]) == (401, True)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"username": "nobody@example.com"}, "can't find your account"),
        ({"username": "locked@example.com"}, "has been locked"),
        ({"code": "000000", "password": None}, "code is incorrect"),
    ],
)
async def test_other_ways_not_to_get_in(shopper: Shopper, given: dict[str, Any], words: str) -> None:
    answer = await shopper.sign_in(**given)
    assert answer.status == 401
    assert words in answer.json["message"]


async def test_a_code_may_be_wanted_after_the_password(shopper: Shopper) -> None:
    await shopper.settings(login="code")
    assert (await shopper.sign_in()).json == {"next": "code"}
    assert await greeting(shopper) == "Sign in"
    assert (await shopper.sign_in(code=CODE)).json == {"next": "done"}
    assert await greeting(shopper) == "Hi, Jane"


async def test_the_guard_may_refuse_a_login(shopper: Shopper) -> None:
    await shopper.settings(login="refused")
    answer = await shopper.sign_in()
    assert (answer.status, "refresh your browser" in answer.json["message"]) == (401, True)


@pytest.mark.parametrize(("keep", "lasting"), [(True, True), (False, False)])
async def test_only_a_kept_session_outlives_the_browser(shopper: Shopper, keep: bool, lasting: bool) -> None:
    answer = await shopper.sign_in(keepMeSignedIn=keep)
    cookies = {line.partition("=")[0]: line for line in answer.headers.getall("set-cookie")}
    assert {"accessToken", "idToken", "refreshToken", "login-session"} == cookies.keys()
    assert ("Max-Age" in cookies["login-session"]) is lasting


async def test_an_expired_session_ends_everything(shopper: Shopper) -> None:
    await shopper.sign_in()
    assert await shopper.simulator.tell("POST", "/session/expire") == {"expired": 1}
    assert await greeting(shopper) == "Sign in"
    assert (await shopper.ask("GET", "target:/account")).status == 302


async def test_an_expired_access_token_is_renewed_by_the_next_page(shopper: Shopper) -> None:
    await shopper.sign_in()
    await shopper.simulator.tell("POST", "/session/expire", {"kind": "access"})
    refused = await shopper.add()
    assert (refused.status, refused.json["code"]) == (401, "_ERR_AUTH_DENIED")
    assert (await shopper.cart()).status == 204  # reading still works
    assert await greeting(shopper) == "Hi, Jane"
    assert (await shopper.add()).status == 201


async def test_one_can_sign_out(shopper: Shopper) -> None:
    await shopper.sign_in()
    await shopper.ask("GET", "target:/logout")
    assert await greeting(shopper) == "Sign in"
