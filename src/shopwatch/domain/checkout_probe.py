"""How a retailer's way to an order is recognised; without it the browser would know its markup."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from shopwatch.domain.cart import Cart, PastOrder
from shopwatch.domain.errors import RetailerError
from shopwatch.domain.site import Site


@dataclass(frozen=True, kw_only=True, slots=True)
class Answered:
    """An answer of the site to a request that its own page, or a read of ours in that page, made."""

    url: str
    status: int
    headers: Mapping[str, str]
    body: Any  #: JSON, or None where there was none


@dataclass(frozen=True, kw_only=True, slots=True)
class Reading:
    """The texts of the checkout page that decide, as they stood."""

    total: str = ""
    ship_to: str = ""
    card: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class CheckoutProbe:
    """Selectors, addresses and pure readings. CSS; ``{sku}`` stands for the SKU."""

    scope: str  #: the buy box: nothing outside it is ever clicked
    button: str  #: the product's own button; never "Buy now"
    not_to_order: Mapping[str, str]  #: by ``data-test``: buttons that do not order, and what each says
    ships: str  #: the cell that chooses shipping
    ships_chosen: str  #: matches only once it is chosen
    declines: str  #: offers on top of the product: the button that says no
    add_path: str  #: part of the address the page posts to when the button is clicked
    #: What the answer to that means; ``None``: it is in the cart.
    not_added: Callable[[Answered], RetailerError | None]
    cart_url: Callable[[Site], str]
    read_cart: Callable[[Answered], Cart]  #: raises RetailerError
    cart_path: str
    takes_out: str  #: the button of a line of the cart's page
    emptied: str  #: visible once the cart is empty
    checkout_path: str
    place: str  #: the last button
    loading: str  #: visible while the page is not itself yet
    step_open: str  #: a step of the checkout that waits for an answer
    total: str
    ship_to: str
    card: str
    hand_over: Mapping[str, str]  #: what is asked for → selector that shows it
    hand_over_words: str  #: regular expression, whole words
    busy_words: str
    gone_words: str  #: sold out, or an empty cart
    broken_words: str  #: the site's own error page
    read_total: Callable[[Reading, Cart], Cart]  #: the cart with what the page says
    placed_path: str
    placed_words: str
    place_path: str  #: part of the address the page posts to when the last button is clicked
    order_number: Callable[[object], str | None]  #: of that answer
    orders_path: str
    orders_url: Callable[[Site], str]
    orders_headers: Callable[[Site], Mapping[str, str]]
    read_orders: Callable[[Answered], Sequence[PastOrder]]
