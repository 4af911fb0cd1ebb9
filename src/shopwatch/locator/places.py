"""Where a ZIP code is, so that "near me" can be asked with what people know by heart."""

from __future__ import annotations

import re
from functools import cache

from shopwatch.domain.errors import Invalid, NotFound

_ZIP = re.compile(r"[0-9]{5}")  # the table's reader gives up the process over other digits


@cache
def place_of(zip_code: str) -> tuple[float, float]:
    """Latitude and longitude of a ZIP code's centre. The first call reads the table, about two seconds.

    Raises:
        Invalid: it is no ZIP code.
        NotFound: nobody uses this ZIP code.
    """
    if not _ZIP.fullmatch(zip_code):
        raise Invalid(f"a ZIP code has five digits, got {zip_code[:20]!r}")
    import zipcodes  # noqa: PLC0415 - its table takes a second to load, and few ask

    found = zipcodes.matching(zip_code)  # type: ignore[no-untyped-call]
    if not found:
        raise NotFound(f"there is no ZIP code {zip_code}")
    return float(found[0]["lat"]), float(found[0]["long"])
