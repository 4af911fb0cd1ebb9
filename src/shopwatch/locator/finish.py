"""The end of a run: validated, judged, then published or held; the exports follow the last good set."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime

import structlog

from shopwatch.domain.errors import Conflict, NotFound
from shopwatch.domain.run import Run, RunState
from shopwatch.domain.store import Store
from shopwatch.locator.changes import reconcile
from shopwatch.locator.export import export_all, written_edition
from shopwatch.locator.files import RunFiles
from shopwatch.locator.gate import GateLimits, judge
from shopwatch.locator.progress import run_document, write_run_document
from shopwatch.locator.rows import Edition
from shopwatch.locator.runlog import Log
from shopwatch.ports import BASELINE, Clock, Events, KnownStore, Runs, Stores

_PUBLISHED_FROM = (RunState.RUNNING, RunState.HELD, RunState.COMPLETE)


class Finish:
    """A broken source is never published: what the gate holds back leaves the last good set as it is."""

    def __init__(
        self,
        *,
        runs: Runs,
        stores: Stores,
        events: Events,
        clock: Clock,
        limits: GateLimits | None = None,
        files: RunFiles | None = None,
        phase_names: Sequence[str] = (),
        log: Log | None = None,
    ) -> None:
        self._runs = runs
        self._stores = stores
        self._events = events
        self._clock = clock
        self._limits = limits or GateLimits()
        self._files = files
        self._phase_names = phase_names
        self._log: Log = log or structlog.get_logger("finish")

    async def run(self, run_id: str) -> RunState:
        """Publish or hold a run whose every page was fetched. Killed in between, it is done again."""
        run = await self._runs.get(run_id)
        if run.options.test:
            await self._complete(run, "a test run: nothing is published")
            return RunState.COMPLETE
        seen = [store async for store in self._runs.stores(run_id)]
        known = await self._stores.known(run.retailer)
        unread = await self._runs.unread(run_id)
        reasons = judge(run, seen, known, limits=self._limits, unread=unread)
        if not reasons:
            await self._publish(run, seen, known)
            return RunState.COMPLETE
        self._log.warning("run_held", run_id=run_id, reasons="; ".join(reasons))
        if await self._is_published(run):
            await self._complete(run, f"stays published as it was: {'; '.join(reasons)}")
            return RunState.COMPLETE
        await self._runs.hold(run_id, reasons, self._clock.now())
        await self._tell(run_id)
        return RunState.HELD

    async def accept(self, run_id: str) -> None:
        """A person publishes what the gate held back.

        Raises:
            NotFound: there is no such run.
            Conflict: it is not held, a later run has been published, or its stores are not kept any more.
        """
        run = await self._runs.get(run_id)
        if run.state is not RunState.HELD:
            raise Conflict(f"only a held run can be accepted: {run_id} is {run.state}")
        age = await self._stores.age(run.retailer)
        if age is not None and await self._is_later(run, *age):
            raise Conflict(f"a later run has been published: {age[0]}; accepting {run_id} would go back")
        seen = [store async for store in self._runs.stores(run_id)]
        if len(seen) < run.stores:
            raise Conflict(
                f"of the {run.stores:,} stores of {run_id} {len(seen):,} are still kept: "
                f"crawl {run.retailer} again"
            )
        self._log.info("run_accepted", run_id=run_id, reasons="; ".join(run.gate_reasons))
        await self._publish(run, seen, await self._stores.known(run.retailer))

    async def _is_later(self, run: Run, set_of: str, published_at: datetime) -> bool:
        """Whether the last good set is of after the run.

        Runs go by their starts: an earlier one may have been accepted since, or the clock been set back.
        """
        if set_of == BASELINE:
            return published_at > (run.completed_at or run.started_at)
        try:
            return (await self._runs.get(set_of)).started_at > run.started_at
        except NotFound:  # so old that it is forgotten
            return False

    async def export(self, retailer: str) -> None:
        """Write the files of the last good set anew, with its age as of now."""
        age = await self._stores.age(retailer)
        if age is not None:
            await self._export(retailer, await self._stores.known(retailer), *age)

    async def catch_up(self, retailer: str) -> None:
        """Bring the files in line with the database: a process may have died before it wrote them."""
        age = await self._stores.age(retailer)
        if self._files is None or age is None:
            return
        if written_edition(self._files.output("json")) != age[0]:
            await self.export(retailer)
            with suppress(NotFound):  # an imported set is of no run
                await self._tell(age[0])

    async def _export(
        self, retailer: str, known: Sequence[KnownStore], run_id: str, published_at: datetime
    ) -> None:
        if self._files is None:
            return
        edition = Edition(
            retailer=retailer, run_id=run_id, published_at=published_at, exported_at=self._clock.now()
        )
        paths = await asyncio.to_thread(export_all, known, self._files, edition)
        self._log.info("stores_exported", files=len(paths), run_id=run_id)

    async def _publish(self, run: Run, seen: Sequence[Store], known: Sequence[KnownStore]) -> None:
        now, before = self._clock.now(), await self._last_good(run.retailer)
        publication = reconcile(
            known,
            seen,
            run_id=run.run_id,
            now=now,
            again=before == run.run_id,
            after_import=before == BASELINE,
        )
        await self._runs.publish(run.run_id, now, publication)
        self._log.info("run_published", run_id=run.run_id, stores=len(seen), changes=len(publication.changes))
        if publication.note:
            self._log.warning("hours_held", run_id=run.run_id, reason=publication.note)
        await self._export(run.retailer, publication.known, run.run_id, now)
        await self._complete(run, publication.note)

    async def _is_published(self, run: Run) -> bool:
        """Whether the last good set is of this very run, which then has fetched some pages more."""
        return await self._last_good(run.retailer) == run.run_id

    async def _last_good(self, retailer: str) -> str | None:
        age = await self._stores.age(retailer)
        return age[0] if age else None

    async def _complete(self, run: Run, message: str) -> None:
        await self._runs.move(
            run.run_id, _PUBLISHED_FROM, RunState.COMPLETE, now=self._clock.now(), message=message
        )
        await self._tell(run.run_id)

    async def _tell(self, run_id: str) -> None:
        document = run_document(
            await self._runs.get(run_id), self._clock.now(), phase_names=self._phase_names
        )
        if self._files is not None:
            write_run_document(self._files, document)
        await self._events.publish("run", document)
