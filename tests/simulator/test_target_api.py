"""Target's stock API behaves as the facts say: batches, partial answers, keys, retired parts, stores."""

from __future__ import annotations

import html
from typing import Any
from urllib.parse import urlsplit

import pytest
from tests.simulator_fixture import TARGET_KEY, Simulator

SKU, OTHER = "20000001", "20000002"
STALE_KEY = "feaf228eb2777fd3eee0fd5192ae7107d6224b39"


async def entries(simulator: Simulator, *tcins: str, **query: str) -> dict[str, Any]:
    answer = await simulator.summary(*tcins, **query)
    return {entry["tcin"]: entry for entry in answer.json["data"]["product_summaries"]}


async def skus(simulator: Simulator, count: int) -> list[str]:
    shown = await simulator.tell("GET", f"/products/target?limit={count}")
    return [product["sku"] for product in shown["products"]]


async def test_a_flip_is_in_the_next_answer(simulator: Simulator) -> None:
    seen = []
    for word in ("OUT_OF_STOCK", "IN_STOCK", "OUT_OF_STOCK", "WORD_NEVER_SEEN"):
        await simulator.put(SKU, ship=word)
        entry = (await entries(simulator, SKU))[SKU]
        seen.append(entry["fulfillment"]["shipping_options"]["availability_status"])
    assert seen == ["OUT_OF_STOCK", "IN_STOCK", "OUT_OF_STOCK", "WORD_NEVER_SEEN"]


async def test_thirty_are_answered_and_thirty_one_refused(simulator: Simulator) -> None:
    asked = await skus(simulator, 31)
    answer = await simulator.summary(*asked[:30])
    assert answer.status == 200
    assert [entry["tcin"] for entry in answer.json["data"]["product_summaries"]] == asked[:30]
    answer = await simulator.summary(*asked)
    assert answer.json == {"errors": [{"message": "Tcins cannot be more than 30"}]}


async def test_an_unknown_product_is_missing_and_named_beside(simulator: Simulator) -> None:
    await simulator.put(SKU)
    answer = await simulator.summary("1", SKU)
    assert answer.status == 206
    assert answer.json["errors"] == [{"message": "No product found with tcin 1"}]
    assert [entry["tcin"] for entry in answer.json["data"]["product_summaries"]] == [SKU]


async def test_206_may_be_whole(simulator: Simulator) -> None:
    await simulator.put(SKU, ship="IN_STOCK")
    whole = await simulator.summary(SKU)
    await simulator.fault("206", site="target-api")
    partial = await simulator.summary(SKU)
    assert (whole.status, partial.status) == (200, 206)
    assert whole.body == partial.body


async def test_the_digital_location_is_no_store(simulator: Simulator) -> None:
    await simulator.put(SKU)
    assert (await simulator.summary(SKU, store_id="3991")).status == 206


@pytest.mark.parametrize(("key", "status"), [("", 401), ("0" * 40, 403), (TARGET_KEY, 200)])
async def test_a_key_is_wanted(simulator: Simulator, key: str, status: int) -> None:
    await simulator.put(SKU)
    answer = await simulator.summary(SKU, key=key)
    assert answer.status == status
    assert ("unauthorized" in answer.text) is (status != 200)


@pytest.mark.parametrize(
    ("name", "query", "status"),
    [
        ("product_summary_with_fulfillment_v1", {"store_id": "1"}, 400),
        ("product_summary_with_fulfillment_v1", {"tcins": "1"}, 400),
        ("product_fulfillment_v1", {}, 400),
        ("product_fulfillment_v1", {"tcin": "1", "store_id": "1"}, 404),
        ("pdp_client_v1", {"tcin": "1"}, 404),
        ("pdp_fulfillment_v1", {"tcin": "1"}, 410),
        ("plp_search_v1", {"keyword": "x"}, 410),
        ("product_fulfillment_and_price_v1", {"tcin": "1"}, 400),
        ("plp_search_v2", {"keyword": "x"}, 400),
        ("nearby_stores_v1", {}, 400),
        ("store_location_v1", {"store_id": "0"}, 404),
        ("never_heard_of_v1", {}, 404),
    ],
)
async def test_wrong_questions_get_their_status(
    simulator: Simulator, name: str, query: dict[str, str], status: int
) -> None:
    assert (await simulator.of_target(name, **query)).status == status


async def test_the_older_segment_answers_too(simulator: Simulator) -> None:
    await simulator.put(SKU)
    path = "target-api:/redsky_aggregations/v1/web_platform/product_fulfillment_v1"
    answer = await simulator.get(path, params={"key": TARGET_KEY, "tcin": SKU, "store_id": "2272"})
    assert answer.json["data"]["product"]["tcin"] == SKU


