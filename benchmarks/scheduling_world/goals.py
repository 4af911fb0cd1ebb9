"""The goals of the scheduling page, one by one: what was asked, what was measured, is it enough."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from statistics import fmean, stdev
from typing import Any

from scheduling_world.cost import Cost
from scheduling_world.runs import CLAIRVOYANT, DOUBTING, FIXED, OURS_EVEN, ROUND_ROBIN, Run
from scheduling_world.throttled import Throttled

Row = dict[str, Any]
Rows = Callable[[str, str], list[Row]]  # (scenario, policy): its finished runs
NOT_RUN = "not run"
NOISE_FREE = "noise-free"
DRIFT_DAY, DRIFT_WINDOW = 14, 3
READINGS = {"capture": "counted", "vcapture": "weighted by value"}


@dataclass(frozen=True)
class Verdict:
    """One goal."""

    number: str
    asked: str
    measured: str
    passed: bool | None  # None: not run

    @property
    def word(self) -> str:
        return {True: "reached", False: "**missed**", None: NOT_RUN}[self.passed]


def mean(rows: Sequence[Row], column: str = "vcapture") -> float:
    return fmean(row[column] for row in rows)


def verdicts(rows: Rows, scenarios: Iterable[str], policy: str) -> list[Verdict]:
    """Judge what ``policy`` caught."""
    return [
        _near_the_clairvoyant(rows, policy, "drops", "1a", goal=0.97, moonshot=0.985),
        _near_the_clairvoyant(rows, policy, "scarce", "1b", goal=0.92, moonshot=0.95),
        *_missed(rows, policy, ROUND_ROBIN, "2a", 0.5),
        *_missed(rows, policy, FIXED, "2b", 0.45),
        _never_worse(rows, policy, scenarios),
        *_noise(rows, policy),
        _drift(rows, policy),
        _flicker(rows, policy),
    ]


def verdicts_apart(costs: Sequence[Cost], throttled: Sequence[Throttled]) -> list[Verdict]:
    """Judge what needs no workload."""
    return [*_cost(costs), _rate(throttled)]


def _paired(rows: Rows, *of: tuple[str, str]) -> list[list[Row]] | None:
    """Return the runs of those (scenario, policy) on the seeds they share; ``None`` if there are none."""
    found = [{row["seed"]: row for row in rows(scenario, policy)} for scenario, policy in of]
    seeds = sorted(set.intersection(*(set(by_seed) for by_seed in found)))
    return [[by_seed[seed] for seed in seeds] for by_seed in found] if seeds else None


def _seeds(part: Sequence[Row]) -> str:
    return f"{len(part)} seed" + "s" * (len(part) != 1)


def _near_the_clairvoyant(
    rows: Rows, policy: str, scenario: str, number: str, *, goal: float, moonshot: float
) -> Verdict:
    budget = {"drops": "0.2/s", "scarce": "0.05/s"}[scenario]
    asked = f"drops at {budget}: at least {goal:.1%} of the clairvoyant (moonshot {moonshot:.1%})"
    pair = _paired(rows, (scenario, policy), (scenario, CLAIRVOYANT))
    if pair is None:
        return Verdict(number, asked, NOT_RUN, None)
    ours, theirs = (mean(part) for part in pair)
    each = [one["vcapture"] / other["vcapture"] for one, other in zip(*pair, strict=True)]
    told = f"{ours / theirs:.1%} ({ours:.4f} against {theirs:.4f}; {_seeds(pair[0])}"
    told += f", {min(each):.1%} to {max(each):.1%})" if len(each) > 1 else ")"
    if ours / theirs >= moonshot:
        told += ", moonshot reached"
    return Verdict(number, asked, told, ours / theirs >= goal)


def _missed(rows: Rows, policy: str, other: str, number: str, goal: float) -> list[Verdict]:
    """Judge both readings of "missed windows": each counted as one, or weighted by its value."""
    pair = _paired(rows, ("drops", policy), ("drops", other))
    best = _paired(rows, ("drops", CLAIRVOYANT), ("drops", other))
    found = []
    for column, reading in READINGS.items():
        asked = f"drops: missed windows, {reading}, at most {goal} of {other}'s"
        if pair is None:
            found.append(Verdict(number, asked, NOT_RUN, None))
            continue
        ours, theirs = (1 - mean(part, column) for part in pair)
        told = f"{ours / theirs:.3f} ({ours:.4f} against {theirs:.4f}; {_seeds(pair[0])})"
        if best is not None:
            told += f"; the clairvoyant {(1 - mean(best[0], column)) / (1 - mean(best[1], column)):.3f}"
        found.append(Verdict(number, asked, told, ours / theirs <= goal))
    return found


def _never_worse(rows: Rows, policy: str, scenarios: Iterable[str]) -> Verdict:
    asked = "never worse than round robin by more than 0.01, on any scenario"
    gains: dict[str, list[float]] = {}
    for scenario in scenarios:
        pair = _paired(rows, (scenario, policy), (scenario, ROUND_ROBIN))
        if pair is not None:
            gains[scenario] = [one["vcapture"] - other["vcapture"] for one, other in zip(*pair, strict=True)]
    if not gains:
        return Verdict("2c", asked, NOT_RUN, None)
    worst = min(gains, key=lambda scenario: fmean(gains[scenario]))
    gain = fmean(gains[worst])
    told = f"smallest gain {gain:+.4f}, on {worst} ({len(gains[worst])} of its seeds"
    told += f", ± {stdev(gains[worst]) / len(gains[worst]) ** 0.5:.4f})" if len(gains[worst]) > 1 else ")"
    return Verdict("2c", asked, f"{told}; over {len(gains)} scenarios", gain >= -0.01)


def _noise(rows: Rows, policy: str) -> list[Verdict]:
    asked = (
        "noisy: false alerts at most 1 % of alerts",
        "noisy: share within 0.03 of the noise-free run",
        "noisy: no double alert",
    )
    pair = _paired(rows, ("noisy", policy), (NOISE_FREE, policy))
    if pair is None:
        return [
            Verdict(f"3{letter}", words, NOT_RUN, None) for letter, words in zip("abc", asked, strict=True)
        ]
    noisy, clean = pair
    share, alerts = _false_alerts(noisy)
    false, double = (sum(row[column] for row in noisy) for column in ("false_alerts", "dup_alerts"))
    lost = mean(clean) - mean(noisy)
    told = f"{lost:.4f} lost ({mean(noisy):.4f} against {mean(clean):.4f}; {_seeds(noisy)})"
    if policy == OURS_EVEN:  # as that clairvoyant spends
        told += _lost_by_who_knows(rows)
    return [
        Verdict("3a", asked[0], f"{share:.2%} ({false} of about {alerts:.0f})", share <= 0.01),
        Verdict("3b", asked[1], told, lost <= 0.03),
        Verdict("3c", asked[2], f"{double} of about {alerts:.0f}", double == 0),
    ]


def _false_alerts(noisy: Sequence[Row]) -> tuple[float, float]:
    """Return the share of false alerts, and all alerts."""
    told = sum(row["false_alerts"] + row["dup_alerts"] for row in noisy)
    # alerts of the whole run: the captured share holds for its second half, which has half of the windows
    alerts = sum(2 * row["windows"] * row["capture"] for row in noisy) + told
    return sum(row["false_alerts"] for row in noisy) / alerts, alerts


def _lost_by_who_knows(rows: Rows) -> str:
    """Say what the same wrong answers cost the clairvoyant when it doubts as we do."""
    pair = _paired(rows, ("noisy", DOUBTING), ("drops", CLAIRVOYANT))
    if pair is None:
        return ""
    lost, false = mean(pair[1]) - mean(pair[0]), _false_alerts(pair[0])[0]
    return f"; the clairvoyant that doubts alike loses {lost:.4f} at {false:.1%} false alerts"


def _drift(rows: Rows, policy: str) -> Verdict:
    asked = "drift: back to within 0.02 of the share before it, in 5 days"
    found = rows("drift", policy)
    if not found:
        return Verdict("4", asked, NOT_RUN, None)
    curve = _curve(found)
    before = fmean(curve[DRIFT_DAY // 2 : DRIFT_DAY])
    after = range(DRIFT_DAY, len(curve) - DRIFT_WINDOW + 1)
    back = [day - DRIFT_DAY for day in after if fmean(curve[day : day + DRIFT_WINDOW]) >= before - 0.02]
    rest = fmean(curve[DRIFT_DAY + 5 :])
    told = f"back after {back[0]} days" if back else "not back"
    told += f" (before {before:.4f}; from the 6th day on {rest:.4f}; {_seeds(found)})"
    for other in (ROUND_ROBIN, CLAIRVOYANT):  # what comes after is another world: is it harder?
        pair = _paired(rows, ("drift", policy), ("drift", other))
        if pair is not None:
            usual = _curve(pair[1])
            told += f"; {other} {fmean(usual[DRIFT_DAY // 2 : DRIFT_DAY]):.4f}"
            told += f" and {fmean(usual[DRIFT_DAY + 5 :]):.4f}"
    return Verdict("4", asked, told, bool(back) and back[0] <= 5 and rest >= before - 0.02)


def _curve(found: Sequence[Row]) -> list[float]:
    return [fmean(row["curve"][day] for row in found) for day in range(len(found[0]["curve"]))]


def _flicker(rows: Rows, policy: str) -> Verdict:
    asked = "flicker: flickering products take at most twice their share of the budget"
    found = [row for row in rows("flicker", policy) if "flicker_share" in row]
    if not found:
        return Verdict("5", asked, NOT_RUN, None)
    share = mean(found, "flicker_share")
    return Verdict("5", asked, f"{share:.2f} times their share ({_seeds(found)})", share <= 2.0)


def _cost(costs: Sequence[Cost]) -> list[Verdict]:
    found = []
    for cost in costs:
        asked = f"decision at most 5 µs of CPU per product checked, {cost.products:,} products"
        told = f"{cost.us_per_check:.2f} µs ({cost.hot_us_per_check:.2f} µs while restocks come in)"
        found.append(Verdict("6", asked, told, cost.us_per_check <= 5.0))
    for cost in costs[-1:]:
        asked = "memory at most 200 bytes a product, besides profiles"
        told = f"{cost.bytes_per_product:.0f} bytes, of which {cost.column_bytes} in columns"
        found.append(Verdict("6", asked, told, cost.bytes_per_product <= 200))
    return found


def _rate(throttled: Sequence[Throttled]) -> Verdict:
    asked = (
        "rate: at least 0.95 of a hidden changing limit, at most 20 refusals an hour, locked out at most once"
    )
    if not throttled:
        return Verdict("7", asked, NOT_RUN, None)
    goodput = fmean(day.goodput for day in throttled)
    refusals = fmean(day.refusals_per_hour for day in throttled)
    lockouts = max(day.lockouts for day in throttled)
    told = f"{goodput:.3f}, {refusals:.1f} refusals an hour, at most {lockouts} lock-outs a day"
    return Verdict("7", asked, told, goodput >= 0.95 and refusals <= 20 and lockouts <= 1)


def noise_free(run: Run) -> Run:
    """Return the run without wrong answers: the published ``noisy`` is ``drops`` but for those."""
    kept = tuple(field for field in run.workload if field[0] not in ("fp", "fn"))
    return Run("drops", run.seed, run.policy, kept)
