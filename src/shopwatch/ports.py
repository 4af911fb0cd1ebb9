"""What the use cases need of the world, and nothing of how it is done.

Rooms side by side meet here only: ``monitor``, ``locator``, ``purchase`` and ``supervisor`` ask;
``transport``, ``browser``, ``storage`` and ``notify`` answer; ``bootstrap`` joins them.
All times are aware UTC datetimes, or epoch seconds where a float is named ``…_s``.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from shopwatch.domain.cart import Cart, PastOrder, Placement
from shopwatch.domain.crawling import Page, Request
from shopwatch.domain.health import Health, Pause
from shopwatch.domain.purchase import Allow, Entry, Purchase, PurchaseState
from shopwatch.domain.run import PhaseProgress, Run, RunError, RunOptions, RunState
from shopwatch.domain.stock import Evidence, Key, Observation
from shopwatch.domain.stock_state import Alert, Change, Decide, StockState
from shopwatch.domain.store import Store
from shopwatch.domain.watch import Watch


class Clock(Protocol):
    def now(self) -> datetime:
        """Aware UTC."""

    def monotonic(self) -> float:
        """Seconds that never jump back."""


# --- transport ---------------------------------------------------------------------------------------------


class Fetcher(Protocol):
    """Talks to one retailer within its budget; every wait for politeness happens inside."""

    async def fetch(self, request: Request) -> Page:
        """Fetch once (retries are the caller's business).

        Raises:
            Blocked: refused or challenged, the host has been slowed or paused; without a ``status``
                nothing was sent, because the host or the retailer is paused.
            ClosedByRobots: robots.txt closes the address; nothing was sent.
            Gone: 404 or 410.
            LayoutChanged: the site does not understand our request (400, 405, …).
            Unreachable: no whole answer.
        """


class HostGate(Protocol):
    """Lets something else than a fetcher, a browser, ask a retailer's hosts within the same budgets."""

    def visit(self, url: str) -> AbstractAsyncContextManager[None]:
        """Take the host's turn; a ``RetailerError`` inside slows the host or pauses the retailer.

        Raises:
            Blocked: the host or the retailer is paused.
        """


@dataclass(frozen=True, slots=True)
class Turn:
    """A moment at which a host may be asked. Not ``taken``: the host is held until then, ask again."""

    at_s: float  #: epoch seconds
    taken: bool = True


class HostTurns(Protocol):
    """The budget of each host that all processes on one database share."""

    async def reserve(self, host: str, spacing_s: float, now_s: float) -> Turn:
        """Take the host's next free moment, in one atomic statement; the one after it is ``spacing_s`` later.

        While the host is held nothing is taken and the end of the hold is returned.
        """

    async def hold(self, host: str, until_s: float) -> None:
        """Nobody asks this host before ``until_s`` (epoch seconds). An earlier hold is never shortened."""


# --- stock -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True, slots=True)
class CheckTally:
    """What a flush interval's checks of one product amount to: batched, never a row per check."""

    key: Key
    checks: int
    unknowns: int
    last_checked: datetime
    in_stock_checks: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Restock:
    """A change to buyable, with the evidence that made it fire."""

    id: int
    key: Key
    at: datetime
    observation: Observation
    evidence: Evidence | None
    confirmation: str = "unconfirmed"  #: unconfirmed, confirmed, refuted, unavailable
    confirmation_evidence: Evidence | None = None
    ended_at: datetime | None = None


class Observations(Protocol):
    """The stock states: a change is decided by the database, once, with its alerts and evidence."""

    async def load(self) -> dict[Key, StockState]: ...

    async def record(self, seen: Sequence[Observation], decide: Decide) -> list[Change]:
        """Apply ``decide`` to the state in the database; what another monitor changed is decided anew.

        Change, restock row, alerts, evidence, history and event commit in one transaction.
        """

    async def checked(self, tallies: Sequence[CheckTally]) -> None:
        """Add to the per-minute roll-ups and move ``last_checked``."""

    async def save_details(self, states: Sequence[StockState]) -> None:
        """Store title, limit, image of a product: not a change."""

    async def confirm(
        self, restock_id: int, verdict: str, evidence: Evidence | None, alert: Alert | None
    ) -> bool:
        """Complete a restock once; ``False`` if it was completed before."""


class Pauses(Protocol):
    async def load(self) -> list[Pause]: ...

    async def save(self, pause: Pause) -> None: ...

    async def clear(self, name: str) -> None: ...


class HealthBook(Protocol):
    async def enter(self, health: Health, alert: Alert | None) -> bool:
        """Write a retailer's new state; ``False`` if it was in it already."""

    async def current(self) -> dict[str, Health]: ...


class Notebook(Protocol):
    """Named documents that survive a restart: the scheduler's learning, performance figures."""

    async def read(self, name: str) -> Mapping[str, object] | None: ...

    async def write(self, name: str, document: Mapping[str, object]) -> None: ...


# --- events ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True, slots=True)
class Event:
    """Something the dashboard shows at once. ``id`` grows; a reader resumes after the last it saw."""

    id: int
    kind: str  #: "stock", "check", "run", "health", "config", "purchase", "alert", "process"
    at: datetime
    data: Mapping[str, object]


class Events(Protocol):
    async def publish(self, kind: str, data: Mapping[str, object]) -> None: ...

    async def after(self, last_id: int, limit: int = 500) -> list[Event]: ...

    async def last_id(self) -> int: ...


# --- alerts ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True, slots=True)
class OutboxRow:
    """An alert on its way, leased to one deliverer at a time."""

    id: int
    alert: Alert
    state: str  #: pending, sent, failed, expired, collapsed
    attempts: int
    created_at: datetime
    next_try_at: datetime
    sent_at: datetime | None = None
    last_error: str = ""
    leased_until: datetime | None = None


class Outbox(Protocol):
    async def add(self, alerts: Sequence[Alert]) -> int:
        """Enqueue; an alert whose key exists is left alone. Returns how many were new."""

    async def lease(self, limit: int, now: datetime, lease_s: float) -> list[OutboxRow]:
        """Claim due rows for ``lease_s`` seconds; a crashed deliverer's rows come back by themselves."""

    async def sent(self, row: OutboxRow, now: datetime, note: str = "") -> None: ...

    async def failed(self, row: OutboxRow, error: str, next_try_at: datetime | None) -> None:
        """``next_try_at`` None: given up."""

    async def close(self, row: OutboxRow, state: str, note: str) -> None:
        """Expired or collapsed into another message."""

    async def rows(self, limit: int = 100, before_id: int | None = None) -> list[OutboxRow]: ...

    async def resend(self, row_id: int, now: datetime) -> bool: ...


class Channel(Protocol):
    """A way to tell the person, that says truly whether a message left."""

    key: str  #: tells channels apart, and nothing of the address
    name: str  #: for people: the service, never the address

    async def send(self, title: str, body: str) -> None:
        """Raises Unreachable with the reason in words."""


@dataclass(frozen=True, kw_only=True, slots=True)
class DeliveryRow:
    """What became of one alert at one channel."""

    channel: str  #: its name
    at: datetime
    ok: bool
    attempts: int
    error: str = ""


class Deliveries(Protocol):
    """Which channels have which alert: one that has it is not told again because another failed."""

    async def done(self, row_id: int) -> frozenset[str]:
        """Keys of the channels that have the alert."""

    async def mark(self, row_id: int, key: str, name: str, now: datetime, *, error: str = "") -> None: ...

    async def of(self, row_ids: Sequence[int]) -> dict[int, list[DeliveryRow]]: ...


# --- crawling ----------------------------------------------------------------------------------------------


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
        self, retailer: str, options: RunOptions, now: datetime, run_id: str | None = None
    ) -> Run:
        """Raises ``Conflict`` when a run of this retailer is under way: the database decides."""

    async def get(self, run_id: str) -> Run:
        """Raises ``NotFound``."""

    async def latest(self, retailer: str, states: Iterable[RunState] | None = None) -> Run | None: ...

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