async def test_without_a_store_only_shipping_comes_back(simulator: Simulator) -> None:
    await simulator.put(SKU, ship="IN_STOCK")
    product = (await simulator.of_target("product_fulfillment_v1", tcin=SKU)).json["data"]["product"]
    assert product["fulfillment"]["shipping_options"]["availability_status"] == "IN_STOCK"
    assert "store_options" not in product["fulfillment"]


async def test_quantities_are_clamped_and_contradictions_told(simulator: Simulator) -> None:
    async def quantity() -> float:
        product = (await simulator.of_target("product_fulfillment_v1", tcin=SKU, store_id="1")).json
        shipping = product["data"]["product"]["fulfillment"]["shipping_options"]
        return float(shipping["available_to_promise_quantity"])

    await simulator.put(SKU, ship="IN_STOCK", quantity=5000, limit=None)
    assert await quantity() == 99.0
    await simulator.put(SKU, limit=2)
    assert await quantity() == 10.0
    await simulator.put(SKU, quantity=0)
    assert await quantity() == 0.0


async def test_the_last_piece_on_the_shelf_cannot_be_ordered(simulator: Simulator) -> None:
    await simulator.put(SKU, in_store="LIMITED_STOCK")
    (option,) = (await entries(simulator, SKU))[SKU]["fulfillment"]["store_options"]
    assert option["location_available_to_promise_quantity"] == 1.0
    assert option["order_pickup"]["availability_status"] == "UNAVAILABLE"


@pytest.mark.parametrize("state", [{"ship": "OUT_OF_STOCK"}, {"ship": "IN_STOCK"}, {"ship": "DISCONTINUED"}])
async def test_sold_out_is_never_said(simulator: Simulator, state: dict[str, str]) -> None:
    await simulator.put(SKU, **state)
    assert (await entries(simulator, SKU))[SKU]["fulfillment"]["sold_out"] is False


async def test_a_store_may_differ_from_the_others(simulator: Simulator) -> None:
    await simulator.put(SKU, stores={"865": {"pickup": "IN_STOCK", "quantity": 3}})
    words = {}
    for store_id in ("865", "2272"):
        (option,) = (await entries(simulator, SKU, store_id=store_id))[SKU]["fulfillment"]["store_options"]
        words[option["location_id"]] = option["order_pickup"]["availability_status"]
    assert words == {"865": "IN_STOCK", "2272": "UNAVAILABLE"}


async def test_a_title_is_escaped_and_the_address_leads_into_the_simulator(simulator: Simulator) -> None:
    await simulator.put(SKU, title="Pokémon: Illumineer's & more")
    item = (await entries(simulator, SKU))[SKU]["item"]
    title = item["product_description"]["title"]
    assert title == "Pok&#233;mon: Illumineer&#39;s &#38; more"
    assert html.unescape(title) == "Pokémon: Illumineer's & more"
    address = urlsplit(item["enrichment"]["buy_url"])
    assert f"{address.scheme}://{address.netloc}" == simulator.origins["target"]
    assert (await simulator.get(item["enrichment"]["buy_url"])).status == 200


async def test_every_address_in_an_answer_is_of_the_simulator(simulator: Simulator) -> None:
    await simulator.put(SKU, limit=2)
    body = (await simulator.of_target("pdp_client_v1", tcin=SKU)).json
    image = body["data"]["product"]["item"]["enrichment"]["image_info"]["primary_image"]["url"]
    assert "://" not in str(body).replace(simulator.origins["target"], "")
    assert (await simulator.get(image)).status == 200


async def price_of(simulator: Simulator, tcin: str) -> dict[str, Any]:
    product = (await simulator.of_target("pdp_client_v1", tcin=tcin)).json["data"]["product"]
    return dict(product["price"])


async def test_prices_are_dollars(simulator: Simulator) -> None:
    await simulator.put(SKU, price_cents=123499)
    price = await price_of(simulator, SKU)
    assert (price["current_retail"], price["formatted_current_price"]) == (1234.99, "$1,234.99")
    assert price["location_id"] == 3991


async def test_a_sale_shows_both_prices(simulator: Simulator) -> None:
    await simulator.put(SKU, price_cents=1500, regular_cents=2000)
    price = await price_of(simulator, SKU)
    assert (price["current_retail"], price["reg_retail"], price["formatted_current_price_type"]) == (
        15,
        20,
        "sale",
    )
    assert (price["save_dollar"], price["save_percent"]) == (5, 25)


async def test_a_hidden_price_is_not_told(simulator: Simulator) -> None:
    await simulator.put(SKU, price_hidden=True)
    price = await price_of(simulator, SKU)
    assert price["formatted_current_price"] == "See price in cart"
    assert "current_retail" not in price


