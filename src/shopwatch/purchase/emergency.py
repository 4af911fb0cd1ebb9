"""The emergency stop: one file, so that command line, dashboard and a bare `touch` are the same thing."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from shopwatch.domain.errors import Unusable

_LONGEST_REASON = 200


class EmergencyStop:
    """While the file is there nobody clicks. It survives restarts; what cannot be read counts as on."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def is_on(self) -> bool:
        try:
            os.lstat(self._path)  # not exists(): a link to nowhere, or a folder nobody may look into, is "on"
        except FileNotFoundError:
            return not self._path.parent.is_dir()
        except OSError:
            return True
        return True

    def reason(self) -> str:
        """Why it is on, as its setter said; empty when it is off or nobody said."""
        with suppress(OSError):
            return self._path.read_text("utf-8", "replace").strip()[:_LONGEST_REASON]
        return ""

    def set(self, reason: str = "") -> None:
        """Stop buying, at the latest before the next click. The first reason stays.

        Raises:
            Unusable: the file cannot be made, and buying goes on.
        """
        try:
            self._write(reason)
        except OSError as error:
            if not self.is_on():  # a full disk holds an empty file all the same
                raise Unusable(
                    f"buying is NOT stopped: {self._path} cannot be made ({error.strerror}); end Shopwatch"
                ) from None

    def clear(self) -> None:
        """Raises Unusable when the file cannot be taken away: then it is still on."""
        try:
            self._path.unlink(missing_ok=True)
        except OSError as error:
            raise Unusable(
                f"the emergency stop stays on: {self._path} cannot be taken away ({error.strerror})"
            ) from None

    def _write(self, reason: str) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with suppress(FileExistsError), self._path.open("x", encoding="utf-8") as file:
            file.write(f"{reason[:_LONGEST_REASON]}\n")
            file.flush()
            os.fsync(file.fileno())
