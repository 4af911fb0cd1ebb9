"""Target's checkout page as recorded in 2026, piece by piece in its order, in each state it can be in."""

from __future__ import annotations

from datetime import timedelta
from html import escape

from shopwatch.simulator.names import slug
from shopwatch.simulator.sites.target_api import tracking_id
from shopwatch.simulator.sites.target_cart_json import Bill, Cart, alerts_of, bill_of, contents
from shopwatch.simulator.sites.target_json import dollars
from shopwatch.simulator.sites.target_placing import STEPS
from shopwatch.simulator.world import World

_DEMAND = (
    "A popular item in your cart is causing a delay. We're managing high traffic right now. Please try again."
)
_GONE = "One or more items in your cart may no longer be available."
_BUSY = "We're limiting how many guests can check out due to high demand. Please keep trying."
_CONSENT = (
    '<div role="dialog" class="ReactModal__Overlay" aria-label="Health Data Consent">'
    "<h2>Health Data Consent</h2><p>Some information collected by Target may be health data.</p>"
    '<button type="button">Continue shopping</button></div>'
)
SIGN_IN = (
    '<div data-test="@web/auth-components/AuthSignInFlyout"><h2>Sign in or create account</h2>'
    '<label>Email or mobile phone <input name="username"></label>'
    '<a href="/login?redirect_uri=/checkout">Continue</a><button type="button">Sign in with passkey</button>'
    '<label><input type="checkbox" name="keepMeSignedIn">Keep me signed in</label></div>'
)
SKELETON = (
    '<h1 data-test="checkout-title">Checkout</h1><div data-test="apple-pay-checkout-latest"></div>'
    '<div data-test="checkout-loading-skeleton"></div>'
)


def page_body(cart: Cart, world: World) -> str:
    """Write everything below the header."""
    bill = bill_of(cart, world, signed_in=True)
    steps = (_cart(cart, world, bill), _shipping(cart, world), _gift(cart, world), _payment(cart, world))
    return (
        '<div data-test="checkout-container" id="checkout-container">'
        f"<div>{''.join(steps)}</div>{_rail(cart, world, bill)}"
        f'<p data-test="cart-reference" data-testcart="false">'
        f"<span>Cart # </span> {cart.reference} </p></div>"
    )


def open_step(cart: Cart, world: World) -> str | None:
    """The step that is open: none once it was gone through."""
    step = STEPS.get(world.checkout.state)
    return None if step is None or step in cart.done else step


def dialog(cart: Cart, world: World) -> str:
    """What covers the page, if anything does."""
    state, step = world.checkout.state, open_step(cart, world)
    if state == "cvv" and step:
        return f'<div class="ReactModal__Overlay">{_code_form("enter-cvv", "Enter your CVV")}</div>'
    if state == "pin" and step:
        return f'<div class="ReactModal__Overlay">{_code_form("enter-pin", "Confirm your PIN")}</div>'
    if state == "cvv-after-click":
        return f'<template id="ask-code">{_code_form("enter-cvv", "Enter your CVV")}</template>'
    covers: dict[str, str] = {
        "high-demand": modal("High-demand item in your cart.", _DEMAND),
        "busy": modal("Checkout is busy right now", _BUSY),
        "unavailable": modal("We couldn't complete your order", _GONE),
        "consent": _CONSENT,
        "sign-in": f'<div class="ReactModal__Overlay">{SIGN_IN}</div>',
    }
    return covers.get(state, "")


def modal(heading: str, text: str) -> str:
    """A dialog of the recorded form."""
    return (
        '<div class="ReactModal__Overlay"><div class="ReactModal__Content" role="dialog" aria-modal="true">'
        f'<button aria-label="close" type="button">X</button><h2>{escape(heading, quote=False)}</h2>'
        f'<div data-test="errorContent"><span>{escape(text, quote=False)}</span></div>'
        '<button type="button">Ok</button></div></div>'
    )


