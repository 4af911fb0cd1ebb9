"""Signs in at a simulator, as a person must at the real site; without it a demo could rehearse nothing."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import aiohttp

from shopwatch.browser.seats import save_state, state_file
from shopwatch.browser.signed_in import mark_signed_in
from shopwatch.domain.errors import Unusable

#: As the simulator's own sign-in page prints it.
_ACCOUNT = {"username": "shopper@example.com", "password": "bullseye", "keepMeSignedIn": True}
_SIGN_IN = "/gsp/authentications/v1/credential_validations"


async def sign_in_simulated(origins: Mapping[str, str], sessions: Path) -> None:
    """Keep the session of the simulated Target's account.

    Raises:
        Unusable: the simulator does not take the account.
    """
    jar = aiohttp.CookieJar(unsafe=True)  # loopback has no domain
    try:
        async with (
            aiohttp.ClientSession(cookie_jar=jar) as session,
            session.post(origins["target"] + _SIGN_IN, json=_ACCOUNT) as answer,
        ):
            answer.raise_for_status()
    except aiohttp.ClientError as error:
        raise Unusable(f"the simulator does not take its own account: {error}") from None
    cookies = [_kept(cookie.key, cookie.value) for cookie in jar]
    mark_signed_in(sessions, "target", "the simulator's own account")
    save_state(state_file(sessions, "target"), json.dumps({"cookies": cookies, "origins": []}))


def _kept(name: str, value: str) -> dict[str, object]:
    """A cookie as a browser keeps it."""
    place = {"domain": "127.0.0.1", "path": "/", "expires": -1}
    return {"name": name, "value": value, **place, "httpOnly": False, "secure": False, "sameSite": "Lax"}
