"""What the monitor keeps over a restart, and what it lays out for the dashboard."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

import structlog

from shopwatch.domain.stock import Key
from shopwatch.monitor.scheduler import Scheduler
from shopwatch.ports import Notebook

log = structlog.get_logger(__name__)

SCHEDULER = "scheduler"
STATUS = "monitor"
MOST_PLANS = 2_000  #: watches whose next check is laid out; the dashboard's list is that long at most


class Memory:
    """Reads and writes the notebook's pages of the monitor."""

    def __init__(self, notebook: Notebook, about: Mapping[str, object]) -> None:
        self._notebook = notebook
        self._about = about  #: what stays the same: mode, pacing

    async def recall(self, scheduler: Scheduler, now_s: float) -> None:
        """Let the scheduler go on from what it had learnt; what cannot be read is left and said."""
        state = await self._notebook.read(SCHEDULER)
        if state is None:
            return
        try:
            scheduler.restore(state, now_s)
        except ValueError as error:
            log.warning("scheduler_state_not_usable", reason=str(error))

    async def remember(self, scheduler: Scheduler) -> None:
        await self._notebook.write(SCHEDULER, scheduler.save())

    async def lay_out(
        self,
        figures: Mapping[str, object],
        scheduler: Scheduler,
        keys: Iterable[Key],
        now_s: float,
        **more: object,
    ) -> None:
        """Write how it goes and when each product is looked at next, and why then."""
        document = {
            **self._about,
            "at": _time(now_s),
            "performance": figures,
            "plans": plans(scheduler, keys, now_s),
            **more,
        }
        await self._notebook.write(STATUS, document)


def plans(scheduler: Scheduler, keys: Iterable[Key], now_s: float) -> dict[str, dict[str, str]]:
    laid_out: dict[str, dict[str, str]] = {}
    for number, key in enumerate(keys):
        if number >= MOST_PLANS:
            break
        plan = scheduler.plan(key, now_s)
        laid_out[f"{key[0]}:{key[1]}"] = {"next_check": _time(plan.due_at_s), "why": plan.why}
    return laid_out


def _time(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds")
