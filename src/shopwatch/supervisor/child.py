"""One process we watch: started by us or adopted, with what it said last."""

from __future__ import annotations

import asyncio
import signal
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from shopwatch.domain.errors import Unusable
from shopwatch.ports import ProcessRow
from shopwatch.supervisor.living import signal_group, signal_process
from shopwatch.supervisor.waiting import end_of

_LAST_WORDS_BYTES = 4_000
_LAST_WORDS_LENGTH = 300

#: Not asyncio's: its transport kills the child when it is collected, and ours must outlive us.
Process = subprocess.Popen[bytes]


@dataclass(eq=False, kw_only=True, slots=True)
class Child:
    row: ProcessRow
    born_s: float  #: monotonic: when we began to watch it
    process: Process | None = None  #: None: adopted
    log: Path | None = None
    leads: bool = True  #: a session of its own: what it started ends with it
    is_asked: bool = False  #: to stop
    is_killed: bool = False  #: it did not, in time
    ended: asyncio.Event = field(default_factory=asyncio.Event)

    async def end(self) -> int | None:
        """Wait for its end and for that of all it started; ``None``: its status is not ours to know."""
        await end_of(self.row.pid, wait=self.process.wait if self.process else None)
        if self.leads:  # before it is reaped: until then its number cannot be anybody else's
            signal_group(self.row.pid, signal.SIGKILL)
        return None if self.process is None else self.process.wait()

    def signal(self, number: signal.Signals) -> None:
        (signal_group if self.leads else signal_process)(self.row.pid, number)

    def let_go(self) -> None:
        """Forget a process that goes on without us."""
        if self.process is not None and self.process.poll() is None:
            self.process.returncode = 0  # else Python complains that it still runs

    def last_words(self) -> str:
        """The last line of its output."""
        if self.log is None or not self.log.is_file():
            return ""
        with self.log.open("rb") as stream:
            stream.seek(max(0, self.log.stat().st_size - _LAST_WORDS_BYTES))
            lines = stream.read().decode("utf-8", "replace").split("\n")
        return next((line.strip() for line in reversed(lines) if line.strip()), "")[:_LAST_WORDS_LENGTH]


def execute(argv: Sequence[str], environment: Mapping[str, str], log: Path | None) -> Process:
    """Start a process in a group of its own. Its output goes to a file: a pipe would end with us.

    Raises:
        Unusable: it cannot be started.
    """
    with ExitStack() as files:
        try:
            output: int | IO[bytes] = subprocess.DEVNULL
            if log is not None:
                log.parent.mkdir(parents=True, exist_ok=True)
                output = files.enter_context(log.open("ab"))
            return subprocess.Popen(  # noqa: S603 - the command is ours, no shell reads it
                list(argv),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env=dict(environment),
                start_new_session=True,
            )
        except OSError as error:
            raise Unusable(f"cannot start {argv[0]}: {error.strerror or error}") from error
