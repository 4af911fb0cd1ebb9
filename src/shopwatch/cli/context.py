"""What every command knows: where things are, how to run a coroutine, how to print."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

import typer

from shopwatch.bootstrap.folder import config_folder
from shopwatch.bootstrap.paths import Paths
from shopwatch.config.files import ConfigFolder
from shopwatch.config.watchlist import WatchList

Answer = TypeVar("Answer")


@dataclass(frozen=True, kw_only=True, slots=True)
class Context:
    """The global options of one call."""

    paths: Paths
    verbose: bool = False

    @property
    def folder(self) -> ConfigFolder:
        return config_folder(self.paths.config_dir)

    @property
    def watchlist(self) -> WatchList:
        return WatchList(self.folder)


def of(context: typer.Context) -> Context:
    found = context.find_object(Context)
    if found is None:
        raise RuntimeError("the command was called without its application")
    return found


def run(coroutine: Coroutine[Any, Any, Answer]) -> Answer:
    """Run a command's coroutine, on uvloop where it is installed."""
    try:
        import uvloop  # noqa: PLC0415 - optional, and slow to import
    except ImportError:
        return asyncio.run(coroutine)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(coroutine)


def now() -> datetime:
    return datetime.now(UTC)
