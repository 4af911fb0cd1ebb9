"""History of runs, one run, its log, and the word that publishes a held one."""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import BeforeValidator

from shopwatch.bootstrap.core import directory_of
from shopwatch.bootstrap.crawling import finish_of
from shopwatch.domain.errors import NotFound
from shopwatch.domain.run import Run
from shopwatch.locator.progress import run_document
from shopwatch.locator.quality import quality_of
from shopwatch.locator.runlog import first_error, read_log
from shopwatch.web.answer import Json
from shopwatch.web.errors import RESPONSES
from shopwatch.web.openapi import answers
from shopwatch.web.services import Given, Services
from shopwatch.web.shapes.crawling import LogPart, RunPage, RunWithQuality, Throughput
from shopwatch.web.shapes.words import Done

router = APIRouter(prefix="/api", tags=["runs"], responses=RESPONSES)
Limit = Annotated[int, Query(ge=1, le=500)]
_MOST_POINTS = 120  #: of a chart
Level = Annotated[Literal["debug", "info", "warning", "error"], BeforeValidator(str.lower)]  #: in any case


@router.get("/runs/{retailer}", responses=answers(RunPage))
async def runs(retailer: str, services: Given, limit: Limit = 20, before: str | None = None) -> Json:
    """Newest first; ``next`` is the ``before`` of the following page."""
    found = await services.core.runs.list(directory_of(retailer).id, limit=limit + 1, before=before)
    documents = [_document(services, run) for run in found[:limit]]
    return Json({"runs": documents, "next": found[limit - 1].run_id if len(found) > limit else None})


@router.get("/runs/{retailer}/{run_id}", responses=answers(RunWithQuality))
async def run(retailer: str, run_id: str, services: Given) -> Json:
    """A run; one that is over with ``quality``: what its stores lack, field by field."""
    found = await _run_of(services, retailer, run_id)
    document = _document(services, found)
    if found.state.is_over:
        document["quality"] = await quality_of(services.core.runs, found.run_id)
    return Json(document)


@router.get("/runs/{retailer}/{run_id}/throughput", responses=answers(Throughput))
async def throughput(retailer: str, run_id: str, services: Given) -> Json:
    """How many requests it had made when; thinned out, and empty once its events are forgotten."""
    found = await _run_of(services, retailer, run_id)
    until = found.completed_at or services.core.clock.now()
    told = await services.core.events.progress(run_id, found.started_at, until)
    points = [(int(found.started_at.timestamp()), 0)] if told else []
    step_s = max(1, int((until - found.started_at).total_seconds()) // _MOST_POINTS)
    for at, requests in told:
        if int(at.timestamp()) - points[-1][0] >= step_s:
            points.append((int(at.timestamp()), requests))
    return Json({"points": points})


@router.post("/runs/{run_id}/accept", responses=answers(Done))
async def accept(run_id: str, services: Given) -> Json:
    """Publish a run the gate held; 409 if it is not held."""
    held = await services.core.runs.get(run_id)
    await finish_of(services.core, directory_of(held.retailer)).accept(run_id)
    return Json({"status": "accepted", "message": f"{run_id} is published: {held.stores:,} stores"})


@router.get("/logs/{retailer}/{run_id}", responses=answers(LogPart))
async def log(
    retailer: str,
    run_id: str,
    services: Given,
    *,
    level: Level = "debug",
    search: Annotated[str, Query(max_length=200)] = "",
    offset: Annotated[int, Query(ge=-1, le=2**60)] = 0,
    limit: Annotated[int, Query(ge=1, le=5000)] = 500,
) -> Json:
    """Lines of ``level`` or worse with ``search`` in them, from ``offset`` on (-1: the last ones)."""
    found = await _run_of(services, retailer, run_id)
    path = services.core.files(found.retailer).log(found.run_id)
    if not path.exists():
        return Json({"lines": [], "next_offset": 0, "at_end": True, "first_error_offset": None})
    part = await asyncio.to_thread(read_log, path, level=level, search=search, offset=offset, limit=limit)
    error = await asyncio.to_thread(first_error, path)
    document = {
        "lines": [asdict(line) for line in part.lines],
        "next_offset": part.next_offset,
        "at_end": part.at_end,
        "first_error_offset": error.offset if error else None,
    }
    return Json(document)


async def _run_of(services: Services, retailer: str, run_id: str) -> Run:
    """The run by both names; no path is ever made of what a request says."""
    found = await services.core.runs.get(run_id)
    if found.retailer != directory_of(retailer).id:
        raise NotFound(f"there is no run {run_id!r} of {retailer}")
    return found


def _document(services: Services, found: Run) -> dict[str, Any]:
    names = [phase.name for phase in directory_of(found.retailer).locator.phases]
    return run_document(found, services.core.clock.now(), phase_names=names)
