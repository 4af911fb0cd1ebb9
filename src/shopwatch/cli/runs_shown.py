"""A run as a person reads it in a terminal: what was had, what was not, and what to do next."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from shopwatch.cli.output import say, table
from shopwatch.domain.errors import ErrorClass
from shopwatch.domain.run import Run, RunState

_SHOWN_ERRORS = 5  #: of the last ones


def show_run(run: Run, document: Mapping[str, Any], *, took: str) -> None:
    """Print a run whose metadata is ``document``."""
    say(f"{run.run_id}: {run.state}, {run.stores:,} stores, {run.requests:,} requests, {took}")
    options = [
        name.replace("_", "-") for name in ("resume", "incremental", "test") if getattr(run.options, name)
    ]
    options += [f"limit {run.options.limit:,}"] if run.options.limit else []
    say(f"asked for: {', '.join([*options, f'proxy {run.options.proxy_mode}'])}")
    for line in (*run.gate_reasons, run.message):
        if line:
            say(f"{'held' if line in run.gate_reasons else 'note'}: {line}")
    say("")
    phases = document["phases"].items()
    table(
        ("phase", "state", "done>", "not had>", "total>"),
        ((name, _state(run, one), one["completed"], one["failed"], one["total"]) for name, one in phases),
        empty="no phase has begun",
    )
    _show_errors(run)
    _show_fields(document["quality"])
    _say_what_next(run)


def _state(run: Run, phase: Mapping[str, Any]) -> str:
    """A limited or test run leaves a phase when it has found enough."""
    is_left = phase["status"] == "in_progress" and run.state in (RunState.COMPLETE, RunState.HELD)
    return "left" if is_left else str(phase["status"]).replace("_", " ")


def _show_errors(run: Run) -> None:
    if not run.errors_by_class:
        return
    say("")
    counts = sorted(run.errors_by_class.items(), key=lambda one: -one[1])
    said = ", ".join(f"{name.replace('_', ' ')} {count:,}" for name, count in counts)
    say(f"errors: {said}; the last ones:")
    for error in run.last_errors[-_SHOWN_ERRORS:]:
        say(f"  {error.at:%H:%M:%S} {error.error_class}: {error.message}")


def _show_fields(quality: Mapping[str, Any]) -> None:
    if not quality["stores"]:
        return
    say("")
    rows = [
        (
            name,
            one["missing"] or None,
            one["malformed"] or None,
            one["suspicious"] or None,
            "; ".join(one["examples"]),
        )
        for name, one in quality["fields"].items()
        if one["missing"] or one["malformed"] or one["suspicious"]
    ]
    columns = ("field", "missing>", "malformed>", "suspicious>", "for example")
    table(columns, rows, empty="every field of every store is there and well formed")


def _say_what_next(run: Run) -> None:
    hints = []
    if run.state is RunState.HELD:
        hints.append(f"`shopwatch runs accept {run.run_id}` publishes it all the same")
    if run.state.can_resume:
        hints.append(f"`shopwatch crawl {run.retailer} --resume` goes on with it")
    lost = sum(phase.failed for phase in run.phases) - run.errors_by_class.get(ErrorClass.GONE.value, 0)
    if run.state.is_over and lost > 0:  # what is gone is not asked for again
        hints.append(
            f"`shopwatch crawl {run.retailer} --retry-failed` asks again for the pages it did not get"
        )
    for number, hint in enumerate(hints):
        say(f"{chr(10) if not number else ''}{hint}")
