"""From what a person pastes to a product: the address of a page, ``retailer:SKU``, or a bare SKU."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

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


def _of_page(text: str) -> Key | None:
    address = text if "://" in text else f"https://{text}"
    host = urlsplit(address).hostname or ""
    for retailer in RETAILERS.values():
        if retailer.stock is None or not _is_of(host, retailer.id):
            continue
        sku = retailer.stock.sku_from_url(address)
        if sku is not None:
            return retailer.id, sku
    return None


def _is_of(host: str, retailer: str) -> bool:
    """Whether a host is the retailer's; a simulator on loopback stands for all of them."""
    domain = f"{retailer}.com"
    return host == domain or host.endswith(f".{domain}") or host in ("127.0.0.1", "localhost")
