"""From the cart to the order book: every way in which a purchase at the simulated Target can go."""

from __future__ import annotations

import re
from typing import Any

import pytest
from selectolax.lexbor import LexborHTMLParser
from tests.paths import RECORDINGS, needs_recordings
from tests.simulator_fixture import Simulator, hung_up
from tests.target_shopper import CARTS, SKU, Shopper, text_of

BUTTON = '[data-test="placeOrderButton"]'
TOTAL = '[data-test="cart-summary-total"] p'


@pytest.fixture
async def shopper(simulator: Simulator) -> Shopper:
    """Somebody who is signed in and has one piece at $27.99 in the cart."""
    await simulator.put(SKU, ship="IN_STOCK", price=27.99, quantity=10, limit=None, title="Water Bottle")
    shopper = Shopper(simulator)
    await shopper.sign_in()
    assert (await shopper.add()).status == 201
    return shopper


def is_ready(page: LexborHTMLParser) -> bool:
    """Whether the page says that the order can be placed, by the recorded marks."""
    button = page.css_first(BUTTON)
    return (
        button is not None
        and not {"disabled", "aria-disabled"} & button.attributes.keys()
        and not page.css('[data-test^="save_and_continue_button_step_"]')
        and not page.css('#cartLoading[data-visible="true"]')
        and not page.css('[role="dialog"]')
    )


# -- the bill


async def test_page_and_cart_agree_on_the_recorded_bill(shopper: Shopper) -> None:
    page, summary = await shopper.page("/checkout"), (await shopper.cart()).json["summary"]
    assert text_of(page, TOTAL) == "$37.00"
    assert (summary["total_product_amount"], summary["total_tax"], summary["grand_total"]) == (
        27.99,
        3.02,
        37.0,
    )
    assert text_of(page, '[data-test="cart-summary-fulfillment"] button') == "$5.99"
    assert text_of(await shopper.page("/cart"), TOTAL) == "$37.00"


async def test_from_35_dollars_on_shipping_is_free(shopper: Shopper) -> None:
    await shopper.add()
    page = await shopper.page("/checkout")
    assert text_of(page, '[data-test="cart-summary-fulfillment"] button') == "Free"
    assert text_of(page, TOTAL) == "$60.95"


async def test_tax_can_push_the_total_over_a_cap(shopper: Shopper) -> None:
    await shopper.settings(tax_rate=0.5, shipping_cents=0)
    assert (await shopper.cart()).json["summary"]["grand_total"] == 41.99


async def test_a_guest_is_told_neither_tax_nor_shipping(shopper: Shopper) -> None:
    guest = Shopper(shopper.simulator, "GUEST")
    await guest.add()
    cart = (await guest.cart()).json
    assert (cart["guest_type"], cart["summary"]["grand_total"]) == ("GUEST", 27.99)
    assert (await shopper.cart()).json["guest_type"] != "GUEST"


async def test_the_price_may_change_between_page_and_cart(shopper: Shopper) -> None:
    await shopper.settings(price_change_cents=500)
    line = (await shopper.cart()).json["cart_items"][0]
    assert (line["unit_price"], line["current_price"]) == (32.99, 32.99)
    assert text_of(await shopper.page("/cart"), '[data-test="cartItem-price"]') == "$32.99"


async def test_page_and_cart_may_disagree(shopper: Shopper) -> None:
    await shopper.settings(page_extra_cents=100)
    assert text_of(await shopper.page("/checkout"), TOTAL) == "$38.00"
    assert (await shopper.cart()).json["summary"]["grand_total"] == 37.0


async def test_a_foreign_line_lies_in_the_cart_until_it_is_taken_out(shopper: Shopper) -> None:
    await shopper.simulator.put("20000002", ship="IN_STOCK", price=12)
    await shopper.settings(foreign="20000002")
    lines = (await shopper.cart()).json["cart_items"]
    assert [line["tcin"] for line in lines] == [SKU, "20000002"]
    await shopper.ask("DELETE", f"{CARTS}/cart_items/{lines[1]['cart_item_id']}")
    assert [line["tcin"] for line in (await shopper.cart()).json["cart_items"]] == [SKU]


# -- the pages


async def test_the_cart_page_shows_its_lines(shopper: Shopper) -> None:
    page = await shopper.page("/cart")
    assert text_of(page, '[data-test="cartItem-title"]') == "Water Bottle"
    assert "disabled" not in page.css_first('[data-test="checkout-button"]').attributes  # type: ignore[union-attr]
    empty = await Shopper(shopper.simulator, "NOBODY").page("/cart")
    assert text_of(empty, '[data-test="boxEmptyMsg"]') == "Your cart is empty"


