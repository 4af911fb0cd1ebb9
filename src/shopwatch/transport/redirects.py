"""Where a redirect leads and what may travel along; without it a key could follow us to a stranger's host."""

from __future__ import annotations

from dataclasses import replace

from yarl import URL

from shopwatch.domain.crawling import Page
from shopwatch.domain.errors import LayoutChanged
from shopwatch.transport.exchange import Answer, Question

MOST_REDIRECTS = 5
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_KEEP_METHOD = frozenset({307, 308})
_FOR_ONE_ORIGIN = frozenset({"authorization", "cookie", "x-api-key"})


def leads_on(answer: Answer) -> bool:
    return answer.status in _REDIRECTS and "location" in answer.headers


def target(answer: Answer) -> URL:
    """The address a redirect names; its own where that is none."""
    try:
        return answer.url.join(URL(answer.headers["location"]))
    except ValueError:
        return answer.url


def next_hop(question: Question, page: Page) -> Question:
    """The question to ask at the address a redirect led to."""
    url = URL(page.url)
    if url.scheme not in ("http", "https"):
        raise LayoutChanged(str(question.url), f"redirected to a {url.scheme!r} address")
    unwanted: frozenset[str] = frozenset()
    if url.origin() != question.url.origin():
        unwanted |= _FOR_ONE_ORIGIN
    keeps = page.status in _KEEP_METHOD or question.method in ("GET", "HEAD")
    if not keeps:
        unwanted |= {"content-type"}
    headers = {name: value for name, value in question.headers.items() if name.lower() not in unwanted}
    if keeps:
        return replace(question, url=url, headers=headers)
    return replace(question, url=url, headers=headers, method="GET", body=None)


def host_of(url: URL) -> str:
    """The name of the host's budget; a port of its own is a host of its own."""
    host = url.host or ""
    return host if url.is_default_port() else f"{host}:{url.port}"
