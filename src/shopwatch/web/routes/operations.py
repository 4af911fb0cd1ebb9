"""For whoever runs the machine: is it alive, is it ready, and figures for Prometheus."""

from __future__ import annotations

from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST

from shopwatch.domain.errors import ShopwatchError
from shopwatch.web.answer import Json
from shopwatch.web.errors import RESPONSES, answer
from shopwatch.web.figures import figures
from shopwatch.web.openapi import answers
from shopwatch.web.services import Given
from shopwatch.web.shapes.operating import Alive, Ready

router = APIRouter(tags=["operations"], responses=RESPONSES)
_FIGURES: dict[int | str, dict[str, object]] = {
    200: {
        "description": "figures",
        "content": {"text/plain": {"schema": {"type": "string"}, "example": "shopwatch_processes 1\n"}},
    }
}


@router.get("/healthz", responses=answers(Alive))
async def healthz() -> Json:
    """This process answers."""
    return Json({"status": "ok"})


@router.get("/readyz", responses=answers(Ready))
async def readyz(services: Given) -> Response:
    """The database can be read: whoever asks will be answered."""
    try:
        last = await services.core.events.last_id()
    except ShopwatchError as error:
        return answer(503, str(error), [str(error)])
    return Json({"status": "ready", "last_event": last})


@router.get("/metrics", response_class=Response, responses=_FIGURES)
async def metrics(services: Given) -> Response:
    """Prometheus' text format."""
    return Response(await figures(services), media_type=CONTENT_TYPE_LATEST)
