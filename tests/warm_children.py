"""Child processes that start at once: each is forked from one Python that has loaded Shopwatch already.

They are processes of their own in every other way: they are called with words, say what they say, and are
killed. That a shell can start the programs too is for the few tests that do.
"""

from __future__ import annotations

import asyncio
import atexit
import json
import multiprocessing
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from functools import cache
from importlib import import_module
from multiprocessing.forkserver import ensure_running
from multiprocessing.process import BaseProcess
from multiprocessing.reduction import DupFd
from pathlib import Path
from typing import IO, Any

from tests.paths import PROJECT

SHOPWATCH = "shopwatch.cli.main"
SIMULATOR = "shopwatch.simulator.__main__"
FORKING = multiprocessing.get_context("forkserver")
FORKING.set_forkserver_preload(["tests.loaded_children"])


@cache
def load() -> None:
    """Start the one Python, wherever the test of this moment is: it must find the tests."""
    before = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = os.pathsep.join([str(PROJECT), *([before] if before else [])])
    try:
        ensure_running()
    finally:
        os.environ.pop("PYTHONPATH")
        if before is not None:
            os.environ["PYTHONPATH"] = before


class WarmChild:
    """One child that calls ``main(words)`` of a module and ends with the status that gives."""

    def __init__(
        self,
        module: str,
        *words: str,
        folder: Path | None = None,
        environment: Mapping[str, str] | None = None,
        own_session: bool = False,
        heard: bool = True,
    ) -> None:
        """``heard``: what it says is kept for ``done``; of one that goes on talking nothing is."""
        self._errors: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - read when it has ended
        ours, theirs = os.pipe()
        if not heard:
            os.close(theirs)
            theirs = os.open(os.devnull, os.O_WRONLY)
        self.stdout: IO[bytes] = os.fdopen(ours, "rb")
        try:
            self._process = _forked(
                (theirs, self._errors.fileno()),
                (module, words, str(folder or Path.cwd()), dict(environment or os.environ), own_session),
            )
        finally:
            os.close(theirs)

    @property
    def pid(self) -> int:
        assert self._process.pid is not None
        return self._process.pid

    def poll(self) -> int | None:
        """The status it ended with, or ``None`` while it lives."""
        return self._process.exitcode

    def ends_within(self, seconds: float) -> bool:
        """A look at something else, now and then, until it ends."""
        self._process.join(seconds)
        return self.poll() is not None

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def wait(self, patience_s: float) -> int:
        """Wait for its end; kill it if that does not come."""
        self._process.join(patience_s)
        status = self.poll()
        if status is None:
            self.send_signal(signal.SIGKILL)
            self._process.join()
            raise TimeoutError(f"the child did not end within {patience_s} s")
        return status

    def complaints(self) -> str:
        """What it wrote to standard error so far."""
        handle = self._errors.fileno()  # the child writes where this stands: it is not moved
        return os.pread(handle, os.fstat(handle).st_size, 0).decode()

    def close(self) -> None:
        """Hear no more of it."""
        self.stdout.close()
        self._errors.close()

    def done(self, patience_s: float = 60) -> subprocess.CompletedProcess[str]:
        """What it said until it ended, and its status."""
        try:
            said = self.stdout.read().decode()
            status = self.wait(patience_s)
            return subprocess.CompletedProcess([], status, said, self.complaints())
        finally:
            self.close()

    def line(self) -> Any:
        """The next thing it says, as JSON."""
        said = self.stdout.readline()
        assert said, f"the child ended before it was ready: {self.done().stderr}"
        return json.loads(said)

    def end(self, patience_s: float = 20) -> None:
        """As a person ends it: SIGTERM."""
        self.send_signal(signal.SIGTERM)
        self.done(patience_s)

    async def done_soon(self, patience_s: float = 60) -> subprocess.CompletedProcess[str]:
        """The same as ``done``, for a test with a loop of its own."""
        return await asyncio.to_thread(self.done, patience_s)


def called(module: str, *words: str, **rest: Any) -> subprocess.CompletedProcess[str]:
    """Call and wait for the end, as ``subprocess.run`` does."""
    return WarmChild(module, *words, **rest).done()


def _forked(streams: tuple[int, int], life: tuple[Any, ...]) -> BaseProcess:
    load()
    out, err = streams
    process = FORKING.Process(target=_Live(out, err), args=life)
    process.start()
    return process


class _Live:
    """What the child does; its streams are handed over as it is started."""

    def __init__(self, out: int, err: int) -> None:
        self._streams = (out, err)

    def __getstate__(self) -> tuple[Any, ...]:
        return tuple(map(DupFd, self._streams))

    def __setstate__(self, streams: tuple[Any, ...]) -> None:
        self._streams = tuple(stream.detach() for stream in streams)

    def __call__(
        self,
        module: str,
        words: tuple[str, ...],
        folder: str,
        environment: dict[str, str],
        own_session: bool,
    ) -> None:
        if own_session:
            os.setsid()
        os.chdir(folder)
        os.environ.clear()
        os.environ.update(environment)
        for number, descriptor in enumerate(self._streams, 1):
            os.dup2(descriptor, number)
            os.close(descriptor)
        sys.stdout, sys.stderr = open(1, "w", closefd=False), open(2, "w", closefd=False)  # noqa: SIM115
        sys.argv = [module, *words]
        try:
            sys.exit(import_module(module).main(list(words)))
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            atexit._run_exitfuncs()
