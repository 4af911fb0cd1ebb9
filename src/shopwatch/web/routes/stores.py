"""The last good sets: files, pages, points of the map, the change feed, what is near."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Annotated, Any, Literal

import msgspec
from fastapi import APIRouter, Query, Response

from shopwatch.bootstrap.core import directory_of
from shopwatch.domain.errors import Invalid, NotFound
from shopwatch.locator.export import MEDIA_TYPES, export
from shopwatch.locator.feed import document_of, feed
from shopwatch.locator.places import place_of
from shopwatch.locator.progress import stamp
from shopwatch.locator.rows import Edition, facts_of
from shopwatch.ports import KnownStore
from shopwatch.retailers.registry import DIRECTORIES
from shopwatch.web.errors import RESPONSES
from shopwatch.web.services import Given, Services

router = APIRouter(prefix="/api/stores", tags=["stores"], responses=RESPONSES)
_FEED_TYPES = {"json": "application/json", "csv": "text/csv; charset=utf-8", "rss": "application/rss+xml"}


@router.get("/near")
async def near(
    services: Given,
    *,
    zip: Annotated[str | None, Query(max_length=10)] = None,  # noqa: A002 - the address's own word
    lat: Annotated[float | None, Query(ge=-90, le=90)] = None,
    lon: Annotated[float | None, Query(ge=-180, le=180)] = None,
    miles: Annotated[float, Query(gt=0, le=500)] = 15.0,
    retailer: Annotated[list[str] | None, Query()] = None,
) -> dict[str, Any]:
    """Stores near a ZIP code or a point, the nearest first."""
    names = [directory_of(name).id for name in retailer or sorted(DIRECTORIES)]
    if zip is not None:
        place = await asyncio.to_thread(place_of, zip)
    elif lat is not None and lon is not None:
        place = (lat, lon)
    else:
        raise Invalid("say zip, or lat and lon")
    found = await services.core.stores.near(*place, miles, names)
    return {
        "lat": place[0],
        "lon": place[1],
        "stores": [{"miles": round(away, 2), **msgspec.to_builtins(store)} for store, away in found],
    }


@router.get("/{retailer}", response_model=None)
async def stores(
    retailer: str,
    services: Given,
    *,
    format: Literal["csv", "json", "geojson", "xlsx"] | None = None,  # noqa: A002 - the address's own word
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    after: str = "",
    search: Annotated[str, Query(max_length=100)] = "",
    state: Annotated[str, Query(max_length=2)] = "",
) -> Response | dict[str, Any]:
    """The whole set as a file (``format``), or a page of it, ordered by store number."""
    name = directory_of(retailer).id
    edition, known = await _set(services, name)
    if format is not None:
        content = await asyncio.to_thread(lambda: b"".join(export(known, format, edition)))
        disposition = f'attachment; filename="{name}_stores.{format}"'
        return Response(content, media_type=MEDIA_TYPES[format], headers={"content-disposition": disposition})
    matching = _matching(known, search=search.casefold(), state=state.upper())
    page = [one for one in matching if one.store.ref > after][: limit + 1]
    return {
        "stores": [facts_of(one) for one in page[:limit]],
        "next": page[limit - 1].store.ref if len(page) > limit else None,
        "total": len(matching),
        "run_id": edition.run_id,
        "published_at": stamp(edition.published_at),
    }


@router.get("/{retailer}/points")
async def points(retailer: str, services: Given) -> dict[str, Any]:
    """Where the stores are, for a map: ``[lat, lon, store number, name]``."""
    _, known = await _set(services, directory_of(retailer).id)
    return {
        "points": [
            [one.store.lat, one.store.lon, one.store.ref, one.store.name]
            for one in known
            if one.store.lat is not None and one.store.lon is not None
        ]
    }


@router.get("/{retailer}/changes", response_model=None)
async def changes(
    retailer: str,
    services: Given,
    *,
    format: Literal["json", "csv", "rss"] | None = None,  # noqa: A002 - the address's own word
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    before: Annotated[int | None, Query(ge=0, le=2**60)] = None,
) -> Response | dict[str, Any]:
    """What opened, closed, moved or changed, newest first; also as a feed to subscribe to."""
    found = directory_of(retailer)
    lines = await services.core.stores.changes(found.id, limit, before)
    if format is None:
        following = lines[-1].id if len(lines) == limit else None
        return {"changes": [document_of(line) for line in lines], "next": following}
    content = feed(lines, format, name=found.name, now=services.core.clock.now())
    return Response(content, media_type=_FEED_TYPES[format])


async def _set(services: Services, retailer: str) -> tuple[Edition, list[KnownStore]]:
    core = services.core
    age = await core.stores.age(retailer)
    if age is None:
        raise NotFound(f"{retailer} has no published set yet")
    known = [one for one in await core.stores.known(retailer) if one.closed_at is None]
    edition = Edition(retailer=retailer, run_id=age[0], published_at=age[1], exported_at=core.clock.now())
    return edition, sorted(known, key=lambda one: one.store.ref)


def _matching(known: Sequence[KnownStore], *, search: str, state: str) -> list[KnownStore]:
    def fits(one: KnownStore) -> bool:
        store = one.store
        text = f"{store.ref} {store.name} {store.city} {store.postcode} {' '.join(store.address)}".casefold()
        return search in text and (not state or store.state == state)

    return [one for one in known if fits(one)]
