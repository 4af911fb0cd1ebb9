"""A retailer: data plus pure functions. Adding one is one file and one line in the registry."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from shopwatch.domain.checkout_probe import CheckoutProbe
from shopwatch.domain.crawling import NO_DIRECTORY, Locator, Page, Request
from shopwatch.domain.probe import PageProbe, SessionProbe
from shopwatch.domain.site import Site
from shopwatch.domain.stock import Details, Observation, StoreStock


@dataclass(frozen=True, kw_only=True, slots=True)
class StockApi:
    """How a retailer's stock is read: how to ask for up to ``batch_size`` SKUs, how to read the answer."""

    batch_size: int
    request: Callable[[Sequence[str], Site], Request]
    #: One observation for each SKU asked, in that order; a missing or unreadable one is UNKNOWN.
    read: Callable[[Page, Sequence[str], Site], list[Observation]]
    product_url: Callable[[str, Site], str]
    sku_from_url: Callable[[str], str | None]  #: of a product page's address
    details_request: Callable[[str, Site], Request] | None = None
    read_details: Callable[[Page, str, Site], Details] | None = None
    pickup_request: Callable[[str, str, Site], Request] | None = None  #: (SKU, ZIP): stores near with stock
    read_pickup: Callable[[Page, str, Site], list[StoreStock]] | None = None
    #: What must be configured before it answers, as a sentence that says what to do; "": nothing.
    lacks: Callable[[Site], str] = lambda _site: ""
    requests_per_second: float = 1.0  #: a polite ceiling when the configuration says nothing
    max_in_flight: int = 1
    min_interval_s: float = 5.0  #: the shortest interval between two looks at one product, seconds


@dataclass(frozen=True, kw_only=True, slots=True)
class Retailer:
    """A shop we know; its site's facts stand in the file that makes it. Only what it has is given."""

    id: str
    name: str
    color: str  #: brand colour, ``#rrggbb``
    site: Site  #: the real site's addresses and public keys; configuration overrides any of them
    locator: Locator = NO_DIRECTORY
    stock: StockApi | None = None
    #: Raises ``Blocked`` for a wall or challenge page, whatever its status; looks at nothing else.
    recognise_wall: Callable[[Page], None] | None = None
    page_probe: PageProbe | None = None  #: how a browser reads its product pages
    session_probe: SessionProbe | None = None  #: how its pages show who is signed in
    checkout: CheckoutProbe | None = None  #: the way to an order
