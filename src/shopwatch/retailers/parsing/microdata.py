"""Shops marked up as microdata (Yext, 2018 to 2024); without it an older copy of a page says nothing."""

from __future__ import annotations

import json
from collections.abc import Mapping

from shopwatch.domain.crawling import Page
from shopwatch.retailers.parsing.hours import data_days, osm_week
from shopwatch.retailers.parsing.raw import Raw

#: Where each value stands, unless a retailer's pages have it elsewhere.
_USUAL = {
    "name": "[itemprop=name]",
    "street": "[itemprop=streetAddress]",
    "city": "[itemprop=addressLocality]",
    "state": "[itemprop=addressRegion]",
    "postcode": "[itemprop=postalCode]",
    "country": "[itemprop=addressCountry]",
    "phone": "[itemprop=telephone]",
    "lat": "[itemprop=latitude]",
    "lon": "[itemprop=longitude]",
    "hours": "[data-days]",
}


def microdata(page: Page, selectors: Mapping[str, str]) -> Raw:
    """Read what microdata a page has; ``selectors`` replace the usual ones. It knows no reference."""
    text = page.text
    if "itemprop" not in text and "data-days" not in text:
        return Raw(ref=None, name=None)  # building the tree is the dearest step of all
    from selectolax.lexbor import LexborHTMLParser  # noqa: PLC0415 - a monitor reads no such page: 2 MB

    tree, where = LexborHTMLParser(text), _USUAL | dict(selectors)

    def value(name: str, attribute: str = "content") -> str | None:
        node = tree.css_first(where[name])
        return None if node is None else node.attributes.get(attribute) or node.text()

    days = value("hours", "data-days")
    return Raw(
        ref=None,
        name=value("name"),
        lines=(value("street"),),
        city=value("city"),
        state=value("state"),
        postcode=value("postcode"),
        country=value("country"),
        phone=value("phone"),
        lat=value("lat"),
        lon=value("lon"),
        hours=osm_week(data_days(json.loads(days))) if days and days.startswith("[") else None,
    )
