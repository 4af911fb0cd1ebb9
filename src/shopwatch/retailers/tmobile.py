"""T-Mobile: its store directory."""

from __future__ import annotations

from shopwatch.domain.retailer import Retailer
from shopwatch.domain.site import Site
from shopwatch.retailers.parsing.walls import edge_wall
from shopwatch.retailers.stores import tmobile

RETAILER = Retailer(
    id="tmobile",
    name="T-Mobile",
    color="#e20074",
    site=Site(base_url="https://www.t-mobile.com"),
    locator=tmobile.LOCATOR,
    recognise_wall=edge_wall,
)
