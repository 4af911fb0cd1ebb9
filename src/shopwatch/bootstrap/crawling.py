"""A crawl put together: retailer, fetcher, frontier, gate and log."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import cast

from shopwatch.bootstrap.core import Core, directory_of
from shopwatch.config.retailer_settings import ProxyMode
from shopwatch.domain.errors import Conflict, ShopwatchError
from shopwatch.domain.retailer import Retailer
from shopwatch.domain.run import Run, RunState
from shopwatch.domain.store import Store
from shopwatch.locator.crawl import Crawl
from shopwatch.locator.finish import Finish
from shopwatch.locator.gate import GateLimits
from shopwatch.locator.policy import CrawlPolicy
from shopwatch.locator.runlog import RunLog
from shopwatch.locator.service import RunService
from shopwatch.ports import BASELINE, Events
from shopwatch.supervisor.living import enroll
from shopwatch.transport.client import Client
from shopwatch.transport.policy import Policy, crawl_policy
from shopwatch.transport.proxies import Proxy


async def crawl(
    core: Core,
    client: Client,
    run: Run,
    stop: asyncio.Event,
    *,
    events: Events | None = None,
    environment: Mapping[str, str] = os.environ,
) -> RunState:
    """Crawl and finish one run, with a log of its own. The run never stays pending when it cannot begin.

    Raises:
        Invalid: a setting cannot be used, such as a proxy without credentials.
        Conflict: another process crawls this retailer.
    """
    retailer = directory_of(run.retailer)
    try:
        terms = _terms(core, retailer, run, environment)
        site = core.site(retailer)
        process = await enroll(
            core.processes, core.runs, core.clock, kind="crawl", name=retailer.id, run_id=run.run_id
        )
    except ShopwatchError as error:
        now = core.clock.now()
        await core.runs.move(run.run_id, (RunState.PENDING,), RunState.FAILED, now=now, message=str(error))
        raise
    files, told = core.files(retailer.id), events or core.events
    log = RunLog(files.log(run.run_id), core.clock)
    try:
        service = RunService(
            crawl=Crawl(
                retailer,
                site,
                fetcher=client.fetcher(terms),
                frontier=core.frontier,
                runs=core.runs,
                events=told,
                clock=core.clock,
                policy=_patience(core, retailer),
                files=files,
                log=log,
            ),
            finish=finish_of(core, retailer, events=told, log=log),
            runs=core.runs,
            clock=core.clock,
            log=log,
        )
        await core.runs.attach(run.run_id, os.getpid())
        return await service.run(run.run_id, stop, retry_failed=run.options.retry_failed)
    finally:
        log.close()
        await core.processes.end(process, "exited")


async def unfinished(core: Core, names: Sequence[str]) -> list[str]:
    """Of several that were crawled together, those that go on: never crawled, or ended on the way.

    Where there is none, those under way; all, if every one is finished.
    """
    last = {name: await core.runs.latest(name) for name in names}
    open_ = [name for name, run in last.items() if run is None or run.state.can_resume]
    under_way = [name for name, run in last.items() if run is not None and not run.state.is_over]
    return open_ or under_way or list(names)


def _terms(core: Core, retailer: Retailer, run: Run, environment: Mapping[str, str]) -> Policy:
    """The retailer's terms with the run's own way out."""
    terms = crawl_policy(retailer, core.settings, environment)
    mode = cast("ProxyMode", run.options.proxy_mode)
    return replace(terms, proxy=Proxy.of(core.settings.retailers.proxy, environment, mode=mode))


def _patience(core: Core, retailer: Retailer) -> CrawlPolicy:
    section, defaults = core.settings.retailer(retailer.id), core.settings.retailers.defaults
    return CrawlPolicy(
        workers=section.workers if section.workers is not None else defaults.workers,
        max_retries=section.max_retries if section.max_retries is not None else defaults.max_retries,
    )


def finish_of(
    core: Core, retailer: Retailer, *, events: Events | None = None, log: RunLog | None = None
) -> Finish:
    """Gate, publication and exports of a retailer."""
    section = core.settings.retailer(retailer.id)
    return Finish(
        runs=core.runs,
        stores=core.stores,
        events=events or core.events,
        clock=core.clock,
        limits=GateLimits(
            max_loss_percent=section.gate_max_loss_percent,
            max_field_loss_percent=section.gate_max_field_loss_percent,
        ),
        files=core.files(retailer.id),
        phase_names=[phase.name for phase in retailer.locator.phases],
        log=log,
    )


async def take_baseline(core: Core, retailer: str, stores: Sequence[Store], *, replace: bool = False) -> None:
    """Make a directory from elsewhere the last good set, and write its files.

    Raises:
        Conflict: a run of ours has made the set, and nobody said that it is to be replaced.
    """
    age = await core.stores.age(retailer)
    if age is not None and age[0] != BASELINE and not replace:
        raise Conflict(
            f"{retailer} has a set of its own, of {age[0]}: --replace puts the file's stores in its place"
        )
    await core.stores.import_baseline(retailer, stores, core.clock.now())
    await finish_of(core, directory_of(retailer)).export(retailer)
