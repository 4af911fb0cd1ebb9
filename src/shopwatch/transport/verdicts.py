"""What a status means for us; without it a refusal could pass for an answer."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus

from shopwatch.domain.crawling import Page
from shopwatch.domain.errors import Blocked, ErrorClass, Gone, LayoutChanged, RetailerError, Unreachable

_LONGEST_RETRY_AFTER_S = 86_400.0
_CHALLENGES = frozenset({412, 435})  #: PerimeterX answers of Walmart and Target, seen 2026
_REFUSALS = frozenset({401, 403, 407, 418, 429}) | _CHALLENGES
_TIME_OUTS = frozenset({408, 504})
_GONE = frozenset({404, 410})


def is_answer(page: Page) -> bool:
    """Whether the page is what was asked for: good, unchanged, or a status the request accepts."""
    return (
        HTTPStatus.OK <= page.status < HTTPStatus.MULTIPLE_CHOICES
        or page.not_modified
        or page.status in page.request.accept
    )


def refusal(page: Page) -> RetailerError:
    """The error that a page which is no answer amounts to."""
    status, reason = page.status, f"HTTP {page.status}"
    wait_s = retry_after_s(page)
    if status in _REFUSALS:
        return Blocked(page.url, reason, challenge=status in _CHALLENGES, retry_after_s=wait_s, status=status)
    if status in _GONE:
        return Gone(page.url, reason)
    if status in _TIME_OUTS or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        error_class = ErrorClass.TIME_OUT if status in _TIME_OUTS else ErrorClass.SERVER
        return Unreachable(page.url, reason, error_class=error_class, retry_after_s=wait_s)
    return LayoutChanged(page.url, f"{reason}: the site does not take our request as it is")


def retry_after_s(page: Page) -> float | None:
    """Seconds the site asks us to wait, given as a number or as a date."""
    value = page.headers.get("retry-after", "").strip()
    if value.isdecimal():
        return min(float(value), _LONGEST_RETRY_AFTER_S)
    try:
        date = parsedate_to_datetime(value)
    except (ValueError, OverflowError):  # a year of eleven digits is no time either
        return None
    aware: datetime = date if date.tzinfo else date.replace(tzinfo=UTC)
    seconds = (aware - page.fetched_at).total_seconds()
    return min(max(0.0, seconds), _LONGEST_RETRY_AFTER_S)
