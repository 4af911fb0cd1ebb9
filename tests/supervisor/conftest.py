"""A database, a station for the children, and a supervisor over both."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from tests.fake_children import PYTHON, Station, reap
from tests.fake_crawl import RealClock

from shopwatch.domain.run import Run, RunOptions, RunState
from shopwatch.storage.database import Database
from shopwatch.storage.processes import SqlProcesses
from shopwatch.storage.runs import SqlRuns
from shopwatch.supervisor.environment import child_environment
from shopwatch.supervisor.living import signal_group, start_of
from shopwatch.supervisor.supervisor import Patience, Supervisor

#: Whoever ends when asked is waited for as long as a busy machine may need.
EAGER = Patience(deadline_s=60.0, restart_s=0.01, longest_restart_s=0.05, healthy_s=60.0)
#: For those who do not end when asked: they are killed soon.
STERN = replace(EAGER, deadline_s=0.3)


@dataclass
class House:
    """What a supervisor works with."""

    processes: SqlProcesses
    runs: SqlRuns
    logs: Path
    clock: RealClock

    def supervisor(self, **more: Any) -> Supervisor:
        options: dict[str, Any] = {
            "command": PYTHON,
            "environment": lambda: child_environment(os.environ),
            "log_of": lambda kind, name, run_id: self.logs / f"{name}.out",
            "patience": EAGER,
        }
        return Supervisor(processes=self.processes, runs=self.runs, clock=self.clock, **{**options, **more})

    async def running(self, retailer: str) -> Run:
        run = await self.runs.create(retailer, RunOptions(), datetime.now(UTC))
        await self.runs.move(run.run_id, [RunState.PENDING], RunState.RUNNING, now=datetime.now(UTC))
        return run

    async def states(self, names: list[str]) -> list[RunState]:
        return [(await self.runs.get(name)).state for name in names]


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "shopwatch.db"
    Database.open(path).close()
    return path


@pytest.fixture
def database_path(migrated_file: Path, tmp_path: Path) -> Path:
    path = tmp_path / "shopwatch.db"
    shutil.copyfile(migrated_file, path)
    return path


@pytest.fixture
def house(database_path: Path, tmp_path: Path) -> Iterator[House]:
    database = Database.open(database_path)
    yield House(SqlProcesses(database), SqlRuns(database), tmp_path / "logs", RealClock())
    database.close()
    _end_what_is_left(database_path)


@pytest.fixture
async def station() -> AsyncIterator[Station]:
    async with Station.open() as station:
        yield station


def _end_what_is_left(database_path: Path) -> None:
    """A test that failed half-way must not leave children behind."""
    with closing(sqlite3.connect(database_path)) as connection:
        for pid, started_s in connection.execute("select pid, started_s from processes"):
            began = start_of(pid)
            if pid != os.getpid() and began is not None and abs(began - started_s) < 2:
                signal_group(pid, signal.SIGKILL)
                reap(pid)


State = Callable[[], str]


@pytest.fixture
def state_of(database_path: Path) -> Callable[[int], str]:
    """What the database says of the process with that pid."""

    def state(pid: int) -> str:
        with sqlite3.connect(database_path) as connection:
            query = "select state from processes where pid = ? order by id desc"
            [found] = connection.execute(query, (pid,)).fetchmany(1)
        connection.close()
        return str(found[0])

    return state
