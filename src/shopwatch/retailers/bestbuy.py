"""Best Buy: its store directory and its stock."""

from __future__ import annotations

from shopwatch.domain.retailer import Retailer
from shopwatch.domain.site import Site
from shopwatch.retailers.parsing.walls import edge_wall, either
from shopwatch.retailers.probes.bestbuy import BESTBUY_PROBE
from shopwatch.retailers.stock import bestbuy as stock
from shopwatch.retailers.stores import bestbuy as stores

RETAILER = Retailer(
    id="bestbuy",
    name="Best Buy",
    color="#0046be",
    # The directory has a host of its own, without a wall; product pages are on www.bestbuy.com.
    site=Site(base_url="https://stores.bestbuy.com", api_url="https://api.bestbuy.com"),
    locator=stores.LOCATOR,
    stock=stock.BESTBUY_STOCK,
    page_probe=BESTBUY_PROBE,
    recognise_wall=either(stock.recognise_wall, edge_wall),
)
