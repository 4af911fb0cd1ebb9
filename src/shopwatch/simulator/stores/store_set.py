"""The stores of one retailer and how its site is set up: the one truth of its pages, lists and APIs."""

from __future__ import annotations

import math
import random
from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from typing import Any

from shopwatch.simulator.stores import churn, hours
from shopwatch.simulator.stores.hours import Span
from shopwatch.simulator.stores.model import Store, Stray
from shopwatch.simulator.stores.target_record import target_record

_MILES_PER_DEGREE = 69.0
_EARTH = 3958.8  # miles

#: What can be chosen on each site, dimension by dimension; the first is how it starts
MODES: dict[str, dict[str, tuple[str, ...]]] = {
    "verizon": {"era": ("C", "D", "B")},
    "att": {"page": ("json-ld+microdata", "json-ld", "microdata"), "hours": ("hours-pairs", "bho")},
    "target": {"page": ("flight", "json-ld"), "gz": ("gz-packed", "gz-unpacked")},
    "tmobile": {"hours": ("hours-new", "hours-old"), "load": ("load-any", "load-408")},
    "walmart": {
        "page": ("next", "redux"),
        "phone": ("phoneNumber", "phone"),
        "sitemap": ("sitemap-index", "sitemap-urlset"),
        "gz": ("gz-packed", "gz-unpacked"),
    },
    "bestbuy": {"page": ("yext", "2018")},
}
#: Whether the weeks follow the calendar, or each (or none) brings a holiday
SEASONS = ("season-calendar", "season-holiday", "season-ordinary")


