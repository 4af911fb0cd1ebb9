"""``shopwatch crawl``: runs of one or several retailers, with progress bars on a terminal."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, Self

import typer
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from shopwatch.bootstrap.children import bury_dead
from shopwatch.bootstrap.clients import client_of
from shopwatch.bootstrap.core import Core, directory_of, opened
from shopwatch.bootstrap.crawling import crawl, unfinished
from shopwatch.cli import context as ctx
from shopwatch.cli import logs
from shopwatch.cli.formats import formats_of
from shopwatch.cli.output import AsJson, complain, err, print_json, table
from shopwatch.domain.errors import Invalid
from shopwatch.domain.run import Run, RunOptions, RunState
from shopwatch.locator.export import export_file
from shopwatch.locator.progress import run_document
from shopwatch.locator.rows import Edition
from shopwatch.locator.service import open_run
from shopwatch.locator.stopping import Stop
from shopwatch.ports import Event, Events
from shopwatch.retailers.registry import DIRECTORIES
from shopwatch.transport.client import Client

Told = Callable[[Mapping[str, Any]], None]
_MODES = ("direct", "residential", "web_scraper_api")


def crawl_command(
    context: typer.Context,
    retailers: Annotated[
        list[str] | None, typer.Argument(help="att bestbuy target tmobile verizon walmart")
    ] = None,
    *,
    all_: Annotated[bool, typer.Option("--all", "-a", help="Every enabled retailer.")] = False,
    exclude: Annotated[list[str] | None, typer.Option("--exclude", "-e", help="Not this one.")] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with the last run where it stopped.")
    ] = False,
    incremental: Annotated[
        bool, typer.Option("--incremental", help="Fetch only what may have changed.")
    ] = False,
    retry_failed: Annotated[
        bool, typer.Option("--retry-failed", help="Only the failed pages of the last run.")
    ] = False,
    limit: Annotated[
        int | None, typer.Option(min=1, help="Stores, at most; the run is held, as it is not the whole.")
    ] = None,
    proxy: Annotated[str | None, typer.Option(help=" | ".join(_MODES))] = None,
    test: Annotated[
        bool, typer.Option("--test", help="A few pages of each phase; nothing is published.")
    ] = False,
    formats: Annotated[
        str, typer.Option("--format", help="Then write these too: csv, json, geojson, xlsx, with commas.")
    ] = "",
    run_id: Annotated[str | None, typer.Option("--run", hidden=True, help="Work on this run.")] = None,
    as_json: AsJson = False,
) -> None:
    """Crawl store directories, several at once if several are named.

    Exit status: 0 complete, 1 failed, held or stopped.
    """
    call = ctx.of(context)
    logs.set_up(call.paths.logs / "shopwatch.log", verbose=call.verbose)
    options = RunOptions(
        resume=resume,
        incremental=incremental,
        retry_failed=retry_failed,
        limit=limit,
        proxy_mode=_proxy_mode(proxy),
        test=test,
    )
    names = [] if run_id else _names(retailers or [], exclude or [], all_=all_)
    also = formats_of(formats)
    runs = ctx.run(_crawl(call, names, options, chosen_proxy=proxy, run_id=run_id, also=also))
    if as_json:
        print_json([run_document(run, ctx.now()) for run in runs])
    else:
        columns = ("run", "state", "stores>", "requests>", "errors>", "why")
        rows = ((r.run_id, r.state, r.stores, r.requests, r.errors, _why(r)) for r in runs)
        table(columns, rows, empty="nothing was crawled")
    if any(run.state is not RunState.COMPLETE for run in runs):
        raise typer.Exit(1)


def _names(retailers: Sequence[str], exclude: Sequence[str], *, all_: bool) -> list[str]:
    for name in (*retailers, *exclude):
        directory_of(name)
    if not retailers and not all_:
        raise Invalid(f"name a retailer or say --all: {', '.join(sorted(DIRECTORIES))}")
    wanted = sorted(DIRECTORIES) if all_ else list(dict.fromkeys(retailers))
    return [name for name in wanted if name not in exclude]


def _proxy_mode(mode: str | None) -> str:
    if mode is not None and mode not in _MODES:
        raise Invalid(f"--proxy must be one of {', '.join(_MODES)}, got {mode!r}")
    return mode or "direct"


def _why(run: Run) -> str:
    return "; ".join(run.gate_reasons) or run.message


async def _crawl(
    call: ctx.Context,
    names: Sequence[str],
    options: RunOptions,
    *,
    chosen_proxy: str | None,
    run_id: str | None,
    also: Sequence[str],
) -> list[Run]:
    stop = _stopped_by_signals()
    async with opened(call.paths) as core, client_of(core) as client:
        if run_id is not None:
            found = await core.runs.get(run_id)
            runs = [replace(found, options=replace(found.options, retry_failed=options.retry_failed))]
        else:
            await bury_dead(core)
            enabled = [name for name in names if core.settings.retailer(name).enabled or len(names) == 1]
            if options.resume and not options.retry_failed:
                enabled = await unfinished(core, enabled)
            wanted = {name: _options(core, name, options, chosen_proxy) for name in enabled}
            runs = [
                await open_run(core.runs, name, one, clock=core.clock, pid=os.getpid())
                for name, one in wanted.items()
            ]
            for run in runs:
                complain(_beginning(run, options, log=core.files(run.retailer).log(run.run_id)))
        with _Bars() as bars:
            async with asyncio.TaskGroup() as tasks:
                for run in runs:
                    tasks.create_task(_one(core, client, run, stop, bars.update), name=run.run_id)
        ended = [await core.runs.get(run.run_id) for run in runs]
        for run in ended:
            if run.state is RunState.COMPLETE:
                await _write(core, run.retailer, also)
        return ended


def _beginning(run: Run, options: RunOptions, *, log: Path) -> str:
    """What is about to happen: without a terminal hours of silence follow, and --resume may find nothing."""
    if run.state is not RunState.PENDING:
        what = f"{run.run_id} goes on"
    elif options.resume or options.retry_failed:
        lacks = "failed pages to ask for again" if options.retry_failed else "unfinished run"
        what = f"{run.retailer} has no {lacks}: {run.run_id} begins anew"
    else:
        what = f"{run.run_id} begins"
    return f"{what}. Log: {log}"


def _stopped_by_signals() -> Stop:
    stop = Stop()

    def asked() -> None:
        if not stop.is_set():
            complain("stopping: what is in flight has five seconds to come home; once more ends it now")
        stop.ask()

    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, asked)
    return stop


async def _write(core: Core, retailer: str, formats: Sequence[str]) -> None:
    """The set as it is published now, beside the files every run leaves."""
    age = await core.stores.age(retailer)
    if age is None or not formats:
        return
    known = await core.stores.known(retailer)
    edition = Edition(retailer=retailer, run_id=age[0], published_at=age[1], exported_at=core.clock.now())
    for name in formats:
        await asyncio.to_thread(export_file, known, core.files(retailer).output(name), edition)


def _options(core: Core, name: str, options: RunOptions, chosen: str | None) -> RunOptions:
    section = core.settings.retailer(name)
    return replace(options, proxy_mode=chosen or section.proxy_mode or core.settings.retailers.proxy.mode)


async def _one(core: Core, client: Client, run: Run, stop: asyncio.Event, told: Told) -> None:
    await crawl(core, client, run, stop, events=_Told(core.events, told))


class _Told:
    """Events that the terminal hears of too."""

    def __init__(self, events: Events, told: Told) -> None:
        self._events = events
        self._told = told

    async def publish(self, kind: str, data: Mapping[str, object]) -> None:
        await self._events.publish(kind, data)
        if kind == "run":
            self._told(data)

    async def after(self, last_id: int, limit: int = 500) -> list[Event]:
        return await self._events.after(last_id, limit)

    async def last_id(self) -> int:
        return await self._events.last_id()


class _Bars:
    """A progress bar for each phase of each run; nothing at all where there is no terminal."""

    def __init__(self) -> None:
        self._tasks: dict[tuple[str, str], TaskID] = {}
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.completed:,.0f}/{task.total:,.0f}"),
            TimeRemainingColumn(compact=True),
            console=err,
            disable=not sys.stderr.isatty(),
        )

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def update(self, document: Mapping[str, Any]) -> None:
        for name, phase in document["phases"].items():
            key = (document["retailer"], name)
            if key not in self._tasks and phase["total"]:
                self._tasks[key] = self._progress.add_task(f"{key[0]:<8} {name}", total=phase["total"])
            if key in self._tasks:
                done = phase["completed"] + phase["failed"]
                self._progress.update(self._tasks[key], completed=done, total=phase["total"])