def _code_form(field: str, heading: str) -> str:
    return (
        f'<div class="ReactModal__Content" role="dialog" aria-modal="true"><h2>{heading}</h2>'
        f'<input id="{field}" inputmode="numeric" maxlength="4">'
        '<button type="button" data-test="confirm-button">Confirm</button></div>'
    )


def _cart(cart: Cart, world: World, bill: Bill) -> str:
    arrives = (world.now() + timedelta(days=2)).strftime("%a, %b %-d")
    pieces = f"{cart.pieces} item" + ("" if cart.pieces == 1 else "s")
    pictures = "".join(
        f'<div data-test="{escape(slug(product.title))}"><a data-test="image-card-{line.id}">'
        f'<img alt="{escape(product.title)} quantity {line.quantity}" '
        f'src="/is/image/Target/GUEST_{escape(product.sku)}"></a></div>'
        for line, product in contents(cart, world)
    )
    return (
        f'<div id="STEP_CARTITEMS"><h2>Cart</h2>'
        f"<p>{dollars(bill.total)} total • {pieces}</p>"
        '<a href="/cart" aria-label="Edit Cart" data-test="edit-cartitems-button">Edit</a></div>'
        '<div data-test="spinnerOverlayContainer" data-visible="false" id="loadingCart"></div>'
        '<button type="button" data-test="view-stores-button">View stores near you</button>'
        f'<h3><span data-test="edd-title">Arriving by {arrives}</span></h3>'
        f'<div data-test="edd-subtitle"></div>{pictures}'
    )


def _shipping(cart: Cart, world: World) -> str:
    settings = world.checkout
    values = {
        "full_name": escape(settings.full_name),
        "address_line1": "100 Example St",
        "address_line2": "",
        "city": "Anytown",
        "state": f", {escape(settings.state_code)}",
        "zip_code": f", {escape(settings.zip_code)}-0000",
        "phone_number": "555-555-0100",
        "default_address": "Default address",
    }
    address = "".join(f'<span data-test="address-{name}">{value}</span>' for name, value in values.items())
    closed = (
        '<a href="/checkout/shipping" aria-label="Edit Shipping address" data-test="edit-shipping-button">'
        f'Edit</a><div data-test="cart-shipping-address">{address}</div>'
    )
    inside = closed
    if open_step(cart, world) == "SHIPPING":
        inside = _choosing(cart, world, "Choose a shipping address", "addressSelection", address)
        inside += '<button type="button" data-test="add-new-shipping-address">Add new address</button>'
        inside += _continue("SHIPPING")
    elif open_step(cart, world) == "PICKUP":
        fields = "".join(f'<input id="{name}">' for name in ("first-name", "last-name", "email-address"))
        inside = (
            f'<div data-test="form-error-bucket">Enter your pickup info</div>{fields}{_continue("PICKUP")}'
        )
    heading = "<h2>Shipping address</h2>"
    return f'<div data-test="STEP_SHIPPING_CONTAINER"><div id="STEP_SHIPPING">{heading}{inside}</div></div>'


def _gift(cart: Cart, world: World) -> str:
    opened = open_step(cart, world) == "GIFTOPTION"
    message = '<textarea id="giftMessage"></textarea>' + _continue("GIFTOPTION") if opened else ""
    return (
        '<div data-test="step-digital-gift-option" id="STEP_GIFTOPTION"><h2>Gift message</h2>'
        '<button type="button" data-test="digitalGiftMessageInfoLink">?</button>'
        '<input aria-label="my order includes a gift, toggled off" data-test="giftOptionCheckbox" '
        f'id="checkout-step-gift-option-checkbox" type="checkbox">{message}</div>'
    )


