"""Every way in which a site misbehaves is seen over a real socket, as a client meets it."""

from __future__ import annotations

import gzip
import time

import aiohttp
import pytest
from tests.simulator_fixture import Simulator, hung_up

from shopwatch.simulator.fault_answers import BOMB_UNPACKED, gzip_bomb
from shopwatch.simulator.faults import KINDS, Faults

SKU = "20000001"
STATUSES = {
    "403": 403,
    "403-challenge": 403,
    "408": 408,
    "410": 410,
    "412": 412,
    "429": 429,
    "429-retry-after": 429,
    "435": 435,
    "500": 500,
    "503": 503,
    "garbage": 200,
    "empty": 200,
    "wall": 200,
    "redirect": 302,
    "wrong-state": 200,
    "missing-field": 200,
    "206": 206,
    "slow": 200,
}


@pytest.mark.parametrize(("kind", "status"), STATUSES.items())
async def test_the_stock_api_answers_with_the_status_of_the_fault(
    simulator: Simulator, kind: str, status: int
) -> None:
    await simulator.put(SKU, ship="IN_STOCK")
    await simulator.fault(kind, site="target-api", delay_ms=1)
    assert (await simulator.summary(SKU)).status == status
    await simulator.tell("DELETE", "/faults")
    assert (await simulator.summary(SKU)).status == 200


def test_no_kind_is_without_a_test() -> None:
    assert set(STATUSES) | {"cut", "hang", "gzip-bomb"} == KINDS


async def test_a_cut_body_ends_before_its_promised_length(simulator: Simulator) -> None:
    await simulator.put(SKU)
    await simulator.fault("cut", site="target-api")
    with pytest.raises(aiohttp.ClientPayloadError):
        await simulator.summary(SKU)


async def test_a_hang_lasts_until_the_client_gives_up(simulator: Simulator) -> None:
    await simulator.fault("hang", site="target-api")

    async def met() -> bool:
        return bool((await simulator.tell("GET", "/faults"))["faults"][0]["met"] == 1)

    await hung_up(simulator.get("target-api:/captcha"), met)


async def test_slow_takes_as_long_as_it_was_told(simulator: Simulator) -> None:
    await simulator.fault("slow", site="att", delay_ms=300)
    started = time.perf_counter()
    await simulator.get("att:/nothing")
    assert time.perf_counter() - started >= 0.3


async def test_a_gzip_bomb_is_small_on_the_way(simulator: Simulator) -> None:
    await simulator.fault("gzip-bomb", site="verizon")
    async with aiohttp.ClientSession(auto_decompress=False) as session:
        answer = await session.get(simulator.origins["verizon"] + "/stores/")
        body = await answer.read()
    assert answer.headers["content-encoding"] == "gzip"
    assert len(body) < 2**19


@pytest.mark.slow
def test_a_gzip_bomb_unpacks_to_more_than_200_mb() -> None:
    assert len(gzip.decompress(gzip_bomb())) == BOMB_UNPACKED > 200 * 2**20


async def test_retry_after_says_how_long(simulator: Simulator) -> None:
    await simulator.fault("429-retry-after", site="tmobile", retry_after=7)
    assert (await simulator.get("tmobile:/stores/")).headers["retry-after"] == "7"
    await simulator.tell("DELETE", "/faults")
    await simulator.fault("429", site="tmobile")
    assert "retry-after" not in (await simulator.get("tmobile:/stores/")).headers


@pytest.mark.parametrize(
    ("site", "kind", "status", "marks"),
    [
        ("target-api", "403", 403, ["Access Denied"]),
        ("target-api", "403-challenge", 403, ["captchaRelativeURL", "captchaAbsoluteURL"]),
        ("target", "403-challenge", 403, ["Press &amp; Hold", "px-captcha", "PXGWPp4wUS"]),
        ("target", "wall", 200, ["Access to this page has been denied", "Reference ID"]),
        ("target-api", "435", 435, ["PXGWPp4wUS", "blockScript", "jsClientSrc"]),
        ("walmart", "412", 412, ["/blocked?url=", "PXu6b0qd2S"]),
        ("walmart", "wall", 200, ["Robot or human?", "px-captcha"]),
        ("verizon", "wall", 200, ["Access Denied"]),
        ("bestbuy-api", "403", 403, ['"errorCode":"403"']),
    ],
)
async def test_each_site_refuses_in_its_own_words(
    simulator: Simulator, site: str, kind: str, status: int, marks: list[str]
) -> None:
    await simulator.fault(kind, site=site)
    answer = await simulator.get(f"{site}:/anything")
    assert answer.status == status
    assert [mark for mark in marks if mark not in answer.text] == []


