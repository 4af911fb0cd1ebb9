"""AT&T: its store directory."""

from __future__ import annotations

from shopwatch.domain.retailer import Retailer
from shopwatch.domain.site import Site
from shopwatch.retailers.parsing.walls import edge_wall
from shopwatch.retailers.stores import att

RETAILER = Retailer(
    id="att",
    name="AT&T",
    color="#00a8e0",
    site=Site(base_url="https://www.att.com"),
    locator=att.LOCATOR,
    recognise_wall=edge_wall,
)
