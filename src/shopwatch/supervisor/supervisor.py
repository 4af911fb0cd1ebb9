"""Starts, adopts, stops and reaps the children; a monitor that crashes comes back, slower each time."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Coroutine, Mapping, Sequence
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Self

import structlog

from shopwatch.domain.errors import Conflict, ShopwatchError
from shopwatch.domain.run import RunState
from shopwatch.ports import DASHBOARD, Clock, Processes, ProcessRow, Runs
from shopwatch.supervisor.child import Child, Process, execute
from shopwatch.supervisor.living import (
    bury,
    leads_session,
    lose_orphans,
    mark_of,
    signal_group,
    start_of,
    sweep,
    was_told,
)

log = structlog.get_logger("supervisor")

LogOf = Callable[[str, str, str | None], Path | None]  #: (kind, name, run id): where its output goes


@dataclass(frozen=True, kw_only=True, slots=True)
class Patience:
    """How long the supervisor waits, seconds."""

    deadline_s: float = 10.0  #: from TERM to KILL
    restart_s: float = 1.0  #: before a crashed child comes back; doubles
    longest_restart_s: float = 60.0
    healthy_s: float = 600.0  #: a life so long makes the next restart quick again

    def before_restart_s(self, crashes: int) -> float:
        return min(self.longest_restart_s, self.restart_s * 2.0 ** min(crashes, 40))


@dataclass(slots=True)
class _Kept:
    """What is started again when it crashes."""

    kind: str
    arguments: list[str]
    crashes: int = 0  #: in a row
    dropped: asyncio.Event = field(default_factory=asyncio.Event)  #: it is kept no longer


class Supervisor:
    """Children outlive it: use it in ``async with``, and the next one adopts those that live.

    One child of a kind and name at a time: the database decides. A stop answers at once; the end is waited
    for in the background, and whatever the child started ends with it.
    """

    def __init__(
        self,
        *,
        command: Sequence[str],
        processes: Processes,
        runs: Runs,
        clock: Clock,
        environment: Callable[[], Mapping[str, str]],
        log_of: LogOf = lambda *_: None,
        patience: Patience | None = None,
    ) -> None:
        self._command = tuple(command)  #: stands before the arguments of every child
        self._processes = processes
        self._runs = runs
        self._clock = clock
        #: As it is when a child starts: its configuration may name more by then.
        self._environment = environment
        self._log_of = log_of
        self._patience = patience or Patience()
        self._children: dict[int, Child] = {}  #: by row id
        self._kept: dict[str, _Kept] = {}  #: by name
        self._changing = asyncio.Lock()
        self._leaving = asyncio.Event()
        self._watches: set[asyncio.Task[None]] = set()
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        self._tasks = await self._stack.enter_async_context(asyncio.TaskGroup())
        await self.adopt()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop watching. The children live on."""
        self._leaving.set()
        for task in self._watches:
            task.cancel()
        for child in self._children.values():
            child.let_go()
        await self._stack.__aexit__(kind, error, trace)

    async def adopt(self) -> list[ProcessRow]:
        """Take over what lives of an earlier supervisor or a shell; what died is lost, its run too."""
        async with self._changing:
            living = await sweep(self._processes, self._runs, self._clock, watched=self._children)
            for run_id in await lose_orphans(self._runs, living, self._clock):
                log.warning("run_lost", run_id=run_id)
            for row in living:
                if row.id not in self._children and row.kind != DASHBOARD:
                    log.info("child_adopted", kind=row.kind, name=row.name, pid=row.pid)
                    self._watch(row, None, self._log_of(row.kind, row.name, row.run_id))
            return [row for row in living if row.kind != DASHBOARD]

    async def start(self, kind: str, name: str, arguments: list[str], run_id: str | None = None) -> None:
        """Start a child.

        Raises:
            Conflict: it runs already.
            Unusable: it cannot be started.
        """
        await self.adopt()
        async with self._changing:
            await self._start(kind, name, arguments, run_id)

    async def keep(self, kind: str, name: str, arguments: list[str]) -> None:
        """See that a child runs, adopted or started, and whenever it crashes runs again, until ``stop``.

        One of an earlier supervisor that was told otherwise ends first: a monitor that may buy must not go on
        under one that may not, nor come back from a crash. One from a shell is somebody's wish and stays.
        """
        self._drop(name)
        await self.adopt()
        for child in self._named(name):
            if child.leads and not was_told(child.row.pid, arguments):
                self._ask(child)
                await child.ended.wait()
        async with self._changing:
            self._kept[name] = _Kept(kind, arguments)
            if not self._named(name):
                await self._start(kind, name, arguments, None)

    async def stop(self, name: str) -> bool:
        """Ask the children of that name to end; answers at once. ``False``: nothing of that name runs.

        Asked again it tells them again, which a child may take as a reason to hurry.
        """
        await self.adopt()
        was_kept = self._drop(name)
        children = self._named(name)
        for child in children:
            self._ask(child)
        return bool(children) or was_kept

    async def stop_all(self) -> None:
        """End every child and wait for it."""
        children = list(self._children.values())
        for name in {*self._kept, *(child.row.name for child in children)}:
            await self.stop(name)
        for child in children:
            await child.ended.wait()

    async def ended(self, name: str) -> None:
        """Return when the children of that name, as they are now, have ended and that is written down."""
        for child in self._named(name):
            await child.ended.wait()

    async def live(self) -> list[ProcessRow]:
        """What runs, as the database has it: ourselves apart."""
        return [row for row in await self._processes.live() if row.kind != DASHBOARD]

    async def _start(self, kind: str, name: str, arguments: Sequence[str], run_id: str | None) -> None:
        if any(row.kind == kind and row.name == name for row in await self._processes.live()):
            raise Conflict(f"{kind} {name} runs already" if kind != name else f"the {name} runs already")
        path = self._log_of(kind, name, run_id)
        process = execute([*self._command, *arguments], self._environment(), path)
        row = await self._enter(kind, name, process, run_id)
        self._watch(row, process, path)
        log.info("child_started", kind=kind, name=name, pid=process.pid, run_id=run_id)

    async def _enter(self, kind: str, name: str, process: Process, run_id: str | None) -> ProcessRow:
        """Write the child down. Of two supervisors the database lets one; the other's child must go."""
        started_s = start_of(process.pid) or self._clock.now().timestamp()
        mark = mark_of(process.pid)
        try:
            row_id = await self._processes.add(kind, name, process.pid, started_s, run_id, mark=mark)
        except BaseException as error:
            own = await self._own_entry(process.pid) if isinstance(error, Conflict) else None
            if own is not None:
                return own
            signal_group(process.pid, signal.SIGKILL)
            process.wait()
            raise
        return ProcessRow(
            id=row_id,
            kind=kind,
            name=name,
            pid=process.pid,
            started_s=started_s,
            run_id=run_id,
            state="running",
            mark=mark,
        )

    async def _own_entry(self, pid: int) -> ProcessRow | None:
        """The child may have entered itself before us."""
        return next((row for row in await self._processes.live() if row.pid == pid), None)

    def _watch(self, row: ProcessRow, process: Process | None, path: Path | None) -> None:
        child = Child(
            row=row,
            born_s=self._clock.monotonic(),
            process=process,
            log=path,
            leads=process is not None or leads_session(row.pid),
        )
        self._children[row.id] = child
        self._begin(self._see_off(child), f"{row.kind} {row.name}")

    def _begin(self, work: Coroutine[None, None, None], name: str) -> None:
        task = self._tasks.create_task(work, name=name)
        self._watches.add(task)
        task.add_done_callback(self._watches.discard)

    async def _see_off(self, child: Child) -> None:
        """Wait for the end, write it down, and start again what is kept."""
        code = await child.end()
        row, how = child.row, _ending(child, code)
        state = "killed" if child.is_killed or code == -signal.SIGKILL else "exited"
        after = RunState.STOPPED if child.is_asked else RunState.LOST
        try:
            await bury(row, self._processes, self._runs, self._clock, state=state, after=after, reason=how)
        except ShopwatchError as error:  # a full disk: it has ended all the same
            log.warning("child_end_not_written", kind=row.kind, name=row.name, reason=str(error))
            self._begin(self._write_later(), f"end of {row.name}")
        del self._children[row.id]
        child.ended.set()
        tell = log.info if child.is_asked or not code else log.warning
        tell("child_ended", kind=row.kind, name=row.name, pid=row.pid, code=code, how=how)
        kept = self._kept.get(row.name)
        if kept is not None and not child.is_asked and code != 0:
            await self._restart(row.name, kept, lived_s=self._clock.monotonic() - child.born_s)

    async def _write_later(self) -> None:
        """Look for the dead until that can be written: before the next start or stop nobody else would."""
        for tries in count():
            if await _happens(self._leaving, within_s=self._patience.before_restart_s(tries)):
                return
            with suppress(ShopwatchError):
                await self.adopt()
                return

    async def _restart(self, name: str, kept: _Kept, *, lived_s: float) -> None:
        kept.crashes = 0 if lived_s >= self._patience.healthy_s else kept.crashes
        while True:
            wait_s = self._patience.before_restart_s(kept.crashes)
            kept.crashes += 1
            log.warning("child_restarts", name=name, wait_s=wait_s, crashes=kept.crashes)
            if await _happens(kept.dropped, within_s=wait_s):
                return
            try:
                await self.adopt()
                async with self._changing:
                    if not kept.dropped.is_set() and not self._named(name):  # while it waited for its turn
                        await self._start(kept.kind, name, kept.arguments, None)
            except ShopwatchError as error:
                log.warning("child_not_restarted", name=name, reason=str(error))
            else:
                return

    def _drop(self, name: str) -> bool:
        """Keep it no longer: a restart that waits does not come. ``False``: it was not kept."""
        kept = self._kept.pop(name, None)
        if kept is not None:
            kept.dropped.set()
        return kept is not None

    def _named(self, name: str) -> list[Child]:
        return [child for child in self._children.values() if child.row.name == name]

    def _ask(self, child: Child) -> None:
        child.signal(signal.SIGTERM)
        if not child.is_asked:
            child.is_asked = True
            log.info("child_stop_asked", kind=child.row.kind, name=child.row.name, pid=child.row.pid)
            self._begin(self._insist(child), f"stop {child.row.name}")

    async def _insist(self, child: Child) -> None:
        if not await _happens(child.ended, within_s=self._patience.deadline_s):
            child.is_killed = True
            log.warning("child_killed", kind=child.row.kind, name=child.row.name, pid=child.row.pid)
            child.signal(signal.SIGKILL)


async def _happens(event: asyncio.Event, *, within_s: float) -> bool:
    try:
        async with asyncio.timeout(within_s):
            return await event.wait()
    except TimeoutError:
        return False


def _ending(child: Child, code: int | None) -> str:
    if child.is_killed:
        return "stopped: it did not end in time and was killed"
    if child.is_asked:
        return "stopped on request"
    if code is None:
        return "its process ended"
    if code < 0:
        return f"its process was killed by {signal.Signals(-code).name}"
    said = child.last_words() if code else ""
    return f"its process ended with status {code}{f': {said}' if said else ''}"