# --- processes ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True, slots=True)
class ProcessRow:
    """A child of ours: pid and its start time say whether a live process is still that one."""

    id: int
    kind: str  #: "monitor" or "crawl"
    name: str  #: retailer of a crawl, "monitor" of the monitor
    pid: int
    started_s: float  #: the operating system's process start, epoch seconds
    run_id: str | None
    state: str  #: running, exited, lost, killed
    heartbeat_at: datetime | None = None


class Processes(Protocol):
    async def add(self, kind: str, name: str, pid: int, started_s: float, run_id: str | None) -> int:
        """Raises ``Conflict`` when one of that kind and name is running: the database decides."""

    async def live(self) -> list[ProcessRow]: ...

    async def beat(self, row_id: int, now: datetime) -> None: ...

    async def end(self, row_id: int, state: str) -> None: ...


# --- purchases ---------------------------------------------------------------------------------------------


class Ledger(Protocol):
    """The append-only book of purchases. A unique index on the restock decides who may buy.

    ``allow`` is asked within the transaction that acts on its answer, with every purchase that may count
    against a limit: two monitors cannot both find room under a cap. Its reasons make the purchase REFUSED.
    """

    async def reserve(
        self,
        restock_id: int,
        watch: Watch,
        *,
        live: bool,
        now: datetime,
        allow: Allow | None = None,
        facts: Mapping[str, object] | None = None,
    ) -> Purchase | None:
        """Claim a restock: RESERVED, or REFUSED with all reasons; ``None`` if it is taken."""

    async def move(
        self,
        purchase_id: int,
        before: PurchaseState,
        after: PurchaseState,
        *,
        now: datetime,
        facts: Mapping[str, object],
        allow: Allow | None = None,
    ) -> bool:
        """Compare-and-set with an appended entry; committed to disk when it returns. ``False``: refused,
        or not in ``before``."""

    async def get(self, purchase_id: int) -> Purchase: ...

    async def entries(self, purchase_id: int) -> list[Entry]: ...

    async def recent(self, limit: int = 100, before_id: int | None = None) -> list[Purchase]: ...

    async def counted_since(self, since: datetime) -> list[Purchase]:
        """Those that count against the limits: all but refused, failed and rehearsed."""

    async def unresolved(self) -> list[Purchase]: ...