async def test_a_variation_is_answered_with_its_parent(simulator: Simulator) -> None:
    await simulator.put(OTHER, kind="VC", parent=SKU, price="5", variation="Blue")
    await simulator.put("20000003", kind="VC", parent=SKU, price="9", variation="Red")
    await simulator.put(SKU, kind="VAP", children=[OTHER, "20000003"])
    product = (await simulator.of_target("pdp_client_v1", tcin=OTHER)).json["data"]["product"]
    assert product["tcin"] == SKU
    assert product["item"]["relationship_type_code"] == "VAP"
    assert (product["price"]["current_retail_min"], product["price"]["reg_retail_max"]) == (5, 9)
    assert "current_retail" not in product["price"]
    children = {child["tcin"]: child["price"]["current_retail"] for child in product["children"]}
    assert children == {OTHER: 5, "20000003": 9}


async def test_a_marketplace_is_told_in_batches_and_prices(simulator: Simulator) -> None:
    await simulator.put(SKU, marketplace=True, seller="Tim's Cards")
    await simulator.put(OTHER)
    found = await entries(simulator, SKU, OTHER)
    assert found[SKU]["item"]["fulfillment"] == {"is_marketplace": True}
    assert found[OTHER]["item"]["fulfillment"] == {}
    assert {entry["item"]["relationship_type_code"] for entry in found.values()} == {"SA"}


async def test_search_finds_by_words_and_says_the_first_twice(simulator: Simulator) -> None:
    for n, name in enumerate(("Zebra Cards A", "Zebra Cards B", "Zebra Box")):
        await simulator.put(f"2000000{n}", title=name)
    query = {"keyword": "zebra cards", "channel": "WEB", "page": "/s/zebra", "pricing_store_id": "1"}
    found = (await simulator.of_target("plp_search_v2", visitor_id="X", **query)).json["data"]["search"]
    assert [hit["tcin"] for hit in found["products"]] == ["20000000", "20000001", "20000000"]
    assert found["search_response"]["metadata"]["total_results"] == 2


async def a_place(simulator: Simulator) -> str:
    """A postcode with a store."""
    return str((await simulator.tell("GET", "/stores/target"))["stores"][0]["postcode"])[:5]


async def test_the_api_shows_the_stores_of_the_store_set(simulator: Simulator) -> None:
    place = await a_place(simulator)
    sample = (await simulator.of_target("nearby_stores_v1", place=place, within="3000", limit="3")).json
    stores = sample["data"]["nearby_stores"]["stores"]
    assert len(stores) == 3
    assert [store["distance"] for store in stores] == sorted(store["distance"] for store in stores)
    one = (await simulator.of_target("store_location_v1", store_id=stores[0]["store_id"])).json["data"][
        "store"
    ]
    assert one["location_name"] == stores[0]["location_name"]
    await simulator.put(SKU, ship="IN_STOCK")
    (option,) = (await entries(simulator, SKU, store_id=one["store_id"]))[SKU]["fulfillment"]["store_options"]
    assert option["store"]["location_name"] == one["location_name"]


async def test_a_stale_key_gets_a_store_with_nothing_in_it(simulator: Simulator) -> None:
    path = "target-api:/redsky_aggregations/v1/web/store_location_v1"
    answer = await simulator.get(path, params={"key": STALE_KEY, "store_id": "1"})
    assert (answer.status, answer.json) == (200, {})


async def test_stores_that_have_a_product_can_be_asked_for(simulator: Simulator) -> None:
    place = await a_place(simulator)
    query = {"tcin": SKU, "nearby": place, "radius": "3000", "limit": "5"}
    near = (await simulator.of_target("nearby_stores_v1", place=place, within="3000")).json
    first = near["data"]["nearby_stores"]["stores"][0]["store_id"]
    await simulator.put(SKU, stores={first: {"pickup": "IN_STOCK", "quantity": 4}})
    found = (await simulator.of_target("fiats_v1", **query)).json["data"]["fulfillment_fiats"]
    assert (found["product_id"], len(found["locations"])) == (SKU, 5)
    only = (await simulator.of_target("fiats_v1", include_only_available_stores="true", **query)).json
    (location,) = only["data"]["fulfillment_fiats"]["locations"]
    assert (location["location_id"], location["location_available_to_promise_quantity"]) == (first, 4.0)


async def test_a_page_may_read_the_api_with_cookies(simulator: Simulator) -> None:
    answer = await simulator.ask("OPTIONS", "target-api:/redsky_aggregations/v1/web/pdp_client_v1")
    assert answer.status == 200
    assert answer.headers["access-control-allow-origin"] == simulator.origins["target"]
    assert answer.headers["access-control-allow-credentials"] == "true"
