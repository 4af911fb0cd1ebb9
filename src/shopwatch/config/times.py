"""What a setting may say of time: cron expressions and time zones, read by one rule everywhere."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_FIELDS = 5  #: minute hour day month weekday; seconds would be no schedule of a polite crawl
_SOME_DAY = datetime(2026, 1, 1, tzinfo=UTC)


def next_after(expression: str, after: datetime) -> datetime:
    """The first time after ``after`` that a cron expression names, UTC.

    Raises:
        ValueError: it is no cron expression of five fields, or names no day there ever is.
    """
    # croniter takes a tenth of a second to load: only a configuration with a schedule pays for it.
    from croniter import croniter  # noqa: PLC0415 - see above

    expression = expression.strip()
    words = expression.replace(",", " ").split()
    if len(expression.split()) != _FIELDS and not expression.startswith("@"):
        raise ValueError(
            "must be a cron expression of five fields (minute hour day month weekday), "
            f"got {expression[:60]!r}"
        )
    if any(word[0] in "hHrR" for word in words):  # croniter would draw another time at each look
        raise ValueError(f"is no cron expression, got {expression[:60]!r}: H and R name no certain time")
    try:
        found: datetime = croniter(expression, after.astimezone(UTC)).get_next(datetime)
    except (ValueError, KeyError, IndexError, TypeError) as error:  # croniter's own are ValueErrors
        raise ValueError(f"is no cron expression, got {expression[:60]!r}: {error}") from None
    return found


def schedule(expression: str) -> str | None:
    """The expression as it is kept; ``None`` for an empty one, which is no schedule.

    Raises:
        ValueError: see ``next_after``.
    """
    kept = expression.strip()
    if kept:
        next_after(kept, _SOME_DAY)
    return kept or None


def zone(name: str) -> ZoneInfo:
    """The time zone of a name of the tz database.

    Raises:
        ValueError: there is none.
    """
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # OSError: "America" is a folder of the database
        raise ValueError(f"is no time zone like 'America/New_York', got {name[:60]!r}") from None
