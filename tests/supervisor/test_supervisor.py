"""Real children: started, stopped, killed, adopted, reaped."""

from __future__ import annotations

import asyncio
import os
import random
import signal
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psutil
import pytest
from tests.fake_children import (
    CRASHES,
    ENDS_WELL,
    ENDS_WELL_AT_TERM,
    HAS_A_STUBBORN_CHILD,
    IGNORES_TERM,
    WAITS,
    Station,
    a_process,
    open_files,
    reap,
)
from tests.paths import PROJECT
from tests.supervisor.conftest import EAGER, STERN, House

from shopwatch.domain.errors import Conflict, Unusable
from shopwatch.domain.run import RunOptions, RunState
from shopwatch.storage.database import Database
from shopwatch.storage.processes import SqlProcesses
from shopwatch.supervisor.environment import child_environment
from shopwatch.supervisor.living import enroll, lose_orphans, start_of, sweep

StateOf = Callable[[int], str]


def zombies() -> list[int]:
    return [child.pid for child in psutil.Process().children() if child.status() == psutil.STATUS_ZOMBIE]


async def test_a_child_runs_in_a_session_of_its_own_and_is_written_down(
    house: House, station: Station
) -> None:
    async with house.supervisor() as supervisor:
        await supervisor.start("monitor", "monitor", station.arguments(WAITS))
        pid = await station.ready()

        [row] = await supervisor.live()
        assert (row.kind, row.name, row.pid, row.run_id) == ("monitor", "monitor", pid, None)
        assert abs(row.started_s - psutil.Process(pid).create_time()) < 0.1
        assert os.getsid(pid) == pid != os.getsid(0)
        await supervisor.stop_all()


async def test_a_second_child_of_the_same_name_is_a_conflict(house: House, station: Station) -> None:
    async with house.supervisor() as supervisor:
        await supervisor.start("crawl", "att", station.arguments(WAITS))
        with pytest.raises(Conflict, match="crawl att runs already"):
            await supervisor.start("crawl", "att", station.arguments(WAITS))
        await supervisor.start("crawl", "verizon", station.arguments(WAITS))

        assert {row.name for row in await supervisor.live()} == {"att", "verizon"}
        await supervisor.stop_all()


async def test_of_two_supervisors_that_start_at_once_one_has_the_child(
    house: House, station: Station
) -> None:
    async with house.supervisor() as one, house.supervisor() as other:
        outcomes = await asyncio.gather(
            *(each.start("crawl", "att", station.arguments(WAITS)) for each in (one, other)),
            return_exceptions=True,
        )
        assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Conflict", "NoneType"]
        [row] = await one.live()
        pid = await station.ready()
        if pid != row.pid:  # the loser's child was quick enough to report
            await station.gone(pid)
        await one.stop("att")
        await one.stop_all()
        await other.stop_all()
    assert zombies() == []


async def test_a_stop_answers_at_once_and_the_child_ends(
    house: House, station: Station, state_of: StateOf
) -> None:
    async with house.supervisor() as supervisor:
        await supervisor.start("crawl", "att", station.arguments(ENDS_WELL_AT_TERM))
        pid = await station.ready()

        assert await supervisor.stop("att") is True
        await supervisor.ended("att")

        assert state_of(pid) == "exited"
        assert not psutil.pid_exists(pid)
        assert await supervisor.live() == []


async def test_a_stop_does_not_wait_for_a_child_that_ignores_it(house: House, station: Station) -> None:
    async with house.supervisor(patience=replace(EAGER, deadline_s=600.0)) as supervisor:
        await supervisor.start("crawl", "att", station.arguments(IGNORES_TERM))
        pid = await station.ready()
        async with asyncio.timeout(60):
            assert await supervisor.stop("att") is True
        assert start_of(pid) is not None
        os.kill(pid, signal.SIGKILL)
        await supervisor.ended("att")


