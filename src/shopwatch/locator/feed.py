"""The change feed for other programs: JSON, CSV and RSS, with a sentence for people."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from email.utils import format_datetime
from html import escape
from typing import Any

import msgspec

from shopwatch.domain.errors import Invalid
from shopwatch.locator.export import csv_pieces
from shopwatch.locator.progress import stamp
from shopwatch.locator.rows import Cell, plain, without_control
from shopwatch.ports import StoreChange

FEED_FORMATS = ("json", "csv", "rss")
_COLUMNS = ("at", "retailer", "ref", "kind", "summary", "before", "after", "run_id")
_COMING_AND_GOING = {
    "opened": "a new store",
    "closed": "closed",
    "reopened": "open again",
    "announced": "coming soon",
}


def feed(
    changes: Sequence[StoreChange], format_name: str, *, name: str, now: datetime, link: str = ""
) -> bytes:
    """The changes in the order given. ``name`` is the retailer's; ``link`` leads a reader to the dashboard.

    Raises:
        Invalid: there is no such format.
    """
    match format_name:
        case "json":
            document = {"exported_at": stamp(now), "changes": [document_of(change) for change in changes]}
            return msgspec.json.encode(document)
        case "csv":
            return b"".join(csv_pieces((_cells(change) for change in changes), _COLUMNS))
        case "rss":
            return _rss(changes, name=name, now=now, link=link)
    raise Invalid(f"no format {format_name!r}: it must be one of {', '.join(FEED_FORMATS)}")


def document_of(change: StoreChange) -> dict[str, Any]:
    return {
        "at": stamp(change.at),
        "retailer": change.retailer,
        "ref": change.ref,
        "kind": change.kind,
        "summary": summary(change),
        "before": dict(change.before),
        "after": dict(change.after),
        "run_id": change.run_id,
    }


def summary(change: StoreChange) -> str:
    """ "Store 1234: phone was +1…, is +1…"."""
    if change.kind in _COMING_AND_GOING:
        facts = change.before if change.kind == "closed" else change.after
        place = ", ".join(str(facts[key]) for key in ("name", "address", "city", "state") if facts.get(key))
        return plain(f"Store {change.ref}: {_COMING_AND_GOING[change.kind]}{f' ({place})' if place else ''}")
    return plain(f"Store {change.ref}: {change.kind}: was {_told(change.before)}, is {_told(change.after)}")


def _told(values: Any) -> str:
    known = [_word(value) for value in values.values() if value not in (None, "", [], ())]
    return ", ".join(known) or "unknown"


def _word(value: object) -> str:
    return "; ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def _cells(change: StoreChange) -> list[Cell]:
    document = document_of(change)
    document |= {name: msgspec.json.encode(document[name]).decode() for name in ("before", "after")}
    return [plain(str(document[name])) for name in _COLUMNS]


def _rss(changes: Iterable[StoreChange], *, name: str, now: datetime, link: str) -> bytes:
    entries = "".join(
        f"<item><title>{_xml(summary(change))}</title>"
        f'<guid isPermaLink="false">{_xml(_id(change))}</guid>'
        f"<category>{_xml(change.kind)}</category>"
        f"<pubDate>{_rfc822(change.at)}</pubDate>"
        f"{f'<link>{_xml(link)}</link>' if link else ''}</item>\n"
        for change in changes
    )
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n<rss version="2.0"><channel>\n'
        f"<title>{_xml(name)}: stores that changed</title><link>{_xml(link)}</link>"
        f"<description>Openings, closings and changes of the stores of {_xml(name)}</description>"
        f"<lastBuildDate>{_rfc822(now)}</lastBuildDate>\n{entries}</channel></rss>\n"
    ).encode()


def _id(change: StoreChange) -> str:
    return f"{change.run_id}/{change.retailer}/{change.ref}/{change.kind}"


def _rfc822(at: datetime) -> str:
    return format_datetime(at.astimezone(UTC), usegmt=True)


def _xml(text: str) -> str:
    return escape(without_control(text))
