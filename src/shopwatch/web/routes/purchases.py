"""Purchases: the ledger, the caps and how much of them is used, the emergency stop, a person's verdict."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query

from shopwatch.bootstrap.buying import limits_of
from shopwatch.config.section import Section
from shopwatch.purchase.guard import used
from shopwatch.purchase.reconcile import resolve as settle
from shopwatch.web.answer import Json
from shopwatch.web.documents import purchase_document, stamp
from shopwatch.web.errors import RESPONSES
from shopwatch.web.exact import Flag
from shopwatch.web.openapi import answers, sent_as
from shopwatch.web.services import Given, Services
from shopwatch.web.shapes.operating import EmergencyStopState, PurchasePage, PurchaseWithEntries
from shopwatch.web.shapes.words import Done

router = APIRouter(prefix="/api", tags=["purchases"], responses=RESPONSES)
Number = Annotated[int, Path(ge=0, le=2**60)]


class ResolveBody(Section):
    """What a person found in their order history."""

    model_config = sent_as(placed=True, order_number="102-5568")
    placed: Flag
    order_number: str | None = None


@router.get("/purchases", responses=answers(PurchasePage))
async def purchases(
    services: Given,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
    before: Annotated[int | None, Query(ge=0, le=2**60)] = None,
) -> Json:
    """The ledger, newest first, and what of the caps is used."""
    core, book = services.core, services.book
    await book.fresh()
    found = await core.ledger.recent(limit + 1, before)
    mode = str(book.monitor.get("mode", "test"))
    document = {
        "purchases": [purchase_document(one, book) for one in found[:limit]],
        "next": found[limit - 1].id if len(found) > limit else None,
        "limits": await _limits(services),
        "mode": "live" if mode == "live" and await _monitor_runs(services) else "test",
        "test_mode": core.settings.shopwatch.safety.test_mode,
        "emergency_stop": services.emergency_stop.is_on(),
        "auto_purchase_watches": sum(watch.auto_purchase for watch in book.watches.values()),
        "unresolved": len(await core.ledger.unresolved()),
    }
    return Json(document)


@router.get("/purchases/{purchase_id}", responses=answers(PurchaseWithEntries))
async def purchase(purchase_id: Number, services: Given) -> Json:
    """One purchase with every entry of the book."""
    await services.book.fresh()
    found = await services.core.ledger.get(purchase_id)
    entries = await services.core.ledger.entries(purchase_id)
    document = {
        **purchase_document(found, services.book),
        "entries": [
            {"at": stamp(one.at), "before": one.before, "after": one.after, "facts": _shown(one.facts)}
            for one in entries
        ],
    }
    return Json(document)


@router.post("/purchases/{purchase_id}/resolve", responses=answers(Done))
async def resolve(purchase_id: Number, body: ResolveBody, services: Given) -> Json:
    """Say what became of an unclear purchase; 409 if it is not unclear."""
    core = services.core
    settled = await settle(
        core.ledger,
        purchase_id,
        placed=body.placed,
        order_number=body.order_number,
        now=core.clock.now(),
    )
    return Json({"status": "resolved", "message": f"Purchase {purchase_id} is {settled.state.value}"})


@router.put("/emergency-stop", responses=answers(EmergencyStopState))
async def stop_buying(services: Given) -> Json:
    """Nothing is bought from now on, whoever runs."""
    reason = f"from the dashboard, {stamp(services.core.clock.now())}"
    await asyncio.to_thread(services.emergency_stop.set, reason)
    return await _told(services)


@router.delete("/emergency-stop", responses=answers(EmergencyStopState))
async def resume_buying(services: Given) -> Json:
    """Buying is allowed again, within every other limit."""
    await asyncio.to_thread(services.emergency_stop.clear)
    return await _told(services)


async def _told(services: Services) -> Json:
    document = {"emergency_stop": services.emergency_stop.is_on()}
    await services.core.events.publish("purchase", document)
    return Json(document)


async def _monitor_runs(services: Services) -> bool:
    return any(row.kind == "monitor" for row in await services.children.live())


async def _limits(services: Services) -> dict[str, Any]:
    """The caps, and what the guard counts against them: the page must not promise what it would refuse."""
    core = services.core
    safety, now = core.settings.shopwatch.safety, core.clock.now()
    counted = used(await core.ledger.limiting(now), limits_of(safety), now)
    return {
        "max_daily_purchases": safety.max_daily_purchases,
        "bought_today": counted.orders,
        "max_daily_spend": safety.max_daily_spend,
        "spent_today": counted.cents / 100,
        "max_order_total": safety.max_order_total,
        "purchase_cooldown": safety.purchase_cooldown,
        "last_purchase_at": stamp(counted.latest),
        "max_group_purchases": safety.max_group_purchases,
    }


def _shown(facts: Any) -> dict[str, str]:
    return {str(name): _in_words(value) for name, value in dict(facts).items()}


def _in_words(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {one}" for name, one in value.items())
    if isinstance(value, list | tuple):
        return "; ".join(map(str, value))
    return str(value)
