"""The delivery of alerts: leased from the outbox, sent to every channel, retried until they left."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict, deque
from collections.abc import Coroutine, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta

import structlog

from shopwatch.domain.errors import Unreachable
from shopwatch.domain.stock_state import AlertKind
from shopwatch.notify.deciding import (
    STORM_WINDOW,
    Drop,
    Family,
    Manners,
    Send,
    Wait,
    decide,
    family_of,
)
from shopwatch.notify.messages import Message, collapsed, render
from shopwatch.ports import Channel, Clock, Deliveries, Outbox, OutboxRow

log = structlog.get_logger("notify")

_AT_ONCE = 100  #: rows leased together
_LEASE_S = 120.0  #: longer than every channel's time-out together
_LOOK_S = 2.0  #: between two looks while nobody wakes us: other processes write alerts too
_FIRST_RETRY_S = 2.0
_LONGEST_RETRY_S = 300.0
_TRIES = 50  #: with these waits about four hours


class Delivery:
    """Each alert reaches each channel at least once, also after a crash or while a channel was down.

    A channel that has it is not told again when another failed.
    """

    def __init__(
        self,
        *,
        outbox: Outbox,
        deliveries: Deliveries,
        channels: Sequence[Channel],
        manners: Manners,
        templates: Mapping[str, str],
        clock: Clock,
    ) -> None:
        self._outbox = outbox
        self._deliveries = deliveries
        self._clock = clock
        self._woken = asyncio.Event()
        self._stop = asyncio.Event()
        self._down: set[str] = set()
        self._looked_at = clock.now()
        self._left: deque[tuple[datetime, Family]] = deque()  #: of the last minute
        self.configure(channels, manners, templates)

    def configure(self, channels: Sequence[Channel], manners: Manners, templates: Mapping[str, str]) -> None:
        """Take over changed settings; they hold for what already waits, too."""
        self._channels = tuple(channels)
        self._manners = manners
        self._templates = templates
        self._changed = True
        self.wake()

    def wake(self) -> None:
        """There is something new: look now."""
        self._woken.set()

    async def run(self, stop: asyncio.Event) -> None:
        """Deliver until ``stop``; what is in hand is finished first, but for channels that are down."""
        self._stop = stop
        while not stop.is_set():
            if not await self.deliver_due():
                await self._rest(stop)

    async def deliver_due(self) -> int:
        """Deliver what is due now; returns how many rows were looked at."""
        self._woken.clear()
        if not self._channels:
            return 0  # the rows wait: a channel configured later still tells what is not stale
        now = self._clock.now()
        if now < self._looked_at:  # the clock was set back: what waits would wait for the time it showed
            self._left.clear()
            self._changed = True
        self._looked_at = now
        if self._changed:
            self._changed = False
            await self._outbox.look_again(now)
        rows = await self._outbox.lease(_AT_ONCE, now, _LEASE_S)
        messages: list[Send] = []
        for decision in decide(rows, self._manners, now, lately=self._lately(now)):
            match decision:
                case Send():
                    messages.append(decision)
                    self._left += [(now, family_of(row)) for row in decision.rows]
                case Wait(row, until, why):
                    await self._outbox.wait(row, why, until)
                case Drop(row, why):
                    await self._outbox.close(row, "expired", why)
                    log.warning("alert_expired", key=row.alert.key, reason=why)
        await self._send_all(messages)
        return len(rows)

    def _lately(self, now: datetime) -> Counter[Family]:
        while self._left and self._left[0][0] <= now - STORM_WINDOW:
            self._left.popleft()
        return Counter(family for _, family in self._left)

    async def _send_all(self, messages: Sequence[Send]) -> None:
        """Each channel hears one after another, and waits for no other channel."""
        if not messages:
            return
        done = await self._deliveries.done([row.id for message in messages for row in message.rows])
        turns = [(channel, asyncio.Lock()) for channel in self._channels]  # a lock lets in who came first
        async with asyncio.TaskGroup() as tasks:
            for message in messages:
                tasks.create_task(self._send(message.rows, message.why, done=done, turns=turns))

    async def _send(
        self,
        rows: Sequence[OutboxRow],
        why: str,
        *,
        done: Mapping[int, frozenset[str]],
        turns: Sequence[tuple[Channel, asyncio.Lock]],
    ) -> None:
        """One message to each channel of what it has not; done is a row that all of them have."""
        told: list[list[OutboxRow]] = []
        sending: list[Coroutine[None, None, str]] = []
        for channel, turn in turns:
            if some := [row for row in rows if channel.key not in done.get(row.id, ())]:
                told.append(some)
                sending.append(self._send_to(channel, some, why, turn=turn))
        results = await asyncio.gather(*sending)
        errors: dict[int, list[str]] = defaultdict(list)
        for some, error in zip(told, results, strict=True):
            for row in some if error else ():
                errors[row.id].append(error)
        await self._settle([row for row in rows if row.id not in errors], why)
        for row in rows:
            if row.id in errors:
                await self._postpone(row, "; ".join(errors[row.id]))

    async def _settle(self, rows: Sequence[OutboxRow], why: str) -> None:
        """These have left to every channel."""
        for row in rows[:1]:
            others = "1 other" if len(rows) == 2 else f"{len(rows) - 1} others"  # noqa: PLR2004
            note = "" if len(rows) == 1 else f"with {others}: {why}"
            await self._outbox.sent(row, self._clock.now(), note=note)
        for row in rows[1:]:
            await self._outbox.close(row, "collapsed", f"told together with {rows[0].alert.key}")

    def _message(self, rows: Sequence[OutboxRow], why: str) -> Message:
        if len(rows) == 1:
            return render(rows[0].alert, self._templates)
        return collapsed([row.alert for row in rows], self._templates, why=why)

    async def _send_to(
        self, channel: Channel, rows: Sequence[OutboxRow], why: str, *, turn: asyncio.Lock
    ) -> str:
        message = self._message(rows, why)
        async with turn:  # also while it is written down: a kill repeats one message, not two
            if self._stop.is_set() and channel.key in self._down:
                return f"{channel.name}: it was down when the monitor stopped"
            error = await _said_by(channel, message)
            ids, now = [row.id for row in rows], self._clock.now()
            await self._deliveries.mark(ids, channel.key, channel.name, now, error=error)
            self._note(channel, error)
        return f"{channel.name}: {error}" if error else ""

    def _note(self, channel: Channel, error: str) -> None:
        """One line when a channel goes down, and one when it is back."""
        if error and channel.key not in self._down:
            self._down.add(channel.key)
            log.warning("channel_down", channel=channel.name, reason=error)
        elif not error and channel.key in self._down:
            self._down.discard(channel.key)
            log.info("channel_recovered", channel=channel.name)

    async def _postpone(self, row: OutboxRow, error: str) -> None:
        given_up = row.attempts + 1 >= _TRIES or row.alert.kind is AlertKind.TEST
        wait_s = min(_LONGEST_RETRY_S, _FIRST_RETRY_S * 2 ** min(row.attempts, 20))
        again = None if given_up else self._clock.now() + timedelta(seconds=wait_s)
        await self._outbox.failed(row, error, again)

    async def _rest(self, stop: asyncio.Event) -> None:
        waits = [asyncio.ensure_future(event.wait()) for event in (stop, self._woken)]
        try:
            with suppress(TimeoutError):
                await asyncio.wait(waits, timeout=_LOOK_S, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()


async def _said_by(channel: Channel, message: Message) -> str:
    """Send it; why it did not arrive, empty if it did."""
    try:
        await channel.send(message.title, message.body)
    except Unreachable as error:
        return error.reason or "it gave no reason"
    return ""
