"""Tells how a run goes on: an event for the dashboard, the mission's metadata file, both now and then."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from shopwatch.domain.run import Run
from shopwatch.locator.files import RunFiles
from shopwatch.locator.policy import CrawlPolicy
from shopwatch.locator.progress import Rate, run_document, write_run_document
from shopwatch.ports import Clock, Events, Runs

#: What the dashboard's live update needs of the run's document.
_LIVE = (
    "run_id",
    "retailer",
    "status",
    "started_at",
    "completed_at",
    "stats",
    "phases",
    "progress",
    "pages_per_second",
    "eta_seconds",
    "errors_by_class",
    "gate_reasons",
    "message",
)


class Reporter:
    """Reads the run from the database, so that what it tells is what a restart would find."""

    def __init__(
        self,
        *,
        run_id: str,
        runs: Runs,
        events: Events,
        clock: Clock,
        policy: CrawlPolicy,
        phase_names: Sequence[str],
        files: RunFiles | None = None,
        expected: Mapping[str, int] | None = None,
    ) -> None:
        self._run_id = run_id
        self._runs = runs
        self._events = events
        self._clock = clock
        self._policy = policy
        self._phase_names = phase_names
        self._files = files
        self._expected = expected
        self._rate = Rate()
        self._pages = 0
        self._told_s = self._written_s = clock.monotonic()  #: monotonic
        self._rate.mark(self._told_s, 0)

    async def pages(self, count: int) -> None:
        """So many pages more are committed."""
        self._pages += count
        now_s = self._clock.monotonic()
        if now_s - self._told_s >= self._policy.report_s:
            await self.tell(write=now_s - self._written_s >= self._policy.document_s)

    async def tell(self, *, write: bool = True) -> Run:
        """Tell now."""
        now_s = self._clock.monotonic()
        self._rate.mark(now_s, self._pages)
        self._told_s = now_s
        run = await self._runs.get(self._run_id)
        document = run_document(
            run,
            self._clock.now(),
            phase_names=self._phase_names,
            per_s=self._rate.per_s,
            expected=self._expected,
        )
        await self._events.publish("run", {name: document[name] for name in _LIVE})
        if write and self._files is not None:
            self._written_s = now_s
            write_run_document(self._files, document)
        return run
