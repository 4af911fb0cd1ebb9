"""One phase of a run: its pending requests through the workers into the journal, until none is left."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence

from shopwatch.domain.errors import Blocked, ErrorClass, RetailerError, ShopwatchError
from shopwatch.locator.journal import Journal
from shopwatch.locator.policy import CrawlPolicy
from shopwatch.locator.reading import Reader
from shopwatch.locator.rest import CrawlFailed, Rest, wait_for
from shopwatch.locator.runlog import Log
from shopwatch.locator.stopping import end_of
from shopwatch.ports import Clock, Fetched, Frontier, FrontierRow

#: Rows read from the frontier at a time, beyond those in hand.
_LOOKAHEAD = 400
#: So few rows in hand are a reason to read more.
_LOW = 200
_PERCENT = 100.0

#: Another try will not be wanted of these: they are no sign that the site is down.
_ABOUT_THE_PAGE = frozenset(
    {ErrorClass.GONE, ErrorClass.ROBOTS, ErrorClass.LAYOUT_CHANGED, ErrorClass.TOO_LARGE}
)


class PhaseWalk:
    """Keeps true: a row in hand is not taken again, and leaves the hand only by a commit."""

    def __init__(
        self,
        *,
        run_id: str,
        reader: Reader,
        frontier: Frontier,
        rest: Rest,
        policy: CrawlPolicy,
        clock: Clock,
        log: Log,
        trim: Callable[[Fetched], Fetched],
        has_enough: Callable[[], bool] = lambda: False,
        committed: Callable[[Sequence[Fetched]], Awaitable[None]],
    ) -> None:
        self._run_id = run_id
        self._reader = reader
        self._name = reader.phase.name
        self._frontier = frontier
        self._rest = rest
        self._policy = policy
        self._clock = clock
        self._log = log
        self._trim = trim
        self._has_enough = has_enough  #: the rest of this phase is not needed
        self._committed = committed
        self._queue: asyncio.Queue[FrontierRow | None] = asyncio.Queue()
        self._hand: set[int] = set()
        self._to_do = 0  #: rows in hand that are not in the journal yet
        self._wake = asyncio.Event()  #: something was committed, or the end has come
        self._end = asyncio.Event()  #: stop was asked for, or there is a failure
        self._failure: CrawlFailed | None = None
        self._journal = Journal(self._commit, pages=policy.batch_pages, wait_s=policy.batch_s)
        self._tried: Counter[str] = Counter()  #: tries of this phase by error class, "" for good ones

    async def run(self, stop: asyncio.Event) -> None:
        """Return when the phase has no pending request left, or soon after ``stop``.

        Raises:
            CrawlFailed: the site refuses, does not answer or cannot be read any more.
        """
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._journal.run(), name="journal")
                waker = tasks.create_task(self._end_at(stop), name="waker")
                workers = [
                    tasks.create_task(self._work(), name=f"worker {number}")
                    for number in range(self._policy.workers)
                ]
                await self._feed()
                await self._dismiss(workers, stop)
                self._journal.close()
                waker.cancel()
        except* ShopwatchError as group:
            raise _first(group) from None  # the database or the disk: one sentence for the person
        if self._failure is not None:
            raise self._failure

    async def _feed(self) -> None:
        while not self._end.is_set():
            self._wake.clear()
            is_open = await self._take() if len(self._hand) < _LOW else True
            if self._hand and not self._end.is_set():
                await self._wake.wait()
            elif not is_open:
                retry_at = await self._frontier.next_retry_at(self._run_id, self._name)
                if retry_at is None:
                    return
                await wait_for(self._end, max(0.0, (retry_at - self._clock.now()).total_seconds()))

    async def _take(self) -> bool:
        """Take more rows in hand; ``False`` if the phase has none that are due."""
        before = set(self._hand)  # may be committed while the database reads what was pending before
        limit = len(before) + _LOOKAHEAD
        rows = await self._frontier.take(self._run_id, self._name, limit, self._clock.now())
        fresh = [row for row in rows if row.id not in before]
        self._hand.update(row.id for row in fresh)
        self._to_do += len(fresh)
        for row in fresh:
            self._queue.put_nowait(row)
        return bool(rows)

    async def _end_at(self, stop: asyncio.Event) -> None:
        await stop.wait()
        self._end.set()
        self._wake.set()

    def _give_up(self, failure: CrawlFailed) -> None:
        """End the phase; what is known by now is committed first, so that a person can read why."""
        self._failure = self._failure or failure
        self._end.set()
        self._wake.set()

    async def _dismiss(self, workers: Sequence[asyncio.Task[None]], stop: asyncio.Event) -> None:
        """Let what is in flight come home, but not for ever: what does not is fetched by the next run."""
        while not self._queue.empty():
            self._queue.get_nowait()
        for _ in workers:
            self._queue.put_nowait(None)
        await end_of(workers, stop, wait_s=self._policy.drain_s)

    async def _work(self) -> None:
        while (row := await self._queue.get()) is not None:
            if self._has_enough():
                self._end.set()
                self._wake.set()
                return
            outcome = None
            while outcome is None:
                await self._rest.wait(self._end)
                if self._end.is_set():
                    return
                outcome = await self._outcome(row)
            self._journal.add(self._trim(outcome))
            self._to_do -= 1
            if not self._to_do:
                self._journal.hurry()
            await self._journal.room()

    async def _outcome(self, row: FrontierRow) -> Fetched | None:
        """What the request came to; ``None`` if it could not even be sent."""
        try:
            outcome = await self._reader.read(row)
        except RetailerError as error:
            try:
                return self._blocked(row, error) if isinstance(error, Blocked) else self._missed(row, error)
            except CrawlFailed as failure:
                self._give_up(failure)
                return self._reader.failed(row, error, wait_s=0.0)
        self._rest.good()
        self._tried[""] += 1
        return outcome

    def _blocked(self, row: FrontierRow, error: Blocked) -> Fetched | None:
        """Not this page's fault: it comes again after the pause, if it has not been refused ever so often."""
        if self._rest.held(error):
            return None
        was_resting = self._rest.is_resting
        wait_s = self._rest.blocked(error)
        if not was_resting:
            self._log.warning("refused", url=error.url, reason=error.reason, pause_s=wait_s)
        if row.attempts >= self._policy.max_retries + self._policy.max_pauses:
            return self._reader.failed(row, error)
        return self._reader.failed(row, error, wait_s=wait_s)

    def _missed(self, row: FrontierRow, error: RetailerError) -> Fetched:
        outcome = self._reader.failed(row, error)
        self._tried[error.error_class] += 1
        self._log.warning(
            "page_failed",
            url=error.url,
            error_class=str(error.error_class),
            reason=error.reason,
            attempts=row.attempts + 1,
            again=outcome.retry_at is not None,
        )
        if error.error_class in _ABOUT_THE_PAGE:
            self._judge()
        elif pause_s := self._rest.unreachable(error):
            self._log.warning("site_unreachable", reason=error.reason, pause_s=pause_s)
        return outcome

    def _judge(self) -> None:
        """Thousands of pages of a changed layout are not worth fetching to learn that it changed."""
        tries, unread = self._tried.total(), self._tried[ErrorClass.LAYOUT_CHANGED]
        share = _PERCENT * unread / tries
        if tries >= self._policy.judged_after_pages and share > self._policy.max_failed_percent:
            raise CrawlFailed(
                f"layout changed: {unread:,} of {tries:,} pages of phase {self._name} could not be read"
            )

    async def _commit(self, batch: Sequence[Fetched]) -> None:
        await self._frontier.commit(self._run_id, batch)
        self._hand.difference_update(outcome.row.id for outcome in batch)
        self._wake.set()
        await self._committed(batch)


def _first(group: BaseExceptionGroup[ShopwatchError]) -> ShopwatchError:
    first = group.exceptions[0]
    return _first(first) if isinstance(first, BaseExceptionGroup) else first
