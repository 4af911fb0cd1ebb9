"""The list of watches searched, filtered, sorted and paged: by key, so that a page never shifts. Pure."""

from __future__ import annotations

import base64
import json
from collections import Counter
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shopwatch.domain.errors import Invalid
from shopwatch.domain.stock import Availability, Key, best_of
from shopwatch.domain.stock_state import StockState
from shopwatch.domain.watch import Watch

STATES = ("in_stock", "limited", "preorder", "out_of_stock", "unknown", "paused")
_RANK = {"in_stock": 0, "limited": 1, "preorder": 2, "unknown": 3, "out_of_stock": 4, "paused": 5}
_PRIORITY = {"critical": 0, "high": 1, "normal": 2, "low": 3}


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """A watch, what is known of it, and when it is looked at next; made once per change of either."""

    watch: Watch
    state: StockState
    due_at: datetime | None
    word: str  #: what the list shows: paused, or the best way to get it of those the shopper cares for
    label: str  #: what it is sorted by as a name
    text: str  #: what a search looks through

    @classmethod
    def of(cls, watch: Watch, state: StockState, due_at: datetime | None = None) -> Row:
        label = (watch.name or state.title or watch.sku).casefold()
        parts = (watch.name, state.title, watch.sku, watch.retailer, watch.group or "", *watch.tags)
        word = word_of(watch, state)
        return cls(
            watch=watch, state=state, due_at=due_at, word=word, label=label, text=" ".join(parts).casefold()
        )

    def planned(self, due_at: datetime | None) -> Row:
        """The same at another time: ``replace`` takes thrice as long, for each watch each second."""
        return Row(
            watch=self.watch,
            state=self.state,
            due_at=due_at,
            word=self.word,
            label=self.label,
            text=self.text,
        )


def word_of(watch: Watch, state: StockState) -> str:
    """The availability through the channels of the watch, in one word."""
    if not watch.enabled:
        return "paused"
    of = {"shipping": state.availability, "pickup": state.pickup, "in_store": state.in_store}
    return best_known(of[channel.value] for channel in watch.channels).value


def best_known(ways: Iterable[Availability]) -> Availability:
    """The best of what is known: a way this retailer never speaks of must not hide the others."""
    given = tuple(ways)
    return best_of([one for one in given if one is not Availability.UNKNOWN] or given)


@dataclass(frozen=True, kw_only=True, slots=True)
class Wanted:
    """What part of the list is asked for."""

    search: str = ""
    tag: str = ""
    state: str = ""
    retailer: str = ""
    group: str = ""
    keys: frozenset[Key] | None = None
    changed: Container[Key] | None = None  #: only these
    sort: str = "state"  #: a minus before it turns it round
    limit: int = 100
    cursor: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """A page of the list and the figures over all of it."""

    rows: list[Row]
    following: str | None
    total: int
    counts: Mapping[str, int]  #: by state, before the filters by state and key


def listed(rows: Sequence[Row], wanted: Wanted) -> Part:
    """Raises Invalid: no such sort, or a cursor of another list."""
    fitting = [row for row in rows if _fits(row, wanted)]
    counts = Counter(row.word for row in fitting)
    matching = [
        row
        for row in fitting
        if (not wanted.state or row.word == wanted.state)
        and (wanted.keys is None or row.watch.key in wanted.keys)
        and (wanted.changed is None or row.watch.key in wanted.changed)
    ]
    reverse = wanted.sort.startswith("-")
    place = _placing(wanted.sort.removeprefix("-"))
    placed = sorted(((place(row), row) for row in matching), key=lambda pair: pair[0], reverse=reverse)
    if wanted.cursor:
        after = _decoded(wanted.cursor, of_kind=type(place(matching[0])[0]) if matching else object)
        placed = [pair for pair in placed if (pair[0] < after if reverse else pair[0] > after)]
    page = placed[: wanted.limit]
    more = len(placed) > len(page)
    return Part(
        rows=[row for _, row in page],
        following=_encoded(page[-1][0]) if more else None,
        total=len(matching),
        counts={state: counts.get(state, 0) for state in STATES},
    )


_Place = tuple[float | str, str, str, str]


def _placing(sort: str) -> Callable[[Row], _Place]:
    value = _SORTS.get(sort)
    if value is None:
        raise Invalid(
            f"no sort {sort!r}: it must be one of {', '.join(_SORTS)}, with a minus to turn it round"
        )
    return lambda row: (value(row), row.label, row.watch.retailer, row.watch.sku)


_FAR = 1e18
_SORTS: Mapping[str, Callable[[Row], float | str]] = {
    "state": lambda row: float(_RANK[row.word]),
    "name": lambda row: row.label,
    "retailer": lambda row: row.watch.retailer,
    "price": lambda row: float(row.state.price.cents) if row.state.price else _FAR,
    "max_price": lambda row: float(row.watch.max_price.cents) if row.watch.max_price else _FAR,
    "restock": lambda row: -_seconds(row.state.last_restock, -_FAR),
    "checked": lambda row: -_seconds(row.state.last_checked, -_FAR),
    "next": lambda row: _seconds(row.due_at, _FAR),
    "priority": lambda row: float(_PRIORITY[row.watch.priority.value]),
    "frequency": lambda row: row.watch.check_frequency_s,
}
SORT_PATTERN = f"^-?({'|'.join(_SORTS)})$"


def _seconds(at: datetime | None, otherwise: float) -> float:
    return otherwise if at is None else at.timestamp()


def _fits(row: Row, wanted: Wanted) -> bool:
    watch = row.watch
    if wanted.retailer and watch.retailer != wanted.retailer:
        return False
    if (wanted.tag and wanted.tag not in watch.tags) or (wanted.group and wanted.group != watch.group):
        return False
    return all(word in row.text for word in wanted.search.casefold().split())


def _encoded(place: _Place) -> str:
    return base64.urlsafe_b64encode(json.dumps(place).encode()).decode().rstrip("=")


def _decoded(cursor: str, *, of_kind: type) -> Any:
    try:
        found = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        value, label, retailer, sku = found
    except (ValueError, TypeError):
        raise Invalid("cursor is none of this list: begin without one") from None
    if not all(isinstance(one, str) for one in (label, retailer, sku)) or not isinstance(value, of_kind):
        raise Invalid("cursor is none of this list: begin without one")
    return value, label, retailer, sku
