"""Status, start and stop of crawls: the mission's addresses."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import Field

from shopwatch.bootstrap.core import directory_of
from shopwatch.bootstrap.crawling import unfinished
from shopwatch.config.retailer_settings import ProxyMode
from shopwatch.config.section import Section
from shopwatch.domain.errors import Conflict
from shopwatch.domain.run import RunOptions, RunState
from shopwatch.locator.service import open_run
from shopwatch.retailers.registry import DIRECTORIES
from shopwatch.web.answer import Json
from shopwatch.web.errors import RESPONSES
from shopwatch.web.exact import Flag, Whole
from shopwatch.web.openapi import answers, sent_as
from shopwatch.web.services import Given, Services, known_retailer
from shopwatch.web.shapes.crawling import RetailerStatus, Started, StatusDocument
from shopwatch.web.shapes.words import Done
from shopwatch.web.status import status_of

router = APIRouter(prefix="/api", tags=["crawls"], responses=RESPONSES)
_ALL = "all"


class RunConfig(Section):
    """How a run is asked for; what is left out is the retailer's own."""

    model_config = sent_as(resume=True)
    resume: Flag = False
    incremental: Flag = False
    limit: Annotated[Whole, Field(ge=1, le=1_000_000)] | None = None
    proxy_mode: ProxyMode | None = None
    test: Flag = False
    retry_failed: Flag = False


class StartBody(Section):
    """``retailer`` is an id, or "all" for every enabled one that is not running."""

    model_config = sent_as(retailer="verizon", config={"incremental": True})
    retailer: str
    config: RunConfig = RunConfig()


class StopBody(Section):
    model_config = sent_as(retailer="verizon")

    retailer: str


@router.get("/status", responses=answers(StatusDocument))
async def status(services: Given) -> Json:
    """Every retailer, and the sums over all."""
    document = await services.status.all()
    lasting = {
        "global": {**document["global"], "as_of": None},
        "retailers": {name: _ageless(one) for name, one in document["retailers"].items()},
    }
    return Json(lasting, volatile=document)


@router.get("/status/{retailer}", responses=answers(RetailerStatus))
async def status_one(retailer: str, services: Given) -> Json:
    """One retailer: its latest run, and the set it last published."""
    document = await status_of(services.core, directory_of(retailer))
    return Json(_ageless(document), volatile=document)


def _ageless(document: Mapping[str, Any]) -> dict[str, Any]:
    """A status without what only the clock changes: ``published_at`` says it to who has the answer."""
    good = document["last_good"]
    return {**document, "last_good": good and {**good, "age_seconds": None}}


@router.post("/scraper/start", status_code=202, responses=answers(Started, status=202))
async def start(body: StartBody, services: Given) -> Json:
    """Start a crawl; 400 if there is no such retailer, 409 if it is running.

    All with ``resume`` goes on with those that are not finished; with all of them, if every one is.
    """
    if body.retailer != _ALL:
        retailer = known_retailer(body.retailer)
        run_id = await start_crawl(services, retailer.id, body.config)
        message = f"{retailer.name}: the crawl has started"
        return _started(run_id, {retailer.id: run_id}, message)
    names = [name for name in DIRECTORIES if services.core.settings.retailer(name).enabled]
    if body.config.resume and not body.config.retry_failed:
        names = await unfinished(services.core, names)
    run_ids: dict[str, str] = {}
    for name in names:
        with suppress(Conflict):  # it is running
            run_ids[name] = await start_crawl(services, name, body.config)
    if not run_ids:
        raise Conflict("every retailer that could be started is running already")
    first = next(iter(run_ids.values()))
    return _started(first, run_ids, f"{len(run_ids)} crawls started")


def _started(run_id: str, run_ids: dict[str, str], message: str) -> Json:
    document = {"status": "started", "run_id": run_id, "run_ids": run_ids, "message": message}
    return Json(document, status_code=202)


@router.post("/scraper/stop", status_code=202, responses=answers(Done, status=202))
async def stop(body: StopBody, services: Given) -> Json:
    """Ask crawls to stop; answers at once. Each finishes the batch in hand and can be resumed."""
    retailers = list(DIRECTORIES.values()) if body.retailer == _ALL else [known_retailer(body.retailer)]
    stopped = [retailer.name for retailer in retailers if await services.children.stop(retailer.id)]
    if not stopped:
        what = "nothing" if body.retailer == _ALL else retailers[0].name
        raise Conflict(f"{what} is running" if body.retailer == _ALL else f"{what} is not running")
    return Json({"status": "stopped", "message": f"stopping: {', '.join(stopped)}"}, status_code=202)


async def start_crawl(services: Services, name: str, config: RunConfig) -> str:
    """Open a run and start its child; returns the run's id.

    Raises:
        Conflict: one is under way.
    """
    core, retailer = services.core, directory_of(name)
    # A run that is resumed counts as over until its child is awake: a new one must not begin beside it.
    if any((row.kind, row.name) == ("crawl", retailer.id) for row in await services.children.adopt()):
        raise Conflict(f"a crawl of {retailer.id} is running")
    section = core.settings.retailer(retailer.id)
    options = RunOptions(
        resume=config.resume,
        incremental=config.incremental,
        limit=config.limit,
        proxy_mode=config.proxy_mode or section.proxy_mode or core.settings.retailers.proxy.mode,
        test=config.test,
        retry_failed=config.retry_failed,
    )
    run = await open_run(core.runs, retailer.id, options, clock=core.clock)
    words = [*core.paths.arguments(), "crawl", "--run", run.run_id]
    words += ["--retry-failed"] if config.retry_failed else []
    try:
        await services.children.start("crawl", retailer.id, words, run.run_id)
    except Exception:
        await core.runs.move(
            run.run_id,
            (RunState.PENDING,),
            RunState.FAILED,
            now=core.clock.now(),
            message="could not be started",
        )
        raise
    return run.run_id
