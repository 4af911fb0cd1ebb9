"""Secrets of a document hidden for an editor and put back when it is saved, so that none is ever echoed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

MASK = "(secret, unchanged)"
#: In a list the mask says which one it stands for: an editor may take out the one before.
_IN_LIST = "(secret {}, unchanged)"
_CHANNELS = ("notify", "channels")
_NUMBERED = re.compile(r"\(secret (\d{1,6}), unchanged\)")


def masked(document: Mapping[str, Any]) -> dict[str, Any]:
    """The document with ``MASK`` for every secret; ``${NAME}`` is no secret and stays."""
    return {**_each(document, (), lambda value, path: value if _is_reference(value) else _mask(path))}


def unmasked(document: Mapping[str, Any], current: Mapping[str, Any]) -> dict[str, Any]:
    """``document`` with each mask replaced by what ``current`` has in its place."""
    return {**_each(document, (), lambda value, path: _unmasked(value, path, current))}


def _mask(path: tuple[str, ...]) -> str:
    return _IN_LIST.format(int(path[-1]) + 1) if _is_in_list(path) else MASK


def _unmasked(value: object, path: tuple[str, ...], current: Mapping[str, Any]) -> object:
    if value == MASK:
        return _at(current, path)
    numbered = _NUMBERED.fullmatch(value) if isinstance(value, str) and _is_in_list(path) else None
    return _at(current, (*path[:-1], str(int(numbered[1]) - 1))) if numbered else value


def _is_in_list(path: tuple[str, ...]) -> bool:
    return path[:2] == _CHANNELS and path[-1].isdecimal()


def _is_reference(value: object) -> bool:
    return isinstance(value, str) and value.startswith("${") and value.endswith("}")


def _is_secret(path: tuple[str, ...]) -> bool:
    return path[:2] == _CHANNELS or (
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
        elif isinstance(document, list) and 0 <= int(step) < len(document):
            document = document[int(step)]
        else:
            return None
    return document