def _payment(cart: Cart, world: World) -> str:
    settings, step = world.checkout, open_step(cart, world)
    shown = f"{escape(settings.card)} *{escape(settings.card_suffix)}"
    card = f'<div data-test="IconPayment{escape(settings.card)}"><span>{shown}</span></div>'
    edit = '<a href="/checkout/payment" aria-label="Edit Payment" data-test="edit-payment-button">Edit</a>'
    inside = edit + card
    if step == "PAYMENT" and settings.state == "verify-card":
        inside = f'{edit}{card}<input id="credit-card-number-input" inputmode="numeric">'
        inside += '<button type="button" data-test="verify-card-button">Verify card</button>'
    elif step == "PAYMENT":
        inside = _choosing(cart, world, "Choose a payment", "paymentSelection", card) + _continue("PAYMENT")
    return (
        '<div data-test="STEP_PAYMENT_GIFT_CARDS" id="STEP_PAYMENT_GIFT_CARDS"><h2>Gift cards</h2>'
        '<button type="button" aria-label="Add gift card" data-test="add-gift-card">Add</button></div>'
        f'<div id="STEP_PAYMENT"><h2>Payment</h2>{inside}</div>'
    )


def _choosing(cart: Cart, world: World, heading: str, name: str, choice: str) -> str:
    uuid = tracking_id(world, name, cart.id)
    return (
        f'<h2 id="active-step-heading-text">{heading}</h2>'
        f'<label><input type="radio" id="radio-{uuid}" name="{name}" checked>{choice}</label>'
        '<button type="button" data-test="editButton">Edit</button>'
    )


def _continue(step: str) -> str:
    name = f"save_and_continue_button_step_{step}"
    return f'<button type="button" data-test="{name}">Save and continue</button>'


def _rail(cart: Cart, world: World, bill: Bill) -> str:
    settings, shut = world.checkout, open_step(cart, world)
    total = dollars(bill.total + settings.page_extra_cents)
    pieces = f"({cart.pieces} item{'' if cart.pieces == 1 else 's'})"
    shipping = dollars(bill.shipping) if bill.shipping else "Free"
    label, amount = (f' data-test="summary-{name}"' if shut else "" for name in ("label", "amount"))
    return (
        '<div data-test="checkout-rail-summary" id="checkoutRailSummary">'
        '<div data-test="checkout-summary-container">'
        '<div data-test="cart-summary-title"><h2>Order summary</h2></div>'
        '<button type="button" data-test="add-promo-code-btn" id="add-promo-code-btn">Add</button>'
        f'<div data-test="cart-summary-subTotal"><p>Subtotal <span>{pieces}</span></p>'
        f"<p>{dollars(bill.subtotal)}</p></div>"
        f'<div data-test="cart-summary-fulfillment"><p>Shipping</p><button type="button" '
        f'data-test="{shipping}, view detailed Shipping charges">{shipping}</button></div>'
        '<div data-test="cart-summary-taxes"><p id="summary-label">Estimated taxes</p>'
        f'<p id="summary-amount">{dollars(bill.tax)}</p></div>'
        f'<div data-test="cart-summary-zipCode"><p>Based on  {escape(settings.zip_code)}</p></div>'
        f'<div data-test="cart-summary-total"><h3{label}>Total</h3>'
        f"<p{amount}>{total}</p></div>"
        f'<div data-test="cart-order-notes-wrapper"><h2>{total}</h2>'
        f"<p>{escape(settings.card)} *{escape(settings.card_suffix)}</p></div>"
        "<p>By ordering, you accept Target’s "
        '<a href="/c/terms-conditions/-/N-4sr7l" data-test="place-order-terms">terms </a></p>'
        f"{_button(cart, world)}"
        f"<p>Order confirmation and updates will be emailed to {escape(settings.email)}</p></div></div>"
    )


def _button(cart: Cart, world: World) -> str:
    state = world.checkout.state
    blocked = open_step(cart, world) in {"SHIPPING", "PAYMENT", "GIFTOPTION", "PICKUP"}
    off = ' disabled=""' if blocked or state == "disabled" or alerts_of(cart, world) else ""
    off = ' aria-disabled="true"' if state == "aria-disabled" else off
    return f'<button type="button" data-test="placeOrderButton"{off}>Place your order</button>'
