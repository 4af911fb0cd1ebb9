"""One changer of a configuration folder at a time, over all threads and processes: no save loses another."""

from __future__ import annotations

import fcntl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from shopwatch.domain.errors import Unusable


class FolderLock:
    """May be taken again by the thread that holds it: a change of the watch list is a save of the folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._mine = threading.local()

    @contextmanager
    def held(self) -> Iterator[None]:
        """Raises Unusable: the folder cannot be written."""
        if getattr(self._mine, "is_held", False):
            yield
            return
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            with (self._folder / ".lock").open("w") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                self._mine.is_held = True
                try:
                    yield
                finally:
                    self._mine.is_held = False
        except OSError as error:
            raise Unusable(f"{self._folder} cannot be written: {error.strerror}") from None
