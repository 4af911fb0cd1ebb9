"""When to spend a day's requests: more of them while looks are worth much, fewer while they are not."""

from math import exp, log

from shopwatch.monitor.scheduler.interface import HostLimits
from shopwatch.monitor.scheduler.week import DAY_S

SAVED_AT_MOST_S = DAY_S  #: of the usual rate can be saved up for busy hours
SAVED_AT_FIRST = 0.0  #: of that
GAIN = 4.0  #: e-folds of the price asked between nothing saved and everything saved
PATIENCE = 0.5  #: of a usual interval: so long a look's worth hardly changes by itself
SMOOTHING = 1 / 2000  #: of the usual price, a request


class Pace:
    """A purse that fills at the usual rate. Keeps: over a day no more is spent than was saved.

    A request goes when what it brings is worth the price asked; the fuller the purse, the lower the price.
    Without a peak above the usual rate there is nothing to decide: requests go evenly.
    """

    __slots__ = ("_filled_at", "_log_price", "_usual_per_s", "is_even", "saved")

    def __init__(self, limits: HostLimits, now: float) -> None:
        self._filled_at = now
        self._log_price: float | None = None
        self.permit(limits)
        self.saved = SAVED_AT_FIRST * SAVED_AT_MOST_S * self._usual_per_s  #: requests

    def permit(self, limits: HostLimits) -> None:
        """Take over other limits."""
        peak = limits.peak_requests_per_s or limits.requests_per_s
        self._usual_per_s = limits.requests_per_s
        self.is_even = peak <= limits.requests_per_s

    def allows(self, worth: float, now: float) -> bool:
        """Say whether a request that brings ``worth`` (infinite: must go) is to be spent now."""
        if self.is_even:
            return True
        most = SAVED_AT_MOST_S * self._usual_per_s
        self.saved = min(most, self.saved + (now - self._filled_at) * self._usual_per_s)
        self._filled_at = now
        if self.saved < 1.0:
            return False
        if self._log_price is None or worth == float("inf"):
            return True
        return worth >= exp(self._log_price + GAIN * (0.5 - self.saved / most))

    def patience_s(self) -> float:
        """Return for how long what was not worth its price just now is not offered again, without news."""
        return (PATIENCE if self.saved >= 1.0 else 1.0 - self.saved) / self._usual_per_s

    def spend(self, worth: float) -> None:
        """Take one request out of the purse."""
        if self.is_even:
            return
        self.saved -= 1.0
        if 0.0 < worth < float("inf"):
            seen = log(worth)
            before = seen if self._log_price is None else self._log_price
            self._log_price = before + SMOOTHING * (seen - before)
