"""Time that never runs backwards, so that a corrected clock neither stops the checks nor bursts them."""


class SteadyTime:
    """Follows the times it is told; when they jump back, it goes on from where it was.

    Inside a scheduler all times are steady; the difference to what people call the time is ``behind_s``.
    """

    __slots__ = ("behind_s", "latest")

    def __init__(self) -> None:
        self.latest = float("-inf")
        self.behind_s = 0.0  #: how far the told time has been set back in all, s

    def tell(self, now: float) -> float:
        """Return the steady time at the told time ``now``."""
        steady = now + self.behind_s
        if steady < self.latest:
            self.behind_s += self.latest - steady
            return self.latest
        self.latest = steady
        return steady

    def told(self, steady: float) -> float:
        """Return what the told clock shows at ``steady``."""
        return steady - self.behind_s
