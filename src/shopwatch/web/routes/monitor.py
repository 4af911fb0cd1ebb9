"""The monitor: how it goes, start, stop, restart, reload; and the health of each retailer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from fastapi import APIRouter

from shopwatch.bootstrap.core import retailer_of
from shopwatch.bootstrap.pausing import end_pause
from shopwatch.config.section import Section
from shopwatch.domain.errors import Conflict
from shopwatch.domain.health import Health, Pause
from shopwatch.ports import ProcessRow
from shopwatch.web.answer import Json
from shopwatch.web.documents import stamp
from shopwatch.web.errors import RESPONSES
from shopwatch.web.exact import Flag
from shopwatch.web.laidout import browser_of, performance_of, told_of, written_at
from shopwatch.web.openapi import answers, sent_as
from shopwatch.web.services import Given, Services
from shopwatch.web.shapes.operating import MonitorDocument
from shopwatch.web.shapes.words import Done

router = APIRouter(prefix="/api/monitor", tags=["monitor"], responses=RESPONSES)
_MONITOR = "monitor"


class MonitorStart(Section):
    """``live`` lets watches with ``auto_purchase`` be bought, within the limits of ``safety``."""

    model_config = sent_as(live=False, pacing="adaptive")
    live: Flag = False
    pacing: Literal["adaptive", "fixed"] | None = None


class Unpause(Section):
    """``retailer``: the one whose site you have looked at."""

    model_config = sent_as(retailer="target")
    retailer: str


class Nothing(Section):
    """An empty body, or none."""


_AS_CONFIGURED, _NOTHING = MonitorStart(), Nothing()  #: what a request without a body asks for


@router.get("", responses=answers(MonitorDocument))
async def monitor(services: Given) -> Json:
    """Whether it runs, in which mode, how quick it is, and every retailer's health."""
    core, book = services.core, services.book
    await book.fresh()
    row = await _running(services)
    laid_out = book.monitor if row else {}
    since = datetime.fromtimestamp(row.started_s, UTC) if row else None
    safety = core.settings.shopwatch.safety
    document = {
        "running": row is not None,
        "pid": row.pid if row else None,
        "since": stamp(since),
        "mode": str(laid_out.get("mode", "test")),
        "test_mode": safety.test_mode,
        "pacing": str(laid_out.get("pacing") or core.settings.shopwatch.monitor.pacing),
        "restart_needed": told_of(laid_out, "restart_needed", since=since),
        "config_refused": core.refused or told_of(laid_out, "config_refused", since=since),
        "emergency_stop": services.emergency_stop.is_on(),
        "watches": len(book.watches),
        "enabled": sum(watch.enabled for watch in book.watches.values()),
        "performance": performance_of(laid_out, core.clock.now()),
        "performance_target_time": core.settings.shopwatch.monitor.performance_target_time,
        "browser": browser_of(laid_out),
        "hosts": services.client.facts()["hosts"],
        "retailers": await _retailers(services, laid_out),
        "dashboard": core.settings.shopwatch.dashboard.model_dump(include={"refresh_interval", "theme"}),
    }
    return Json(document, volatile={"written_at": stamp(written_at(laid_out))})


@router.post("/start", status_code=202, responses=answers(Done, status=202))
async def start(services: Given, body: MonitorStart = _AS_CONFIGURED) -> Json:
    """Start the monitor and keep it running; 409 if it runs."""
    if await _running(services):
        raise Conflict("the monitor runs already")
    _refuse_live(services, live=body.live)
    return await _start(services, live=body.live, pacing=body.pacing or "")


@router.post("/stop", status_code=202, responses=answers(Done, status=202))
async def stop(services: Given, _body: Nothing = _NOTHING) -> Json:
    """Ask the monitor to stop; answers at once. 409 if it does not run."""
    if not await services.children.stop(_MONITOR):
        raise Conflict("the monitor does not run")
    await services.core.events.publish("process", {"kind": _MONITOR, "name": _MONITOR, "state": "stopping"})
    return Json({"status": "stopped", "message": "The monitor is stopping"}, status_code=202)


