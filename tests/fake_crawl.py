"""A retailer of any shape, a site made of a dictionary, and the crawl's ports in memory."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from time import monotonic
from typing import Any

from shopwatch.domain.crawling import Found, Locator, Page, Phase, Request
from shopwatch.domain.errors import Conflict, ErrorClass, Gone, LayoutChanged, NotFound, RetailerError
from shopwatch.domain.retailer import Retailer
from shopwatch.domain.run import PhaseProgress, Run, RunError, RunOptions, RunState, run_id_of
from shopwatch.domain.site import Site
from shopwatch.domain.store import Store, StoreStatus
from shopwatch.locator.crawl import Crawl
from shopwatch.locator.policy import CrawlPolicy
from shopwatch.ports import Event, Fetched, FrontierRow, KnownStore, Publication, StoreChange

SITE = Site(base_url="http://shop.test")
EAGER = CrawlPolicy(
    workers=4, retry_s=0.0, pause_s=0.0, batch_s=0.005, report_s=0.0, document_s=0.0, judged_after_pages=20
)


class RealClock:
    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return monotonic()


class SetClock:
    """Stands where it is set."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return self.at.timestamp()


# --- a retailer --------------------------------------------------------------------------------------------


def list_page(*paths: str, **more: Any) -> str:
    return json.dumps({"paths": paths, **more})


def store_page(*numbers: int, **facts: Any) -> str:
    return json.dumps({"stores": [{"ref": str(number), **facts} for number in numbers]})


def read_list(page: Page, site: Site) -> Iterable[Found]:
    document = json.loads(page.text)
    if "paths" not in document:
        raise LayoutChanged(page.url, "no paths")
    for path in document["paths"]:
        yield Request(
            url=site.base_url + path,
            phase=document.get("phase", ""),
            meta={"lastmod": document["lastmod"]} if "lastmod" in document else {},
        )


def read_stores(page: Page, site: Site) -> Iterable[Found]:
    document = json.loads(page.text)
    if "gone" in document:
        raise Gone(page.url, "a soft 404")
    if "stores" not in document:
        raise LayoutChanged(page.url, "no stores")
    for facts in document["stores"]:
        yield Store(
            retailer="target",
            name=f"Target {facts['ref']}",
            address=(f"{facts['ref']} Main Street",),
            city="Duluth",
            status=StoreStatus.OPEN,
            url=page.url,
            **{key: value for key, value in facts.items() if key != "name"},
        )


def a_retailer(*phases: str, seeds: tuple[str, ...] = ("/list",), headers: Any = None) -> Retailer:
    """The last phase reads stores, those before it lists."""
    names = phases or ("urls", "extract")
    made = [*(Phase(name, read_list) for name in names[:-1]), Phase(names[-1], read_stores)]
    locator = Locator(seeds=seeds, phases=tuple(made), headers=headers or {})
    return Retailer(id="target", name="Target", color="#cc0000", site=SITE, locator=locator)


def a_chain(count: int) -> dict[str, Answer]:
    """The pages of a retailer with so many stores behind one list."""
    pages: dict[str, Answer] = {f"/store/{number}": store_page(number) for number in range(1, count + 1)}
    return {"/list": list_page(*pages), **pages}


# --- its site ----------------------------------------------------------------------------------------------

Answer = str | RetailerError | Callable[[Request], Awaitable[Page]]


class FakeSite:
    """Answers from a dictionary of paths; a list gives one answer after the other and repeats the last."""

    def __init__(
        self, pages: Mapping[str, Answer | list[Answer]], *, headers: Mapping[str, str] | None = None
    ) -> None:
        self.pages = dict(pages)
        self.headers = dict(headers or {})
        self.asked: list[Request] = []
        self.in_flight = 0
        self.most_in_flight = 0
        self.on_request: Callable[[Request], None] = lambda request: None

    @property
    def paths(self) -> Counter[str]:
        return Counter(request.url.removeprefix(SITE.base_url) for request in self.asked)

    async def fetch(self, request: Request) -> Page:
        self.asked.append(request)
        self.on_request(request)
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        try:
            await asyncio.sleep(0)
            return await self._answered(request)
        finally:
            self.in_flight -= 1

    async def _answered(self, request: Request) -> Page:
        path = request.url.removeprefix(SITE.base_url)
        found = self.pages.get(path)
        if isinstance(found, list):
            found = found.pop(0) if len(found) > 1 else found[0]
        match found:
            case None:
                raise Gone(request.url, "HTTP 404")
            case RetailerError():
                raise found
            case str():
                return self.page(request, found)
        return await found(request)

    def page(self, request: Request, text: str, *, not_modified: bool = False) -> Page:
        return Page(
            request=request,
            url=request.url,
            status=304 if not_modified else 200,
            headers=self.headers,
            body=text.encode(),
            fetched_at=datetime.now(UTC),
            not_modified=not_modified,
        )


# --- the ports in memory -----------------------------------------------------------------------------------


@dataclass
class _Row:
    id: int
    request: Request
    attempts: int = 0
    state: str = "pending"
    retry_at: datetime | None = None
    error_class: str = ""


