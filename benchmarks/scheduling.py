"""Re-run the published scheduling protocol and judge our scheduler by its goals.

    nice python benchmarks/scheduling.py --workers 2   hours; stopped, it goes on where it was
    python benchmarks/scheduling.py --bounded          half an hour: all scenarios, most of them shortened
    python benchmarks/scheduling.py --report-only      the page from the runs there are
    python benchmarks/scheduling.py --workload FILE    other workloads: JSON, a list of WorkloadCfg fields

Exit status: 0 measured (whatever the verdicts), 2 the published protocol is not on this machine.
"""

import argparse
import json
import os
import platform
import sys
from pathlib import Path
from typing import Any

from scheduling_world import cost, published, report, throttled
from scheduling_world.goals import NOISE_FREE, noise_free, verdicts, verdicts_apart
from scheduling_world.plans import PLANS
from scheduling_world.runs import (
    CLAIRVOYANT,
    DOUBTING,
    OURS,
    OURS_EVEN,
    PEAK,
    POLICIES,
    ROUND_ROBIN,
    Book,
    Run,
    version_of,
)

PROJECT = Path(__file__).resolve().parent.parent
ALL_POLICIES = (*POLICIES, DOUBTING, OURS, OURS_EVEN)
SHOWN = ("fixed", "round robin", "priority", OURS_EVEN, OURS, "no drops", DOUBTING, CLAIRVOYANT)
HELD_OUT_SEEDS, HELD_OUT_ON = (9, 10), "drops"  #: no constant was ever chosen with a look at these
HELD_OUT_POLICIES = (OURS, CLAIRVOYANT, ROUND_ROBIN)


def main() -> int:
    arguments = _arguments()
    try:
        known = dict(published.module("workload").SCENARIOS)
    except published.Absent as absent:
        print(f"skipped: the published protocol is not here ({absent})")
        return 2
    extra = _workloads(arguments.workload)
    scenarios = arguments.scenarios or list(extra) or list(known)
    runs = _runs(scenarios, arguments, extra)
    apart = _held_out_runs(arguments, scenarios)
    book = Book(arguments.results)
    clean = [noise_free(run) for run in runs if run.scenario == "noisy" and run.policy.startswith(OURS)]
    every = list(dict.fromkeys([*runs, *apart, *clean]))
    if not arguments.report_only:
        book.complete(every, arguments.workers)
    costs, days = ([], []) if arguments.no_cost else _apart_from_worlds(arguments.plan)

    def rows(scenario: str, policy: str) -> list[dict[str, Any]]:
        if scenario == NOISE_FREE:
            return book.found(noise_free(run) for run in _of("noisy", None) if run.policy == policy)
        return book.found(_of(scenario, policy))

    def _of(scenario: str, policy: str | None) -> list[Run]:
        return [run for run in runs if run.scenario == scenario and policy in (None, run.policy)]

    judged = [*verdicts(rows, scenarios, OURS), *verdicts_apart(costs, days)]
    even = [verdict for verdict in verdicts(rows, scenarios, OURS_EVEN) if verdict.passed is not None]
    for verdict in (*judged, *even):
        print(f"{verdict.word:10} {verdict.number:3} {verdict.asked}: {verdict.measured}")
    shown = [policy for policy in SHOWN if any(rows(scenario, policy) for scenario in scenarios)]
    how = [_how(arguments, sum(row["cpu_s"] for row in book.found(every)) / 60), _who()]
    how += report.held_out(rows, HELD_OUT_ON, book.found(apart))
    report.write(arguments.output, report.page(rows, scenarios, shown, (judged, even), how))
    report.write(arguments.output.with_suffix(".svg"), report.plot(rows, scenarios, shown))
    print(f"written: {arguments.output}")
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    told = "; ".join(f"{name}: {plan.told}" for name, plan in PLANS.items())
    parser.add_argument("--plan", choices=PLANS, default="published", help=told)
    parser.add_argument(
        "--bounded", dest="plan", action="store_const", const="bounded", help="its short form"
    )
    parser.add_argument("--scenarios", nargs="+", help="default: all published ones")
    parser.add_argument("--policies", nargs="+", choices=ALL_POLICIES, help="default: as planned")
    parser.add_argument("--seeds", nargs="+", type=int, help="default: as planned")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--workload", type=Path, help="JSON file of other workloads")
    parser.add_argument("--no-cost", action="store_true", help="leave out decision cost and rate control")
    parser.add_argument("--report-only", action="store_true", help="judge the runs there are")
    parser.add_argument("--results", type=Path, default=PROJECT / "data" / "benchmarks" / "scheduling.jsonl")
    parser.add_argument("--output", type=Path, default=PROJECT / "docs" / "performance-scheduling.md")
    return parser.parse_args()


