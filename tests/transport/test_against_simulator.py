"""Every way in which a simulated site misbehaves, and what the site itself says of our manners."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any

import aiohttp
import pytest
from tests.simulator_fixture import TARGET_KEY, Simulator, simulator_process
from tests.transport.conftest import get

from shopwatch.domain.errors import Blocked, ErrorClass, Gone, Unreachable
from shopwatch.retailers.registry import RETAILERS
from shopwatch.transport.client import Client, PoliteFetcher
from shopwatch.transport.pace import Pace
from shopwatch.transport.policy import Policy

AGENT = "Shopwatch/test"
SITES = {
    "verizon": ("verizon", "/stores/"),
    "walmart": ("walmart", "/store-directory"),
    "target-api": ("target", f"/redsky_aggregations/v1/web/pdp_client_v1?key={TARGET_KEY}&tcin=13356914"),
    "bestbuy": ("bestbuy", "/sitemap.xml"),
}

#: What each kind of fault is told as, with its facts.
FAULTS: dict[str, tuple[type[Exception], dict[str, Any]]] = {
    "403": (Blocked, {"status": 403}),
    "403-challenge": (Blocked, {"challenge": True, "status": 403}),
    "408": (Unreachable, {"error_class": ErrorClass.TIME_OUT}),
    "410": (Gone, {}),
    "412": (Blocked, {"challenge": True, "status": 412}),
    "429": (Blocked, {"challenge": False, "status": 429, "retry_after_s": None}),
    "429-retry-after": (Blocked, {"challenge": False, "status": 429, "retry_after_s": 5.0}),
    "435": (Blocked, {"challenge": True, "status": 435}),
    "500": (Unreachable, {"error_class": ErrorClass.SERVER}),
    "503": (Unreachable, {"error_class": ErrorClass.SERVER}),
    "cut": (Unreachable, {"error_class": ErrorClass.CUT}),
    "wall": (Blocked, {"challenge": True, "status": 200}),
    "gzip-bomb": (Unreachable, {"error_class": ErrorClass.TOO_LARGE}),
}


@pytest.fixture(scope="module")
def origins() -> Iterator[dict[str, str]]:
    with simulator_process(products=20) as started:
        yield started


@pytest.fixture
async def simulator(origins: dict[str, str]) -> AsyncIterator[Simulator]:
    async with aiohttp.ClientSession() as session:
        simulator = Simulator(origins, session)
        await simulator.tell("POST", "/reset", {"stores": False})
        yield simulator


def at(client: Client, site: str, **terms: Any) -> PoliteFetcher:
    retailer = RETAILERS[SITES[site][0]]
    standard: dict[str, Any] = {
        "retailer": retailer.id,
        "pace": Pace(concurrency=8),
        "obey_robots": False,
        "user_agents": (AGENT,),
        "recognise_wall": retailer.recognise_wall,
        "timeout_s": 5.0,
    }
    return client.fetcher(Policy(**{**standard, **terms}))


def url(simulator: Simulator, site: str) -> str:
    return simulator.origins[site] + SITES[site][1]


@pytest.mark.parametrize("site", SITES)
@pytest.mark.parametrize("kind", FAULTS)
async def test_a_fault_is_told_as_what_it_is(
    simulator: Simulator, client: Client, site: str, kind: str
) -> None:
    error, facts = FAULTS[kind]
    await simulator.fault(kind, site=site)
    with pytest.raises(error) as told:
        await at(client, site, max_body_bytes=5_000_000).fetch(get(url(simulator, site)))
    assert {name: getattr(told.value, name) for name in facts} == facts
    assert TARGET_KEY not in str(told.value)


@pytest.mark.parametrize("kind", ["hang", "slow"])
async def test_a_site_that_does_not_answer_times_out(simulator: Simulator, client: Client, kind: str) -> None:
    await simulator.fault(kind, site="verizon")
    with pytest.raises(Unreachable) as told:
        await at(client, "verizon", timeout_s=0.15).fetch(get(url(simulator, "verizon")))
    assert told.value.error_class == ErrorClass.TIME_OUT


async def test_walmarts_redirect_to_its_wall_is_a_challenge(simulator: Simulator, client: Client) -> None:
    await simulator.fault("redirect", site="walmart")
    with pytest.raises(Blocked) as told:
        await at(client, "walmart").fetch(get(url(simulator, "walmart")))
    assert told.value.challenge


async def test_a_redirect_home_says_where_it_led(simulator: Simulator, client: Client) -> None:
    await simulator.fault("redirect", site="verizon", times=1)
    page = await at(client, "verizon").fetch(get(url(simulator, "verizon"), accept=frozenset({404})))
    assert page.url == simulator.origins["verizon"] + "/?from=moved"


@pytest.mark.parametrize("kind", ["garbage", "empty"])
async def test_what_only_a_parser_can_tell_is_left_to_it(
    simulator: Simulator, client: Client, kind: str
) -> None:
    await simulator.fault(kind, site="verizon")
    assert (await at(client, "verizon").fetch(get(url(simulator, "verizon")))).status == 200


async def test_a_partial_answer_is_a_page(simulator: Simulator, client: Client) -> None:
    await simulator.fault("206", site="target-api")
    path = "/redsky_aggregations/v1/web/product_summary_with_fulfillment_v1"
    query = f"?key={TARGET_KEY}&tcins=13356914&store_id=2272&has_required_store_id=true"
    page = await at(client, "target-api").fetch(get(simulator.origins["target-api"] + path + query))
    assert page.status == 206


async def test_after_a_challenge_the_site_hears_nothing_more(simulator: Simulator, client: Client) -> None:
    await simulator.fault("435", site="target-api")
    fetch = at(client, "target-api")
    for _ in range(5):
        with pytest.raises(Blocked):
            await fetch.fetch(get(url(simulator, "target-api")))
    assert (await seen_by(simulator, "target-api"))["count"] == 1


async def test_a_429_is_followed_by_the_rest_it_asks_for(simulator: Simulator, client: Client) -> None:
    await simulator.fault("429-retry-after", site="verizon", times=1, retry_after=1)
    fetch = at(client, "verizon")
    with pytest.raises(Blocked):
        await fetch.fetch(get(url(simulator, "verizon")))
    await asyncio.gather(*(fetch.fetch(get(url(simulator, "verizon"))) for _ in range(4)))
    assert (await seen_by(simulator, "verizon"))["retry_after_breaches"] == 0


async def test_the_site_measures_our_distance_and_our_number(simulator: Simulator, client: Client) -> None:
    fetch = at(client, "verizon", pace=Pace(min_delay_s=0.04, max_delay_s=0.06, concurrency=2))
    await asyncio.gather(*(fetch.fetch(get(url(simulator, "verizon"))) for _ in range(12)))
    seen = await seen_by(simulator, "verizon")
    # A single gap also holds how late the site itself looked; when we send is held by test_limits.
    assert seen["gap_ms"]["median"] >= 40
    assert seen["max_concurrency"] <= 2


async def test_the_site_finds_no_breach_of_its_robots_txt(simulator: Simulator, client: Client) -> None:
    fetch = at(client, "walmart", obey_robots=True)
    outcomes = await asyncio.gather(
        *(
            fetch.fetch(get(simulator.origins["walmart"] + path))
            for path in ("/store-directory", "/api/stores", "/search?q=lamp", "/account/orders")
        ),
        return_exceptions=True,
    )
    assert [type(one).__name__ for one in outcomes][1:] == ["ClosedByRobots"] * 3
    seen = await seen_by(simulator, "walmart")
    assert (seen["robots_breaches"], seen["count"]) == (0, 2)


async def seen_by(simulator: Simulator, site: str) -> dict[str, Any]:
    report = await simulator.tell("GET", f"/requests?site={site}&client={AGENT}")
    (ours,) = report["clients"]
    return dict(ours)
