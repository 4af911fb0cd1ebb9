"""Addresses in pages, put on the configured site; without it a rehearsal would leave for the real one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import urljoin, urlsplit

from shopwatch.domain.site import Site

#: A path that stays as it is: without dots, a query or a fragment.
_PLAIN_PATH = re.compile(r"(?:/[\w-]+(?:\.[\w-]+)*)+/?", re.ASCII)


def on_site(address: str, site: Site, *, hosts: Sequence[str]) -> str | None:
    """Give ``address`` as an absolute address on ``site.base_url``; ``None`` if its host is somebody else's.

    ``hosts`` are the retailer's real ones: what its own pages name absolutely is put on the configured
    address, so that a simulator, a recording server or a proxy can stand in.
    """
    if address.startswith(f"{site.base_url}/") and _PLAIN_PATH.fullmatch(address, len(site.base_url)):
        return address  # a simulator's sitemap names thousands
    try:
        parts = urlsplit(urljoin(f"{site.base_url}/", address.strip()))
        host = parts.hostname
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not host:
        return None
    base = urlsplit(site.base_url)
    if parts.netloc == base.netloc:
        return parts._replace(scheme=base.scheme, fragment="").geturl()
    if host not in hosts:
        return None
    path = base.path.rstrip("/") + (parts.path or "/")
    return parts._replace(scheme=base.scheme, netloc=base.netloc, path=path, fragment="").geturl()


def last_part(address: str) -> str:
    """Give the last part of an address's path."""
    return urlsplit(address).path.rstrip("/").rsplit("/", 1)[-1]
