"""Contexts of signed-in sessions, where the file of one is no session to this browser."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, cast

import pytest
from playwright.async_api import Browser, Error

from shopwatch.browser.seats import Seats, state_file
from shopwatch.domain.errors import Unusable

#: As browser extensions export cookies; Chromium's own word is "None".
EXPORTED = {"name": "a", "value": "s3cret", "domain": "x.com", "path": "/", "sameSite": "no_restriction"}


class Context:
    async def new_page(self) -> Context:
        return self

    async def goto(self, _url: str, **_: float) -> None:
        """Nothing is loaded."""

    async def close(self) -> None:
        """Nothing is held."""


class Chromium:
    """Takes no state but a guest's; dead, it takes none at all."""

    is_dead = False

    async def new_context(self, *, storage_state: Path | None = None, **_: Any) -> Context:
        if self.is_dead:
            raise Error("Connection closed")
        if storage_state is not None:
            raise Error("storageState.cookies[0].sameSite: expected one of (Strict|Lax|None)")
        return Context()


@pytest.fixture
def browser() -> Chromium:
    return Chromium()


@pytest.fixture
def seats(tmp_path: Path) -> Seats:
    state_file(tmp_path, "target").write_text(json.dumps({"cookies": [EXPORTED], "origins": []}))
    return Seats(2, tmp_path, hung_s=5.0)


async def test_a_session_that_the_browser_does_not_take_is_named_and_ends_nobody_elses_look(
    browser: Chromium, seats: Seats
) -> None:
    with pytest.raises(Unusable, match=r"target_storage\.json holds no session; sign in again") as told:
        async with seats.seat(cast("Browser", browser), "target"):
            pytest.fail("there is no seat")
    assert "s3cret" not in str(told.value)
    assert seats.broken is None
    async with seats.seat(cast("Browser", browser), "walmart") as seat:
        assert seat.retailer == "walmart"


async def test_a_dead_browser_is_not_taken_for_a_session_that_is_none(
    browser: Chromium, seats: Seats
) -> None:
    browser.is_dead = True
    with pytest.raises(Error, match="Connection closed"):
        async with seats.seat(cast("Browser", browser), "target"):
            pytest.fail("there is no seat")
    assert seats.broken is cast("Browser", browser)
