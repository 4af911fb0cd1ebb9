"""How far an answer that contradicts what we believe is to be trusted, from how often the host was wrong."""

from math import exp, log

import numpy as np

FIRST_ERRORS = ((0.3, 100.0), (0.3, 100.0))  #: wrong answers and looks of a product out of / in stock
HALF_LIFE_S = 3 * 86_400.0
BELIEVED_LEAST = 0.8  #: below this probability a surprising answer is asked again, whatever waiting costs
FALSE_ALERT_COST = 1.0  #: restocks one would rather miss than be called for nothing
SELLOUT_BELIEVED = 1 - 1e-7  #: a wrong sell-out costs a second alert for the same window
DISMISSED = 0.001  #: of a restock is what a look costs: a doubt is asked again while it is worth more
MOST_CERTAIN = 0.95  #: of an expectation, however often siblings came back together


class Doubt:
    """The learnt error rates of one host's answers, separately for products out of and in stock."""

    def __init__(self) -> None:
        self.errors = np.array(FIRST_ERRORS)  # [out, in] × [wrong, looks]

    def fade(self, seconds: float) -> None:
        """Forget, towards what is assumed of a host nobody knows."""
        kept = 0.5 ** (seconds / HALF_LIFE_S)
        self.errors = kept * self.errors + (1 - kept) * np.array(FIRST_ERRORS)

    def looked(self, out: int, in_stock: int) -> None:
        self.errors[0, 1] += out
        self.errors[1, 1] += in_stock

    def was_wrong(self, *, in_stock: bool) -> None:
        """Learn that the host was wrong about a product that is in truth (not) in stock."""
        self.errors[int(in_stock), 0] += 1

    def may_have_been_wrong(self, odds: float, gone: float) -> None:
        """Learn from a restock that was doubted and then contradicted.

        ``odds``: logarithm of, that it was real; ``gone``: chance that a real one was over by then.
        """
        self.errors[0, 0] += 1 - probability(odds + log(max(gone, 1e-9)))

    def odds(self, expected: float, *, in_stock: bool) -> float:
        """Return the logarithm of the odds that a contradicting answer is real.

        ``expected``: chance that the product changed since the last look; ``in_stock``: believed until now.
        """
        chance = min(max(expected, 1e-9), MOST_CERTAIN)
        return log(chance / (1 - chance)) + self._evidence(says_in=not in_stock) * (-1 if in_stock else 1)

    def further_odds(self, before: float, *, in_stock: bool, says_in: bool) -> float:
        """Return the odds after one more answer."""
        return before + self._evidence(says_in=says_in) * (-1 if in_stock else 1)

    def _evidence(self, *, says_in: bool) -> float:
        """Return the log of how much likelier this answer is of a product in stock than of one out of it."""
        wrong_in, wrong_out = (float(wrong / looks) for wrong, looks in self.errors)
        return log((1 - wrong_out) / wrong_in) if says_in else log(wrong_out / (1 - wrong_in))


def restock_believed(lost_by_waiting: float) -> float:
    """Return the probability from which a restock is told: where waiting for another look costs more.

    ``lost_by_waiting``: chance that it is gone by then.
    """
    return max(BELIEVED_LEAST, 1 / (1 + lost_by_waiting / FALSE_ALERT_COST))


def probability(odds: float) -> float:
    return 1 / (1 + exp(-max(-50.0, min(50.0, odds))))