class StoreSet:
    """The stores as they are now. ``version`` grows with every change, so that an index knows its age."""

    def __init__(
        self,
        retailer: str,
        stores: Mapping[str, Store],
        *,
        strays: Iterable[Stray] = (),
        seed: int = 0,
        now: Callable[[], datetime],
        problems: Iterable[str] = (),
    ) -> None:
        self.retailer = retailer
        self.seed = seed
        self.stores: dict[str, Store] = dict(stores)  #: what a complete crawl must find, by ref
        self.strays: list[Stray] = list(strays)
        self.problems = tuple(problems)  #: what was wrong with the file it was read from
        self.exceptions: dict[date, Span | None] = {}  #: holidays in sight
        self.week_number = 0
        self.version = 1
        self.modes = {name: words[0] for name, words in self.dimensions().items()}
        self._now = now
        self._indexed = 0
        self._by_path: dict[str, Store | Stray] = {}
        self._by_lat: list[tuple[float, str, float]] = []  #: latitude, ref, longitude
        self._by_postcode: dict[str, list[Store]] = {}
        self._records: dict[str, tuple[Store, date, dict[str, Any]]] = {}

    def __len__(self) -> int:
        return len(self.stores)

    # -- how the site is set up

    def dimensions(self) -> dict[str, tuple[str, ...]]:
        return {**MODES[self.retailer], "season": SEASONS}

    def set_mode(self, word: str) -> None:
        """Choose an era or shape of the site.

        Raises:
            ValueError: this site has no such mode.
        """
        for name, words in self.dimensions().items():
            if word in words:
                self.modes[name] = word
                self.version += 1
                return
        known = ", ".join(word for words in self.dimensions().values() for word in words)
        raise ValueError(f"{self.retailer} has no mode {word!r}; there are: {known}")

    # -- finding stores

    def by_ref(self, ref: str) -> Store | None:
        return self.stores.get(ref)

    def at(self, path: str) -> Store | Stray | None:
        """Say what the site has at ``path``: a store, an address that is none of a store's, or nothing."""
        self._index()
        return self._by_path.get(path)

    def listed(self) -> list[Store | Stray]:
        """Everything the site names in its lists and sitemaps, stores and others, sorted by address."""
        self._index()
        entries = (self._by_path[path] for path in sorted(self._by_path))
        return [entry for entry in entries if isinstance(entry, Store) or entry.listed]

    def near(
        self, lat: float, lon: float, *, limit: int = 100, within_miles: float = 50.0
    ) -> list[tuple[float, Store]]:
        """Give the nearest stores with their distance in miles, nearest first."""
        self._index()
        band = within_miles / _MILES_PER_DEGREE
        first = bisect_left(self._by_lat, (lat - band, "", 0.0))
        last = bisect_left(self._by_lat, (lat + band, "~", 0.0))
        wide = band / max(0.01, math.cos(math.radians(min(89.0, abs(lat) + band))))
        found = [(_miles(lat, lon, store), store) for store in self._between(first, last, lon, wide)]
        return sorted(
            (pair for pair in found if pair[0] <= within_miles), key=lambda pair: (pair[0], pair[1].ref)
        )[:limit]

    def near_zip(
        self, postcode: str, *, limit: int = 100, within_miles: float = 50.0
    ) -> list[tuple[float, Store]]:
        """Give the stores near a postcode, which lies where the stores whose postcodes begin like it are."""
        where = self.whereabouts(postcode)
        return self.near(*where, limit=limit, within_miles=within_miles) if where else []

    def whereabouts(self, postcode: str) -> tuple[float, float] | None:
        """Guess where a postcode is; None where no store's begins with the same three digits."""
        self._index()
        for length in (5, 4, 3):
            stores = self._by_postcode.get(postcode[:length]) if len(postcode) >= 5 else None
            if stores:
                return (
                    sum(store.lat or 0.0 for store in stores) / len(stores),
                    sum(store.lon or 0.0 for store in stores) / len(stores),
                )
        return None

    def _between(self, first: int, last: int, lon: float, wide: float) -> Iterable[Store]:
        """What lies in the box, before the dear reckoning on the globe; nobody is beyond the date line."""
        low, high = lon - wide, lon + wide
        return [self.stores[ref] for _, ref, east in self._by_lat[first:last] if low <= east <= high]

    def _index(self) -> None:
        if self._indexed == self.version:
            return
        self._by_path = {stray.path: stray for stray in self.strays}
        self._by_path |= {store.path: store for store in self.stores.values()}
        placed = [store for store in self.stores.values() if store.lat is not None and store.lon is not None]
        self._by_lat = sorted((store.lat or 0.0, store.ref, store.lon or 0.0) for store in placed)
        self._by_postcode = {}
        for store in placed:
            for length in (5, 4, 3):
                self._by_postcode.setdefault(store.postcode[:length], []).append(store)
        self._indexed = self.version

    # -- Target's API

    def target_record(self, store: Store, now: datetime) -> dict[str, Any]:
        """Give the record of API and page, the same object all day: whoever wants to change it copies it."""
        kept = self._records.get(store.ref)
        if kept is None or kept[0] is not store or kept[1] != now.date():
            kept = (store, now.date(), target_record(store, now, self.exceptions))
            self._records[store.ref] = kept
        return kept[2]

    def location(self, store_id: str) -> dict[str, Any] | None:
        """Give one store as ``store_location_v1`` does; the test store too."""
        store = self.stores.get(store_id)
        if store is None:
            tests = [stray.store for stray in self.strays if stray.kind == "test" and stray.store]
            store = next((test for test in tests if test.ref == store_id), None)
        return self.target_record(store, self._now()) if store else None

    def nearby(self, postcode: str, miles: float) -> list[tuple[float, dict[str, Any]]]:
        """Give the stores near a postcode as records with their distance, nearest first."""
        now = self._now()
        return [
            (distance, self.target_record(store, now))
            for distance, store in self.near_zip(postcode, within_miles=miles)
        ]

    # -- time

    def week(self) -> dict[str, Any]:
        """Let a week pass (the clock has been moved already) and say what changed."""
        self.week_number += 1
        passing = churn.Passing(
            retailer=self.retailer,
            stores=self.stores,
            strays=self.strays,
            draw=random.Random(f"week/{self.retailer}/{self.seed}/{self.week_number}"),
            now=self._now(),
        )
        before, self.exceptions = self.exceptions, self._holidays(passing.now.date())
        churn.pass_week(passing)
        touched = churn.keep_holidays(passing, before, self.exceptions)
        self.version += 1
        return {
            "week": self.week_number,
            **passing.summary,
            "holidays": {day.isoformat(): _spelled(span) for day, span in self.exceptions.items()},
            "stores_with_holiday_changes": touched,
            "stores": len(self.stores),
        }

    def _holidays(self, today: date) -> dict[date, Span | None]:
        season = self.modes["season"]
        if season == "season-ordinary":
            return {}
        found = hours.holidays(today, 14)
        if season == "season-holiday" and not found:
            found = {
                date.fromordinal(today.toordinal() + 4): None,
                date.fromordinal(today.toordinal() + 5): (420, 1320),
            }
        return found


def _spelled(span: Span | None) -> str:
    return f"{hours.clock(span[0])}-{hours.clock(span[1])}" if span else "closed"


def _miles(lat: float, lon: float, store: Store) -> float:
    there_lat, there_lon = math.radians(store.lat or 0.0), math.radians(store.lon or 0.0)
    here_lat, here_lon = math.radians(lat), math.radians(lon)
    part = (
        math.sin((there_lat - here_lat) / 2) ** 2
        + math.cos(here_lat) * math.cos(there_lat) * math.sin((there_lon - here_lon) / 2) ** 2
    )
    return 2 * _EARTH * math.asin(math.sqrt(min(1.0, part)))
