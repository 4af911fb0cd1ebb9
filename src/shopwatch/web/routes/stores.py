"""The last good sets: files, pages, points of the map, the change feed, what is near."""

from __future__ import annotations

import asyncio
from typing import Annotated, Literal

import msgspec
from fastapi import APIRouter, Query, Response

from shopwatch.bootstrap.core import directory_of
from shopwatch.domain.errors import Invalid
from shopwatch.locator.export import MEDIA_TYPES, export
from shopwatch.locator.feed import document_of, feed
from shopwatch.locator.places import place_of
from shopwatch.locator.progress import stamp
from shopwatch.retailers.registry import DIRECTORIES
from shopwatch.web.answer import Json
from shopwatch.web.errors import RESPONSES
from shopwatch.web.openapi import answers
from shopwatch.web.services import Given
from shopwatch.web.shapes.crawling import (
    NearPage,
    StoreChangeFeed,
    StoreChangePage,
    StoreFile,
    StorePage,
    StorePoints,
)

router = APIRouter(prefix="/api/stores", tags=["stores"], responses=RESPONSES)
_FEED_TYPES = {"json": "application/json", "csv": "text/csv; charset=utf-8", "rss": "application/rss+xml"}
_FILES = tuple(MEDIA_TYPES[name].partition(";")[0] for name in ("csv", "geojson", "xlsx"))
_STORES = answers(StorePage, StoreFile, files=_FILES)
_CHANGES = answers(StoreChangePage, StoreChangeFeed, files=("text/csv", _FEED_TYPES["rss"]))


@router.get("/near", responses=answers(NearPage))
async def near(
    services: Given,
    *,
    zip: Annotated[str | None, Query(max_length=10)] = None,  # noqa: A002 - the address's own word
    lat: Annotated[float | None, Query(ge=-90, le=90)] = None,
    lon: Annotated[float | None, Query(ge=-180, le=180)] = None,
    miles: Annotated[float, Query(gt=0, le=500)] = 15.0,
    retailer: Annotated[list[str] | None, Query()] = None,
) -> Json:
    """Stores near a ZIP code or a point, the nearest first."""
    names = [directory_of(name).id for name in retailer or sorted(DIRECTORIES)]
    if zip is not None:
        place = await asyncio.to_thread(place_of, zip)
    elif lat is not None and lon is not None:
        place = (lat, lon)
    else:
        raise Invalid("say zip, or lat and lon")
    found = await services.core.stores.near(*place, miles, names)
    near = [{"miles": round(away, 2), **msgspec.to_builtins(store)} for store, away in found]
    return Json({"lat": place[0], "lon": place[1], "stores": near})


@router.get("/{retailer}", responses=_STORES)
async def stores(
    retailer: str,
    services: Given,
    *,
    format: Literal["csv", "json", "geojson", "xlsx"] | None = None,  # noqa: A002 - the address's own word
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    after: Annotated[str, Query(max_length=200)] = "",
    search: Annotated[str, Query(max_length=100)] = "",
    state: Annotated[str, Query(max_length=2)] = "",
) -> Response:
    """The whole set as a file (``format``), or a page of it, ordered by store number."""
    name = directory_of(retailer).id
    edition = await services.directory.edition(name)
    if format is not None:
        known = await services.directory.stores(name)
        content = await asyncio.to_thread(lambda: b"".join(export(known, format, edition)))
        disposition = f'attachment; filename="{name}_stores.{format}"'
        return Response(content, media_type=MEDIA_TYPES[format], headers={"content-disposition": disposition})
    shown = await services.directory.shown(edition)
    matching = shown.matching(search=search.casefold(), state=state.upper())
    page = [line for line in matching if line.ref > after][: limit + 1]
    document = {
        "stores": [line.facts for line in page[:limit]],
        "next": page[limit - 1].ref if len(page) > limit else None,
        "total": len(matching),
        "run_id": edition.run_id,
        "published_at": stamp(edition.published_at),
    }
    return Json(document)


@router.get("/{retailer}/points", responses=answers(StorePoints))
async def points(retailer: str, services: Given) -> Json:
    """Where the stores are, for a map: ``[lat, lon, store number, name]``."""
    edition = await services.directory.edition(directory_of(retailer).id)
    return Json({"points": (await services.directory.shown(edition)).points})


@router.get("/{retailer}/changes", responses=_CHANGES)
async def changes(
    retailer: str,
    services: Given,
    *,
    format: Literal["json", "csv", "rss"] | None = None,  # noqa: A002 - the address's own word
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    before: Annotated[int | None, Query(ge=0, le=2**60)] = None,
) -> Response:
    """What opened, closed, moved or changed, newest first; also as a feed to subscribe to."""
    found = directory_of(retailer)
    lines = await services.core.stores.changes(found.id, limit, before)
    if format is None:
        following = lines[-1].id if len(lines) == limit else None
        return Json({"changes": [document_of(line) for line in lines], "next": following})
    content = feed(lines, format, name=found.name, now=services.core.clock.now())
    return Response(content, media_type=_FEED_TYPES[format])
