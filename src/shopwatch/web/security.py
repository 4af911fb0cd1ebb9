"""Who may talk to the dashboard: this machine's own pages, or whoever holds the token. Nothing else gets in.

A page of another site may make the person's browser send requests here (cross-site POST) or resolve its own
name to 127.0.0.1 (DNS rebinding); so ``Host`` and ``Origin`` must be ours, and a write must carry JSON.
"""

from __future__ import annotations

import hmac
import ipaddress
import math
import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from http.cookies import CookieError, SimpleCookie

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shopwatch.web.errors import answer
from shopwatch.web.headers import head_only, protecting, with_headers

COOKIE = "shopwatch_token"
MAX_BODY = 2_000_000  #: bytes: a watch list of thousands fits
_DRAINED = 20_000_000  #: bytes of a refused body that are read, so that its sender gets to hear why
_TOO_LARGE, _TOO_MANY = 413, 429
_TOO_LARGE_TEXT = f"the body is too large: at most {MAX_BODY:,} bytes"
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_OPEN_PATHS = frozenset({"/healthz", "/readyz"})


def is_loopback(host: str) -> bool:
    """Whether an address to bind is of this machine only."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


@dataclass(kw_only=True, slots=True)
class Budget:
    """Requests a client may make of the control addresses: ``burst`` at once, then ``per_second``."""

    per_second: float = 5.0
    burst: float = 30.0
    clock: Callable[[], float] = time.monotonic
    _left: dict[str, tuple[float, float]] = field(default_factory=dict)

    def take(self, client: str) -> bool:
        now = self.clock()
        left, at = self._left.get(client, (self.burst, now))
        left = min(self.burst, left + (now - at) * self.per_second)
        if len(self._left) > 1000:  # noqa: PLR2004 - a flood of clients must not grow the memory
            self._left.clear()
        self._left[client] = (left - 1 if left >= 1 else left, now)
        return left >= 1

    def wait_s(self) -> int:
        """Whole seconds after which another request will be taken."""
        return math.ceil(1 / self.per_second) if self.per_second else 60


class Guarded:
    """ASGI middleware: host, origin, token, content type, size and rate are checked before any route runs."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        hosts: frozenset[str],
        token: str | None,
        pictures: Callable[[], Iterable[str]] = tuple,
        budget: Budget | None = None,
    ) -> None:
        self._app = app
        self._hosts = (
            hosts  #: names the dashboard answers to, lower case, without port; empty: any (token mode)
        )
        self._token = token
        self._pictures = pictures  #: origins whose pictures a page may show
        self._budget = budget or Budget()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        guarded = with_headers(send, protecting(self._pictures()))
        refusal = self._refusal(scope, headers)
        if refusal is not None:
            status, message = refusal
            said = answer(status, message, [message])
            if status == _TOO_MANY:
                said.headers["retry-after"] = str(self._budget.wait_s())
            if status == _TOO_LARGE:
                await _drained(receive)
            await said(scope, receive, guarded)
            return
        if scope["method"] == "HEAD":  # as GET, without the body: no route need know of it
            scope, guarded = {**scope, "method": "GET"}, head_only(guarded)
        await self._app(scope, _limited(receive), guarded)

    def _refusal(self, scope: Scope, headers: Headers) -> tuple[int, str] | None:
        if not self._is_our_host(headers.get("host", "")):
            return 403, "this address is not served here (Host)"
        guarded = self._token is not None and scope["path"] not in _OPEN_PATHS
        if guarded and not self._has_token(scope, headers):
            return 401, "a token is needed: open the address that `shopwatch serve` printed"
        if scope["method"] in _SAFE:
            return None
        return self._write_refusal(scope, headers)

    def _write_refusal(self, scope: Scope, headers: Headers) -> tuple[int, str] | None:
        origin = headers.get("origin")
        if origin is not None and origin.split("://")[-1].lower() != headers.get("host", "").lower():
            return 403, "another site may not do this (Origin)"
        if headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
            return 403, "another site may not do this (Sec-Fetch-Site)"
        has_body = headers.get("content-length", "0") != "0" or "transfer-encoding" in headers
        if has_body and headers.get("content-type", "").split(";")[0].strip() != "application/json":
            return 415, "send JSON (Content-Type: application/json)"
        length = headers.get("content-length", "0")
        if not length.isdigit() or int(length) > MAX_BODY:
            return _TOO_LARGE, _TOO_LARGE_TEXT
        client = scope["client"][0] if scope.get("client") else "local"
        return None if self._budget.take(client) else (_TOO_MANY, "too many requests: wait a few seconds")

    def _is_our_host(self, host: str) -> bool:
        name = host.rsplit(":", 1)[0] if not host.endswith("]") else host
        return not self._hosts or name.lower() in self._hosts

    def _has_token(self, scope: Scope, headers: Headers) -> bool:
        given = headers.get("authorization", "").removeprefix("Bearer ").strip() or _cookie(headers)
        if not given and scope["path"] == "/":
            query = scope["query_string"].decode("latin-1")
            given = query.removeprefix("token=") if query.startswith("token=") else ""
        kept = self._token or ""  # an empty one is nobody's
        return bool(kept) and hmac.compare_digest(given.encode(), kept.encode())


def _cookie(headers: Headers) -> str:
    try:
        found = SimpleCookie(headers.get("cookie", "")).get(COOKIE)
    except CookieError:
        return ""
    return found.value if found else ""


async def _drained(receive: Receive) -> None:
    """Read what is still being sent, within reason: many a client reads no answer before all is sent."""
    seen, more = 0, True
    while more and seen < _DRAINED:
        message = await receive()
        seen += len(message.get("body", b""))
        more = message["type"] == "http.request" and message.get("more_body", False)


def _limited(receive: Receive) -> Receive:
    """A body without a length is refused at the limit."""
    seen: dict[str, int] = defaultdict(int)

    async def receiving() -> Message:
        message = await receive()
        if message["type"] == "http.request":
            seen["bytes"] += len(message.get("body", b""))
            if seen["bytes"] > MAX_BODY:
                await _drained(receive)
                raise HTTPException(_TOO_LARGE, _TOO_LARGE_TEXT)
        return message

    return receiving
