"""The whole way in a real browser at the simulated shop: every ugly case, and what the order book holds."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from tests.browser.chromium import needs_browser
from tests.buying_shop import (
    CARD,
    LIVE,
    PASSWORD,
    SKU,
    WATCH,
    ZIP,
    Counter,
    Doomed,
    confirmed,
    counter,
    furnish,
)
from tests.simulator_fixture import Simulator, simulator_process

from shopwatch.bootstrap.buying import keeper_of
from shopwatch.domain.purchase import PurchaseState
from shopwatch.domain.session import SessionHealth

pytestmark = [*needs_browser, pytest.mark.timeout(90), pytest.mark.xdist_group("shop")]
S = PurchaseState


@pytest.fixture(scope="module")
def origins() -> Iterator[dict[str, str]]:
    with simulator_process() as found:
        yield found


@pytest.fixture
async def simulator(origins: dict[str, str]) -> AsyncIterator[Simulator]:
    async with aiohttp.ClientSession() as session:
        simulator = Simulator(origins, session)
        await simulator.tell("POST", "/reset")
        yield simulator


@pytest.fixture
async def shop(simulator: Simulator, tmp_path: Path) -> AsyncIterator[Counter]:
    await furnish(simulator.origins, tmp_path)
    async with counter(tmp_path) as shop:
        yield shop


async def orders(simulator: Simulator) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await simulator.tell("GET", "/orders"))["orders"]
    return found


async def test_a_restock_becomes_one_order(shop: Counter, simulator: Simulator) -> None:
    purchase = await shop.buy()
    (order,) = await orders(simulator)
    assert purchase.state is S.PLACED
    assert (order["sku"], order["quantity"]) == (SKU, 1)
    assert purchase.total is not None
    assert purchase.total.cents == order["total_cents"]
    await shop.tidy()
    assert (await shop.core.ledger.get(purchase.id)).order_number == order["order_number"]


async def test_test_mode_orders_nothing(shop: Counter, simulator: Simulator) -> None:
    shop.terms = replace(LIVE, live=False)
    assert (await shop.buy()).state is S.REHEARSED
    assert await orders(simulator) == []


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        pytest.param({"state": "step-shipping"}, "a step of the checkout is open", marks=pytest.mark.slow),
        ({"state": "high-demand"}, "high demand"),
        pytest.param({"state": "unavailable"}, "no longer available", marks=pytest.mark.slow),
        ({"state": "cvv"}, "the card's security code"),
        pytest.param({"state": "pin"}, "asks for", marks=pytest.mark.slow),
        pytest.param({"state": "sign-in"}, "sign in", marks=pytest.mark.slow),
        pytest.param({"state": "disabled"}, "not ready (disabled)", marks=pytest.mark.slow),
        pytest.param({"state": "aria-disabled"}, "not ready (disabled)", marks=pytest.mark.slow),
        pytest.param({"state": "error"}, "not ready (broken)", marks=pytest.mark.slow),
        ({"add": "bare-424"}, "without saying that it is sold out"),
        pytest.param({"add": "fast-selling"}, "too many shoppers at once (429", marks=pytest.mark.slow),
        pytest.param({"add": "overloaded"}, "HTTP 503", marks=pytest.mark.slow),
        pytest.param({"add": "refused"}, "HTTP 403", marks=pytest.mark.slow),
    ],
)
async def test_where_the_site_does_not_go_on_it_fails_with_the_reason(
    shop: Counter, simulator: Simulator, settings: dict[str, Any], reason: str
) -> None:
    await simulator.tell("PUT", "/checkout", settings)
    purchase = await shop.buy()
    assert purchase.state is S.FAILED
    assert reason in purchase.reasons[0]
    assert await orders(simulator) == []


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({"foreign": "13356914"}, "the cart holds"),
        pytest.param(
            {"price_change_cents": 300}, "the cart's price $52.99 is over $49.99", marks=pytest.mark.slow
        ),
        pytest.param({"tax_rate": 0.3}, "is over $60.00", marks=pytest.mark.slow),
        ({"page_extra_cents": 100}, "the page says"),
        pytest.param({"zip_code": "10001"}, "the address is not the configured one", marks=pytest.mark.slow),
        pytest.param({"card_suffix": "9999"}, "the card is not the configured one", marks=pytest.mark.slow),
    ],
)
async def test_what_is_not_as_wanted_is_refused(
    shop: Counter, simulator: Simulator, settings: dict[str, Any], reason: str
) -> None:
    if "foreign" in settings:
        await simulator.put(settings["foreign"], price=5.0, ship="IN_STOCK", quantity=9)
    await simulator.tell("PUT", "/checkout", settings)
    purchase = await shop.buy()
    assert purchase.state is S.REFUSED
    assert any(reason in one for one in purchase.reasons), purchase.reasons
    assert await orders(simulator) == []


async def test_a_stale_token_is_cured_by_one_load_of_the_page(shop: Counter, simulator: Simulator) -> None:
    await simulator.tell("PUT", "/checkout", {"add": "auth-denied"})
    assert (await shop.buy()).state in (S.PLACED, S.FAILED)
    assert len(await orders(simulator)) <= 1


async def test_a_click_whose_answer_never_comes_is_settled_by_the_cart(
    shop: Counter, simulator: Simulator
) -> None:
    await simulator.tell("PUT", "/checkout", {"add": "hang"})
    await shop.buy()
    assert [order["quantity"] for order in await orders(simulator)] in ([], [1])


@pytest.mark.parametrize(
    ("confirmation", "placed"),
    [
        ("fail", 0),
        pytest.param("throttled", 0, marks=pytest.mark.slow),
        ("never", 1),
        pytest.param("hang", 1, marks=pytest.mark.slow),
        pytest.param("lost", 0, marks=pytest.mark.slow),
    ],
)
async def test_an_unclear_end_is_ambiguous_until_the_history_tells(
    shop: Counter, simulator: Simulator, monkeypatch: pytest.MonkeyPatch, confirmation: str, placed: int
) -> None:
    monkeypatch.setattr("shopwatch.browser.target_checkout._PLACED_MS", 2000.0)
    await simulator.tell("PUT", "/checkout", {"confirmation": confirmation})
    purchase = await shop.buy()
    assert purchase.state is S.AMBIGUOUS
    assert len(await orders(simulator)) == placed
    await shop.tidy()
    after = await shop.core.ledger.get(purchase.id)
    assert after.state is (S.PLACED if placed else S.AMBIGUOUS)


class Unplugged(Doomed):
    """Its browser dies before a step."""

    pool: Any = None

    async def _do(self, name: str, *given: Any) -> Any:
        if name == self._point:
            await Unplugged.pool._browser.close()
        return await super()._do(name, *given)

    @asynccontextmanager
    async def walk(self, retailer: str) -> AsyncIterator[Doomed]:
        async with self._inner.walk(retailer) as checkout:
            yield Unplugged(checkout, self._point)


@pytest.mark.parametrize(
    ("step", "state"),
    [
        pytest.param("look", S.FAILED, marks=pytest.mark.slow),
        pytest.param("add", S.FAILED, marks=pytest.mark.slow),
        ("check_out", S.FAILED),
        ("place", S.AMBIGUOUS),
    ],
)
async def test_a_browser_that_dies_costs_no_order_and_no_doubt_but_at_the_click(
    shop: Counter, simulator: Simulator, step: str, state: PurchaseState
) -> None:
    Unplugged.pool = shop.pool
    buyer = shop.buyer(checkouts=Unplugged(shop.checkouts, step))
    purchase = await buyer.buy(1, WATCH, confirmed())
    assert purchase is not None
    assert purchase.state is state
    assert await orders(simulator) == []


async def test_a_lost_session_refuses_at_the_site_and_shows(shop: Counter, simulator: Simulator) -> None:
    keeper = keeper_of(shop.core, shop.pool)
    assert (await keeper.check("target")).health is SessionHealth.HEALTHY
    assert keeper.healthy("target")
    await simulator.tell("POST", "/session/expire")
    assert (await shop.buy()).state in (S.FAILED, S.REFUSED)
    assert (await keeper.check("target")).health is SessionHealth.EXPIRED
    assert not keeper.healthy("target")
    assert await orders(simulator) == []


async def test_nothing_secret_is_left_behind(
    shop: Counter, simulator: Simulator, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """Password, token, card and address: in no log, no row, no file but the session's own."""
    session = (tmp_path / "sessions" / "target_storage.json").read_text()
    tokens = [part for part in session.split('"') if len(part) >= 24]
    await shop.buy()
    await simulator.tell("PUT", "/checkout", {"card_suffix": "9999", "zip_code": "10001"})
    await shop.buy(2)
    await shop.tidy()
    secrets = [PASSWORD, "Jane Shopper", "shopper@example.com", "9999", "10001", *tokens]
    assert tokens, "the session holds no token: this test looks for nothing"
    output = "".join(capfd.readouterr())
    assert [secret for secret in secrets if secret in output] == []
    assert _leaks(tmp_path, [secret for secret in secrets if len(secret) > 5]) == []
    for purchase in await shop.core.ledger.recent():
        told = str([entry.facts for entry in await shop.core.ledger.entries(purchase.id)])
        assert [one for one in (*secrets, CARD, ZIP) if one in told] == []


def _leaks(folder: Path, secrets: list[str]) -> list[tuple[Path, str]]:
    files = [path for path in folder.rglob("*") if path.is_file() and path.parent.name != "sessions"]
    assert any(path.name == "shopwatch.db" for path in files), "no database: this test looks at nothing"
    return [(path, one) for path in files for one in secrets if one.encode() in path.read_bytes()]
