"""What the monitor lays out for the dashboard."""

from __future__ import annotations

from datetime import timedelta

from tests.fakes import START, MemoryNotebook

from shopwatch.domain.stock import Key
from shopwatch.monitor.memory import Memory
from shopwatch.monitor.scheduler import FixedScheduler, Plan

KEY, LATER = ("target", "1"), ("target", "2")
NOW_S = START.timestamp()


class Planned(FixedScheduler):
    """Plans what a test says."""

    def plan(self, key: Key, now: float) -> Plan:
        return Plan(due_at_s=NOW_S + (5 if key == KEY else 60), why="usual interval")


async def test_a_plan_whose_time_has_passed_meanwhile_is_due_now_and_not_some_time_ago() -> None:
    notebook = MemoryNotebook()
    memory = Memory(notebook, {})
    memory.plan_some(Planned(), [KEY, LATER], NOW_S)
    await memory.lay_out({}, NOW_S)
    assert plans(notebook)["target:1"] == {
        "next_check": (START + timedelta(seconds=5)).isoformat(timespec="milliseconds"),
        "why": "usual interval",
    }
    await memory.lay_out({}, NOW_S + 30)
    now = (START + timedelta(seconds=30)).isoformat(timespec="milliseconds")
    assert plans(notebook)["target:1"] == {"next_check": now, "why": "due now: usual interval"}
    assert plans(notebook)["target:2"]["why"] == "usual interval"


def plans(notebook: MemoryNotebook) -> dict[str, dict[str, str]]:
    found = notebook.pages["monitor"]["plans"]
    assert isinstance(found, dict)
    return found
