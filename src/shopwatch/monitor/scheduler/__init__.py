"""What to check next, and why: pure, told the time, without a clock of its own."""

from shopwatch.monitor.scheduler.adaptive import AdaptiveScheduler
from shopwatch.monitor.scheduler.fixed import FixedScheduler
from shopwatch.monitor.scheduler.interface import (
    Assignment,
    Batch,
    HostLimits,
    Key,
    Outcome,
    Plan,
    Scheduler,
)

__all__ = [
    "AdaptiveScheduler",
    "Assignment",
    "Batch",
    "FixedScheduler",
    "HostLimits",
    "Key",
    "Outcome",
    "Plan",
    "Scheduler",
]
