"""How each of the six names, numbers and furnishes a store; a generated set is only as lifelike as this."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Container
from typing import Any

from shopwatch.simulator.stores import hours, places
from shopwatch.simulator.stores.model import Store
from shopwatch.simulator.stores.places import Place, slug

#: legal entity (longer than the 50 characters the search API keeps, in one case), trade name, how many of 100
DEALERS = (
    ("ABC Phones of North Carolina, Inc.", "VICTRA", 30),
    (
        "Cellular Sales Management Group LLC via its affiliate identified in the Bill of Sale",
        "Cellular Sales",
        18,
    ),
    ("Russell Cellular, Inc.", "Russell Cellular", 14),
    ("The Cellular Connection, LLC", "TCC", 11),
    ("Wireless Zone, LLC", "Wireless Zone", 14),
    ("UNITED TELECOM USA, INC. DBA YOUR WIRELESS", "Your Wireless", 4),
    ("BeMobile, Inc", "BeMobile", 3),
    ("Gee Papa Enterprises, Inc.", "Team Wireless", 3),
    ("Wireless Plus, Inc.", "Wireless Plus", 2),
    ("R Wireless Inc", "R Wireless", 1),
)
ATT_DEALERS = (
    "PRIME COMMUNICATIONS",
    "ARCH TELECOM",
    "SPRING MOBILE",
    "MOBILELINK",
    "PORTABLES CHOICE GROUP",
)

_WEEKS = (
    hours.week_of((9, 19), (9, 19), (11, 17)),
    hours.week_of((10, 20), (10, 20), (11, 18)),
    hours.week_of((10, 19), (10, 19), (12, 17)),
    hours.week_of((10, 20), (9, 20), (12, 18)),
    hours.week_of((10, 18), (10, 18), None),
)
#: slugs the real sitemap has and a careless pattern or an unescaped "&" trips over
_ODD_TARGETS = (
    "coeur-d'alene",
    "town-&-country",
    "o'fallon",
    "d'iberville",
    "upper-st.-clair",
    "chicago-state-st.",
)
_TARGET_FORMATS = ("Pfresh", "Pfresh", "SuperTarget", "Gen Merch", "TargetExpress")
_WALMART_KINDS = (
    ("Supercenter", 77),
    ("Neighborhood Market", 15),
    ("Store", 6),
    ("Pharmacy", 1),
    ("Gas Station", 1),
)
_BESTBUY_SERVICES = (
    "Geek Squad Services",
    "Apple Shop",
    "Best Buy For Business",
    "Camera Experience Shop",
    "Electronics Recycling",
    "Hablamos Español",
    "Magnolia Home Theater",
    "Samsung Experience Shop",
    "Windows Store",
    "Car & GPS Installation",
)

Values = dict[str, Any]


def verizon(draw: random.Random, place: Place, number: int) -> Values:
    tail = str(draw.randint(200000, 1999999))
    kind, dealer, name = "Store", "Verizon Wireless", f"{place.city}"
    ref, corporate = f"R{draw.randrange(10**8):011}", number % 3 == 0
    if number % 14 == 5:
        dealer, name = "Best Buy Stores, L.P.", f"Best Buy {draw.randint(100, 1999):04} {place.city}"
        ref, kind = f"N{draw.randrange(10**8):011}", "Big 6- Exclusive"
        tail = ref.lower()
    elif not corporate:
        entity = draw.choices(DEALERS, [weight for _, _, weight in DEALERS])[0]
        dealer, name = entity[0], f"{entity[1]} {place.city}"
        ref, kind = (
            f"A{draw.randrange(10**8):011}",
            "Big 6 - Business" if number % 8 else "Local Agent - Exclusive",
        )
    if corporate and draw.random() < 0.5:
        name = places.shopping_centre(draw)
    return {
        "ref": ref,
        "name": name,
        "kind": kind,
        "dealer": dealer,
        "corporate": ref.startswith("R"),
        "path": f"/stores/{places.STATES[place.state].slug}/{slug(place.city)}/{slug(name)}-{tail}/",
        "hours": None if number % 200 == 107 else draw.choice(_WEEKS),
        "extras": {
            "retail_id": tail if tail.isdigit() else str(draw.randint(2000000, 2999999)),
            "pos_detail": number % 60 != 36,
        },
    }


def att(draw: random.Random, place: Place, number: int) -> Values:
    ref = str(draw.randint(*draw.choice(((1000, 9999), (10000, 99999), (100000, 299999)))))
    island = place.state in ("PR", "VI")
    corporate = not island and number % 4 == 0
    name = f"Liberty Store (Formerly AT&T) {place.city}" if island else f"AT&T Store {places.corner(draw)}"
    head = place.state.lower() if island else places.STATES[place.state].slug
    return {
        "ref": ref,
        "name": name,
        "corporate": corporate,
        "kind": "AT&T Retail" if corporate else "Authorized Retail",
        "dealer": "" if corporate else f"{draw.choice(ATT_DEALERS)} - {draw.randint(1, 99)}",
        "path": f"/stores/{head}/{slug(place.city)}/{ref}",
        "country": place.state if island else "US",
        "state": "" if place.state == "PR" else place.state,
        "hours": None if number % 300 == 17 else draw.choice(_WEEKS),
    }


def _target_slug(name: str) -> str:
    """Only blanks give way, as in the real sitemap; and slashes, which would be another address."""
    return re.sub(r"[ /]+", "-", name.lower())


def target(draw: random.Random, place: Place, number: int) -> Values:
    ref, name = str(draw.randint(4, 3499)), place.city
    if number % 3 == 1:
        name = f"{place.city} {draw.choice(('North', 'South', 'East', 'West', 'Central'))}"
    path_slug = _ODD_TARGETS[number] if number < len(_ODD_TARGETS) else _target_slug(name)
    if number < len(_ODD_TARGETS):
        name = path_slug.replace("-", " ").title()
    return {
        "ref": ref,
        "name": name,
        "kind": draw.choice(_TARGET_FORMATS),
        "path": f"/sl/{path_slug}/{ref}",
        "postcode": f"{place.postcode}-{draw.randint(1, 9999):04}",
        "hours": hours.same_every_day(*draw.choice(((7, 22), (8, 22), (8, 22), (8, 23), (7, 24)))),
    }


def tmobile(draw: random.Random, place: Place, number: int) -> Values:
    ref = f"{draw.randint(1, 999)}{draw.choice('ABCDEFG')}" if number % 3 else str(draw.randint(1000, 9999))
    name, kind = places.corner(draw), draw.choice(("Store", "Experience Store", "Neighborhood Store"))
    if number % 14 == 3:
        name = f"Costco Wireless Advocates {place.city}"
    if number % 4 == 1:
        kind = "Authorized Retailer"
    postcode = place.postcode.lstrip("0") if place.state == "PR" else place.postcode
    if number % 16 == 9:
        postcode = f"{place.postcode}-{draw.randint(1, 9999):04}"
    return {
        "ref": ref,
        "name": name,
        "kind": kind,
        "corporate": kind != "Authorized Retailer",
        "postcode": postcode,
        "path": tmobile_path(place.city, place.state, postcode, ref),
        "phone": "" if number % 63 == 21 else places.phone(place.state, draw),
        "hours": draw.choice(_WEEKS),
    }


def tmobile_path(city: str, state: str, postcode: str, ref: str) -> str:
    return f"/stores/bd/t-mobile-{slug(city)}-{state.lower()}-{postcode.partition('-')[0]}-{ref.lower()}"


def walmart(draw: random.Random, place: Place, number: int) -> Values:
    ref = str(draw.randint(1, 6999))
    words = [word for word, _ in _WALMART_KINDS]
    kind = draw.choices(words, [weight for _, weight in _WALMART_KINDS])[0]
    kind = words[number] if number < len(words) else kind  # the smallest set has one of each
    week = draw.choices(
        (hours.same_every_day(6, 23), hours.same_every_day(6, 22), hours.same_every_day(0, 24)), (90, 8, 2)
    )
    return {
        "ref": ref,
        "name": f"{place.city} {kind}",
        "kind": kind,
        "path": f"/store/{ref}-{slug(place.city)}-{place.state.lower()}",
        "hours": None if number % 400 == 77 else week[0],
        "services": walmart_services(draw, fuel=number % 12 == 0),
    }


def walmart_services(draw: random.Random, *, fuel: bool) -> tuple[str, ...]:
    found = [
        name for name in ("PHARMACY", "VISION_CENTER", "AUTO_CARE_CENTER", "DELI") if draw.random() < 0.7
    ]
    return tuple(found + (["GAS_STATION"] if fuel else []))


def bestbuy(draw: random.Random, place: Place, number: int) -> Values:
    pacific = number % 50 == 31
    ref, street = str(draw.randint(100, 1999)), places.street(draw)
    brand = "Pacific Sales Kitchen & Home" if pacific else "Best Buy"
    tail = f"{ref}-pacific-sales" if pacific else ref
    week = hours.week_of((10, 21), (10, 21), (10, 20))
    return {
        "ref": ref,
        "name": f"{brand} {place.city}",
        "kind": brand,
        "street": street,
        "line1": street,
        "path": f"/{place.state.lower()}/{slug(place.city)}/{slug(street)}-{tail}.html",
        "state": "" if place.state == "PR" else place.state,
        "phone": "" if number % 34 == 20 else places.phone(place.state, draw),
        "hours": None if number % 80 == 45 else hours.parse("Tu-Sa 10:00-18:00") if pacific else week,
        "services": bestbuy_services(draw),
        "status": "closed" if number % 150 == 99 else "open",
    }


def bestbuy_services(draw: random.Random) -> tuple[str, ...]:
    return tuple(draw.sample(_BESTBUY_SERVICES, draw.randint(3, 8)))


BRANDS: dict[str, Callable[[random.Random, Place, int], Values]] = {
    "verizon": verizon,
    "att": att,
    "target": target,
    "tmobile": tmobile,
    "walmart": walmart,
    "bestbuy": bestbuy,
}


def open_store(
    retailer: str, draw: random.Random, place: Place, *, number: int, taken: Container[str]
) -> Store:
    """Make the store ``number`` of a retailer at ``place``, under a ref nobody has yet."""
    while True:
        values = BRANDS[retailer](draw, place, number)
        if values["ref"] not in taken:
            break
    line1, line2 = places.street(draw), places.unit(draw)
    glue = "" if retailer == "verizon" and number % 3 else " "
    common = {
        "street": f"{line1}{glue}{line2}".strip(),
        "line1": line1,
        "line2": line2,
        "city": place.city,
        "state": place.state,
        "postcode": place.postcode,
        "phone": places.phone(place.state, draw),
        "lat": round(place.lat + draw.uniform(-0.03, 0.03), 6),
        "lon": round(place.lon + draw.uniform(-0.03, 0.03), 6),
    }
    return Store(retailer=retailer, **{**common, **values})
