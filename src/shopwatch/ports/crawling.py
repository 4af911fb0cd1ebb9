"""A run, its frontier, and the sets it publishes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from shopwatch.domain.crawling import Request
from shopwatch.domain.run import PhaseProgress, Run, RunError, RunOptions, RunState
from shopwatch.domain.store import Store

#: Stands where a run id would, for a set that was imported.
BASELINE = "baseline"


@dataclass(frozen=True, kw_only=True, slots=True)
class FrontierRow:
    """A request still to fetch.

    The last three fields are set in an incremental run only, and only where the last good set has a
    store of this very address: what to ask "changed since?" with.
    """

    id: int
    request: Request
    attempts: int  #: tries before this one
    etag: str | None = None
    last_modified: str | None = None
    seen_at: datetime | None = None  #: when that store was last read from a page


@dataclass(frozen=True, kw_only=True, slots=True)
class Fetched:
    """What one request of a batch came to; a batch commits whole."""

    row: FrontierRow
    stores: tuple[Store, ...] = ()
    requests: tuple[Request, ...] = ()
    error: RunError | None = None
    retry_at: datetime | None = None  #: with an error: try again then; None: failed for good
    etag: str | None = None
    last_modified: str | None = None
    not_modified: bool = False  #: stores of the last run are taken over as they were
    is_asked: bool = True  #: False: the site's own list said enough, nothing was sent


class Frontier(Protocol):
    """The requests of a run: its rows are the checkpoint."""

    async def add(self, run_id: str, requests: Sequence[Request]) -> int:
        """Add those whose key is not there yet; returns how many were new."""

    async def take(self, run_id: str, phase: str, limit: int, now: datetime) -> list[FrontierRow]:
        """The next pending rows of a phase, oldest first. Rows taken but not committed stay pending."""

    async def commit(self, run_id: str, batch: Sequence[Fetched]) -> None:
        """Results, new requests and done-marks of a batch in one transaction."""

    async def progress(self, run_id: str) -> tuple[PhaseProgress, ...]: ...

    async def next_retry_at(self, run_id: str, phase: str) -> datetime | None: ...

    async def retry_failed(self, run_id: str) -> int:
        """Make the run's failed requests pending again, attempts 0; what was gone stays so.

        Returns how many.
        """


@dataclass(frozen=True, kw_only=True, slots=True)
class StoreChange:
    """One line of the change feed."""

    at: datetime
    retailer: str
    ref: str
    kind: str  #: opened, closed, reopened, moved, renamed, hours, phone, …
    run_id: str
    before: Mapping[str, object] = field(default_factory=dict)
    after: Mapping[str, object] = field(default_factory=dict)
    id: int = field(default=0, compare=False)  #: given by the database; a page of the feed goes on before it


@dataclass(frozen=True, kw_only=True, slots=True)
class KnownStore:
    """A store as the last good set has it, and what the good runs told about it."""

    store: Store
    first_seen: datetime
    last_seen: datetime
    missed_runs: int = 0  #: good runs in a row that did not name it; it is still in the set
    pending_hours: str | None = (
        None  #: seen in a mass change of hours, believed when the next run has them too
    )
    closed_at: datetime | None = None  #: taken out of the set; kept so that a reopening is told as one


@dataclass(frozen=True, kw_only=True, slots=True)
class Publication:
    """What publishing a run writes: every store known afterwards, and the lines of the change feed."""

    known: tuple[KnownStore, ...]
    changes: tuple[StoreChange, ...] = ()
    note: str = ""  #: what a person should know about this set: "holiday timetable?"


class Runs(Protocol):
    async def create(
        self,
        retailer: str,
        options: RunOptions,
        now: datetime,
        *,
        run_id: str | None = None,
        pid: int | None = None,
    ) -> Run:
        """``pid``: who is about to crawl it, if that is known; should it die first, the run is lost at once.

        Raises ``Conflict`` when a run of this retailer is under way: the database decides.
        """

    async def get(self, run_id: str) -> Run:
        """Raises ``NotFound``."""

    async def latest(self, retailer: str, states: Iterable[RunState] | None = None) -> Run | None: ...

    async def unread(self, run_id: str) -> int:
        """How many of its pages came and could not be read, at the last try neither."""

    async def list(
        self, retailer: str | None = None, limit: int = 50, before: str | None = None
    ) -> list[Run]: ...

    async def move(
        self, run_id: str, before: Iterable[RunState], after: RunState, *, now: datetime, message: str = ""
    ) -> bool:
        """Compare-and-set of the state."""

    def stores(self, run_id: str) -> AsyncIterator[Store]: ...

    async def hold(self, run_id: str, reasons: Sequence[str], now: datetime) -> None: ...

    async def publish(self, run_id: str, now: datetime, publication: Publication | None = None) -> None:
        """Make ``publication`` the last good set and the run COMPLETE, in one transaction.

        Without a publication the run's stores become the set as they are, and the feed says nothing.
        """


class Stores(Protocol):
    """The last good set of each retailer."""

    async def all(self, retailer: str) -> list[Store]:
        """The set: without those that are closed for good."""

    async def known(self, retailer: str) -> list[KnownStore]:
        """The set with its bookkeeping, the closed ones too."""

    async def age(self, retailer: str) -> tuple[str, datetime] | None:
        """(run id, when published) of the last good set."""

    async def changes(
        self, retailer: str, limit: int = 100, before_id: int | None = None
    ) -> list[StoreChange]: ...

    async def near(
        self, lat: float, lon: float, miles: float, retailers: Sequence[str]
    ) -> list[tuple[Store, float]]: ...
