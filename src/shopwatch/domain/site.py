"""Where a retailer's site is and who we are to it: addresses, location and public keys as configured."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True, slots=True)
class Location:
    """The place prices and pickup are asked for."""

    store_id: str = ""
    zip: str = ""
    state: str = ""
    latitude: float | None = None
    longitude: float | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Site:
    """All a pure retailer function may know of the outside. No trailing slashes in addresses."""

    base_url: str
    api_url: str = ""
    carts_url: str = ""
    account_url: str = ""
    location: Location = field(default_factory=Location)
    keys: Mapping[str, str] = field(
        default_factory=dict, repr=False
    )  #: public web keys and developer keys by name
