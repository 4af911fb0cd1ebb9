"""Target's way to an order, June to September 2026: what is clicked, and what ends the walk.

Whole words only: ``/pin/i`` once matched "Shipping" and looked like a PIN dialog.
"""

from __future__ import annotations

from shopwatch.domain.checkout_probe import CheckoutProbe
from shopwatch.retailers.stock import target_cart, target_orders
from shopwatch.retailers.stock.target import KEY

#: Buttons in the place of the one that orders, by their ``data-test``, and what each says.
NOT_TO_ORDER = {
    "showInStockPrimaryButton": "the button only leads to what is in stock elsewhere",
    "preorderButtonDisabled": "pre-orders are not open",
    "chooseOptionsButton": "a variant has to be chosen first",
}

TARGET_CHECKOUT = CheckoutProbe(
    scope='[data-test="@web/AddToCart/FulfillmentSection"]',
    button='[id="addToCartButtonOrTextIdFor{sku}"]',
    not_to_order=NOT_TO_ORDER,
    ships='button[data-test="fulfillment-cell-shipping"]',
    ships_chosen='button[data-test="fulfillment-cell-shipping"][aria-label^="shipping - selected"]',
    declines=(
        '[data-test="espModalContent-declineCoverageButton"], [data-test="espModalDeclineButton"],'
        ' [data-test="declineCoverage"]'
    ),
    add_path="/web_checkouts/v1/cart_items",
    not_added=target_cart.not_added,
    cart_url=target_cart.cart_url,
    read_cart=target_cart.read_cart,
    cart_path="/cart",
    takes_out='[data-test="cartItem-deleteBtn"]',
    emptied='[data-test="boxEmptyMsg"]',
    checkout_path="/checkout",
    place='button[data-test="placeOrderButton"]',
    loading=(
        '[data-test="spinnerOverlayContainer"][data-visible="true"], [data-test="checkout-loading-skeleton"]'
    ),
    step_open='[data-test^="save_and_continue_button_step_"]',
    total='[data-test="cart-summary-total"]',
    ship_to='[data-test="address-zip_code"]',
    card='[data-test^="IconPayment"]',
    hand_over={
        "to sign in": (
            '[data-test="@web/auth-components/AuthSignInFlyout"], #username, input[type="password"]'
        ),
        "the card's security code": "#enter-cvv",
        "the card number": '[data-test="verify-card-button"], #credit-card-number-input',
        "a verification code": 'input[name="code"], input[autocomplete="one-time-code"]',
        "a test for humans": "#px-captcha",
        "who will fetch it": '[data-test="form-error-bucket"]',
        "a consent": '[data-test="healthFlagModalAcceptButton"]',
    },
    hand_over_words=(
        r"\b(?:confirm your pin|enter the verification code|verify your identity|sign in to your account"
        r"|enter (?:your )?cvv|we don.t recognize this device)\b"
    ),
    busy_words=(
        r"\b(?:high-demand item in your cart|checkout is busy right now"
        r"|limiting how many guests|throttled due to high demand|busier than we expected"
        r"|managing high traffic right now|please keep trying)\b"
    ),
    gone_words=r"\b(?:your cart is empty|in your cart may no longer be available)\b",
    broken_words=r"\b(?:something went wrong|temporary issue|this page is currently unavailable)\b",
    read_total=target_cart.with_page,
    placed_path="/order-confirmation",
    placed_words=r"\bthanks for your order\b",
    place_path="/web_checkouts/v1/checkout",
    order_number=target_orders.order_number,
    orders_path="/orders",
    orders_url=target_orders.orders_url,
    orders_headers=lambda site: {"accept": "application/json", "x-api-key": site.keys.get(KEY, "")},
    read_orders=target_orders.read_orders,
)
