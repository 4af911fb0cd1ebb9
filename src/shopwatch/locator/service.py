"""A whole run as somebody asks for it: opened or resumed, crawled, finished, each line of it logged."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from shopwatch.domain.errors import Conflict, ShopwatchError
from shopwatch.domain.run import Run, RunOptions, RunState
from shopwatch.locator.crawl import Crawl
from shopwatch.locator.finish import Finish
from shopwatch.locator.runlog import Log
from shopwatch.ports import Clock, Runs


async def open_run(
    runs: Runs,
    retailer: str,
    options: RunOptions,
    *,
    clock: Clock,
    run_id: str | None = None,
    pid: int | None = None,
) -> Run:
    """The run to go on with: the last one where resume or retry finds something to do, else a new one.

    ``pid`` is the process that crawls it, where that is this one.

    Of a run that goes on only ``retry_failed`` is taken from ``options``: the rest is as it was begun.

    Raises:
        Conflict: a run of this retailer is under way.
    """
    if options.resume or options.retry_failed:
        last = await runs.latest(retailer)
        if last is not None and _goes_on(last, options):
            return replace(last, options=replace(last.options, retry_failed=options.retry_failed))
    return await runs.create(retailer, options, clock.now(), run_id=run_id, pid=pid)


class RunService:
    """Crawls and finishes one run; whatever happens, the run does not stay ``running`` without a process."""

    def __init__(self, *, crawl: Crawl, finish: Finish, runs: Runs, clock: Clock, log: Log) -> None:
        self._crawl = crawl
        self._finish = finish
        self._runs = runs
        self._clock = clock
        self._log = log

    async def run(self, run_id: str, stop: asyncio.Event, *, retry_failed: bool = False) -> RunState:
        """Raises what ended the run, if it was no error of the site."""
        try:
            await self._finish.catch_up((await self._runs.get(run_id)).retailer)
            state = await self._crawl.run(run_id, stop, retry_failed=retry_failed)
            return await self._finish.run(run_id) if state is RunState.COMPLETE else state
        except Conflict:
            raise  # somebody else's run: not ours to fail
        except BaseException as error:
            # A bug, a full disk, a cancelled task: told in the run, where its keeper looks first.
            self._log.error("run_broke", run_id=run_id, reason=repr(error))
            message = str(error) if isinstance(error, ShopwatchError) else f"broke off: {error!r}"
            await self._runs.move(
                run_id, (RunState.RUNNING,), RunState.FAILED, now=self._clock.now(), message=message
            )
            raise


def _goes_on(last: Run, options: RunOptions) -> bool:
    if options.retry_failed:
        return last.state.is_over and any(phase.failed for phase in last.phases)
    return last.state.can_resume
