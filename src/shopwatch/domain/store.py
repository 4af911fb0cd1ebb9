"""A shop one can walk into, in one shape for all six retailers."""

from __future__ import annotations

from dataclasses import dataclass, fields
from enum import StrEnum

from shopwatch.domain.hours import DatedHours


class StoreStatus(StrEnum):
    OPEN = "open"
    CLOSED = "closed"
    COMING = "coming"
    UNKNOWN = "unknown"


@dataclass(frozen=True, kw_only=True, slots=True)
class Store:
    """One store as its page gave it. The key is (retailer, ref), never the URL or the coordinates."""

    retailer: str
    ref: str  #: the retailer's own store number, as text
    name: str
    kind: str | None = None  #: "Supercenter", "Experience Store", …: the retailer's word
    dealer: str | None = None  #: legal or trade name of who runs it, when not the retailer itself
    corporate: bool | None = None  #: None: the site does not say
    address: tuple[str, ...] = ()  #: street lines
    city: str | None = None
    state: str | None = None  #: two letters
    postcode: str | None = None  #: text: leading zeros stay
    country: str = "US"
    phone: str | None = None  #: E.164
    lat: float | None = None
    lon: float | None = None
    hours: str | None = None  #: the usual week, OSM syntax
    dated_hours: tuple[DatedHours, ...] = ()
    services: tuple[str, ...] = ()
    status: StoreStatus = StoreStatus.UNKNOWN
    url: str | None = None
    opened_on: str | None = None  #: ISO date

    @property
    def key(self) -> tuple[str, str]:
        return self.retailer, self.ref


#: Fields whose coverage the gate watches and whose changes the feed tells.
STORE_FIELDS: tuple[str, ...] = tuple(
    field.name for field in fields(Store) if field.name not in ("retailer", "ref")
)
