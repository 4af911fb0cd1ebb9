"""The watch list: what is watched and how it stands; changed through the configuration, its truth."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import Field

from shopwatch.bootstrap.looking import product_url
from shopwatch.config.settings import Section
from shopwatch.config.watches import name_of
from shopwatch.domain.errors import Invalid
from shopwatch.domain.stock import Key
from shopwatch.retailers.addresses import key_of
from shopwatch.web.documents import restock_document, stamp, watch_document
from shopwatch.web.errors import RESPONSES
from shopwatch.web.listing import Row, Wanted, listed
from shopwatch.web.services import Given, Services
from shopwatch.web.watchbook import WatchBook

router = APIRouter(prefix="/api/watches", tags=["watches"], responses=RESPONSES)
_RESTOCKS_SHOWN = 20


class WatchChange(Section):
    """Settings of a watch; those left out stay, ``null`` takes one back to its default."""

    name: str | None = None
    url: str | None = None
    enabled: bool | None = None
    priority: Literal["low", "normal", "high", "critical"] | None = None
    check_frequency: float | None = None  #: seconds
    max_price: float | None = None  #: dollars
    channels: tuple[Literal["shipping", "pickup", "in_store"], ...] | None = None
    third_party_sellers: bool | None = None
    auto_purchase: bool | None = None
    quantity: int | None = None
    group: str | None = None
    tags: tuple[str, ...] | None = None
    price_drop_percent: float | None = None
    below_price: float | None = None  #: dollars
    muted: bool | None = None
    snoozed_until: str | None = None

    def given(self) -> dict[str, Any]:
        """What the body names, as the file holds it."""
        return self.model_dump(mode="json", exclude_unset=True, include=set(WatchChange.model_fields))


class AddedWatch(WatchChange):
    """A product named by its page's address, ``retailer:SKU`` or its SKU, with settings."""

    url_or_sku: str
    retailer: str | None = None


class AddBody(WatchChange):
    """One product, or several as ``watches``."""

    url_or_sku: str | None = None
    retailer: str | None = None
    watches: tuple[AddedWatch, ...] = ()


class KeysBody(Section):
    """``[retailer, SKU]`` of each watch meant."""

    keys: Annotated[tuple[tuple[str, str], ...], Field(min_length=1, max_length=100_000)]


class BulkBody(KeysBody):
    """The same change for all; ``add_tags`` and ``remove_tags`` leave each watch its other tags."""

    settings: WatchChange = WatchChange()
    add_tags: tuple[str, ...] = ()
    remove_tags: tuple[str, ...] = ()


@router.get("")
async def watches(
    services: Given,
    *,
    search: Annotated[str, Query(max_length=200)] = "",
    tag: str = "",
    state: str = "",
    retailer: str = "",
    group: str = "",
    key: Annotated[list[str] | None, Query(max_length=1000)] = None,
    sort: str = "state",
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    cursor: Annotated[str, Query(max_length=2000)] = "",
) -> dict[str, Any]:
    """A page of the list; ``key`` (``retailer:SKU``, several) asks for some watches only."""
    book = services.book
    await book.fresh()
    keys = frozenset(_split(one) for one in key) if key else None
    wanted = Wanted(
        search=search,
        tag=tag,
        state=state,
        retailer=retailer,
        group=group,
        keys=keys,
        sort=sort,
        limit=limit,
        cursor=cursor,
    )
    part = listed(_rows(book), wanted)
    tags = {tag for watch in book.watches.values() for tag in watch.tags}
    groups = {watch.group for watch in book.watches.values() if watch.group}
    return {
        "watches": await _documents(services, [row.watch.key for row in part.rows]),
        "next": part.following,
        "total": part.total,
        "all": len(book.watches),
        "as_of": stamp(services.core.clock.now()),
        "counts": part.counts,
        "tags": sorted(tags, key=str.casefold),
        "groups": sorted(groups, key=str.casefold),
        "retailers": sorted({watch.retailer for watch in book.watches.values()}),
    }


@router.post("", status_code=201)
async def add(body: AddBody, services: Given) -> dict[str, Any]:
    """Watch one product, or several; 409 if one is watched already, and nothing is added then."""
    given: dict[Key, dict[str, Any]] = {}
    asked = list(body.watches)
    if body.url_or_sku is not None:
        asked.append(AddedWatch(**body.model_dump(exclude_unset=True, exclude={"watches"})))
    if not asked:
        raise Invalid("say url_or_sku, or watches")
    for one in asked:
        key = key_of(one.url_or_sku, retailer=one.retailer)
        settings = {name: value for name, value in one.given().items() if value is not None}
        given[key] = settings | ({"url": one.url_or_sku.strip()} if "://" in one.url_or_sku else {})
    await _change(services, lambda: services.watchlist.add(given, now=services.core.clock.now()))
    documents = await _documents(services, given)
    return documents[0] if not body.watches else {"added": len(documents), "watches": documents}


