"""Everything the simulated sites show; without it two sites could disagree about one product or store."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from shopwatch.simulator.checkout import Checkout

if TYPE_CHECKING:
    from shopwatch.simulator.shelf import Products


@dataclass(slots=True)
class VirtualClock:
    """The time the sites live in: real time, moved by an offset and run at a speed."""

    speed: float = 1.0  #: virtual seconds per real second
    offset: float = 0.0  #: seconds added to the real time
    _real: float = field(default_factory=time.time)
    _virtual: float = 0.0

    def __post_init__(self) -> None:
        self._virtual = self._real + self.offset

    def epoch(self) -> float:
        """Virtual seconds since 1970."""
        return self._virtual + (time.time() - self._real) * self.speed

    def move(self, *, offset: float | None = None, speed: float | None = None) -> None:
        """Shift the clock by ``offset`` seconds, run it at ``speed`` from now on."""
        self._virtual = self.epoch() + (offset or 0.0)
        self._real = time.time()
        self.speed = self.speed if speed is None else speed


@dataclass(slots=True)
class World:
    """The state of the simulation. Same seed, same calls: same world.

    ``stores[retailer]`` is the retailer's store set: ``simulator.stores.fill(world, folder)`` puts it there
    at start and after a reset. A set with a method ``week() -> Mapping`` takes part in ``POST /week``.
    Target's also gives the stock API its stores: ``location(store_id) -> dict | None``, the record of
    ``store_location_v1``, and ``nearby(zip_code, miles) -> list[tuple[float, dict]]``, nearest first.
    """

    seed: int
    products: Products
    stores: dict[str, Any] = field(default_factory=dict)
    #: site name -> "http://127.0.0.1:port", no slash at the end; "control" is there too
    origins: dict[str, str] = field(default_factory=dict)
    clock: VirtualClock = field(default_factory=VirtualClock)
    orders: list[dict[str, Any]] = field(default_factory=list)
    carts: dict[str, Any] = field(default_factory=dict)  #: by visitor
    sessions: dict[str, str] = field(default_factory=dict)  #: value of the cookie login-session -> first name
    #: values of login-session whose access token has run out: the next page renews it
    stale: set[str] = field(default_factory=set)
    checkout: Checkout = field(default_factory=Checkout)  #: how a purchase goes
    refill: Callable[[], None] = lambda: None  #: makes the store sets anew
    #: called after a reset, in order, so that a site can drop what it kept
    listeners: list[Callable[[], None]] = field(default_factory=list)

    def now(self) -> datetime:
        """The sites' time: aware, UTC."""
        return datetime.fromtimestamp(self.clock.epoch(), UTC)

    def random(self, *names: str | int) -> random.Random:
        """Give a generator of its own to whoever is called ``names``: nobody's draws disturb another's."""
        return random.Random("/".join(map(str, (self.seed, *names))))

    def week(self) -> dict[str, Mapping[str, Any]]:
        """Let a week pass at the stores: each store set says what it changed."""
        self.clock.move(offset=timedelta(weeks=1).total_seconds())
        return {name: stores.week() for name, stores in self.stores.items() if hasattr(stores, "week")}

    def reset(self, *, stores: bool = True) -> None:
        """Put the world back to how the seed made it and tell the listeners; ``stores`` are slow to make."""
        self.clock = VirtualClock()
        self.orders.clear()
        self.carts.clear()
        self.sessions.clear()
        self.stale.clear()
        self.checkout = Checkout()
        self.products.reset()
        if stores:
            self.refill()
        for listener in self.listeners:
            listener()
