"""One look at a batch of products: ask, read, and say how it went."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from shopwatch.domain.crawling import Page
from shopwatch.domain.errors import Blocked, Gone, Invalid, LayoutChanged, RetailerError, Unreachable
from shopwatch.domain.stock import Availability, Details, Observation
from shopwatch.monitor.scheduler import Outcome
from shopwatch.monitor.sources import StockSource


class Answered(StrEnum):
    """What came of one request."""

    READ = "read"  #: an answer with at least one verdict
    SILENT = "silent"  #: an answer without any: unknown words, gaps, another page
    REFUSED = "refused"  #: told to slow down or go away
    CHALLENGED = "challenged"  #: a test for humans
    HELD = "held"  #: nothing was sent: the host or the retailer is paused
    FAILED = "failed"  #: no whole answer


@dataclass(frozen=True, kw_only=True, slots=True)
class Look:
    """What a request for some products came to."""

    answered: Answered
    seen: Sequence[Observation] = ()
    page: Page | None = None
    reason: str = ""
    retry_after_s: float | None = None

    @property
    def refused(self) -> bool:
        return self.answered in (Answered.REFUSED, Answered.CHALLENGED)

    @property
    def outcome(self) -> Outcome:
        """What the products without an observation came to. Not to have asked is no failure of theirs."""
        unknown = self.answered in (Answered.SILENT, Answered.HELD)
        return Outcome.UNKNOWN if unknown else Outcome.FAILED


async def look(source: StockSource, skus: Sequence[str]) -> Look:
    """Ask for ``skus`` in one request. A retailer's error is data here; any other error is a bug."""
    try:
        request = source.api.request(skus, source.site)
        page = await source.fetcher.fetch(request)
        seen = source.api.read(page, skus, source.site)
    except RetailerError as error:
        return failure(error)
    except Invalid as error:  # a key is missing: nothing can be asked until the configuration is changed
        return Look(answered=Answered.HELD, reason=str(error), retry_after_s=_CONFIGURATION_RETRY_S)
    has_verdict = any(map(_has_verdict, seen))
    reason = "" if has_verdict or not seen else f"no verdict: {seen[0].reason}"
    return Look(
        answered=Answered.READ if has_verdict else Answered.SILENT, seen=seen, page=page, reason=reason
    )


async def look_at_details(source: StockSource, sku: str) -> tuple[Details, Page]:
    """Read the slow facts of a product.

    Raises:
        RetailerError: as the fetcher or the reading says.
        Invalid: a key is missing.
    """
    ask, read = source.api.details_request, source.api.read_details
    if ask is None or read is None:
        raise LookupError(f"{source.retailer} has no details of its own")
    page = await source.fetcher.fetch(ask(sku, source.site))
    return read(page, sku, source.site), page


def details_inside(source: StockSource, page: Page, sku: str) -> Details | None:
    """The details, where the page that told the stock is the one that has them too."""
    ask, read = source.api.details_request, source.api.read_details
    if ask is None or read is None or ask(sku, source.site).key != page.request.key:
        return None
    try:
        return read(page, sku, source.site)
    except RetailerError:
        return None  # the stock was read from this very page; the details wait for the next


_CONFIGURATION_RETRY_S = 60.0
_ANSWERS: Mapping[type[RetailerError], Answered] = {
    LayoutChanged: Answered.SILENT,
    Gone: Answered.SILENT,
    Unreachable: Answered.FAILED,
}


def failure(error: RetailerError) -> Look:
    """What a retailer's error is called, for the scheduler and for health."""
    reason = f"{type(error).__name__}: {error.reason}"
    if not isinstance(error, Blocked):
        wait = error.retry_after_s if isinstance(error, Unreachable) else None
        return Look(answered=_ANSWERS.get(type(error), Answered.FAILED), reason=reason, retry_after_s=wait)
    if error.status is None:
        answered = Answered.HELD  # refused by our own politeness, before anything was sent
    else:
        answered = Answered.CHALLENGED if error.challenge else Answered.REFUSED
    return Look(answered=answered, reason=error.reason, retry_after_s=error.retry_after_s)


def _has_verdict(seen: Observation) -> bool:
    unknown = Availability.UNKNOWN
    return seen.availability is not unknown or seen.pickup is not unknown
