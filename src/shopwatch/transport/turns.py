"""Taking a host's turn and telling how it went: the same for a request of ours and a page of a browser's."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus

from yarl import URL

from shopwatch.domain.errors import Blocked, ErrorClass, RetailerError, Unreachable
from shopwatch.transport.breaker import Breaker
from shopwatch.transport.limits import Budgets, HostBudget
from shopwatch.transport.pace import Held, Pace, Permit
from shopwatch.transport.policy import Policy
from shopwatch.transport.redirects import host_of


async def enter(budget: HostBudget, pace: Pace, url: str) -> Permit:
    try:
        return await budget.enter(pace)
    except Held as held:
        reason = f"the host asked to be left alone for {held.seconds:.0f} s ({held.reason})"
        raise Blocked(url, reason, retry_after_s=held.seconds) from None


async def report(budget: HostBudget, permit: Permit, error: RetailerError) -> None:
    """A host that refuses or cannot keep up is asked less; a missing page is no reason."""
    match error:
        case Blocked():
            too_fast = error.status == HTTPStatus.TOO_MANY_REQUESTS
            await budget.slow(permit, error.reason, retry_after_s=error.retry_after_s, pause=too_fast)
        case Unreachable(error_class=ErrorClass.SERVER | ErrorClass.TIME_OUT):
            await budget.slow(permit, error.reason, retry_after_s=error.retry_after_s)
        case _:
            budget.good(permit)


class Gate:
    """A ``ports.HostGate``: a browser's visits, within the host's budget and the retailer's pauses."""

    def __init__(self, breaker: Breaker, budgets: Budgets, policy: Policy) -> None:
        self._breaker = breaker
        self._budgets = budgets
        self._policy = policy

    @asynccontextmanager
    async def visit(self, url: str) -> AsyncIterator[None]:
        admission = await self._breaker.admit(self._policy.retailer, url)
        try:
            async with self._turn(url):
                yield
        except RetailerError as error:
            await self._breaker.failed(admission, error)
            raise
        except BaseException:
            self._breaker.release(admission)
            raise
        self._breaker.succeeded(admission)

    @asynccontextmanager
    async def _turn(self, url: str) -> AsyncIterator[None]:
        budget = self._budgets.of(host_of(URL(url)))
        permit = await enter(budget, self._policy.pace, url)
        try:
            budget.sent(permit)
            yield
        except RetailerError as error:
            await report(budget, permit, error)
            raise
        finally:
            budget.leave()
        budget.good(permit)
