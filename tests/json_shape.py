"""Compares what two JSON documents are made of: which keys at which path, of which type."""

from __future__ import annotations

from typing import Any

Shape = dict[str, set[str]]

_TYPES = {dict: "object", list: "array", str: "string", bool: "boolean", int: "number", float: "number"}


def shape(document: Any, path: str = "$") -> Shape:
    """Each path of a document with the types found there; entries of a list share ``path[]``."""
    found: Shape = {path: {_TYPES.get(type(document), "null")}}
    children: list[tuple[str, Any]] = []
    if isinstance(document, dict):
        children = [(f"{path}.{key}", value) for key, value in document.items()]
    elif isinstance(document, list):
        children = [(f"{path}[]", value) for value in document]
    for name, value in children:
        for deeper, types in shape(value, name).items():
            found.setdefault(deeper, set()).update(types)
    return found


def union(shapes: list[Shape]) -> Shape:
    """Everything any of them has."""
    found: Shape = {}
    for one in shapes:
        for path, types in one.items():
            found.setdefault(path, set()).update(types)
    return found


def common(shapes: list[Shape]) -> set[str]:
    """The paths all of them have."""
    return set.intersection(*(set(one) for one in shapes))


def strangers(ours: Shape, recorded: Shape) -> dict[str, set[str]]:
    """What we have and the recordings never had: paths, or types at a path."""
    found = {path: types - recorded.get(path, set()) for path, types in ours.items()}
    return {path: types for path, types in found.items() if types}
