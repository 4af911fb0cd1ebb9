"""What a good run changes in the last good set, so that a lost page or a holiday is not told as news."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from shopwatch.domain.store import Store, StoreStatus
from shopwatch.domain.weeks import weeks_differ
from shopwatch.ports import KnownStore, Publication, StoreChange

#: A store is closed when so many good runs in a row did not name it.
CLOSED_AFTER_RUNS = 2
#: Metres between two positions of a store that did not move.
MOVED_M = 250.0
#: Hours that change for more than this share of the stores at once are a timetable of the season until
#: the next run still has them (docs/decisions/holiday-hours.md).
MASS_SHARE = 0.5
#: Below so many stores a share says nothing.
MASS_MIN_STORES = 10

_EARTH_M = 6_371_000.0
#: Fields told under their own name when both values are known; what a page leaves out is no change.
_PLAIN_FIELDS = ("phone", "kind", "dealer", "corporate", "city", "state", "postcode", "country", "services")
_STREET_WORDS = {
    "avenue": "ave",
    "boulevard": "blvd",
    "circle": "cir",
    "court": "ct",
    "drive": "dr",
    "east": "e",
    "highway": "hwy",
    "lane": "ln",
    "north": "n",
    "parkway": "pkwy",
    "place": "pl",
    "road": "rd",
    "south": "s",
    "square": "sq",
    "street": "st",
    "suite": "ste",
    "west": "w",
}
_NO_WORD = re.compile(r"[^a-z0-9]+")

Key = tuple[str, str]
Values = Mapping[str, object]


@dataclass(frozen=True, kw_only=True, slots=True)
class _Occasion:
    """What every line of one publication's feed has in common."""

    run_id: str
    now: datetime
    is_first: bool  #: the set begins with it
    is_after_import: bool = False  #: the set before it was another's, in other words

    def line(self, store: Store, kind: str, before: Values, after: Values) -> StoreChange:
        return StoreChange(
            at=self.now,
            retailer=store.retailer,
            ref=store.ref,
            kind=kind,
            run_id=self.run_id,
            before=before,
            after=after,
        )


def reconcile(
    known: Sequence[KnownStore],
    seen: Iterable[Store],
    *,
    run_id: str,
    now: datetime,
    again: bool = False,
    after_import: bool = False,
) -> Publication:
    """Join a good run with the last good set.

    The first run opens nothing: it is how the set begins. A store the run does not name stays for one
    more run. ``again``: the set is of this very run, which has fetched some pages more; it is no second
    witness of what is missing or of new hours. ``after_import``: the set is another's, who writes names,
    streets and hours in other words: what came and what went is told, and no more.
    """
    before = {known_store.store.key: known_store for known_store in known}
    after = {store.key: store for store in seen}
    occasion = _Occasion(run_id=run_id, now=now, is_first=not known, is_after_import=after_import)
    held = frozenset() if after_import else _held_hours(before, after, again=again)
    outcomes = [
        *(_seen(before.get(key), store, occasion, hold_hours=key in held) for key, store in after.items()),
        *((old, []) if again else _missed(old, occasion) for key, old in before.items() if key not in after),
    ]
    return Publication(
        known=tuple(known_store for known_store, _ in outcomes),
        changes=tuple(change for _, changes in outcomes for change in changes),
        note=_note(len(held), sum(key in before for key in after)),
    )


def distance_m(a: Store, b: Store) -> float | None:
    """Metres on the globe; ``None`` where a position is not known."""
    if a.lat is None or a.lon is None or b.lat is None or b.lon is None:
        return None
    lat_a, lat_b = math.radians(a.lat), math.radians(b.lat)
    half = (
        math.sin((lat_b - lat_a) / 2) ** 2
        + math.cos(lat_a) * math.cos(lat_b) * math.sin(math.radians(b.lon - a.lon) / 2) ** 2
    )
    return 2 * _EARTH_M * math.asin(min(1.0, math.sqrt(half)))


def plain_address(lines: Iterable[str]) -> str:
    """An address as it is compared: without case, points and the ways to write "Street"."""
    words = _NO_WORD.sub(" ", " ".join(lines).lower()).split()
    return " ".join(_STREET_WORDS.get(word, word) for word in words)


def _held_hours(
    before: Mapping[Key, KnownStore], after: Mapping[Key, Store], *, again: bool
) -> frozenset[Key]:
    """The stores whose hours change in a mass, seen by the first run."""
    comparable = 0
    changed: set[Key] = set()
    for key, store in after.items():
        old = before.get(key)
        if old is None or old.closed_at or store.hours is None or old.store.hours is None:
            continue
        comparable += 1
        if store.hours not in (old.store.hours, None if again else old.pending_hours):
            changed.add(key)
    is_mass = comparable >= MASS_MIN_STORES and len(changed) > MASS_SHARE * comparable
    return frozenset(changed) if is_mass else frozenset()


