"""What was: prices and stock of a product, its restocks with the evidence that made each fire."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Path, Query

from shopwatch.config.watches import name_of
from shopwatch.domain.errors import NotFound
from shopwatch.storage.history import Checks
from shopwatch.web.answer import Json
from shopwatch.web.documents import (
    alert_document,
    dollars,
    evidence_document,
    observation_document,
    restock_document,
    stamp,
)
from shopwatch.web.errors import RESPONSES
from shopwatch.web.openapi import answers
from shopwatch.web.services import Given
from shopwatch.web.shapes.watching import HistoryDocument, RestockPage, RestockStory

router = APIRouter(prefix="/api", tags=["history"], responses=RESPONSES)
Limit = Annotated[int, Query(ge=1, le=500)]
Before = Annotated[int | None, Query(ge=0, le=2**60)]
_MOST_POINTS = 2000  #: of a chart; more would not be seen


@router.get("/watches/{retailer}/{sku}/history", responses=answers(HistoryDocument))
async def history(
    retailer: str, sku: str, services: Given, days: Annotated[float, Query(gt=0, le=3650)] = 30
) -> Json:
    """Prices, stays in and out of stock, figures and the week of restocks; what cannot be known is null.

    Also of a product that is watched no longer; 404 if it never was.
    """
    core, key = services.core, (retailer, sku)
    until = core.clock.now()
    since = until - timedelta(days=days)
    zone = core.settings.shopwatch.monitor.zone
    past = await core.history.past(key, since, until, zone)
    summary = past.summary
    looks = [*await core.history.days(key, since), *await core.history.hours(key, since)]
    await services.book.fresh()
    if key not in services.book.watches and not (past.prices or past.stays or looks):
        raise NotFound(f"nothing was ever watched as {name_of(key)}")
    document = {
        "looks": _sums(looks),
        "prices": [[_at(one.at.timestamp()), dollars(one.price)] for one in past.prices[-_MOST_POINTS:]],
        "stock": [[_at(one.begin.timestamp()), one.availability.value] for one in past.stays[-_MOST_POINTS:]],
        "lowest": dollars(summary.lowest),
        "typical": dollars(summary.typical),
        "highest": dollars(summary.highest),
        "in_stock_share": summary.in_stock_share,
        "restocks": summary.restocks,
        "restocks_per_week": round(summary.restocks_per_week, 2),
        "median_stay_seconds": summary.median_stay_s,
        "heatmap": list(past.heat_map),
        "time_zone": zone.key,
    }
    return Json(document, volatile={"from": since.timestamp(), "to": until.timestamp()})


@router.get("/restocks", responses=answers(RestockPage))
async def restocks(
    services: Given, limit: Limit = 50, before: Before = None, retailer: str = "", sku: str = ""
) -> Json:
    """The last first; ``next`` is the ``before`` of the following page."""
    await services.book.fresh()
    found = await services.core.history.restocks(limit + 1, before, (retailer, sku))
    following = found[limit - 1].id if len(found) > limit else None
    shown = [restock_document(one, services.book) for one in found[:limit]]
    return Json({"restocks": shown, "next": following})


@router.get("/restocks/{restock_id}", responses=answers(RestockStory))
async def restock(restock_id: Annotated[int, Path(ge=0, le=2**60)], services: Given) -> Json:
    """Why it fired: what was seen, where, and what became of its alerts."""
    found = await services.core.history.restock(restock_id)
    await services.book.fresh()
    told = await services.core.outbox.of_restock(found.key, restock_id)
    document = {
        **restock_document(found, services.book),
        "observation": observation_document(found.observation),
        "evidence": evidence_document(found.evidence),
        "confirmation_evidence": evidence_document(found.confirmation_evidence),
        "alerts": [alert_document(row) for row in told],
    }
    return Json(document, volatile={"as_of": stamp(services.core.clock.now())})


def _sums(looks: Sequence[Checks]) -> dict[str, int]:
    return {"checks": sum(one.checks for one in looks), "unknowns": sum(one.unknowns for one in looks)}


def _at(seconds: float) -> float:
    return round(seconds, 3)