async def test_the_checkout_names_address_and_card(shopper: Shopper) -> None:
    await shopper.settings(zip_code="55401", card="Visa", card_suffix="1111", full_name="Ann <b>")
    page = await shopper.page("/checkout/start")
    assert is_ready(page)
    assert text_of(page, '[data-test="address-zip_code"]') == ", 55401-0000"
    assert text_of(page, '[data-test="address-full_name"]') == "Ann <b>"
    assert text_of(page, '[data-test="IconPaymentVisa"]') == "Visa *1111"


async def test_who_is_not_signed_in_or_has_nothing_sees_a_shell(shopper: Shopper) -> None:
    flyout = '[data-test="@web/auth-components/AuthSignInFlyout"]'
    guest = Shopper(shopper.simulator, "GUEST")
    await guest.add()
    page = await guest.page("/checkout")
    assert page.css(flyout)
    assert page.css('[data-test="checkout-loading-skeleton"]')
    assert not page.css(BUTTON)
    await guest.sign_in()
    assert not (await guest.page("/checkout")).css(flyout)
    await guest.place()
    assert not (await guest.page("/checkout")).css(BUTTON)


@pytest.mark.parametrize(
    ("state", "mark"),
    [
        ("step-shipping", '[data-test="save_and_continue_button_step_SHIPPING"]'),
        ("step-shipping", '#STEP_SHIPPING input[name="addressSelection"]'),
        ("step-shipping", "#active-step-heading-text"),
        ("step-payment", '[data-test="save_and_continue_button_step_PAYMENT"]'),
        ("step-gift", '[data-test="save_and_continue_button_step_GIFTOPTION"]'),
        ("verify-card", '[data-test="verify-card-button"]'),
        ("pickup-info", '[data-test="form-error-bucket"]'),
        ("cvv", '[role="dialog"] #enter-cvv'),
        ("pin", '[role="dialog"] #enter-pin'),
        ("high-demand", '[role="dialog"] [data-test="errorContent"]'),
        ("busy", '[role="dialog"]'),
        ("unavailable", '[role="dialog"]'),
        ("consent", '[role="dialog"][aria-label="Health Data Consent"]'),
        ("sign-in", '[data-test="@web/auth-components/AuthSignInFlyout"]'),
        ("disabled", f"{BUTTON}[disabled]"),
        ("aria-disabled", f'{BUTTON}[aria-disabled="true"]'),
        ("spinner", '#cartLoading[data-visible="true"]'),
        ("skeleton", '[data-test="checkout-loading-skeleton"]'),
        ("error", "h1"),
    ],
)
async def test_every_state_shows_on_the_page(shopper: Shopper, state: str, mark: str) -> None:
    assert is_ready(await shopper.page("/checkout"))
    await shopper.settings(state=state)
    page = await shopper.page("/checkout")
    assert page.css(mark)
    assert state == "sign-in" or not is_ready(page)


@pytest.mark.parametrize(
    ("state", "step"),
    [("step-shipping", "SHIPPING"), ("step-payment", "PAYMENT"), ("verify-card", "PAYMENT"), ("pin", "PIN")],
)
async def test_a_step_has_to_be_closed_before_an_order(shopper: Shopper, state: str, step: str) -> None:
    await shopper.settings(state=state)
    assert (await shopper.place()).json["code"] == "CHECKOUT_INCOMPLETE"
    await shopper.ask("PUT", f"target-carts:/simulator/steps/{step}")
    assert is_ready(await shopper.page("/checkout"))
    assert (await shopper.place()).status == 201


# -- placing


async def test_an_order_is_booked_empties_the_cart_and_takes_from_the_shelf(shopper: Shopper) -> None:
    await shopper.add()
    answer = await shopper.place()
    assert answer.status == 201
    (order,) = await shopper.orders()
    assert (order["sku"], order["quantity"], order["total_cents"]) == (SKU, 2, 6095)
    assert (order["guest"], order["session"]) == ("Jane", shopper.cookies["login-session"])
    assert answer.json["orders"] == [
        {"order_id": order["order_id"], "reference_id": order["order_number"]},
    ]
    assert re.fullmatch(r"\d{10,15}", order["order_number"])
    assert (await shopper.cart()).status == 204
    assert (await shopper.simulator.tell("GET", f"/products/target/{SKU}"))["quantity"] == 8


async def test_the_last_piece_is_sold_out(shopper: Shopper) -> None:
    await shopper.simulator.put(SKU, quantity=1)
    assert (await shopper.place()).status == 201
    assert (await shopper.add()).status == 424
    flips = (await shopper.simulator.tell("GET", "/shelf/history"))["flips"]
    assert (flips[-1]["cause"], flips[-1]["buyable"]) == ("order", False)


