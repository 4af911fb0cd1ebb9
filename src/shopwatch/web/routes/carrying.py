"""Watch lists in and out: what another tool's list holds, and ours as a file."""

from __future__ import annotations

import asyncio
import base64
import json
from typing import Any, Literal

from fastapi import APIRouter, Response

from shopwatch.bootstrap.folder import SHOPS
from shopwatch.config import documents
from shopwatch.config.importing import read_list, settings_of, write_csv
from shopwatch.config.section import Section
from shopwatch.config.watches import name_of
from shopwatch.domain.errors import Invalid
from shopwatch.retailers.addresses import read_address
from shopwatch.web.answer import Json
from shopwatch.web.errors import RESPONSES
from shopwatch.web.exact import Flag
from shopwatch.web.openapi import answers, sent_as
from shopwatch.web.services import Given
from shopwatch.web.shapes.watching import Imported

router = APIRouter(prefix="/api/watches", tags=["watches"], responses=RESPONSES)
_TYPES = {"csv": "text/csv; charset=utf-8", "yaml": "application/yaml", "json": "application/json"}

_EXPORTED: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "the list as a file",
        "content": {
            "text/csv": {"schema": {"type": "string"}, "example": "sku,name\n89542109,Console\n"},
            "application/yaml": {"schema": {}, "example": "products: {'89542109': {name: Console}}\n"},
            "application/json": {
                "schema": {"type": "object"},
                "example": {"products": {"89542109": {"name": "Console"}}},
            },
        },
    }
}
_NAMES_TOLD = 100


class ImportBody(Section):
    """A list as text, or a zipped backup as Base64 ``content``; ``preview`` adds nothing."""

    model_config = sent_as(text="url,max_price\nhttps://www.target.com/p/-/A-89542109,50\n")
    text: str | None = None
    content: str | None = None
    name: str = ""
    format: Literal["csv", "changedetection", "streetmerchant", "yaml", "json"] | None = None
    replace: Flag = False
    preview: Flag = False


@router.post("/import", responses=answers(Imported))
async def import_list(body: ImportBody, services: Given) -> Json:
    """Add the products of a list; what could not be carried is said in sentences."""
    found = read_list(
        _content(body), name=body.name, read_address=read_address, shops=SHOPS, format_=body.format
    )
    await services.book.fresh()
    known = services.book.watches
    wanted = {key: one for key, one in found.products.items() if body.replace or key not in known}
    notes = [
        *found.not_carried,
        *(f"{name_of(key)} is watched already" for key in found.products if key not in wanted),
    ]
    if wanted and not body.preview:
        now = services.core.clock.now()
        await asyncio.to_thread(services.watchlist.add, wanted, now=now, replace=body.replace)
        await services.reload()
        await services.core.events.publish("watches", {"added": len(wanted)})
    names = [str(one.get("name") or name_of(key)) for key, one in wanted.items()]
    return Json({"added": len(wanted), "not_carried": notes, "problems": [], "names": names[:_NAMES_TOLD]})


@router.get("/export", response_class=Response, responses=_EXPORTED)
async def export_list(services: Given, format: Literal["csv", "yaml", "json"] = "csv") -> Response:  # noqa: A002 - the address's own word
    """The watch list in a form that ``import`` reads."""
    await services.book.fresh()
    watches = list(services.book.watches.values())
    products = {"products": {name_of(one.key): settings_of(one) for one in watches}}
    if format == "csv":
        text = write_csv(watches)
    elif format == "yaml":
        text = documents.dump(products)
    else:
        text = json.dumps(products, indent=2)
    disposition = f'attachment; filename="watches.{format}"'
    return Response(text, media_type=_TYPES[format], headers={"content-disposition": disposition})


def _content(body: ImportBody) -> bytes:
    try:
        if body.text is not None:
            return body.text.encode()
    except UnicodeEncodeError:  # half a character: JSON can write it, no file can hold it
        raise Invalid(
            "text holds what is no character: send the file as it is, or as Base64 content"
        ) from None
    try:
        return base64.b64decode(body.content or "", validate=True)
    except ValueError:  # of binascii too
        raise Invalid("content is not Base64") from None
