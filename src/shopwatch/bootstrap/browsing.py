"""The browser pool put together: which pages it can read, and whose turn it is at their hosts."""

from __future__ import annotations

import os
from collections.abc import Mapping

from shopwatch.bootstrap.core import Core
from shopwatch.bootstrap.current import Current
from shopwatch.browser.launching import Start
from shopwatch.browser.pool import Pool, ProductPages
from shopwatch.retailers.registry import PROBES, RETAILERS, SESSION_PROBES
from shopwatch.transport.client import Client
from shopwatch.transport.policy import stock_policy


def pool_of(core: Core, client: Client, size: int) -> Pool:
    """A pool over the product pages of every retailer whose stock is watched."""
    return Pool(Start(sessions=core.paths.sessions, size=size), pages_of(core, client), core.clock)


def pages_of(core: Core, client: Client) -> Mapping[str, ProductPages]:
    """How each retailer's pages are asked and read, as the configuration is at that moment."""

    def pages(name: str) -> ProductPages:
        return ProductPages(
            probe=PROBES[name],
            site=core.site(RETAILERS[name]),
            recognise_wall=RETAILERS[name].recognise_wall,
            session=SESSION_PROBES.get(name),
            gate=client.gate(stock_policy(RETAILERS[name], core.settings, os.environ)),
        )

    return Current(PROBES, pages)
