"""Walmart: its store directory and its stock."""

from __future__ import annotations

from shopwatch.domain.retailer import Retailer
from shopwatch.domain.site import Site
from shopwatch.retailers.parsing.walls import edge_wall, either, stub
from shopwatch.retailers.probes.walmart import WALMART_PROBE
from shopwatch.retailers.stock import walmart as stock
from shopwatch.retailers.stores import walmart as stores

RETAILER = Retailer(
    id="walmart",
    name="Walmart",
    color="#0071ce",
    site=Site(base_url="https://www.walmart.com"),
    locator=stores.LOCATOR,
    stock=stock.WALMART_STOCK,
    page_probe=WALMART_PROBE,
    recognise_wall=either(stock.recognise_wall, stub, edge_wall),
)
