"""From the configuration to the terms of a fetcher, and who we say we are."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest
from tests.transport.conftest import get
from tests.transport.raw_server import RawServer, answer

from shopwatch.config.retailer_settings import RetailersFile
from shopwatch.config.settings import Settings
from shopwatch.domain.crawling import Locator
from shopwatch.domain.errors import Invalid
from shopwatch.domain.retailer import Retailer, StockApi
from shopwatch.domain.site import Site
from shopwatch.transport.client import Client
from shopwatch.transport.policy import Policy, crawl_policy, stock_policy
from shopwatch.transport.user_agents import UserAgents, honest_agent

TARGET = Retailer(
    id="target",
    name="Target",
    color="#cc0000",
    site=Site(base_url="https://www.target.com"),
    locator=Locator(seeds=(), phases=()),
    stock=StockApi(
        batch_size=30,
        request=lambda skus, site: get(site.base_url),
        read=lambda page, skus, site: [],
        product_url=lambda sku, site: sku,
        sku_from_url=lambda url: None,
        requests_per_second=0.5,
        max_in_flight=2,
    ),
)


def settings(*, proxy: Any = None, defaults: Any = None, **section: Any) -> Settings:
    document = {"defaults": defaults or {}, "retailers": {"target": section}, "proxy": proxy or {}}
    return Settings(retailers=RetailersFile.model_validate(document))


def test_a_crawl_takes_the_defaults() -> None:
    policy = crawl_policy(TARGET, Settings(), {})
    assert (policy.pace.min_delay_s, policy.pace.max_delay_s, policy.pace.concurrency) == (2.0, 5.0, 1)
    assert (policy.timeout_s, policy.max_body_bytes, policy.obey_robots) == (30.0, 50_000_000, True)
    assert policy.retailer == "target"


def test_a_crawl_takes_what_its_section_says() -> None:
    policy = crawl_policy(
        TARGET,
        settings(min_delay=0, max_delay=0, workers=8, timeout=3, user_agents=["A/1"], obey_robots=False),
        {},
    )
    assert (policy.pace.min_delay_s, policy.pace.max_delay_s, policy.pace.concurrency) == (0, 0, 8)
    assert (policy.timeout_s, policy.user_agents, policy.obey_robots) == (3.0, ("A/1",), False)


@pytest.mark.parametrize(("low", "high"), [(9.0, 9.0), (1.0, 5.0)])
def test_a_lone_min_delay_never_exceeds_the_most(low: float, high: float) -> None:
    pace = crawl_policy(TARGET, settings(min_delay=low), {}).pace
    assert (pace.min_delay_s, pace.max_delay_s) == (low, high)


def test_stock_is_read_at_the_retailers_own_rate() -> None:
    policy = stock_policy(TARGET, Settings(), {})
    assert (policy.pace.requests_per_second, policy.pace.concurrency, policy.pace.max_delay_s) == (
        0.5,
        2,
        0.0,
    )
    faster = stock_policy(TARGET, settings(stock_requests_per_second=20, stock_in_flight=50), {})
    assert (faster.pace.requests_per_second, faster.pace.concurrency) == (20.0, 50)


def test_requests_may_follow_each_other_as_closely_as_the_peak_allows() -> None:
    peak = stock_policy(TARGET, settings(stock_requests_per_second=1, stock_peak_requests_per_second=4), {})
    assert peak.pace.requests_per_second == 4.0


@pytest.mark.parametrize(("said", "obeys"), [(None, False), (False, False), (True, True)])
def test_stock_asks_robots_only_when_told(said: bool | None, obeys: bool) -> None:
    assert stock_policy(TARGET, settings(obey_robots=said), {}).obey_robots is obeys


def test_a_proxy_without_credentials_is_no_policy() -> None:
    with pytest.raises(Invalid, match="SHOPWATCH_PROXY_USERNAME"):
        crawl_policy(TARGET, settings(proxy={"mode": "residential"}), {})


def test_the_wall_is_recognised_as_the_retailer_says() -> None:
    retailer = replace(TARGET, recognise_wall=lambda page: None)
    assert crawl_policy(retailer, Settings(), {}).recognise_wall is retailer.recognise_wall


def test_we_say_who_we_are() -> None:
    assert re.fullmatch(r"Shopwatch/\d+\.\d+\.\d+\S*( \(\+https?://\S+\))?", honest_agent())
    assert UserAgents().next(()) == honest_agent()


async def test_a_session_keeps_its_user_agent_and_the_next_takes_the_next(server: RawServer) -> None:
    server.on("/", answer(200))
    policy = Policy(retailer="target", obey_robots=False, user_agents=("A/1", "B/2"))
    async with Client() as client:
        for _ in range(3):
            session = client.fetcher(policy)
            await session.fetch(get(server.url()))
            await session.fetch(get(server.url()))
    agents = [seen.headers["user-agent"] for seen in server.seen]
    assert agents == ["A/1", "A/1", "B/2", "B/2", "A/1", "A/1"]
