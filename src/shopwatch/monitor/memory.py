"""What the monitor keeps over a restart, and what it lays out for the dashboard."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import structlog

from shopwatch.domain.stock import Key
from shopwatch.monitor.scheduler import Plan, Scheduler
from shopwatch.ports import Notebook

log = structlog.get_logger(__name__)

SCHEDULER = "scheduler"
STATUS = "monitor"
MOST_PLANS = 2_000  #: watches whose next check is laid out; the dashboard's list is that long at most
PLANS_TOGETHER = 20


class Memory:
    """Reads and writes the notebook's pages of the monitor."""

    def __init__(self, notebook: Notebook, about: Mapping[str, object]) -> None:
        self._notebook = notebook
        self._about = about  #: what stays the same: mode, pacing
        self._plans: dict[str, Plan] = {}
        self._next = -1

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

    def plan_some(self, scheduler: Scheduler, watches: Sequence[Key], now_s: float) -> None:
        """Ask when the next few products are looked at next. Reasons take time, and checks must not wait."""
        for _ in range(min(PLANS_TOGETHER, len(watches))):
            self._next = (self._next + 1) % len(watches)
            key = watches[self._next]
            self._plans[f"{key[0]}:{key[1]}"] = scheduler.plan(key, now_s)

    def forget_plans(self) -> None:
        self._plans = {}

    async def lay_out(self, figures: Mapping[str, object], now_s: float, **more: object) -> None:
        """Write how it goes and when each product is looked at next, and why then."""
        document = {
            **self._about,
            "at": _time(now_s),
            "performance": figures,
            "plans": {name: _told(plan, now_s) for name, plan in self._plans.items()},
            **more,
        }
        await self._notebook.write(STATUS, document)


def _told(plan: Plan, now_s: float) -> dict[str, str]:
    """Plans are asked for in turn: one whose time has passed meanwhile is due now, not some time ago."""
    if plan.due_at_s <= now_s:
        return {"next_check": _time(now_s), "why": f"due now: {plan.why}" if plan.why else "due now"}
    return {"next_check": _time(plan.due_at_s), "why": plan.why}


def _time(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds")
