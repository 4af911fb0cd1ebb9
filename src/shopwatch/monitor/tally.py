"""Counts what was looked at, so that 50,000 watches write once a second and never a row per check."""

from __future__ import annotations

from datetime import datetime

from shopwatch.domain.stock import Key
from shopwatch.ports import CheckTally


class Tallies:
    """Adds up checks by product until they are taken to be written."""

    def __init__(self) -> None:
        self._counts: dict[Key, list[int]] = {}
        self._last: dict[Key, datetime] = {}

    def __len__(self) -> int:
        return len(self._counts)

    def add(self, key: Key, at: datetime, *, unknown: bool = False, in_stock: bool = False) -> None:
        counts = self._counts.get(key)
        if counts is None:
            counts = self._counts[key] = [0, 0, 0]
        counts[0] += 1
        counts[1] += unknown
        counts[2] += in_stock
        self._last[key] = at

    def take(self) -> list[CheckTally]:
        """Everything since the last time; counting begins anew."""
        counts, last = self._counts, self._last
        self._counts, self._last = {}, {}
        return [
            CheckTally(
                key=key, checks=checks, unknowns=unknowns, last_checked=last[key], in_stock_checks=in_stock
            )
            for key, (checks, unknowns, in_stock) in counts.items()
        ]
