"""How the pages look that sites show instead of an answer, so that none is ever read as "sold out"."""

from __future__ import annotations

import re

from shopwatch.domain.crawling import Page
from shopwatch.domain.errors import Blocked
from shopwatch.retailers.reading import shown

KEY_REFUSED = (401, 403)
_SHORT = 60_000  #: bytes; a wall is short, a product page has hundreds of thousands
#: The element of the test itself. The sensor's script and cookies are on normal pages too.
_TEST_ELEMENT = re.compile(rb"""\bid\s*=\s*["']px-captcha["']""")
_WALL_TITLE = re.compile(
    rb"<title[^>]*>\s*(access denied|robot or human\??|verify your identity"
    rb"|access to this page has been denied)",
    re.IGNORECASE,
)
_WALL_WORDS = re.compile(
    rb"press\s*(&amp;|&|and)\s*hold|access to this page has been denied|<h[12][^>]*>\s*robot or human",
    re.IGNORECASE,
)


def challenge(page: Page, reason: str) -> Blocked:
    return Blocked(shown(page.url), reason, challenge=True, status=page.status)


def is_sensor_block(head: bytes) -> bool:
    """The bot sensor's JSON answer: an application id together with the script that draws the test."""
    return b'"appId"' in head and (b'"blockScript"' in head or b'"jsClientSrc"' in head)


def is_wall_page(page: Page) -> bool:
    """Say whether an HTML page is a wall; a product page that merely mentions such words is none."""
    body = page.body
    if body[:200].lstrip()[:1] != b"<":
        return False
    if _WALL_TITLE.search(body[:8000]):
        return True
    return len(body) < _SHORT and bool(_TEST_ELEMENT.search(body) or _WALL_WORDS.search(body))
