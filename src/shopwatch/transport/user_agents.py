"""Who we say we are; without it requests would carry the HTTP library's name and nobody to write to."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, metadata


def honest_agent() -> str:
    """``Shopwatch/<version>``, with the project's page if the package names one."""
    try:
        package = metadata("shopwatch")
    except PackageNotFoundError:  # run from a source tree that is not installed
        return "Shopwatch"
    pages = [line.split(",", 1)[1].strip() for line in package.get_all("Project-URL") or ()]
    return f"Shopwatch/{package['Version']}" + (f" (+{pages[0]})" if pages else "")


class UserAgents:
    """Gives each session the next user agent of its list; within a session it never changes."""

    def __init__(self) -> None:
        self._honest = honest_agent()
        self._cycles: dict[tuple[str, ...], Iterator[str]] = {}

    def next(self, configured: tuple[str, ...]) -> str:
        if not configured:
            return self._honest
        return next(self._cycles.setdefault(configured, itertools.cycle(configured)))
