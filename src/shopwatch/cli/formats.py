"""Which files a person asks for: a wrong word is told before anything is crawled or read."""

from __future__ import annotations

from shopwatch.domain.errors import Invalid
from shopwatch.locator.export import MEDIA_TYPES


def formats_of(words: str) -> list[str]:
    """``"csv, xlsx"`` as its parts.

    Raises:
        Invalid: one is no format we write.
    """
    names = [name.strip() for name in words.split(",") if name.strip()]
    for name in names:
        if name not in MEDIA_TYPES:
            raise Invalid(f"--format must be of {', '.join(MEDIA_TYPES)}, got {name!r}")
    return names
