"""What was learnt, as JSON and back: a restart goes on, an old state fades, a foreign one is refused."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite
from typing import Any

import numpy as np

from shopwatch.monitor.scheduler.attic import COUNTS, Attic, Kept, columns
from shopwatch.monitor.scheduler.families import WAVE_BINS
from shopwatch.monitor.scheduler.lane import Lane
from shopwatch.monitor.scheduler.steady import SteadyTime
from shopwatch.monitor.scheduler.week import BINS

VERSION = 1
PACING = "adaptive"
OTHER_PACINGS = ("fixed",)
RECORD_LENGTH = 3 + len(COUNTS)


@dataclass(slots=True)
class SavedLane:
    """One retailer's part of a state, read and checked."""

    saved_at: float
    products: dict[str, Kept]
    week: tuple[list[float], list[float]]
    errors: list[list[float]]
    families: dict[str, list[float]]  # trials ×2, follows ×2, drops, watched_s, last drop
    habits: list[tuple[str, float]]
    waves: list[float]
    wave_trials: float
    slowed_to: float | None
    refused_rate: float | None
    saved_requests: float


def save(lanes: Mapping[str, Lane], attics: Mapping[str, Attic], time: SteadyTime) -> dict[str, Any]:
    """Return everything learnt, ready for JSON."""
    return {
        "version": VERSION,
        "pacing": PACING,
        "saved_at_s": round(time.told(time.latest), 3) if isfinite(time.latest) else 0.0,
        "retailers": {name: _save_lane(lane, attics[name], time) for name, lane in lanes.items()},
    }


def _save_lane(lane: Lane, attic: Attic, time: SteadyTime) -> dict[str, Any]:
    learning, families, control = lane.learning, lane.families, lane.budget.control
    learning.digest()
    rows = np.flatnonzero(lane.table.known)
    skus = [lane.table.skus[row] for row in rows.tolist()]
    told_drop = np.where(np.isfinite(families.last_drop), families.last_drop - time.behind_s, 0.0)
    by_family = np.vstack((families.trials, families.follows, families.drops, families.watched_s, told_drop))
    return {
        "columns": ["sku", "last_s", "since_s", "in_stock", *COUNTS],
        "products": list(zip(skus, *columns(lane, rows, time), strict=True)),  # tens of thousands: no loop
        "put_away": [[sku, kept.at, *kept.record] for sku, kept in attic.kept.items()],
        "restock_times": learning.restock_times
        | {sku: list(kept.restock_times) for sku, kept in attic.kept.items() if kept.restock_times},
        "week": [learning.week_seen.round(4).tolist(), learning.week_expected.round(4).tolist()],
        "errors": lane.doubt.errors.round(4).tolist(),
        "families": dict(zip(families.names, by_family.T.round(4).tolist(), strict=True)),
        "habits": [[families.names[family], round(at, 1)] for family, at in families.habits],
        "waves": families.wave_count.round(4).tolist(),
        "wave_trials": round(families.wave_trials, 4),
        "slowed_to": control.slowed_to,
        "refused_rate": control.refused_rate,
        "saved_requests": round(lane.pace.saved, 2),
    }


def read(state: Mapping[str, Any]) -> dict[str, SavedLane]:
    """Check a saved state; nothing of it is in force yet.

    Raises:
        ValueError: it is not one of ours.
    """
    if state.get("pacing") in OTHER_PACINGS:
        return {}  # what the other pacing remembers is of no use here
    if state.get("version") != VERSION or state.get("pacing") != PACING:
        raise ValueError(f"the saved scheduler state has version {state.get('version')!r}, not {VERSION}")
    try:
        at = float(state["saved_at_s"])
        return {str(name): _read_lane(part, at) for name, part in state["retailers"].items()}
    except (AttributeError, KeyError, TypeError, ValueError, IndexError) as error:
        raise ValueError(f"the saved scheduler state cannot be read: {error!r}") from error


def _read_lane(part: Mapping[str, Any], at: float) -> SavedLane:
    times = {str(sku): [int(bin_) % BINS for bin_ in bins] for sku, bins in part["restock_times"].items()}
    kept = [(str(sku), at, record) for sku, *record in part["products"]]
    kept += [(str(sku), float(kept_at), record) for sku, kept_at, *record in part["put_away"]]
    return SavedLane(
        saved_at=at,
        products={
            sku: Kept(kept_at, _numbers(record, RECORD_LENGTH), times.get(sku, ()))
            for sku, kept_at, record in kept
        },
        week=(_numbers(part["week"][0], BINS), _numbers(part["week"][1], BINS)),
        errors=[_numbers(pair, 2, least=1e-9) for pair in part["errors"]],
        families={str(name): _numbers(counts, 7) for name, counts in part["families"].items()},
        habits=[(str(name), _numbers([local_s], 1)[0]) for name, local_s in part["habits"]],
        waves=_numbers(part["waves"], WAVE_BINS),
        wave_trials=_numbers([part["wave_trials"]], 1)[0],
        slowed_to=_rate(part["slowed_to"]),
        refused_rate=_rate(part["refused_rate"]),
        saved_requests=_numbers([part.get("saved_requests", 0.0)], 1)[0],  # states of before had no purse
    )


def _rate(value: Any) -> float | None:
    return None if value is None else _numbers([value], 1, least=1e-6)[0]


def _numbers(values: Any, count: int, *, least: float = 0.0) -> list[float]:
    numbers = [float(value) for value in values]
    if len(numbers) != count or not all(isfinite(number) and number >= least for number in numbers):
        raise ValueError(f"{count} numbers of at least {least} expected, got {str(values)[:60]}")
    return numbers


def restore(lane: Lane, saved: SavedLane, attic: Attic, time: SteadyTime, now: float) -> None:
    """Put a lane where it was, faded by its age. Products not watched yet wait in the attic."""
    learning, families = lane.learning, lane.families
    attic.kept.update(saved.products)
    learning.week_seen, learning.week_expected = (np.array(counts) for counts in saved.week)
    lane.doubt.errors = np.array(saved.errors)
    families.wave_count, families.wave_trials = np.array(saved.waves), saved.wave_trials
    numbers = families.numbers(list(saved.families))
    columns = np.array(list(saved.families.values())).reshape(-1, 7).T
    families.trials[:, numbers], families.follows[:, numbers] = columns[:2], columns[2:4]
    families.drops[numbers], families.watched_s[numbers] = columns[4:6]
    families.last_drop[numbers] = np.where(
        columns[6] > 0, np.minimum(columns[6] + time.behind_s, now), -np.inf
    )
    families.habits = [(families.number[name], at) for name, at in saved.habits if name in families.number]
    families.seat(lane.table.family)
    age_s = max(0.0, time.told(now) - saved.saved_at)
    learning.fade(age_s)
    lane.doubt.fade(age_s)
    lane.budget.control.start_from(saved.slowed_to, saved.refused_rate)
    lane.pace.saved = saved.saved_requests
    attic.fetch(lane, np.arange(len(lane.table)), time, now)
