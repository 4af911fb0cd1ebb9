"""Who looks at a page of Target, and what every page has around it; without it no header would say "Hi"."""

from __future__ import annotations

import base64
import json
from html import escape
from pathlib import Path
from string import Template
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from shopwatch.simulator.sites.target_api import PAGE_KEY, tracking_id
from shopwatch.simulator.sites.target_cart_json import cart_of, session_of
from shopwatch.simulator.world import World

_HERE = Path(__file__)
_FRAME = Template(_HERE.with_name("target_frame.html").read_text("utf-8"))
_SCRIPT = _HERE.with_name("target_frame.js").read_text("utf-8")
_DAY = 86_400
#: How long "Keep me signed in" lasts. Seconds.
_KEPT = 180 * _DAY


def name_of(request: Request, world: World) -> str | None:
    """The first name of who is signed in. Loading a page renews an access token that has run out."""
    session = session_of(request, world)
    if session is None:
        return None
    world.stale.discard(session)
    return world.sessions[session]


def account(request: Request, world: World) -> str:
    """What the header says: "Sign in", or "Hi" and a name."""
    name = name_of(request, world)
    return f"Hi, {name}" if name else "Sign in"


def framed(request: Request, world: World, *, title: str, body: str, script: str = "") -> HTMLResponse:
    """Put the header and the script of the site around a page."""
    written = _FRAME.substitute(
        title=escape(title),
        account=escape(account(request, world)),
        pieces=cart_of(request, world).pieces,
        api=world.origins["target-api"],
        carts=world.origins["target-carts"],
        key=PAGE_KEY,
        body=body,
        script=f"{_SCRIPT}\n{script}",
    )
    return welcomed(HTMLResponse(written), request, world)


def welcomed(response: HTMLResponse, request: Request, world: World) -> HTMLResponse:
    """Give a visitor without one an access token, as guests have: it proves nothing."""
    if "accessToken" not in request.cookies:
        response.set_cookie("accessToken", token(world, "GUEST", len(world.carts)), max_age=_DAY, path="/")
    return response


def sign_in(response: Response, world: World, *, name: str, keep: bool) -> str:
    """Open a session and set its cookies; those of who is not kept end with the browser."""
    session = tracking_id(world, "session", name, len(world.sessions), str(world.clock.epoch()))
    world.sessions[session] = name
    for cookie in ("accessToken", "idToken"):
        response.set_cookie(cookie, token(world, name, len(world.sessions)), max_age=_DAY, path="/")
    lasting = _KEPT if keep else None
    response.set_cookie("refreshToken", tracking_id(world, "refresh", session), max_age=lasting, path="/")
    response.set_cookie("login-session", session, max_age=lasting, path="/")
    return session


def to_login(request: Request) -> Response:
    """Send who is not signed in to the login page, which leads back."""
    query = {
        "client_id": "ecom-web-1.0.0",
        "ui_namespace": "ui-default",
        "back_button_action": "browser",
        "keep_me_signed_in": "true",
        "kmsi_default": "true",
        "actions": "create_session_signin",
        "redirect_uri": request.scope["path"],
    }
    return RedirectResponse(f"/login?{urlencode(query)}", 302)


def token(world: World, subject: str, number: int) -> str:
    """Something of the form of a JWT."""
    now = int(world.clock.epoch())
    parts = ({"alg": "RS256"}, {"sub": subject, "iat": now, "exp": now + _DAY, "n": number})
    spelled = [base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts]
    return ".".join((*spelled, tracking_id(world, "token", subject, number)))
