"""Reads what Best Buy's developer API is asked, ``(sku in(1,2)&salePrice<300)``, and says who fits."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

Record = dict[str, Any]
Test = Callable[[Record], bool]

_SEVERAL = re.compile(r"(\w+)\s+in\s*\(([^()]*)\)")
_SINGLE = re.compile(r"(\w+)\s*(<=|>=|!=|=|<|>)\s*(.*)")
_PRODUCTS_AND_STORES = re.compile(r"(?P<products>\(.*?\))?(?:\+stores(?P<stores>\(.*\)))?$", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Question:
    """What a request is about."""

    skus: tuple[str, ...] | None  #: named one by one, sorted; None: whoever passes the tests
    tests: tuple[Test, ...]
    stores: str | None  #: the terms behind ``+stores``


@lru_cache(maxsize=20_000)
def question(terms: str) -> Question:
    """Read what stands behind ``/v1/products``.

    Raises:
        ValueError: that is no question.
    """
    found = _PRODUCTS_AND_STORES.match(terms)
    text = found["products"] if found else None
    if found is None or (terms and not text):
        raise ValueError(terms)
    skus: tuple[str, ...] | None = None
    tests: list[Test] = []
    for part in _split((text or "()")[1:-1], "&"):
        named = _skus(part)
        if named is not None:
            skus = named if skus is None else tuple(sku for sku in skus if sku in named)
        else:
            tests.append(_any_of(tuple(_test(one) for one in _split(part, "|"))))
    return Question(skus and tuple(sorted(skus)), tuple(tests), found["stores"])


def _skus(term: str) -> tuple[str, ...] | None:
    several = _SEVERAL.fullmatch(term)
    if several and several[1] == "sku":
        return tuple(dict.fromkeys(sku.strip() for sku in several[2].split(",") if sku.strip()))
    single = _SINGLE.fullmatch(term)
    return (single[3].strip(),) if single and (single[1], single[2]) == ("sku", "=") else None


def _any_of(tests: tuple[Test, ...]) -> Test:
    return lambda record: any(test(record) for test in tests)


def _test(term: str) -> Test:
    several = _SEVERAL.fullmatch(term)
    if several:
        name, wanted = several[1], {value.strip().strip('"') for value in several[2].split(",")}
        return lambda record: _spelled(record.get(name)) in wanted
    single = _SINGLE.fullmatch(term)
    if single is None:
        raise ValueError(term)
    name, sign, value = single[1], single[2], single[3].strip().strip('"')
    if sign in {"=", "!="}:
        pattern = re.compile(re.escape(value).replace(r"\*", ".*"), re.IGNORECASE)
        return lambda record: bool(pattern.fullmatch(_spelled(record.get(name)))) == (sign == "=")
    limit = float(value)
    return lambda record: _compares(record.get(name), sign, limit)


def _compares(value: object, sign: str, limit: float) -> bool:
    if not isinstance(value, int | float):
        return False
    return {"<": value < limit, ">": value > limit, "<=": value <= limit, ">=": value >= limit}[sign]


def _spelled(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _split(text: str, sign: str) -> list[str]:
    """Split at a sign that stands in no brackets."""
    parts, depth, start = [], 0, 0
    for place, letter in enumerate(text):
        depth += (letter == "(") - (letter == ")")
        if letter == sign and depth == 0:
            parts.append(text[start:place])
            start = place + 1
    return [part.strip() for part in (*parts, text[start:]) if part.strip()]
