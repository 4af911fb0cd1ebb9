"""Rows of the watch list as JSON, encoded once per change: 1,000 of them are asked for every few seconds."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from shopwatch.bootstrap.core import Core
from shopwatch.bootstrap.looking import product_url
from shopwatch.config.files import Loaded
from shopwatch.domain.errors import Invalid
from shopwatch.domain.stock import Key
from shopwatch.domain.stock_state import StockState
from shopwatch.domain.watch import Watch
from shopwatch.web import pictures
from shopwatch.web.documents import watch_document
from shopwatch.web.listing import Row
from shopwatch.web.watchbook import Plan, Spark, WatchBook

_Made = tuple[Watch, StockState, Plan | None, Spark]  #: what a row was made of


class WatchRows:
    """What a row is made of decides whether it is made anew; the book replaces what changes."""

    def __init__(self, core: Core, book: WatchBook) -> None:
        self._core = core
        self._book = book
        self._rows: dict[Key, Row] = {}
        self._origins: frozenset[str] = frozenset()
        self._origins_of: Loaded | None = None
        self._encoded: dict[Key, tuple[_Made, msgspec.Raw]] = {}

    def rows(self) -> list[Row]:
        """The whole list, for searching and sorting."""
        return [self._placed(key, watch) for key, watch in self._book.watches.items()]

    @property
    def picture_origins(self) -> frozenset[str]:
        """Beside our own and HTTPS; read again when the configuration is."""
        loaded = self._core.loaded
        if loaded is not self._origins_of:
            self._origins_of, self._origins = loaded, pictures.origins_of(loaded.settings)
        return self._origins

    async def encoded(self, keys: Iterable[Key]) -> list[msgspec.Raw]:
        """Raises NotFound: one is not watched."""
        wanted = list(keys)
        sparks = await self._book.sparks(wanted)
        return [self._row(key, sparks[key]) for key in wanted]

    async def documents(self, keys: Iterable[Key]) -> list[dict[str, Any]]:
        """Raises NotFound: one is not watched."""
        wanted = list(keys)
        sparks = await self._book.sparks(wanted)
        return [self._document(key, sparks[key]) for key in wanted]

    def _placed(self, key: Key, watch: Watch) -> Row:
        state, plan = self._book.state(key), self._book.plan(key)
        due_at = plan[0] if plan else None
        row = self._rows.get(key)
        if row is None or row.watch is not watch or row.state is not state or row.due_at is not due_at:
            row = self._rows[key] = Row.of(watch, state, due_at)
        return row

    def _row(self, key: Key, spark: Spark) -> msgspec.Raw:
        book = self._book
        made: _Made = (book.get(key), book.state(key), book.plan(key), spark)
        known = self._encoded.get(key)
        if known is not None and all(one is other for one, other in zip(known[0], made, strict=True)):
            return known[1]
        row = msgspec.Raw(msgspec.json.encode(self._document(key, spark)))
        self._encoded[key] = made, row
        return row

    def _document(self, key: Key, spark: Spark) -> dict[str, Any]:
        watch = self._book.get(key)
        document = watch_document(watch, self._book, url=watch.url or self._url(key), spark=spark)
        document["image_url"] = self.picture(document["image_url"])
        return document

    def picture(self, url: str | None) -> str | None:
        """The address of a picture, if a page may show it."""
        return pictures.shown(url, self.picture_origins)

    def _url(self, key: Key) -> str:
        try:
            return product_url(self._core, key)
        except Invalid:  # a key of the site is not to be had: the list is not the place to say so
            return ""
