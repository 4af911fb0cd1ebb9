"""The ways a question can travel to a site; without it each proxy mode would be an `if` in the client."""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol

import aiohttp
from yarl import URL

from shopwatch.domain.errors import ErrorClass, Invalid, Unreachable
from shopwatch.transport.exchange import Answer, Question, exchange
from shopwatch.transport.proxies import PASSWORD, USERNAME, Proxy

_API_TIMEOUT_S = 180.0  #: the service itself retries for up to 150 s
_COUNTRY_NAMES = {"us": "United States"}  #: the service wants names, not codes
_OWN_HEADERS = frozenset({"user-agent", "accept-encoding", "host"})  #: the service sends its own


class Route(Protocol):
    async def send(self, session: aiohttp.ClientSession, question: Question) -> Answer: ...


def route(proxy: Proxy) -> Route:
    """The route of a session: made once, kept for all its requests."""
    match proxy.mode:
        case "residential":
            return Residential(URL(proxy.url), proxy.residential_headers(secrets.token_hex(5)))
        case "web_scraper_api":
            return WebScraperApi(proxy)
        case _:
            return Direct()


class Direct:
    """Straight from this machine."""

    async def send(self, session: aiohttp.ClientSession, question: Question) -> Answer:
        return await exchange(session, question)


@dataclass(frozen=True, slots=True)
class Residential:
    """Through a proxy; the site sees the proxy's address."""

    url: URL
    headers: Mapping[str, str]

    async def send(self, session: aiohttp.ClientSession, question: Question) -> Answer:
        if question.url.scheme == "https":  # the proxy is asked for a tunnel and sees these headers only
            return await exchange(session, replace(question, proxy=self.url, proxy_headers=self.headers))
        headers = {**question.headers, **self.headers}
        return await exchange(session, replace(question, proxy=self.url, headers=headers))


@dataclass(frozen=True, slots=True)
class WebScraperApi:
    """A service fetches the page for us and answers with it, wrapped in JSON."""

    proxy: Proxy

    async def send(self, session: aiohttp.ClientSession, question: Question) -> Answer:
        asked = replace(
            question,
            url=URL(self.proxy.url),
            method="POST",
            headers=self.proxy.api_headers(),
            body=json.dumps(self._query(question)).encode(),
            timeout_s=max(question.timeout_s, _API_TIMEOUT_S),
            limit=question.limit * 2,  # JSON escapes, base64
        )
        return self._unwrapped(await exchange(session, asked), question)

    def _query(self, question: Question) -> dict[str, Any]:
        headers = {
            name: value for name, value in question.headers.items() if name.lower() not in _OWN_HEADERS
        }
        context: list[dict[str, Any]] = []
        if headers:
            context += [{"key": "force_headers", "value": True}, {"key": "headers", "value": headers}]
        if question.body is not None:
            content = base64.b64encode(question.body).decode()
            context += [{"key": "http_method", "value": "post"}, {"key": "content", "value": content}]
        query: dict[str, Any] = {
            "source": "universal",
            "url": str(question.url),
            "geo_location": _COUNTRY_NAMES.get(self.proxy.country, self.proxy.country.upper()),
        }
        if _is_packed(question):
            query["content_encoding"] = "base64"  # otherwise the bytes would come as broken text
        return query | ({"context": context} if context else {})

    def _unwrapped(self, answer: Answer, question: Question) -> Answer:
        if answer.status in (401, 403):
            raise Invalid(
                f"the web scraper API refuses {USERNAME} and {PASSWORD}: check them in the environment"
            )
        if answer.is_error:
            raise _unusable(question, f"the web scraper API answered HTTP {answer.status}")
        try:
            result = json.loads(answer.body)["results"][0]
            content, status = result["content"], int(result["status_code"])
            body = base64.b64decode(content) if _is_packed(question) else str(content).encode()
            url = URL(str(result.get("url") or question.url))
        except (LookupError, TypeError, ValueError) as error:
            raise _unusable(question, "the web scraper API answered without a result") from error
        if len(body) > question.limit:
            raise Unreachable(str(question.url), "the body is too large", error_class=ErrorClass.TOO_LARGE)
        return Answer(url=url, status=status, headers={}, body=body, duration_ms=answer.duration_ms)


def _is_packed(question: Question) -> bool:
    return question.url.path.endswith(".gz")


def _unusable(question: Question, reason: str) -> Unreachable:
    return Unreachable(str(question.url), reason, error_class=ErrorClass.REFUSED)
