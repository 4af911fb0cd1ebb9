"""The browser pool put together: which pages it can read, and whose turn it is at their hosts."""

from __future__ import annotations

import os

from shopwatch.bootstrap.core import Core
from shopwatch.browser.launching import Start
from shopwatch.browser.pool import Pool, ProductPages
from shopwatch.retailers.registry import PROBES, RETAILERS, SESSION_PROBES
from shopwatch.transport.client import Client
from shopwatch.transport.policy import stock_policy


def pool_of(core: Core, client: Client, size: int) -> Pool:
    """A pool over the product pages of every retailer whose stock is watched."""
    pages = {
        name: ProductPages(
            probe=probe,
            site=core.site(RETAILERS[name]),
            recognise_wall=RETAILERS[name].recognise_wall,
            session=SESSION_PROBES.get(name),
            gate=client.gate(stock_policy(RETAILERS[name], core.settings, os.environ)),
        )
        for name, probe in PROBES.items()
    }
    return Pool(Start(sessions=core.paths.sessions, size=size), pages, core.clock)
