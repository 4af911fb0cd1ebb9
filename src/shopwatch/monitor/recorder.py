"""Brings what was seen to the database: nearly all of it as counts, the few changes as transactions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

import structlog

from shopwatch.domain.stock import Availability, Details, Key, Observation
from shopwatch.domain.stock_state import Change, StockState
from shopwatch.monitor.tally import Tallies
from shopwatch.monitor.transition import Decider, has_verdict, is_news, judge
from shopwatch.monitor.watchlist import WatchList
from shopwatch.ports import Observations

log = structlog.get_logger(__name__)

_MOST_TOGETHER = 500  #: observations in one transaction: others write in between


class Recorder:
    """Mirrors the states, so that a look that changes nothing costs no query. The database decides."""

    def __init__(self, observations: Observations) -> None:
        self._observations = observations
        self._states: dict[Key, StockState] = {}
        self._titles: dict[Key, StockState] = {}
        self.tallies = Tallies()

    async def load(self) -> None:
        """Take the states as the database has them: at the start, and now and then what others changed."""
        read = await self._observations.load()
        for key, mine in self._states.items():  # what was recorded while it was being read is newer
            if key not in read or mine.version > read[key].version:
                read[key] = mine
        self._states = read

    def state(self, key: Key) -> StockState:
        return self._states.get(key) or StockState(key=key)

    def forget(self, wanted: WatchList) -> None:
        """Keep the counts of nothing that is no longer watched."""
        self._titles = {key: state for key, state in self._titles.items() if key in wanted}

    def count(self, seen: Iterable[Observation]) -> None:
        unknown = Availability.UNKNOWN
        add = self.tallies.add
        for one in seen:
            nothing_told = one.availability is unknown and one.pickup is unknown
            in_stock = one.availability.is_buyable or one.pickup.is_buyable
            add(one.product.key, one.observed_at, unknown=nothing_told, in_stock=in_stock)

    def news(
        self, seen: Iterable[Observation], watches: WatchList, *, now: datetime | None = None
    ) -> list[Observation]:
        """Those that may change something, found without asking the database. ``now``: see ``judge``."""
        states, found = self._states, []
        for one in seen:
            key = one.product.key
            state, rules = states.get(key), watches.rules(key)
            if rules is None:
                continue
            if state is None:  # a first look: any verdict is news
                if has_verdict(one) or one.offer is not None:
                    found.append(one)
            elif is_news(state, one) and judge(state, one, rules, now=now) is not None:
                found.append(one)
        return found

    async def record(
        self,
        news: Sequence[Observation],
        watches: WatchList,
        *,
        now: datetime | None = None,
        doubtful: Iterable[Key] = (),
        note: str = "",
    ) -> list[Change]:
        """Commit what changes something; the database says what did. ``now``: see ``judge``."""
        changes: list[Change] = []
        doubts = frozenset(doubtful)
        for start in range(0, len(news), _MOST_TOGETHER):
            decide = Decider(watches.rules, doubts, note, now=now)
            changes += await self._observations.record(news[start : start + _MOST_TOGETHER], decide)
            self._states.update(decide.known)
        for change in changes:
            self._states[change.after.key] = change.after
        return changes

    def learn_title(self, seen: Iterable[Observation]) -> None:
        """Keep the titles of products whose state has none yet; ``flush`` stores them."""
        for one in seen:
            key = one.product.key
            state = self._states.get(key)
            if state is not None and not state.title and one.product.name:
                self._states[key] = self._titles[key] = replace(state, title=one.product.name)

    async def save_details(self, key: Key, details: Details) -> None:
        state = replace(
            self.state(key),
            title=details.title or self.state(key).title,
            purchase_limit=details.purchase_limit,
            image_url=details.image_url,
        )
        if key in self._states:
            self._states[key] = state
        self._titles.pop(key, None)  # or the next flush would write the state without the details
        await self._observations.save_details([state])

    async def flush(self) -> int:
        """Write the counts and titles gathered since the last time, in one go; returns how many products."""
        titles, self._titles = list(self._titles.values()), {}
        if titles:
            await self._observations.save_details(titles)
        tallies = self.tallies.take()
        if tallies:
            await self._observations.checked(tallies)
        return len(tallies)
