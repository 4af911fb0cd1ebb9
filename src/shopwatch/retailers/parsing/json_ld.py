"""Schema.org blocks of a page; without it three directories would each walk @graph and lists anew."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any

from shopwatch.domain.crawling import Page
from shopwatch.domain.hours import Interval
from shopwatch.domain.weeks import day_of, read_week
from shopwatch.retailers.parsing.hours import minutes, osm_week
from shopwatch.retailers.parsing.raw import Raw
from shopwatch.retailers.parsing.scripts import Record, lenient, scripts


def json_ld(page: Page, *types: str) -> Record:
    """Give the first object of one of ``types``; a block that is no JSON is passed over.

    Raises:
        ValueError: there is none.
    """
    for block in scripts(page, "ld+json"):
        try:
            document = lenient(block)
        except ValueError:
            continue
        for thing in _things(document):
            kinds = thing.get("@type")
            if set(types) & set(kinds if isinstance(kinds, list) else [kinds]):
                return thing
    raise ValueError(f"no JSON-LD of type {' or '.join(types)}")


def _things(document: Any) -> Iterator[Record]:
    if isinstance(document, list):
        for part in document:
            yield from _things(part)
    elif isinstance(document, dict):
        yield document
        yield from _things(document.get("@graph"))


def raw_of(thing: Record) -> Raw:
    """Read what schema.org says about a shop; its reference is the caller's business."""
    address, geo = thing.get("address") or {}, thing.get("geo") or {}
    return Raw(
        ref=thing.get("branchCode"),
        name=thing.get("name"),
        lines=(address.get("streetAddress"),),
        city=address.get("addressLocality"),
        state=address.get("addressRegion"),
        postcode=address.get("postalCode"),
        country=address.get("addressCountry"),
        phone=thing.get("telephone"),
        lat=geo.get("latitude"),
        lon=geo.get("longitude"),
        hours=hours_of(thing.get("openingHours")) or hours_of(thing.get("openingHoursSpecification")),
    )


def hours_of(written: object) -> str | None:
    """Read schema.org hours: a text, a list of texts, or specifications; ``None`` if there are none."""
    if isinstance(written, str):
        written = [written]
    if isinstance(written, dict):
        written = [written]
    if not isinstance(written, list) or not written:
        return None
    texts = tuple(part.strip() for part in written if isinstance(part, str) and part.strip())
    if texts:
        return _week_of(texts)
    return osm_week(_specified(part for part in written if isinstance(part, dict)))


@lru_cache(maxsize=4_096)  # a chain has a few hundred different weeks in its thousands of pages
def _week_of(texts: tuple[str, ...]) -> str | None:
    return osm_week(day for part in texts for day in read_week(part).days.items())


def _specified(parts: Iterable[Record]) -> Iterator[tuple[str, list[Interval]]]:
    found: dict[str, list[Interval]] = {}
    for part in parts:
        if part.get("validFrom"):
            continue  # a dated exception, not the usual week
        named = part["dayOfWeek"]
        opens, closes = part.get("opens"), part.get("closes")
        for day in named if isinstance(named, list) else [named]:
            intervals = found.setdefault(day_of(day), [])
            if opens is not None and closes is not None:
                intervals.append((minutes(opens), minutes(closes)))
    yield from found.items()
