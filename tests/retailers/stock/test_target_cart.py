"""Target's cart answers: every way of saying no is told apart, and nothing is guessed."""

from __future__ import annotations

from typing import Any

import pytest

from shopwatch.domain.cart import EMPTY, CartLine, NotSoldWhy, OrderLine
from shopwatch.domain.checkout_probe import Answered, Reading
from shopwatch.domain.errors import Blocked, LayoutChanged, NotSold, Unreachable
from shopwatch.domain.money import Money
from shopwatch.domain.stock import UNNAMED_SELLER
from shopwatch.retailers.stock import target_cart, target_orders

LINE = {"tcin": "1", "quantity": 2, "unit_price": 4.59, "current_price": 4.29}
ALERT = {"alerts": [{"code": "INVENTORY_UNAVAILABLE"}], "code": "DEPENDENT_SERVICE_ERROR"}


def answer(status: int, body: object = None, **headers: str) -> Answered:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answered(url="https://carts.x/cart", status=status, headers=named, body=body)


def cart(**change: Any) -> dict[str, Any]:
    return {"cart_items": [LINE], "summary": {"grand_total": 9.35}, "alerts": []} | change


def test_204_is_an_empty_cart() -> None:
    assert target_cart.read_cart(answer(204)) == EMPTY


def test_a_cart_is_read_in_cents() -> None:
    read = target_cart.read_cart(answer(200, cart()))
    assert read.lines == (CartLine(sku="1", quantity=2, unit_price=Money(429)),)
    assert read.total == Money(935)


def test_a_marketplace_line_is_no_line_of_target() -> None:
    body = cart(cart_items=[LINE | {"item_indicators": {"is_marketplace": True}}])
    assert target_cart.read_cart(answer(200, body)).lines[0].sold_by == UNNAMED_SELLER


def test_an_add_on_alone_cannot_be_ordered() -> None:
    alert = {"code": "CART_NOT_MET_ADD_ON_THRESHOLD", "level": "ERROR", "metadata": {"threshold": "35.00"}}
    read = target_cart.read_cart(answer(200, cart(alerts=[alert])))
    assert read.cannot_order == ("it cannot be ordered alone: an add-on below $35.00",)


@pytest.mark.parametrize(
    "body", [None, [], {"cart_items": [{}]}, cart(summary={"grand_total": "x"}), {"cart_items": 5}]
)
def test_a_cart_that_is_not_understood_is_no_empty_cart(body: object) -> None:
    with pytest.raises(LayoutChanged):
        target_cart.read_cart(answer(200, body))


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (answer(424, ALERT), NotSoldWhy.SOLD_OUT),
        (answer(424, {"code": "DEPENDENT_SERVICE_ERROR"}), NotSoldWhy.UNCLEAR),
        (answer(400, {"code": "MAX_PURCHASE_LIMIT_EXCEEDED"}), NotSoldWhy.LIMIT),
        (answer(401, {"code": "_ERR_AUTH_DENIED"}), NotSoldWhy.SESSION),
        (answer(429, tgt_cart_error_key="FAST_SELLING"), NotSoldWhy.THROTTLED),
        (answer(409), NotSoldWhy.UNCLEAR),
    ],
)
def test_each_refusal_means_what_it_means(said: Answered, why: NotSoldWhy) -> None:
    refused = target_cart.not_added(said)
    assert isinstance(refused, NotSold)
    assert refused.why == why


def test_a_throttled_drop_says_which_limit_it_was() -> None:
    refused = target_cart.not_added(answer(429, tgt_cart_error_key="FAST_SELLING"))
    assert refused is not None
    assert refused.reason == "too many shoppers at once (429 FAST_SELLING)"


def test_a_block_and_an_outage_are_no_refusals_of_the_cart() -> None:
    assert isinstance(target_cart.not_added(answer(403)), Blocked)
    assert isinstance(target_cart.not_added(answer(503)), Unreachable)


@pytest.mark.parametrize("status", [200, 201])
def test_taken_is_taken(status: int) -> None:
    assert target_cart.not_added(answer(status, {})) is None


def test_the_page_is_the_second_witness() -> None:
    reading = Reading(total="Total\n$1,037.00", ship_to=", 20147-0000", card="Mastercard *4444")
    read = target_cart.with_page(reading, EMPTY)
    assert (read.page_total, read.ship_to_zip, read.card_last_four) == (Money(103_700), "20147", "4444")


def test_what_the_page_does_not_show_stays_unknown() -> None:
    read = target_cart.with_page(Reading(total="Total", card="Mastercard"), EMPTY)
    assert (read.page_total, read.ship_to_zip, read.card_last_four) == (None, None, None)


def test_orders_are_read_with_their_moment() -> None:
    order = {
        "order_number": "102003",
        "placed_date": "2026-06-28T10:00:00Z",
        "summary": {"grand_total": "37.00"},
        "order_lines": [{"item": {"tcin": "1"}, "quantity": 1}],
    }
    (read,) = target_orders.read_orders(answer(200, {"orders": [order]}))
    assert (read.number, read.total, read.lines) == ("102003", Money(3700), (OrderLine(sku="1", quantity=1),))
    assert read.placed_at is not None
    (dated,) = target_orders.read_orders(answer(200, {"orders": [order | {"placed_date": "2026-06-28"}]}))
    assert dated.placed_at is None, "a day is no moment"


@pytest.mark.parametrize("body", [None, {}, {"orders": [{}]}, []])
def test_a_history_that_is_not_understood_is_no_empty_history(body: object) -> None:
    with pytest.raises(LayoutChanged):
        target_orders.read_orders(answer(200, body))


def test_the_order_number_is_the_one_people_see() -> None:
    body = {"orders": [{"order_id": "a-b", "reference_id": "102003"}]}
    assert target_orders.order_number(body) == "102003"
    assert target_orders.order_number({"orders": []}) is None
    assert target_orders.order_number(None) is None
