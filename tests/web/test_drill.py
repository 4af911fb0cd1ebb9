"""The rehearsal at a click: one at a time, and its legs as the answer."""

from __future__ import annotations

import asyncio
from typing import Any

from tests.dashboard_fixture import Dashboard

from shopwatch.domain.errors import Unusable

REPORT = {"ok": True, "total_ms": 2100.0, "legs": [{"name": "detect", "ok": True, "ms": 310.0, "says": ""}]}


async def test_a_rehearsal_answers_with_its_legs_and_a_second_one_has_to_wait(dashboard: Dashboard) -> None:
    began, over = asyncio.Event(), asyncio.Event()

    async def rehearse() -> dict[str, Any]:
        began.set()
        await over.wait()
        return REPORT

    dashboard.services.rehearse = rehearse
    first = asyncio.create_task(dashboard.post("/api/drill", {}))
    await began.wait()
    second = await dashboard.post("/api/drill", {})
    assert (second.status, second.json["message"]) == (409, "a rehearsal is under way: wait until it is over")
    over.set()
    assert ((await first).status, (await first).json) == (200, REPORT)
    assert (await dashboard.post("/api/drill", {})).status == 200


async def test_a_rehearsal_that_cannot_be_held_says_why(dashboard: Dashboard) -> None:
    async def rehearse() -> dict[str, Any]:
        raise Unusable("the rehearsal did not come to an end: no port is free")

    dashboard.services.rehearse = rehearse
    reply = await dashboard.post("/api/drill", {})
    assert reply.status == 503
    assert "no port is free" in reply.json["message"]
