"""Target's order history and order numbers (described in 2026, not recorded): the last word on a purchase."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from shopwatch.domain.cart import OrderLine, PastOrder
from shopwatch.domain.checkout_probe import Answered
from shopwatch.domain.errors import LayoutChanged
from shopwatch.domain.money import Money
from shopwatch.domain.site import Site
from shopwatch.retailers.stock.target_cart import refused


def order_number(body: object) -> str | None:
    """Of the answer the checkout page gets when the order is placed."""
    orders = body.get("orders") if isinstance(body, Mapping) else None
    first = orders[0] if isinstance(orders, list) and orders else None
    number = first.get("reference_id") or first.get("order_id") if isinstance(first, Mapping) else None
    return str(number) if number else None


def orders_url(site: Site) -> str:
    query = {"page_number": "1", "page_size": "10", "order_purchase_type": "ONLINE"}
    query |= {"pending_order": "true", "shipt_status": "true"}
    return f"{site.account_url or site.base_url}/guest_order_aggregations/v1/order_history?{urlencode(query)}"


def read_orders(answer: Answered) -> Sequence[PastOrder]:
    if (error := refused(answer)) is not None:
        raise error
    try:
        return [_order(one) for one in answer.body["orders"]]
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise LayoutChanged(
            answer.url, f"the order history is not understood: {type(error).__name__}"
        ) from None


def _order(one: Mapping[str, Any]) -> PastOrder:
    when = one.get("placed_date") or one.get("order_date")
    total = (one.get("summary") or {}).get("grand_total")
    lines = tuple(
        OrderLine(sku=str(line["item"]["tcin"]), quantity=int(line["quantity"]))
        for line in one.get("order_lines") or ()
    )
    return PastOrder(
        number=str(one["order_number"]),
        placed_at=_moment(when) if when else None,
        lines=lines,
        total=None if total is None else Money.dollars(str(total).lstrip("$")),
    )


def _moment(text: str) -> datetime | None:
    moment = datetime.fromisoformat(text)
    is_date = len(text) <= len("2026-06-28")  # a day is no moment: it could match another order of that day
    return None if is_date else moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
