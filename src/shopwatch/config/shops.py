"""Which retailers a configuration may name: told from above, since this room knows none of them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from pydantic_core import PydanticCustomError


@dataclass(frozen=True, kw_only=True, slots=True)
class Shops:
    """The ids of the retailers there are."""

    all: frozenset[str]
    stock: frozenset[str]  #: whose stock can be watched
    checkout: frozenset[str]  #: where the way to an order is known


def check(name: str, known: Collection[str]) -> str:
    """Return ``name``.

    Raises:
        PydanticCustomError: it is not among ``known``; says which there are.
    """
    if name not in known:
        expected = " or ".join(", ".join(map(repr, sorted(known))).rsplit(", ", 1))
        raise PydanticCustomError("literal_error", "must be one of {expected}", {"expected": expected})
    return name
