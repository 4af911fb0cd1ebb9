"""Server-sent events: one reader of the ``events`` rows for all pages, and each page resumes where it was."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass

import structlog

from shopwatch.domain.errors import Unusable
from shopwatch.ports import Clock, Event, Events

TAIL = "events tail"  #: name of the one task that reads for all
_INTERVAL_S = 0.25  #: between two looks at the events, at least
_BEAT_S = 15.0  #: proxies close a silent connection, and a page takes silence for a lost one
_BACKLOG = 1000  #: events a page may be behind before it must load everything anew
_QUEUE = 2000  #: events a slow page may leave unread before it is told that it is stale
log = structlog.get_logger("live")


@dataclass(frozen=True, slots=True)
class Message:
    """One event as it goes over the wire, encoded once for all pages."""

    id: int
    wire: bytes


class Live:
    """Tails the events while anybody listens; a page that falls behind is told so and never slows another."""

    def __init__(self, events: Events, clock: Clock) -> None:
        self._events = events
        self._clock = clock
        self._queues: set[asyncio.Queue[Message | None]] = set()
        self._tail: asyncio.Task[None] | None = None
        self._last = 0
        self._starting = asyncio.Lock()
        self._closing = asyncio.Event()

    @property
    def listeners(self) -> int:
        return len(self._queues)

    async def stream(self, after: int | None) -> AsyncIterator[bytes]:
        """The events after ``after`` (``None``: from now on), until the page leaves or is let go."""
        queue: asyncio.Queue[Message | None] = asyncio.Queue(_QUEUE)
        try:
            await self._join(queue)
            async for wire in self._told(queue, after):
                yield wire
        except Unusable as error:  # it comes again by itself, and hears then what it has missed
            log.info("page_let_go", reason=str(error))
        finally:
            self._leave(queue)

    async def _told(self, queue: asyncio.Queue[Message | None], after: int | None) -> AsyncIterator[bytes]:
        newest = await self._events.last_id()
        yield _frame("hello", {"last_id": newest, "now": self._clock.now().isoformat()})
        sent = newest if after is None else min(after, newest)
        async for message in self._missed(after, newest):
            sent = max(sent, message.id)
            yield message.wire
        while True:
            try:
                message_or_none = await asyncio.wait_for(queue.get(), _BEAT_S)
            except TimeoutError:
                yield _frame("beat", {"now": self._clock.now().isoformat()})
                continue
            if message_or_none is None:
                yield _frame("stale", {"reason": "this page fell behind"})
                return
            if message_or_none.id > sent:
                sent = message_or_none.id
                yield message_or_none.wire

    async def close(self) -> None:
        """Let every page go."""
        self._closing.set()
        for queue in list(self._queues):
            _end(queue)
        if self._tail is not None:
            await self._tail

    async def _missed(self, after: int | None, newest: int) -> AsyncIterator[Message]:
        if after is None or after == newest:
            return
        missed = await self._events.after(after, _BACKLOG) if 0 < newest - after <= _BACKLOG else []
        # None: its number is of another database, or much was missed. Not the next: that one is forgotten.
        if not missed or missed[0].id != after + 1:
            yield Message(newest, _frame("stale", {"reason": "too much was missed"}, newest))
            return
        for event in missed:
            yield _message(event)

    async def _join(self, queue: asyncio.Queue[Message | None]) -> None:
        self._queues.add(queue)
        async with self._starting:  # many pages come at once after a restart; one reader is enough for all
            if self._tail is None or self._tail.done():
                self._last = await self._events.last_id()
                self._tail = asyncio.create_task(self._follow(), name=TAIL)

    def _leave(self, queue: asyncio.Queue[Message | None]) -> None:
        self._queues.discard(queue)

    async def _follow(self) -> None:
        loop = asyncio.get_running_loop()
        failing = False
        while self._queues and not self._closing.is_set():
            began = loop.time()
            try:
                await self._pass_on()
            except Unusable as error:  # a server that restarts, a file that is locked: the pages wait with us
                if not failing:
                    log.warning("events_unreadable", reason=str(error))
                failing = True
            else:
                if failing:
                    log.info("events_readable_again")
                failing = False
            # Other processes write the events: a database of files tells nobody, so it is looked at.
            with suppress(TimeoutError):
                async with asyncio.timeout_at(began + _INTERVAL_S):
                    await self._closing.wait()

    async def _pass_on(self) -> None:
        for event in await self._events.after(self._last):
            self._last = event.id
            message = _message(event)
            for queue in list(self._queues):
                _offer(queue, message)


def _offer(queue: asyncio.Queue[Message | None], message: Message) -> None:
    if queue.full():
        _end(queue)
    else:
        queue.put_nowait(message)


def _end(queue: asyncio.Queue[Message | None]) -> None:
    while not queue.empty():
        queue.get_nowait()
    queue.put_nowait(None)


def _message(event: Event) -> Message:
    return Message(event.id, _frame(event.kind, {"at": event.at.isoformat(), **event.data}, event.id))


def _frame(kind: str, data: object, id_: int | None = None) -> bytes:
    head = f"id: {id_}\n" if id_ is not None else ""
    return f"{head}event: {kind}\ndata: {json.dumps(data, default=str, separators=(',', ':'))}\n\n".encode()
