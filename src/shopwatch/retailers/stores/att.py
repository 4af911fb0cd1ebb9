"""AT&T: one sitemap of store pages, each with a JSON-LD block and two words in a script (2023 on)."""

from __future__ import annotations

import re
from dataclasses import replace

from shopwatch.domain.crawling import Found, Locator, Page, Phase
from shopwatch.domain.site import Site
from shopwatch.retailers.parsing.json_ld import json_ld, raw_of
from shopwatch.retailers.parsing.links import last_part
from shopwatch.retailers.parsing.microdata import microdata
from shopwatch.retailers.parsing.raw import Raw
from shopwatch.retailers.parsing.scripts import script_word
from shopwatch.retailers.parsing.sitemaps import sitemap_phase
from shopwatch.retailers.parsing.values import text
from shopwatch.retailers.reading import reading

HOSTS = ("www.att.com",)
_OLD_PAGE = {"name": ".LocationName-brand, [itemprop=name]"}
_CORPORATE = {"AT&T Retail": True, "Authorized Retail": False}


def extract(page: Page, site: Site) -> list[Found]:
    """A store's page; its number is the last part of its address."""
    with reading(page):
        number = last_part(page.request.url)
        if not number.isdigit():
            raise ValueError(f"no store number: {number!r}")
        return [replace(_raw(page), ref=number, url=page.url).store("att")]


def _raw(page: Page) -> Raw:
    """JSON-LD over what microdata of 2019 to 2022 the page still has: coordinates and hours, with luck."""
    marked = microdata(page, _OLD_PAGE)
    try:
        return _current(page).over(marked)
    except ValueError:
        return marked


def _current(page: Page) -> Raw:
    kind = text(script_word(page, "topDisplayType"))
    dealer = text(script_word(page, "storeMasterDealer"))
    return replace(
        raw_of(json_ld(page, "MobilePhoneStore")),
        kind=kind,
        corporate=_CORPORATE.get(kind or ""),
        dealer=re.sub(r"\s+-\s+\d+$", "", dealer or ""),  # "PRIME COMMUNICATIONS - 58"
    )


LOCATOR = Locator(
    seeds=("/stores/sitemap.xml",),
    phases=(
        Phase("sitemap", sitemap_phase(r"^/stores/[^/]+/[^/]+/\d+/?$", hosts=HOSTS)),
        Phase("extract", extract),
    ),
)
