"""The monitor, purchases, the configuration and the process itself, as they are answered."""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypedDict

from msgspec import Meta

from shopwatch.web.shapes.words import (
    BackupName,
    Count,
    Dollars,
    FileName,
    Number,
    RetailerId,
    Seconds,
    Sentence,
    Sku,
    Stamp,
    Title,
    Why,
)

Figure = Annotated[float, Meta(examples=[35.0])]
Setting = Any  #: of a file: a number, a text, a list, null where it is not there


class Performance(TypedDict):
    """How quick the monitor was in the last minute; null: nobody knows."""

    checks_per_second: Figure | None
    p50_ms: Figure | None
    p95_ms: Figure | None
    p99_ms: Figure | None
    sweep_seconds: Figure | None
    late: Figure | None
    checks_last_minute: Figure | None
    requests_last_minute: Figure | None
    failed_last_minute: Figure | None
    passes: Figure | None
    changes: Figure | None


class BrowserState(TypedDict):
    ready: bool
    reason: Annotated[str, Meta(examples=[""])]
    facts: dict[str, Any]


class RetailerHealth(TypedDict):
    state: Annotated[str, Meta(examples=["working"])]
    since: Stamp | None
    reason: Why
    watches: Count
    stretch: Annotated[float, Meta(examples=[1.0])] | None
    requests_per_second: Figure | None
    checks_last_hour: Count
    unknowns_last_hour: Count
    paused_until: Stamp | None
    pause_reason: Annotated[str, Meta(examples=[""])]


class DashboardWishes(TypedDict):
    refresh_interval: Seconds
    theme: Literal["auto", "light", "dark"]


class MonitorDocument(TypedDict):
    """Whether the monitor runs, in which mode, how quick it is, and every retailer's health."""

    running: bool
    pid: Annotated[int, Meta(examples=[4711])] | None
    since: Stamp | None
    mode: Annotated[str, Meta(examples=["test"])]
    test_mode: bool
    pacing: Annotated[str, Meta(examples=["adaptive"])]
    restart_needed: Annotated[list[str], Meta(examples=[["time_zone"]])]
    config_refused: list[Sentence]
    emergency_stop: bool
    watches: Count
    enabled: Count
    performance: Performance | None
    performance_target_time: Seconds
    browser: BrowserState
    hosts: list[dict[str, Any]]
    written_at: Stamp | None
    retailers: dict[str, RetailerHealth]
    dashboard: DashboardWishes


class PurchaseDocument(TypedDict):
    """A line of the ledger; ``legs_ms``: how long each step took."""

    id: Number
    restock_id: Number
    retailer: RetailerId
    sku: Sku
    title: Title
    state: Annotated[str, Meta(examples=["placed"])]
    live: bool
    quantity: Count
    group: Annotated[str, Meta(examples=["consoles"])] | None
    unit_price: Dollars | None
    total: Dollars | None
    order_number: Annotated[str, Meta(examples=["102-5568"])] | None
    reasons: list[Sentence]
    legs_ms: list[tuple[Annotated[str, Meta(examples=["cart"])], float]]
    created_at: Stamp
    updated_at: Stamp


class PurchaseLimits(TypedDict):
    """The caps (null: none) and what the guard counts against them: of 24 hours, not of a calendar day."""

    max_daily_purchases: Count | None
    bought_today: Count
    max_daily_spend: Dollars | None
    spent_today: Dollars
    max_order_total: Dollars | None
    purchase_cooldown: Seconds
    last_purchase_at: Stamp | None
    max_group_purchases: Count | None


class PurchasePage(TypedDict):
    purchases: list[PurchaseDocument]
    next: Number | None
    limits: PurchaseLimits
    mode: Literal["live", "test"]
    test_mode: bool
    emergency_stop: bool
    auto_purchase_watches: Count
    unresolved: Count


class LedgerEntry(TypedDict):
    at: Stamp
    before: Annotated[str, Meta(examples=["placing"])] | None
    after: Annotated[str, Meta(examples=["placed"])]
    facts: dict[str, str]


class PurchaseWithEntries(PurchaseDocument):
    """One purchase with every entry of the book."""

    entries: list[LedgerEntry]


class EmergencyStopState(TypedDict):
    emergency_stop: bool


class ConfigDocument(TypedDict):
    """Both files as documents and as text, secrets masked."""

    proxy: dict[str, Any]
    defaults: dict[str, Any]
    retailers: dict[str, Any]
    shopwatch: dict[str, Any]
    texts: dict[str, str]
    fingerprints: dict[str, str]
    schemas: dict[str, Any]
    products_file: FileName
    notes: list[Sentence]


class SavedConfig(TypedDict):
    status: Literal["updated"]
    message: Sentence
    backup_file: Annotated[str, Meta(examples=["config/retailers.yaml.backup.20260117_044500"])] | None
    fingerprint: Annotated[str, Meta(examples=["0123456789abcdef"])]


class Difference(TypedDict):
    path: Annotated[str, Meta(examples=["retailers.verizon.min_delay"])]
    before: Setting
    after: Setting


class ImpliedRate(TypedDict):
    retailer: RetailerId
    watches: Count
    requests_per_second: Figure
    allowed_per_second: Figure
    peak_per_second: Figure | None
    stretch: Annotated[float, Meta(examples=[1.0])]


class ConfigPreview(TypedDict):
    status: Literal["ok"]
    differences: list[Difference]
    rates: list[ImpliedRate]


class Backup(TypedDict):
    name: BackupName
    file: FileName
    bytes: Count
    saved_at: Stamp


class BackupPage(TypedDict):
    backups: list[Backup]


class Differences(TypedDict):
    differences: list[Difference]


class RolledBack(TypedDict):
    status: Literal["rolled_back"]
    file: FileName
    message: Sentence


class Alive(TypedDict):
    status: Literal["ok"]


class Ready(TypedDict):
    status: Literal["ready"]
    last_event: Count
