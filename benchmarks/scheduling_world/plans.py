"""What is run: how many days and seeds of which scenario with which policy, for the time there is."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from scheduling_world.runs import (
    CLAIRVOYANT,
    DOUBTING,
    FIXED,
    NO_DROPS,
    OURS,
    OURS_EVEN,
    PRIORITY,
    ROUND_ROBIN,
)


@dataclass(frozen=True)
class Plan:
    """One way to spend the time."""

    told: str  #: what it is, for the page
    seeds: Mapping[str, Mapping[str, int]]  #: scenario: policy: seeds, from 1 on
    days: Mapping[str, int] = field(default_factory=dict)  #: scenario: days, where not as published


_ONE = {OURS: 1, ROUND_ROBIN: 1, CLAIRVOYANT: 1}

PUBLISHED = Plan(
    "every scenario once at least, most seeds where a goal has a number: two idle cores need two hours",
    {
        "steady": _ONE | {OURS: 2, ROUND_ROBIN: 2},
        "daily": _ONE,
        "drops": {OURS: 8, OURS_EVEN: 8, FIXED: 8, ROUND_ROBIN: 8, CLAIRVOYANT: 8},
        "scarce": {OURS: 8, OURS_EVEN: 8, ROUND_ROBIN: 8, CLAIRVOYANT: 8},
        "flash": _ONE,
        "slow": {OURS: 8, ROUND_ROBIN: 8, CLAIRVOYANT: 4},
        "drift": {OURS: 4, ROUND_ROBIN: 4, CLAIRVOYANT: 4},
        "noisy": {OURS: 8, OURS_EVEN: 3, ROUND_ROBIN: 1, DOUBTING: 1},
        "null": {OURS: 3, OURS_EVEN: 3, ROUND_ROBIN: 3, CLAIRVOYANT: 1},
        "flicker": _ONE,
        "small": {OURS: 4, ROUND_ROBIN: 4},
        "small_b1": {OURS: 4, ROUND_ROBIN: 4},
        "big": {OURS: 1, ROUND_ROBIN: 1},
    },
    dict.fromkeys(("steady", "daily", "flash", "null", "flicker"), 14) | {"big": 4},
)

_EVERY = dict.fromkeys((OURS, OURS_EVEN, FIXED, ROUND_ROBIN, PRIORITY, NO_DROPS, CLAIRVOYANT), 8)

WHOLE = Plan(
    "all policies on seeds 1 to 8 of all scenarios as published: a day and a night",
    dict.fromkeys(PUBLISHED.seeds, _EVERY) | {"noisy": _EVERY | {DOUBTING: 8}},
)

BOUNDED = Plan(
    "one seed of each, most of them cut short, so what is learnt there is the first days' only: half an hour",
    {scenario: _ONE | ({FIXED: 1} if scenario == "drops" else {}) for scenario in PUBLISHED.seeds},
    {name: 7 for name in PUBLISHED.seeds if name not in ("drops", "scarce", "slow")}
    | {"drift": 21, "daily": 4, "flash": 4, "small": 4, "small_b1": 4, "big": 1},  # it drifts on day 14
)

PLANS = {"published": PUBLISHED, "whole": WHOLE, "bounded": BOUNDED}
