"""Secrets of a document hidden for an editor and put back when it is saved, so that none is ever echoed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

MASK = "(secret, unchanged)"


def masked(document: Mapping[str, Any]) -> dict[str, Any]:
    """The document with ``MASK`` for every secret; ``${NAME}`` is no secret and stays."""
    return {**_each(document, (), lambda value, _path: value if _is_reference(value) else MASK)}


def unmasked(document: Mapping[str, Any], current: Mapping[str, Any]) -> dict[str, Any]:
    """``document`` with each ``MASK`` replaced by what ``current`` has at the same place."""
    return {**_each(document, (), lambda value, path: _at(current, path) if value == MASK else value)}


def _is_reference(value: object) -> bool:
    return isinstance(value, str) and value.startswith("${") and value.endswith("}")


def _is_secret(path: tuple[str, ...]) -> bool:
    return path[:2] == ("notify", "channels") or (
        len(path) > 2 and path[0] == "retailers" and path[2] == "keys"  # noqa: PLR2004 - retailers.<id>.keys
    )


def _each(value: Any, path: tuple[str, ...], change: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _each(inner, (*path, str(key)), change) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_each(inner, (*path, str(number)), change) for number, inner in enumerate(value)]
    return change(value, path) if _is_secret(path) else value


def _at(document: Any, path: tuple[str, ...]) -> Any:
    for step in path:
        if isinstance(document, Mapping):
            document = document.get(step)
        elif isinstance(document, list) and int(step) < len(document):
            document = document[int(step)]
        else:
            return None
    return document
