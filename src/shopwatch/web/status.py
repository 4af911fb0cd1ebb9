"""The status document of the mission: every retailer's run, phases and progress, and the sums over all."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from shopwatch.bootstrap.core import Core
from shopwatch.config.settings import Settings
from shopwatch.domain.retailer import Retailer
from shopwatch.domain.run import Run, RunState
from shopwatch.locator.progress import run_document, stamp
from shopwatch.retailers.registry import DIRECTORIES

_AGE_S = 1.0
_DAY = timedelta(days=1)
_UNDER_WAY = (RunState.PENDING, RunState.RUNNING)


@dataclass(frozen=True, kw_only=True, slots=True)
class LastGood:
    """The published set of a retailer."""

    run_id: str
    published_at: datetime
    stores: int


class StatusBoard:
    """The status of all, read again when something has happened, or once a second: durations grow."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._read: tuple[object, float, dict[str, Any]] | None = None
        self._one_at_a_time = asyncio.Lock()

    async def all(self) -> dict[str, Any]:
        """Pages that ask at the same moment share one reading."""
        async with self._one_at_a_time:
            now_s = self._core.clock.monotonic()
            seen = (await self._core.events.last_id(), self._core.loaded)
            if self._read is None or self._read[0] != seen or now_s - self._read[1] > _AGE_S:
                self._read = seen, now_s, await status_of_all(self._core)
            return self._read[2]


async def status_of_all(core: Core) -> dict[str, Any]:
    """``GET /api/status``."""
    now = core.clock.now()
    counts = await core.stores.counts()
    retailers: dict[str, Any] = {}
    runs: dict[str, Run | None] = {}
    for retailer in DIRECTORIES.values():
        runs[retailer.id] = await core.runs.latest(retailer.id)
        retailers[retailer.id] = await _status(core, retailer, runs[retailer.id], counts, now)
    return {"global": sums_of(retailers, runs, counts, now), "retailers": retailers}


async def status_of(core: Core, retailer: Retailer) -> dict[str, Any]:
    """``GET /api/status/{retailer}``."""
    run = await core.runs.latest(retailer.id)
    return await _status(core, retailer, run, await core.stores.counts(), core.clock.now())


async def _status(
    core: Core, retailer: Retailer, run: Run | None, counts: Mapping[str, int], now: datetime
) -> dict[str, Any]:
    age = await core.stores.age(retailer.id)
    good = age and LastGood(run_id=age[0], published_at=age[1], stores=counts.get(retailer.id, 0))
    return status_document(retailer, run, good, core.settings, now)


def status_document(
    retailer: Retailer, run: Run | None, good: LastGood | None, settings: Settings, now: datetime
) -> dict[str, Any]:
    """One retailer's status: its section of the settings, its latest run, its last good set."""
    section = settings.retailer(retailer.id)
    names = [phase.name for phase in retailer.locator.phases]
    document = run_document(run, now, phase_names=names) if run else {}
    under_way = run is not None and run.state in _UNDER_WAY
    return {
        "id": retailer.id,
        "name": retailer.name,
        "color": retailer.color,
        "enabled": section.enabled,
        "status": _word(run, enabled=section.enabled),
        "current_run": run.run_id if run and under_way else None,
        "last_run": run.run_id if run and not under_way else None,
        "progress": document.get("progress", 0.0),
        "stats": document.get("stats", _NO_STATS),
        "phases": document.get("phases") or dict.fromkeys(names, _NO_PHASE),
        "phase_order": names,
        "started_at": document.get("started_at"),
        "completed_at": document.get("completed_at"),
        "pages_per_second": _pages_per_second(run, now) if run and under_way else None,
        "eta_seconds": _eta_s(run, now) if run and under_way else None,
        "message": document.get("message", ""),
        "gate_reasons": document.get("gate_reasons", []),
        "errors_by_class": document.get("errors_by_class", {}),
        "can_resume": bool(run and run.state.can_resume),
        "last_good": good and _good(good, now),
        "schedule": section.schedule,
    }


_NO_STATS = {"stores_scraped": 0, "requests_made": 0, "errors": 0, "duration_seconds": 0}
_NO_PHASE = {"total": 0, "completed": 0, "status": "pending", "failed": 0}


def _word(run: Run | None, *, enabled: bool) -> str:
    if run is not None and run.state in _UNDER_WAY:
        return str(run.state)
    if not enabled:
        return "disabled"
    return str(run.state) if run else "pending"


def _good(good: LastGood, now: datetime) -> dict[str, Any]:
    return {
        "run_id": good.run_id,
        "published_at": stamp(good.published_at),
        "stores": good.stores,
        "age_seconds": round((now - good.published_at).total_seconds()),
    }


def _pages_per_second(run: Run, now: datetime) -> float | None:
    """Over the whole run: the events carry the rate of the last half minute."""
    seconds = run.duration_s(now)
    return round(run.requests / seconds, 2) if seconds > 1 else None


def _eta_s(run: Run, now: datetime) -> int | None:
    rate = _pages_per_second(run, now)
    last = run.phases[-1] if run.phases else None
    if not rate or last is None or not last.total:
        return None
    left = sum(phase.total - phase.completed - phase.failed for phase in run.phases)
    return round(left / rate)


def _stores_today(run: Run | None, good: Mapping[str, Any] | None, now: datetime) -> int:
    """Stores read within a day: of the latest run, or of the set published, if a run after it was stopped."""
    read = run.stores if run and (run.completed_at or now) > now - _DAY else 0
    published = good["stores"] if good and good["age_seconds"] < _DAY.total_seconds() else 0
    return max(read, published)


def sums_of(
    retailers: Mapping[str, Any], runs: Mapping[str, Run | None], counts: Mapping[str, int], now: datetime
) -> dict[str, Any]:
    active = [
        one for one in retailers.values() if one["status"] in ("running", "pending") and one["current_run"]
    ]
    counted = [
        one for one in retailers.values() if one["enabled"] and (one["current_run"] or one["last_run"])
    ]
    today = sum(_stores_today(runs[name], one["last_good"], now) for name, one in retailers.items())
    etas = [one["eta_seconds"] for one in active if one["eta_seconds"] is not None]
    return {
        "active_scrapers": len(active),
        "active_retailers": sum(one["enabled"] for one in retailers.values()),
        "total_stores": sum(counts.values()),
        "total_stores_today": today,
        "overall_progress": round(sum(one["progress"] for one in counted) / len(counted), 1)
        if counted
        else 0.0,
        "eta_seconds": max(etas) if etas else None,
        "as_of": stamp(now),
    }
