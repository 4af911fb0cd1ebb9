"""One crawl of one retailer: its states, phases and metadata."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum


class RunState(StrEnum):
    PENDING = "pending"
    RUNNING = "running"
    COMPLETE = "complete"
    HELD = "held"  #: finished, but the gate keeps it from being published
    STOPPED = "stopped"  #: on request; can be resumed
    FAILED = "failed"
    LOST = "lost"  #: its process died without a word; can be resumed

    @property
    def is_over(self) -> bool:
        return self not in (RunState.PENDING, RunState.RUNNING)

    @property
    def can_resume(self) -> bool:
        return self in (RunState.STOPPED, RunState.FAILED, RunState.LOST)


@dataclass(frozen=True, kw_only=True, slots=True)
class RunOptions:
    """How a run was asked for; the mission's ``config`` of a run."""

    resume: bool = False
    incremental: bool = False
    limit: int | None = None  #: stores, at most
    proxy_mode: str = "direct"
    test: bool = False  #: a few pages of each phase, nothing published
    retry_failed: bool = False  #: only the failed requests of the last run


@dataclass(frozen=True, kw_only=True, slots=True)
class PhaseProgress:
    name: str
    total: int = 0
    completed: int = 0
    failed: int = 0

    @property
    def state(self) -> str:
        if self.total == 0:
            return "pending"
        return "complete" if self.completed + self.failed >= self.total else "in_progress"


@dataclass(frozen=True, kw_only=True, slots=True)
class RunError:
    at: datetime
    error_class: str
    message: str
    url: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Run:
    """A run as its row and its frontier tell it."""

    run_id: str
    retailer: str
    state: RunState
    options: RunOptions = field(default_factory=RunOptions)
    started_at: datetime
    completed_at: datetime | None = None
    published_at: datetime | None = None
    stores: int = 0
    duplicates: int = 0  #: stores named more than once
    requests: int = 0
    errors: int = 0
    phases: tuple[PhaseProgress, ...] = ()
    errors_by_class: Mapping[str, int] = field(default_factory=dict)
    last_errors: tuple[RunError, ...] = ()
    gate_reasons: tuple[str, ...] = ()
    message: str = ""
    pid: int | None = None

    def duration_s(self, now: datetime) -> float:
        return max(0.0, ((self.completed_at or now) - self.started_at).total_seconds())


def run_id_of(retailer: str, at: datetime) -> str:
    """``att_20260117_044500``: readable, sortable, made unique by the database if need be."""
    return f"{retailer}_{at.astimezone(UTC):%Y%m%d_%H%M%S}"
