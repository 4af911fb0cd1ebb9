"""The watches as the monitor works with them: by key, with their rules, swapped whole at a change."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from shopwatch.domain.stock import Availability, Channel, Key, Observation
from shopwatch.domain.watch import Watch
from shopwatch.monitor.rules import Rules
from shopwatch.monitor.scheduler import Outcome
from shopwatch.monitor.sources import StockSource

_Seen = tuple[Availability, Availability, Availability, frozenset[Channel]]


class WatchList:
    """The enabled watches of the retailers that can be read; the others are named with the reason."""

    def __init__(
        self,
        watches: Iterable[Watch] = (),
        sources: Mapping[str, StockSource] | None = None,
        *,
        tell_end: bool = False,
        ask_first: bool = False,
    ) -> None:
        self._rules: dict[Key, Rules] = {}
        self._counts: Counter[str] = Counter()
        self._shortest_s: dict[str, float] = {}
        self._outcomes: dict[_Seen, Outcome] = {}
        self.left_out: dict[Key, str] = {}
        for watch in watches:
            source = (sources or {}).get(watch.retailer)
            if not watch.enabled:
                self.left_out[watch.key] = "disabled"
            elif source is None:
                self.left_out[watch.key] = f"{watch.retailer} is disabled, or its stock cannot be read"
            else:
                url = watch.url or source.api.product_url(watch.sku, source.site)
                self._rules[watch.key] = Rules(watch=watch, url=url, tell_end=tell_end, ask_first=ask_first)
                self._counts[watch.retailer] += 1
                known_s = self._shortest_s.get(watch.retailer, watch.check_frequency_s)
                self._shortest_s[watch.retailer] = min(known_s, watch.check_frequency_s)

    def __len__(self) -> int:
        return len(self._rules)

    def __iter__(self) -> Iterator[Key]:
        return iter(self._rules)

    def __contains__(self, key: Key) -> bool:
        return key in self._rules

    def rules(self, key: Key) -> Rules | None:
        return self._rules.get(key)

    def watches(self) -> list[Watch]:
        return [rules.watch for rules in self._rules.values()]

    def count(self, retailer: str) -> int:
        return self._counts[retailer]

    def shortest_s(self, retailer: str) -> float | None:
        """The shortest interval that is asked for there; ``None`` where nothing is watched."""
        return self._shortest_s.get(retailer)

    def outcome(self, rules: Rules, seen: Observation) -> Outcome:
        """What the look told about the ways this watch cares for. The combinations are few and remembered."""
        case = (seen.availability, seen.pickup, seen.in_store, rules.watch.channels)
        found = self._outcomes.get(case)
        if found is None:
            found = self._outcomes[case] = _outcome(seen, rules.watch.channels)
        return found


def _outcome(seen: Observation, channels: frozenset[Channel]) -> Outcome:
    told = [seen.by((channel,)) for channel in channels]
    if any(availability.is_buyable for availability in told):
        return Outcome.IN_STOCK
    if all(availability is Availability.UNKNOWN for availability in told):
        return Outcome.UNKNOWN
    return Outcome.OUT_OF_STOCK
