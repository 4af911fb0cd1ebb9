"""What a week does to a store set: without it every crawl after the first would find nothing new.

The rates are those counted between weekly snapshots of 2021 (Target, Verizon, Walmart); the other three are
guessed from the one most like them. At least one of each happens, however small the set.
"""

from __future__ import annotations

import random
import zlib
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

from shopwatch.simulator.stores import brands, hours, places
from shopwatch.simulator.stores.hours import Span, Week
from shopwatch.simulator.stores.model import CLOSED, OPEN, Store, Stray, changed

#: opened, closed, moved, usual hours changed: out of 10,000 stores a week
RATES = {
    "verizon": (32, 53, 5, 1490),
    "att": (15, 18, 3, 180),
    "target": (5, 5, 1, 5),
    "tmobile": (18, 23, 5, 230),
    "walmart": (2, 2, 1, 110),
    "bestbuy": (3, 5, 1, 50),
}
#: Where a holiday shows in the week itself, so that nothing tells it from a change of the usual hours
LEAKS = ("verizon", "bestbuy")

Exceptions = dict[date, Span | None]


@dataclass(slots=True)
class Passing:
    """A set while a week passes over it."""

    retailer: str
    stores: dict[str, Store]
    strays: list[Stray]
    draw: random.Random
    now: datetime
    summary: dict[str, Any] = field(default_factory=dict)

    def taken(self) -> set[str]:
        """Refs that are or were somebody's: a new store never gets one of them."""
        return set(self.stores) | {stray.store.ref for stray in self.strays if stray.store}

    def some(self, number: int) -> list[Store]:
        """Draw ``number`` open stores in a fixed order of refs."""
        open_ones = sorted(ref for ref, store in self.stores.items() if store.status == OPEN)
        return [self.stores[ref] for ref in self.draw.sample(open_ones, min(number, len(open_ones)))]


def pass_week(passing: Passing) -> None:
    """Open, close, move and re-time stores; ``passing.summary`` lists the refs."""
    total = len(passing.stores)
    counts = [max(1, round(total * rate / 10_000)) if total > 4 else 0 for rate in RATES[passing.retailer]]
    passing.summary["closed"] = [_close(passing, store) for store in passing.some(counts[1])]
    passing.summary["moved"] = [_move(passing, store) for store in passing.some(counts[2])]
    passing.summary["hours_changed"] = [
        _re_time(passing, store) for store in passing.some(counts[3]) if store.hours
    ]
    passing.summary["opened"] = [_open(passing) for _ in range(counts[0])]


def _open(passing: Passing) -> str:
    place = passing.draw.choice([place for place in places.us_places() if place.state in places.MAINLAND])
    number = passing.draw.randrange(10_000)
    store = brands.open_store(passing.retailer, passing.draw, place, number=number, taken=passing.taken())
    passing.stores[store.ref] = replace(store, status=OPEN, changed_at=passing.now)
    return store.ref


def _close(passing: Passing, store: Store) -> str:
    """Each site has its own way to go on about a store that is no more."""
    gone = changed(store, passing.now, status=CLOSED)
    if passing.retailer == "bestbuy":
        passing.stores[store.ref] = gone
        return store.ref
    del passing.stores[store.ref]
    kept = bool(zlib.crc32(store.ref.encode()) % 2)
    if passing.retailer == "verizon":
        shows = passing.draw.choice(
            [other.ref for other in passing.stores.values() if other.city != store.city]
        )
        passing.strays.append(Stray(path=store.path, kind="stale", shows=shows, store=gone, listed=kept))
    elif passing.retailer == "att":
        passing.strays.append(Stray(path=f"api:{store.ref}", kind="api-only", store=gone, listed=False))
    elif passing.retailer == "walmart":
        passing.strays.append(Stray(path=store.path, kind="soft-404", store=gone))
    else:
        listed = passing.retailer == "target" and kept
        passing.strays.append(Stray(path=store.path, kind="not-found", store=gone, listed=listed))
    return store.ref


def _move(passing: Passing, store: Store) -> str:
    draw, line1 = passing.draw, places.street(passing.draw)
    values: dict[str, Any] = {"street": line1, "line1": line1, "line2": ""}
    if store.lat is not None and store.lon is not None:
        values["lat"] = round(store.lat + draw.choice((-1, 1)) * draw.uniform(0.01, 0.04), 6)
        values["lon"] = round(store.lon + draw.choice((-1, 1)) * draw.uniform(0.01, 0.04), 6)
    if passing.retailer == "bestbuy":
        head, tail = store.path.rsplit("/", 1)
        number = tail.index(f"-{store.ref}")
        values["path"] = f"{head}/{places.slug(line1)}{tail[number:]}"
    passing.stores[store.ref] = changed(store, passing.now, **values)
    return store.ref


def _re_time(passing: Passing, store: Store) -> str:
    """Open or close half an hour earlier, on all days but one or on all."""
    usual = store.usual or store.hours or ()
    side, shift = passing.draw.randrange(2), passing.draw.choice((-30, -60))
    spared = passing.draw.choice((None, 6))
    week = tuple(
        spans if day == spared else tuple(_shifted(span, side, shift) for span in spans)
        for day, spans in enumerate(usual)
    )
    passing.stores[store.ref] = changed(store, passing.now, hours=week, usual=None)
    return store.ref


def _shifted(span: Span, side: int, shift: int) -> Span:
    begin, end = span
    return (max(0, begin + shift), end) if side == 0 else (begin, max(begin + 60, end + shift))


def keep_holidays(passing: Passing, before: Exceptions, after: Exceptions) -> int:
    """Let the holidays ahead show on the pages and those past vanish; say how many stores that changes."""
    count = 0
    if passing.retailer in LEAKS:
        soon = {day: span for day, span in after.items() if day < passing.now.date() + timedelta(days=7)}
        for store in list(passing.stores.values()):
            usual = store.usual or store.hours
            week = _leaked(usual, soon) if usual else None
            if week != store.hours:
                kept = usual if week != usual else None
                passing.stores[store.ref] = changed(store, passing.now, hours=week, usual=kept)
                count += 1
    elif passing.retailer == "target" and before != after:
        for store in list(passing.stores.values()):
            passing.stores[store.ref] = changed(store, passing.now)
            count += 1
    return count


def _leaked(usual: Week, soon: Exceptions) -> Week:
    week = list(usual)
    for day in soon:
        week[day.weekday()] = hours.shown(usual[day.weekday()], day, soon)
    return tuple(week)
