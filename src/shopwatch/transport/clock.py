"""The real time; the only place of the transport that reads it, so that tests can bring their own."""

from __future__ import annotations

import time
from datetime import UTC, datetime


class SystemClock:
    """A ``ports.Clock`` of this machine."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()
