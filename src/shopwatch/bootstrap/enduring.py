"""Life goes on when the database cannot be used for a while; without it a full disk would end a monitor."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from datetime import datetime

import structlog

from shopwatch.bootstrap.waiting import stopped_within
from shopwatch.domain.errors import Unavailable
from shopwatch.domain.stock_state import Alert, AlertKind
from shopwatch.ports import Clock, Events, Outbox

log = structlog.get_logger(__name__)

_FIRST_WAIT_S = 1.0  #: before it is tried again; doubles
_LONGEST_WAIT_S = 60.0
_HEALTHY_S = 600.0  #: a life so long makes the next wait short again


async def endure(
    live: Callable[[], Coroutine[None, None, None]], outbox: Outbox, clock: Clock, *, stop: asyncio.Event
) -> None:
    """Live until ``stop``; a life that the database ended is followed by another, as after a crash.

    The next one begins once it can be written down that there was an outage. Any other error ends this, too.
    """
    since: datetime | None = None
    failures, reason = 0, ""
    while not stop.is_set():
        began_s = clock.monotonic()
        try:
            if since is not None:
                await outbox.add([_told(since, clock.now(), reason)])
                log.info("database_available", since=since.isoformat())
                since = None
            # A task of its own: a failed group of tasks leaves the task it is in half cancelled.
            await asyncio.create_task(live())
        except (Unavailable, ExceptionGroup) as error:
            reason = _reason(error)
        else:
            return
        if since is None:
            since = clock.now()
            log.warning("database_unavailable", reason=reason)
        failures = 0 if clock.monotonic() - began_s >= _HEALTHY_S else failures
        await stopped_within(stop, min(_LONGEST_WAIT_S, _FIRST_WAIT_S * 2.0 ** min(failures, 40)))
        failures += 1


async def publish(events: Events, kind: str, data: Mapping[str, object]) -> None:
    """Tell who listens. What cannot be written down now ends nobody: the log has it, too."""
    try:
        await events.publish(kind, dict(data))
    except Unavailable as error:
        log.warning("not_told", kind=kind, reason=str(error))


def _reason(error: Unavailable | ExceptionGroup[Exception]) -> str:
    """What the database said; an error of another kind beside it is raised as it came."""
    if isinstance(error, Unavailable):
        return str(error)
    passing, others = error.split(Unavailable)
    if others is not None or passing is None:
        raise error
    return str(_first(passing))


def _first(group: ExceptionGroup[Unavailable]) -> Exception:
    one = group.exceptions[0]
    return _first(one) if isinstance(one, ExceptionGroup) else one


def _told(since: datetime, until: datetime, reason: str) -> Alert:
    """What came and went was not seen. Told once an hour: a disk that is nearly full fails now and then."""
    text = f"The monitor stood still from {since:%H:%M:%S} to {until:%H:%M:%S} UTC"
    facts = {"text": text, "state": "stood still", "reason": reason}
    return Alert(key=f"outage:{since:%Y-%m-%dT%H}", kind=AlertKind.HEALTH, facts=facts)
