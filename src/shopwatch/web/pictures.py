"""Whose pictures a page may show: the web's over HTTPS, and those of a site that stands on this very machine.

The simulator serves pictures over plain HTTP. No other plain address is ever asked: what a site writes into a
picture's address must not become a request into somebody's network.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from shopwatch.config.settings import Settings
from shopwatch.web.security import is_loopback

_ADDRESSES = ("base_url", "api_url", "carts_url", "account_url")


def origins_of(settings: Settings) -> frozenset[str]:
    """The configured sites on this machine, as ``http://127.0.0.1:8803``."""
    found = set()
    for section in settings.retailers.retailers.values():
        for name in _ADDRESSES:
            url = getattr(section, name)
            if url is not None and url.scheme == "http" and is_loopback(url.host or ""):
                found.add(f"http://{url.host}:{url.port}")
    return frozenset(found)


def shown(url: str | None, origins: frozenset[str]) -> str | None:
    """The address, if a page may show what is there."""
    if not url:
        return None
    try:
        parts = urlsplit(url)
        origin = f"{parts.scheme}://{parts.hostname}:{parts.port}"
    except ValueError:  # what a site wrote is no address
        return None
    return url if parts.scheme == "https" or origin in origins else None
