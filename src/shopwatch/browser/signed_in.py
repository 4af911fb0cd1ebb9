"""Who signed in by hand, and when: before money is spent a person must see from which account.

Without Playwright: the command line asks this where no browser is started.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

_LONGEST = 80


def signed_in_mark(sessions: Path, retailer: str) -> Path:
    """Written when a person has signed in; the session's own file changes with every renewed cookie."""
    return sessions / f"{retailer}_signed_in"


def mark_signed_in(sessions: Path, retailer: str, greeting: str) -> None:
    """Keep how the site greeted the person, readable by the owner only."""
    path = signed_in_mark(sessions, retailer)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.unlink(missing_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(" ".join(greeting.split())[:_LONGEST])


def account_of(sessions: Path, retailer: str) -> tuple[str, datetime] | None:
    """How the site greeted who signed in, and when; ``None``: nobody did."""
    path = signed_in_mark(sessions, retailer)
    try:
        return path.read_text("utf-8").strip(), datetime.fromtimestamp(path.stat().st_mtime, UTC)
    except OSError:
        return None
