"""Target's cart as its host answers (seen in 2026-06): every way of saying no means something else."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from shopwatch.domain.cart import Cart, CartLine, NotSoldWhy
from shopwatch.domain.checkout_probe import Answered, Reading
from shopwatch.domain.errors import Blocked, LayoutChanged, NotSold, RetailerError, Unreachable
from shopwatch.domain.money import Money
from shopwatch.domain.site import Site
from shopwatch.domain.stock import UNNAMED_SELLER

_AMOUNT = re.compile(r"\$([\d,]+\.\d{2})")
_ZIP = re.compile(r"\b(\d{5})(?:-\d{4})?\b")
_CARD = re.compile(r"\*\s*(\d{4})\b")
_LIMIT, _GONE = "MAX_PURCHASE_LIMIT_EXCEEDED", ("INVENTORY_UNAVAILABLE", "INVENTORY_NOT_AVAILABLE")
_NOTHING, _OK, _CREATED, _SERVER = 204, 200, 201, 500
_DENIED, _FORBIDDEN, _TOO_MANY, _DEPENDENT = 401, 403, 429, 424


def cart_url(site: Site) -> str:
    fields = {"cart_type": "REGULAR", "field_groups": "ADDRESSES,CART_ITEMS,SUMMARY"}
    query = urlencode(fields | {"key": site.keys.get("web", ""), "client_feature": "add_to_cart"})
    return f"{site.carts_url or site.base_url}/web_checkouts/v1/cart?{query}"


def read_cart(answer: Answered) -> Cart:
    if answer.status == _NOTHING:
        return Cart(lines=(), total=None)
    if (error := refused(answer)) is not None:
        raise error
    try:
        lines = tuple(_line(one) for one in answer.body.get("cart_items") or ())
        summary = answer.body.get("summary") or {}
        total = None if summary.get("grand_total") is None else Money.dollars(summary["grand_total"])
        alerts = tuple(_alert(one) for one in answer.body.get("alerts") or () if one.get("level") == "ERROR")
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise LayoutChanged(
            answer.url, f"the cart is not understood: {type(error).__name__} {error}"
        ) from None
    return Cart(lines=lines, total=total, cannot_order=alerts)


def not_added(answer: Answered) -> RetailerError | None:
    """Every way of saying no means something else; a 424 without its alert does not mean sold out."""
    if answer.status in (_OK, _CREATED):
        return None
    said = str(answer.body) if answer.body is not None else ""
    if answer.status == _DEPENDENT:
        if any(word in said for word in _GONE):
            return _not_sold(answer, "sold out when it was put into the cart", NotSoldWhy.SOLD_OUT)
        return _not_sold(answer, "the cart failed without saying that it is sold out", NotSoldWhy.UNCLEAR)
    if _LIMIT in said:
        return _not_sold(
            answer, "the purchase limit is reached; it may be in the cart already", NotSoldWhy.LIMIT
        )
    return refused(answer) or _not_sold(
        answer, f"the cart did not take it: HTTP {answer.status}", NotSoldWhy.UNCLEAR
    )


def with_page(reading: Reading, cart: Cart) -> Cart:
    """The cart with total, ZIP and card as the page shows them; what it does not show stays unknown."""
    amount, place, card = (
        pattern.search(text)
        for pattern, text in ((_AMOUNT, reading.total), (_ZIP, reading.ship_to), (_CARD, reading.card))
    )
    return Cart(
        lines=cart.lines,
        total=cart.total,
        page_total=Money.parse(amount[1]) if amount else None,
        ship_to_zip=place[1] if place else None,
        card_last_four=card[1] if card else None,
        cannot_order=cart.cannot_order,
    )


def refused(answer: Answered) -> RetailerError | None:
    if answer.status == _DENIED:
        return _not_sold(
            answer, "the site does not accept the session (401): sign in again", NotSoldWhy.SESSION
        )
    if answer.status == _TOO_MANY:
        key = answer.headers.get("tgt-cart-error-key", "")
        return _not_sold(answer, f"too many shoppers at once (429 {key})".replace(" )", ")"), "throttled")
    if answer.status == _FORBIDDEN:
        return Blocked(answer.url, "HTTP 403", status=_FORBIDDEN)
    if answer.status >= _SERVER:
        return Unreachable(answer.url, f"HTTP {answer.status}")
    return None


def _not_sold(answer: Answered, reason: str, why: str) -> NotSold:
    return NotSold(answer.url, reason, why=why)


def _line(one: Mapping[str, Any]) -> CartLine:
    price = one.get("current_price", one.get("unit_price"))
    is_marketplace = bool((one.get("item_indicators") or {}).get("is_marketplace"))
    return CartLine(
        sku=str(one["tcin"]),
        quantity=int(one["quantity"]),
        unit_price=None if price is None else Money.dollars(Decimal(str(price))),
        sold_by=UNNAMED_SELLER if is_marketplace else None,
    )


def _alert(one: Mapping[str, Any]) -> str:
    if one.get("code") == "CART_NOT_MET_ADD_ON_THRESHOLD":
        threshold = (one.get("metadata") or {}).get("threshold", "the threshold")
        return f"it cannot be ordered alone: an add-on below ${threshold}"
    return f"the cart says {one.get('code', 'an error')}"
