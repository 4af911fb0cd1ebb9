"""Every error Shopwatch raises on purpose.

ShopwatchError
├── Invalid          someone's input; ``problems`` lists all of it       exit 2, HTTP 422
├── NotFound         no such retailer, run, watch                        exit 1, HTTP 404
├── Conflict         runs already, bought already                        exit 1, HTTP 409
├── Unusable         this machine's doing: folder, port, database        exit 1, HTTP 503
│   └── Unavailable      a database that may answer again: locked, full disk, server away
└── RetailerError    the site's doing: goes on the check or the run, never ends the process
    ├── Blocked          it refused us (401, 403, 429, a challenge): slow down
    ├── LayoutChanged    the page came but does not parse: a person must look
    ├── Gone             404, 410, a soft 404: nothing is there any more
    ├── ClosedByRobots   robots.txt closes the address to us: do not ask again in this run
    ├── HandOver         a code, PIN, card number or sign-in is asked for: only a person may give it
    ├── NotSold          the cart or the checkout refused, and nothing was bought
    └── Unreachable      DNS, connect, TLS, time-out, cut body, 5xx: try later
"""

from collections.abc import Sequence
from enum import StrEnum

from shopwatch.domain.addresses import redact


class ErrorClass(StrEnum):
    """What a failed request is counted as, in a run and on the health page."""

    DNS = "dns"
    REFUSED = "refused"
    TIME_OUT = "time_out"
    CUT = "cut"  #: the body ended early or could not be unpacked
    TOO_LARGE = "too_large"
    SERVER = "server"  #: 5xx
    BLOCKED = "blocked"
    ROBOTS = "robots"  #: robots.txt closes the address to us
    LAYOUT_CHANGED = "layout_changed"
    GONE = "gone"


class ShopwatchError(Exception):
    """Base of all expected errors. Its text is shown to people as it is."""


class Invalid(ShopwatchError):
    """Somebody's input cannot be used; ``problems`` lists everything wrong with it."""

    def __init__(self, problems: Sequence[object] | str) -> None:
        self.problems: tuple[str, ...] = (
            (problems,) if isinstance(problems, str) else tuple(str(problem) for problem in problems)
        )
        super().__init__("; ".join(self.problems))


class NotFound(ShopwatchError):
    """There is no such retailer, run, watch or file."""


class Conflict(ShopwatchError):
    """It cannot be done in the present state: running already, bought already, changed meanwhile."""


class Unusable(ShopwatchError):
    """Something of this machine cannot be used: a folder, a port, a database, a browser."""


class Unavailable(Unusable):
    """The database cannot be used at this moment; nothing is wrong with what it holds."""


class RetailerError(ShopwatchError):
    """A retailer's site did not give what was asked."""

    error_class: ErrorClass = ErrorClass.SERVER

    def __init__(self, url: str, reason: str) -> None:
        self.url = redact(url)  #: safe to show: without keys and passwords
        self.reason = redact(reason)  #: the same: a browser's or a proxy's words may repeat an address
        super().__init__(f"{self.reason} at {self.url}")


class Blocked(RetailerError):
    """The site refused us. The answer is a longer delay, never a disguise."""

    error_class = ErrorClass.BLOCKED

    def __init__(
        self,
        url: str,
        reason: str,
        *,
        challenge: bool = False,
        retry_after_s: float | None = None,
        status: int | None = None,
    ) -> None:
        super().__init__(url, reason)
        self.challenge = challenge  #: a test for humans: pause the whole retailer and ask one
        self.retry_after_s = retry_after_s  #: seconds the site asked us to wait
        self.status = status


class LayoutChanged(RetailerError):
    """The page came, the field did not. Not the same as out of stock."""

    error_class = ErrorClass.LAYOUT_CHANGED


class Gone(RetailerError):
    """Nothing is there any more: 404, 410 or a page that says so."""

    error_class = ErrorClass.GONE


class ClosedByRobots(RetailerError):
    """The site's robots.txt closes the address to us; nothing was sent."""

    error_class = ErrorClass.ROBOTS


class HandOver(RetailerError):
    """The site asks for something only a person may give. Nothing is typed for them."""

    error_class = ErrorClass.BLOCKED


class NotSold(RetailerError):
    """The site refused the product or the order, and said so before anything was bought."""

    error_class = ErrorClass.REFUSED

    def __init__(self, url: str, reason: str, *, why: str) -> None:
        super().__init__(url, reason)
        self.why = why  #: a ``domain.cart.NotSoldWhy``


class Unreachable(RetailerError):
    """The site did not answer, or not to the end. Try later."""

    def __init__(
        self,
        url: str,
        reason: str,
        *,
        error_class: ErrorClass = ErrorClass.SERVER,
        retry_after_s: float | None = None,
    ) -> None:
        super().__init__(url, reason)
        self.error_class = error_class
        self.retry_after_s = retry_after_s
