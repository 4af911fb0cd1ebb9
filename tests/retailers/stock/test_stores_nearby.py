"""What the stores near a ZIP have: read from the answers of both retailers that tell it."""

from __future__ import annotations

from typing import Any

import pytest
from tests.paths import needs_recordings
from tests.retailers.stock.stock_pages import BESTBUY, TARGET, page, recorded

from shopwatch.domain.errors import Gone, LayoutChanged
from shopwatch.domain.stock import Availability
from shopwatch.retailers.stock import bestbuy_stores, target_stores
from shopwatch.retailers.stock.target import TARGET_STOCK

SKU = "13356914"
IN, OUT, UNKNOWN = Availability.IN_STOCK, Availability.OUT_OF_STOCK, Availability.UNKNOWN


def location(ref: str, miles: float, pickup: str, in_store: str, pieces: float) -> dict[str, Any]:
    return {
        "location_id": ref,
        "distance": miles,
        "location_available_to_promise_quantity": pieces,
        "order_pickup": {"availability_status": pickup, "guest_pick_sla": 120},
        "in_store_only": {"availability_status": in_store},
        "store": {"store_id": ref, "location_name": "O&#39;Fallon"},
    }


def fiats(*locations: dict[str, Any], sku: str = SKU) -> object:
    return page({"data": {"fulfillment_fiats": {"product_id": sku, "locations": list(locations)}}})


def test_targets_stores_nearest_first_with_pickup_and_shelf_apart() -> None:
    answer: Any = fiats(
        location("2", 12.5, "UNAVAILABLE", "LIMITED_STOCK", 1.0),
        location("1", 3.1, "IN_STOCK", "IN_STOCK", 21.0),
        location("3", 20.0, "IN_STOCK", "A_NEW_WORD", 0.0),
    )
    near, far, odd = target_stores.read_pickup(answer, SKU, TARGET)
    assert (near.store_ref, near.name, near.miles) == ("1", "O'Fallon", 3.1)
    assert (near.pickup, near.in_store, near.quantity) == (IN, IN, 21)
    assert (far.pickup, far.in_store) == (OUT, Availability.LIMITED)
    assert (odd.pickup, odd.in_store) == (UNKNOWN, UNKNOWN), "in stock with nothing to promise"


@pytest.mark.parametrize("body", ["", "{}", "null", '{"data":{}}', '{"data":{"fulfillment_fiats":null}}'])
def test_a_strange_page_is_a_layout_change_and_never_no_store(body: str) -> None:
    with pytest.raises(LayoutChanged):
        target_stores.read_pickup(page(body), SKU, TARGET)
    with pytest.raises(LayoutChanged):
        bestbuy_stores.read_pickup(page(body), SKU, BESTBUY)


def test_a_product_target_does_not_know_is_gone() -> None:
    with pytest.raises(Gone, match="no product found"):
        target_stores.read_pickup(
            page('{"errors":[{"message":"No product found with tcin 1"}]}'), "1", TARGET
        )


def test_stores_of_another_product_are_refused() -> None:
    answer: Any = fiats(sku="1")
    with pytest.raises(LayoutChanged, match="about 1, not 13356914"):
        target_stores.read_pickup(answer, SKU, TARGET)


def test_the_request_names_product_and_place() -> None:
    assert TARGET_STOCK.pickup_request is not None
    url = TARGET_STOCK.pickup_request(SKU, "20147", TARGET).url
    assert "/fiats_v1?" in url
    assert "nearby=20147" in url
    assert f"tcin={SKU}" in url


@needs_recordings
@pytest.mark.recordings
def test_recorded_answers_of_best_buy() -> None:
    some = recorded("bestbuy-stock/realtime_store_id.json")[0]["response"]
    (store,) = bestbuy_stores.read_pickup(page(some), "4971902", BESTBUY)
    assert (store.store_ref, store.name, store.pickup) == ("281", "Richfield", IN)
    none = recorded("bestbuy-stock/realtime_unavailable.json")[0]["response"]
    assert bestbuy_stores.read_pickup(page(none), "5919830", BESTBUY) == []


def test_a_contradiction_is_refused_and_low_stock_is_limited() -> None:
    stores = [{"storeID": "281", "name": "Richfield", "lowStock": True}]
    with pytest.raises(LayoutChanged):
        bestbuy_stores.read_pickup(page({"ispuEligible": False, "stores": stores}), SKU, BESTBUY)
    (store,) = bestbuy_stores.read_pickup(page({"ispuEligible": True, "stores": stores}), SKU, BESTBUY)
    assert store.pickup is Availability.LIMITED