async def test_what_is_gone_meanwhile_is_not_ordered(shopper: Shopper) -> None:
    await shopper.simulator.put(SKU, ship="OUT_OF_STOCK")
    answer = await shopper.place()
    assert (answer.status, answer.json["alerts"][0]["code"]) == (424, "INVENTORY_UNAVAILABLE")
    prepared = await shopper.ask("POST", f"{CARTS}/pre_checkout", json={"cart_type": "REGULAR"})
    assert prepared.status == 424
    assert await shopper.orders() == []


async def test_a_guest_cannot_order(shopper: Shopper) -> None:
    guest = Shopper(shopper.simulator, "GUEST")
    await guest.add()
    answer = await guest.place()
    assert (answer.status, answer.json["code"]) == (401, "ERR_UNAUTHORIZED")
    assert await shopper.orders() == []


async def test_an_empty_cart_cannot_be_ordered(shopper: Shopper) -> None:
    await shopper.place()
    assert (await shopper.place()).json["code"] == "EMPTY_CART"
    assert (await shopper.ask("POST", f"{CARTS}/pre_checkout")).status == 400
    assert len(await shopper.orders()) == 1


async def test_an_add_on_alone_cannot_be_ordered(shopper: Shopper) -> None:
    await shopper.simulator.put(SKU, price=4.29)
    page = await shopper.page("/cart")
    assert "disabled" in page.css_first('[data-test="checkout-button"]').attributes  # type: ignore[union-attr]
    assert not is_ready(await shopper.page("/checkout"))
    answer = await shopper.place()
    assert (answer.status, answer.json["code"]) == (400, "CART_NOT_MET_ADD_ON_THRESHOLD")


@pytest.mark.parametrize(
    ("confirmation", "status", "orders"),
    [("ok", 201, 1), ("slow", 201, 1), ("never", 201, 1), ("phantom", 201, 0), ("fail", 424, 0)],
)
async def test_the_answer_need_not_tell_the_truth(
    shopper: Shopper, confirmation: str, status: int, orders: int
) -> None:
    await shopper.settings(confirmation=confirmation, order_delay_ms=10)
    assert (await shopper.place()).status == status
    assert len(await shopper.orders()) == orders


@pytest.mark.parametrize(("confirmation", "orders"), [("hang", 1), ("lost", 0)])
async def test_the_answer_may_never_come(shopper: Shopper, confirmation: str, orders: int) -> None:
    await shopper.settings(confirmation=confirmation)

    async def asked() -> bool:
        (client,) = (await shopper.simulator.tell("GET", f"/requests?site={CARTS.partition(':')[0]}"))[
            "clients"
        ]
        return bool(client["in_flight"]) and len(await shopper.orders()) == orders

    await hung_up(shopper.place(), asked)
    assert len(await shopper.orders()) == orders


async def test_who_clicks_again_buys_again(shopper: Shopper) -> None:
    await shopper.settings(confirmation="never")
    await shopper.place()
    await shopper.place()
    assert len(await shopper.orders()) == 2


@pytest.mark.parametrize("settings", [{"confirmation": "throttled"}, {"state": "high-demand"}])
async def test_a_drop_refuses_with_a_header_only(shopper: Shopper, settings: dict[str, str]) -> None:
    await shopper.settings(**settings)
    answer = await shopper.place()
    assert (answer.status, answer.headers["tgt-cart-error-key"]) == (429, "RESERVATION_FAILURE")
    assert await shopper.orders() == []


# -- adding


@pytest.mark.parametrize(
    ("word", "status", "key"),
    [
        ("fast-selling", 429, "FAST_SELLING"),
        ("rate-limited", 429, "ERR_A2C_TCIN_RATE_LIMITED"),
        ("throttled", 429, "DCO_RATE_LIMITED"),
        ("auth-denied", 401, None),
        ("bare-424", 424, None),
        ("not-ready", 424, None),
        ("overloaded", 503, None),
        ("refused", 403, None),
    ],
)
async def test_adding_is_refused_in_as_many_ways(
    shopper: Shopper, word: str, status: int, key: str | None
) -> None:
    await shopper.settings(add=word)
    answer = await shopper.add()
    assert (answer.status, answer.headers.get("tgt-cart-error-key")) == (status, key)
    assert (await shopper.cart()).json["summary"]["items_quantity"] == 1
    if word == "bare-424":
        assert "alerts" not in answer.json


async def test_an_added_piece_may_be_there_without_an_answer(shopper: Shopper) -> None:
    await shopper.settings(add="hang")

    async def added() -> bool:
        return bool((await shopper.cart()).json["summary"]["items_quantity"] == 2)

    await hung_up(shopper.add(), added)


# -- afterwards


async def test_the_confirmation_says_thanks(shopper: Shopper) -> None:
    order = (await shopper.place()).json["orders"][0]
    page = await shopper.page(f"/order-confirmation?orderId={order['order_id']}")
    assert text_of(page, '[data-test="thank-you-message"]') == "Thanks for your order!"
    assert order["order_id"] in (page.body.text() if page.body else "")


