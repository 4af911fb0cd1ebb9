"""What the control API takes and how it refuses; without it a misspelt word would silently do nothing."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Any, Literal, TypeVar

import msgspec
from starlette.responses import Response

from shopwatch.simulator.scenario import Event, Plan
from shopwatch.simulator.shelf import CHANGEABLE, Button, Kind, PageMode

Body = TypeVar("Body")


class Refused(Exception):
    """A request to the control API that cannot be done; its text says why in one sentence."""

    def __init__(self, status: int, message: str) -> None:
        self.status = status
        super().__init__(message)


class ProductBody(msgspec.Struct, forbid_unknown_fields=True):
    """PUT /products/{site}/{sku}: what is left out stays as it is."""

    title: str | msgspec.UnsetType = msgspec.UNSET
    brand: str | msgspec.UnsetType = msgspec.UNSET
    category: str | msgspec.UnsetType = msgspec.UNSET
    price: str | int | float | msgspec.UnsetType = msgspec.UNSET  #: dollars
    price_cents: int | msgspec.UnsetType = msgspec.UNSET
    regular_cents: int | msgspec.UnsetType | None = msgspec.UNSET
    ship: str | msgspec.UnsetType = msgspec.UNSET
    pickup: str | msgspec.UnsetType = msgspec.UNSET
    in_store: str | msgspec.UnsetType = msgspec.UNSET
    quantity: int | msgspec.UnsetType = msgspec.UNSET
    limit: int | msgspec.UnsetType | None = msgspec.UNSET
    seller: str | msgspec.UnsetType | None = msgspec.UNSET
    marketplace: bool | msgspec.UnsetType = msgspec.UNSET
    kind: Kind | msgspec.UnsetType = msgspec.UNSET
    parent: str | msgspec.UnsetType | None = msgspec.UNSET
    variation: str | msgspec.UnsetType = msgspec.UNSET
    children: tuple[str, ...] | msgspec.UnsetType = msgspec.UNSET
    page: PageMode | msgspec.UnsetType = msgspec.UNSET
    other: str | msgspec.UnsetType | None = msgspec.UNSET
    hydrate_ms: int | msgspec.UnsetType = msgspec.UNSET
    button: Button | msgspec.UnsetType = msgspec.UNSET
    decoys: int | msgspec.UnsetType = msgspec.UNSET
    street_date: str | msgspec.UnsetType | None = msgspec.UNSET
    price_hidden: bool | msgspec.UnsetType = msgspec.UNSET
    blip: int | msgspec.UnsetType = msgspec.UNSET
    stores: dict[str, dict[str, str | int]] | msgspec.UnsetType = msgspec.UNSET


class FaultBody(msgspec.Struct, forbid_unknown_fields=True):
    """POST /faults."""

    kind: str
    site: str | None = None
    route: str | None = None
    rate: float = 1.0
    seconds: float | None = None
    times: int | None = None
    delay_ms: int = 3000
    retry_after: int = 5
    detail: str | None = None


class ScenarioBody(msgspec.Struct, forbid_unknown_fields=True):
    """POST /scenario: a plan for a seed, events one by one, or both."""

    plan: Plan | None = None
    events: list[Event] = []
    speed: float | None = None  #: virtual seconds per real second
    replace: bool = True  #: forget what was planned before


class ModeBody(msgspec.Struct, forbid_unknown_fields=True):
    """PUT /modes/{retailer}: one of the words that ``GET /modes`` gave."""

    mode: str


class ExpireBody(msgspec.Struct, forbid_unknown_fields=True):
    """POST /session/expire."""

    kind: Literal["session", "access"] = "session"


class ResetBody(msgspec.Struct, forbid_unknown_fields=True):
    """POST /reset."""

    seed: int | None = None
    stores: bool = True  #: whether the store sets are made anew too, which takes a moment


def read(model: type[Body], raw: bytes) -> Body:
    """Read a JSON body; 400 if it is no JSON, 422 if it is not what is wanted."""
    return refusing(lambda body: msgspec.json.decode(body or b"{}", type=model), raw)


def refusing(reader: Callable[[bytes], Body], raw: bytes) -> Body:
    """Let ``reader`` read a body, and put its complaints into a sentence."""
    try:
        return reader(raw)
    except msgspec.ValidationError as error:
        raise Refused(422, f"the body does not fit: {error}") from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Refused(400, f"the body is not JSON: {error}") from None


def say(body: object, status: int = 200) -> Response:
    """Answer with JSON."""
    return Response(msgspec.json.encode(body), status, media_type="application/json")


def changes_of(body: ProductBody) -> dict[str, Any]:
    """What a PUT wants changed, in the words of the shelf."""
    pairs = ((name, getattr(body, name)) for name in body.__struct_fields__ if name in CHANGEABLE)
    changes = {name: value for name, value in pairs if value is not msgspec.UNSET}
    if body.price is not msgspec.UNSET:
        changes["price_cents"] = _cents(body.price)
    return changes


def _cents(price: str | float | msgspec.UnsetType) -> int:
    try:
        cents = Decimal(str(price)) * 100
    except InvalidOperation:
        raise Refused(422, f"price must be dollars such as 17.99, got {price!r}") from None
    if not cents.is_finite() or cents != cents.to_integral_value() or cents < 0:
        raise Refused(422, f"price must be dollars and whole cents, got {price!r}")
    return int(cents)
