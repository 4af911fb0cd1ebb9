"""A store as the simulated sites know it, before any of them has spelled it in its own way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from shopwatch.simulator.stores.hours import Week

OPEN, CLOSED, COMING = "open", "closed", "coming"
RETAILERS = ("verizon", "att", "target", "tmobile", "walmart", "bestbuy")

#: What ``missing-field`` can take out of every page, and the other words for it
FIELDS: dict[str, tuple[str, ...]] = {
    "name": ("name",),
    "street": ("street", "line1", "line2"),
    "city": ("city",),
    "state": ("state",),
    "postcode": ("postcode",),
    "phone": ("phone",),
    "geo": ("lat", "lon"),
    "hours": ("hours",),
    "kind": ("kind",),
    "dealer": ("dealer",),
    "services": ("services",),
    "ref": ("ref",),
}
_WORDS = {
    "address": "street",
    "zip": "postcode",
    "postal_code": "postcode",
    "telephone": "phone",
    "lat": "geo",
    "lon": "geo",
    "latitude": "geo",
    "longitude": "geo",
    "opening_hours": "hours",
    "store_id": "ref",
}
_EMPTY: dict[str, Any] = {"lat": None, "lon": None, "hours": None, "services": ()}


@dataclass(frozen=True, kw_only=True, slots=True)
class Store:
    """One store. What is not known is "" (text) or None (numbers, hours): its page leaves it out."""

    retailer: str
    ref: str  #: the site's own number or code
    name: str
    path: str  #: of its page, from the first slash on
    kind: str = ""
    dealer: str = ""  #: the legal entity that runs it
    corporate: bool = True
    street: str = ""  #: as the site prints it: the second line may be glued on without a blank
    line1: str = ""
    line2: str = ""
    city: str = ""
    state: str = ""  #: two letters
    postcode: str = ""
    country: str = "US"
    phone: str = ""  #: ten digits
    lat: float | None = None
    lon: float | None = None
    hours: Week | None = None  #: as shown this week
    usual: Week | None = None  #: what ``hours`` goes back to after a holiday that has leaked into it
    services: tuple[str, ...] = ()
    status: str = OPEN
    extras: Mapping[str, Any] = field(default_factory=dict)  #: what one site alone has
    revision: int = 1
    changed_at: datetime = datetime(2026, 1, 1, tzinfo=UTC)

    @property
    def postcode5(self) -> str:
        return self.postcode[:5]


@dataclass(frozen=True, kw_only=True, slots=True)
class Stray:
    """An address a site still serves or lists although no store of the set has it as its page."""

    path: str
    kind: str  #: "stale" serves ``shows``; "soft-404", "not-found", "test", "junk"
    shows: str = ""  #: ref of the store whose page comes instead
    store: Store | None = None  #: what it would have been
    listed: bool = True  #: still in the sitemap or on the city's page


def field_called(name: str) -> str:
    """Give the word of ``FIELDS`` for ``name``.

    Raises:
        ValueError: no page has such a field.
    """
    word = _WORDS.get(name, name)
    if word not in FIELDS:
        raise ValueError(f"no store page has a field {name!r}; there are: {', '.join(FIELDS)}")
    return word


def without(store: Store, name: str) -> Store:
    """Take one field away, as a site does when it loses it everywhere."""
    return replace(store, **{key: _EMPTY.get(key, "") for key in FIELDS[field_called(name)]})


def changed(store: Store, now: datetime, **values: Any) -> Store:
    """Give the store new values and its page a new revision."""
    return replace(store, revision=store.revision + 1, changed_at=now, **values)
