"""Rows of the watch list as JSON: what lasts is encoded once per change, what each check moves is added.

A busy monitor plans every product anew each second; 1,000 whole rows a second would be a core's tenth.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
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
from shopwatch.web.documents import plan_document, stamp, watch_document
from shopwatch.web.listing import Row
from shopwatch.web.watchbook import Plan, Spark, WatchBook


@dataclass(slots=True)
class _Encoded:
    """A row, and what it was made of."""

    watch: Watch
    state: StockState
    spark: Spark
    lasting: bytes  #: without what a check moves, open at its end
    plan: Plan | None = None
    row: msgspec.Raw | None = None

    def lasts(self, watch: Watch, state: StockState, spark: Spark) -> bool:
        """Whether a row made of these would be the same but for what a check moves."""
        if self.watch is not watch or self.spark is not spark:
            return False
        if self.state is state:
            return True
        return replace(self.state, last_checked=state.last_checked) == state

    def with_moving(self, state: StockState, plan: Plan | None) -> msgspec.Raw:
        """The whole row; ``state`` differs in the last check at most."""
        if self.row is None or self.state is not state or self.plan is not plan:
            self.state, self.plan = state, plan
            checked = msgspec.json.encode({"last_checked": stamp(state.last_checked)})
            next_check = msgspec.json.encode({"next_check": plan_document(plan)})
            self.row = msgspec.Raw(b"%s,%s,%s" % (self.lasting, checked[1:], next_check[1:]))
        return self.row


class WatchRows:
    """What a row is made of decides whether it is made anew; the book replaces what changes."""

    def __init__(self, core: Core, book: WatchBook) -> None:
        self._core = core
        self._book = book
        self._rows: dict[Key, Row] = {}
        self._origins: frozenset[str] = frozenset()
        self._urls: dict[Key, str] = {}  #: of products whose watch names none
        self._loaded: Loaded | None = None
        self._encoded: dict[Key, _Encoded] = {}

    @property
    def picture_origins(self) -> frozenset[str]:
        """Beside our own and HTTPS."""
        self._follow_configuration()
        return self._origins

    def rows(self) -> list[Row]:
        """The whole list, for searching and sorting."""
        return [self._placed(key, watch) for key, watch in self._book.watches.items()]

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

    def picture(self, url: str | None) -> str | None:
        """The address of a picture, if a page may show it."""
        return pictures.shown(url, self.picture_origins)

    def _placed(self, key: Key, watch: Watch) -> Row:
        state, plan = self._book.state(key), self._book.plan(key)
        due_at = plan[0] if plan else None
        row = self._rows.get(key)
        if row is None or row.watch is not watch or row.state is not state:
            row = self._rows[key] = Row.of(watch, state, due_at)
        elif row.due_at is not due_at:
            row = self._rows[key] = row.planned(due_at)
        return row

    def _row(self, key: Key, spark: Spark) -> msgspec.Raw:
        watch, state = self._book.get(key), self._book.state(key)
        known = self._encoded.get(key)
        if known is None or not known.lasts(watch, state, spark):
            known = self._encoded[key] = _Encoded(watch, state, spark, _opened(self._document(key, spark)))
        return known.with_moving(state, self._book.plan(key))

    def _document(self, key: Key, spark: Spark) -> dict[str, Any]:
        watch = self._book.get(key)
        document = watch_document(watch, self._book, url=watch.url or self._url(key), spark=spark)
        document["image_url"] = self.picture(document["image_url"])
        return document

    def _url(self, key: Key) -> str:
        self._follow_configuration()
        if key not in self._urls:
            try:
                self._urls[key] = product_url(self._core, key)
            except Invalid:  # a key of the site is not to be had: the list is not the place to say so
                self._urls[key] = ""
        return self._urls[key]

    def _follow_configuration(self) -> None:
        """Where sites and their pictures are is the configuration's to say."""
        loaded = self._core.loaded
        if loaded is not self._loaded:
            self._loaded, self._origins = loaded, pictures.origins_of(loaded.settings)
            self._urls.clear()
            self._encoded.clear()


def _opened(document: dict[str, Any]) -> bytes:
    """A row whose last member, its state, is still open: the moving parts close both."""
    state = {name: value for name, value in document["state"].items() if name != "last_checked"}
    lasting = {name: value for name, value in document.items() if name not in ("state", "next_check")}
    return msgspec.json.encode({**lasting, "state": state}).removesuffix(b"}}")
