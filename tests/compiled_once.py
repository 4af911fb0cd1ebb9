"""Statements compiled once for all tests: each opens a database of its own, and would compile them anew."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Dialect, Engine

_ROOM = 5_000  #: statements, more than there are


def share_what_is_compiled() -> None:
    """Give every engine what was compiled for the earlier ones of its kind, as one that lives on has it."""
    create: Callable[..., Engine] = sa.create_engine
    kinds: dict[tuple[str, object], tuple[Dialect, Any]] = {}

    def create_engine(url: sa.URL, **given: Any) -> Engine:
        engine = create(url, **given)
        kind = (url.drivername, given.get("isolation_level"))
        dialect, compiled = kinds.get(kind, (None, None))
        if dialect is None or dialect.server_version_info is None:  # that one was never connected
            engine._compiled_cache.capacity = _ROOM  # type: ignore[union-attr]
            kinds[kind] = engine.dialect, engine._compiled_cache
        else:
            engine.dialect, engine._compiled_cache = dialect, compiled
        return engine

    sa.create_engine = create_engine  # type: ignore[assignment]
