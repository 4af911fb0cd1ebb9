"""What a browser looks for on a product page; without it the browser would know each retailer's markup."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from shopwatch.domain.crawling import Page
from shopwatch.domain.site import Site
from shopwatch.domain.stock import Observation


@dataclass(frozen=True, kw_only=True, slots=True)
class Element:
    """One element as it stood on the page."""

    text: str = ""
    enabled: bool = False
    visible: bool = False
    attributes: Mapping[str, str] = field(default_factory=dict)  #: data-…, aria-label, id, href


@dataclass(frozen=True, kw_only=True, slots=True)
class Sighting:
    """A product page as the browser showed it once it had come to rest."""

    page: Page  #: the document as the server sent it, its url after redirects
    title: str
    elements: Mapping[str, tuple[Element, ...]]  #: by the probe's name of the selector
    answers: tuple[object, ...] = ()  #: JSON documents the page fetched by itself
    settled: bool = True  #: False: it was still changing when our patience ended

    def first(self, name: str) -> Element | None:
        return next(iter(self.elements.get(name, ())), None)

    def usable(self, name: str) -> Element | None:
        """The first element of that name a shopper could use."""
        return next((one for one in self.elements.get(name, ()) if one.enabled and one.visible), None)


@dataclass(frozen=True, kw_only=True, slots=True)
class PageProbe:
    """How a retailer's product page is read: selectors by name, and a pure function of what they found."""

    selectors: Mapping[str, str]  #: CSS; ``{sku}`` stands for the SKU
    ready: str  #: the selector that only matches once the page's scripts are done
    button: str  #: the selector of the button of that very SKU: usable, it ends the wait
    read: Callable[[Sighting, str, Site], Observation]
    challenge: str = "#px-captcha"  #: matches only where a test for humans is shown
    #: Whether a JSON document tells the stock of the SKU; the look waits a moment for one that does.
    tells_stock: Callable[[object, str], bool] | None = None
    settle_s: float = 2.0  #: how long a page without a usable button must stay as it is
    longest_s: float = 12.0  #: for the scripts to finish


@dataclass(frozen=True, kw_only=True, slots=True)
class SessionProbe:
    """How a retailer's site shows who is signed in. Cookies prove nothing: guests have them too."""

    login_path: str  #: under ``base_url``; a person signs in there, we never type a password
    account_path: str  #: leads to the login page when nobody is signed in
    greeting: str  #: CSS selector of the account link
    greets: str  #: regular expression its text matches for a person, not for a guest


@dataclass(frozen=True, kw_only=True, slots=True)
class SessionState:
    """Whether a retailer's session is signed in, as one look at its account page told."""

    retailer: str
    signed_in: bool | None  #: None: could not tell
    checked_at: datetime
    reason: str
