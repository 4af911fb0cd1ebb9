"""How often a caller may ask a host, in numbers; without it limits and policies would share no words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

_SMOOTHED_S = 0.01  #: a rate above 100/s is kept over 10 ms, since timers are not finer than 1 ms


@dataclass(frozen=True, kw_only=True, slots=True)
class Pace:
    """How often one kind of caller may ask a host."""

    min_delay_s: float = 0.0  #: between two requests, at least
    max_delay_s: float = 0.0  #: at most; the delay is drawn between the two
    requests_per_second: float | None = None
    concurrency: int = 1  #: requests in flight to the host, everybody's counted
    patience_s: float = 30.0  #: a caller is told instead of kept waiting when the host is held for longer

    @property
    def smoothing_s(self) -> float:
        """How far a request may run ahead of its even place: 0 wherever a delay can be kept exactly."""
        if self.max_delay_s or not self.requests_per_second:
            return 0.0
        return max(0.0, _SMOOTHED_S - 1 / self.requests_per_second)


@dataclass(slots=True)
class Permit:
    """The right to send one request, until it is given back."""

    entered_s: float  #: monotonic
    spacing_s: float  #: to the next request
    plain_s: float  #: the same for a host at full rate
    exact: bool  #: whether the spacing is kept from the moment of sending


class Held(Exception):
    """The host is held for longer than the caller has patience; nothing was sent."""

    def __init__(self, seconds: float, reason: str) -> None:
        super().__init__(reason)
        self.seconds = seconds  #: until the hold ends
        self.reason = reason


class Timer(Protocol):
    def cancel(self) -> None: ...


class Timers(Protocol):
    """What an event loop offers; a test brings one whose time it moves."""

    def call_later(self, delay: float, callback: Callable[..., object], /, *args: Any) -> Timer: ...
