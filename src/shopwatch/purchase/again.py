"""When a walk that failed before the last click may be walked again; without it a busy site ends each drop.

The reservation is held meanwhile, so a restock still has one purchase and one click at most. Only what surely
has bought nothing and may pass by itself is tried again; what a person or the guard must decide is not.
"""

from __future__ import annotations

from shopwatch.domain.cart import NotSoldWhy
from shopwatch.domain.errors import NotSold, Unreachable, Unusable
from shopwatch.domain.purchase import PurchaseState

#: Before the second, third and fourth walk, seconds.
AGAIN_AFTER_S = (1.0, 3.0, 8.0)
_MAY_PASS = frozenset({NotSoldWhy.THROTTLED.value, NotSoldWhy.UNCLEAR.value})
_BEFORE_THE_CLICK = frozenset({PurchaseState.RESERVED, PurchaseState.CARTED})


def again_after_s(error: Exception, state: PurchaseState, failed: int) -> float | None:
    """Seconds until the next walk; ``None``: there is none. ``failed``: walks so far, this one too."""
    if state not in _BEFORE_THE_CLICK or failed > len(AGAIN_AFTER_S) or not _may_pass(error):
        return None
    return AGAIN_AFTER_S[failed - 1]


def _may_pass(error: Exception) -> bool:
    if isinstance(error, NotSold):
        return error.why in _MAY_PASS
    return isinstance(error, Unreachable | Unusable)  # a server in trouble, a browser that has died
