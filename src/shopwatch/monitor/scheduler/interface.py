"""The words the monitor and a scheduler speak: what to watch, what to ask for now, what came of it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

Key = tuple[str, str]  #: (retailer, sku)


@dataclass(frozen=True, kw_only=True, slots=True)
class Assignment:
    """A watch, as far as its scheduling goes."""

    key: Key
    max_interval_s: float  #: the person's check_frequency: the longest interval they accept
    value: float = 1.0  #: what seeing its restock is worth, from the priority
    family: str | None = None  #: siblings that tend to come back together (brand, tag or group)

    def __post_init__(self) -> None:
        if not (0 < self.max_interval_s < float("inf")):
            raise ValueError(f"{self.key}: max_interval_s must be above 0, got {self.max_interval_s}")
        if not (0 < self.value < float("inf")):
            raise ValueError(f"{self.key}: value must be above 0, got {self.value}")


@dataclass(frozen=True, kw_only=True, slots=True)
class Batch:
    """Products of one retailer to be asked for in one request."""

    retailer: str
    skus: tuple[str, ...]


class Outcome(StrEnum):
    """What a check told about one product."""

    IN_STOCK = "in_stock"
    OUT_OF_STOCK = "out_of_stock"
    UNKNOWN = "unknown"  #: an answer without a verdict
    FAILED = "failed"  #: no answer


@dataclass(frozen=True, slots=True)
class Plan:
    """When a product is looked at next at the latest, and why then, in words for people."""

    due_at_s: float  #: seconds since 1970, UTC; a promise, it may come sooner
    why: str


@dataclass(frozen=True, kw_only=True, slots=True)
class HostLimits:
    """What a retailer's host is asked at most."""

    batch_size: int = 1  #: products one request can carry
    min_gap_s: float = 1.0  #: shortest interval between two looks at one product
    requests_per_s: float = 1.0  #: on average over a day
    max_in_flight: int = 1  #: batches handed out and not yet back
    #: At most this many at any time, to spend the day's requests in the busy hours; ``None``: evenly.
    peak_requests_per_s: float | None = None

    def __post_init__(self) -> None:
        if self.batch_size < 1 or self.max_in_flight < 1:
            raise ValueError("batch_size and max_in_flight must be at least 1")
        if self.requests_per_s <= 0 or self.min_gap_s < 0:
            raise ValueError("requests_per_s must be above 0 and min_gap_s not below 0")
        if self.peak_requests_per_s is not None and self.peak_requests_per_s < self.requests_per_s:
            raise ValueError("peak_requests_per_s must not be below requests_per_s")


class Scheduler(Protocol):
    """Decides what to check next. It is told the time, never reads a clock and never sleeps.

    ``now`` is always seconds since 1970, UTC. A clock that jumps back is harmless.
    """

    def replace(self, assignments: Iterable[Assignment], now: float) -> None:
        """Watch exactly these from now on; what was learnt of those that stay is kept."""

    def limits(self, retailer: str, limits: HostLimits, now: float) -> None:
        """Set what ``retailer`` is asked at most; without it the cautious defaults hold."""

    def take_due(self, now: float) -> list[Batch]:
        """Hand out what is worth a request now, within budget and ``max_in_flight``.

        Each batch must come back through ``done``, or its products are never seen again.
        """

    def done(
        self,
        batch: Batch,
        outcomes: Mapping[str, Outcome],
        now: float,
        *,
        refused: bool = False,
        retry_after_s: float | None = None,
    ) -> None:
        """Take a batch back and learn from it. A product without an outcome counts as ``UNKNOWN``.

        ``refused``: the host asked us to slow down (429 and kin); ``retry_after_s`` is obeyed.
        """

    def doubtful(self, key: Key, now: float) -> bool:
        """Say whether the last answer about ``key`` is to be asked again before it is believed.

        To be read after ``done``: a doubtful answer makes no change and no alert.
        """

    def check_now(self, key: Key, now: float) -> None:
        """Put a product first, because a person asked; budget, pauses and ``min_gap_s`` still hold."""

    def pause(self, retailer: str, until: float) -> None:
        """Ask this retailer nothing before ``until``; a time that has passed ends the pause."""

    def seconds_until_due(self, now: float) -> float | None:
        """Return 0.0 if ``take_due`` would hand out something, ``None`` if only ``done`` can change that."""

    def plan(self, key: Key, now: float) -> Plan:
        """Say when ``key`` is looked at next and why. Cheap enough to ask for every row of a list.

        Raises:
            KeyError: nobody watches it.
        """

    def stretch(self, retailer: str) -> float:
        """Return by how much intervals are stretched: 1.0 is as asked, 1.4 is 40 % longer."""

    def save(self) -> dict[str, Any]:
        """Return what was learnt, ready for JSON."""

    def restore(self, state: Mapping[str, Any], now: float) -> None:
        """Go on from what ``save`` gave; before or after ``replace``. Old learning counts less.

        Raises:
            ValueError: the state is not one of ours; nothing has changed.
        """
