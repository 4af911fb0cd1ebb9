"""Calls the simulated store directories without a socket: a world, its sites, and one method to ask them."""

from __future__ import annotations

import asyncio
import gzip
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit
from xml.etree import ElementTree as ET

from shopwatch.simulator.faults import Faults
from shopwatch.simulator.origin import Origin
from shopwatch.simulator.request_log import RequestLog
from shopwatch.simulator.shelf import Products
from shopwatch.simulator.sites import (
    att,
    bestbuy_api_stores,
    bestbuy_stores,
    target_stores,
    tmobile,
    verizon,
    walmart_stores,
)
from shopwatch.simulator.stores import StoreSet, fill, set_mode
from shopwatch.simulator.world import World

PARTS = {
    "verizon": verizon,
    "att": att,
    "target": target_stores,
    "tmobile": tmobile,
    "walmart": walmart_stores,
    "bestbuy": bestbuy_stores,
    "bestbuy-api": bestbuy_api_stores,
}
SMALL = dict.fromkeys(("verizon", "att", "target", "tmobile", "walmart", "bestbuy"), 120)


@dataclass(frozen=True, slots=True)
class Reply:
    """What a site said."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def locations(self) -> list[str]:
        """The paths a sitemap names."""
        return [urlsplit(address).path for address in self._entries("loc")]

    @property
    def dates(self) -> dict[str, str]:
        """``lastmod`` of each path."""
        root = ET.fromstring(_unpacked(self.body))
        found = {}
        for entry in root:
            parts = {part.tag.rsplit("}", 1)[1]: part.text or "" for part in entry}
            found[urlsplit(parts["loc"]).path] = parts.get("lastmod", "")
        return found

    def _entries(self, tag: str) -> list[str]:
        root = ET.fromstring(_unpacked(self.body))
        return [part.text or "" for entry in root for part in entry if part.tag.endswith(tag)]


def _unpacked(body: bytes) -> bytes:
    return gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body


class StoreSites:
    """The six directories of one world."""

    def __init__(
        self, *, seed: int = 7, folder: Path | None = None, sizes: Mapping[str, int] = SMALL
    ) -> None:
        self.world = World(seed=seed, products=Products())
        self.world.origins = {name: f"http://{name}.test" for name in PARTS}
        self.problems = fill(self.world, folder, sizes=sizes)
        self.faults = Faults(seed)
        log = RequestLog()
        self._origins = {
            name: Origin(part.site(self.world), self.world, self.faults, log) for name, part in PARTS.items()
        }

    def set_of(self, retailer: str) -> StoreSet:
        stores: StoreSet = self.world.stores[retailer]
        return stores

    def mode(self, site: str, word: str) -> None:
        set_mode(self.world, site, word)

    def fault(self, kind: str, site: str, route: str | None = None) -> None:
        self.faults.add(site=site, route=route, kind=kind)

    async def get(self, site: str, path: str, **headers: str) -> Reply:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.ask(site, "GET", path, headers=sent)

    async def post(self, site: str, path: str, body: bytes) -> Reply:
        return await self.ask(site, "POST", path, body=body)

    async def ask(
        self,
        site: str,
        method: str,
        path: str,
        *,
        body: bytes = b"",
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        """Send one request to one origin."""
        target, _, query = path.partition("?")
        scope: dict[str, Any] = {
            "type": "http",
            "method": method,
            "path": unquote(target),
            "raw_path": target.encode(),
            "query_string": query.encode(),
            "headers": [(b"host", f"{site}.test".encode())]
            + [(name.lower().encode(), value.encode()) for name, value in (headers or {}).items()],
            "scheme": "http",
            "server": (f"{site}.test", 80),
            "client": ("127.0.0.1", 1),
            "root_path": "",
            "http_version": "1.1",
        }
        sent: list[Any] = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: Any) -> None:
            sent.append(message)

        await self._origins[site](scope, receive, send)
        content = b"".join(message.get("body", b"") for message in sent)
        raw = {name.decode(): value.decode() for name, value in sent[0].get("headers", [])}
        return Reply(sent[0]["status"], raw, content)

    async def many(self, site: str, paths: list[str]) -> list[Reply]:
        return list(await asyncio.gather(*(self.get(site, path) for path in paths)))


def script_value(page: str, pattern: str) -> str:
    """The first group of ``pattern`` in a page that must have it."""
    found = re.search(pattern, page, re.DOTALL)
    assert found, f"{pattern} is not in {page[-1500:]}"
    return found[1]