async def test_a_challenge_leads_to_a_page_inside_the_simulator(simulator: Simulator) -> None:
    await simulator.fault("403-challenge", site="target-api", times=1)
    challenge = (await simulator.summary(SKU)).json
    assert (await simulator.get(challenge["captchaAbsoluteURL"])).status == 200


async def test_walmart_redirects_to_its_block_page(simulator: Simulator) -> None:
    await simulator.fault("redirect", site="walmart")
    answer = await simulator.get("walmart:/store/1")
    assert answer.status == 307
    assert answer.headers["location"].startswith("/blocked?url=")


async def test_garbage_is_not_json_and_empty_is_nothing(simulator: Simulator) -> None:
    await simulator.fault("garbage", site="target-api", times=1)
    assert (await simulator.summary(SKU)).body.startswith(b'{"data":{"pro')
    await simulator.fault("empty", site="target-api")
    assert (await simulator.summary(SKU)).body == b""


async def test_a_missing_field_is_missing_and_a_wrong_answer_is_somebody_elses(simulator: Simulator) -> None:
    await simulator.fault("missing-field", site="target-api", times=1)
    first = (await simulator.get("control:/products/target?limit=1")).json["products"][0]["sku"]
    entry = (await simulator.summary(first)).json["data"]["product_summaries"][0]
    assert "shipping_options" not in entry["fulfillment"]
    await simulator.fault("wrong-state", site="target-api", times=1)
    entry = (await simulator.summary(first)).json["data"]["product_summaries"][0]
    assert entry["tcin"] != first
    assert (await simulator.summary(first)).json["data"]["product_summaries"][0]["tcin"] == first


async def test_a_fault_meets_only_its_site_and_route(simulator: Simulator) -> None:
    await simulator.put(SKU)
    await simulator.fault("500", site="target-api", route="*pdp_client_v1")
    assert (await simulator.summary(SKU)).status == 200
    assert (await simulator.of_target("pdp_client_v1", tcin=SKU)).status == 500
    await simulator.fault("503", route="/stores")
    assert (await simulator.get("att:/stores/us")).status == 503
    assert (await simulator.summary(SKU)).status == 200


async def test_robots_txt_and_the_control_api_are_spared(simulator: Simulator) -> None:
    await simulator.fault("500")
    assert (await simulator.get("target-api:/robots.txt")).status == 200
    assert (await simulator.get("control:/state")).status == 200


async def test_a_page_may_read_what_its_api_was_refused(simulator: Simulator) -> None:
    await simulator.fault("403-challenge", site="target-api")
    answer = await simulator.summary(SKU)
    assert answer.headers["access-control-allow-origin"] == simulator.origins["target"]


def test_a_rate_is_a_share_and_the_seed_decides_which() -> None:
    def met(seed: int) -> list[bool]:
        faults = Faults(seed)
        faults.add(site="att", route=None, kind="500", rate=0.3)
        return [faults.pick("att", "/") is not None for _ in range(1000)]

    assert met(1) == met(1) != met(2)
    assert 240 < sum(met(1)) < 360


def test_a_fault_ends_with_its_time_or_its_number() -> None:
    faults = Faults(1)
    faults.add(site=None, route=None, kind="500", seconds=0.0)
    faults.add(site=None, route=None, kind="503", times=2)
    kinds = [fault.kind if fault else None for fault in (faults.pick("att", "/") for _ in range(3))]
    assert kinds == ["503", "503", None]
    assert faults.in_force() == []


def test_faults_can_be_taken_away_one_by_one_or_by_site() -> None:
    faults = Faults(1)
    for site in ("att", "att", "target", None):
        faults.add(site=site, route=None, kind="500")
    assert faults.clear(fault_id=1) == 1
    assert faults.clear(site="att") == 1
    assert [fault.site for fault in faults.in_force()] == ["target", None]
    assert faults.clear() == 2
