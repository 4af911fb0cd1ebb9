"""Whether a process is still the one we started: its number alone may be somebody else's by now."""

from __future__ import annotations

import os
import signal
from collections.abc import Container, Iterable, Sequence
from contextlib import suppress
from pathlib import Path

import psutil

from shopwatch.domain.run import Run, RunState
from shopwatch.ports import Clock, Processes, ProcessRow, Runs

#: The start time is counted from the machine's boot, whose own time may be set by a second or two.
_SAME_START_S = 2.0
_START_TICKS = 19  #: field of /proc/<pid>/stat after the name: the start in ticks since the boot
#: A child needs no longer from its start to the begin of its run, seconds.
_PENDING_S = 60.0
_RECENT_RUNS = 200


def start_of(pid: int) -> float | None:
    """When a living process began, epoch seconds; ``None`` when it is dead or only waits to be reaped."""
    try:
        process = psutil.Process(pid)
        if process.status() == psutil.STATUS_ZOMBIE:
            return None
        return float(process.create_time())
    except psutil.NoSuchProcess:
        return None


def mark_of(pid: int) -> str:
    """What names a living process as long as the machine runs; "" where the system has no such thing.

    Its start as a time of day will not do: a clock that is set moves the start of all that live.
    """
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text("utf-8").strip()
        facts = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace")
    except OSError:
        return ""
    return f"{boot}.{facts.rpartition(')')[2].split()[_START_TICKS]}"


def is_alive(row: ProcessRow) -> bool:
    started_s = start_of(row.pid)
    if started_s is None:
        return False
    if row.mark and (mark := mark_of(row.pid)):
        return mark == row.mark
    return abs(started_s - row.started_s) < _SAME_START_S


def was_told(pid: int, arguments: Sequence[str]) -> bool:
    """Whether a process was started with these arguments, whatever stands before them."""
    try:
        words = psutil.Process(pid).cmdline()
    except psutil.Error:
        return False
    return words[len(words) - len(arguments) :] == list(arguments)


def leads_session(pid: int) -> bool:
    """Whether a process has a session of its own, as all have that a supervisor started."""
    try:
        return os.getsid(pid) == pid
    except ProcessLookupError:
        return False


def signal_group(pid: int, number: signal.Signals) -> None:
    """Signal a child and all it started, which are in the group it leads."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, number)


def signal_process(pid: int, number: signal.Signals) -> None:
    """Signal a process alone: one from a shell shares its group with whatever the shell runs beside it."""
    with suppress(ProcessLookupError, PermissionError):
        os.kill(pid, number)


async def enroll(
    processes: Processes, runs: Runs, clock: Clock, *, kind: str, name: str, run_id: str | None
) -> int:
    """Enter this very process, as one started from a shell must; what died without a word is cleared first.

    Raises:
        Conflict: one of that kind and name is running.
    """
    await sweep(processes, runs, clock)
    pid = os.getpid()
    mine = [row for row in await processes.live() if row.pid == pid and row.kind == kind and row.name == name]
    if mine:
        return mine[0].id  # our parent was quicker
    started_s = psutil.Process(pid).create_time()
    return await processes.add(kind, name, pid, started_s, run_id, mark=mark_of(pid))


async def sweep(
    processes: Processes, runs: Runs, clock: Clock, *, watched: Container[int] = ()
) -> list[ProcessRow]:
    """Mark as lost what is written as running and is dead, its run too; returns those that live.

    ``watched``: rows whose end somebody else waits for, and can say more of.
    """
    living: list[ProcessRow] = []
    for row in await processes.live():
        if row.id in watched or is_alive(row):
            living.append(row)
        else:
            await bury(row, processes, runs, clock, state="lost", reason="its process died without a word")
    return living


async def bury(
    row: ProcessRow,
    processes: Processes,
    runs: Runs,
    clock: Clock,
    *,
    state: str,
    reason: str,
    after: RunState = RunState.LOST,
) -> None:
    """Write down that a child is dead. A run it left under way can be resumed."""
    await processes.end(row.id, state)
    if row.run_id is not None:
        before = (RunState.PENDING, RunState.RUNNING)
        await runs.move(row.run_id, before, after, now=clock.now(), message=reason)


async def lose_orphans(runs: Runs, living: Iterable[ProcessRow], clock: Clock) -> list[str]:
    """Runs under way whose process was never written down and is dead: lost as well. Returns their ids."""
    held = {row.run_id for row in living}
    lost: list[str] = []
    for run in await runs.list(limit=_RECENT_RUNS):
        if run.run_id in held or not _is_orphan(run, clock):
            continue
        message = "its process died without a word"
        if await runs.move(run.run_id, (run.state,), RunState.LOST, now=clock.now(), message=message):
            lost.append(run.run_id)
    return lost


def _is_orphan(run: Run, clock: Clock) -> bool:
    if run.state.is_over:
        return False
    if run.pid is None:  # made, and then nobody came to crawl it
        return (clock.now() - run.started_at).total_seconds() > _PENDING_S
    return start_of(run.pid) is None  # a living one may be another's: rather wait
