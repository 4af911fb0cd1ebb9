"""``shopwatch runs``: the history of crawls, their logs, and the word that publishes a held one."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer
from watchfiles import awatch

from shopwatch.bootstrap.core import Core, directory_of, opened
from shopwatch.bootstrap.crawling import finish_of
from shopwatch.cli import context as ctx
from shopwatch.cli import logs
from shopwatch.cli.groups import ListsByDefault
from shopwatch.cli.output import AsJson, print_json, print_json_line, say, table
from shopwatch.cli.runs_shown import show_run
from shopwatch.domain.errors import Invalid, NotFound
from shopwatch.domain.run import Run
from shopwatch.locator.progress import run_document
from shopwatch.locator.quality import quality_of
from shopwatch.locator.runlog import LEVELS, LogLine, LogPart, read_log
from shopwatch.retailers.registry import DIRECTORIES

app = typer.Typer(help="History of crawls: `runs [RETAILER]` lists.", cls=ListsByDefault)
RunId = Annotated[
    str,
    typer.Argument(metavar="RUN", help="A run, such as att_20260117_044500, or a retailer: its last one."),
]


@app.command("list")
def list_(
    context: typer.Context,
    retailer: Annotated[str | None, typer.Argument(help="Of this retailer only.")] = None,
    *,
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="Runs, at most.")] = 20,
    as_json: AsJson = False,
) -> None:
    """List runs, newest first."""
    if retailer is not None:
        directory_of(retailer)

    async def fetch() -> list[Run]:
        async with opened(ctx.of(context).paths) as core:
            return await core.runs.list(retailer, limit=limit)

    found = ctx.run(fetch())
    if as_json:
        print_json([run_document(run, ctx.now()) for run in found])
        return
    rows = (
        (run.run_id, run.state, run.stores, run.requests, run.errors, _duration(run), _why(run))
        for run in found
    )
    columns = ("run", "state", "stores>", "requests>", "errors>", "took>", "why")
    table(columns, rows, empty="no runs yet: `shopwatch crawl verizon` makes one")


@app.command()
def show(context: typer.Context, run_id: RunId, *, as_json: AsJson = False) -> None:
    """Show a run: phases, errors by class, why it was held, what its stores lack field by field."""

    async def fetch() -> tuple[Run, dict[str, Any]]:
        async with opened(ctx.of(context).paths) as core:
            run = await _run_of(core, run_id)
            return run, await quality_of(core.runs, run.run_id)

    run, quality = ctx.run(fetch())
    names = [phase.name for phase in directory_of(run.retailer).locator.phases]
    document = run_document(run, ctx.now(), phase_names=names) | {"quality": quality}
    if as_json:
        print_json(document)
    else:
        show_run(run, document, took=_duration(run))


@app.command()
def log(
    context: typer.Context,
    run_id: RunId,
    *,
    level: Annotated[str, typer.Option(help="This level and worse: " + ", ".join(LEVELS))] = "info",
    search: Annotated[str, typer.Option(help="Only lines with this text.")] = "",
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on as the run writes.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, one object a line.")] = False,
) -> None:
    """Print a run's log."""
    level = level.lower()
    if level not in LEVELS:
        raise Invalid(f"--level must be one of {', '.join(LEVELS)}, got {level!r}")
    wanted = _Wanted(level, search, print_json_line if as_json else _say_line)
    ctx.run(_log(ctx.of(context), run_id, wanted, follow=follow))


@dataclass(frozen=True, slots=True)
class _Wanted:
    """Which lines of a log, and how they are shown."""

    level: str
    search: str
    show: Callable[[LogLine], None]


async def _log(call: ctx.Context, run_id: str, wanted: _Wanted, *, follow: bool) -> None:
    async with opened(call.paths) as core:
        run = await _run_of(core, run_id)
        run_id, path = run.run_id, core.files(run.retailer).log(run.run_id)
        if not path.exists():
            raise NotFound(f"the run {run_id} has left no log at {path}")
        offset = 0
        stop = asyncio.Event()
        if follow:
            for number in (signal.SIGINT, signal.SIGTERM):
                asyncio.get_running_loop().add_signal_handler(number, stop.set)
        offset = _print_from(path, offset, wanted)
        if not follow or await _is_over(core, run_id):
            return
        async for _ in awatch(path.parent, stop_event=stop, rust_timeout=1000, yield_on_timeout=True):
            offset = _print_from(path, offset, wanted)
            if await _is_over(core, run_id):
                return


async def _run_of(core: Core, word: str) -> Run:
    """A run by its id, or the last one of a retailer.

    Raises:
        NotFound: there is none.
    """
    if word not in DIRECTORIES:
        return await core.runs.get(word)
    last = await core.runs.latest(word)
    if last is None:
        raise NotFound(f"{word} has no run yet: `shopwatch crawl {word}` makes one")
    return last


async def _is_over(core: Core, run_id: str) -> bool:
    return (await core.runs.get(run_id)).state.is_over


def _print_from(path: Path, offset: int, wanted: _Wanted) -> int:
    while True:
        part: LogPart = read_log(path, level=wanted.level, search=wanted.search, offset=offset)
        for line in part.lines:
            wanted.show(line)
        offset = part.next_offset
        if part.at_end:
            return offset


def _say_line(line: LogLine) -> None:
    say(f"{line.at} {line.level:<7} {line.event} {line.text}".rstrip())


@app.command()
def accept(context: typer.Context, run_id: RunId) -> None:
    """Publish a run that the gate held back, after you have looked at its reasons."""
    call = ctx.of(context)
    logs.set_up(call.paths.logs / "shopwatch.log", verbose=call.verbose)

    async def publish() -> Run:
        async with opened(ctx.of(context).paths) as core:
            run = await _run_of(core, run_id)
            await finish_of(core, directory_of(run.retailer)).accept(run.run_id)
            return run

    run = ctx.run(publish())
    say(f"{run.run_id} is published: {run.stores:,} stores; it was held for: {'; '.join(run.gate_reasons)}")


def _duration(run: Run) -> str:
    seconds = round(run.duration_s(ctx.now()))
    return f"{seconds // 60} min {seconds % 60} s" if seconds >= 60 else f"{seconds} s"  # noqa: PLR2004


def _why(run: Run) -> str:
    return "; ".join(run.gate_reasons) or run.message