def _note(held: int, compared: int) -> str:
    if not held:
        return ""
    return (
        f"{held:,} of {compared:,} stores show other hours at once: holiday timetable? "
        "Their usual week is kept until the next run has these hours too"
    )


def _seen(
    old: KnownStore | None, store: Store, occasion: _Occasion, *, hold_hours: bool
) -> tuple[KnownStore, list[StoreChange]]:
    if old is None:
        fresh = KnownStore(store=store, first_seen=occasion.now, last_seen=occasion.now)
        return fresh, [] if occasion.is_first else list(_told_as_opened(store, occasion))
    if old.closed_at is not None:
        back = KnownStore(store=store, first_seen=old.first_seen, last_seen=occasion.now)
        if store.status is StoreStatus.CLOSED:
            return back, []  # listed again, and its page still says that it is closed
        return back, [
            occasion.line(store, "reopened", {"closed_at": old.closed_at.isoformat()}, _sketch(store))
        ]
    pending = store.hours if hold_hours else None
    kept = replace(store, hours=old.store.hours) if hold_hours else store
    current = KnownStore(store=kept, first_seen=old.first_seen, last_seen=occasion.now, pending_hours=pending)
    return current, list(_differences(old.store, kept, occasion))


def _told_as_opened(store: Store, occasion: _Occasion) -> Iterator[StoreChange]:
    if store.status is StoreStatus.COMING:
        yield occasion.line(store, "announced", {}, _sketch(store))
    elif store.status is not StoreStatus.CLOSED:
        yield occasion.line(store, "opened", {}, _sketch(store))


def _missed(old: KnownStore, occasion: _Occasion) -> tuple[KnownStore, list[StoreChange]]:
    if old.closed_at is not None:
        return old, []
    missed = replace(old, missed_runs=old.missed_runs + 1)
    if missed.missed_runs < CLOSED_AFTER_RUNS:
        return missed, []
    closed = replace(missed, closed_at=occasion.now)
    if old.store.status is StoreStatus.CLOSED:
        return closed, []  # its page said so earlier: told then
    after = {"last_seen": old.last_seen.isoformat()}
    return closed, [occasion.line(old.store, "closed", _sketch(old.store), after)]


def _differences(old: Store, new: Store, occasion: _Occasion) -> Iterator[StoreChange]:
    yield from _status_change(old, new, occasion)
    if occasion.is_after_import:
        return
    if _moved(old, new):
        yield occasion.line(new, "moved", _place(old), _place(new))
    if _plain(old.name) != _plain(new.name):
        yield occasion.line(new, "renamed", {"name": old.name}, {"name": new.name})
    if old.hours and new.hours and _hours_differ(old.hours, new.hours):
        yield occasion.line(new, "hours", {"hours": old.hours}, {"hours": new.hours})
    for name in _PLAIN_FIELDS:
        before, after = getattr(old, name), getattr(new, name)
        if before in (None, (), "") or after in (None, (), ""):
            continue
        if _comparable(name, before) != _comparable(name, after):
            yield occasion.line(new, name, {name: before}, {name: after})


def _status_change(old: Store, new: Store, occasion: _Occasion) -> Iterator[StoreChange]:
    if old.status is new.status or new.status is StoreStatus.UNKNOWN:
        return
    if new.status is StoreStatus.CLOSED:
        yield occasion.line(new, "closed", _sketch(old), {"status": "closed"})
    elif new.status is StoreStatus.OPEN and old.status is not StoreStatus.UNKNOWN:
        kind = "reopened" if old.status is StoreStatus.CLOSED else "opened"
        yield occasion.line(new, kind, {"status": str(old.status)}, _sketch(new))


def _hours_differ(before: str, after: str) -> bool:
    """Whether two weeks contradict each other; a day left out says nothing."""
    try:
        return weeks_differ(before, after)
    except ValueError:  # not in OSM's words
        return before != after


def _moved(old: Store, new: Store) -> bool:
    before, after = plain_address(old.address), plain_address(new.address)
    if before and after and before != after:
        return True
    metres = distance_m(old, new)
    return metres is not None and metres > MOVED_M


def _comparable(name: str, value: object) -> object:
    if name == "postcode":
        return str(value)[:5]  # "55428" and "55428-3507" are one place
    if isinstance(value, tuple):
        return frozenset(map(str, value))
    return _plain(value) if isinstance(value, str) else value


def _plain(text: str) -> str:
    return " ".join(text.split()).casefold()


def _place(store: Store) -> Values:
    return {"address": ", ".join(store.address), "city": store.city, "lat": store.lat, "lon": store.lon}


def _sketch(store: Store) -> Values:
    """What a person wants to read of a store that came or went."""
    return {
        "name": store.name,
        "address": ", ".join(store.address),
        "city": store.city,
        "state": store.state,
        "status": str(store.status),
    }