@dataclass
class _RunBook:
    run: Run
    rows: dict[str, _Row] = field(default_factory=dict)
    stores: dict[str, Store] = field(default_factory=dict)
    errors: list[RunError] = field(default_factory=list)
    requests: int = 0


class Memory:
    """A ``Frontier`` and ``Runs`` in one: a database that a test can look into."""

    def __init__(self) -> None:
        self.books: dict[str, _RunBook] = {}
        self.sets: dict[str, dict[str, KnownStore]] = {}
        self.ages: dict[str, tuple[str, datetime]] = {}
        self.feed: list[StoreChange] = []
        self.commits: list[int] = []
        self.validators: dict[str, tuple[str | None, str | None, datetime]] = {}
        self.take_turns = 0  #: of the loop between reading the rows and handing them out
        self.on_commit: Callable[[], Awaitable[None]] | None = None

    # Frontier

    async def add(self, run_id: str, requests: Sequence[Request]) -> int:
        rows = self.books[run_id].rows
        before = len(rows)
        for request in requests:
            rows.setdefault(request.key, _Row(id=len(rows) + 1, request=request))
        return len(rows) - before

    async def take(self, run_id: str, phase: str, limit: int, now: datetime) -> list[FrontierRow]:
        due = [
            row
            for row in self.books[run_id].rows.values()
            if row.state == "pending"
            and row.request.phase == phase
            and (row.retry_at is None or row.retry_at <= now)
        ]
        found = [self._frontier_row(row) for row in due[:limit]]
        for _ in range(self.take_turns):
            await asyncio.sleep(0)
        return found

    async def commit(self, run_id: str, batch: Sequence[Fetched]) -> None:
        if self.on_commit is not None:
            await self.on_commit()
        self.commits.append(len(batch))
        book = self.books[run_id]
        for outcome in batch:
            row = book.rows[outcome.row.request.key]
            assert row.state == "pending", "a row is finished once"
            book.requests += outcome.is_asked
            row.attempts += 1
            self._mark(book, row, outcome)
            await self.add(run_id, outcome.requests)

    async def progress(self, run_id: str) -> tuple[PhaseProgress, ...]:
        rows = self.books[run_id].rows.values()
        names = dict.fromkeys(row.request.phase for row in rows)
        return tuple(
            PhaseProgress(
                name=name,
                total=sum(row.request.phase == name for row in rows),
                completed=sum(row.request.phase == name and row.state == "done" for row in rows),
                failed=sum(row.request.phase == name and row.state == "failed" for row in rows),
            )
            for name in names
        )

    async def next_retry_at(self, run_id: str, phase: str) -> datetime | None:
        times = [
            row.retry_at
            for row in self.books[run_id].rows.values()
            if row.request.phase == phase and row.state == "pending" and row.retry_at
        ]
        return min(times, default=None)

    async def retry_failed(self, run_id: str) -> int:
        failed = [
            row
            for row in self.books[run_id].rows.values()
            if row.state == "failed" and row.error_class != ErrorClass.GONE
        ]
        for row in failed:
            row.state, row.attempts, row.retry_at = "pending", 0, None
        return len(failed)

    # Runs

    async def create(
        self,
        retailer: str,
        options: RunOptions,
        now: datetime,
        *,
        run_id: str | None = None,
        pid: int | None = None,
    ) -> Run:
        if any(book.run.retailer == retailer and not book.run.state.is_over for book in self.books.values()):
            raise Conflict(f"a run of {retailer} is under way")
        name = run_id or run_id_of(retailer, now)
        while name in self.books:
            name += "_2"
        run = Run(
            run_id=name, retailer=retailer, state=RunState.PENDING, options=options, started_at=now, pid=pid
        )
        self.books[name] = _RunBook(run)
        return run

    async def get(self, run_id: str) -> Run:
        if run_id not in self.books:
            raise NotFound(f"no run {run_id}")
        book = self.books[run_id]
        return replace(
            book.run,
            phases=await self.progress(run_id),
            stores=len(book.stores),
            requests=book.requests,
            errors=len(book.errors),
            errors_by_class=Counter(error.error_class for error in book.errors),
            last_errors=tuple(book.errors[-100:]),
        )

    async def latest(self, retailer: str, states: Iterable[RunState] | None = None) -> Run | None:
        wanted = set(states or RunState)
        found = [
            name
            for name, book in self.books.items()
            if book.run.retailer == retailer and book.run.state in wanted
        ]
        return await self.get(found[-1]) if found else None

    async def unread(self, run_id: str) -> int:
        classes = [row.error_class for row in self.books[run_id].rows.values() if row.state == "failed"]
        return classes.count(ErrorClass.LAYOUT_CHANGED)

    async def list(
        self, retailer: str | None = None, limit: int = 50, before: str | None = None
    ) -> list[Run]:
        raise NotImplementedError

    async def move(
        self, run_id: str, before: Iterable[RunState], after: RunState, *, now: datetime, message: str = ""
    ) -> bool:
        book = self.books[run_id]
        if book.run.state not in before:
            return False
        book.run = replace(
            book.run, state=after, message=message, completed_at=now if after.is_over else None
        )
        return True

    async def stores(self, run_id: str) -> AsyncIterator[Store]:
        for store in self.books[run_id].stores.values():
            yield store

    async def hold(self, run_id: str, reasons: Sequence[str], now: datetime) -> None:
        book = self.books[run_id]
        book.run = replace(book.run, state=RunState.HELD, gate_reasons=tuple(reasons), completed_at=now)

    async def publish(self, run_id: str, now: datetime, publication: Publication | None = None) -> None:
        assert publication is not None
        book = self.books[run_id]
        book.run = replace(book.run, state=RunState.COMPLETE, completed_at=now)
        self.sets[book.run.retailer] = {known.store.ref: known for known in publication.known}
        self.ages[book.run.retailer] = (run_id, now)
        self.feed += publication.changes

    def _frontier_row(self, row: _Row) -> FrontierRow:
        etag, last_modified, seen_at = self.validators.get(row.request.url, (None, None, None))
        return FrontierRow(
            id=row.id,
            request=row.request,
            attempts=row.attempts,
            etag=etag,
            last_modified=last_modified,
            seen_at=seen_at,
        )

    def _mark(self, book: _RunBook, row: _Row, outcome: Fetched) -> None:
        if outcome.error is not None:
            book.errors.append(outcome.error)
            row.error_class = outcome.error.error_class
            row.retry_at = outcome.retry_at
            row.state = "failed" if outcome.retry_at is None else "pending"
            return
        row.state = "done"
        if outcome.not_modified:
            known = self.sets[book.run.retailer].values()
            book.stores |= {old.store.ref: old.store for old in known if old.store.url == row.request.url}
        book.stores |= {store.ref: store for store in outcome.stores}