@router.patch("")
async def change_many(body: BulkBody, services: Given) -> dict[str, Any]:
    """Change several watches at once, or none of them."""
    settings, now = body.settings.given(), services.core.clock.now()

    def changing() -> None:
        if settings:
            services.watchlist.update(body.keys, settings, now=now)
        if body.add_tags or body.remove_tags:
            _change_tags(services, body)

    if not settings and not (body.add_tags or body.remove_tags):
        raise Invalid("say settings, add_tags or remove_tags")
    await _change(services, changing)
    return {"status": "changed", "message": f"{len(body.keys)} changed", "changed": len(body.keys)}


@router.delete("")
async def remove_many(body: KeysBody, services: Given) -> dict[str, Any]:
    """Remove several watches at once, or none of them; their history stays."""
    await _change(services, lambda: services.watchlist.remove(body.keys, now=services.core.clock.now()))
    return {"status": "removed", "message": f"{len(body.keys)} removed", "removed": len(body.keys)}


@router.get("/{retailer}/{sku}")
async def watch(retailer: str, sku: str, services: Given) -> dict[str, Any]:
    """One watch with its last restocks."""
    book, key = services.book, (retailer, sku)
    await book.fresh()
    book.get(key)
    found = await services.core.history.restocks(_RESTOCKS_SHOWN, key=key)
    document = (await _documents(services, [key]))[0]
    return {**document, "restocks": [restock_document(one, book) for one in found]}


@router.patch("/{retailer}/{sku}")
async def change(retailer: str, sku: str, body: WatchChange, services: Given) -> dict[str, Any]:
    """Change some settings of a watch."""
    settings, now = body.given(), services.core.clock.now()
    await _change(services, lambda: services.watchlist.update([(retailer, sku)], settings, now=now))
    return (await _documents(services, [(retailer, sku)]))[0]


@router.delete("/{retailer}/{sku}")
async def remove(retailer: str, sku: str, services: Given) -> dict[str, str]:
    """Watch a product no longer; its history stays."""
    now = services.core.clock.now()
    await _change(services, lambda: services.watchlist.remove([(retailer, sku)], now=now))
    return {"status": "removed", "message": f"{name_of((retailer, sku))} is watched no longer"}


async def _change(services: Services, change: Callable[[], None]) -> None:
    """Change the list, off the loop, and have the change active when this returns."""
    await asyncio.to_thread(change)
    await services.reload()
    await services.book.fresh()
    await services.core.events.publish("watches", {"watches": len(services.book.watches)})


def _change_tags(services: Services, body: BulkBody) -> None:
    """One save for each list of tags that comes of it: a save of a long list takes its time."""
    known = {watch.key: watch for watch in services.watchlist.all()}
    by_tags: dict[tuple[str, ...], list[Key]] = defaultdict(list)
    for key in body.keys:
        had = known[key].tags if key in known else ()
        left = dict.fromkeys(tag for tag in (*had, *body.add_tags) if tag not in body.remove_tags)
        by_tags[tuple(left)].append(key)
    for tags, keys in by_tags.items():
        services.watchlist.update(keys, {"tags": list(tags) or None}, now=services.core.clock.now())


def _rows(book: WatchBook) -> list[Row]:
    rows = []
    for key, watch in book.watches.items():
        plan = book.plan(key)
        rows.append(Row(watch=watch, state=book.state(key), due_at=plan[0] if plan else None))
    return rows


async def _documents(services: Services, keys: Iterable[Key]) -> list[dict[str, Any]]:
    book, wanted = services.book, list(keys)
    sparks = await book.sparks(wanted)
    documents = []
    for key in wanted:
        watch = book.get(key)
        url = watch.url or _url(services, key)
        documents.append(watch_document(watch, book, url=url, spark=sparks[key]))
    return documents


def _url(services: Services, key: Key) -> str:
    try:
        return product_url(services.core, key)
    except Invalid:  # a key of the site is not to be had: the list is not the place to say so
        return ""


def _split(name: str) -> Key:
    retailer, _, sku = name.partition(":")
    return retailer, sku
