"""The browsers that a process has started, to be killed."""

from __future__ import annotations

import psutil


def browsers_below(pid: int | None = None) -> list[psutil.Process]:
    """The browsers themselves, without their helpers, below a process; this one unless told."""
    chromium = {}
    for child in psutil.Process(pid).children(recursive=True):
        try:
            if "chrom" in child.name():
                chromium[child.pid] = child.ppid()
        except psutil.NoSuchProcess:  # helpers come and go
            continue
    # A helper that is just being started looks like the browser, but has one above it.
    return [psutil.Process(pid) for pid, parent in chromium.items() if parent not in chromium]
