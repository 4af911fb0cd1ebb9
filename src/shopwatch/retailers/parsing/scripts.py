"""JSON out of a page's scripts, however it was put there; without it each parser would search by hand."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

import msgspec

from shopwatch.domain.crawling import Page

Record = dict[str, Any]  #: one JSON object of a site; read only inside ``reading``

# Pages have hundreds of kilobytes: what is searched first is always a plain text, never an expression.
_DECODER = json.JSONDecoder(strict=False)  # control characters inside text are the sites' habit
_OPENING = re.compile(r"<script\b([^>]*)>")
_FLIGHT = re.compile(r'self\.__next_f\.push\(\s*\[\s*\d+\s*,\s*("[^"\\]*(?:\\.[^"\\]*)*")', re.DOTALL)
_BLOB = re.compile(r"""decodeURIComponent\(\s*(?:"([^"]*)"|'([^']*)')\s*\)""")
_ASSIGNED = re.compile(r"\s*=\s*(?=\{)")
_WORD = re.compile(r"""["']?\s*[=:]\s*(["'])((?:\\.|(?!\1).)*)\1""")


def scripts(page: Page, attribute: str = "") -> Iterator[str]:
    """Give the text of every script whose opening tag contains ``attribute``."""
    text = page.text
    for opening in _OPENING.finditer(text):
        end = text.find("</script", opening.end())
        if attribute in opening[1] and end >= 0:
            yield text[opening.end() : end]


def _mentions(text: str, name: str) -> Iterator[int]:
    """Give where each mention of ``name`` ends, but not of a longer name."""
    start = text.find(name)
    while start >= 0:
        before = text[start - 1 : start]
        if not (before.isalnum() or before in ("_", "$")):
            yield start + len(name)
        start = text.find(name, start + 1)


def lenient(document: str) -> Any:
    """Decode JSON as browsers' authors write it: comment marks around it and trailing commas are forgiven."""
    try:
        return msgspec.json.decode(document)  # ten times as quick, and strict
    except (msgspec.DecodeError, ValueError):
        return _forgiving(document)


def _forgiving(document: str) -> Any:
    plain = re.sub(r"^\s*(?:<!--|/\*\s*<!\[CDATA\[\s*\*/|//\s*<!\[CDATA\[|<!\[CDATA\[)", "", document)
    plain = re.sub(r"(?:-->|/\*\s*\]\]>\s*\*/|//\s*\]\]>|\]\]>)\s*$", "", plain).strip().rstrip(";")
    try:
        return _DECODER.decode(plain)
    except ValueError:
        return _DECODER.decode(re.sub(r",(?=\s*[}\]])", "", plain))


def next_data(page: Page) -> Record:
    """Read ``__NEXT_DATA__``."""
    found = next(scripts(page, "__NEXT_DATA__"), None)
    if found is None:
        raise ValueError("no __NEXT_DATA__")
    return record(lenient(found))


def variable(page: Page, name: str) -> Record:
    """Read the object that a script assigns to ``name``."""
    text = page.text
    for end in _mentions(text, name):
        assigned = _ASSIGNED.match(text, end)
        if assigned is None:
            continue
        try:
            value, _ = _DECODER.raw_decode(text, assigned.end())
        except ValueError:
            continue
        return record(value)
    raise ValueError(f"no script sets {name}")


def script_word(page: Page, name: str) -> str | None:
    """Read a short text that a script gives to ``name``, as ``name = '…'`` or ``name: "…"``."""
    text = page.text
    found = next((word for end in _mentions(text, name) if (word := _WORD.match(text, end))), None)
    return re.sub(r"\\(.)", r"\1", found[2]) if found else None


def flight_records(page: Page, key: str) -> Iterator[Record]:
    """Read every object that starts with ``key`` in a Next.js page's flight data, large or small."""
    text = "".join(_DECODER.decode(chunk) for chunk in _FLIGHT.findall(page.text))
    if not text:  # a shape without push(): the record still stands escaped inside some script
        text = page.text.replace('\\"', '"').replace("\\\\", "\\")
    for start in re.finditer(rf'\{{\s*"{re.escape(key)}"\s*:', text):
        try:
            value, _ = _DECODER.raw_decode(text, start.start())
        except ValueError:
            continue
        yield record(value)


def uri_blob(page: Page) -> Record:
    """Read ``JSON.parse(decodeURIComponent("…"))``: the longest of them."""
    blobs = [found[1] or found[2] for found in _BLOB.finditer(page.text)]
    if not blobs:
        raise ValueError("no decodeURIComponent")
    return record(_DECODER.decode(unquote(max(blobs, key=len))))


def record(value: object) -> Record:
    """Give ``value`` if it is an object."""
    if not isinstance(value, dict):
        raise TypeError(f"expected an object, found {type(value).__name__}")
    return value
