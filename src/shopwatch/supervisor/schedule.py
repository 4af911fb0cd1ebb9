"""When crawls are due: cron expressions in UTC; whatever was missed is made up for by one run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from croniter import CroniterBadCronError, CroniterBadDateError, croniter

from shopwatch.domain.errors import Invalid

_FIELDS = 5  #: minute hour day month weekday; seconds would be no schedule of a polite crawl


@dataclass(frozen=True, order=True, slots=True)
class Due:
    at: datetime
    retailer: str


def check(expression: str, path: str = "schedule") -> None:
    """Raises Invalid: it is no cron expression of five fields, or names no day there ever is."""
    words = expression.split()
    if len(words) != _FIELDS and not expression.startswith("@"):
        raise Invalid(
            f"{path} must be a cron expression of five fields (minute hour day month weekday), "
            f"got {expression!r}"
        )
    try:
        next_after(expression, datetime(2026, 1, 1, tzinfo=UTC))
    except (CroniterBadCronError, CroniterBadDateError, ValueError, KeyError) as error:
        raise Invalid(f"{path} is no cron expression, got {expression!r}: {error}") from error


def next_after(expression: str, after: datetime) -> datetime:
    """The first time after ``after``, UTC."""
    found: datetime = croniter(expression, after.astimezone(UTC)).get_next(datetime)
    return found


def upcoming(schedules: Mapping[str, str], now: datetime) -> list[Due]:
    """The next time of each retailer, the earliest first."""
    return sorted(Due(next_after(expression, now), retailer) for retailer, expression in schedules.items())


def due(
    schedules: Mapping[str, str], began: Mapping[str, datetime], now: datetime, *, since: datetime
) -> list[str]:
    """The retailers to crawl now.

    ``began``: when each was last crawled, by whomever; one that never was counts from ``since``, the start of
    this program. However many times were missed, one run makes up for them.
    """
    return [
        retailer
        for retailer, expression in schedules.items()
        if next_after(expression, began.get(retailer, since)) <= now
    ]
