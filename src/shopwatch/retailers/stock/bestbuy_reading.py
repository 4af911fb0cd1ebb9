"""What Best Buy's product records say: buyable only when three fields agree, unknown when they do not."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import msgspec

from shopwatch.domain.crawling import Page
from shopwatch.domain.errors import Gone, LayoutChanged
from shopwatch.domain.site import Site
from shopwatch.domain.stock import (
    UNNAMED_SELLER,
    Availability,
    Details,
    Evidence,
    Observation,
    Offer,
    Product,
    Source,
)
from shopwatch.retailers.reading import UNREADABLE, dollars, plain, reading, shown

IN, OUT, UNKNOWN = Availability.IN_STOCK, Availability.OUT_OF_STOCK, Availability.UNKNOWN
_VERDICTS = {
    ("Available", True): IN,
    ("PreOrder", True): Availability.PREORDER,
    ("Available", False): OUT,
    ("SoldOut", False): OUT,
}
_WORDS = {word for word, _ in _VERDICTS}


class Record(msgspec.Struct, gc=False):
    """The fields asked for, by the API's own names."""

    sku: int
    name: str | None = None
    active: bool | None = None
    onlineAvailability: bool | None = None  # noqa: N815
    onlineAvailabilityUpdateDate: str | None = None  # noqa: N815
    orderable: str | None = None
    inStoreAvailability: bool | None = None  # noqa: N815
    inStorePickup: bool | None = None  # noqa: N815
    salePrice: Decimal | None = None  # noqa: N815 - dollars
    regularPrice: Decimal | None = None  # noqa: N815 - dollars
    quantityLimit: int | None = None  # noqa: N815
    marketplace: bool | None = None
    url: str | None = None
    image: str | None = None
    releaseDate: str | None = None  # noqa: N815


SHOWN = ",".join(Record.__struct_fields__)


class Answer(msgspec.Struct, gc=False):
    products: list[msgspec.Raw]


_ANSWER = msgspec.json.Decoder(Answer)
_RECORD = msgspec.json.Decoder(Record)


def read(page: Page, skus: Sequence[str], site: Site) -> list[Observation]:
    """Each product's verdict, found by its SKU; one the API does not know is missing and so UNKNOWN.

    Raises:
        LayoutChanged: the answer is no list of products.
    """
    records = _records(page)
    return [_observe(page, sku, records.get(sku)) for sku in skus]


def read_details(page: Page, sku: str, site: Site) -> Details:
    record = _records(page).get(sku)
    if record is None:
        raise Gone(shown(page.url), f"no product found: {sku}")
    return Details(
        title=plain(record.name),
        offer=_offer(record),
        purchase_limit=record.quantityLimit,
        image_url=record.image,
        url=record.url,
        street_date=record.releaseDate,
    )


def _records(page: Page) -> dict[str, Record]:
    with reading(page):
        raws = _ANSWER.decode(page.body).products
    records: dict[str, Record] = {}
    for raw in raws:
        try:
            record = _RECORD.decode(raw)
        except UNREADABLE:
            continue  # its neighbours keep their verdict
        records[str(record.sku)] = record
    if raws and not records:
        raise LayoutChanged(shown(page.url), "no product of the answer can be read")
    return records


def _verdict(record: Record) -> tuple[Availability, str]:
    word, online = record.orderable or "", record.onlineAvailability
    if record.active is False:
        return OUT, "no longer sold (active is false)"
    if record.active is None or online is None or not word:
        return UNKNOWN, "active, onlineAvailability or orderable is missing"
    if (word, online) in _VERDICTS:
        return _VERDICTS[word, online], f"orderable {word}, {'online' if online else 'not online'}"
    if word in _WORDS:
        return UNKNOWN, f"contradiction: orderable {word}, onlineAvailability {online}"
    return UNKNOWN, f"unknown orderable word {word:.40}"


def _offer(record: Record) -> Offer:
    price, regular = dollars(record.salePrice), dollars(record.regularPrice)
    return Offer(
        price=price,
        sold_by=UNNAMED_SELLER if record.marketplace else None,
        regular_price=regular if price and regular != price else None,
    )


def _observe(page: Page, sku: str, record: Record | None) -> Observation:
    availability, reason = _verdict(record) if record else (UNKNOWN, "not in the answer")
    seen: dict[str, object] = {"sku": sku}
    if record:
        seen |= {
            "active": record.active,
            "onlineAvailability": record.onlineAvailability,
            "onlineAvailabilityUpdateDate": record.onlineAvailabilityUpdateDate,
            "orderable": record.orderable,
            "inStoreAvailability": record.inStoreAvailability,
            "marketplace": record.marketplace,
        }
    return Observation(
        product=Product(retailer="bestbuy", sku=sku, name=plain(record.name) if record else ""),
        availability=availability,
        source=Source.API,
        observed_at=page.fetched_at,
        reason=reason,
        #: "Somewhere in a store" is not "in yours": only its absence tells something about pickup.
        pickup=OUT if record and record.inStoreAvailability is False else UNKNOWN,
        in_store={True: IN, False: OUT, None: UNKNOWN}[record.inStoreAvailability] if record else UNKNOWN,
        offer=_offer(record) if record else None,
        evidence=Evidence(url=shown(page.url), status=page.status, seen=seen),
    )
