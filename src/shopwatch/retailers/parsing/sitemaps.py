"""Sitemaps: indexes, packed or not, into requests; without it each directory would need its own reader."""

from __future__ import annotations

import html
import re
import zlib
from collections.abc import Callable, Iterator, Sequence
from urllib.parse import urlsplit

from shopwatch.domain.crawling import Found, Page, Request
from shopwatch.domain.errors import ErrorClass, LayoutChanged, Unreachable
from shopwatch.domain.site import Site
from shopwatch.retailers.parsing.links import on_site

_GZIP = b"\x1f\x8b"
_MAX_UNPACKED = 100_000_000  #: bytes; the largest real store sitemap is far below 10 MB
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_ENTRY = re.compile(r"<(url|sitemap)\b[^>]*>(.*?)</\1\s*>", re.DOTALL)
_FIELD = re.compile(r"<(loc|lastmod)\b[^>]*>\s*(?:<!\[CDATA\[)?(.*?)(?:\]\]>)?\s*</\1\s*>", re.DOTALL)


def sitemap_phase(
    stores: str, *, hosts: Sequence[str], phase: str = "sitemap", known: str | None = None
) -> Callable[[Page, Site], list[Found]]:
    """Make a parser that follows an index and asks for every path that matches ``stores``.

    A file without any store raises ``LayoutChanged``, unless each of its paths matches ``known``: pages that
    are known to be something else.
    """
    wanted, other = re.compile(stores), re.compile(known or r"(?!)")

    def parse(page: Page, site: Site) -> list[Found]:
        is_index, entries = sitemap_entries(page)
        found: dict[str, Request] = {}
        strange = not entries
        for address, lastmod in entries:
            url = on_site(address, site, hosts=hosts)
            path = urlsplit(address).path
            if url is None or not (is_index or wanted.search(path)):
                strange = strange or not other.search(path)
                continue
            meta = {"lastmod": lastmod} if lastmod else {}
            found.setdefault(url, Request(url=url, phase=phase if is_index else "extract", meta=meta))
        if not found and strange:
            raise LayoutChanged(page.url, f"a sitemap of {len(entries)} entries that names no store")
        return list(found.values())

    return parse


def sitemap_entries(page: Page) -> tuple[bool, list[tuple[str, str]]]:
    """Read whether a page is an index, and its (address, lastmod) entries.

    Raises:
        LayoutChanged: it is no sitemap.
        Unreachable: it ends early, so that a part would look like the whole.
    """
    document = _COMMENT.sub("", unpacked(page).decode("utf-8-sig", "replace")).strip()
    opening = re.search(r"<(sitemapindex|urlset)\b[^>]*?(/?)>", document[:10_000])
    if opening is None:
        raise LayoutChanged(page.url, "no sitemap")
    kind = opening[1]
    if not opening[2] and not document.endswith(f"</{kind}>"):
        raise Unreachable(page.url, "the sitemap ends early", error_class=ErrorClass.CUT)
    return kind == "sitemapindex", list(_entries(document))


def _entries(document: str) -> Iterator[tuple[str, str]]:
    for entry in _ENTRY.finditer(document):
        fields = {name: html.unescape(value.strip()) for name, value in _FIELD.findall(entry[2])}
        if fields.get("loc"):
            yield fields["loc"], fields.get("lastmod", "")


def unpacked(page: Page) -> bytes:
    """Give the body, unpacked if its first bytes say gzip: neither name nor header can be trusted."""
    body, unpacked_bytes = page.body, b""
    if not body.startswith(_GZIP):
        return body
    while body.startswith(_GZIP):  # several gzip members may follow one another
        stream = zlib.decompressobj(wbits=31)
        try:
            unpacked_bytes += stream.decompress(body, _MAX_UNPACKED - len(unpacked_bytes) + 1)
        except zlib.error as error:
            raise Unreachable(page.url, f"gzip: {error}", error_class=ErrorClass.CUT) from error
        if len(unpacked_bytes) > _MAX_UNPACKED:
            raise Unreachable(page.url, "unpacks to over 100 MB", error_class=ErrorClass.TOO_LARGE)
        if not stream.eof:
            raise Unreachable(page.url, "the packed file ends early", error_class=ErrorClass.CUT)
        body = stream.unused_data
    return unpacked_bytes
