"""When a host may be asked: evenly paced, few at a time, silent while paused."""

from shopwatch.monitor.scheduler.interface import HostLimits
from shopwatch.monitor.scheduler.rate import RateControl

CATCH_UP_S = 0.25  #: a late caller may make up for this much, not more
FAILURES_BEFORE_PAUSE = 2  #: whole batches without an answer
LONGEST_PAUSE_S = 300.0


class Budget:
    """One host's requests. Keeps: spacing by the rate in force, ``max_in_flight``, pauses, Retry-After."""

    def __init__(self, limits: HostLimits, now: float) -> None:
        self.limits = limits
        self.control = RateControl(peak_rate(limits), now)
        self.in_flight = 0
        self.paused_until = float("-inf")  #: by a person or the monitor
        self._opens_at = float("-inf")  #: by the spacing
        self._silent_until = float("-inf")  #: the host asked for it, or does not answer
        self._failures = 0

    @property
    def usual_rate(self) -> float:
        """Requests per second over a day."""
        return min(self.control.rate, self.limits.requests_per_s)

    def set_limits(self, limits: HostLimits) -> None:
        self.limits = limits
        self.control.permit(peak_rate(limits))

    def opens_at(self) -> float | None:
        """Return when the next request may go; ``None``: not before one comes back."""
        if self.in_flight >= self.limits.max_in_flight:
            return None
        return max(self._opens_at, self.silent_until())

    def silent_until(self) -> float:
        """Return when the pause ends that a person, a refusal or an outage began."""
        return max(self.paused_until, self._silent_until)

    def is_open(self, now: float) -> bool:
        opens_at = self.opens_at()
        return opens_at is not None and opens_at <= now

    def spend(self, now: float) -> None:
        """Take one request; the next one may go after the spacing in force."""
        self.in_flight += 1
        self.skip(now)

    def skip(self, now: float) -> None:
        """Let this chance of a request pass."""
        self._opens_at = max(self._opens_at, now - CATCH_UP_S) + 1 / self.control.rate

    def came_back(self, now: float, *, answered: bool, refused: bool, retry_after_s: float | None) -> None:
        self.in_flight = max(0, self.in_flight - 1)
        if refused:
            self.control.refused(now)
            self._failures = 0
        elif answered:
            self.control.answered(now)
            self._failures = 0
        elif now >= self._silent_until:  # those sent beside the one that failed tell nothing more
            self._failures += 1
        wait = max(
            retry_after_s or 0.0, 1 / self.control.rate + 0.5 if refused else 0.0, self._outage_pause()
        )
        if wait > 0.0:
            self._silent_until = max(self._silent_until, now + wait)

    def _outage_pause(self) -> float:
        """Return for how long a host that does not answer is left alone: doubling, up to five minutes."""
        excess = self._failures - FAILURES_BEFORE_PAUSE
        return min(LONGEST_PAUSE_S, 2.0 ** min(excess, 10)) if excess > 0 else 0.0


def peak_rate(limits: HostLimits) -> float:
    return limits.peak_requests_per_s or limits.requests_per_s
