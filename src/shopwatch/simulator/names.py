"""Plausible names for what is on the shelf; without them no title would hold the traps of real ones.

Real titles have apostrophes, ampersands, accents and trade marks, which Target's API escapes as numbered
HTML entities and the addresses of pages repeat ("pok-233-mon-…").
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass
from functools import lru_cache


@dataclass(frozen=True, slots=True)
class Family:
    """A brand whose products tend to come back together."""

    brand: str
    category: str
    lines: tuple[str, ...]
    forms: tuple[str, ...]
    cents: tuple[int, int]  #: the cheapest and the dearest of them


FAMILIES = (
    Family(
        "Pokémon",
        "Collectible Trading Cards",
        ("Trading Card Game: Scarlet & Violet", "Trading Card Game: Mega Evolution", "TCG: First Partner"),
        ("Elite Trainer Box", "Booster Bundle", "Premium Figure Collection", "Mini Tin", "Collector's Chest"),
        (1499, 11999),
    ),
    Family(
        "Lorcana",
        "Collectible Trading Cards",
        ("Trading Card Game: Fabled", "Trading Card Game: Azurite Sea"),
        ("Illumineer's Trove", "Booster Display", "Gift Box", "Starter Deck"),
        (1699, 14999),
    ),
    Family(
        "Nintendo",
        "Video Games",
        ("Switch™ 2", "Switch™ OLED"),
        ("Console", "Console—Mario Kart™ Bundle", "Pro Controller", "Joy-Con™ Pair"),
        (5999, 49999),
    ),
    Family(
        "LEGO",
        "Building Sets",
        ("Star Wars", "Technic", "Icons"),
        ("Building Set", "Advent Calendar", 'Display Model 12"', "Collector's Edition"),
        (1999, 84999),
    ),
    Family(
        "Good & Gather™",
        "Grocery",
        ("Organic", "Signature"),
        ("Crème Brûlée", "Trail Mix", "Vitamin D Whole Milk - 1gal", "Roasted Almonds"),
        (229, 1299),
    ),
    Family(
        "Stanley",
        "Drinkware",
        ("Quencher H2.0", "IceFlow™"),
        ("40oz Tumbler", "30oz Tumbler", "20oz Flip Straw"),
        (2000, 5500),
    ),
    Family(
        "Scotch",
        "Tape",
        ("Magic Tape", 'Heavy Duty 1.88"'),
        ("with Dispensers 3pk", '3/4" x 350"', "Refill 6pk"),
        (199, 1899),
    ),
    Family(
        "Threshold™ designed w/ Studio McGee",
        "Furniture",
        ("Ludlow", "Herriman"),
        ("Accent Chair", "Console Table", "Arched Cabinet"),
        (8000, 65000),
    ),
)

_TO_ESCAPE = re.compile(r"[&'\"<>]|[^\x00-\x7f]")
_NOT_IN_A_SLUG = re.compile(r"[^a-z0-9]+")

VARIATIONS = ("Blue", "Red", "Rose Quartz", "Charcoal", "Cream")
VENDORS = ("BlueProton", "Tim's Cards & More", "Pop Culture Café", "Gold Star Deals")


@dataclass(frozen=True, slots=True)
class Name:
    """What a product is called and what things like it cost."""

    title: str
    brand: str
    category: str
    price_cents: int


def name_of(index: int, random_: random.Random) -> Name:
    """Make up the product number ``index``; neighbours belong to the same family, by twelves."""
    family = FAMILIES[index // 12 % len(FAMILIES)]
    low, high = family.cents
    price_cents = int(low * (high / low) ** random_.random()) // 100 * 100 + 99
    line = random_.choice(family.lines)
    title = f"{family.brand} {line} {random_.choice(family.forms)} No. {index + 1}"
    return Name(title, family.brand, family.category, price_cents)


def escaped(title: str) -> str:
    """Write a title as Target's API does: ``&#39;``, ``&#38;``, ``&#233;``."""
    return _TO_ESCAPE.sub(lambda found: f"&#{ord(found.group())};", title)


@lru_cache(maxsize=100_000)
def slug(title: str) -> str:
    """The part of a page's address that names the product: made from the escaped title."""
    return _NOT_IN_A_SLUG.sub("-", escaped(title).lower()).strip("-")
