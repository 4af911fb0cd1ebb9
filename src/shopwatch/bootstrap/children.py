"""The supervisor put together: which command, which environment, where output goes."""

from __future__ import annotations

import sys
from pathlib import Path

from shopwatch.bootstrap.core import Core
from shopwatch.supervisor.environment import child_environment
from shopwatch.supervisor.living import lose_orphans, sweep
from shopwatch.supervisor.supervisor import Supervisor


async def bury_dead(core: Core) -> None:
    """Mark what died without a word as lost, its run too, so that the run can be resumed at once."""
    living = await sweep(core.processes, core.runs, core.clock)
    await lose_orphans(core.runs, living, core.clock)


def supervisor_of(core: Core) -> Supervisor:
    """Starts and stops this installation's children; their output goes beside their logs."""

    def log_of(kind: str, name: str, run_id: str | None) -> Path:
        return core.paths.logs / f"{kind}-{name}.out"

    return Supervisor(
        command=[sys.executable, "-m", "shopwatch"],
        processes=core.processes,
        runs=core.runs,
        clock=core.clock,
        environment=lambda: child_environment(names=core.folder.variables()),
        log_of=log_of,
    )
