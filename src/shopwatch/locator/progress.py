"""How far a run is, how quick and how long still; and its metadata in the mission's shape."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import msgspec

from shopwatch.config.replacing import replace_file
from shopwatch.domain.run import PhaseProgress, Run, RunState
from shopwatch.locator.files import RunFiles

#: Share of the way that the phases before the last are taken for while nobody knows how many pages there are.
_DISCOVERY_SHARE = 0.1
#: A rate needs to look back so far, seconds.
_WINDOW_S = 30.0
_PERCENT = 100.0


class Rate:
    """Pages per second over the last half minute. It is told the time."""

    def __init__(self, *, window_s: float = _WINDOW_S) -> None:
        self._window_s = window_s
        self._marks: deque[tuple[float, int]] = deque()  #: (seconds, pages so far)

    def mark(self, now_s: float, pages: int) -> None:
        self._marks.append((now_s, pages))
        while now_s - self._marks[0][0] > self._window_s and now_s - self._marks[1][0] >= self._window_s:
            self._marks.popleft()

    @property
    def per_s(self) -> float | None:
        """``None`` until two marks lie apart."""
        if not self._marks:
            return None
        (begin, before), (end, after) = self._marks[0], self._marks[-1]
        return (after - before) / (end - begin) if end > begin else None


def with_all_phases(phases: Sequence[PhaseProgress], names: Sequence[str]) -> tuple[PhaseProgress, ...]:
    """Every phase of the retailer in its order, those not begun as well."""
    begun = {phase.name: phase for phase in phases}
    return tuple(begun.get(name, PhaseProgress(name=name)) for name in names) or tuple(phases)


def percent(phases: Sequence[PhaseProgress], expected: Mapping[str, int] | None = None) -> float:
    """The whole run's progress, 0 to 100.

    ``expected`` is the number of pages of each phase in the last run; without it the last phase is most of
    the way. A phase weighs what is known of it, so the percentage does not fall when the next one begins.
    """
    if not phases:
        return 0.0
    weights = _weights(phases, expected or {})
    done = sum(
        weight * min(1.0, (phase.completed + phase.failed) / phase.total)
        for weight, phase in zip(weights, phases, strict=True)
        if phase.total
    )
    return round(_PERCENT * done / sum(weights), 1)


def eta_s(
    phases: Sequence[PhaseProgress], per_s: float | None, expected: Mapping[str, int] | None = None
) -> float | None:
    """Seconds still to go; ``None`` while the last phase's length is unknown or nothing moves."""
    if not phases or not per_s:
        return None
    totals = [phase.total or (expected or {}).get(phase.name, 0) for phase in phases]
    if not totals[-1]:
        return None
    done = sum(phase.completed + phase.failed for phase in phases)
    return max(0.0, sum(totals) - done) / per_s


def run_document(
    run: Run,
    now: datetime,
    *,
    phase_names: Sequence[str] = (),
    per_s: float | None = None,
    expected: Mapping[str, int] | None = None,
) -> dict[str, Any]:
    """The run's metadata exactly as the mission draws it, and beside it what else is known."""
    phases = with_all_phases(run.phases, phase_names)
    is_over = run.state.is_over
    return {
        "run_id": run.run_id,
        "retailer": run.retailer,
        "status": str(run.state),
        "started_at": stamp(run.started_at),
        "completed_at": stamp(run.completed_at) if run.completed_at else None,
        "config": _config(run),
        "stats": {
            "stores_scraped": run.stores,
            "requests_made": run.requests,
            "errors": run.errors,
            "duration_seconds": round(run.duration_s(now)),
        },
        "phases": {phase.name: _phase(phase) for phase in phases},
        "errors": [
            {
                "timestamp": stamp(error.at),
                "message": error.message,
                "url": error.url,
                "class": error.error_class,
            }
            for error in run.last_errors
        ],
        "progress": _PERCENT if _is_done(run) else percent(phases, expected),
        "pages_per_second": None if is_over or per_s is None else round(per_s, 2),
        "eta_seconds": None if is_over else _rounded(eta_s(phases, per_s, expected)),
        "errors_by_class": dict(run.errors_by_class),
        "gate_reasons": list(run.gate_reasons),
        "message": run.message,
    }


def write_run_document(files: RunFiles, document: Mapping[str, Any]) -> None:
    text = msgspec.json.format(msgspec.json.encode(document), indent=2) + b"\n"
    replace_file(files.document(document["run_id"]), text)


@lru_cache(maxsize=1_024)  # the stores of a set share a few moments
def stamp(at: datetime) -> str:
    """``2026-01-17T04:45:00Z``."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _is_done(run: Run) -> bool:
    return run.state in (RunState.COMPLETE, RunState.HELD)


def _weights(phases: Sequence[PhaseProgress], expected: Mapping[str, int]) -> list[float]:
    if all(expected.get(phase.name) for phase in phases):
        return [float(max(phase.total, expected[phase.name])) for phase in phases]
    before = len(phases) - 1
    if not before:
        return [1.0]
    return [_DISCOVERY_SHARE / before] * before + [1.0 - _DISCOVERY_SHARE]


def _config(run: Run) -> dict[str, Any]:
    options = run.options
    return {
        "resume": options.resume,
        "incremental": options.incremental,
        "limit": options.limit,
        "proxy_mode": options.proxy_mode,
        "test": options.test,
        "retry_failed": options.retry_failed,
    }


def _phase(phase: PhaseProgress) -> dict[str, Any]:
    return {
        "total": phase.total,
        "completed": phase.completed,
        "status": phase.state,
        "failed": phase.failed,
    }


def _rounded(seconds: float | None) -> int | None:
    return None if seconds is None else round(seconds)
