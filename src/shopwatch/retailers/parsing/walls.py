"""Walls beside those of the stock files; without it an "Access Denied" with 200 would be a new layout."""

from __future__ import annotations

import re
from collections.abc import Callable

from shopwatch.domain.crawling import Page
from shopwatch.domain.errors import Blocked

#: Titles of edge walls (Akamai, Imperva, Cloudflare, PerimeterX): a store page's title names a store.
_TITLES = re.compile(
    rb"<title[^>]*>\s*(?:Access Denied|Pardon Our Interruption|Just a moment|Attention Required|"
    rb"Robot or human|Verify Your Identity|Access to this page has been denied|Request Rejected)",
    re.IGNORECASE,
)
_HEAD = 4_000  #: bytes in which a title stands
_STUB = 32  #: bytes


def edge_wall(page: Page) -> None:
    """Recognise the walls that stand before any site: raises ``Blocked``."""
    if title := _TITLES.search(page.body[:_HEAD]):
        said = title[0].split(b">")[-1].strip().decode("utf-8", "replace")
        raise Blocked(page.url, f"a wall says {said!r}", challenge=True, status=page.status)


def either(*recognisers: Callable[[Page], None]) -> Callable[[Page], None]:
    """Make one recogniser of several."""

    def recognise_wall(page: Page) -> None:
        for recognise in recognisers:
            recognise(page)

    return recognise_wall


_OK = 200  #: a short word under another status is an error's own: "Not Found" is no wall


def stub(page: Page) -> None:
    """Recognise a body of a few bytes that is no JSON: Walmart's sensor sends 21 of them with status 200."""
    body = page.body.strip()
    if page.status == _OK and 0 < len(body) <= _STUB and body[:1] not in (b"{", b"["):
        raise Blocked(page.url, f"only {len(body)} bytes", challenge=True, status=page.status)
