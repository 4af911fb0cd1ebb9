"""Real child processes for tests, and a station where they report that they are ready."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Self

_TELL = """
import os, signal, socket, subprocess, sys, time
port = int(sys.argv[1])
def tell():
    line = socket.create_connection(("127.0.0.1", port))
    line.sendall(f"{os.getpid()}\\n".encode())
    return line
"""
WAITS = _TELL + "line = tell()\nsignal.pause()\n"
IGNORES_TERM = (
    _TELL + "signal.signal(signal.SIGTERM, signal.SIG_IGN)\nline = tell()\nwhile True: signal.pause()\n"
)
ENDS_WELL_AT_TERM = _TELL + (
    "signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))\nline = tell()\nwhile True: signal.pause()\n"
)
#: Itself ends at TERM; what it started does not.
HAS_A_STUBBORN_CHILD = (
    _TELL
    + f"subprocess.Popen([sys.executable, '-c', {IGNORES_TERM!r}, sys.argv[1]])\n"
    + "line = tell()\nsignal.pause()\n"
)
CRASHES = _TELL + "line = tell()\nprint('on my way', flush=True)\nraise ValueError('no such thing')\n"
ENDS_WELL = _TELL + "line = tell()\n"

PYTHON = (sys.executable, "-c")


class Station:
    """Children connect to it when they are ready; the connection breaks when they die."""

    def __init__(self) -> None:
        self._ready: asyncio.Queue[tuple[int, asyncio.StreamReader]] = asyncio.Queue()
        self._lines: dict[int, asyncio.StreamReader] = {}
        self._writers: list[asyncio.StreamWriter] = []
        self.port = 0

    @classmethod
    @asynccontextmanager
    async def open(cls) -> AsyncIterator[Self]:
        station = cls()
        server = await asyncio.start_server(station._arrived, "127.0.0.1", 0)
        station.port = server.sockets[0].getsockname()[1]
        try:
            yield station
        finally:
            server.close()
            for writer in station._writers:
                writer.close()
            await server.wait_closed()

    def arguments(self, script: str) -> list[str]:
        return [script, str(self.port)]

    async def ready(self) -> int:
        """The pid of the next child that is ready."""
        pid, line = await self._ready.get()
        self._lines[pid] = line
        return pid

    async def gone(self, pid: int) -> None:
        """Return when that process has ended, whoever its parent is."""
        try:
            await self._lines[pid].read()
        except ConnectionError:
            return

    async def _arrived(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.append(writer)
        await self._ready.put((int(await reader.readline()), reader))


def a_process(*argv: str) -> subprocess.Popen[bytes]:
    """One that no supervisor of ours started; it is in the group of the tests, as a shell has it."""
    return subprocess.Popen([sys.executable, "-c", *argv], stdout=subprocess.PIPE)


def reap(pid: int) -> None:
    """In a test the supervisor that started a child and the one that adopts it are one process."""
    try:
        os.waitpid(pid, 0)
    except ChildProcessError:
        return


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))
