"""The watch list, a product's past and its restocks, as they are answered."""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypedDict

from msgspec import Meta

from shopwatch.web.shapes.words import (
    Availability,
    Count,
    Cursor,
    Dollars,
    EpochSeconds,
    Number,
    RetailerId,
    Seconds,
    Sentence,
    Sku,
    Stamp,
    Title,
    Url,
    Why,
)


class Standing(TypedDict):
    """What is known of a product now; unknown is null."""

    availability: Availability
    pickup: Availability
    in_store: Availability
    price: Dollars | None
    price_text: Annotated[str, Meta(examples=["$49.99"])] | None
    regular_price: Dollars | None
    sold_by: Annotated[str, Meta(examples=["Target"])] | None
    purchase_limit: Annotated[int, Meta(examples=[2])] | None
    since: Stamp | None
    last_checked: Stamp | None
    last_restock: Stamp | None


class Plan(TypedDict):
    """When the product is looked at next, and why then."""

    due_at: Stamp | None
    why: Why


class WatchSettings(TypedDict):
    """How a product is watched, defaults filled in."""

    enabled: bool
    priority: Literal["low", "normal", "high", "critical"]
    check_frequency: Seconds
    max_price: Dollars | None
    channels: list[Literal["shipping", "pickup", "in_store"]]
    third_party_sellers: bool
    auto_purchase: bool
    quantity: Annotated[int, Meta(examples=[1], ge=1)]
    group: Annotated[str, Meta(examples=["consoles"])] | None
    tags: list[Annotated[str, Meta(examples=["games"])]]
    muted: bool
    snoozed_until: Stamp | None
    price_drop_percent: Annotated[float, Meta(examples=[10.0])] | None
    below_price: Dollars | None


class WatchDocument(WatchSettings):
    """A row; ``sparkline``: (epoch seconds, 1 buyable, 0 not, null unknown), each until the next."""

    retailer: RetailerId
    sku: Sku
    name: Annotated[str, Meta(examples=["Console"])]
    title: Title
    url: Url
    image_url: Annotated[str, Meta(examples=["https://target.scene7.com/is/image/Target/GUEST_1"])] | None
    state: Standing
    next_check: Plan | None
    sparkline: list[tuple[int, int | None]]


class RestockDocument(TypedDict):
    """A time when a product came back."""

    id: Number
    retailer: RetailerId
    sku: Sku
    title: Title
    at: Stamp
    price: Dollars | None
    confirmation: Literal["unconfirmed", "confirmed", "refuted", "unknown"]
    ended_at: Stamp | None
    duration_seconds: Seconds | None


class WatchPage(TypedDict):
    """A page of the list; ``counts`` by state are of everything found, ``all`` is the whole list.

    With ``since``, only rows that differ from what that answer's ``edition`` showed.
    """

    watches: list[WatchDocument]
    next: Cursor | None
    total: Count
    all: Count
    as_of: Stamp
    edition: Annotated[str, Meta(examples=["k3Jd-412"], description="give it as `since` to be told changes")]
    is_change: Annotated[bool, Meta(description="whether rows that did not change are left out")]
    counts: dict[str, Count]
    tags: list[Annotated[str, Meta(examples=["games"])]]
    groups: list[Annotated[str, Meta(examples=["consoles"])]]
    retailers: list[RetailerId]


class WatchWithRestocks(WatchDocument):
    """One watch with its last restocks."""

    restocks: list[RestockDocument]


class AddedWatches(TypedDict):
    """What was added, when several were asked for."""

    added: Count
    watches: list[WatchDocument]


class ChangedWatches(TypedDict):
    status: Literal["changed"]
    message: Sentence
    changed: Count


class RemovedWatches(TypedDict):
    """``watches``, sent to ``POST /api/watches``, takes the removal back."""

    status: Literal["removed"]
    message: Sentence
    removed: Count
    watches: list[dict[str, Any]]


class PreviewDocument(TypedDict):
    """What is behind an address, before anything is saved; ``variants`` of a parent as (SKU, name)."""

    retailer: RetailerId
    sku: Sku
    title: Annotated[str, Meta(examples=["Console, white"])]
    price: Dollars | None
    availability: Availability | None
    pickup: Availability | None
    reason: Why
    image_url: Annotated[str, Meta(examples=["https://target.scene7.com/is/image/Target/GUEST_1"])] | None
    purchase_limit: Annotated[int, Meta(examples=[2])] | None
    street_date: Annotated[str, Meta(examples=["2026-03-01"])] | None
    is_parent: bool
    variants: list[tuple[Sku, Title]]
    watched_already: bool
    problems: list[Sentence]


