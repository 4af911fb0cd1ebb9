"""The budget of a host, shared by every process."""

from __future__ import annotations

import asyncio

from tests.storage.conftest import Open

from shopwatch.ports import Turn
from shopwatch.storage.database import Database
from shopwatch.storage.turns import SqlHostTurns

NOW = 1_800_000_000.0


async def test_turns_of_a_host_are_spaced(database: Database) -> None:
    turns = SqlHostTurns(database)
    taken = [await turns.reserve("a.test", 2.0, NOW) for _ in range(3)]
    assert taken == [Turn(NOW), Turn(NOW + 2), Turn(NOW + 4)]


async def test_a_host_left_alone_does_not_save_turns_up(database: Database) -> None:
    turns = SqlHostTurns(database)
    await turns.reserve("a.test", 2.0, NOW)
    assert await turns.reserve("a.test", 2.0, NOW + 60) == Turn(NOW + 60)
    assert await turns.reserve("a.test", 2.0, NOW + 60) == Turn(NOW + 62)


async def test_hosts_do_not_wait_for_each_other(database: Database) -> None:
    turns = SqlHostTurns(database)
    await turns.reserve("a.test", 60.0, NOW)
    assert await turns.reserve("b.test", 60.0, NOW) == Turn(NOW)


async def test_a_held_host_gives_no_turn_and_says_until_when(database: Database) -> None:
    turns = SqlHostTurns(database)
    await turns.hold("a.test", NOW + 30)
    for _ in range(20):  # asking in vain uses nothing up
        assert await turns.reserve("a.test", 2.0, NOW) == Turn(NOW + 30, taken=False)
    assert await turns.reserve("a.test", 2.0, NOW + 30) == Turn(NOW + 30)
    assert await turns.reserve("a.test", 2.0, NOW + 30) == Turn(NOW + 32)


async def test_a_hold_is_never_shortened(database: Database) -> None:
    turns = SqlHostTurns(database)
    await turns.hold("a.test", NOW + 30)
    await turns.hold("a.test", NOW + 10)
    assert await turns.reserve("a.test", 2.0, NOW + 20) == Turn(NOW + 30, taken=False)


async def test_a_clock_set_back_makes_nobody_wait_until_it_is_as_late_again(database: Database) -> None:
    turns = SqlHostTurns(database)
    for _ in range(2):
        await turns.reserve("a.test", 2.0, NOW)
    await turns.hold("b.test", NOW + 30)
    await turns.reserve("b.test", 2.0, NOW)
    earlier = NOW - 3600
    assert await turns.reserve("a.test", 2.0, earlier) == Turn(earlier + 4)
    assert await turns.reserve("b.test", 2.0, earlier) == Turn(earlier + 30, taken=False)
    assert await turns.reserve("a.test", 2.0, earlier) == Turn(earlier + 6)


async def test_machines_whose_clocks_differ_a_little_keep_one_budget(database: Database) -> None:
    turns = SqlHostTurns(database)
    assert await turns.reserve("a.test", 2.0, NOW) == Turn(NOW)
    assert await turns.reserve("a.test", 2.0, NOW - 5) == Turn(NOW + 2)


async def test_no_two_processes_get_the_same_turn(open_database: Open) -> None:
    several = [SqlHostTurns(open_database()) for _ in range(4)]
    given = await asyncio.gather(*(one.reserve("a.test", 0.5, NOW) for one in several for _ in range(20)))
    assert sorted(turn.at_s for turn in given) == [NOW + 0.5 * number for number in range(80)]
