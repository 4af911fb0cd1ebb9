"""Every body that Target once answered, and what must be read from it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.paths import RECORDINGS, needs_recordings
from tests.retailers.stock.stock_pages import ANYWHERE, TARGET, bodies, page, recorded

from shopwatch.domain.errors import Blocked, LayoutChanged
from shopwatch.domain.stock import Availability
from shopwatch.retailers.stock.target import TARGET_STOCK, recognise_wall
from shopwatch.retailers.stock.target_answer import read, read_any, read_details

pytestmark = [needs_recordings, pytest.mark.recordings]

IN, OUT, PRE, UNKNOWN = "in_stock", "out_of_stock", "preorder", "unknown"

STOCK = [
    # file, path of the body inside, sku, shipping, pickup, in store, quantity, why
    ("api_response_debug.json", "", "94886127", OUT, OUT, OUT, None, "shipping PRE_ORDER_UNSELLABLE"),
    ("api_response_debug.json", "", "94300072", OUT, OUT, OUT, None, "shipping OUT_OF_STOCK"),
    ("api_response_debug.json", "", "94864079", OUT, OUT, OUT, None, "shipping PRE_ORDER_UNSELLABLE"),
    ("api_response_debug.json", "", "13356914", UNKNOWN, UNKNOWN, UNKNOWN, None, "not in the answer"),
    ("batch_preorder_response.json", "", "94681776", OUT, OUT, OUT, None, "shipping PRE_ORDER_UNSELLABLE"),
    # said to be out of stock in all stores, and sellable all the same
    ("batch_preorder_response.json", "", "94723520", PRE, OUT, OUT, None, "shipping PRE_ORDER_SELLABLE"),
    ("batch_preorder_response.json", "", "94827553", PRE, OUT, OUT, None, "shipping PRE_ORDER_SELLABLE"),
    ("batch_preorder_response.json", "", "94734932", PRE, OUT, OUT, None, "shipping PRE_ORDER_SELLABLE"),
    ("success_fulfillment_94681776_var1.json", "", "94681776",
     OUT, OUT, OUT, None, "shipping PRE_ORDER_UNSELLABLE"),
    ("drop-1011209279.json", "/drop/redskyBodies/3/body", "1011209279",
     OUT, OUT, OUT, 0, "shipping OUT_OF_STOCK"),
    ("drop-1011209279.json", "/instock/redskyBodies/0/body", "13356914", IN, IN, IN, 99, "shipping IN_STOCK"),
]  # fmt: skip

DETAILS = [
    # file, path of the body inside, sku, title, price, seller, limit, street date
    ("full_analysis_89542109_in_stock.json", "", "89542109",
     "Pokémon Trading Card Game: Quaquaval ex Deluxe Battle Deck", "$14.99", None, 2, None),
    ("full_analysis_94681770_out_of_stock.json", "", "94681770",
     "Pokémon Trading Card Game: Scarlet & Violet—Black Bolt Booster Bundle",
     "$31.99", None, 2, "2025-08-22"),
    ("pdp_response.json", "", "94886127",
     "Pokémon Trading Card Game: Mega Evolution Booster Display", "$179.99", None, 2, "2025-09-24"),
    ("preorder_response_94723520_In_Stock_Pre-order.json", "", "94723520",
     "Yu-Gi-Oh! Trading Card Game: Shonen Jump Tin - Mega Pack", "$24.99", None, 2, "2025-09-05"),
    ("tcin_1001304528_response_1.json", "", "1001304528",
     "Pokemon Scarlet & Violet 151 | Booster Pack", "$19.99", "BlueProton", 10, None),
    ("drop-1011209279.json", "/drop/redskyBodies/4/body", "1011209279",
     "Pokémon Trading Card Game: First Partner Illustration CollectionSeries 2",
     "$17.99", None, 2, "2026-06-19"),
]  # fmt: skip

#: Files that hold no answer about stock: what they are instead, and that nothing is read from them.
SILENT = {
    "api-probes.json": "cart answers, cut short by the capture",
    "atc-network.json": "a cart line: tcin and fulfillment, but no stock",
    "location_fulfillment_response.json": "preferred stores",
    "product-1011209279.json": "what the page showed, and its own event posts",
    "product-13276134.json": "another product than its address says",
    "target-checkout-high-demand-modal.html": "a checkout page",
    "target-checkout-ready.html": "a checkout page",
}


def body_of(file: str, path: str) -> str:
    if not path:
        return (RECORDINGS / "target-stock" / file).read_text("utf-8")
    return dict(bodies(recorded(f"target-stock/{file}")))[path]


@pytest.mark.parametrize("row", STOCK, ids=lambda row: f"{row[2]} {row[-1]}")
def test_stock_of_a_recorded_answer(row: Any) -> None:
    file, path, sku, shipping, pickup, in_store, quantity, why = row
    (seen,) = read(page(body_of(file, path)), [sku], ANYWHERE)
    assert (seen.availability, seen.pickup, seen.in_store) == (shipping, pickup, in_store)
    assert (seen.quantity, seen.reason) == (quantity, why)
    assert seen.evidence is not None
    json.dumps(seen.evidence.seen)


@pytest.mark.parametrize("row", DETAILS, ids=lambda row: row[2])
def test_details_of_a_recorded_answer(row: Any) -> None:
    file, path, sku, title, price, seller, limit, street_date = row
    details = read_details(page(body_of(file, path)), sku, TARGET)
    assert details.title == title
    assert details.offer is not None
    assert (str(details.offer.price), details.offer.sold_by) == (price, seller)
    assert (details.purchase_limit, details.street_date) == (limit, street_date)
    assert details.image_url
    assert details.image_url.startswith("https://target.scene7.com/is/image/Target/GUEST_")


@pytest.mark.parametrize("row", DETAILS, ids=lambda row: row[0])
def test_details_have_no_stock_and_so_tell_none(row: Any) -> None:
    file, path, sku, *_ = row
    (seen,) = read(page(body_of(file, path)), [sku], ANYWHERE)
    assert (seen.availability, seen.reason) == (Availability.UNKNOWN, "no shipping status in the answer")


def test_every_recorded_file_is_in_a_table() -> None:
    files = {path.name for path in (RECORDINGS / "target-stock").iterdir()}
    assert files == {row[0] for row in STOCK} | {row[0] for row in DETAILS} | set(SILENT)


@pytest.mark.parametrize("file", SILENT)
def test_what_is_no_stock_answer_is_a_changed_layout_and_never_a_verdict(file: Any) -> None:
    with pytest.raises(LayoutChanged):
        read(page(body_of(file, "")), ["13356914"], TARGET)


@pytest.mark.parametrize("file", [name for name in SILENT if name.endswith(".json")])
@pytest.mark.parametrize("sku", ["13356914", "1011209279", "13276134"])
def test_nothing_inside_a_silent_capture_tells_stock(file: Any, sku: Any) -> None:
    capture = recorded(f"target-stock/{file}")
    documents = [capture]
    for _, text in bodies(capture):
        if text.endswith("}"):
            documents.append(json.loads(text))
    for document in documents:
        seen = read_any(document, sku, page(""))
        assert seen is None or seen.availability is Availability.UNKNOWN


def test_the_walls_of_the_capture_are_recognised_and_its_answers_are_not() -> None:
    drop = recorded("target-stock/drop-1011209279.json")
    captured = [*drop["drop"]["redskyBodies"], *drop["instock"]["redskyBodies"]]
    walls = 0
    for one in captured:
        if one["status"] == 403:
            walls += 1
            with pytest.raises(Blocked) as caught:
                recognise_wall(page(one["body"], status=403))
            assert caught.value.challenge
        else:
            recognise_wall(page(one["body"], status=one["status"]))
    assert walls >= 6


@pytest.mark.parametrize("file", [name for name in SILENT if name.endswith(".html")])
def test_a_normal_page_of_the_site_is_no_wall(file: Any) -> None:
    recognise_wall(page(body_of(file, "")))


def test_recommended_products_beside_the_wanted_one_are_not_it() -> None:
    tiles = json.loads(body_of("drop-1011209279.json", "/drop/redskyBodies/5/body"))
    assert read_any(tiles, "1011209279", page("")) is None
    tile = read_any(tiles, "1009790281", page(""))
    assert tile is not None
    assert tile.availability is Availability.UNKNOWN
    assert tile.offer is not None
    assert str(tile.offer.price) == "$115.00"


def test_the_page_listener_reads_the_stock_object_wherever_it_is_nested() -> None:
    inner = json.loads(body_of("drop-1011209279.json", "/instock/redskyBodies/0/body"))
    posted = {"modules": [{"module_type": "X", "module_data": inner}]}
    seen = read_any(posted, "13356914", page(""))
    assert seen is not None
    assert (seen.availability, seen.pickup, seen.quantity) == (IN, IN, 99)


def test_an_address_of_the_captures_names_its_product() -> None:
    url = recorded("target-stock/atc-network.json")["productLink"]
    assert TARGET_STOCK.sku_from_url(url) == "13356914"
