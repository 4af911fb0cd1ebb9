"""A run from its seeds to its last page: phases in order, a checkpoint at each batch, strange is an error."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import replace

import structlog

from shopwatch.domain.crawling import Phase, Request
from shopwatch.domain.errors import Conflict, ErrorClass, Invalid
from shopwatch.domain.retailer import Retailer
from shopwatch.domain.run import PhaseProgress, Run, RunState
from shopwatch.domain.site import Site
from shopwatch.locator.files import RunFiles
from shopwatch.locator.policy import CrawlPolicy
from shopwatch.locator.reading import Reader
from shopwatch.locator.report import Reporter
from shopwatch.locator.rest import CrawlFailed, Rest
from shopwatch.locator.runlog import Log
from shopwatch.locator.walk import PhaseWalk
from shopwatch.ports import Clock, Events, Fetched, Fetcher, Frontier, Runs

_BEGINS_FROM = (RunState.PENDING, RunState.STOPPED, RunState.FAILED, RunState.LOST)
_BEGINS_AGAIN_FROM = (*_BEGINS_FROM, RunState.COMPLETE, RunState.HELD)
_PERCENT = 100.0


class Crawl:
    """Crawls one retailer. The frontier is the checkpoint, so a run resumes by being run again.

    A page counted is never fetched again; after a kill at most the batch in hand is. A phase that finds
    nothing fails the run: empty is not done.
    """

    def __init__(
        self,
        retailer: Retailer,
        site: Site,
        *,
        fetcher: Fetcher,
        frontier: Frontier,
        runs: Runs,
        events: Events,
        clock: Clock,
        policy: CrawlPolicy,
        files: RunFiles | None = None,
        log: Log | None = None,
    ) -> None:
        self._retailer = retailer
        self._site = site
        self._fetcher = fetcher
        self._frontier = frontier
        self._runs = runs
        self._events = events
        self._clock = clock
        self._policy = policy
        self._files = files
        self._log: Log = log or structlog.get_logger("crawl").bind(retailer=retailer.id)
        self._phases = retailer.locator.phases

    async def run(self, run_id: str, stop: asyncio.Event, *, retry_failed: bool = False) -> RunState:
        """Crawl until done, stopped or failed; ``retry_failed``: what failed for good gets another chance.

        COMPLETE means every page was fetched; the run itself stays ``running`` until it is finished, so that
        one that dies in between is finished by its next start. STOPPED and FAILED are written to the run.

        Raises:
            Conflict: the run is under way elsewhere, or over.
        """
        run = await self._begin(run_id, retry_failed=retry_failed)
        reporter = await self._reporter(run)
        state, message = RunState.COMPLETE, ""
        try:
            await self._walk_all(run, reporter, stop)
            if stop.is_set():
                state, message = RunState.STOPPED, "stopped on request; resume goes on from here"
        except CrawlFailed as failure:
            state, message = RunState.FAILED, str(failure)
            self._log.error("crawl_failed", reason=message)
        if state is not RunState.COMPLETE:
            await self._runs.move(run_id, (RunState.RUNNING,), state, now=self._clock.now(), message=message)
        done = await reporter.tell()
        self._log.info(
            "crawl_ended", state=str(state), stores=done.stores, requests=done.requests, errors=done.errors
        )
        return state

    async def _begin(self, run_id: str, *, retry_failed: bool) -> Run:
        run = await self._runs.get(run_id)
        now = self._clock.now()
        before = _BEGINS_AGAIN_FROM if retry_failed else _BEGINS_FROM
        if not await self._runs.move(run_id, before, RunState.RUNNING, now=now):
            raise Conflict(f"the run {run_id} is {run.state}: it cannot begin")
        failed_too = retry_failed or run.state is RunState.FAILED
        again = await self._frontier.retry_failed(run_id) if failed_too else 0
        added = await self._frontier.add(run_id, list(self._seeds()))
        self._log.info("crawl_began", run_id=run_id, was=str(run.state), seeds=added, failed_again=again)
        return run

    async def _reporter(self, run: Run) -> Reporter:
        last = await self._runs.latest(run.retailer, (RunState.COMPLETE,))
        is_part = run.options.test or run.options.limit is not None
        return Reporter(
            run_id=run.run_id,
            runs=self._runs,
            events=self._events,
            clock=self._clock,
            policy=self._policy,
            phase_names=[phase.name for phase in self._phases],
            files=self._files,
            expected={phase.name: phase.total for phase in last.phases} if last and not is_part else None,
        )

    async def _walk_all(self, run: Run, reporter: Reporter, stop: asyncio.Event) -> None:
        last = self._phases[-1].name
        share = _Share(run, await self._frontier.progress(run.run_id), self._policy, last=last)
        rest = Rest(self._policy, self._clock)
        for number, phase in enumerate(self._phases):
            is_last = number + 1 == len(self._phases)
            walk = self._walk(run, phase, share=share, rest=rest, reporter=reporter, is_last=is_last)
            self._log.info("phase_began", phase=phase.name)
            await walk.run(stop)
            if stop.is_set():
                return
            progress = await self._frontier.progress(run.run_id)
            await self._check(run.run_id, phase, progress)
            done = _named(progress, phase.name)
            self._log.info("phase_done", phase=phase.name, pages=done.completed, failed=done.failed)

    def _walk(
        self, run: Run, phase: Phase, *, share: _Share, rest: Rest, reporter: Reporter, is_last: bool
    ) -> PhaseWalk:
        async def committed(batch: Sequence[Fetched]) -> None:
            await reporter.pages(len(batch))

        reader = Reader(
            retailer=self._retailer,
            site=self._site,
            phase=phase,
            next_phase=self._phase_after(phase),
            fetcher=self._fetcher,
            clock=self._clock,
            policy=self._policy,
            admit=share.admit,
            incremental=run.options.incremental and is_last,
        )
        return PhaseWalk(
            run_id=run.run_id,
            reader=reader,
            frontier=self._frontier,
            rest=rest,
            policy=self._policy,
            clock=self._clock,
            log=self._log,
            trim=share.trim,
            has_enough=lambda: not is_last and share.is_met(self._phase_after(phase)),
            committed=committed,
        )

    async def _check(self, run_id: str, phase: Phase, progress: Sequence[PhaseProgress]) -> None:
        """A finished phase must have found something, and most of its pages."""
        done = _named(progress, phase.name)
        run = await self._runs.get(run_id)
        gone = min(run.errors_by_class.get(ErrorClass.GONE, 0), done.failed)
        failed = done.failed - gone
        if done.total and _PERCENT * failed / done.total > self._policy.max_failed_percent:
            worst = max(run.errors_by_class, key=lambda name: run.errors_by_class[name], default="unknown")
            raise CrawlFailed(
                f"{worst.replace('_', ' ')}: {failed:,} of {done.total:,} pages of phase {phase.name} failed"
            )
        following = self._phase_after(phase)
        found = run.stores if following == phase.name else _named(progress, following).total
        if not found:
            raise CrawlFailed(f"layout changed: phase {phase.name} found nothing")

    def _phase_after(self, phase: Phase) -> str:
        """Of the last phase: itself."""
        names = [each.name for each in self._phases]
        return names[min(names.index(phase.name) + 1, len(names) - 1)]

    def _seeds(self) -> Iterator[Request]:
        for seed in self._retailer.locator.seeds:
            yield Request(url=seed_url(seed, self._site), phase=self._phases[0].name)


class _Share:
    """What a limited or test run may fetch: so many pages of stores, and what it takes to find them."""

    def __init__(
        self, run: Run, progress: Sequence[PhaseProgress], policy: CrawlPolicy, *, last: str
    ) -> None:
        self._last = last
        self._pages = policy.test_pages if run.options.test else run.options.limit
        self._stores_left = None if run.options.limit is None else max(0, run.options.limit - run.stores)
        self._counts = {phase.name: phase.total for phase in progress}
        self._keys: set[str] = set()

    def admit(self, requests: Sequence[Request]) -> tuple[Request, ...]:
        if self._pages is None:
            return tuple(requests)
        return tuple(request for request in requests if self._has_room(request, self._pages))

    def is_met(self, phase: str) -> bool:
        """Whether ``phase`` has as many pages as it may: the one before it need not find more."""
        return self._pages is not None and self._counts.get(phase, 0) >= self._pages

    def trim(self, outcome: Fetched) -> Fetched:
        if self._stores_left is None or not outcome.stores:
            return outcome
        kept = outcome.stores[: self._stores_left]
        self._stores_left -= len(kept)
        return replace(outcome, stores=kept)

    def _has_room(self, request: Request, pages: int) -> bool:
        count = self._counts.get(request.phase, 0)
        if request.key in self._keys or (request.phase == self._last and count >= pages):
            return False
        self._keys.add(request.key)
        self._counts[request.phase] = count + 1
        return True


def seed_url(seed: str, site: Site) -> str:
    """A seed's whole address: a path of ``base_url``, or one that begins with ``{api_url}`` or another field.

    Raises:
        Invalid: the site has no such address.
    """
    if seed.startswith("/"):
        return site.base_url.rstrip("/") + seed
    addresses = {name: getattr(site, name) for name in ("base_url", "api_url", "carts_url", "account_url")}
    try:
        url = seed.format_map(addresses)
    except KeyError as error:
        raise Invalid(f"the seed {seed!r} names {error}, which no site has") from None
    if "://" not in url:
        raise Invalid(f"the seed {seed!r} is no whole address: is one of the site's addresses empty?")
    return url


def _named(progress: Sequence[PhaseProgress], name: str) -> PhaseProgress:
    return next((phase for phase in progress if phase.name == name), PhaseProgress(name=name))
