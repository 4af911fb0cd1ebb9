"""The one place where a hostile document may fail, and the helpers that read what sites write."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from functools import lru_cache
from urllib.parse import urlsplit

import msgspec

from shopwatch.domain.crawling import Page
from shopwatch.domain.errors import LayoutChanged
from shopwatch.domain.money import Money

#: What decoding may raise: no UTF-8 is a ``ValueError``, a million brackets a ``RecursionError``.
UNREADABLE = (msgspec.MsgspecError, ValueError, RecursionError, ArithmeticError)
_HIGHEST_PRICE = 1_000_000  #: dollars; above it the site, or we, mistook the unit
_KEY_IN_QUERY = re.compile(r"([?&](?:key|apiKey)=)[^&#]*")
_LOOPBACK = ("localhost", "127.0.0.1", "::1")  #: the simulator and recording servers


@contextmanager
def reading(page: Page) -> Iterator[None]:
    """Say ``LayoutChanged`` when a document is not shaped as the code inside expects.

    The only place that catches these errors: a parser just reads what it needs.
    """
    try:
        yield
    except (*UNREADABLE, LookupError, TypeError, AttributeError) as error:
        raise LayoutChanged(shown(page.url), f"unexpected document ({error!s:.200})") from error


def dollars(amount: Decimal | None) -> Money | None:
    """The price a site writes as a JSON number of dollars; ``None`` for what can be no price.

    Told as ``Decimal`` from the JSON text: 17.99 is never read as 1798 or as 18 cents.
    """
    if amount is None or not amount.is_finite() or not 0 < amount <= _HIGHEST_PRICE:
        return None
    cents = amount * 100
    return Money(int(cents)) if cents == cents.to_integral_value() else None


@lru_cache(maxsize=65_536)  # the same titles come with every answer
def plain(text: str | None) -> str:
    """Text as people read it: sites escape their titles even inside JSON (``Pok&#233;mon``)."""
    if not text:
        return ""
    return html.unescape(text) if "&" in text else text


def shown(url: str) -> str:
    """An address as it may be logged, stored and shown: a developer key in it is a secret."""
    return _KEY_IN_QUERY.sub(r"\1***", url)


def is_host(url: str, domain: str) -> bool:
    """Say whether ``url`` is on ``domain`` or below it, or on this machine, where the simulator stands in."""
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        return False
    return host in _LOOPBACK or host == domain or host.endswith(f".{domain}")
