"""Our own processes, so that a live one is told from a dead one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

DASHBOARD = "dashboard"  #: the kind of what serves and supervises: written down, and nobody's child


@dataclass(frozen=True, kw_only=True, slots=True)
class ProcessRow:
    """A child of ours, or who starts them: pid and mark say whether a live process is still that one."""

    id: int
    kind: str  #: "monitor", "crawl" or ``DASHBOARD``
    name: str  #: retailer of a crawl, "monitor" of the monitor
    pid: int
    started_s: float  #: the operating system's process start, epoch seconds
    run_id: str | None
    state: str  #: running, exited, lost, killed
    mark: str = ""  #: the same as long as it lives, whatever the clock says; "": only its start time is known


class Processes(Protocol):
    async def add(
        self, kind: str, name: str, pid: int, started_s: float, run_id: str | None, *, mark: str = ""
    ) -> int:
        """Raises ``Conflict`` when one of that kind and name is running: the database decides."""

    async def live(self) -> list[ProcessRow]: ...

    async def end(self, row_id: int, state: str) -> None: ...
