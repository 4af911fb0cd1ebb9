"""Who asked what and how politely; without it no test could say that the product is polite to a host."""

from __future__ import annotations

import statistics
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

from shopwatch.simulator.robots import Robots

#: Kept per client: the last gaps, the different paths, the examples of a breach; in all: the last requests.
GAPS = 8_192
PATHS = 10_000
EXAMPLES = 10
RECENT = 5_000
CLIENTS = 2_000

#: A gap this much shorter than asked for is the clock's doing, not the client's. Seconds.
TOLERANCE = 0.02


@dataclass(slots=True)
class Client:
    """What one client did at one site."""

    site: str
    agent: str
    remote: str
    count: int = 0
    first_at: float = 0.0  #: real seconds since 1970
    last_at: float = 0.0
    in_flight: int = 0
    max_concurrency: int = 0
    gaps: deque[float] = field(default_factory=lambda: deque(maxlen=GAPS))  #: seconds between starts
    paths: dict[str, dict[int, int]] = field(default_factory=dict)  #: path -> status -> count
    statuses: dict[int, int] = field(default_factory=dict)
    robots_breaches: int = 0
    robots_examples: list[str] = field(default_factory=list)
    crawl_delay: float | None = None  #: seconds, as robots.txt asks of this client
    crawl_delay_breaches: int = 0
    not_before: float = 0.0  #: as the last Retry-After asked, real seconds since 1970
    retry_after_breaches: int = 0


@dataclass(frozen=True, slots=True)
class Seen:
    """One request, as the ring of the last ones keeps it."""

    at: float
    site: str
    agent: str
    method: str
    path: str
    query: str
    status: int  #: 0: no answer was given
    fault: str | None


class RequestLog:
    """Counts every request of every client; its memory is bounded however long it runs."""

    def __init__(self) -> None:
        self._robots: dict[str, Robots] = {}
        self._clients: dict[tuple[str, str, str], Client] = {}
        self._recent: deque[Seen] = deque(maxlen=RECENT)

    def obey(self, site: str, robots: str) -> None:
        """Measure the clients of ``site`` against this robots.txt."""
        self._robots[site] = Robots(robots)

    def clear(self) -> None:
        """Forget every request; those in flight are not counted when they end."""
        self._clients.clear()
        self._recent.clear()

    def start(self, site: str, agent: str, remote: str, target: str, *, at: float) -> Client:
        """Note that a request came; ``target`` is its path with its query."""
        client = self._clients.get((site, agent, remote)) or self._new(site, agent, remote, at)
        if client.count:
            gap = at - client.last_at
            client.gaps.append(gap)
            if client.crawl_delay is not None and gap < client.crawl_delay - TOLERANCE:
                client.crawl_delay_breaches += 1
        client.count += 1
        client.last_at = at
        client.in_flight += 1
        client.max_concurrency = max(client.max_concurrency, client.in_flight)
        if at < client.not_before - TOLERANCE:
            client.retry_after_breaches += 1
        if not self._robots[site].allows(agent, target):
            client.robots_breaches += 1
            if len(client.robots_examples) < EXAMPLES:
                client.robots_examples.append(target)
        return client

    def end(self, client: Client, seen: Seen, *, retry_after: float | None = None, now: float = 0.0) -> None:
        """Note how it ended, and until when a ``retry_after`` (seconds) asks the client to stay away."""
        client.in_flight -= 1
        client.statuses[seen.status] = client.statuses.get(seen.status, 0) + 1
        by_status = client.paths.get(seen.path)
        if by_status is None:
            path = seen.path if len(client.paths) < PATHS else "(other)"
            by_status = client.paths.setdefault(path, {})
        by_status[seen.status] = by_status.get(seen.status, 0) + 1
        if retry_after is not None:
            client.not_before = now + retry_after
        self._recent.append(seen)

    def report(
        self,
        *,
        site: str = "*",
        client: str = "",
        path: str = "*",
        status: int | None = None,
        recent: int = 0,
    ) -> dict[str, Any]:
        """Count what matches: ``site`` and ``path`` are globs, ``client`` is a part of the User-Agent."""
        clients = [
            _summary(c, path, status)
            for c in self._clients.values()
            if fnmatchcase(c.site, site) and client in c.agent
        ]
        found = list(self._matching(site, client, path, status))[-recent:] if recent else []
        return {
            "total": sum(c["matching"] for c in clients),
            "clients": [c for c in clients if c["matching"]],
            "recent": [_line(s) for s in found],
        }

    def _matching(self, site: str, client: str, path: str, status: int | None) -> Iterator[Seen]:
        for seen in self._recent:
            named = fnmatchcase(seen.site, site) and client in seen.agent and fnmatchcase(seen.path, path)
            if named and status in {None, seen.status}:
                yield seen

    def _new(self, site: str, agent: str, remote: str, at: float) -> Client:
        if len(self._clients) >= CLIENTS:
            self._clients.pop(next(iter(self._clients)))
        delay = self._robots[site].crawl_delay(agent)
        client = Client(site, agent, remote, first_at=at, crawl_delay=delay)
        self._clients[site, agent, remote] = client
        return client


def _line(seen: Seen) -> dict[str, Any]:
    return {name: getattr(seen, name) for name in Seen.__slots__}


def _summary(client: Client, path: str, status: int | None) -> dict[str, Any]:
    paths = {
        name: {str(code): n for code, n in by_status.items() if status in {None, code}}
        for name, by_status in client.paths.items()
        if fnmatchcase(name, path)
    }
    paths = {name: by_status for name, by_status in paths.items() if by_status}
    return {
        "site": client.site,
        "client": client.agent,
        "remote": client.remote,
        "count": client.count,
        "matching": sum(sum(by_status.values()) for by_status in paths.values()),
        "statuses": {str(code): n for code, n in client.statuses.items()},
        "paths": paths,
        "first_at": client.first_at,
        "last_at": client.last_at,
        "gap_ms": _gaps(client.gaps),
        "in_flight": client.in_flight,
        "max_concurrency": client.max_concurrency,
        "robots_breaches": client.robots_breaches,
        "robots_examples": client.robots_examples,
        "crawl_delay_breaches": client.crawl_delay_breaches,
        "retry_after_breaches": client.retry_after_breaches,
    }


def _gaps(gaps: deque[float]) -> dict[str, float] | None:
    """Spacing of the starts, or None with fewer than two requests."""
    if not gaps:
        return None
    ordered = sorted(gaps)
    p95 = ordered[min(len(ordered) - 1, round(0.95 * (len(ordered) - 1)))]
    numbers = {"min": ordered[0], "median": statistics.median(ordered), "p95": p95, "max": ordered[-1]}
    return {name: round(seconds * 1000, 3) for name, seconds in numbers.items()}
