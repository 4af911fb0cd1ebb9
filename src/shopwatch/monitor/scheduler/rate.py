"""How many requests a second a host can take: found out politely, remembered, and never insisted on."""

CUT = 0.85  #: of the rate is left after a refusal
STEP_EVERY_S = 10.0
CLIMB = 0.1  #: of the refused rate, a step, while well below it
HOLD = 0.93  #: of the refused rate is reached quickly; the rest is probed
PROBE = 0.0005  #: of the refused rate, the first step above HOLD; steps grow with the quiet time
PROBE_UNIT_S = 600.0
OPEN_CLIMB = 0.05  #: of the permitted rate, a step, while nothing was ever refused
RISEN = 1.08  #: times the refused rate: answered above that, the host's limit has risen
FALLEN = 0.8  #: of the refused rate: refused below that, the host's limit has fallen
MEASURED_WITHIN_S = 60.0
SLOWEST_PER_S = 1 / 60


class RateControl:
    """Additive increase, multiplicative decrease, with the refused rate remembered.

    One cut per congestion event: requests that were under way when the host first refused say nothing new.
    The bucket of a host that refuses is empty; what it answers until it refuses again is its limit, so the
    second refusal in a row already tells the rate.
    """

    __slots__ = ("_answered", "_changed_at", "_cut_at", "_emptied_at", "_most", "rate", "refused_rate")

    def __init__(self, requests_per_s: float, now: float) -> None:
        self._most = requests_per_s
        self.rate = self._most  #: requests per second in force
        self.refused_rate: float | None = None  #: where the host said no; forgotten when its limit falls
        self._cut_at = self._changed_at = now
        self._emptied_at: float | None = None
        self._answered = 0

    def permit(self, requests_per_s: float) -> None:
        """Take over another permitted rate."""
        unhindered = self.rate >= self._most
        self._most = requests_per_s
        self.rate = requests_per_s if unhindered else min(self.rate, requests_per_s)

    @property
    def slowed_to(self) -> float | None:
        """The rate in force, if it is below the permitted one."""
        return self.rate if self.rate < self._most else None

    def start_from(self, slowed_to: float | None, refused_rate: float | None) -> None:
        """Go on with what was known before a restart."""
        self.refused_rate = refused_rate
        if slowed_to is not None:
            self.rate = min(slowed_to, self._most)

    def answered(self, now: float) -> None:
        """Climb a step, if it is time for one."""
        self._answered += 1
        if now - self._changed_at < STEP_EVERY_S or self.rate >= self._most:
            return
        self._changed_at = now
        self.rate = min(self._most, self._next_rate(now))

    def _next_rate(self, now: float) -> float:
        if self.refused_rate is not None and self.rate > RISEN * self.refused_rate:
            self.refused_rate = None
        refused = self.refused_rate
        if refused is None:
            return self.rate + OPEN_CLIMB * self._most
        if self.rate < HOLD * refused:
            return min(self.rate + CLIMB * refused, (HOLD + 0.005) * refused)
        courage = (1 + (now - self._cut_at) / PROBE_UNIT_S) ** 2
        return self.rate + PROBE * refused * courage

    def refused(self, now: float) -> None:
        """Cut the rate, once per congestion event, and remember where the host said no."""
        measured = self._measured(now)
        self._emptied_at, self._answered = now, 0
        if measured is None and now - self._cut_at < 5.0 / self.rate and self.refused_rate is not None:
            return
        self._remember(self.rate if measured is None else min(self.rate, measured))
        cut = self.rate * CUT if measured is None else min(self.rate * CUT, measured * CUT)
        self.rate = max(min(SLOWEST_PER_S, self._most), cut)
        self._cut_at = self._changed_at = now

    def _remember(self, at: float) -> None:
        known = self.refused_rate
        if known is None or at > known or at < FALLEN * known:
            self.refused_rate = at
        else:
            self.refused_rate = (at + known) / 2

    def _measured(self, now: float) -> float | None:
        """Return the host's limit as seen between two refusals, if they were close enough to tell."""
        if self._emptied_at is None or self._answered == 0:
            return None
        seconds = now - self._emptied_at
        if not 1.0 < seconds < MEASURED_WITHIN_S:
            return None  # in a longer time the bucket may have been full, and what ran over is not counted
        known = (self._answered + 1) / seconds
        return known if known < CUT * self.rate else None
