"""Files replaced whole: no reader sees half of one, and no killed process or power cut leaves one."""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from shopwatch.domain.errors import Unusable

SHARED = 0o644  #: for everybody on the machine to read
PRIVATE = 0o600  #: as good as a password
_PRIVATE_FOLDER = 0o700


@contextmanager
def replacing(path: Path, *, mode: int | None = None) -> Iterator[IO[bytes]]:
    """Write a file beside ``path``; it takes its place when the block ends well, and only then.

    Without a ``mode`` who could read the old file can read the new one, and nobody else. A link stays a link:
    what it points at is replaced. A folder that is missing is made; that of a ``PRIVATE`` file is its owner's
    only.

    Raises:
        Unusable: the folder cannot be written; the old file is untouched.
    """
    path = Path(os.path.realpath(path))
    try:
        mode = mode_of(path) if mode is None else mode
        path.parent.mkdir(parents=True, exist_ok=True, mode=_PRIVATE_FOLDER if mode == PRIVATE else 0o777)
        descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
    except OSError as error:
        raise _unusable(path, error) from None
    part = Path(name)
    try:
        with os.fdopen(descriptor, "w+b") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        part.chmod(mode)
        part.replace(path)
        _sync_folder(path.parent)
    except OSError as error:
        raise _unusable(path, error) from None
    finally:
        with suppress(FileNotFoundError):
            part.unlink()


def replace_file(path: Path, content: bytes, *, mode: int | None = None) -> None:
    """Make ``content`` the whole file; see ``replacing``.

    Raises:
        Unusable: the folder cannot be written; the old file is untouched.
    """
    with replacing(path, mode=mode) as stream:
        stream.write(content)


def mode_of(path: Path) -> int:
    """Who may read and write a file; ``SHARED`` where there is none."""
    try:
        return stat.S_IMODE(path.stat().st_mode)
    except (FileNotFoundError, NotADirectoryError):
        return SHARED


def _sync_folder(folder: Path) -> None:
    """Without this a power cut may forget the new name."""
    if not hasattr(os, "O_DIRECTORY"):
        return  # Windows cannot open a folder
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _unusable(path: Path, error: OSError) -> Unusable:
    return Unusable(f"{path} cannot be written: {error.strerror}")
