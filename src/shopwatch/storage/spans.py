"""How long something was so: changes turned into spans of time, and what can be said of them. Pure."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import compress
from typing import Protocol

from shopwatch.domain.money import Money
from shopwatch.domain.stock import Availability, best_of


class _Changed(Protocol):
    @property
    def at(self) -> datetime: ...
    @property
    def availability(self) -> str: ...
    @property
    def pickup(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Span:
    """From a change to the next one."""

    begin: datetime
    end: datetime
    availability: Availability  #: the better of shipping and pickup; a way never told is neither


def of_changes(rows: Iterable[_Changed], since: datetime, until: datetime) -> list[Span]:
    """``rows`` in order, the first being what held at ``since``; what came before any row is not told.

    Sites tell no pickup of many products. A way that no row knows of must not make the others unknown.
    """
    known = list(rows)
    ways = [(Availability(row.availability), Availability(row.pickup)) for row in known]
    told = [any(one is not Availability.UNKNOWN for one in way) for way in zip(*ways, strict=True)]
    best = [best_of(compress(both, told)) for both in ways]
    begins = [max(row.at, since) for row in known]
    found: list[Span] = []
    for begin, end, availability in zip(begins, [*begins[1:], until], best, strict=False):
        if found and found[-1].availability is availability:
            found[-1] = Span(found[-1].begin, end, availability)
        elif end > begin:
            found.append(Span(begin, end, availability))
    return found


def share_in_stock(spans: Iterable[Span]) -> float | None:
    """Unknown time counts for neither side; ``None`` when nothing else is there."""
    buyable = known = timedelta()
    for span in spans:
        length = span.end - span.begin
        if span.availability is not Availability.UNKNOWN:
            known += length
        if span.availability.is_buyable:
            buyable += length
    return buyable / known if known else None


def typical(prices: Sequence[tuple[datetime, Money]], since: datetime, until: datetime) -> Money | None:
    """The median over time: a price that held for an hour weighs less than one that held for a month."""
    ends = [*(at for at, _ in prices[1:]), until]
    held = [
        (price, end - max(at, since)) for (at, price), end in zip(prices, ends, strict=False) if end > since
    ]
    half = sum((length for _, length in held), timedelta()) / 2
    passed = timedelta()
    for price, length in sorted(held):
        passed += length
        if passed >= half:
            return price
    return None


def median(values: Sequence[float]) -> float | None:
    return statistics.median(values) if values else None
