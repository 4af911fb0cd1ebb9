"""Who signed in by hand, and when: before money is spent a person must see from which account.

Without Playwright: the command line asks this where no browser is started.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from shopwatch.config.replacing import PRIVATE, replace_file

_LONGEST = 80


def signed_in_mark(sessions: Path, retailer: str) -> Path:
    """Written when a person has signed in; the session's own file changes with every renewed cookie."""
    return sessions / f"{retailer}_signed_in"


def mark_signed_in(sessions: Path, retailer: str, greeting: str) -> None:
    """Keep how the site greeted the person, readable by the owner only."""
    greeted = " ".join(greeting.split())[:_LONGEST]
    replace_file(signed_in_mark(sessions, retailer), greeted.encode(), mode=PRIVATE)


def account_of(sessions: Path, retailer: str) -> tuple[str, datetime] | None:
    """How the site greeted who signed in, and when; ``None``: nobody did."""
    path = signed_in_mark(sessions, retailer)
    try:
        return path.read_text("utf-8").strip(), datetime.fromtimestamp(path.stat().st_mtime, UTC)
    except OSError:
        return None
