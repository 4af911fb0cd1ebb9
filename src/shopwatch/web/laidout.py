"""What the monitor laid out last, in the words of the API: it writes for itself, the pages read this."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

_OLD_S = 30.0  #: figures older than this are of a monitor that hangs or died


def performance_of(laid_out: Mapping[str, Any], now: datetime) -> dict[str, float | None] | None:
    """How quick it is, over the last minute; ``None`` when nobody knows."""
    figures = laid_out.get("performance")
    if not isinstance(figures, Mapping) or not figures or not _is_recent(laid_out, now):
        return None
    latency: Mapping[str, Any] = figures.get("latency_ms") or {}
    sweeps: Mapping[str, Any] = figures.get("sweep_s") or {}
    found = {
        "checks_per_second": figures.get("checks_per_s"),
        "p50_ms": latency.get("p50"),
        "p95_ms": latency.get("p95"),
        "p99_ms": latency.get("p99"),
        "sweep_seconds": max(sweeps.values(), default=None),
        "late": figures.get("late_checks"),
        "checks_last_minute": figures.get("checks"),
        "requests_last_minute": figures.get("requests"),
        "failed_last_minute": figures.get("failed_requests"),
        "passes": figures.get("passes"),
        "changes": figures.get("changes"),
    }
    return {name: _number(value) for name, value in found.items()}


def browser_of(laid_out: Mapping[str, Any]) -> dict[str, Any]:
    """The background sessions that confirm."""
    told = laid_out.get("browser")
    facts = dict(told) if isinstance(told, Mapping) else {}
    why, reason = facts.pop("why", ""), facts.pop("reason", "")
    reason = why or reason or ""  # the pool knows it better
    if not facts:
        reason = reason or "the monitor says nothing of a browser"
    return {"ready": bool(facts.pop("ready", False)), "reason": str(reason), "facts": facts}


def told_of(laid_out: Mapping[str, Any], name: str, *, since: datetime | None = None) -> list[str]:
    """A list that the monitor tells: settings that wait for its next start, or what it has refused.

    What was laid out before ``since``, the start of the process that runs, is another's.
    """
    at = written_at(laid_out)
    if since is not None and (at is None or at < since):
        return []
    told = laid_out.get(name)
    return [str(one) for one in told] if isinstance(told, list) else []


def written_at(laid_out: Mapping[str, Any]) -> datetime | None:
    try:
        return datetime.fromisoformat(str(laid_out.get("written_at") or laid_out.get("at")))
    except ValueError:
        return None


def _is_recent(laid_out: Mapping[str, Any], now: datetime) -> bool:
    at = written_at(laid_out)
    return at is not None and (now - at).total_seconds() < _OLD_S


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) else None