async def test_whoever_serves_is_nobody_s_child(house: House, station: Station, state_of: StateOf) -> None:
    with a_process(*station.arguments(WAITS)) as other:
        pid = await station.ready()
        await house.processes.add("dashboard", "dashboard", pid, psutil.Process(pid).create_time(), None)
        async with house.supervisor() as supervisor:
            assert (await supervisor.adopt(), await supervisor.live()) == ([], [])
            assert await supervisor.stop("dashboard") is False
            await supervisor.stop_all()
        assert (state_of(pid), other.poll()) == ("running", None)
        other.kill()


async def test_stopping_what_does_not_run_says_so(house: House) -> None:
    async with house.supervisor() as supervisor:
        assert await supervisor.stop("att") is False


async def test_a_child_that_ignores_the_request_is_killed_at_the_deadline(
    house: House, station: Station, state_of: StateOf
) -> None:
    run = await house.running("att")
    async with house.supervisor(patience=STERN) as supervisor:
        await supervisor.start("crawl", "att", station.arguments(IGNORES_TERM), run.run_id)
        pid = await station.ready()
        await supervisor.stop("att")
        await supervisor.ended("att")

    assert state_of(pid) == "killed"
    stopped = await house.runs.get(run.run_id)
    assert (stopped.state, stopped.message) == (
        RunState.STOPPED,
        "stopped: it did not end in time and was killed",
    )


async def test_asked_twice_a_child_is_told_twice_and_killed_once(house: House, station: Station) -> None:
    async with house.supervisor(patience=replace(STERN, deadline_s=3.0)) as supervisor:
        await supervisor.start("crawl", "att", station.arguments(IGNORES_TERM))
        await station.ready()
        assert await supervisor.stop("att")
        assert await supervisor.stop("att")
        await supervisor.ended("att")

        assert await supervisor.stop("att") is False


async def test_what_a_child_started_ends_with_it(house: House, station: Station) -> None:
    async with house.supervisor(patience=STERN) as supervisor:
        await supervisor.start("monitor", "monitor", station.arguments(HAS_A_STUBBORN_CHILD))
        pids = {await station.ready(), await station.ready()}
        await supervisor.stop("monitor")
        for pid in pids:
            await station.gone(pid)


async def test_a_crash_loses_the_run_and_tells_its_last_words(house: House, station: Station) -> None:
    run = await house.running("att")
    async with house.supervisor() as supervisor:
        await supervisor.start("crawl", "att", station.arguments(CRASHES), run.run_id)
        await station.ready()
        await supervisor.ended("att")

    lost = await house.runs.get(run.run_id)
    assert (lost.state, lost.message) == (
        RunState.LOST,
        "its process ended with status 1: ValueError: no such thing",
    )


async def test_a_killed_child_loses_its_run(house: House, station: Station, state_of: StateOf) -> None:
    run = await house.running("att")
    async with house.supervisor() as supervisor:
        await supervisor.start("crawl", "att", station.arguments(WAITS), run.run_id)
        pid = await station.ready()
        os.kill(pid, signal.SIGKILL)
        await supervisor.ended("att")

    lost = await house.runs.get(run.run_id)
    assert (lost.state, lost.message) == (RunState.LOST, "its process was killed by SIGKILL")
    assert state_of(pid) == "killed"


async def test_a_run_that_said_how_it_ended_is_left_as_it_is(house: House, station: Station) -> None:
    run = await house.running("att")
    async with house.supervisor() as supervisor:
        await supervisor.start("crawl", "att", station.arguments(ENDS_WELL_AT_TERM), run.run_id)
        await station.ready()
        await house.runs.move(
            run.run_id, [RunState.RUNNING], RunState.FAILED, now=datetime.now(UTC), message="blocked"
        )
        await supervisor.stop("att")
        await supervisor.ended("att")

    assert (await house.runs.get(run.run_id)).message == "blocked"


async def test_a_storm_of_kills_leaves_no_zombie_and_no_row(house: House, station: Station) -> None:
    chance = random.Random(4)
    async with house.supervisor() as supervisor:
        for _ in range(3):
            names = [f"shop{number}" for number in range(8)]
            for name in names:
                await supervisor.start("crawl", name, station.arguments(chance.choice((WAITS, IGNORES_TERM))))
            pids = [await station.ready() for _ in names]
            for pid in chance.sample(pids, len(pids)):
                os.kill(pid, signal.SIGKILL)
            for name in names:
                await supervisor.ended(name)
            assert await supervisor.live() == []
    assert zombies() == []


