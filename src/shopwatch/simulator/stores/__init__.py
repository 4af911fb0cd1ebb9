"""The store sets of the six retailers: what the sites' pages show, and so what a crawl of them must find."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Protocol

from shopwatch.simulator.stores import generate, geojson
from shopwatch.simulator.stores.model import FIELDS, RETAILERS, Store, Stray, field_called
from shopwatch.simulator.stores.store_set import MODES, SEASONS, StoreSet

__all__ = (
    "FIELDS",
    "MODES",
    "RETAILERS",
    "SEASONS",
    "Store",
    "StoreSet",
    "StoreWorld",
    "Stray",
    "field_called",
    "fill",
    "modes",
    "set_mode",
)


class StoreWorld(Protocol):
    """What this part needs of the world."""

    seed: int

    @property
    def stores(self) -> dict[str, StoreSet]: ...

    def now(self) -> datetime: ...


def fill(
    world: StoreWorld,
    folder: Path | None = None,
    *,
    sizes: Mapping[str, int] | None = None,
    count: int | None = None,
) -> tuple[str, ...]:
    """Put the six store sets into the world: read from ``folder`` where it has them, else made from the seed.

    ``sizes``: how many of a retailer to make; ``count``: how many of each.

    Returns what was wrong with the files, feature by feature: nothing is left out silently.

    Raises:
        ValueError: ``folder`` has no set at all, or one that is no GeoJSON.
    """
    if folder is not None and not any(geojson.find(folder, retailer) for retailer in RETAILERS):
        tried = ", ".join(name.format(retailer="<retailer>") for name in geojson.NAMES)
        raise ValueError(f"no store set in {folder}; looked for {tried}")
    counts = {**(dict.fromkeys(RETAILERS, count) if count else generate.SIZES), **(sizes or {})}
    for retailer in RETAILERS:
        path = geojson.find(folder, retailer) if folder else None
        world.stores[retailer] = build(retailer, path, seed=world.seed, count=counts[retailer], now=world.now)
    return tuple(problem for retailer in RETAILERS for problem in world.stores[retailer].problems)


def build(
    retailer: str, path: Path | None = None, *, seed: int, count: int, now: Callable[[], datetime]
) -> StoreSet:
    """Read or make one store set."""
    reading = _made(retailer, seed, count) if path is None else _read(path, retailer, path.stat().st_mtime_ns)
    known = {stray.kind for stray in reading.strays} if retailer == "att" else set()
    made = [
        stray for stray in generate.strays(retailer, reading.stores, seed=seed) if stray.kind not in known
    ]
    return StoreSet(
        retailer,
        reading.stores,
        strays=[*reading.strays, *made],
        seed=seed,
        now=now,
        problems=reading.problems,
    )


@lru_cache(maxsize=64)
def _made(retailer: str, seed: int, count: int) -> geojson.Reading:
    """Make a set once: a reset of the world needs the very same stores again."""
    return geojson.Reading(stores=generate.generate(retailer, seed=seed, count=count))


@lru_cache(maxsize=16)
def _read(path: Path, retailer: str, changed_at: int) -> geojson.Reading:
    """Read a set once, as long as its file stays the same."""
    return geojson.read(path, retailer)


def set_mode(world: StoreWorld, site: str, mode: str) -> None:
    """Choose an era or shape for the pages of ``site``; both of Best Buy's origins are one site.

    Raises:
        ValueError: no such site, or it has no such mode.
    """
    retailer = site.partition("-")[0]
    if retailer not in world.stores:
        raise ValueError(f"no site {site!r}; there are: {', '.join(sorted(world.stores))}")
    world.stores[retailer].set_mode(mode)


def modes(world: StoreWorld) -> dict[str, dict[str, str]]:
    """Say how each site is set up."""
    return {retailer: dict(stores.modes) for retailer, stores in world.stores.items()}
