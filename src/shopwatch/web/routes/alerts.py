"""Alerts: what was sent, what is on its way, sending once more, and whether a channel works."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import Field

from shopwatch.bootstrap.alerting import try_channels
from shopwatch.config.section import Section
from shopwatch.domain.errors import Conflict, NotFound
from shopwatch.web.answer import Json
from shopwatch.web.documents import alert_document
from shopwatch.web.errors import RESPONSES
from shopwatch.web.openapi import answers, sent_as
from shopwatch.web.services import Given
from shopwatch.web.shapes.watching import AlertPage, TriedChannels
from shopwatch.web.shapes.words import Done

router = APIRouter(prefix="/api", tags=["alerts"], responses=RESPONSES)


class ChannelTest(Section):
    """``channel``: its number in the list, from 1; left out: all of them."""

    model_config = sent_as(channel=1)
    channel: Annotated[int, Field(ge=1, strict=True)] | None = None


_ALL_CHANNELS = ChannelTest()


@router.get("/outbox", responses=answers(AlertPage))
async def outbox(
    services: Given,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
    before: Annotated[int | None, Query(ge=0, le=2**60)] = None,
) -> Json:
    """Newest first; ``next`` is the ``before`` of the following page."""
    rows = await services.core.outbox.rows(limit + 1, before)
    following = rows[limit - 1].id if len(rows) > limit else None
    channels = len(services.core.settings.shopwatch.notify.channels)
    shown = [alert_document(row) for row in rows[:limit]]
    return Json({"alerts": shown, "next": following, "channels": channels})


@router.post("/outbox/{row_id}/resend", status_code=202, responses=answers(Done, status=202))
async def resend(row_id: Annotated[int, Path(ge=0, le=2**60)], services: Given) -> Json:
    """Send an alert once more; 409 while it is on its way anyway."""
    if not await services.core.outbox.resend(row_id, services.core.clock.now()):
        if all(row.id != row_id for row in await services.core.outbox.rows(1, row_id + 1)):
            raise NotFound(f"there is no alert {row_id}")
        raise Conflict(f"alert {row_id} is on its way already")
    return Json({"status": "pending", "message": f"Alert {row_id} will be sent again"}, status_code=202)


@router.post("/notify/test", responses=answers(TriedChannels))
async def send_test(services: Given, body: ChannelTest = _ALL_CHANNELS) -> Json:
    """Send a test message to each channel and say truly which of them took it; 404 no such channel."""
    results = await try_channels(services.core, body.channel)
    there_are = len(services.core.settings.shopwatch.notify.channels)
    if there_are and not results:
        raise NotFound(f"there is no channel {body.channel}: notify.channels has {there_are}")
    if not results:
        message = "no channel is configured: add an Apprise address to notify.channels"
    else:
        message = f"{sum(one.ok for one in results)} of {len(results)} channels took the message"
    return Json({"results": [asdict(one) for one in results], "message": message})