async def test_many_lives_leak_no_file(house: House, station: Station) -> None:
    async with house.supervisor() as supervisor:
        counts = []
        for _ in range(12):
            await supervisor.start("crawl", "att", [ENDS_WELL, str(station.port)])
            await station.gone(await station.ready())
            await supervisor.ended("att")
            counts.append(open_files())
    assert counts[-1] - counts[0] <= 12, "only the station's own connections"


async def test_a_command_that_is_not_there_is_told_in_a_sentence(house: House) -> None:
    async with house.supervisor(command=["/no/such/program"]) as supervisor:
        with pytest.raises(Unusable, match="cannot start /no/such/program: No such file"):
            await supervisor.start("monitor", "monitor", [])
        assert await supervisor.live() == []


# --- adoption ----------------------------------------------------------------------------------------------


async def test_children_outlive_the_supervisor_and_the_next_one_adopts_them(
    house: House, station: Station, state_of: StateOf
) -> None:
    run = await house.running("att")
    async with house.supervisor() as supervisor:
        await supervisor.start("crawl", "att", station.arguments(WAITS), run.run_id)
        pid = await station.ready()
    assert start_of(pid) is not None

    async with house.supervisor() as later:
        assert [row.pid for row in await later.live()] == [pid]
        assert await house.states([run.run_id]) == [RunState.RUNNING]
        with pytest.raises(Conflict):
            await later.start("crawl", "att", station.arguments(WAITS))
        assert await later.stop("att")
        await later.ended("att")
    reap(pid)
    assert state_of(pid) == "exited"
    assert await house.states([run.run_id]) == [RunState.STOPPED]


async def test_a_supervisor_killed_with_kill_9_leaves_children_that_are_adopted(
    house: House, station: Station, database_path: Path
) -> None:
    script = f"""
import asyncio, os, sys
sys.path.insert(0, {str(PROJECT)!r})
from tests.fake_children import PYTHON
from tests.fake_crawl import RealClock
from shopwatch.storage.database import Database
from shopwatch.storage.processes import SqlProcesses
from shopwatch.storage.runs import SqlRuns
from shopwatch.supervisor.supervisor import Supervisor

async def main():
    database = Database.open({str(database_path)!r})
    async with Supervisor(command=PYTHON, processes=SqlProcesses(database), runs=SqlRuns(database),
                          clock=RealClock(), environment=lambda: os.environ) as supervisor:
        await supervisor.start("crawl", "att", {station.arguments(IGNORES_TERM)!r})
        print("started", flush=True)
        await asyncio.Event().wait()
asyncio.run(main())
"""
    with a_process(script) as parent:
        output = parent.stdout
        assert output is not None
        assert await asyncio.to_thread(lambda: any(line == b"started\n" for line in output))
        pid = await station.ready()
        parent.kill()

    async with house.supervisor(patience=STERN) as supervisor:
        assert [row.pid for row in await supervisor.live()] == [pid]
        await supervisor.stop("att")
        await supervisor.ended("att")
        await station.gone(pid)
        assert await supervisor.live() == []


async def test_an_adopted_child_that_dies_is_noticed(house: House, station: Station) -> None:
    run = await house.running("att")
    async with house.supervisor() as supervisor:
        await supervisor.start("crawl", "att", station.arguments(WAITS), run.run_id)
        pid = await station.ready()
    async with house.supervisor() as later:
        os.kill(pid, signal.SIGKILL)
        await later.ended("att")
    reap(pid)
    assert await house.states([run.run_id]) == [RunState.LOST]


async def test_a_child_that_died_while_nobody_looked_is_lost(
    house: House, station: Station, state_of: StateOf
) -> None:
    run = await house.running("att")
    async with house.supervisor() as supervisor:
        await supervisor.start("crawl", "att", station.arguments(WAITS), run.run_id)
        pid = await station.ready()
    os.kill(pid, signal.SIGKILL)
    reap(pid)

    async with house.supervisor() as later:
        assert await later.live() == []
    assert state_of(pid) == "lost"
    lost = await house.runs.get(run.run_id)
    assert (lost.state, lost.message) == (RunState.LOST, "its process died without a word")
    assert lost.state.can_resume


