"""Talking to a retailer within its budget."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol

from shopwatch.domain.crawling import Page, Request


class Fetcher(Protocol):
    """Talks to one retailer within its budget; every wait for politeness happens inside."""

    async def fetch(self, request: Request) -> Page:
        """Fetch once (retries are the caller's business).

        Raises:
            Blocked: refused or challenged, the host has been slowed or paused; without a ``status``
                nothing was sent, because the host or the retailer is paused.
            ClosedByRobots: robots.txt closes the address; nothing was sent.
            Gone: 404 or 410.
            LayoutChanged: the site does not understand our request (400, 405, …).
            Unreachable: no whole answer.
        """


class HostGate(Protocol):
    """Lets something else than a fetcher, a browser, ask a retailer's hosts within the same budgets."""

    def visit(self, url: str) -> AbstractAsyncContextManager[None]:
        """Take the host's turn; a ``RetailerError`` inside slows the host or pauses the retailer.

        Raises:
            Blocked: the host or the retailer is paused.
        """


@dataclass(frozen=True, slots=True)
class Turn:
    """A moment at which a host may be asked. Not ``taken``: the host is held until then, ask again."""

    at_s: float  #: epoch seconds
    taken: bool = True


class HostTurns(Protocol):
    """The budget of each host that all processes on one database share."""

    async def reserve(self, host: str, spacing_s: float, now_s: float) -> Turn:
        """Take the host's next free moment, in one atomic statement; the one after it is ``spacing_s`` later.

        While the host is held nothing is taken and the end of the hold is returned.
        """

    async def hold(self, host: str, until_s: float) -> None:
        """Nobody asks this host before ``until_s`` (epoch seconds). An earlier hold is never shortened."""
