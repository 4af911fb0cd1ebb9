"""Published sets ready to be shown: read once for each publication, for 5,000 stores take a while to read."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from shopwatch.bootstrap.core import Core
from shopwatch.domain.errors import NotFound
from shopwatch.locator.rows import Edition, facts_of
from shopwatch.ports import KnownStore

_SETS_KEPT = 3  #: a set of 5,000 stores takes some 10 MB
_Name = tuple[str, str]  #: retailer and run, which names a set for ever


@dataclass(frozen=True, slots=True)
class Line:
    """A store as it is searched and as it is sent."""

    ref: str
    state: str | None
    text: str  #: what a search looks through
    facts: msgspec.Raw


@dataclass(frozen=True, slots=True)
class Shown:
    """A set by store number, and its points for a map."""

    lines: Sequence[Line]
    points: msgspec.Raw

    def matching(self, *, search: str, state: str) -> list[Line]:
        return [line for line in self.lines if search in line.text and (not state or line.state == state)]


class Directory:
    """The last good sets; a set that was published anew is read anew."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._shown: OrderedDict[_Name, Shown] = OrderedDict()
        self._one_at_a_time = asyncio.Lock()

    async def edition(self, retailer: str) -> Edition:
        """Raises NotFound: nothing was published yet."""
        age = await self._core.stores.age(retailer)
        if age is None:
            raise NotFound(f"{retailer} has no published set yet")
        now = self._core.clock.now()
        return Edition(retailer=retailer, run_id=age[0], published_at=age[1], exported_at=now)

    async def stores(self, retailer: str) -> list[KnownStore]:
        """Those that are open, by number; for an export, which wants every field."""
        known = [one for one in await self._core.stores.known(retailer) if one.closed_at is None]
        return sorted(known, key=lambda one: one.store.ref)

    async def shown(self, edition: Edition) -> Shown:
        name = (edition.retailer, f"{edition.run_id} {edition.published_at.isoformat()}")
        async with self._one_at_a_time:
            found = self._shown.get(name)
            if found is None:
                known = await self.stores(edition.retailer)
                found = self._shown[name] = await asyncio.to_thread(_shown, known)
                while len(self._shown) > _SETS_KEPT:
                    self._shown.popitem(last=False)
            self._shown.move_to_end(name)
            return found


def _shown(known: Sequence[KnownStore]) -> Shown:
    points = [
        [one.store.lat, one.store.lon, one.store.ref, one.store.name]
        for one in known
        if one.store.lat is not None and one.store.lon is not None
    ]
    return Shown([_line(one) for one in known], msgspec.Raw(msgspec.json.encode(points)))


def _line(known: KnownStore) -> Line:
    store = known.store
    text = f"{store.ref} {store.name} {store.city} {store.postcode} {' '.join(store.address)}".casefold()
    return Line(store.ref, store.state, text, msgspec.Raw(msgspec.json.encode(facts_of(known))))
