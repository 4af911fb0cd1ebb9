"""Signing in at Target by hand: user name, method, password, perhaps a code; failed tries lock accounts."""

from __future__ import annotations

from html import escape
from pathlib import Path
from string import Template

import msgspec
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from shopwatch.simulator.sites.target_cart_json import session_of
from shopwatch.simulator.sites.target_guest import framed, sign_in, to_login
from shopwatch.simulator.world import World

#: user name -> first name, password. The page prints them: a person has to be able to sign in.
ACCOUNTS = {"shopper@example.com": ("Jane", "bullseye"), "other@example.com": ("Otto", "bullseye")}
#: Can never sign in.
LOCKED = "locked@example.com"
CODE = "246810"
#: So many wrong passwords lock an account, until a reset.
_TRIES = 3

_HERE = Path(__file__)
_PAGE = Template(_HERE.with_name("target_login.html").read_text("utf-8"))
_SCRIPT = _HERE.with_name("target_login.js").read_text("utf-8")
_WRONG = "The password you entered is incorrect"
_IS_LOCKED = "Your account has been locked. Too many failed attempts"


class Credentials(msgspec.Struct, rename={"keep": "keepMeSignedIn"}):
    """What the script of the login page posts."""

    username: str = ""
    password: str | None = None
    code: str | None = None
    keep: bool = False


class Login:
    """The login page and what it posts to."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._tries: dict[str, int] = {}
        world.listeners.append(self._tries.clear)

    def routes(self) -> tuple[Route, ...]:
        """Every route of the login."""
        return (
            Route("/login", self.page, methods=["GET"]),
            Route("/logout", self.leave, methods=["GET"]),
            Route("/gsp/authentications/v1/auth_codes", self.begin, methods=["GET"]),
            Route("/gsp/authentications/v1/credential_validations", self.check, methods=["POST"]),
        )

    async def page(self, request: Request) -> Response:
        """Ask for user name and password, step by step."""
        back = request.query_params.get("redirect_uri", "/")
        if not back.startswith("/") or back.startswith("//"):
            back = "/"
        accounts = ", ".join(f"{user} / {password}" for user, (_, password) in ACCOUNTS.items())
        body = _PAGE.substitute(back=escape(back), accounts=f"{accounts}, {LOCKED}", code=CODE)
        return framed(request, self._world, title="Login : Target", body=body, script=_SCRIPT)

    async def begin(self, request: Request) -> Response:
        """Another way to the login page."""
        return to_login(request)

    async def leave(self, request: Request) -> Response:
        """Sign out."""
        self._world.sessions.pop(request.cookies.get("login-session", ""), None)
        return RedirectResponse("/", 302)

    async def check(self, request: Request) -> Response:
        """Take a password or a code; say what comes next, or what is wrong."""
        try:
            given = msgspec.json.decode(await request.body(), type=Credentials)
        except (msgspec.ValidationError, msgspec.DecodeError):
            return _say({"message": "Sorry, something went wrong"}, 400)
        problem = self._problem(given)
        if problem is not None:
            return _say({"message": problem}, 401)
        if given.code is None and self._world.checkout.login != "password":
            return _say({"next": "code"}, 200)
        answer = _say({"next": "done"}, 200)
        sign_in(answer, self._world, name=ACCOUNTS[given.username.lower()][0], keep=given.keep)
        return answer

    def _problem(self, given: Credentials) -> str | None:
        user, mode = given.username.lower(), self._world.checkout.login
        known = ACCOUNTS.get(user)
        if mode == "refused":
            return "Please refresh your browser and try again"
        if user == LOCKED or self._tries.get(user, 0) >= _TRIES:
            return _IS_LOCKED
        if known is None:
            return "We can't find your account"
        if given.code is not None and given.code != CODE:
            return "That code is incorrect"
        needs_password = mode != "code-only" and not (given.code and given.password is None)
        if needs_password and given.password != known[1]:
            self._tries[user] = self._tries.get(user, 0) + 1
            return _IS_LOCKED if self._tries[user] >= _TRIES else _WRONG
        return None


class Account:
    """The pages one sees only when signed in, and the home page."""

    def __init__(self, world: World) -> None:
        self._world = world

    def routes(self) -> tuple[Route, ...]:
        """Every route of the account."""
        return (
            Route("/", self.home, methods=["GET"]),
            Route("/account", self.account, methods=["GET"]),
            Route("/account/payments", self.payments, methods=["GET"]),
        )

    async def home(self, request: Request) -> Response:
        """The first page: a few products."""
        shelf = list(self._world.products.shelves["target"].values())[:12]
        links = "".join(f'<li><a href="/p/-/A-{p.sku}">{escape(p.title)}</a></li>' for p in shelf)
        body = f"<h1>Expect More. Pay Less.</h1><ul>{links}</ul>"
        return framed(request, self._world, title="Target : Expect More. Pay Less.", body=body)

    async def account(self, request: Request) -> Response:
        """What a guest may see of the own account."""
        if session_of(request, self._world) is None:
            return to_login(request)
        body = (
            '<h1>Account</h1><a href="/orders">Orders</a> <a href="/account/payments">Payments</a> '
            '<a href="/logout">Sign out</a>'
        )
        return framed(request, self._world, title="Account : Target", body=body)

    async def payments(self, request: Request) -> Response:
        """The cards of the wallet."""
        if session_of(request, self._world) is None:
            return to_login(request)
        settings = self._world.checkout
        body = (
            f'<h1>Payments</h1><div data-test="listCardContainer-1">{escape(settings.card)} '
            f'*{escape(settings.card_suffix)}<span data-test="defaultPill">Default</span></div>'
        )
        return framed(request, self._world, title="Payments : Target", body=body)


def _say(body: dict[str, str], status: int) -> HTMLResponse:
    return HTMLResponse(msgspec.json.encode(body), status, media_type="application/json")
