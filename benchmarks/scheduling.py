"""Re-run the published scheduling protocol and judge our scheduler by its goals.

    python benchmarks/scheduling.py --bounded          half an hour: all scenarios, most of them shortened
    nice python benchmarks/scheduling.py --workers 2   hours: everything; stopped, it goes on where it was
    python benchmarks/scheduling.py --workload FILE    other workloads: JSON, a list of WorkloadCfg fields

Exit status: 0 measured (whatever the verdicts), 2 the published protocol is not on this machine.
"""

import argparse
import json
import platform
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from scheduling_world import cost, published, report, throttled
from scheduling_world.goals import NOISE_FREE, noise_free, verdicts
from scheduling_world.runs import OURS, OURS_PACED, POLICIES, Book, Run, version_of

PROJECT = Path(__file__).resolve().parent.parent
ALL_POLICIES = ("fixed", "round robin", "priority", OURS, OURS_PACED, "no drops", "clairvoyant")
PACED_ON = ("drops", "scarce")  # its point is the same total spent unevenly: another question than the goals'
WHOLE_WHEN_BOUNDED = ("drops", "scarce", "slow")  #: the goals with a number, and what is cheap
BOUNDED_DAYS = 7
BOUNDED_DAYS_OF = {
    "drift": 21,
    "daily": 4,
    "flash": 4,
    "small": 4,
    "small_b1": 4,
    "big": 1,
}  #: it drifts on day 14
BOUNDED_SEEDS = {"scarce": 2}  #: the others have one
HELD_OUT_SEEDS, HELD_OUT_ON = (9, 10), "drops"  #: no constant was ever chosen with a look at these
HELD_OUT_POLICIES = (OURS, "clairvoyant", "round robin")


def main() -> int:
    arguments = _arguments()
    try:
        known = dict(published.module("workload").SCENARIOS)
    except published.Absent as absent:
        print(f"skipped: the published protocol is not here ({absent})")
        return 2
    extra = _workloads(arguments.workload)
    scenarios = arguments.scenarios or list(extra) or list(known)
    changes = extra | (_shortened(scenarios) if arguments.bounded else {})
    book = Book(arguments.results)
    runs = _runs(scenarios, arguments, changes)
    apart = _held_out_runs(arguments, changes)
    every = [
        *runs,
        *apart,
        *(noise_free(run) for run in runs if run.scenario == "noisy" and run.policy == OURS),
    ]
    if not arguments.report_only:
        book.complete(every, arguments.workers)
        print("cost of a decision …", flush=True)
    costs = [] if arguments.no_cost else [cost.measure(500), cost.measure(100_000)]
    days = (
        []
        if arguments.no_cost
        else [throttled.measure(seed) for seed in ((1,) if arguments.bounded else (1, 2, 3))]
    )

    def rows(scenario: str, policy: str) -> list[dict[str, Any]]:
        if policy == NOISE_FREE:
            return book.found(noise_free(run) for run in _of(scenario, OURS))
        return book.found(_of(scenario, policy))

    def _of(scenario: str, policy: str) -> list[Run]:
        return [run for run in runs if run.scenario == scenario and run.policy == policy]

    judged = verdicts(rows, scenarios, costs, days)
    for verdict in judged:
        print(f"{verdict.word:10} {verdict.number:3} {verdict.asked}: {verdict.measured}")
    shown = [policy for policy in arguments.policies if any(rows(scenario, policy) for scenario in scenarios)]
    how = [_how(arguments, sum(row["cpu_s"] for row in book.found(dict.fromkeys(every))) / 60)]
    how += report.held_out(rows, HELD_OUT_ON, book.found(apart))
    report.write(arguments.output, report.page(rows, scenarios, shown, judged, how))
    report.write(arguments.output.with_suffix(".svg"), report.plot(rows, scenarios, shown))
    print(f"written: {arguments.output}")
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--bounded", action="store_true", help="fewer seeds and shorter runs")
    parser.add_argument("--scenarios", nargs="+", help="default: all published ones")
    parser.add_argument("--policies", nargs="+", default=list(ALL_POLICIES), choices=ALL_POLICIES)
    parser.add_argument("--seeds", nargs="+", type=int, help="default: 1 to 8, bounded: 1")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--workload", type=Path, help="JSON file of other workloads")
    parser.add_argument("--no-cost", action="store_true", help="leave out decision cost and rate control")
    parser.add_argument("--report-only", action="store_true", help="judge the runs there are")
    parser.add_argument("--results", type=Path, default=PROJECT / "data" / "benchmarks" / "scheduling.jsonl")
    parser.add_argument("--output", type=Path, default=PROJECT / "docs" / "performance-scheduling.md")
    return parser.parse_args()


def _shortened(scenarios: Sequence[str]) -> dict[str, dict[str, Any]]:
    return {
        name: {"days": BOUNDED_DAYS_OF.get(name, BOUNDED_DAYS)}
        for name in scenarios
        if name not in WHOLE_WHEN_BOUNDED
    }


def _workloads(path: Path | None) -> dict[str, dict[str, Any]]:
    """Read other workloads: a list of objects with a name and WorkloadCfg fields, or an object by name."""
    if path is None:
        return {}
    raw = json.loads(path.read_text("utf-8"))
    parts = raw if isinstance(raw, list) else [{"name": name, **fields} for name, fields in raw.items()]
    return {part["name"]: part for part in parts}


def _runs(
    scenarios: Sequence[str], arguments: argparse.Namespace, changes: dict[str, dict[str, Any]]
) -> list[Run]:
    runs = []
    for scenario in scenarios:
        fields = tuple(sorted(changes.get(scenario, {}).items()))
        usual = range(1, BOUNDED_SEEDS.get(scenario, 1) + 1) if arguments.bounded else range(1, 9)
        seeds = arguments.seeds or usual
        for policy in arguments.policies:
            if policy != OURS_PACED or (scenario in PACED_ON and not arguments.bounded):
                runs += [Run(scenario, seed, policy, fields) for seed in seeds]
    return runs


def _held_out_runs(arguments: argparse.Namespace, changes: dict[str, dict[str, Any]]) -> list[Run]:
    if HELD_OUT_ON in changes or HELD_OUT_ON not in (arguments.scenarios or [HELD_OUT_ON]):
        return []
    policies = [policy for policy in HELD_OUT_POLICIES if policy in arguments.policies]
    return [Run(HELD_OUT_ON, seed, policy) for policy in policies for seed in HELD_OUT_SEEDS]


def _how(arguments: argparse.Namespace, cpu_minutes: float) -> str:
    shorter = ", ".join(f"{name} {days}" for name, days in BOUNDED_DAYS_OF.items())
    kind = (
        f"A bounded run: {', '.join(WHOLE_WHEN_BOUNDED)} as published, the others {BOUNDED_DAYS} days "
        f"({shorter}), so what is learnt there is the first days' only. "
        if arguments.bounded
        else ""
    )
    return (
        f"{kind}Scheduler sources {version_of(OURS)}, numpy only; Python {platform.python_version()} on "
        f"{platform.machine()}; {cpu_minutes:.0f} minutes of CPU time. What was not run yet is empty. "
        f"The same budget for all policies; *{OURS_PACED}* spends the same daily total "
        "unevenly, at most four times the usual rate at a time. "
        + ", ".join(f"*{ours}* is the published `{theirs}`" for ours, theirs in POLICIES.items())
        + "; *clairvoyant* knows every product's true rate, week pattern and duration, and follows drops; "
        "*no drops* knows the same and does not follow them."
    )


if __name__ == "__main__":
    sys.exit(main())
