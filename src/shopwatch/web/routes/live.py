"""The live stream of what happens."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Header, Query, Request
from fastapi.responses import StreamingResponse

from shopwatch.web.errors import RESPONSES
from shopwatch.web.live import Live

router = APIRouter(prefix="/api", tags=["live"], responses=RESPONSES)
EventId = Annotated[int | None, Query(ge=0, le=2**60)]


_STREAM: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "a stream without an end",
        "content": {"text/event-stream": {"schema": {"type": "string"}, "example": "id: 17\nevent: check\n"}},
    }
}


@router.get("/events", response_class=StreamingResponse, responses=_STREAM)
async def events(
    request: Request,
    after: EventId = None,
    last_event_id: Annotated[str | None, Header(max_length=20)] = None,
) -> StreamingResponse:
    """Server-sent events; ``Last-Event-ID`` (or ``after``) resumes, ``stale`` means: load everything anew."""
    live: Live = request.app.state.live
    given = int(last_event_id) if last_event_id and last_event_id.isdecimal() else after
    headers = {"cache-control": "no-store", "x-accel-buffering": "no"}
    return StreamingResponse(live.stream(given), media_type="text/event-stream", headers=headers)
