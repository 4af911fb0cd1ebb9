"""How Target's login, cart and checkout behave; without it no test could meet a purchase that goes wrong."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec

State = Literal[
    "ready",  #: the order can be placed
    "step-shipping",  #: an address has to be chosen first; "Save and continue" closes the step
    "step-payment",  #: a card has to be chosen first
    "step-gift",  #: the gift message is open
    "high-demand",  #: a dialog "High-demand item in your cart." covers the page; placing is refused with 429
    "busy",  #: a dialog "Checkout is busy right now"
    "unavailable",  #: a dialog "One or more items in your cart may no longer be available"
    "cvv",  #: a dialog asks for the card's security code at once
    "cvv-after-click",  #: the dialog comes when the order is placed
    "verify-card",  #: the whole card number has to be typed in
    "pin",  #: a dialog "Confirm your PIN"
    "pickup-info",  #: a form asks who will fetch it
    "disabled",  #: the button is disabled, nothing says why
    "aria-disabled",  #: the button only says so to screen readers
    "spinner",  #: "Loading content" for ever
    "skeleton",  #: nothing but grey boxes
    "sign-in",  #: the site says "Hi", and wants the password again
    "consent",  #: the "Health Data Consent" dialog covers the page
    "error",  #: "Something went wrong"
]
Confirmation = Literal[
    "ok",  #: placed, and the page says so
    "slow",  #: placed; the answer takes ``order_delay_ms``, or 3 s
    "hang",  #: placed; the answer never comes, the page shows its spinner
    "never",  #: placed and answered; the page stays on /checkout with its button
    "lost",  #: not placed, and the answer never comes
    "fail",  #: not placed: "We couldn't complete your order"
    "throttled",  #: not placed: 429 ``RESERVATION_FAILURE``
    "phantom",  #: not placed, and the page says "Thanks for your order!" all the same
]
Add = Literal[
    "ok",
    "bare-424",  #: 424 without the alert that says out of stock
    "not-ready",  #: 424 ``ITEM_NOT_READY_FOR_LAUNCH``
    "auth-denied",  #: 401 ``_ERR_AUTH_DENIED`` until a page is loaded again
    "fast-selling",  #: 429, ``tgt-cart-error-key: FAST_SELLING``
    "rate-limited",  #: 429, ``tgt-cart-error-key: ERR_A2C_TCIN_RATE_LIMITED``
    "throttled",  #: 429, ``tgt-cart-error-key: DCO_RATE_LIMITED``
    "overloaded",  #: 503
    "refused",  #: 403, the guard's HTML
    "hang",  #: added; the answer never comes
]
Login = Literal[
    "password",
    "code",  #: after the password a code is wanted
    "code-only",  #: "We don't recognize this device": no password is asked for
    "refused",  #: the guard's 401 "refresh your browser and try again"
]

Cents = Annotated[int, msgspec.Meta(ge=0)]
Milliseconds = Annotated[int, msgspec.Meta(ge=0, le=3_600_000)]
_LARGEST_RATE = 0.5


class Checkout(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The settings of ``PUT /checkout``; what is left out there stays as it is, a reset brings these back."""

    state: State = "ready"
    confirmation: Confirmation = "ok"
    add: Add = "ok"
    login: Login = "password"
    #: of everything on the bill, shipping too
    tax_rate: Annotated[float, msgspec.Meta(ge=0, le=_LARGEST_RATE)] = 0.08875
    shipping_cents: Cents | None = None  #: None: 599 below $35.00, nothing above
    order_delay_ms: Milliseconds = 0  #: until "Place your order" is answered
    history_delay_s: Annotated[float, msgspec.Meta(ge=0)] = 0.0  #: until an order shows in the history
    price_change_cents: int = 0  #: by so much a piece is dearer in the cart than on its page
    page_extra_cents: int = 0  #: by so much the checkout page's total is above the cart API's
    foreign: str | None = None  #: TCIN of a product that lies in every cart already
    full_name: str = "Jane Shopper"
    zip_code: str = "20147"
    state_code: str = "VA"
    card: str = "Mastercard"
    card_suffix: str = "4444"
    email: str = "shopper@example.com"


def changed(settings: Checkout, raw: bytes) -> Checkout:
    """Change what the body of a PUT names.

    Raises:
        msgspec.DecodeError: it is no JSON object.
        msgspec.ValidationError: a key or a value that is none of these settings.
    """
    wanted = msgspec.json.decode(raw or b"{}", type=dict[str, Any])
    return msgspec.convert(msgspec.structs.asdict(settings) | wanted, Checkout)
