"""Looks a person asks for: what is behind a pasted address, and how a product stands right now."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter
from pydantic import AliasChoices, Field

from shopwatch.bootstrap.core import retailer_of
from shopwatch.bootstrap.looking import details, look
from shopwatch.bootstrap.nearby import in_stock_near
from shopwatch.config.section import Section
from shopwatch.domain.errors import ClosedByRobots, Conflict, Gone, NotFound, RetailerError
from shopwatch.domain.stock import Details, Key, Observation
from shopwatch.retailers.addresses import key_of
from shopwatch.web.answer import Json
from shopwatch.web.documents import dollars, observation_document
from shopwatch.web.errors import RESPONSES
from shopwatch.web.openapi import answers, sent_as
from shopwatch.web.services import Given, Services
from shopwatch.web.shapes.watching import LookDocument, NearStockPage, PreviewDocument

router = APIRouter(prefix="/api/watches", tags=["watches"], responses=RESPONSES)
_PREVIEW_PATIENCE_S = 8.0  #: a retailer with a small budget gives the second answer too late to wait for


class PreviewBody(Section):
    """What a person pasted, an address, ``retailer:SKU`` or a SKU: as text, url_or_sku, url or sku."""

    model_config = sent_as(text="https://www.target.com/p/-/A-89542109")
    text: Annotated[str, Field(validation_alias=AliasChoices("text", "url_or_sku", "url", "sku"))]
    retailer: str | None = None


@router.post("/preview", responses=answers(PreviewDocument))
async def preview(body: PreviewBody, services: Given) -> Json:
    """What is behind an address, before anything is saved; what could not be learnt is null."""
    key = key_of(body.text, retailer=body.retailer)
    await services.book.fresh()
    found, problems = await _details(services, key)
    seen, more = await _look(services, key)
    offer = (found.offer if found else None) or (seen.offer if seen else None)
    release = found.released_on(services.core.clock.now().date()) if found else None
    document = {
        "retailer": key[0],
        "sku": key[1],
        "title": (found.title if found else "") or (seen.product.name if seen else ""),
        "price": dollars(offer.price) if offer else None,
        "availability": seen.availability.value if seen else None,
        "pickup": seen.pickup.value if seen else None,
        "reason": seen.reason if seen else "",
        "image_url": services.rows.picture(found.image_url) if found else None,
        "purchase_limit": found.purchase_limit if found else None,
        "street_date": release.isoformat() if release else None,
        "is_parent": bool(found and found.is_parent),
        "variants": [list(one) for one in found.variants] if found else [],
        "watched_already": key in services.book.watches,
        "problems": [*problems, *more],
    }
    return Json(document)


@router.post("/{retailer}/{sku}/check", responses=answers(LookDocument))
async def check(retailer: str, sku: str, services: Given) -> Json:
    """Look now, within the budget; the monitor is asked to look too: it decides what is a change."""
    began_s = services.core.clock.monotonic()
    await services.book.fresh()
    services.book.get((retailer, sku))
    seen = await look(services.core, services.client, (retailer, sku))
    await services.core.events.publish("command", {"do": "check", "retailer": retailer, "sku": sku})
    took_ms = (services.core.clock.monotonic() - began_s) * 1000
    return Json({"observation": observation_document(seen), "duration_ms": round(took_ms, 1)})


class NearBody(Section):
    """Where the person is."""

    model_config = sent_as(zip="89501", miles=15)
    zip: str
    miles: Annotated[float, Field(gt=0, le=500)] = 15.0


@router.post("/{retailer}/{sku}/near", responses=answers(NearStockPage))
async def near(retailer: str, sku: str, body: NearBody, services: Given) -> Json:
    """Which stores near a ZIP code have it: asked now, joined with the directory; who has it comes first."""
    key = key_of(f"{retailer}:{sku}")
    found = await in_stock_near(services.core, services.client, key, body.zip, miles=body.miles)
    lines = [
        {
            "store_ref": one.stock.store_ref,
            "name": one.stock.name or (one.store.name if one.store else ""),
            "miles": None if one.miles is None else round(one.miles, 2),
            "pickup": one.stock.pickup.value,
            "in_store": one.stock.in_store.value,
            "quantity": one.stock.quantity,
            "address": list(one.store.address) if one.store else [],
            "city": one.store.city if one.store else None,
            "phone": one.store.phone if one.store else None,
        }
        for one in found
    ]
    return Json({"stores": lines})


async def _details(services: Services, key: Key) -> tuple[Details | None, list[str]]:
    try:
        return await details(services.core, services.client, key), []
    except (Gone, NotFound):
        raise NotFound(f"{retailer_of(key[0]).name} has no product {key[1]}") from None
    except (RetailerError, Conflict) as error:
        return None, [_said(error)]


async def _look(services: Services, key: Key) -> tuple[Observation | None, list[str]]:
    try:
        return await look(services.core, services.client, key, patience_s=_PREVIEW_PATIENCE_S), []
    except (RetailerError, Conflict) as error:
        return None, [_said(error)]


def _said(error: RetailerError | Conflict) -> str:
    if isinstance(error, ClosedByRobots):
        return "the site's robots.txt closes this address to us"
    return str(error)
