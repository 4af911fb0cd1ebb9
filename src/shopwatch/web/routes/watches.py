"""The watch list: what is watched and how it stands; changed through the configuration, its truth."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import Field

from shopwatch.config.section import Section
from shopwatch.config.watches import key_of as key_in_file
from shopwatch.config.watches import name_of
from shopwatch.domain.errors import Invalid
from shopwatch.domain.stock import Key
from shopwatch.retailers.addresses import key_of
from shopwatch.web.answer import Json
from shopwatch.web.documents import restock_document, stamp
from shopwatch.web.errors import RESPONSES
from shopwatch.web.exact import Amount, Flag, Whole
from shopwatch.web.listing import SORT_PATTERN, STATES, Wanted, listed
from shopwatch.web.openapi import answers, sent_as
from shopwatch.web.services import Given, Services
from shopwatch.web.shapes.watching import (
    AddedWatches,
    ChangedWatches,
    RemovedWatches,
    WatchDocument,
    WatchPage,
    WatchWithRestocks,
)

router = APIRouter(prefix="/api/watches", tags=["watches"], responses=RESPONSES)
_RESTOCKS_SHOWN = 20


class WatchChange(Section):
    """Settings of a watch; those left out stay, ``null`` takes one back to its default."""

    model_config = sent_as(max_price=50, tags=["games"])
    name: str | None = None
    url: str | None = None
    enabled: Flag | None = None
    priority: Literal["low", "normal", "high", "critical"] | None = None
    check_frequency: Amount | None = None  #: seconds
    max_price: Amount | None = None  #: dollars
    channels: tuple[Literal["shipping", "pickup", "in_store"], ...] | None = None
    third_party_sellers: Flag | None = None
    auto_purchase: Flag | None = None
    quantity: Whole | None = None
    group: str | None = None
    tags: tuple[str, ...] | None = None
    price_drop_percent: Amount | None = None
    below_price: Amount | None = None  #: dollars
    muted: Flag | None = None
    snoozed_until: str | None = None

    def given(self) -> dict[str, Any]:
        """What the body names, as the file holds it."""
        return self.model_dump(mode="json", exclude_unset=True, include=set(WatchChange.model_fields))


class AddedWatch(WatchChange):
    """A product named by its page's address, ``retailer:SKU`` or its SKU, with settings.

    ``sku`` (with ``retailer``) or ``url`` alone name it too.
    """

    model_config = sent_as(url_or_sku="target:89542109", max_price=50)
    url_or_sku: str | None = None
    sku: str | None = None
    retailer: str | None = None

    @property
    def named(self) -> str | None:
        return next((one for one in (self.url_or_sku, self.sku, self.url) if one is not None), None)


class AddBody(AddedWatch):
    """One product, or several as ``watches``."""

    model_config = sent_as(url_or_sku="https://www.target.com/p/-/A-89542109", max_price=50)
    watches: tuple[AddedWatch, ...] = ()


class KeysBody(Section):
    """``[retailer, SKU]`` of each watch meant."""

    model_config = sent_as(keys=[["target", "89542109"]])
    keys: Annotated[tuple[tuple[str, str], ...], Field(min_length=1, max_length=100_000)]


class BulkBody(KeysBody):
    """The same change for all; ``add_tags`` and ``remove_tags`` leave each watch its other tags."""

    model_config = sent_as(keys=[["target", "89542109"]], add_tags=["games"])
    settings: WatchChange = WatchChange()
    add_tags: tuple[str, ...] = ()
    remove_tags: tuple[str, ...] = ()


@router.get("", responses=answers(WatchPage))
async def watches(
    services: Given,
    *,
    search: Annotated[str, Query(max_length=200)] = "",
    tag: str = "",
    state: str = "",
    retailer: str = "",
    group: str = "",
    key: Annotated[list[str] | None, Query(max_length=1000)] = None,
    since: Annotated[str, Query(max_length=40)] = "",
    sort: Annotated[str, Query(pattern=SORT_PATTERN)] = "state",
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    cursor: Annotated[str, Query(max_length=2000)] = "",
) -> Json:
    """A page of the list; ``key`` (``retailer:SKU``, several) asks for some watches only.

    ``since``, the ``edition`` of an earlier answer, asks for what changed after it. A list in which products
    came or went is answered whole.
    """
    if state and state not in STATES:
        raise Invalid(f"state must be one of {', '.join(STATES)}, got {state[:40]!r}")
    book = services.book
    await book.fresh()
    changed = book.changed_since(since)
    wanted = Wanted(
        search=search,
        tag=tag,
        state=state,
        retailer=retailer,
        group=group,
        keys=frozenset(_split(one) for one in key) if key else None,
        changed=changed,
        sort=sort,
        limit=limit,
        cursor=cursor,
    )
    part = listed(services.rows.rows(), wanted)
    tags = {tag for watch in book.watches.values() for tag in watch.tags}
    groups = {watch.group for watch in book.watches.values() if watch.group}
    document = {
        "watches": await services.rows.encoded([row.watch.key for row in part.rows]),
        "next": part.following,
        "total": part.total,
        "all": len(book.watches),
        "is_change": changed is not None,
        "counts": part.counts,
        "tags": sorted(tags, key=str.casefold),
        "groups": sorted(groups, key=str.casefold),
        "retailers": sorted({watch.retailer for watch in book.watches.values()}),
    }
    now = {"as_of": stamp(services.core.clock.now()), "edition": book.edition}
    return Json(document, volatile=now)


@router.post("", status_code=201, responses=answers(WatchDocument, AddedWatches, status=201))
async def add(body: AddBody, services: Given) -> Json:
    """Watch one product, or several; 409 if one is watched already, and nothing is added then."""
    given: dict[Key, dict[str, Any]] = {}
    asked = list(body.watches)
    if body.named is not None or not asked:
        asked.append(body)
    for one in asked:
        if one.named is None:
            raise Invalid("say which product: url_or_sku, or sku with its retailer; several as watches")
        key = key_of(one.named, retailer=one.retailer)
        settings = {name: value for name, value in one.given().items() if value is not None}
        given[key] = settings | ({"url": one.named.strip()} if "://" in one.named else {})
    await _change(services, lambda: services.watchlist.add(given, now=services.core.clock.now()))
    documents = await services.rows.documents(given)
    if body.watches:
        return Json({"added": len(documents), "watches": documents}, status_code=201)
    return Json(documents[0], status_code=201)


@router.patch("", responses=answers(ChangedWatches))
async def change_many(body: BulkBody, services: Given) -> Json:
    """Change several watches at once, or none of them."""
    settings, now = body.settings.given(), services.core.clock.now()
    if not settings and not (body.add_tags or body.remove_tags):
        raise Invalid("say settings, add_tags or remove_tags")

    def changing() -> None:
        services.watchlist.update(
            body.keys, settings, add_tags=body.add_tags, remove_tags=body.remove_tags, now=now
        )

    await _change(services, changing)
    return Json({"status": "changed", "message": f"{len(body.keys)} changed", "changed": len(body.keys)})


@router.delete("", responses=answers(RemovedWatches))
async def remove_many(body: KeysBody, services: Given) -> Json:
    """Remove several watches at once, or none of them; their history stays."""
    was = _as_added(services, body.keys)
    await _change(services, lambda: services.watchlist.remove(body.keys, now=services.core.clock.now()))
    message, count = f"{len(body.keys)} removed", len(body.keys)
    return Json({"status": "removed", "message": message, "removed": count, "watches": was})


@router.get("/{retailer}/{sku}", responses=answers(WatchWithRestocks))
async def watch(retailer: str, sku: str, services: Given) -> Json:
    """One watch with its last restocks."""
    book, key = services.book, (retailer, sku)
    await book.fresh()
    book.get(key)
    found = await services.core.history.restocks(_RESTOCKS_SHOWN, key=key)
    document = (await services.rows.documents([key]))[0]
    return Json({**document, "restocks": [restock_document(one, book) for one in found]})


@router.patch("/{retailer}/{sku}", responses=answers(WatchDocument))
async def change(retailer: str, sku: str, body: WatchChange, services: Given) -> Json:
    """Change some settings of a watch."""
    settings, now = body.given(), services.core.clock.now()
    await _change(services, lambda: services.watchlist.update([(retailer, sku)], settings, now=now))
    return Json((await services.rows.documents([(retailer, sku)]))[0])


@router.delete("/{retailer}/{sku}", responses=answers(RemovedWatches))
async def remove(retailer: str, sku: str, services: Given) -> Json:
    """Watch a product no longer; its history stays."""
    keys, now = [(retailer, sku)], services.core.clock.now()
    was = _as_added(services, keys)
    await _change(services, lambda: services.watchlist.remove(keys, now=now))
    message = f"{name_of((retailer, sku))} is watched no longer"
    return Json({"status": "removed", "message": message, "removed": 1, "watches": was})


def _as_added(services: Services, keys: Iterable[Key]) -> list[dict[str, Any]]:
    """Watches as a body that adds them again with all their settings: a removal can be taken back."""
    wanted = frozenset(keys)
    products = services.core.settings.shopwatch.products
    return [
        {
            **product.model_dump(mode="json", exclude_unset=True, exclude={"retailer"}),
            "url_or_sku": key[1],
            "retailer": key[0],
        }
        for key, product in ((key_in_file(name, one), one) for name, one in products.items())
        if key in wanted
    ]


async def _change(services: Services, change: Callable[[], None]) -> None:
    """Change the list, off the loop, and have the change active when this returns."""
    await asyncio.to_thread(change)
    await services.reload()
    await services.book.fresh()
    await services.core.events.publish("watches", {"watches": len(services.book.watches)})


def _split(name: str) -> Key:
    retailer, _, sku = name.partition(":")
    return retailer, sku