def _workloads(path: Path | None) -> dict[str, dict[str, Any]]:
    """Read other workloads: a list of objects with a name and WorkloadCfg fields, or an object by name."""
    if path is None:
        return {}
    raw = json.loads(path.read_text("utf-8"))
    parts = raw if isinstance(raw, list) else [{"name": name, **fields} for name, fields in raw.items()]
    return {part["name"]: part for part in parts}


def _runs(scenarios: list[str], arguments: argparse.Namespace, extra: dict[str, dict[str, Any]]) -> list[Run]:
    plan, runs = PLANS[arguments.plan], []
    for scenario in scenarios:
        changes = extra.get(scenario) or ({"days": plan.days[scenario]} if scenario in plan.days else {})
        fields = tuple(sorted(changes.items()))
        planned = plan.seeds.get(scenario, dict.fromkeys((OURS, ROUND_ROBIN, CLAIRVOYANT), 8))
        for policy in arguments.policies or planned:
            seeds = arguments.seeds or range(1, planned.get(policy, 1) + 1)
            runs += [Run(scenario, seed, policy, fields) for seed in seeds]
    return runs


def _held_out_runs(arguments: argparse.Namespace, scenarios: list[str]) -> list[Run]:
    if HELD_OUT_ON not in scenarios or arguments.plan == "bounded" or arguments.seeds:
        return []
    policies = [policy for policy in HELD_OUT_POLICIES if policy in (arguments.policies or ALL_POLICIES)]
    return [Run(HELD_OUT_ON, seed, policy) for policy in policies for seed in HELD_OUT_SEEDS]


def _apart_from_worlds(plan: str) -> tuple[list[cost.Cost], list[throttled.Throttled]]:
    """Measure what needs no workload: the cost of a decision, and rate control."""
    print("cost of a decision, days with a hidden limit …", flush=True)
    costs = [cost.measure(500), cost.measure(100_000)]
    return costs, [throttled.measure(seed) for seed in ((1,) if plan == "bounded" else (1, 2, 3))]


def _how(arguments: argparse.Namespace, cpu_minutes: float) -> str:
    plan = PLANS[arguments.plan]
    shorter = ", ".join(f"{name} {days}" for name, days in plan.days.items())
    return (
        f"Plan *{arguments.plan}*: {plan.told}. Days are as published (28)"
        + (f", but for {shorter}" if shorter else "")
        + f"; seeds as in the tables: what was not run is empty, never filled in. Scheduler sources "
        f"{version_of(OURS)}, numpy only; Python {platform.python_version()} on {platform.machine()}; "
        f"{cpu_minutes:.0f} minutes of CPU time; {os.getloadavg()[1]:.0f} processes waited for "
        f"{os.cpu_count()} cores when the cost of a decision was measured."
    )


def _who() -> str:
    return (
        f"The same budget a day for all policies. *{OURS}* spends it by the price of a look, as the "
        f"algorithm says, at most {PEAK:g} times the usual rate at a time, which "
        "`stock_peak_requests_per_second` has to allow. "
        f"*{OURS_EVEN}* and all others space their requests evenly; "
        + ", ".join(f"*{ours}* is the published `{theirs}`" for ours, theirs in POLICIES.items())
        + "; *clairvoyant* knows every product's true rate, week pattern and duration, and follows drops; "
        f"*no drops* knows the same and does not follow them; *{DOUBTING}* is it with our rule of what to "
        "believe, and with the true shares of wrong answers."
    )


if __name__ == "__main__":
    sys.exit(main())
