"""What tests of the transport start from."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from tests.transport.fake_time import FakeTime
from tests.transport.raw_server import RawServer, raw_server

from shopwatch.domain.crawling import Request
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


def get(url: str, **facts: Any) -> Request:
    return Request(url=url, **facts)
