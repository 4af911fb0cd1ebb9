"""Alerts: what was sent, what is on its way, sending once more, and whether a channel works."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from pydantic import Field

from shopwatch.bootstrap.alerting import try_channels
from shopwatch.config.settings import Section
from shopwatch.domain.errors import Conflict
from shopwatch.web.documents import alert_document
from shopwatch.web.errors import RESPONSES
from shopwatch.web.services import Given

router = APIRouter(prefix="/api", tags=["alerts"], responses=RESPONSES)


class ChannelTest(Section):
    """``channel``: its number in the list, from 1; left out: all of them."""

    channel: Annotated[int, Field(ge=1)] | None = None


@router.get("/outbox")
async def outbox(
    services: Given,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
    before: Annotated[int | None, Query(ge=0, le=2**60)] = None,
) -> dict[str, Any]:
    """Newest first; ``next`` is the ``before`` of the following page."""
    rows = await services.core.outbox.rows(limit + 1, before)
    following = rows[limit - 1].id if len(rows) > limit else None
    channels = len(services.core.settings.shopwatch.notify.channels)
    return {"alerts": [alert_document(row) for row in rows[:limit]], "next": following, "channels": channels}


@router.post("/outbox/{row_id}/resend", status_code=202)
async def resend(row_id: Annotated[int, Path(ge=0, le=2**60)], services: Given) -> dict[str, str]:
    """Send an alert once more; 409 while it is on its way anyway, or if there is none."""
    if not await services.core.outbox.resend(row_id, services.core.clock.now()):
        raise Conflict(f"alert {row_id} is on its way already, or there is none")
    return {"status": "pending", "message": f"Alert {row_id} will be sent again"}


@router.post("/notify/test")
async def test_channels(body: ChannelTest, services: Given) -> dict[str, Any]:
    """Send a test message to each channel and say truly which of them took it."""
    results = await try_channels(services.core, body.channel)
    if not results:
        message = "no channel is configured: add an Apprise address to notify.channels"
    else:
        message = f"{sum(one.ok for one in results)} of {len(results)} channels took the message"
    return {"results": [asdict(one) for one in results], "message": message}
