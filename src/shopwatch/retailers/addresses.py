"""From what a person pastes to a product: the address of a page, ``retailer:SKU``, or a bare SKU."""

from __future__ import annotations

import re

from shopwatch.domain.errors import Invalid
from shopwatch.domain.stock import Key
from shopwatch.retailers.registry import RETAILERS

_SKU = re.compile(r"^[A-Za-z0-9]{3,20}$")


def read_address(text: str, *, retailer: str | None = None) -> Key | None:
    """The product meant, or ``None`` if no retailer whose stock we can watch knows it.

    A bare SKU is ``retailer``'s, Target's if that is not said.
    """
    text = text.strip()
    if "://" in text or text.startswith("www."):
        return _of_page(text)
    named, colon, sku = text.partition(":")
    chosen = named if colon else (retailer or "target")
    known = RETAILERS.get(chosen)
    wanted = sku if colon else text
    return (chosen, wanted) if known and known.stock and _SKU.match(wanted) else None


def key_of(text: str, *, retailer: str | None = None) -> Key:
    """The product that a person names.

    Raises:
        Invalid: no retailer whose stock we can watch knows it.
    """
    key = read_address(text, retailer=retailer)
    if key is None:
        if retailer is not None and not _has_stock(retailer):
            known = ", ".join(one.id for one in RETAILERS.values() if one.stock)
            raise Invalid(f"{retailer[:40]!r} is no retailer whose stock can be watched: there are {known}")
        *others, last = [shop.name for shop in RETAILERS.values() if shop.stock]
        shops = f"{', '.join(others)} or {last}" if others else last
        raise Invalid(f"{text[:120]!r} is no product of {shops}: give its page's address or its SKU")
    return key


def _has_stock(retailer: str) -> bool:
    known = RETAILERS.get(retailer)
    return known is not None and known.stock is not None


def _of_page(text: str) -> Key | None:
    address = text if "://" in text else f"https://{text}"
    for retailer in RETAILERS.values():
        sku = retailer.stock.sku_from_url(address) if retailer.stock else None
        if sku is not None:
            return retailer.id, sku
    return None
