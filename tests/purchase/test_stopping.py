"""The emergency stop in the middle of a purchase, in a real browser: nothing is clicked any more."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest
from tests.browser.chromium import needs_browser
from tests.buying_shop import WATCH, Counter, Stopping, confirmed
from tests.dashboard_fixture import dashboard_over
from tests.purchase.conftest import Row
from tests.simulator_fixture import Simulator

from shopwatch.cli.main import main
from shopwatch.domain.purchase import PurchaseState
from shopwatch.purchase.emergency import EmergencyStop

pytestmark = [
    *needs_browser,
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.timeout(90),
]
S = PurchaseState
Way = Callable[[Counter], Awaitable[object]]


async def by_file(shop: Counter) -> None:
    shop.core.paths.emergency_stop.touch()


async def by_command(shop: Counter) -> None:
    paths = shop.core.paths
    places = ["--config-dir", str(paths.config_dir), "--data-dir", str(paths.data_dir)]
    assert main([*places, "stop-buying", "enough"]) == 0


async def by_api(shop: Counter) -> None:
    """What the dashboard's button sends."""
    async with dashboard_over(shop.core) as dashboard:
        assert (await dashboard.ask("PUT", "/api/emergency-stop")).json == {"emergency_stop": True}


WAYS: dict[str, Way] = {"file": by_file, "command": by_command, "api": by_api}
CASES = [
    ("before:look", "file", True),
    ("before:cart", "command", True),
    ("before:add", "api", False),
    ("carted", "command", True),
    ("before:check_out", "file", True),
    ("placing", "api", False),
]


@pytest.mark.parametrize(
    ("point", "way"),
    [pytest.param(point, way, marks=pytest.mark.slow if slow else ()) for point, way, slow in CASES],
)
async def test_it_takes_effect_before_the_next_click_whichever_way_it_is_set(
    shop: Counter, simulator: Simulator, point: str, way: str, matrix: list[Row]
) -> None:
    async def press() -> None:
        await WAYS[way](shop)

    await simulator.tell("DELETE", "/requests")

    checkouts, ledger = Stopping(shop.checkouts, point, press), Stopping(shop.core.ledger, point, press)
    purchase = await shop.buyer(checkouts=checkouts, ledger=ledger).buy(1, WATCH, confirmed())
    assert purchase is not None
    orders = (await simulator.tell("GET", "/orders"))["orders"]
    matrix.append(("stop", f"{point} ({way})", purchase.state.value, purchase.state.value, len(orders)))
    assert (purchase.state, purchase.reasons[0]) == (S.REFUSED, "the emergency stop is on")
    assert orders == []
    if point == "before:add":
        added = await simulator.tell("GET", "/requests?site=target-carts&path=/web_checkouts/v1/cart_items")
        assert added["total"] == 0


async def test_it_survives_a_restart_and_ends_only_by_a_person(shop: Counter, simulator: Simulator) -> None:
    await by_command(shop)
    shop.stop = EmergencyStop(shop.core.paths.emergency_stop)  # as another process finds it
    assert (await shop.buy(1)).reasons == ("the emergency stop is on",)
    async with dashboard_over(shop.core) as dashboard:
        assert (await dashboard.get("/api/monitor")).json["emergency_stop"] is True
        assert (await dashboard.ask("DELETE", "/api/emergency-stop")).json == {"emergency_stop": False}
    assert not shop.stop.is_on()
