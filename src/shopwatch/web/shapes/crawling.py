"""Crawls, their runs and logs, and the stores they found, as they are answered."""

from __future__ import annotations

from typing import Annotated, Any, Literal, NotRequired, TypedDict

from msgspec import Meta

from shopwatch.web.shapes.words import (
    Count,
    Percent,
    RetailerId,
    RunId,
    RunStatus,
    Sentence,
    Stamp,
    StoreNumber,
)

Latitude = Annotated[float, Meta(examples=[39.5296], ge=-90, le=90)]
Longitude = Annotated[float, Meta(examples=[-119.8138], ge=-180, le=180)]


class RunStats(TypedDict):
    stores_scraped: Count
    requests_made: Count
    errors: Count
    duration_seconds: Annotated[int, Meta(examples=[3600])]


class PhaseDocument(TypedDict):
    total: Count
    completed: Count
    failed: Count
    status: Annotated[str, Meta(examples=["in_progress"])]


class LastGoodSet(TypedDict):
    """The set in force. Its age as of the answer; growing, it makes no answer a new one (304)."""

    run_id: RunId
    published_at: Stamp
    stores: Count
    age_seconds: Annotated[int, Meta(examples=[7200])]


class RetailerStatus(TypedDict):
    """A retailer: its latest run, and the set it last published."""

    id: RetailerId
    name: Annotated[str, Meta(examples=["Target"])]
    color: Annotated[str, Meta(examples=["#cc0000"])]
    enabled: bool
    status: RunStatus | Literal["disabled"]
    current_run: RunId | None
    last_run: RunId | None
    progress: Percent
    stats: RunStats
    phases: dict[str, PhaseDocument]
    phase_order: list[Annotated[str, Meta(examples=["extract"])]]
    started_at: Stamp | None
    completed_at: Stamp | None
    pages_per_second: Annotated[float, Meta(examples=[1.2])] | None
    eta_seconds: Annotated[int, Meta(examples=[840])] | None
    message: Annotated[str, Meta(examples=[""])]
    gate_reasons: list[Sentence]
    errors_by_class: dict[str, Count]
    can_resume: bool
    last_good: LastGoodSet | None
    schedule: Annotated[str, Meta(examples=["0 4 * * *"])] | None


class StatusSums(TypedDict):
    active_scrapers: Count
    active_retailers: Count
    total_stores: Count
    total_stores_today: Count
    overall_progress: Percent
    eta_seconds: Annotated[int, Meta(examples=[840])] | None
    as_of: Stamp


#: "global" is a word of Python's own, so a class cannot hold it.
StatusDocument = TypedDict("StatusDocument", {"global": StatusSums, "retailers": dict[str, RetailerStatus]})


class Started(TypedDict):
    status: Literal["started"]
    message: Sentence
    run_id: RunId
    run_ids: dict[str, RunId]


#: "class" is a word of Python's own, so a class cannot hold it.
RunError = TypedDict(
    "RunError",
    {
        "timestamp": Stamp,
        "message": Sentence,
        "url": Annotated[str, Meta(examples=["https://www.att.com/stores/nevada/reno/1204"])],
        "class": Annotated[str, Meta(examples=["timeout"])],
    },
)


class RunDocument(TypedDict):
    """A run's metadata as the mission draws it, and what else is known."""

    run_id: RunId
    retailer: RetailerId
    status: RunStatus
    started_at: Stamp
    completed_at: Stamp | None
    config: dict[str, Any]
    stats: RunStats
    phases: dict[str, PhaseDocument]
    errors: list[RunError]
    progress: Percent
    pages_per_second: Annotated[float, Meta(examples=[1.2])] | None
    eta_seconds: Annotated[int, Meta(examples=[840])] | None
    errors_by_class: dict[str, Count]
    gate_reasons: list[Sentence]
    message: Annotated[str, Meta(examples=[""])]