async def test_another_process_with_the_same_number_is_not_ours(house: House, state_of: StateOf) -> None:
    began = psutil.Process().create_time()
    await house.processes.add("crawl", "att", os.getpid(), began - 3600.0, None)

    assert await sweep(house.processes, house.runs, house.clock) == []
    assert state_of(os.getpid()) == "lost"


async def test_a_clock_that_is_set_ends_no_process_that_lives(
    house: House, station: Station, state_of: StateOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with house.supervisor() as supervisor:
        await supervisor.start("monitor", "monitor", station.arguments(WAITS))
        pid = await station.ready()
        mine = await enroll(house.processes, house.runs, house.clock, kind="crawl", name="att", run_id=None)
        booted_s = psutil.boot_time()
        # So Linux tells it: the time of the boot, and of every start since, moves with the clock.
        monkeypatch.setattr("psutil._psplatform.boot_time", lambda: booted_s + 3600)

        living = await sweep(house.processes, house.runs, house.clock)
        assert {row.pid for row in living} == {pid, os.getpid()}
        await house.processes.end(mine, "exited")
        await supervisor.stop_all()
    assert state_of(pid) == "exited"


async def test_a_child_started_from_a_shell_can_be_stopped(house: House, station: Station) -> None:
    async with house.supervisor() as supervisor:
        outside = a_process(*station.arguments(WAITS))
        pid = await station.ready()
        await house.processes.add("crawl", "att", pid, psutil.Process(pid).create_time(), None)

        assert await supervisor.stop("att")
        await supervisor.ended("att")
        outside.communicate()
    assert outside.returncode == -signal.SIGTERM


async def test_of_a_shell_s_child_only_the_process_itself_is_signalled(
    house: House, station: Station
) -> None:
    """Its group is the shell's: here, that of the tests."""
    async with house.supervisor(patience=STERN) as supervisor:
        outside = a_process(*station.arguments(IGNORES_TERM))
        pid = await station.ready()
        await house.processes.add("crawl", "att", pid, psutil.Process(pid).create_time(), None)
        await supervisor.stop("att")
        await supervisor.ended("att")
        outside.communicate()
    assert outside.returncode == -signal.SIGKILL


async def test_a_process_enters_itself_once(house: House) -> None:
    async def entered() -> int:
        return await enroll(house.processes, house.runs, house.clock, kind="crawl", name="att", run_id=None)

    assert await entered() == await entered()
    await house.processes.end(await entered(), "exited")


async def test_a_process_cannot_enter_itself_beside_a_living_one(house: House, station: Station) -> None:
    async with house.supervisor() as supervisor:
        await supervisor.start("crawl", "att", station.arguments(WAITS))
        with pytest.raises(Conflict):
            await enroll(house.processes, house.runs, house.clock, kind="crawl", name="att", run_id=None)
        os.kill(await station.ready(), signal.SIGKILL)
        await supervisor.ended("att")

        assert await enroll(house.processes, house.runs, house.clock, kind="crawl", name="att", run_id=None)


async def test_a_run_whose_process_was_never_written_down_is_lost_when_it_is_dead(house: House) -> None:
    dead, living = await house.running("att"), await house.running("verizon")
    child = a_process("")
    child.communicate()
    await house.runs.attach(dead.run_id, child.pid)
    await house.runs.attach(living.run_id, os.getpid())

    assert await lose_orphans(house.runs, (), house.clock) == [dead.run_id]
    assert await house.states([dead.run_id, living.run_id]) == [RunState.LOST, RunState.RUNNING]


async def test_a_run_whose_process_died_before_it_began_is_lost_at_once(house: House) -> None:
    child = a_process("")
    child.communicate()
    now = datetime.now(UTC)
    dead = await house.runs.create("att", RunOptions(), now, pid=child.pid)
    living = await house.runs.create("verizon", RunOptions(), now, pid=os.getpid())

    await lose_orphans(house.runs, (), house.clock)

    assert await house.states([dead.run_id, living.run_id]) == [RunState.LOST, RunState.PENDING]


async def test_a_run_nobody_came_to_crawl_is_lost_after_a_minute(house: House) -> None:
    now = datetime.now(UTC)
    old = await house.runs.create("att", RunOptions(), now - timedelta(minutes=2))
    fresh = await house.runs.create("verizon", RunOptions(), now)

    await lose_orphans(house.runs, (), house.clock)

    assert await house.states([old.run_id, fresh.run_id]) == [RunState.LOST, RunState.PENDING]


# --- what is kept alive ------------------------------------------------------------------------------------


async def test_a_crashed_monitor_comes_back(house: House, station: Station) -> None:
    async with house.supervisor() as supervisor:
        await supervisor.keep("monitor", "monitor", station.arguments(WAITS))
        lives = []
        for _ in range(3):
            lives.append(await station.ready())
            os.kill(lives[-1], signal.SIGKILL)
        last = await station.ready()

        assert len({*lives, last}) == 4
        assert await supervisor.stop("monitor")
        await station.gone(last)
        await supervisor.stop_all()
        assert await supervisor.live() == []


class _FullDisk(SqlProcesses):
    """Cannot be written so many times."""

    refusals = 0

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self.written = asyncio.Event()  #: the end of a process

    async def add(self, *words: Any, **more: Any) -> int:
        self._refuse()
        return await super().add(*words, **more)

    async def end(self, row_id: int, state: str) -> None:
        self._refuse()
        await super().end(row_id, state)
        self.written.set()

    def _refuse(self) -> None:
        if self.refusals:
            self.refusals -= 1
            raise Unusable("the disk is full")


@pytest.mark.parametrize("refusals", [1, 2, 5])
async def test_a_crashed_monitor_comes_back_once_the_disk_has_room_again(
    house: House, station: Station, database_path: Path, refusals: int
) -> None:
    with Database.open(database_path) as database:
        disk = _FullDisk(database)
        async with replace(house, processes=disk).supervisor() as supervisor:
            await supervisor.keep("monitor", "monitor", station.arguments(WAITS))
            first = await station.ready()
            disk.refusals = refusals
            os.kill(first, signal.SIGKILL)
            assert await station.ready() != first
            await supervisor.stop_all()
            assert await supervisor.live() == []


@pytest.mark.parametrize("refusals", [1, 3])
async def test_the_end_of_a_crawl_is_written_once_the_disk_has_room_again(
    house: House, station: Station, database_path: Path, refusals: int
) -> None:
    run = await house.running("att")
    with Database.open(database_path) as database:
        disk = _FullDisk(database)
        async with asyncio.timeout(60), replace(house, processes=disk).supervisor() as supervisor:
            await supervisor.start("crawl", "att", station.arguments(WAITS), run.run_id)
            pid = await station.ready()
            disk.refusals = refusals
            os.kill(pid, signal.SIGKILL)
            await supervisor.ended("att")
            await disk.written.wait()
            await supervisor.adopt()  # waits until who writes it is done
            assert (await house.runs.get(run.run_id)).state is RunState.LOST


async def test_a_monitor_that_ended_on_its_own_wish_stays_ended(house: House, station: Station) -> None:
    async with house.supervisor() as supervisor:
        await supervisor.keep("monitor", "monitor", station.arguments(ENDS_WELL))
        await station.ready()
        await supervisor.ended("monitor")

        assert await supervisor.live() == []


async def test_a_stop_while_a_monitor_waits_to_come_back_ends_the_wait(
    house: House, station: Station
) -> None:
    patient = replace(EAGER, restart_s=600.0, longest_restart_s=600.0)
    async with house.supervisor(patience=patient) as supervisor:
        await supervisor.keep("monitor", "monitor", station.arguments(WAITS))
        os.kill(await station.ready(), signal.SIGKILL)
        await supervisor.ended("monitor")

        assert await supervisor.stop("monitor") is True
        assert await supervisor.stop("monitor") is False


async def test_a_monitor_that_runs_already_is_kept_and_not_doubled(house: House, station: Station) -> None:
    async with house.supervisor() as supervisor:
        await supervisor.start("monitor", "monitor", station.arguments(WAITS))
        first = await station.ready()
    async with house.supervisor() as later:
        await later.keep("monitor", "monitor", station.arguments(WAITS))
        assert [row.pid for row in await later.live()] == [first]
        os.kill(first, signal.SIGKILL)
        reap(first)
        second = await station.ready()

        assert second != first
        await later.stop_all()


async def test_a_monitor_that_was_told_otherwise_is_replaced(house: House, station: Station) -> None:
    """The earlier one may have been allowed to buy."""
    async with house.supervisor() as supervisor:
        await supervisor.keep("monitor", "monitor", [*station.arguments(ENDS_WELL_AT_TERM), "--live"])
        first = await station.ready()
    async with house.supervisor() as later:
        await later.keep("monitor", "monitor", station.arguments(WAITS))
        second = await station.ready()
        assert [row.pid for row in await later.live()] == [second]
        assert second != first
        await later.stop_all()
    reap(first)


async def test_a_crashed_monitor_does_not_come_back_under_what_it_was_told_before(
    house: House, station: Station
) -> None:
    """The earlier one may have been allowed to buy, and was waiting to be started again."""
    patient = replace(EAGER, restart_s=600.0, longest_restart_s=600.0)
    async with house.supervisor(patience=patient) as supervisor:
        await supervisor.keep("monitor", "monitor", [*station.arguments(WAITS), "--live"])
        os.kill(await station.ready(), signal.SIGKILL)
        await supervisor.ended("monitor")
        restart = set(supervisor._watches)
        await supervisor.keep("monitor", "monitor", station.arguments(WAITS))

        assert restart
        _, waiting = await asyncio.wait(restart, timeout=20)
        assert not waiting
        assert [row.pid for row in await supervisor.live()] == [await station.ready()]
        await supervisor.stop_all()


async def test_a_stop_that_comes_while_a_restart_waits_for_its_turn_is_obeyed(
    house: House, station: Station
) -> None:
    async with house.supervisor() as supervisor:
        await supervisor.keep("monitor", "monitor", station.arguments(WAITS))
        first = await station.ready()
        async with supervisor._changing:  # as a start or a look at the processes holds it
            os.kill(first, signal.SIGKILL)
            await supervisor.ended("monitor")
            stopping = asyncio.create_task(supervisor.stop("monitor"))
            await asyncio.sleep(0.05)  # the restart's wait is over: it stands in line, behind the stop

        assert await stopping is True
        await supervisor.adopt()  # whoever stood in line has had its turn
        assert await supervisor.live() == []


async def test_a_monitor_from_a_shell_is_left_as_it_is(house: House, station: Station) -> None:
    outside = a_process(*station.arguments(WAITS))
    pid = await station.ready()
    await house.processes.add("monitor", "monitor", pid, psutil.Process(pid).create_time(), None)
    async with house.supervisor() as supervisor:
        await supervisor.keep("monitor", "monitor", station.arguments(ENDS_WELL_AT_TERM))
        assert [row.pid for row in await supervisor.live()] == [pid]
        await supervisor.stop_all()
    outside.communicate()


# --- the environment ---------------------------------------------------------------------------------------


def test_a_child_gets_what_it_needs_and_nothing_else() -> None:
    given = {
        "PATH": "/usr/bin",
        "HOME": "/home/a",
        "LC_ALL": "C.UTF-8",
        "SHOPWATCH_PROXY_PASSWORD": "x",
        "BESTBUY_API_KEY": "y",
        "AWS_SECRET_ACCESS_KEY": "z",
        "HTTPS_PROXY": "http://elsewhere",
        "LD_PRELOAD": "evil.so",
    }

    assert set(child_environment(given)) == {"PATH", "HOME", "LC_ALL", "SHOPWATCH_PROXY_PASSWORD"}
    assert "BESTBUY_API_KEY" in child_environment(given, names=frozenset({"BESTBUY_API_KEY"}))