@router.post("/restart", status_code=202, responses=answers(Done, status=202))
async def restart(services: Given, _body: Nothing = _NOTHING) -> Json:
    """Stop the monitor, wait for its end and start it again in the same mode. 409 if it does not run."""
    await services.book.fresh()
    laid_out = services.book.monitor
    live = laid_out.get("mode") == "live"
    _refuse_live(services, live=live)
    if not await services.children.stop(_MONITOR):
        raise Conflict("the monitor does not run")
    await services.core.events.publish("process", {"kind": _MONITOR, "name": _MONITOR, "state": "stopping"})
    await services.children.ended(_MONITOR)
    return await _start(services, live=live, pacing=_wished_pacing(services, laid_out))


@router.post("/unpause", responses=answers(Done))
async def unpause(body: Unpause, services: Given) -> Json:
    """End a retailer's pause: you have looked, and its site let you in. 409 if it is not paused."""
    retailer = retailer_of(body.retailer)
    core = services.core
    await end_pause(core.pauses, retailer.id, now=core.clock.now())
    await services.client.clear(retailer.id)
    message = f"{retailer.name} is no longer paused: it is asked again within ten seconds"
    return Json({"status": "unpaused", "message": message})


@router.post("/reload", responses=answers(Done))
async def reload(services: Given, _body: Nothing = _NOTHING) -> Json:
    """Read the configuration again; 422 with every problem if it cannot be used, the old one then stays.

    The monitor follows the files by itself and takes the same change over within a second.
    """
    await services.reload()
    loaded = services.core.loaded
    await services.core.events.publish("config", {"ok": True, "file": loaded.products_file, "errors": []})
    count = len(loaded.settings.shopwatch.products)
    message = f"The configuration is valid: {count} products on the list"
    return Json({"status": "reloaded", "message": message})


def _refuse_live(services: Services, *, live: bool) -> None:
    if live and services.core.settings.shopwatch.safety.test_mode:
        raise Conflict("safety.test_mode is on: turn it off before the monitor may buy")


def _wished_pacing(services: Services, laid_out: Mapping[str, Any]) -> str:
    """What it was started with, where that is not the configuration's; else "": as configured now."""
    pacing = str(laid_out.get("pacing") or "")
    is_asked = "pacing" not in told_of(laid_out, "restart_needed")
    return pacing if is_asked and pacing != services.core.settings.shopwatch.monitor.pacing else ""


async def _start(services: Services, *, live: bool, pacing: str) -> Json:
    await services.children.keep(_MONITOR, _MONITOR, services.monitor_words(live, pacing))
    await services.core.events.publish("process", {"kind": _MONITOR, "name": _MONITOR, "state": "running"})
    mode = "live: it may buy" if live else "test mode: it buys nothing"
    return Json({"status": "started", "message": f"The monitor has started, {mode}"}, status_code=202)


async def _running(services: Services) -> ProcessRow | None:
    return next((row for row in await services.children.live() if row.kind == _MONITOR), None)


async def _retailers(services: Services, laid_out: Mapping[str, Any]) -> dict[str, Any]:
    """The health of each retailer that is watched or has a state."""
    core, book = services.core, services.book
    health = await core.health.current()
    now = core.clock.now()
    pauses = {pause.name: pause for pause in await core.pauses.load(now)}
    counts = Counter(watch.retailer for watch in book.watches.values())
    told: Mapping[str, Any] = laid_out.get("retailers") or {}
    names = sorted({*counts, *health, *pauses})
    found: dict[str, Any] = {}
    for name in names:
        looks = await core.history.minutes(name, now - timedelta(hours=1))
        found[name] = _retailer(
            counts[name], health.get(name), pauses.get(name), told.get(name) or {}, now
        ) | {
            "checks_last_hour": sum(one.checks for one in looks),
            "unknowns_last_hour": sum(one.unknowns for one in looks),
        }
    return found


def _retailer(
    count: int, health: Health | None, pause: Pause | None, told: Mapping[str, Any], now: datetime
) -> dict[str, Any]:
    paused = pause if pause is not None and pause.until > now else None
    return {
        "state": health.state.value if health else "unknown",
        "since": stamp(health.since) if health else None,
        "reason": health.reason if health else "",
        "watches": count,
        "stretch": told.get("stretch"),
        "requests_per_second": told.get("requests_per_second"),
        "paused_until": stamp(paused.until) if paused else None,
        "pause_reason": paused.reason if paused else "",
    }
