"""Restocks that happen by themselves at known times; without them no missed window could be counted."""

from __future__ import annotations

import asyncio
import heapq
import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from shopwatch.simulator.shelf import Product
from shopwatch.simulator.world import World

Action = Literal[
    "restock",  #: orderable for ``seconds``, then sold out
    "blip",  #: ``reads`` answers of the API say in stock, nothing else changes
    "lie",  #: the API says in stock for ``seconds``, the page's button stays disabled
    "drop",  #: every product of ``brand`` is restocked, one after the other
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happens at a shelf. Times are virtual seconds, from the scenario's start."""

    at: float
    site: str = "target"
    sku: str = ""
    brand: str = ""
    action: Action = "restock"
    seconds: float = 30.0
    quantity: int = 25
    reads: int = 1
    spread: float = 5.0  #: of a drop: seconds from its first product to its last


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How many events a seed shall make, and within which time."""

    seed: int
    site: str = "target"
    duration: float = 600.0  #: seconds
    restocks: int = 20
    window: tuple[float, float] = (5.0, 120.0)  #: shortest and longest, seconds
    blips: int = 0
    lies: int = 0
    drops: int = 0


def events_of(plan: Plan, world: World) -> list[Event]:
    """Make a plan's events: same seed and same shelf, same events."""
    random_ = world.random("scenario", plan.seed)
    shelf = world.products.shelves[plan.site]
    skus = sorted(product.sku for product in shelf.values() if not product.claims and product.kind != "VAP")
    brands = sorted({product.brand for product in shelf.values() if product.brand})
    counts: dict[Action, int] = {"restock": plan.restocks, "blip": plan.blips, "lie": plan.lies}
    wanted = [action for action, count in counts.items() for _ in range(count)]
    events = []
    for action in wanted:
        seconds = random_.uniform(*plan.window)
        at = random_.uniform(0.0, max(0.0, plan.duration - seconds))
        if skus:
            sku = random_.choice(skus)
            events.append(Event(at=at, site=plan.site, sku=sku, action=action, seconds=seconds))
    for _ in range(plan.drops if brands else 0):
        at, seconds = random_.uniform(0.0, plan.duration), random_.uniform(*plan.window)
        brand = random_.choice(brands)
        events.append(Event(at=at, site=plan.site, brand=brand, action="drop", seconds=seconds))
    return sorted(events, key=lambda event: event.at)


class Timeline:
    """Lets events happen when their time comes. One timer, however many events there are."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._due: list[tuple[float, int, Callable[[], None]]] = []
        self._order = itertools.count()
        self._timer: asyncio.TimerHandle | None = None
        self._open: dict[tuple[str, str], int] = {}  #: which window of a product is the last one
        self.done = 0

    @property
    def pending(self) -> int:
        """How many changes of the shelf are still to come."""
        return len(self._due)

    def add(self, events: list[Event]) -> int:
        """Plan ``events`` from now on; say how many changes of the shelf they are."""
        before, start = len(self._due), self._world.clock.epoch()
        for event in events:
            for offset, change in self._changes(event):
                heapq.heappush(self._due, (start + offset, next(self._order), change))
        self.arm()
        return len(self._due) - before

    def stop(self) -> None:
        """Let nothing more happen."""
        self._due.clear()
        self._open.clear()
        self.done = 0
        self.arm()

    def arm(self) -> None:
        """Set the timer anew: also to be called when the clock was moved."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._due:
            clock = self._world.clock
            delay = max(0.0, self._due[0][0] - clock.epoch()) / clock.speed
            self._timer = asyncio.get_running_loop().call_later(delay, self._ring)

    def _ring(self) -> None:
        # A timer may ring a moment early by this clock; what is due within a millisecond is due.
        now = self._world.clock.epoch() + 0.001
        while self._due and self._due[0][0] <= now:
            _, _, change = heapq.heappop(self._due)
            change()
            self.done += 1
        self.arm()

    def _changes(self, event: Event) -> Iterator[tuple[float, Callable[[], None]]]:
        products, site = self._world.products, event.site
        if event.action == "blip":
            yield event.at, lambda: products.blip(site, event.sku, reads=event.reads)
        elif event.action == "drop":
            family = [p for p in products.shelves[site].values() if _is_of(p, event.brand)]
            for place, product in enumerate(family):
                at = event.at + event.spread * place / max(1, len(family) - 1)
                yield from self._window(event, product.sku, at, "drop")
        else:
            yield from self._window(event, event.sku, event.at, event.action)

    def _window(
        self, event: Event, sku: str, at: float, action: Action
    ) -> Iterator[tuple[float, Callable[[], None]]]:
        products, key, window = self._world.products, (event.site, sku), next(self._order)

        def begin() -> None:
            self._open[key] = window
            if action == "lie":
                products.lie(*key)
            else:
                products.restock(*key, quantity=event.quantity, cause=action)

        def end() -> None:
            if self._open.get(key) == window:  # a later window has not taken over
                products.sell_out(*key, cause=f"end of {action}")

        yield at, begin
        yield at + event.seconds, end


def _is_of(product: Product, brand: str) -> bool:
    return product.brand == brand and product.kind != "VAP"
