"""A run is a scenario, a seed and a policy; finished ones are kept, so that a stopped benchmark goes on."""

import hashlib
import json
import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from scheduling_world import published
from scheduling_world.adapter import Ours
from scheduling_world.doubting import Doubting
from shopwatch.monitor import scheduler

SOURCES = Path(scheduler.__file__).parent
OURS, OURS_EVEN = "ours", "ours, even"
FIXED, ROUND_ROBIN, PRIORITY = "fixed", "round robin", "priority"
NO_DROPS, CLAIRVOYANT = "no drops", "clairvoyant"
DOUBTING = "clairvoyant, doubting"
POLICIES = {
    FIXED: "fixed",
    ROUND_ROBIN: "rr",
    PRIORITY: "prio",
    NO_DROPS: "oracle_rate",
    CLAIRVOYANT: "oracle_full",
}
WITH_OUR_SOURCES = (OURS, OURS_EVEN, DOUBTING)
PEAK = 4.0  #: times the usual rate, at most, of the runs that spend by the price of a look


@dataclass(frozen=True)
class Run:
    """What is run; ``workload`` overrides fields of the published scenario."""

    scenario: str
    seed: int
    policy: str
    workload: tuple[tuple[str, Any], ...] = ()

    @property
    def key(self) -> str:
        return json.dumps([self.scenario, self.seed, self.policy, self.workload])


def version_of(policy: str) -> str:
    """Return what a result of ``policy`` depends on: our sources, for ours."""
    if policy not in WITH_OUR_SOURCES:
        return "published"
    digest = hashlib.sha256()
    for path in sorted(SOURCES.glob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def execute(run: Run) -> dict[str, Any]:
    """Simulate one run from its first day to its last."""
    workload, sim, policies = (published.module(name) for name in ("workload", "sim", "policies"))
    changes = dict(run.workload)
    base = workload.SCENARIOS.get(run.scenario) or workload.WorkloadCfg(name=run.scenario)
    config = replace(base, **changes)
    usual = config.rate
    if run.policy == OURS:
        config = replace(config, rate=usual * PEAK)
    world = workload.make(config, run.seed)
    began, cpu = time.perf_counter(), time.process_time()
    policy: Any
    if run.policy.startswith(OURS):
        policy = Ours(world, usual_rate=usual if run.policy == OURS else None)
    elif run.policy == DOUBTING:
        policy = Doubting(world)
    else:
        policy = policies.build(POLICIES[run.policy], world)
    row: dict[str, Any] = sim.simulate(world, policy)
    row |= asdict(run) | {"version": version_of(run.policy), "wall_s": time.perf_counter() - began}
    row["cpu_s"] = time.process_time() - cpu
    row["budget"] = usual * config.days * 86_400
    odd = ~world.scored
    if isinstance(policy, Ours) and odd.any():
        row["flicker_share"] = policy.share_of_checks(odd)
    return row


class Book:
    """The finished runs, one JSON line each."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.rows: dict[tuple[str, str], dict[str, Any]] = {}
        if path.is_file():
            for line in path.read_text("utf-8").splitlines():
                row = json.loads(line)
                self.rows[row["key"], row["version"]] = row

    def row(self, run: Run) -> dict[str, Any] | None:
        return self.rows.get((run.key, version_of(run.policy)))

    def found(self, runs: Iterable[Run]) -> list[dict[str, Any]]:
        """Return the rows of those that are finished."""
        return [row for run in runs if (row := self.row(run)) is not None]

    def complete(self, runs: Iterable[Run], workers: int) -> None:
        """Execute the runs that are missing."""
        missing = [run for run in dict.fromkeys(runs) if self.row(run) is None]
        if not missing:
            return
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with get_context("spawn").Pool(min(workers, len(missing))) as pool, self.path.open("a") as file:
            for number, row in enumerate(pool.imap_unordered(execute, missing), 1):
                run = Run(row["scenario"], row["seed"], row["policy"], tuple(map(tuple, row["workload"])))
                row["key"] = run.key
                self.rows[run.key, row["version"]] = row
                file.write(json.dumps(row) + "\n")
                file.flush()
                told = f"{row['scenario']} seed {row['seed']} {row['policy']}: {row['vcapture']:.4f}"
                print(f"  {number}/{len(missing)} {told} ({row['wall_s']:.0f} s)", flush=True)
