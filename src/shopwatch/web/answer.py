"""Answers encoded once, with no copy for checking, each with a tag: who has it already is told just that."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import msgspec
from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

_TAG_BYTES = 12
_NOT_MODIFIED = 304


class Json(Response):
    """A document as JSON. ``volatile`` is sent too, but makes no answer a new one: the time of asking."""

    media_type = "application/json"

    def __init__(
        self,
        document: Mapping[str, Any],
        *,
        volatile: Mapping[str, Any] | None = None,
        status_code: int = 200,
    ) -> None:
        lasting = msgspec.json.encode(document)
        self.tag = f'W/"{hashlib.blake2b(lasting, digest_size=_TAG_BYTES).hexdigest()}"'
        body = lasting if not volatile else msgspec.json.encode({**document, **volatile})
        headers = {"etag": self.tag, "cache-control": "no-cache"}
        super().__init__(body, status_code=status_code, headers=headers)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] in ("GET", "HEAD") and self.tag in _tags(Headers(scope=scope)):
            unchanged = Response(
                status_code=_NOT_MODIFIED, headers={"etag": self.tag, "cache-control": "no-cache"}
            )
            await unchanged(scope, receive, send)
            return
        await super().__call__(scope, receive, send)


def _tags(headers: Headers) -> frozenset[str]:
    given = (tag.strip() for tag in headers.get("if-none-match", "").split(","))
    return frozenset(tag if tag.startswith("W/") else f"W/{tag}" for tag in given if tag)
