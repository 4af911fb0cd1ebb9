"""The six retailers in one place: without it nobody could go from an id to a site's facts."""

from __future__ import annotations

from shopwatch.domain.retailer import Retailer
from shopwatch.domain.site import Site
from shopwatch.retailers.parsing.walls import either, stub, wall_with
from shopwatch.retailers.stock import bestbuy as bestbuy_stock
from shopwatch.retailers.stock import target as target_stock
from shopwatch.retailers.stock import walmart as walmart_stock
from shopwatch.retailers.stores import att, bestbuy, target, tmobile, verizon, walmart

_edge_wall = wall_with()

_ALL = (
    Retailer(
        id="verizon",
        name="Verizon",
        color="#cd040b",
        site=Site(base_url="https://www.verizon.com"),
        locator=verizon.LOCATOR,
        recognise_wall=_edge_wall,
    ),
    Retailer(
        id="att",
        name="AT&T",
        color="#00a8e0",
        site=Site(base_url="https://www.att.com"),
        locator=att.LOCATOR,
        recognise_wall=_edge_wall,
    ),
    Retailer(
        id="target",
        name="Target",
        color="#cc0000",
        site=Site(
            base_url="https://www.target.com",
            api_url="https://redsky.target.com",
            carts_url="https://carts.target.com",
            account_url="https://api.target.com",
            # Stands in every product page of the site for whoever looks; it is the site's, not a person's.
            keys={target_stock.KEY: "9f36aeafbe60771e321a7cc95a78140772ab3e96"},
        ),
        locator=target.LOCATOR,
        stock=target_stock.TARGET_STOCK,
        recognise_wall=either(target_stock.recognise_wall, _edge_wall),
    ),
    Retailer(
        id="tmobile",
        name="T-Mobile",
        color="#e20074",
        site=Site(base_url="https://www.t-mobile.com"),
        locator=tmobile.LOCATOR,
        recognise_wall=_edge_wall,
    ),
    Retailer(
        id="walmart",
        name="Walmart",
        color="#0071ce",
        site=Site(base_url="https://www.walmart.com"),
        locator=walmart.LOCATOR,
        stock=walmart_stock.WALMART_STOCK,
        recognise_wall=either(walmart_stock.recognise_wall, stub, _edge_wall),
    ),
    Retailer(
        id="bestbuy",
        name="Best Buy",
        color="#0046be",
        # The directory has a host of its own, without a wall; product pages are on www.bestbuy.com.
        site=Site(base_url="https://stores.bestbuy.com", api_url="https://api.bestbuy.com"),
        locator=bestbuy.LOCATOR,
        stock=bestbuy_stock.BESTBUY_STOCK,
        recognise_wall=either(bestbuy_stock.recognise_wall, _edge_wall),
    ),
)

RETAILERS: dict[str, Retailer] = {retailer.id: retailer for retailer in _ALL}
