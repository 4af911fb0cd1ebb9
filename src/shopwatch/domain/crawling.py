"""Pages, requests and phases: what a retailer's locator is made of."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from shopwatch.domain.site import Site
from shopwatch.domain.store import Store


@dataclass(frozen=True, kw_only=True, slots=True)
class Request:
    """Something to be fetched. Two requests with the same ``key`` are the same."""

    url: str  #: absolute
    phase: str = ""
    method: str = "GET"
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str | None = None
    meta: Mapping[str, str] = field(
        default_factory=dict
    )  #: what the naming page knew: expected state, lastmod, …
    accept: frozenset[int] = frozenset()  #: statuses whose body is wanted as a Page, beside the good ones

    @property
    def key(self) -> str:
        return self.url if self.body is None else f"{self.method} {self.url} {self.body}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Page:
    """A document as fetched: unpacked, whole, its status one we asked for."""

    request: Request
    url: str  #: after redirects
    status: int
    headers: Mapping[str, str]  #: names in lower case
    body: bytes
    fetched_at: datetime
    duration_ms: float = 0.0
    not_modified: bool = False  #: 304: the body is empty and what we had is still true

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", "replace")


Found = Store | Request


@dataclass(frozen=True, slots=True)
class Phase:
    """One step of a crawl. ``parse`` raises ``LayoutChanged`` for a page it does not understand and ``Gone``
    for one that says nothing is there; it never answers a strange page with nothing."""

    name: str
    parse: Callable[[Page, Site], Iterable[Found]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Locator:
    """A retailer's store directory: where to start and what each phase reads."""

    seeds: tuple[
        str, ...
    ]  #: paths under ``base_url`` (first phase), or absolute with a ``{api_url}``-style field
    phases: tuple[Phase, ...]
    headers: Mapping[str, str] = field(default_factory=dict)

    def phase(self, name: str) -> Phase:
        return next(phase for phase in self.phases if phase.name == name)


NO_DIRECTORY = Locator(seeds=(), phases=())  #: of a retailer whose stores are not crawled
