"""How Target's JSON is shaped, as far as it is read: what is not declared here is never decoded."""

from __future__ import annotations

from decimal import Decimal

import msgspec


class Status(msgspec.Struct, gc=False):
    availability_status: str | None = None


class Shipping(msgspec.Struct, gc=False):
    availability_status: str | None = None
    available_to_promise_quantity: float | None = None  #: pieces, clamped; absent from the batch answer
    reason_code: str | None = None


class StoreOption(msgspec.Struct, gc=False):
    location_id: str | None = None
    location_available_to_promise_quantity: float | None = None  #: pieces
    order_pickup: Status | None = None
    in_store_only: Status | None = None


class Fulfillment(msgspec.Struct, gc=False):
    """Not ``sold_out``, not ``is_out_of_stock_in_all_store_locations``: both were seen lying (2025, 2026)."""

    shipping_options: Shipping | None = None
    store_options: list[StoreOption] | None = None


class Description(msgspec.Struct, gc=False):
    title: str | None = None


class Terms(msgspec.Struct, gc=False):
    is_marketplace: bool | None = None  #: absent on Target's own goods
    purchase_limit: int | None = None


class Vendor(msgspec.Struct, gc=False):
    vendor_name: str | None = None


class Picture(msgspec.Struct, gc=False):
    url: str | None = None


class Pictures(msgspec.Struct, gc=False):
    primary_image: Picture | None = None


class Enrichment(msgspec.Struct, gc=False):
    buy_url: str | None = None
    image_info: Pictures | None = None


class Content(msgspec.Struct, gc=False):
    street_date: str | None = None


class Item(msgspec.Struct, gc=False):
    relationship_type_code: str | None = None  #: SA alone, VAP parent of variants, VC variant
    product_description: Description | None = None
    fulfillment: Terms | None = None
    product_vendors: list[Vendor] | None = None
    enrichment: Enrichment | None = None
    mmbv_content: Content | None = None


class Price(msgspec.Struct, gc=False):
    """Dollars. A parent has only a range, "see price in cart" neither: then the price is not known."""

    current_retail: Decimal | None = None
    reg_retail: Decimal | None = None


class Node(msgspec.Struct, gc=False):
    """A product wherever it stands in an answer."""

    tcin: str
    item: Item | None = None
    fulfillment: Fulfillment | None = None
    price: Price | None = None
    children: list[Node] | None = None

    @property
    def is_parent(self) -> bool:
        return bool(self.children) or (self.item is not None and self.item.relationship_type_code == "VAP")


class Data(msgspec.Struct, gc=False):
    product_summaries: list[Node] | None = None
    product: Node | None = None


class Complaint(msgspec.Struct, gc=False):
    message: str = ""


class Answer(msgspec.Struct, gc=False):
    """Complaints stand beside the data: a product Target does not know is missing from a good answer."""

    data: Data | None = None
    errors: list[Complaint] | None = None


class LooseData(msgspec.Struct, gc=False):
    product_summaries: list[msgspec.Raw] | None = None
    product: msgspec.Raw | None = None


class LooseAnswer(msgspec.Struct, gc=False):
    """The same with the products unread, so that one spoilt product does not cost the others theirs."""

    data: LooseData | None = None
    errors: list[Complaint] | None = None
