"""What a change of the configuration would mean before it is saved: differences and implied requests."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass

from shopwatch.config.problems import flatten
from shopwatch.config.section import Section
from shopwatch.config.settings import Settings, ShopwatchFile
from shopwatch.config.watches import watches_of

_HIDDEN = "(secret)"
_SECRET_PATHS = ("notify.channels",)


@dataclass(frozen=True, slots=True)
class Difference:
    """One setting that differs; ``None`` means: not there."""

    path: str
    before: object
    after: object

    def __str__(self) -> str:
        return f"{self.path}: {_shown(self.before)} → {_shown(self.after)}"


def differences(before: Section, after: Section) -> list[Difference]:
    """What two files of one kind say differently, defaults filled in, secrets hidden."""
    old = flatten(before.model_dump(mode="json"))
    new = flatten(after.model_dump(mode="json"))
    return [
        Difference(path, _hidden(path, old.get(path)), _hidden(path, new.get(path)))
        for path in sorted(old.keys() | new.keys())
        if old.get(path) != new.get(path)
        and not (old.get(path) in ({}, None) and new.get(path) in ({}, None))
    ]


@dataclass(frozen=True, kw_only=True, slots=True)
class RequestRate:
    """What the watches of one retailer ask of it."""

    retailer: str
    watches: int
    requests_per_second: float  #: to honour every ``check_frequency`` with full batches
    allowed_per_second: float  #: the budget, over a day
    peak_per_second: float | None  #: at most in busy minutes, within that budget; ``None``: the same all day
    stretch: float  #: 1.0: honoured; 1.4: each interval is 40 % longer


def implied_rates(
    file: ShopwatchFile, settings: Settings, *, batch_sizes: dict[str, int], ceilings: dict[str, float]
) -> list[RequestRate]:
    """The request rate by retailer. ``ceilings``: requests per second where the configuration sets none."""
    looks: Counter[str] = Counter()
    counts: Counter[str] = Counter()
    for watch in watches_of(file):
        if watch.enabled:
            looks[watch.retailer] += 1 / watch.check_frequency_s  # type: ignore[assignment] # Counter of floats
            counts[watch.retailer] += 1
    rates = []
    for retailer, count in sorted(counts.items()):
        batch = min(batch_sizes.get(retailer, 1), count)
        wanted = looks[retailer] / batch
        section = settings.retailer(retailer)
        allowed = section.stock_requests_per_second or ceilings.get(retailer, math.inf)
        rates.append(
            RequestRate(
                retailer=retailer,
                watches=count,
                requests_per_second=round(wanted, 4),
                allowed_per_second=allowed,
                peak_per_second=section.stock_peak_requests_per_second,
                stretch=round(max(1.0, wanted / allowed), 3),
            )
        )
    return rates


def _hidden(path: str, value: object) -> object:
    is_secret = path.startswith(_SECRET_PATHS) or ".keys." in path
    return _HIDDEN if is_secret and value not in (None, [], {}) else value


def _shown(value: object) -> str:
    return "–" if value is None else str(value)
