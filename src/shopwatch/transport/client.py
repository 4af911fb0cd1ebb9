"""The one way to the sites; without it budgets, pauses and robots.txt would differ from caller to caller."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Mapping
from dataclasses import replace
from types import TracebackType
from typing import Self

import aiohttp
import structlog
from yarl import URL

from shopwatch.domain.crawling import Page, Request
from shopwatch.domain.errors import Blocked, LayoutChanged, RetailerError, Unreachable
from shopwatch.ports import Clock, HostTurns, Pauses
from shopwatch.transport.breaker import Breaker, Patience
from shopwatch.transport.clock import SystemClock
from shopwatch.transport.exchange import Answer, Question, open_session
from shopwatch.transport.limits import Budgets, Draw
from shopwatch.transport.pace import Pace, Timers
from shopwatch.transport.policy import Policy
from shopwatch.transport.redirects import MOST_REDIRECTS, host_of, leads_on, next_hop, target
from shopwatch.transport.robots import ROBOTS_TXT, RobotsBook
from shopwatch.transport.routes import Route, route
from shopwatch.transport.turns import Gate, enter, report
from shopwatch.transport.unpack import ACCEPTED
from shopwatch.transport.user_agents import UserAgents
from shopwatch.transport.verdicts import is_answer, refusal

log = structlog.get_logger(__name__)

_NOT_MODIFIED = 304


class Client:
    """Owns the connections, the budgets and the pauses of a process; hands out fetchers bound to a policy.

    Use as an asynchronous context manager. Everything of a process that talks to sites shares one.
    """

    def __init__(
        self,
        *,
        clock: Clock | None = None,
        pauses: Pauses | None = None,
        turns: HostTurns | None = None,
        patience: Patience | None = None,
        timers: Timers | None = None,
        draw: Draw = random.uniform,
    ) -> None:
        self.clock: Clock = clock or SystemClock()
        self.breaker = Breaker(self.clock, pauses, patience)
        self.robots = RobotsBook(self.clock)
        self.agents = UserAgents()
        self._turns = turns
        self._timers = timers
        self._draw = draw
        self._session: aiohttp.ClientSession | None = None
        self._budgets: Budgets | None = None
        self._unasked: set[tuple[str, str]] = set()

    async def __aenter__(self) -> Self:
        self._session = open_session()
        timers = self._timers or asyncio.get_running_loop()
        self._budgets = Budgets(self.clock, timers, self._turns, self._draw)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._session is not None:
            await self._session.close()

    @property
    def session(self) -> aiohttp.ClientSession:
        if self._session is None:
            raise RuntimeError("the client is not open: use it in an 'async with'")
        return self._session

    @property
    def budgets(self) -> Budgets:
        if self._budgets is None:
            raise RuntimeError("the client is not open: use it in an 'async with'")
        return self._budgets

    def fetcher(self, policy: Policy) -> PoliteFetcher:
        """A session under these terms, with one user agent and one way out."""
        return PoliteFetcher(self, policy)

    def gate(self, policy: Policy) -> Gate:
        """The way in for a browser that shares the budgets and pauses."""
        return Gate(self.breaker, self.budgets, policy)

    async def clear(self, retailer: str) -> None:
        """End a retailer's pause: a human has looked."""
        await self.breaker.clear(retailer)

    def moved(self, retailer: str) -> None:
        """A retailer is asked at another address from now on: it starts without the old one's failures."""
        self.breaker.moved(retailer)

    def facts(self) -> Mapping[str, object]:
        """What the health page shows: each host's budget, each retailer's pause."""
        return {"hosts": self.budgets.facts(), "paused_until": self.breaker.ends()}

    def note_robots_not_asked(self, retailer: str, host: str) -> None:
        if (retailer, host) not in self._unasked:
            self._unasked.add((retailer, host))
            log.info("robots_not_asked", retailer=retailer, host=host)