class Checkout(Protocol):
    """One walk through a retailer's purchase. A page it does not know raises; nothing is guessed or typed.

    Every step may raise ``RetailerError``: ``HandOver`` when a person is needed, ``NotSold`` when the site
    refused, ``LayoutChanged`` for a page that is not understood, ``Blocked``, ``Unreachable``.
    """

    async def look(self, watch: Watch) -> Observation:
        """Open the product page and read it anew; the way of getting it is chosen."""

    async def cart(self) -> Cart:
        """Read the cart as the site has it now."""

    async def add(self, watch: Watch) -> None:
        """Click the product's own button. What came of it is the cart's to say."""

    async def check_out(self) -> Cart:
        """Go up to the last button, which can be clicked when this returns; both totals are read."""

    async def place(self) -> Placement:
        """Click the last button, once. Raises nothing: what is not confirmed is unclear."""


class Checkouts(Protocol):
    """Where a walk begins: a tab of a signed-in session, nobody else's while it lasts."""

    def walk(self, retailer: str) -> AbstractAsyncContextManager[Checkout]: ...


class OrderHistory(Protocol):
    async def orders(self, retailer: str) -> Sequence[PastOrder]:
        """The latest orders, read only.

        Raises:
            RetailerError: they cannot be read.
        """


# --- browser -----------------------------------------------------------------------------------------------


class BrowserPool(Protocol):
    """Warm background sessions that confirm what an API said, on the product page."""

    async def confirm(self, watch: Watch, url: str) -> Observation:
        """Look at the page; a skeleton or a moved page is UNKNOWN.

        Raises:
            Blocked: a challenge.
            Unreachable: no page, or the browser died twice.
        """

    @property
    def ready(self) -> bool: ...

    def health(self) -> Mapping[str, object]: ...
