"""What goes out with every answer, one of a bug too; and the headers alone, where only they are asked for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from starlette.datastructures import MutableHeaders
from starlette.types import Message, Send

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src {pictures}; "
    "connect-src 'self'; font-src 'self'; manifest-src 'self'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)
_HEADERS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "x-frame-options": "DENY",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}


def protecting(pictures: Iterable[str] = ()) -> Mapping[str, str]:
    """The headers of security; ``pictures`` are origins a page may show beside our own and HTTPS."""
    sources = " ".join(("'self'", "data:", "https:", *sorted(pictures)))
    return {"content-security-policy": _POLICY.format(pictures=sources), **_HEADERS}


def with_headers(send: Send, headers: Mapping[str, str]) -> Send:
    """A ``send`` whose answers carry these headers, where they have none of the name."""

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            carried = MutableHeaders(scope=message)
            for name, value in headers.items():
                carried.setdefault(name, value)
        await send(message)

    return sending


def head_only(send: Send) -> Send:
    """A ``send`` that ends each answer after its headers: one to HEAD, of a stream without end too."""

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            await send(message)
            await send({"type": "http.response.body", "body": b""})

    return sending
