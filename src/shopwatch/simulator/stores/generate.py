"""Store sets made from a seed: real cities, plausible streets, each oddity of the real sites."""

from __future__ import annotations

import random
import zlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from shopwatch.simulator.stores import brands, places
from shopwatch.simulator.stores.model import Store, Stray
from shopwatch.simulator.stores.places import Place, slug

#: Enough for a crawl one can watch and a page that does not take all day
SIZES = {"verizon": 400, "att": 450, "target": 300, "tmobile": 500, "walmart": 400, "bestbuy": 200}

#: How many of the addresses Verizon's site lists lead to some other store (127 of 4,678 in 2022)
STALE_SHARE = 0.027
_FIRST_DAY = datetime(2026, 1, 1, tzinfo=UTC)


def generate(retailer: str, *, seed: int, count: int) -> dict[str, Store]:
    """Make ``count`` stores; each state and DC has one as long as there are enough."""
    draw = random.Random(f"stores/{retailer}/{seed}")
    stores: dict[str, Store] = {}
    for number, place in enumerate(_places(retailer, draw, count)):
        store = brands.open_store(retailer, draw, place, number=number, taken=stores)
        if retailer == "tmobile" and number % 90 == 12 and stores:
            store = _in_the_same_mall(store, list(stores.values())[-1])
        stores[store.ref] = replace(store, changed_at=first_change(store.ref))
    return stores


def _places(retailer: str, draw: random.Random, count: int) -> list[Place]:
    """Every state once, the islands where the retailer is there, then cities by their size."""
    cities = [place for place in places.us_places() if place.state in places.MAINLAND]
    weights = [place.population**0.6 for place in cities]
    chosen = [draw.choice([place for place in cities if place.state == code]) for code in places.MAINLAND]
    for code, who in (("PR", ("att", "tmobile", "bestbuy", "walmart")), ("VI", ("att",))):
        if retailer in who:
            chosen += draw.choices([place for place in places.us_places() if place.state == code], k=2)
    chosen += draw.choices(cities, weights, k=max(0, count - len(chosen)))
    draw.shuffle(chosen)
    return chosen[:count]


def _in_the_same_mall(store: Store, other: Store) -> Store:
    """Two shops on one point: not a double."""
    path = brands.tmobile_path(other.city, other.state, other.postcode, store.ref)
    same = {name: getattr(other, name) for name in ("city", "state", "postcode", "country", "lat", "lon")}
    return replace(store, path=path, **same)


def first_change(ref: str) -> datetime:
    """When the page was last changed before the simulation began."""
    return _FIRST_DAY - timedelta(hours=zlib.crc32(ref.encode()) % (700 * 24) + 1)


def strays(retailer: str, stores: dict[str, Store], *, seed: int) -> list[Stray]:
    """Make the addresses that are listed or served and lead to no store of their own."""
    draw = random.Random(f"strays/{retailer}/{seed}")
    known = list(stores.values())
    if not known:
        return []
    if retailer == "verizon":
        return _stale(known, draw)
    if retailer == "att":
        return _att_strays(known, draw)
    if retailer == "target":
        return [_test_target(known[0]), Stray(path="/sl/store/2", kind="not-found")]
    if retailer == "walmart":
        return [
            _closed_walmart(store, number)
            for number, store in enumerate(draw.sample(known, min(3, len(known))))
        ]
    return []


def _stale(known: list[Store], draw: random.Random) -> list[Stray]:
    """Mostly a closed store's address showing one of elsewhere; some an earlier one of a store that moved."""
    found = []
    for number in range(max(2, round(len(known) * STALE_SHARE))):
        here, shown = draw.choice(known), draw.choice(known)
        if number % 3 == 2:
            here = shown
        elif shown.city == here.city:
            continue
        folder = here.path.rsplit("/", 2)[0]
        name, tail = draw.choice(brands.DEALERS)[1], draw.randint(1100000, 1999999)
        path = f"{folder}/{slug(name)}-{folder.rsplit('/', 1)[1]}-{tail}/"
        found.append(Stray(path=path, kind="stale", shows=shown.ref, store=here))
    return found


def _att_strays(known: list[Store], draw: random.Random) -> list[Stray]:
    """The junk page of the sitemap, and three records that only the list API has."""
    folder = known[0].path.rsplit("/", 1)[0]
    city = known[0].city
    junk = replace(
        known[0], ref="cell-phones", name=f"AT&T Store Services {city}", path=f"{folder}/cell-phones"
    )
    base = [
        replace(store, ref=str(9000001 + number), path="")
        for number, store in enumerate(draw.choices(known, k=3))
    ]
    return [
        Stray(path=junk.path, kind="junk", store=junk),
        _api_only(replace(base[0], extras={"virtualstore": "1"})),
        _api_only(replace(base[1], status="closed")),
        _api_only(replace(base[2], street="123 Main Street", line1="123 Main Street", line2="")),
    ]


def _api_only(store: Store) -> Stray:
    return Stray(path=f"api:{store.ref}", kind="api-only", store=store, listed=False)


def _test_target(store: Store) -> Stray:
    path = "/sl/store-labs-saturn/7819"
    test = replace(store, ref="7819", name="Store Labs Saturn", path=path, extras={"test": True})
    return Stray(path=path, kind="test", store=test)


def _closed_walmart(store: Store, number: int) -> Stray:
    ref = str(7001 + number)
    path = f"/store/{ref}-{slug(store.city)}-{(store.state or 'pr').lower()}"
    return Stray(path=path, kind="soft-404", store=replace(store, ref=ref, path=path, status="closed"))