class StoreSets:
    """``ports.Stores`` over a ``Memory``."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory

    async def all(self, retailer: str) -> list[Store]:
        return [known.store for known in await self.known(retailer) if known.closed_at is None]

    async def known(self, retailer: str) -> list[KnownStore]:
        return list(self._memory.sets.get(retailer, {}).values())

    async def age(self, retailer: str) -> tuple[str, datetime] | None:
        return self._memory.ages.get(retailer)

    async def changes(
        self, retailer: str, limit: int = 100, before_id: int | None = None
    ) -> list[StoreChange]:
        return [change for change in reversed(self._memory.feed) if change.retailer == retailer][:limit]

    async def near(
        self, lat: float, lon: float, miles: float, retailers: Sequence[str]
    ) -> list[tuple[Store, float]]:
        raise NotImplementedError


class EventBook:
    """``ports.Events`` in a list."""

    def __init__(self) -> None:
        self.events: list[Event] = []

    async def publish(self, kind: str, data: Mapping[str, object]) -> None:
        self.events.append(Event(id=len(self.events) + 1, kind=kind, at=datetime.now(UTC), data=data))

    async def after(self, last_id: int, limit: int = 500) -> list[Event]:
        return self.events[last_id : last_id + limit]

    async def last_id(self) -> int:
        return len(self.events)


class LogBook:
    """A log that remembers."""

    def __init__(self) -> None:
        self.lines: list[tuple[str, str, dict[str, object]]] = []

    def names(self, level: str = "") -> list[str]:
        return [event for its_level, event, _ in self.lines if level in ("", its_level)]

    def debug(self, event: str, **facts: object) -> None:
        self.lines.append(("debug", event, facts))

    def info(self, event: str, **facts: object) -> None:
        self.lines.append(("info", event, facts))

    def warning(self, event: str, **facts: object) -> None:
        self.lines.append(("warning", event, facts))

    def error(self, event: str, **facts: object) -> None:
        self.lines.append(("error", event, facts))


class Bench:
    """All of it put together: a retailer's crawl on a fake site and a database in memory."""

    def __init__(
        self,
        pages: Mapping[str, Answer | list[Answer]],
        *,
        retailer: Retailer | None = None,
        policy: CrawlPolicy = EAGER,
    ) -> None:
        self.retailer = retailer or a_retailer()
        self.site = FakeSite(pages)
        self.memory = Memory()
        self.events = EventBook()
        self.log = LogBook()
        self.policy = policy
        self.stop = asyncio.Event()

    def crawl(self, **more: Any) -> Crawl:
        return Crawl(
            self.retailer,
            SITE,
            fetcher=self.site,
            frontier=self.memory,
            runs=self.memory,
            events=self.events,
            clock=RealClock(),
            policy=self.policy,
            log=self.log,
            **more,
        )

    async def begin(self, options: RunOptions | None = None) -> str:
        run = await self.memory.create("target", options or RunOptions(), datetime.now(UTC))
        return run.run_id

    async def run(self, options: RunOptions | None = None) -> RunState:
        return await self.crawl().run(await self.begin(options), self.stop)

    @property
    def run_id(self) -> str:
        return list(self.memory.books)[-1]

    @property
    def refs(self) -> set[str]:
        return set(self.memory.books[self.run_id].stores)
