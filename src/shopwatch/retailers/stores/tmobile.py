"""T-Mobile: a nested sitemap of store pages, each with a JSON-LD block; only its title has the kind."""

from __future__ import annotations

import re
from dataclasses import replace

from shopwatch.domain.crawling import Found, Locator, Page, Phase
from shopwatch.domain.site import Site
from shopwatch.retailers.parsing.json_ld import json_ld, raw_of
from shopwatch.retailers.parsing.sitemaps import sitemap_phase
from shopwatch.retailers.parsing.values import text
from shopwatch.retailers.reading import reading

HOSTS = ("www.t-mobile.com",)
_TITLE = re.compile(r"<title[^>]*>(.*?)</title>", re.DOTALL | re.IGNORECASE)
_KIND = re.compile(r":\s*((?:\w+ )?(?:Store|Retailer)) in ")


def extract(page: Page, site: Site) -> list[Found]:
    """A store's page. Hours were under ``openingHoursSpecification`` until 2025-10, as the same texts."""
    with reading(page):
        raw = raw_of(json_ld(page, "Store"))
        title = _TITLE.search(page.text)
        kind = _KIND.search(text(title[1]) or "") if title else None
        word = kind[1] if kind else None
        corporate = False if word == "Authorized Retailer" else None  # a plain "Store" may be either
        return [replace(raw, kind=word, corporate=corporate, url=page.url).store("tmobile")]


LOCATOR = Locator(
    seeds=("/stores/sitemap.xml",),
    phases=(
        # Internet pages and sub-pages stand in the same files; some files have nothing else.
        Phase(
            "sitemap", sitemap_phase(r"^/stores/[a-z]{2}/t-mobile-[^/]+/?$", hosts=HOSTS, known=r"^/stores/")
        ),
        Phase("extract", extract),
    ),
)
