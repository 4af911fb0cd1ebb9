"""In stock near me: the retailer's answer and our directory, matched by store number."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.dashboard_fixture import Dashboard
from tests.simulator_fixture import TARGET_KEY, Simulator, simulator_in_loop

from shopwatch.bootstrap.nearby import joined
from shopwatch.cli.main import main
from shopwatch.domain.stock import Availability, StoreStock
from shopwatch.domain.store import Store

IN, OUT, UNKNOWN = Availability.IN_STOCK, Availability.OUT_OF_STOCK, Availability.UNKNOWN
SKU = "20000001"


def stock(ref: str, pickup: Availability, miles: float | None = None) -> StoreStock:
    return StoreStock(store_ref=ref, name=f"Store {ref}", pickup=pickup, miles=miles)


def shop(ref: str) -> Store:
    return Store(retailer="target", ref=ref, name=f"Known {ref}", city="Reno")


def test_who_has_it_comes_first_and_unspoken_of_is_unknown() -> None:
    told = [stock("1", OUT, 1.0), stock("0002", IN, 9.0), stock("3", IN, 4.0), stock("4", IN, 40.0)]
    found = joined(told, [(shop("2"), 8.0), (shop("5"), 2.0)], miles=15)
    lines = [(one.stock.store_ref, one.miles, one.stock.pickup, one.store is not None) for one in found]
    assert lines == [
        ("3", 4.0, IN, False),
        ("0002", 8.0, IN, True),
        ("1", 1.0, OUT, False),
        ("5", 2.0, UNKNOWN, True),
    ]


@pytest.fixture
async def simulator() -> AsyncIterator[Simulator]:
    async with simulator_in_loop(seed=3, products=5) as one:
        yield one


async def on_the_shelves(simulator: Simulator, folder: Path) -> None:
    """Point a folder at the simulator, where every Target store has the product."""
    target = {
        "base_url": simulator.origins["target"],
        "api_url": simulator.origins["target-api"],
        "keys": {"web": TARGET_KEY},
        "stock_requests_per_second": 100.0,
    }
    (folder / "retailers.yaml").write_text(json.dumps({"retailers": {"target": target}}), "utf-8")
    await simulator.put(SKU, ship="OUT_OF_STOCK", pickup="IN_STOCK", quantity=5)


async def test_the_dashboard_answers_with_addresses_of_the_directory(
    dashboard: Dashboard, simulator: Simulator
) -> None:
    await on_the_shelves(simulator, dashboard.core.folder.path)
    await dashboard.services.reload()
    address = f"/api/watches/target/{SKU}/near"
    bare = (await dashboard.post(address, {"zip": "10001", "miles": 50})).json["stores"]
    assert bare[0]["pickup"] == "in_stock"
    assert bare[0]["city"] is None
    known = Store(
        retailer="target",
        ref=bare[0]["store_ref"],
        name="Bryant Park",
        city="New York",
        lat=40.75,
        lon=-73.99,
    )
    await dashboard.core.stores.import_baseline("target", [known], dashboard.core.clock.now())
    (joined_now, *_) = (await dashboard.post(address, {"zip": "10001", "miles": 50})).json["stores"]
    assert (joined_now["store_ref"], joined_now["city"]) == (bare[0]["store_ref"], "New York")
    assert (await dashboard.post("/api/watches/walmart/55885487/near", {"zip": "10001"})).status == 404
    assert (await dashboard.post(address, {"zip": "abc"})).status == 422


def test_the_command_says_what_is_wrong(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folders = ("--config-dir", str(tmp_path / "c"), "--data-dir", str(tmp_path / "d"))
    for words, status, said in (
        (("check", "walmart:55885487", "--near", "10001"), 1, "Target and Best Buy do"),
        (("check", "1001", "1002", "--near", "10001"), 2, "name one SKU"),
        (("check", "1001", "--near", "abc"), 2, "five digits"),
        (("check", "1001", "-r", "bestby"), 2, "'bestby' is no retailer whose stock can be watched"),
    ):
        assert main((*folders, *words)) == status
        assert said in capsys.readouterr().err
