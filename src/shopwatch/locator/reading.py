"""One request's whole way: ask only if needed, fetch, parse, and say what it came to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from shopwatch.domain.crawling import Page, Phase, Request
from shopwatch.domain.errors import ErrorClass, LayoutChanged, RetailerError, Unreachable
from shopwatch.domain.retailer import Retailer
from shopwatch.domain.run import RunError
from shopwatch.domain.site import Site
from shopwatch.domain.store import Store
from shopwatch.locator.policy import CrawlPolicy
from shopwatch.ports import Clock, Fetched, Fetcher, FrontierRow

#: Asking again would give the same.
_FINAL = frozenset({ErrorClass.GONE, ErrorClass.ROBOTS, ErrorClass.TOO_LARGE})

Admit = Callable[[Sequence[Request]], tuple[Request, ...]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Reader:
    """Reads the pages of one phase. Errors of the site become results; any other error is a bug."""

    retailer: Retailer
    site: Site
    phase: Phase
    next_phase: str  #: of requests that name none
    fetcher: Fetcher
    clock: Clock
    policy: CrawlPolicy
    admit: Admit
    incremental: bool

    async def read(self, row: FrontierRow) -> Fetched:
        """Raises ``RetailerError``, which ``failed`` makes a result of."""
        if self._asks_changes(row) and self._is_unchanged(row):
            return Fetched(
                row=row, not_modified=True, is_asked=False, etag=row.etag, last_modified=row.last_modified
            )
        page = await self.fetcher.fetch(self._request(row))
        if page.not_modified:
            return Fetched(row=row, not_modified=True, etag=row.etag, last_modified=row.last_modified)
        return self._parsed(row, page)

    def failed(self, row: FrontierRow, error: RetailerError, *, wait_s: float | None = None) -> Fetched:
        """The result of a request that failed: to be tried again, or counted for good."""
        now = self.clock.now()
        retry_s = self._retry_s(row, error) if wait_s is None else wait_s
        return Fetched(
            row=row,
            error=RunError(at=now, error_class=error.error_class, message=error.reason, url=error.url),
            retry_at=None if retry_s is None else now + timedelta(seconds=retry_s),
        )

    def _retry_s(self, row: FrontierRow, error: RetailerError) -> float | None:
        if error.error_class in _FINAL:
            return None
        is_unread = error.error_class is ErrorClass.LAYOUT_CHANGED
        if row.attempts >= (self.policy.max_unread_retries if is_unread else self.policy.max_retries):
            return None
        asked_s = error.retry_after_s if isinstance(error, Unreachable) else None
        return asked_s if asked_s is not None else self.policy.retry_after_s(row.attempts)

    def _asks_changes(self, row: FrontierRow) -> bool:
        """Not at a second try: what we thought we had may be what went wrong."""
        return self.incremental and row.attempts == 0

    def _is_unchanged(self, row: FrontierRow) -> bool:
        """The site's own list says that nothing changed since we read the page, and that is not long ago."""
        changed_at = _moment(row.request.meta.get("lastmod", ""))
        if row.seen_at is None or changed_at is None:
            return False
        age_s = (self.clock.now() - row.seen_at).total_seconds()
        return changed_at < row.seen_at and age_s < self.policy.max_age_s

    def _request(self, row: FrontierRow) -> Request:
        headers = dict(self.retailer.locator.headers)
        if self._asks_changes(row):
            headers |= {
                name: value
                for name, value in (("If-None-Match", row.etag), ("If-Modified-Since", row.last_modified))
                if value
            }
        return replace(row.request, headers={**headers, **row.request.headers}) if headers else row.request

    def _parsed(self, row: FrontierRow, page: Page) -> Fetched:
        stores: list[Store] = []
        requests: list[Request] = []
        try:
            for found in self.phase.parse(page, self.site):
                if isinstance(found, Store):
                    stores.append(found)
                else:
                    requests.append(found if found.phase else replace(found, phase=self.next_phase))
        except (LookupError, TypeError, ValueError, AttributeError, RecursionError) as error:
            # A parser says LayoutChanged itself; where it slipped, one strange page must not end the crawl.
            raise LayoutChanged(page.url, f"unexpected document ({error!r})"[:300]) from error
        return Fetched(
            row=row,
            stores=tuple(stores),
            requests=self.admit(requests) if requests else (),
            etag=page.headers.get("etag"),
            last_modified=page.headers.get("last-modified"),
        )


def _moment(text: str) -> datetime | None:
    """A sitemap's ``lastmod``: a date or a time; one without a zone is taken as UTC, a date as its end."""
    if not text:
        return None
    try:
        at = datetime.fromisoformat(text.strip())
        if "T" not in text and ":" not in text:
            at += timedelta(days=1)
    except (ValueError, OverflowError):  # 9999-12-31 has no end
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)
