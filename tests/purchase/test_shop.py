"""The whole way in a real browser at the simulated shop: every way in which the site misbehaves.

In each the shop's own order book is the judge: one order at most, none in test mode, and the ledger agrees
with it or says that it does not know. Prints the matrix; a few cases run always, all with ``-m slow``.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from tests.browser.chromium import needs_browser
from tests.buying_shop import LIVE, SKU, Counter
from tests.purchase.conftest import Row
from tests.simulator_fixture import Simulator

from shopwatch.bootstrap.buying import keeper_of
from shopwatch.domain.purchase import PurchaseState
from shopwatch.domain.session import SessionHealth

pytestmark = [
    *needs_browser,
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.timeout(120),
]
S = PurchaseState
FOREIGN = "13356914"
#: Confirmations after which the page never gives thanks.
_NEVER = ("hang", "never", "lost", "fail", "throttled")
_SETTLED_S = 660.0  #: after that, absence from the history is worth a word


@dataclass(frozen=True)
class Case:
    """One way of misbehaving, and how a live purchase has to end."""

    ends: PurchaseState
    says: str = ""  #: part of the reasons
    orders: int = 0
    checkout: dict[str, Any] = field(default_factory=dict)  #: settings of the simulated checkout
    product: dict[str, Any] = field(default_factory=dict)
    fault: dict[str, Any] = field(default_factory=dict)
    always: bool = False  #: in the short form too
    at_last: PurchaseState | None = None  #: once the history has been read, also ten minutes later


def state(name: str, says: str, ends: PurchaseState = S.FAILED, **rest: Any) -> Case:
    return Case(ends, says, checkout={"state": name}, **rest)


def add(name: str, says: str, ends: PurchaseState = S.FAILED, **rest: Any) -> Case:
    return Case(ends, says, checkout={"add": name}, **rest)


def confirmation(name: str, ends: PurchaseState, orders: int, at_last: PurchaseState, **rest: Any) -> Case:
    settings = {"confirmation": name} | rest.pop("checkout", {})
    return Case(ends, "", orders, settings, at_last=at_last, **rest)


def refused(says: str, **rest: Any) -> Case:
    return Case(S.REFUSED, says, **rest)


CASES = {
    # the checkout page
    "ready": Case(S.PLACED, orders=1, always=True),
    "step open: shipping": state("step-shipping", "a step of the checkout is open", always=True),
    "step open: payment": state("step-payment", "a step of the checkout is open"),
    "step open: gift": state("step-gift", "a step of the checkout is open"),
    "high-demand modal": state("high-demand", "high demand"),
    "busy modal": state("busy", "high demand"),
    "no longer available modal": state("unavailable", "no longer available"),
    "CVV": state("cvv", "the card's security code"),
    "CVV after the click": Case(S.AMBIGUOUS, "after the click", checkout={"state": "cvv-after-click"}),
    "verify-card": state("verify-card", "the card number"),
    "PIN": state("pin", "asks for"),
    "pickup info": state("pickup-info", "who will fetch it"),
    "sign in again": state("sign-in", "sign in"),
    "consent": state("consent", "something covers the last button"),
    "button disabled": state("disabled", "not ready (disabled)"),
    "button aria-disabled": state("aria-disabled", "not ready (disabled)"),
    "spinner for ever": state("spinner", "not ready (loading)"),
    "skeleton": state("skeleton", "not ready (loading)"),
    "error page": state("error", "not ready (broken)"),
    # putting it into the cart
    "add: 424 without alert": add("bare-424", "without saying that it is sold out"),
    "add: not ready for launch": add("not-ready", "without saying that it is sold out"),
    "add: 401": add("auth-denied", "does not accept the session"),
    "add: 429 fast selling": add("fast-selling", "too many shoppers at once (429 FAST_SELLING)"),
    "add: 429 rate limited": add("rate-limited", "too many shoppers at once (429"),
    "add: 429 throttled": add("throttled", "too many shoppers at once (429"),
    "add: 503": add("overloaded", "HTTP 503"),
    "add: 403": add("refused", "HTTP 403"),
    "add: answer never comes": add("hang", "", S.PLACED, orders=1),
    "add: limit reached": Case(S.FAILED, "the purchase limit is reached", product={"limit": 0}),
    # what the cart and the page say
    "foreign cart line": refused("the cart holds", checkout={"foreign": FOREIGN}, always=True),
    "price changed in the cart": refused(
        "the cart's price $52.99 is over $49.99", checkout={"price_change_cents": 300}
    ),
    "tax over the cap": refused("is over $60.00", checkout={"tax_rate": 0.3}),
    "shipping over the cap": refused("is over $60.00", checkout={"shipping_cents": 1500}),
    "page's total differs": refused("the page says", checkout={"page_extra_cents": 100}),
    "other address": refused("the address is not the configured one", checkout={"zip_code": "10001"}),
    "other card": refused("the card is not the configured one", checkout={"card_suffix": "9999"}),
    # the product page
    "sold out meanwhile": refused("it is out of stock", product={"ship": "OUT_OF_STOCK"}),
    "page: skeleton": refused("it is unknown", product={"page": "skeleton"}),
    "page: consent": Case(S.FAILED, "something covers the button", product={"page": "consent"}),
    "page: other product": refused("it is unknown", product={"page": "other-product", "other": FOREIGN}),
    "page: redirects": refused("it is unknown", product={"page": "redirect-to-other", "other": FOREIGN}),
    "page: unavailable": refused("it is unknown", product={"page": "unavailable"}),
    "page: challenge": Case(S.FAILED, "", product={"page": "challenge"}),
    "marketplace seller": refused("sold by", product={"marketplace": True, "seller": "Scalper"}),
    "dearer on the page": refused("$55.99 is over $49.99", product={"price": 55.99}),
    "site: 503": Case(S.FAILED, "HTTP 503", fault={"kind": "503", "site": "target"}),
    "cart host: 500": Case(S.FAILED, "", fault={"kind": "500", "site": "target-carts"}),
    "cart host: garbage": Case(S.FAILED, "", fault={"kind": "garbage", "site": "target-carts"}),
    # the last click
    "placed, confirmation slow": confirmation(
        "slow", S.PLACED, 1, S.PLACED, checkout={"order_delay_ms": 800}
    ),
    "placed, page hangs": confirmation("hang", S.AMBIGUOUS, 1, S.PLACED, always=True),
    "placed, page stays": confirmation("never", S.AMBIGUOUS, 1, S.PLACED),
    "placed, history delayed": confirmation(
        "hang", S.AMBIGUOUS, 1, S.AMBIGUOUS, checkout={"history_delay_s": 7200}
    ),
    "not placed, answer lost": confirmation("lost", S.AMBIGUOUS, 0, S.AMBIGUOUS),
    "not placed, failure": confirmation("fail", S.AMBIGUOUS, 0, S.AMBIGUOUS),
    "not placed, throttled": confirmation("throttled", S.AMBIGUOUS, 0, S.AMBIGUOUS),
    "phantom: thanks, no order": confirmation("phantom", S.PLACED, 0, S.AMBIGUOUS, always=True),
}
LIVE_CASES = [pytest.param(name, marks=() if one.always else pytest.mark.slow) for name, one in CASES.items()]
TEST_CASES = [
    pytest.param(name, marks=() if name in ("ready", "foreign cart line") else pytest.mark.slow)
    for name in CASES
]


def impatient(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    """What never comes is not waited for as long as in life; what comes late on a busy machine is."""
    settings, patience = case.checkout, "shopwatch.browser.target_checkout"
    if settings.get("confirmation") in _NEVER or settings.get("state") == "cvv-after-click":
        monkeypatch.setattr(f"{patience}._PLACED_MS", 6000.0)
    if settings.get("state") in ("spinner", "skeleton"):
        monkeypatch.setattr(f"{patience}._READY_MS", 4000.0)
    if settings.get("add") == "hang":
        monkeypatch.setattr(f"{patience}._ADDED_MS", 5000.0)


async def orders(simulator: Simulator) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await simulator.tell("GET", "/orders"))["orders"]
    return found


async def misbehave(simulator: Simulator, case: Case) -> None:
    if FOREIGN in (case.checkout.get("foreign"), case.product.get("other")):
        await simulator.put(FOREIGN, price=5.0, ship="IN_STOCK", quantity=9)
    if case.checkout:
        await simulator.tell("PUT", "/checkout", case.checkout)
    if case.product:
        await simulator.put(SKU, **case.product)
    if case.fault:
        await simulator.tell("POST", "/faults", case.fault)


@pytest.mark.parametrize("name", LIVE_CASES)
async def test_however_the_site_misbehaves_there_is_one_order_at_most_and_the_book_knows(
    shop: Counter, simulator: Simulator, monkeypatch: pytest.MonkeyPatch, name: str, matrix: list[Row]
) -> None:
    case = CASES[name]
    impatient(case, monkeypatch)
    await misbehave(simulator, case)
    purchase = await shop.buy()
    await simulator.tell("DELETE", "/faults")
    booked = await orders(simulator)
    await shop.tidy()
    await shop.tidy(_SETTLED_S)
    after = await shop.core.ledger.get(purchase.id)
    matrix.append(("site", name, purchase.state.value, after.state.value, len(booked)))
    assert purchase.state is case.ends, purchase.reasons
    assert case.says in "; ".join(purchase.reasons)
    assert len(booked) == case.orders <= 1
    assert after.state is (case.at_last or case.ends)
    assert after.state is S.AMBIGUOUS or (after.state is S.PLACED) == bool(booked)
    assert all(order["sku"] == SKU and order["quantity"] == 1 for order in booked)
    assert all(order["total_cents"] <= 6000 for order in booked)
    if after.state is S.PLACED:
        assert after.order_number == booked[0]["order_number"]
        assert after.total is not None
        assert after.total.cents == booked[0]["total_cents"]


@pytest.mark.parametrize("name", TEST_CASES)
async def test_however_the_site_misbehaves_test_mode_orders_nothing(
    shop: Counter, simulator: Simulator, monkeypatch: pytest.MonkeyPatch, name: str, matrix: list[Row]
) -> None:
    impatient(CASES[name], monkeypatch)
    await misbehave(simulator, CASES[name])
    shop.terms = replace(LIVE, live=False)
    purchase = await shop.buy()
    await simulator.tell("DELETE", "/faults")
    booked = await orders(simulator)
    matrix.append(("test mode", name, purchase.state.value, purchase.state.value, len(booked)))
    assert purchase.state in (S.REHEARSED, S.REFUSED, S.FAILED)
    assert booked == []


async def test_what_a_rehearsal_put_into_the_cart_is_taken_out_again(
    shop: Counter, simulator: Simulator
) -> None:
    shop.terms = replace(LIVE, live=False)
    assert (await shop.buy()).state is S.REHEARSED
    async with shop.checkouts.walk("target") as checkout:
        await checkout._tab.goto(simulator.origins["target"])
        assert (await checkout.cart()).lines == ()


async def test_a_busy_checkout_that_opens_again_is_bought_at_after_all(
    shop: Counter, simulator: Simulator
) -> None:
    await simulator.tell("PUT", "/checkout", {"state": "high-demand"})

    async def wait(seconds: float) -> None:
        await simulator.tell("PUT", "/checkout", {"state": "ready"})

    shop.wait = wait  # type: ignore[method-assign]
    assert (await shop.buy()).state is S.PLACED
    assert [order["quantity"] for order in await orders(simulator)] == [1]


@pytest.mark.slow
async def test_a_lost_session_refuses_at_the_site_and_shows(shop: Counter, simulator: Simulator) -> None:
    keeper = keeper_of(shop.core, shop.pool)
    assert (await keeper.check("target")).health is SessionHealth.HEALTHY
    assert keeper.healthy("target")
    await simulator.tell("POST", "/session/expire")
    assert (await shop.buy()).state in (S.FAILED, S.REFUSED)
    assert (await keeper.check("target")).health is SessionHealth.EXPIRED
    assert not keeper.healthy("target")
    assert await orders(simulator) == []
