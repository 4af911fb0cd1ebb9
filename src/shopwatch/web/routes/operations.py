"""For whoever runs the machine: is it alive, is it ready, and figures for Prometheus."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST

from shopwatch.domain.errors import ShopwatchError
from shopwatch.web.figures import figures
from shopwatch.web.services import Given

router = APIRouter(tags=["operations"])


@router.get("/healthz")
async def healthz() -> dict[str, str]:
    """This process answers."""
    return {"status": "ok"}


@router.get("/readyz", response_model=None, responses={503: {"description": "not ready, with the reason"}})
async def readyz(services: Given) -> Response | dict[str, Any]:
    """The database can be read: whoever asks will be answered."""
    try:
        last = await services.core.events.last_id()
    except ShopwatchError as error:
        return JSONResponse({"status": "error", "message": str(error), "errors": [str(error)]}, 503)
    return {"status": "ready", "last_event": last}


@router.get("/metrics", response_class=Response)
async def metrics(services: Given) -> Response:
    """Prometheus' text format."""
    return Response(await figures(services), media_type=CONTENT_TYPE_LATEST)