class PoliteFetcher:
    """A ``ports.Fetcher``: one session at one retailer, within the budget of each host it comes to."""

    def __init__(self, client: Client, policy: Policy) -> None:
        self.policy = policy
        self.agent = client.agents.next(policy.user_agents)
        self._client = client
        self._route: Route = route(policy.proxy)
        self._headers = {"User-Agent": self.agent, **policy.headers}

    async def fetch(self, request: Request) -> Page:
        breaker = self._client.breaker
        admission = await breaker.admit(self.policy.retailer, request.url)
        try:
            page = await self._travel(request, obey_robots=self.policy.obey_robots)
        except RetailerError as error:
            await breaker.failed(admission, error)
            raise
        except BaseException:
            breaker.release(admission)
            raise
        breaker.succeeded(admission)
        return page

    async def _travel(self, request: Request, *, obey_robots: bool) -> Page:
        """Follow redirects; each hop has its own host's budget and its own robots.txt."""
        question = self._question(request)
        for _ in range(MOST_REDIRECTS + 1):
            pace = await self._pace(question.url, obey_robots=obey_robots)
            page, is_final = await self._ask(question, request, pace)
            if is_final:
                return page
            question = next_hop(question, page)
        raise Unreachable(request.url, f"redirected more than {MOST_REDIRECTS} times")

    def _question(self, request: Request) -> Question:
        try:
            url = URL(request.url)
            url.origin()  # raises for a relative address
        except ValueError as error:
            raise LayoutChanged(request.url, "this is no address of a page") from error
        policy = self.policy
        body = None if request.body is None else request.body.encode()
        kind = {} if body is None else {"Content-Type": _content_type(body)}
        return Question(
            url=url,
            method=request.method,
            headers={**kind, **self._headers, **request.headers, "Accept-Encoding": ACCEPTED},
            body=body,
            timeout_s=policy.timeout_s,
            limit=policy.max_body_bytes,
        )

    async def _pace(self, url: URL, *, obey_robots: bool) -> Pace:
        """The policy's pace, slower where robots.txt asks for it. Raises where it closes the address."""
        pace = self.policy.pace
        if not obey_robots:
            if not self.policy.obey_robots:
                self._client.note_robots_not_asked(self.policy.retailer, host_of(url))
            return pace
        delay_s = await self._client.robots.crawl_delay_s(url, self.agent, self._robots_txt)
        if delay_s <= pace.min_delay_s:
            return pace
        return replace(pace, min_delay_s=delay_s, max_delay_s=max(pace.max_delay_s, delay_s))

    async def _robots_txt(self, url: URL) -> Page:
        return await self._travel(Request(url=str(url)), obey_robots=False)

    async def _ask(self, question: Question, request: Request, pace: Pace) -> tuple[Page, bool]:
        """Send one request in its turn and tell the host's budget how it went.

        Returns the page, and ``False`` if it leads on to another address, which is its ``url``.
        """
        budget = self._client.budgets.of(host_of(question.url))
        permit = await enter(budget, pace, str(question.url))
        try:
            asked = replace(question, sent=lambda: budget.sent(permit)) if permit.exact else question
            outcome = self._judged(await self._route.send(self._client.session, asked), request)
        except RetailerError as error:
            await report(budget, permit, error)
            raise
        finally:
            budget.leave()
        budget.good(permit)
        return outcome

    def _judged(self, answer: Answer, request: Request) -> tuple[Page, bool]:
        moves = leads_on(answer) and answer.status not in request.accept
        page = Page(
            request=request,
            url=str(target(answer) if moves else answer.url),
            status=answer.status,
            headers=answer.headers,
            body=b"" if moves else answer.body,  # a wall is told by where it sends us
            fetched_at=self._client.clock.now(),
            duration_ms=answer.duration_ms,
            not_modified=answer.status == _NOT_MODIFIED,
        )
        self._look_for_wall(page)
        if not moves and not is_answer(page):
            raise refusal(page)
        return page, not moves

    def _look_for_wall(self, page: Page) -> None:
        if self.policy.recognise_wall is None or page.request.url.endswith(ROBOTS_TXT):
            return  # rules may be as short as a wall's stub
        try:
            self.policy.recognise_wall(page)
        except Blocked as wall:
            wall.status = wall.status or page.status  # without one it would mean that nothing was sent
            raise


def _content_type(body: bytes) -> str:
    return "application/json" if body[:1] in (b"{", b"[") else "application/x-www-form-urlencoded"
