"""The supervisor put together: which command, which environment, where output goes."""

from __future__ import annotations

import sys
from pathlib import Path

from shopwatch.bootstrap.core import Core
from shopwatch.supervisor.environment import child_environment
from shopwatch.supervisor.supervisor import Supervisor


def supervisor_of(core: Core) -> Supervisor:
    """Starts and stops this installation's children; their output goes beside their logs."""

    def log_of(kind: str, name: str, run_id: str | None) -> Path:
        return core.paths.logs / f"{kind}-{name}.out"

    return Supervisor(
        command=[sys.executable, "-m", "shopwatch"],
        processes=core.processes,
        runs=core.runs,
        clock=core.clock,
        environment=child_environment(names=core.folder.variables()),
        log_of=log_of,
    )