class RunWithQuality(RunDocument):
    """One run; ``quality``, once it is over: what its stores lack, field by field."""

    quality: NotRequired[dict[str, Any]]


class Throughput(TypedDict):
    """``points``: (epoch seconds, requests made until then)."""

    points: list[tuple[int, int]]


class RunPage(TypedDict):
    runs: list[RunDocument]
    next: RunId | None


class LogLine(TypedDict):
    at: Stamp
    level: Annotated[str, Meta(examples=["info"])]
    event: Annotated[str, Meta(examples=["crawl_began"])]
    text: Annotated[str, Meta(examples=["seeds=1"])]
    offset: Annotated[int, Meta(examples=[0])]


class LogPart(TypedDict):
    """Lines of a log; to follow it, ask again from ``next_offset``."""

    lines: list[LogLine]
    next_offset: Annotated[int, Meta(examples=[4096])]
    at_end: bool
    first_error_offset: Annotated[int, Meta(examples=[2048])] | None


class StoreFacts(TypedDict):
    """A store; unknown is null."""

    retailer: RetailerId
    ref: StoreNumber
    name: Annotated[str, Meta(examples=["Reno South"])] | None
    kind: Annotated[str, Meta(examples=["store"])] | None
    status: Annotated[str, Meta(examples=["open"])] | None
    corporate: bool | None
    dealer: Annotated[str, Meta(examples=["Spring Mobile"])] | None
    address: list[Annotated[str, Meta(examples=["1 Main Street"])]]
    city: Annotated[str, Meta(examples=["Reno"])] | None
    state: Annotated[str, Meta(examples=["NV"])] | None
    postcode: Annotated[str, Meta(examples=["89501"])] | None
    country: Annotated[str, Meta(examples=["US"])] | None
    phone: Annotated[str, Meta(examples=["+17755550100"])] | None
    lat: Latitude | None
    lon: Longitude | None
    hours: Annotated[str, Meta(examples=["Mo-Sa 10:00-20:00"])] | None
    services: list[str]
    opened_on: Annotated[str, Meta(examples=["2025-11-01"])] | None
    url: Annotated[str, Meta(examples=["https://www.target.com/sl/reno/1204"])] | None


class StoreDocument(StoreFacts):
    """A store of a published set, and since when it is known."""

    dated_hours: dict[str, Any]
    first_seen: Stamp
    last_seen: Stamp
    missed_runs: Count


class StorePage(TypedDict):
    stores: list[StoreDocument]
    next: StoreNumber | None
    total: Count
    run_id: RunId
    published_at: Stamp


class StoreFile(TypedDict):
    """The whole set, with its age inside."""

    retailer: RetailerId
    run_id: RunId
    published_at: Stamp
    exported_at: Stamp
    age_seconds: Count
    stores: list[StoreDocument]


class StorePoints(TypedDict):
    """Where the stores are: (latitude, longitude, store number, name)."""

    points: list[tuple[Latitude, Longitude, StoreNumber, str | None]]


class StoreChangeLine(TypedDict):
    """What opened, closed, moved or changed."""

    at: Stamp
    retailer: RetailerId
    ref: StoreNumber
    kind: Annotated[str, Meta(examples=["opened"])]
    summary: Sentence
    before: dict[str, Any]
    after: dict[str, Any]
    run_id: RunId


class StoreChangePage(TypedDict):
    changes: list[StoreChangeLine]
    next: Annotated[int, Meta(examples=[12])] | None


class StoreChangeFeed(TypedDict):
    """The feed as a file: no pages."""

    exported_at: Stamp
    changes: list[StoreChangeLine]


class NearStore(StoreFacts):
    """A store and how far away it is."""

    miles: Annotated[float, Meta(examples=[2.4], ge=0)]
    dated_hours: list[Any]


class NearPage(TypedDict):
    lat: Latitude
    lon: Longitude
    stores: list[NearStore]
