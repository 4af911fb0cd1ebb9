"""The hour of the week at a place, from seconds since 1970: restocks keep shop hours."""

from datetime import UTC, datetime, tzinfo

DAY_S = 86_400.0
WEEK_S = 604_800.0
BINS = 336  #: half hours
BIN_S = WEEK_S / BINS
MONDAY_S = 3 * DAY_S  # 1970 began on a Thursday


def local_offset_s(at: float, zone: tzinfo) -> float:
    """Return what local clocks show more than UTC at ``at``."""
    offset = datetime.fromtimestamp(at, tz=UTC).astimezone(zone).utcoffset()
    return offset.total_seconds() if offset else 0.0


def second_of_week(local_s: float) -> float:
    return (local_s + MONDAY_S) % WEEK_S


def half_hour_of_week(local_s: float) -> int:
    """Return 0 for Monday 0:00–0:30 … 335 for Sunday 23:30–24:00."""
    return int(second_of_week(local_s) // BIN_S)
