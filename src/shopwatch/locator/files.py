"""Where a run's files lie and how one is replaced whole, so that a reader never sees half a file."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from shopwatch.domain.errors import Invalid, Unusable

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}")
_MODE = 0o644


@dataclass(frozen=True, slots=True)
class RunFiles:
    """The files of one retailer under the data folder. No name may lead out of it."""

    data_dir: Path
    retailer: str

    def __post_init__(self) -> None:
        _checked(self.retailer, "retailer")

    def document(self, run_id: str) -> Path:
        """The mission's run metadata."""
        return self.folder / "runs" / f"{_checked(run_id, 'run')}.json"

    def log(self, run_id: str) -> Path:
        return self.folder / "logs" / f"{_checked(run_id, 'run')}.log"

    def output(self, suffix: str) -> Path:
        """The exported last good set: ``suffix`` csv, json, geojson or xlsx."""
        return self.folder / "output" / f"{self.retailer}_stores.{_checked(suffix, 'format')}"

    def feed(self, suffix: str) -> Path:
        """The exported change feed."""
        return self.folder / "output" / f"{self.retailer}_changes.{_checked(suffix, 'format')}"

    @property
    def folder(self) -> Path:
        return self.data_dir / self.retailer


@contextmanager
def replacing(path: Path) -> Iterator[IO[bytes]]:
    """Write a file beside ``path``; it takes its place when the block ends well, and only then.

    Raises:
        Unusable: the folder cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
    except OSError as error:
        raise Unusable(f"cannot write {path}: {error.strerror}") from error
    part = Path(name)
    try:
        with os.fdopen(descriptor, "w+b") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        part.chmod(_MODE)
        part.replace(path)
    except OSError as error:
        raise Unusable(f"cannot write {path}: {error.strerror}") from error
    finally:
        with suppress(FileNotFoundError):
            part.unlink()
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    """Without this a power cut may forget the new name."""
    if not hasattr(os, "O_DIRECTORY"):
        return  # Windows cannot open a folder
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _checked(name: str, what: str) -> str:
    if not _NAME.fullmatch(name):
        raise Invalid(f"not the name of a {what}: {name[:100]!r}")
    return name
