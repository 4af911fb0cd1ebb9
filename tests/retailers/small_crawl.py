"""A crawl of a few lines over a real socket: what the parsers make of a site, without the engine."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime

import aiohttp

from shopwatch.domain.crawling import Page, Request
from shopwatch.domain.errors import Gone, LayoutChanged, Unreachable
from shopwatch.domain.site import Site
from shopwatch.domain.store import Store
from shopwatch.retailers.registry import RETAILERS

_ATTEMPTS = 12
_BUSY = (408, 429, 500, 503)


@dataclass(slots=True)
class Crawled:
    stores: list[Store] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    strange: list[str] = field(default_factory=list)
    mixed_up: int = 0
    requests: int = 0


async def crawl(retailer: str, base_url: str, *, in_flight: int = 6) -> Crawled:
    """Follow every phase from the seeds until nothing is left."""
    locator, site, done = RETAILERS[retailer].locator, Site(base_url=base_url), Crawled()
    first = locator.phases[0].name
    seen = {base_url + seed for seed in locator.seeds}
    waiting: asyncio.Queue[Request] = asyncio.Queue()
    for url in seen:
        waiting.put_nowait(Request(url=url, phase=first))

    async def work(session: aiohttp.ClientSession) -> None:
        while True:
            request = await waiting.get()
            for found in await _read(session, retailer, request, site, done):
                if isinstance(found, Store):
                    done.stores.append(found)
                elif found.url not in seen:
                    seen.add(found.url)
                    waiting.put_nowait(found)
            waiting.task_done()

    async with aiohttp.ClientSession() as session, asyncio.TaskGroup() as workers:
        tasks = [workers.create_task(work(session)) for _ in range(in_flight)]
        await waiting.join()
        for task in tasks:
            task.cancel()
    return done


async def _read(
    session: aiohttp.ClientSession, retailer: str, request: Request, site: Site, done: Crawled
) -> list[Store | Request]:
    phase = RETAILERS[retailer].locator.phase(request.phase)
    for attempt in range(_ATTEMPTS):
        done.requests += 1
        async with session.get(request.url) as answer:
            if answer.status in _BUSY and attempt + 1 < _ATTEMPTS:
                continue
            if answer.status in (404, 410):
                done.gone.append(request.url)
                return []
            assert answer.status == 200, (answer.status, request.url)
            page = Page(
                request=request,
                url=str(answer.url),
                status=answer.status,
                headers={},
                body=await answer.read(),
                fetched_at=datetime.now(UTC),
            )
        try:
            return list(phase.parse(page, site))
        except Gone:
            done.gone.append(request.url)
            return []
        except LayoutChanged as error:
            done.strange.append(str(error))
            return []
        except Unreachable:
            done.mixed_up += 1
    raise AssertionError(f"no sound answer in {_ATTEMPTS} attempts from {request.url}")
