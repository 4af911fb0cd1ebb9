"""What tests of the transport start from."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any

import pytest
from tests.transport.fake_time import FakeTime
from tests.transport.raw_server import RawServer, raw_server

from shopwatch.domain.crawling import Page, Request
from shopwatch.transport.client import Client, PoliteFetcher
from shopwatch.transport.pace import Pace
from shopwatch.transport.policy import Policy

Fetchers = Callable[..., PoliteFetcher]


@pytest.fixture
def time() -> FakeTime:
    return FakeTime()


@pytest.fixture
async def server() -> AsyncIterator[RawServer]:
    async with raw_server() as running:
        yield running


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    async with Client() as opened:
        yield opened


@pytest.fixture
def fetcher(client: Client) -> Fetchers:
    """A fetcher without delays and robots.txt, unless the test says otherwise."""

    def make(**terms: Any) -> PoliteFetcher:
        standard: dict[str, Any] = {"retailer": "target", "pace": Pace(concurrency=50), "obey_robots": False}
        return client.fetcher(Policy(**{**standard, **terms}))

    return make


async def while_time_passes(time: FakeTime, coming: Coroutine[Any, Any, Page]) -> Page:
    """Await something over real sockets whose waits are under a time that only the test moves."""
    task = asyncio.ensure_future(coming)
    while not task.done():
        await asyncio.wait([task], timeout=0.002)
        await time.advance(0.25)
    return task.result()


def get(url: str, **facts: Any) -> Request:
    return Request(url=url, **facts)
