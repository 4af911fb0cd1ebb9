"""`shopwatch check`: a batch answer tells no price, so the last one read stands in and says so."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from tests.simulator_fixture import TARGET_KEY, simulator_in_loop

from shopwatch.bootstrap.clients import client_of
from shopwatch.bootstrap.core import opened
from shopwatch.bootstrap.paths import Paths
from shopwatch.cli.check import refusal, with_known_price, with_price
from shopwatch.domain.errors import Blocked, Gone
from shopwatch.domain.money import Money
from shopwatch.domain.stock import Availability, Observation, Offer, Product, Source
from shopwatch.domain.stock_state import StockState, Transition

SEEN = Observation(
    product=Product(retailer="target", sku="1"),
    availability=Availability.IN_STOCK,
    source=Source.API,
    observed_at=datetime(2026, 1, 17, tzinfo=UTC),
    reason="shipping IN_STOCK",
    offer=Offer(price=None),
)


PACE = {"stock_requests_per_second": 20.0, "stock_min_interval": 0.2}


async def test_the_last_price_read_stands_in_for_one_that_is_not_told(tmp_path: Path) -> None:
    async with opened(Paths(config_dir=tmp_path, data_dir=tmp_path)) as core:
        assert await with_known_price(core, SEEN) is SEEN
        known = StockState(key=SEEN.product.key, version=1, price=Money(1599))
        await core.observations.record([SEEN], lambda _state, _seen: Transition(after=known))
        shown = await with_known_price(core, SEEN)
    assert shown.offer is not None
    assert shown.offer.price == Money(1599)
    assert shown.reason == "shipping IN_STOCK; the price is the last one read"


async def test_a_price_that_was_never_read_is_asked_for(tmp_path: Path) -> None:
    sku = "20000001"
    one = replace(SEEN, product=replace(SEEN.product, sku=sku))
    async with simulator_in_loop(seed=3, products=5) as simulator:
        await simulator.put(sku, price="17.99")
        target = {"api_url": simulator.origins["target-api"], "keys": {"web": TARGET_KEY}} | PACE
        (tmp_path / "retailers.yaml").write_text(json.dumps({"retailers": {"target": target}}), "utf-8")
        paths = Paths(config_dir=tmp_path, data_dir=tmp_path)
        async with opened(paths) as core, client_of(core) as client:
            shown = await with_price(core, client, one)
            lost = await with_price(core, client, replace(one, product=replace(one.product, sku="1")))
    assert shown.offer is not None
    assert shown.offer.price == Money(1799)
    assert lost.offer == SEEN.offer


def test_a_refusal_says_who_why_and_what_to_do_without_the_address_at_length() -> None:
    error = Blocked("https://redsky.target.com/v1/web?tcins=1&store_id=2272", "Target asks for a CAPTCHA")
    assert refusal(("target", "1"), error) == (
        "target:1: Target asks for a CAPTCHA (asked redsky.target.com)."
        " Look at the site yourself; `shopwatch unpause target` ends a pause"
    )
    assert (
        refusal(("target", "1"), Gone(error.url, "no page")) == "target:1: no page (asked redsky.target.com)"
    )
