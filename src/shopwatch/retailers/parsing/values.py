"""One value as sites write it, made plain; without it "null", "&amp;" and 7652 would reach the files."""

from __future__ import annotations

import html
import math
import re
from datetime import datetime
from functools import lru_cache

from shopwatch.domain.states import state_letters

_NOTHING = frozenset({"", "null", "none", "undefined", "n/a", "nan"})
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff\x00-\x08\x0e-\x1f\x7f]")
_NORTH_AMERICAN = re.compile(r"^(?:\+?1)?([2-9]\d{2}[2-9]\d{6})$")
_POSTCODE = re.compile(r"^(\d{3,5})(?:-(\d*))?$")
#: What people put between the digits of a telephone number.
_NO_DIGITS = dict.fromkeys(map(ord, " ().-/\t\n\r\u00a0"))
_COUNTRIES = {
    "us": "US",
    "usa": "US",
    "united states": "US",
    "united states of america": "US",
    "puerto rico": "PR",
    "virgin islands": "VI",
    "u.s. virgin islands": "VI",
    "guam": "GU",
}
_DATES = ("%Y-%m-%d", "%m/%d/%Y %H:%M", "%m/%d/%Y", "%d-%b-%y", "%d-%b-%Y")
#: A second address line that a site glued to the first without a blank ("1663 Lincoln WaySte G").
_GLUED = re.compile(
    r"(?<=[a-z0-9.])(?=(?:Ste|STE|Suite|SUITE|Unit|UNIT|Bldg|BLDG|Space|SPACE|Spc|SPC|Rm|Fl)\b)"
    r"|(?<=[A-Z])(?=(?:Ste|Suite|SUITE|Unit|Bldg|BLDG|Space|Spc|SPC)\b(?=[ #\d]))"
)


def text(value: object) -> str | None:
    """Give a value as one line of text, entities decoded; ``None`` for nothing or "null"."""
    if value is None or isinstance(value, bool) or not isinstance(value, (str, int, float)):
        return None
    plain = value if isinstance(value, str) else str(value)
    if plain.isascii() and plain.isprintable() and "&" not in plain:  # nearly always
        plain = " ".join(plain.split())
        return None if plain.lower() in _NOTHING else plain
    for _ in range(2):  # a JSON-LD block inside HTML may be escaped twice
        plain = html.unescape(plain) if "&" in plain else plain
    plain = " ".join(_INVISIBLE.sub("", plain).split())
    return None if plain.lower() in _NOTHING else plain


def phone(value: object) -> str | None:
    """Give a telephone number in E.164; ``None`` if it cannot be one."""
    written = text(value)
    if written is None:
        return None
    digits = written.translate(_NO_DIGITS)
    if (short := _NORTH_AMERICAN.match(digits)) is not None:
        return f"+1{short[1]}"
    import phonenumbers  # noqa: PLC0415 - only store directories have telephones, and rarely such as this

    try:
        number = phonenumbers.parse(written, "US")
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def postcode(value: object) -> str | None:
    """Give a ZIP or ZIP+4 with the zeros a number has lost; a broken +4 is left away, other text stays."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    written = text(value)
    if written is None:
        return None
    if re.fullmatch(r"\d{8,9}", written):
        written = f"{written.zfill(9)[:5]}-{written[-4:]}"
    parts = _POSTCODE.match(written)
    if parts is None:
        return written
    base, more = parts[1].zfill(5), parts[2] or ""
    return f"{base}-{more}" if len(more) == 4 else base  # noqa: PLR2004 - ZIP+4


def state(value: object) -> str | None:
    """Give the two letters of a state; text that names none stays, so that the check can count it."""
    return _state_of(value) if isinstance(value, str) else _state_of(text(value) or "")


@lru_cache(maxsize=1_024)  # there are not many
def _state_of(word: str) -> str | None:
    written = text(word)
    return None if written is None else state_letters(written) or written


def country(value: object) -> str:
    """Give the two letters of a country, "US" where the page says nothing; schema.org may wrap the name."""
    if isinstance(value, dict):
        value = value.get("name") or value.get("@id")
    written = text(value)
    return "US" if written is None else _COUNTRIES.get(written.lower(), written.upper())


def coordinates(lat: object, lon: object) -> tuple[float | None, float | None]:
    """Give both in degrees, or neither: half a place is none. Numbers may be text, text may be "null"."""
    found = _degrees(lat, 90), _degrees(lon, 180)
    return (None, None) if None in found else found


def _degrees(value: object, limit: int) -> float | None:
    if isinstance(value, float):
        return value if abs(value) <= limit else None
    written = text(value)
    try:
        degrees = float(written) if written is not None else math.nan
    except ValueError:
        return None
    return degrees if abs(degrees) <= limit else None


def iso_date(value: object) -> str | None:
    """Give "2015-03-12" for "12-Mar-15", "03/12/2015 00:00" or itself; ``None`` for anything else."""
    written = text(value)
    for form in _DATES if written is not None else ():
        try:
            return datetime.strptime(written or "", form).date().isoformat()  # noqa: DTZ007 - a date, no time
        except ValueError:
            continue
    return None


def street(*values: object) -> tuple[str, ...]:
    """Give the street lines that say something; a glued suite becomes a line of its own."""
    lines = [line.strip(" ,") for value in values for line in _GLUED.split(text(value) or "", maxsplit=1)]
    return tuple(dict.fromkeys(filter(None, lines)))


def slug(value: object) -> str:
    """Give a name as addresses of pages spell it: "St. John's" is "st-john-s"."""
    return re.sub(r"[^a-z0-9]+", "-", (text(value) or "").lower()).strip("-")