async def test_the_history_shows_the_order_as_json_and_as_page(shopper: Shopper) -> None:
    order = (await shopper.place()).json["orders"][0]
    (shown,) = (await shopper.history()).json["orders"]
    assert shown["order_number"] == order["reference_id"]
    assert shown["summary"]["grand_total"] == "37.00"
    (line,) = shown["order_lines"]
    assert (line["item"]["tcin"], line["quantity"]) == (SKU, 1)
    assert line["fulfillment_spec"]["status"]["operations"]["is_cancellable"] is True
    link = (await shopper.page("/orders")).css_first('[data-test="order-details-link"]')
    assert link is not None
    assert link.attributes["href"] == f"/orders/{order['reference_id']}"
    detail = await shopper.page(str(link.attributes["href"]))
    assert detail.css(f'[data-test="order-line"][data-tcin="{SKU}"]')
    newer = await shopper.ask(
        "GET", "target-api:/post_orders/v1/orders/history", headers={"x-api-key": "none"}
    )
    assert newer.status == 401


async def test_the_history_may_lag_behind(shopper: Shopper) -> None:
    await shopper.settings(history_delay_s=3600)
    await shopper.place()
    assert (await shopper.history()).json["orders"] == []
    assert not (await shopper.page("/orders")).css('[data-test="order-details-link"]')
    await shopper.settings(history_delay_s=0)
    assert len((await shopper.history()).json["orders"]) == 1


async def test_the_history_is_ones_own(shopper: Shopper) -> None:
    await shopper.place()
    other = Shopper(shopper.simulator, "OTHER")
    assert (await other.history()).status == 401
    await other.sign_in(username="other@example.com")
    assert (await other.history()).json["orders"] == []
    await shopper.simulator.tell("POST", "/session/expire", {"kind": "access"})
    assert (await shopper.history()).json["code"] == "_ERR_AUTH_DENIED"


# -- the settings


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"state": "open"}, "state"),
        ({"colour": "red"}, "colour"),
        ({"tax_rate": 2}, "tax_rate"),
        ({"order_delay_ms": -1}, "order_delay_ms"),
        ({"foreign": "1"}, "'1'"),
        ([], "object"),
    ],
)
async def test_a_wrong_setting_is_refused_by_name(shopper: Shopper, settings: Any, told: str) -> None:
    answer = await shopper.simulator.ask("PUT", "control:/checkout", json=settings)
    assert answer.status == 422
    assert told in answer.json["message"]


async def test_settings_stay_until_changed_and_end_with_a_reset(shopper: Shopper) -> None:
    await shopper.settings(state="cvv")
    await shopper.settings(confirmation="slow")
    tell = shopper.simulator.tell
    assert (await tell("GET", "/checkout"))["state"] == "cvv"
    await tell("POST", "/reset", {"stores": False})
    assert (await tell("GET", "/checkout"))["state"] == "ready"
    assert (await shopper.ask("GET", "target:/account")).status == 302


# -- against the recording


def names(text: str) -> list[str]:
    """The ``data-test`` names of a page in its order; ids and names of products made alike."""
    found = [node.attributes["data-test"] or "" for node in LexborHTMLParser(text).css("[data-test]")]
    found = [re.sub(r"^image-card-.*", "image-card", re.sub(r"^\$[\d.]+,", "$,", name)) for name in found]
    return ["(title)" if re.match(r"(?i)bubba|water", name) else name for name in found]


@needs_recordings
async def test_the_ready_page_has_the_recorded_names_in_the_recorded_order(shopper: Shopper) -> None:
    recorded = (RECORDINGS / "target-stock" / "target-checkout-ready.html").read_text("utf-8")
    ours = (await shopper.ask("GET", "target:/checkout")).text.replace("Mastercard *4444", "Mastercard *0000")
    assert names(ours) == names(recorded)
    real, page = LexborHTMLParser(recorded), LexborHTMLParser(ours)
    for selector in (TOTAL, BUTTON, '[data-test="IconPaymentMastercard"]', "#summary-amount"):
        assert text_of(page, selector) == text_of(real, selector), selector


@needs_recordings
async def test_the_modal_of_a_drop_is_the_recorded_one(shopper: Shopper) -> None:
    recorded = (RECORDINGS / "target-stock" / "target-checkout-high-demand-modal.html").read_text("utf-8")
    await shopper.settings(state="high-demand")
    real, ours = LexborHTMLParser(recorded), await shopper.page("/checkout")
    for selector in ('[role="dialog"] h2', '[data-test="errorContent"]', '[role="dialog"] button:last-child'):
        assert text_of(ours, selector).split() == text_of(real, selector).split()
    assert ours.css('[role="dialog"] button[aria-label="close"]')
