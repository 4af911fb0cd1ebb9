"""The live stream: every event once and in order, resumed where a page left, and no page slows another."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from tests.dashboard_fixture import Dashboard

from shopwatch.domain.errors import Unusable
from shopwatch.ports import Event
from shopwatch.web import live

PATIENCE_S = 60


class Stream:
    """What a browser's EventSource would see."""

    def __init__(self, content: Any) -> None:
        self._content = content

    async def next(self) -> tuple[str, str | None, Any]:
        """(kind, id, data) of the next event."""
        fields: dict[str, str] = {}
        async with asyncio.timeout(PATIENCE_S):
            while True:
                line = (await self._content.readline()).decode().rstrip("\n")
                if not line and fields:
                    return fields["event"], fields.get("id"), json.loads(fields["data"])
                name, _, value = line.partition(": ")
                if name:
                    fields[name] = value


@asynccontextmanager
async def stream(dashboard: Dashboard, path: str = "/api/events", **headers: str) -> AsyncIterator[Stream]:
    async with dashboard.session.get(dashboard.url + path, headers=headers) as response:
        assert response.headers["Content-Type"].startswith("text/event-stream")
        yield Stream(response.content)


async def test_an_event_reaches_every_page_once(dashboard: Dashboard) -> None:
    async with stream(dashboard) as one, stream(dashboard) as two:
        assert [(await page.next())[0] for page in (one, two)] == ["hello", "hello"]
        await dashboard.core.events.publish("health", {"retailer": "target", "state": "slowed"})
        for page in (one, two):
            kind, _, data = await page.next()
            assert (kind, data["state"]) == ("health", "slowed")


async def test_a_page_resumes_after_the_last_event_it_saw(dashboard: Dashboard) -> None:
    for number in range(3):
        await dashboard.core.events.publish("check", {"number": number})
    first = await dashboard.core.events.last_id() - 2
    async with stream(dashboard, **{"Last-Event-ID": str(first)}) as page:
        assert (await page.next())[0] == "hello"
        assert [(await page.next())[2]["number"] for _ in range(2)] == [1, 2]
        await dashboard.core.events.publish("check", {"number": 3})
        assert (await page.next())[2]["number"] == 3


async def test_a_page_that_missed_too_much_is_told_to_load_anew(dashboard: Dashboard) -> None:
    for number in range(live._BACKLOG + 1):
        await dashboard.core.events.publish("check", {"number": number})
    async with stream(dashboard, "/api/events?after=0") as page:
        assert (await page.next())[0] == "hello"
        assert (await page.next())[0] == "stale"


async def test_a_silent_stream_says_that_it_is_still_there(
    dashboard: Dashboard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "_BEAT_S", 0.01)
    async with stream(dashboard) as page:
        assert (await page.next())[0] == "hello"
        kind, number, data = await page.next()
        assert (kind, number) == ("beat", None)  # no place to resume from
        assert datetime.fromisoformat(data["now"]).tzinfo is not None


async def test_markup_of_a_site_stays_data(dashboard: Dashboard) -> None:
    async with stream(dashboard) as page:
        await page.next()
        await dashboard.core.events.publish("stock", {"title": "</script>\n\nevent: x\ndata: 1"})
        kind, _, data = await page.next()
        assert (kind, data["title"]) == ("stock", "</script>\n\nevent: x\ndata: 1")


async def test_a_page_that_leaves_is_forgotten(dashboard: Dashboard) -> None:
    async with stream(dashboard) as page:
        await page.next()
    async with stream(dashboard) as page:
        await page.next()
        await dashboard.core.events.publish("check", {})
        assert (await page.next())[0] == "check"


async def test_a_page_of_another_database_hears_this_one_at_once(dashboard: Dashboard) -> None:
    """After a restore, or a demo that took the place of a demo, numbers begin anew."""
    async with stream(dashboard, **{"Last-Event-ID": "5000"}) as page:
        assert [(await page.next())[0] for _ in range(2)] == ["hello", "stale"]
        await dashboard.core.events.publish("check", {"number": 1})
        assert (await page.next())[0] == "check"


async def test_a_page_whose_events_are_forgotten_is_told_to_load_anew(dashboard: Dashboard) -> None:
    for number in range(2):
        await dashboard.core.events.publish("check", {"number": number})
    seen = await dashboard.core.events.last_id() - 2
    await dashboard.core.events.prune(datetime.now(UTC) + timedelta(days=1))
    for number in range(2, 4):
        await dashboard.core.events.publish("check", {"number": number})
    async with stream(dashboard, f"/api/events?after={seen}") as page:
        assert [(await page.next())[0] for _ in range(2)] == ["hello", "stale"]


async def test_a_strange_last_event_is_taken_for_none(dashboard: Dashboard) -> None:
    where = urlsplit(dashboard.url)
    reader, writer = await asyncio.open_connection(where.hostname, where.port)
    head = f"GET /api/events HTTP/1.1\r\nHost: {where.netloc}\r\nLast-Event-ID: \xb2\r\n\r\n"
    writer.write(head.encode("latin-1"))
    assert await reader.readline() == b"HTTP/1.1 200 OK\r\n"
    writer.close()


async def test_a_page_hears_what_happened_while_the_database_did_not_answer(
    dashboard: Dashboard, monkeypatch: pytest.MonkeyPatch
) -> None:
    events, failed = dashboard.core.events, asyncio.Event()
    answering = events.after

    async def failing(*_: object) -> list[Event]:
        failed.set()
        raise Unusable("the server restarts")

    async with stream(dashboard) as page:
        await page.next()
        monkeypatch.setattr(events, "after", failing)
        await failed.wait()
        await events.publish("check", {"number": 1})
        monkeypatch.setattr(events, "after", answering)
        assert (await page.next())[2]["number"] == 1


async def test_a_page_that_comes_while_the_database_does_not_answer_is_told_to_come_again(
    dashboard: Dashboard, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def failing() -> int:
        raise Unusable("the server restarts")

    monkeypatch.setattr(dashboard.core.events, "last_id", failing)
    async with dashboard.session.get(f"{dashboard.url}/api/events") as response:
        assert await response.read() == b""
    assert [one.message for one in caplog.records if one.exc_info] == []
    assert dashboard.live.listeners == 0
