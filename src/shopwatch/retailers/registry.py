"""The retailers in one place: without it nobody could go from an id to a site's facts."""

from __future__ import annotations

from shopwatch.domain.retailer import Retailer
from shopwatch.retailers import att, bestbuy, target, tmobile, verizon, walmart

RETAILERS: dict[str, Retailer] = {
    module.RETAILER.id: module.RETAILER for module in (verizon, att, target, tmobile, walmart, bestbuy)
}
DIRECTORIES = {name: shop for name, shop in RETAILERS.items() if shop.locator.phases}
PROBES = {name: shop.page_probe for name, shop in RETAILERS.items() if shop.page_probe is not None}
SESSION_PROBES = {
    name: shop.session_probe for name, shop in RETAILERS.items() if shop.session_probe is not None
}
CHECKOUTS = {name: shop.checkout for name, shop in RETAILERS.items() if shop.checkout is not None}
