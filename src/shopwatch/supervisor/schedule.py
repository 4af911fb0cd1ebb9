"""When crawls are due: cron expressions in UTC; whatever was missed is made up for by one run."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import structlog

from shopwatch.config.times import next_after

log = structlog.get_logger(__name__)


def due(
    schedules: Mapping[str, str],
    began: Mapping[str, datetime],
    now: datetime,
    *,
    since: datetime,
    looked: datetime | None = None,
) -> list[str]:
    """The retailers to crawl now.

    ``began``: when each was last crawled, by whomever; one that never was counts from ``since``, the start of
    this program. However many times were missed, one run makes up for them. What lies ahead was told by a
    clock that has been set back: it counts from ``looked``, when this was asked before. A schedule that names
    no time is told and left out: it must end neither the dashboard nor the other schedules.
    """
    found: list[str] = []
    for retailer, expression in schedules.items():
        last = began.get(retailer, since)
        if last > now:
            last = min(now, looked or now)
        try:
            is_due = next_after(expression, last) <= now
        except ValueError as error:
            log.warning("schedule_not_usable", retailer=retailer, reason=f"schedule {error}")
            continue
        found += [retailer] if is_due else []
    return found
