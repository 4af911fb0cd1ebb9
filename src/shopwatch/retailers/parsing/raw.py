"""A store as its page spells it, on its way to a ``Store``; without it six files would clean alike."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields, replace

from shopwatch.domain.hours import DatedHours
from shopwatch.domain.store import Store, StoreStatus
from shopwatch.retailers.parsing.values import (
    coordinates,
    country,
    iso_date,
    phone,
    postcode,
    state,
    street,
    text,
)

_CLOSED = re.compile(
    r"\b(?:permanently closed|now closed|store closed)\b|^closed\b|[-(:]\s*closed\)?$", re.IGNORECASE
)
_COMING = re.compile(r"\b(?:coming soon|opening soon|now hiring - opening)\b", re.IGNORECASE)

_STATUS = {
    "open": StoreStatus.OPEN,
    "closed": StoreStatus.CLOSED,
    "permanently_closed": StoreStatus.CLOSED,
    "permanently closed": StoreStatus.CLOSED,
    "coming soon": StoreStatus.COMING,
    "coming_soon": StoreStatus.COMING,
    "future": StoreStatus.COMING,
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Raw:
    """Values as found, of any type; ``store`` makes them plain or says that this is no store."""

    ref: object
    name: object
    lines: tuple[object, ...] = ()
    city: object = None
    state: object = None
    postcode: object = None
    country: object = None
    phone: object = None
    lat: object = None
    lon: object = None
    kind: object = None
    dealer: object = None
    corporate: bool | None = None
    hours: str | None = None
    dated_hours: tuple[DatedHours, ...] = ()
    services: tuple[object, ...] = ()
    status: StoreStatus | None = None  #: ``None``: the page has no word for it
    opened_on: object = None
    url: str | None = None

    def over(self, other: Raw) -> Raw:
        """Give this one's values where it has any, the other's elsewhere."""
        mine = {field.name: getattr(self, field.name) for field in fields(self)}
        return replace(
            other, **{name: value for name, value in mine.items() if value not in (None, (), (None, None))}
        )

    def store(self, retailer: str) -> Store:
        """Make the store.

        Raises:
            ValueError: it has no number, no name or no place.
        """
        ref, name = text(self.ref), text(self.name)
        lines, city, code = street(*self.lines), text(self.city), postcode(self.postcode)
        lat, lon = coordinates(self.lat, self.lon)
        if ref is None or name is None:
            raise ValueError("a store without a number or a name")
        if not lines and city is None and code is None and lat is None:
            raise ValueError(f"store {ref} is nowhere")
        return Store(
            retailer=retailer,
            ref=ref,
            name=name,
            kind=text(self.kind),
            dealer=text(self.dealer),
            corporate=self.corporate,
            address=lines,
            city=city,
            state=state(self.state),
            postcode=code,
            country=country(self.country),
            phone=phone(self.phone),
            lat=lat,
            lon=lon,
            hours=self.hours,
            dated_hours=self.dated_hours,
            services=_words(self.services),
            status=self.status or status_of(name),
            url=self.url,
            opened_on=iso_date(self.opened_on),
        )


def status_of(name: str) -> StoreStatus:
    """Say what a store's listing says: it is open, unless its name says that it is not or not yet."""
    word = name.lower()
    if "closed" not in word and "soon" not in word and "hiring" not in word:
        return StoreStatus.OPEN  # nearly always, and expressions are slow
    if _CLOSED.search(name):
        return StoreStatus.CLOSED
    return StoreStatus.COMING if _COMING.search(name) else StoreStatus.OPEN


def status_word(word: object) -> StoreStatus | None:
    """Read a site's own word for a store's status; ``None`` for one we do not know."""
    return _STATUS.get((text(word) or "").lower())


def _words(values: tuple[object, ...]) -> tuple[str, ...]:
    return tuple(sorted({word for value in values if (word := text(value)) is not None}))
