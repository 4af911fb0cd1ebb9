"""How the data inside a Walmart product page is shaped, as far as it is read."""

from __future__ import annotations

import re
from decimal import Decimal

import msgspec

_SCRIPT = re.compile(rb"""<script\b[^>]*\bid\s*=\s*["']__NEXT_DATA__["'][^>]*>(.*?)</script>""", re.DOTALL)


class Amount(msgspec.Struct, gc=False):
    price: Decimal | None = None  #: dollars


class PriceInfo(msgspec.Struct, gc=False):
    currentPrice: Amount | None = None  # noqa: N815 - the site's own names
    wasPrice: Amount | None = None  # noqa: N815


class Option(msgspec.Struct, gc=False):
    availabilityStatus: str | None = None  # noqa: N815


class Fulfillment(msgspec.Struct, gc=False):
    availableQuantity: float | None = None  # noqa: N815 - pieces


class PreOrder(msgspec.Struct, gc=False):
    isPreOrder: bool | None = None  # noqa: N815
    streetDate: str | None = None  # noqa: N815


class Pictures(msgspec.Struct, gc=False):
    thumbnailUrl: str | None = None  # noqa: N815


class Record(msgspec.Struct, gc=False):
    """``product`` of the page's data."""

    usItemId: str  # noqa: N815
    name: str | None = None
    availabilityStatus: str | None = None  # noqa: N815
    sellerName: str | None = None  # noqa: N815
    sellerType: str | None = None  # noqa: N815 - INTERNAL is Walmart itself
    showAtc: bool | None = None  # noqa: N815 - False: no button to add it to the cart
    orderLimit: int | None = None  # noqa: N815
    priceInfo: PriceInfo | None = None  # noqa: N815
    shippingOption: Option | None = None  # noqa: N815
    pickupOption: Option | None = None  # noqa: N815
    fulfillmentOptions: list[Fulfillment] | None = None  # noqa: N815
    preOrder: PreOrder | None = None  # noqa: N815
    imageInfo: Pictures | None = None  # noqa: N815


class Data(msgspec.Struct, gc=False):
    product: Record | None = None


class InitialData(msgspec.Struct, gc=False):
    data: Data


class PageProps(msgspec.Struct, gc=False):
    initialData: InitialData  # noqa: N815


class Props(msgspec.Struct, gc=False):
    pageProps: PageProps  # noqa: N815


class NextData(msgspec.Struct, gc=False):
    props: Props


_NEXT_DATA = msgspec.json.Decoder(NextData)


def record(body: bytes) -> Record | None:
    """The product of a page; ``None`` when the page says that there is none.

    Raises:
        ValueError, msgspec.MsgspecError: the page is of another kind.
    """
    script = _SCRIPT.search(body)
    if script is None:
        raise ValueError("the page carries no __NEXT_DATA__")
    return _NEXT_DATA.decode(script.group(1)).props.pageProps.initialData.data.product
