"""Target: its store directory and its stock."""

from __future__ import annotations

from shopwatch.domain.retailer import Retailer
from shopwatch.domain.site import Site
from shopwatch.retailers.parsing.walls import edge_wall, either
from shopwatch.retailers.probes.target import TARGET_PROBE
from shopwatch.retailers.probes.target_session import TARGET_SESSION
from shopwatch.retailers.stock import target as stock
from shopwatch.retailers.stock.target_checkout import TARGET_CHECKOUT
from shopwatch.retailers.stores import target as stores

RETAILER = Retailer(
    id="target",
    name="Target",
    color="#cc0000",
    site=Site(
        base_url="https://www.target.com",
        api_url="https://redsky.target.com",
        carts_url="https://carts.target.com",
        account_url="https://api.target.com",
        # Stands in every product page of the site for whoever looks; it is the site's, not a person's.
        keys={stock.KEY: "9f36aeafbe60771e321a7cc95a78140772ab3e96"},
    ),
    locator=stores.LOCATOR,
    stock=stock.TARGET_STOCK,
    page_probe=TARGET_PROBE,
    session_probe=TARGET_SESSION,
    checkout=TARGET_CHECKOUT,
    recognise_wall=either(stock.recognise_wall, edge_wall),
)
