"""One HTTP request and its whole answer; without it every caller would meet the library's own errors.

Knows nothing of retailers, budgets or redirects.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import SimpleNamespace

import aiohttp
from yarl import URL

from shopwatch.domain.errors import ErrorClass, LayoutChanged, RetailerError, Unreachable
from shopwatch.transport.unpack import Broken, TooLarge, unpacker

_CONNECTIONS = 200  #: more gains nothing and costs 256 KB each under TLS
_KEEP_ALIVE_S = 30.0
_DNS_CACHE_S = 300
_LONGEST_HEADER = 65_536  #: bytes
_MOST_OF_AN_ERROR = 1_000_000  #: bytes of a page whose status already tells


@dataclass(frozen=True, kw_only=True, slots=True)
class Question:
    """An HTTP request as it goes out."""

    url: URL
    method: str = "GET"
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None
    timeout_s: float = 30.0
    limit: int = 50_000_000  #: bytes of body, before and after unpacking
    proxy: URL | None = None
    proxy_headers: Mapping[str, str] | None = None
    sent: Callable[[], None] | None = None  #: called when the headers have left


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """An HTTP answer, whole and unpacked."""

    url: URL
    status: int
    headers: dict[str, str]  #: names in lower case
    body: bytes
    duration_ms: float = 0.0

    @property
    def is_error(self) -> bool:
        return _tells_by_status(self.status)


def open_session() -> aiohttp.ClientSession:
    """One pool for everything; no cookies are kept, so that nobody is followed by us being followed."""
    trace = aiohttp.TraceConfig()
    trace.on_request_headers_sent.append(_note_sent)
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(
            limit=_CONNECTIONS, ttl_dns_cache=_DNS_CACHE_S, keepalive_timeout=_KEEP_ALIVE_S
        ),
        cookie_jar=aiohttp.DummyCookieJar(),
        auto_decompress=False,
        requote_redirect_url=False,
        max_line_size=_LONGEST_HEADER,
        max_field_size=_LONGEST_HEADER,
        trace_configs=[trace],
    )


async def exchange(session: aiohttp.ClientSession, question: Question) -> Answer:
    """Send a request and read its answer to the end. Redirects are answers.

    Raises:
        Unreachable: no whole answer.
        LayoutChanged: the address is none.
    """
    started_s = time.perf_counter()
    try:
        async with session.request(
            question.method,
            question.url,
            headers=question.headers,
            data=question.body,
            allow_redirects=False,
            timeout=aiohttp.ClientTimeout(total=question.timeout_s),
            proxy=question.proxy,
            proxy_headers=question.proxy_headers,
            trace_request_ctx=question.sent,
        ) as response:
            body = await _body(response, question.limit)
            return Answer(
                url=question.url,
                status=response.status,
                headers={name.lower(): value for name, value in response.headers.items()},
                body=body,
                duration_ms=(time.perf_counter() - started_s) * 1000,
            )
    except (aiohttp.ClientError, TimeoutError, TooLarge, Broken, OSError, UnicodeError) as error:
        raise _explained(error, question) from error


async def _note_sent(_: aiohttp.ClientSession, context: SimpleNamespace, __: object) -> None:
    if context.trace_request_ctx is not None:
        context.trace_request_ctx()


async def _body(response: aiohttp.ClientResponse, limit: int) -> bytes:
    if not _tells_by_status(response.status):
        return await _read(response, limit)
    try:
        return await _read(response, min(limit, _MOST_OF_AN_ERROR))
    except (TooLarge, Broken, aiohttp.ClientPayloadError):
        return b""


async def _read(response: aiohttp.ClientResponse, limit: int) -> bytes:
    if (response.content_length or 0) > limit:
        raise TooLarge(f"the body has {response.content_length} bytes, over {limit}")
    unpacking = unpacker(response.headers.get("Content-Encoding", ""), limit)
    async for piece in response.content.iter_any():
        unpacking.feed(piece)
    return unpacking.finish()


def _tells_by_status(status: int) -> bool:
    return status >= 300  # noqa: PLR2004 - redirects and errors


def _explained(error: Exception, question: Question) -> RetailerError:
    url = str(question.url)
    if isinstance(error, aiohttp.InvalidURL | aiohttp.NonHttpUrlClientError):
        return LayoutChanged(url, "this is no address of a page")
    if isinstance(error, UnicodeError):  # so says Python's resolver of "a..b" and of a label of 64 letters
        return Unreachable(url, f"{question.url.host} is no host name", error_class=ErrorClass.DNS)
    error_class, reason = _told(error, question.timeout_s)
    return Unreachable(url, reason, error_class=error_class)


def _told(error: Exception, timeout_s: float) -> tuple[ErrorClass, str]:
    if isinstance(error, TimeoutError):
        return ErrorClass.TIME_OUT, f"no whole answer within {timeout_s:g} s"
    if isinstance(error, TooLarge):
        return ErrorClass.TOO_LARGE, str(error)
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return ErrorClass.DNS, f"the host name {error.host} has no address"
    if isinstance(error, aiohttp.ClientConnectorError):
        return ErrorClass.REFUSED, _connecting(error)
    if isinstance(error, aiohttp.ClientHttpProxyError):
        return ErrorClass.REFUSED, f"the proxy answered HTTP {error.status}"
    return ErrorClass.CUT, _cut(error)


def _cut(error: Exception) -> str:
    if isinstance(error, Broken):
        return str(error)
    if isinstance(error, aiohttp.ClientResponseError):
        return "the answer is not HTTP"
    return f"the answer was cut off ({type(error).__name__})"


def _connecting(error: aiohttp.ClientConnectorError) -> str:
    whom = "the proxy" if isinstance(error, aiohttp.ClientProxyConnectionError) else error.host
    if isinstance(error, aiohttp.ClientSSLError):
        return f"no safe connection to {whom} ({type(error).__name__})"
    return f"no connection to {whom} ({error.strerror or type(error.os_error).__name__})"