class EvidenceDocument(TypedDict):
    """The part of the site's answer that decided."""

    url: Url
    status: Annotated[int, Meta(examples=[200])]
    seen: dict[str, Any]


class ObservationDocument(TypedDict):
    """What one look saw."""

    retailer: RetailerId
    sku: Sku
    availability: Availability
    pickup: Availability
    in_store: Availability
    reason: Why
    quantity: Annotated[int, Meta(examples=[12])] | None
    price: Dollars | None
    price_text: Annotated[str, Meta(examples=["$49.99"])] | None
    sold_by: Annotated[str, Meta(examples=["Target"])] | None
    source: Literal["api", "browser"]
    observed_at: Stamp
    evidence: EvidenceDocument | None


class LookDocument(TypedDict):
    """A look that a person asked for."""

    observation: ObservationDocument
    duration_ms: Annotated[float, Meta(examples=[63.2])]


class NearStock(TypedDict):
    """A store near the person and what it has; a store the retailer did not speak of is unknown."""

    store_ref: Annotated[str, Meta(examples=["2272"])]
    name: Annotated[str, Meta(examples=["Dulles"])]
    miles: Annotated[float, Meta(examples=[2.4], ge=0)] | None
    pickup: Availability
    in_store: Availability
    quantity: Count | None
    address: list[Annotated[str, Meta(examples=["1 Main Street"])]]
    city: Annotated[str, Meta(examples=["Reno"])] | None
    phone: Annotated[str, Meta(examples=["+17755550100"])] | None


class NearStockPage(TypedDict):
    """Those that have it first, each the nearest first."""

    stores: list[NearStock]


class Imported(TypedDict):
    """What of a list was taken, and what was not, in sentences."""

    added: Count
    not_carried: list[Sentence]
    problems: list[Sentence]
    names: list[Title]


#: "from" is a word of Python's own, so a class cannot hold it.
_Window = TypedDict("_Window", {"from": EpochSeconds, "to": EpochSeconds})


class Looks(TypedDict):
    """How often it was looked at, and how often no verdict came of it."""

    checks: Count
    unknowns: Count


class HistoryDocument(_Window):
    """A product's past for the charts; ``heatmap``: restocks by hour of week, Monday 00:00 first."""

    looks: Looks

    prices: list[tuple[EpochSeconds, Dollars]]
    stock: list[tuple[EpochSeconds, Availability]]
    lowest: Dollars | None
    typical: Dollars | None
    highest: Dollars | None
    in_stock_share: Annotated[float, Meta(examples=[0.04], ge=0, le=1)] | None
    restocks: Count
    restocks_per_week: Annotated[float, Meta(examples=[1.5])]
    median_stay_seconds: Seconds | None
    heatmap: Annotated[list[int], Meta(min_length=168, max_length=168)]
    time_zone: Annotated[str, Meta(examples=["America/New_York"])]


class RestockPage(TypedDict):
    restocks: list[RestockDocument]
    next: Number | None


class AlertDocument(TypedDict):
    """An alert on its way, or gone."""

    id: Number
    key: Annotated[str, Meta(examples=["restock:17"])]
    kind: Annotated[str, Meta(examples=["restock"])]
    retailer: RetailerId | None
    sku: Sku | None
    name: Title
    state: Annotated[str, Meta(examples=["sent"])]
    attempts: Count
    created_at: Stamp
    next_try_at: Stamp | None
    sent_at: Stamp | None
    last_error: Annotated[str, Meta(examples=[""])]


class AlertPage(TypedDict):
    alerts: list[AlertDocument]
    next: Number | None
    channels: Count


class TriedChannel(TypedDict):
    channel: Annotated[str, Meta(examples=["1: ntfy"])]
    ok: bool
    error: Annotated[str, Meta(examples=[""])]


class TriedChannels(TypedDict):
    """Which channels took a test message."""

    results: list[TriedChannel]
    message: Sentence


class RestockStory(RestockDocument):
    """Why it fired: what was seen, where, and what became of its alerts."""

    observation: ObservationDocument
    evidence: EvidenceDocument | None
    confirmation_evidence: EvidenceDocument | None
    alerts: list[AlertDocument]
    as_of: Stamp
