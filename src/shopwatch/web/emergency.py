"""The emergency stop as the dashboard pulls it: a file that exists means that nobody buys."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from shopwatch.domain.errors import Unusable


def pull(file: Path, now: datetime) -> None:
    """Raises Unusable: the file cannot be written; then buying is NOT stopped and the person must know."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"Stopped from the dashboard at {now:%Y-%m-%dT%H:%M:%SZ}\n", "utf-8")
    except OSError as error:
        raise Unusable(
            f"buying is NOT stopped: {file} cannot be written ({error.strerror}); stop the monitor"
        ) from None


def release(file: Path) -> None:
    """Raises Unusable: the file cannot be removed."""
    try:
        file.unlink(missing_ok=True)
    except OSError as error:
        raise Unusable(f"{file} cannot be removed: {error.strerror}") from None
