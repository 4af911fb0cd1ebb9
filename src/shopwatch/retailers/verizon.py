"""Verizon: its store directory."""

from __future__ import annotations

from shopwatch.domain.retailer import Retailer
from shopwatch.domain.site import Site
from shopwatch.retailers.parsing.walls import edge_wall
from shopwatch.retailers.stores import verizon

RETAILER = Retailer(
    id="verizon",
    name="Verizon",
    color="#cd040b",
    site=Site(base_url="https://www.verizon.com"),
    locator=verizon.LOCATOR,
    recognise_wall=edge_wall,
)
