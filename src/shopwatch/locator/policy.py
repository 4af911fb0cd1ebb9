"""How patient a crawl is: every number a person may want to turn, with its unit."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class CrawlPolicy:
    """The wait between two requests is not here: it is the fetcher's."""

    workers: int = 1  #: requests in flight
    max_retries: int = 3  #: of one page that could not be had
    max_unread_retries: int = 2  #: of one page that came but could not be read
    retry_s: float = 2.0  #: seconds before the first retry of a page, doubling
    max_retry_s: float = 120.0  #: seconds
    batch_pages: int = (
        100  #: results committed together, at most; another batch may be on its way to the disk
    )
    batch_s: float = 0.25  #: seconds a result waits for others
    pause_s: float = 30.0  #: seconds the whole crawl waits when refused or when nothing answers, doubling
    max_pause_s: float = 1800.0  #: seconds; a site that asks for a longer rest ends the run
    max_pauses: int = 4  #: in a row without one good page between them
    max_failures_in_row: int = 10  #: pages in a row that could not be had before the crawl pauses
    max_failed_percent: float = 50.0  #: of a phase's pages: more and the run has failed
    judged_after_pages: int = 40  #: so many pages before a phase is given up for its failures
    drain_s: float = 5.0  #: seconds that requests in flight have after a stop
    test_pages: int = 3  #: of each phase in a test run
    max_age_s: float = 30 * 86_400.0  #: seconds after which an incremental run reads any page
    report_s: float = 1.0  #: seconds between two progress events
    document_s: float = 5.0  #: seconds between two writes of the run's metadata file

    def __post_init__(self) -> None:
        for name in ("workers", "batch_pages", "max_pauses", "max_failures_in_row", "test_pages"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} must be at least 1, got {getattr(self, name)}")

    def retry_after_s(self, attempts: int) -> float:
        """Seconds to wait after so many failed tries before this one."""
        return _doubled(self.retry_s, attempts, self.max_retry_s)

    def pause_after_s(self, pauses: int) -> float:
        """Seconds to rest after so many rests before this one."""
        return _doubled(self.pause_s, pauses, self.max_pause_s)


def _doubled(first_s: float, times: int, most_s: float) -> float:
    return min(most_s, first_s * 2.0 ** min(times, 40))
