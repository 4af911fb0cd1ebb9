"""Background sessions that look at pages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from shopwatch.domain.stock import Observation
from shopwatch.domain.watch import Watch


class BrowserPool(Protocol):
    """Warm background sessions that confirm what an API said, on the product page."""

    async def confirm(self, watch: Watch, url: str) -> Observation:
        """Look at the page; a skeleton or a moved page is UNKNOWN.

        Raises:
            Blocked: a challenge.
            Unreachable: no page, or the browser died twice.
        """

    @property
    def ready(self) -> bool:
        """Whether a look is worth asking for: what has died is started again by the next one."""

    def health(self) -> Mapping[str, object]: ...
