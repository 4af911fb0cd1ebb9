"""A change of a few entries made in the lines they stand in: 1,000 products read and written take seconds.

Knows nothing of YAML but how a block mapping is laid out; whoever asks reads the result and, where it does
not say what was wanted, changes the whole tree instead.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

_KEY = re.compile(r"""^(?P<quote>['"]?)(?P<name>[^'"#\s][^'"]*?)(?P=quote)\s*:(\s|$)""")
#: Rewrites a small text so that it says one entry.
Rewrite = Callable[[str, Mapping[str, Any]], str]


class Tangled(Exception):
    """The text is not laid out so that lines could be told apart."""


def spliced(text: str, current: Mapping[str, Any], wanted: Mapping[str, Any], rewrite: Rewrite) -> str:
    """``text`` with the entries of its sections that differ rewritten, each by itself.

    Raises:
        Tangled: a section came, went or is no block of entries.
    """
    if current.keys() != wanted.keys():
        raise Tangled
    lines = text.splitlines(keepends=True)
    if lines and not lines[-1].endswith("\n"):
        lines[-1] += "\n"
    for name, value in wanted.items():
        if value == current[name]:
            continue
        if not (isinstance(value, Mapping) and isinstance(current[name], Mapping)):
            raise Tangled
        begin, end = _section(lines, name)
        lines[begin:end] = _changed(lines[begin:end], current[name], value, rewrite)
    return "".join(lines)


def _section(lines: list[str], name: str) -> tuple[int, int]:
    """The lines below ``name:``."""
    blocks = _blocks(lines, 0)
    if name not in blocks:
        raise Tangled
    begin, end = blocks[name]
    if lines[begin].split("#")[0].rstrip()[-1:] != ":":
        raise Tangled
    return begin + 1, end


def _changed(
    lines: list[str], current: Mapping[str, Any], wanted: Mapping[str, Any], rewrite: Rewrite
) -> list[str]:
    first = next((line for line in lines if line.strip() and not line.lstrip().startswith("#")), "")
    indent = len(first) - len(first.lstrip(" "))
    blocks = _blocks(lines, indent) if indent else {}
    if blocks.keys() != current.keys():
        raise Tangled
    places = {blocks[name]: name for name in current if wanted.get(name, _GONE) != current[name]}
    for begin, end in sorted(places, reverse=True):
        name = places[begin, end]
        block = "".join(line.removeprefix(" " * indent) for line in lines[begin:end])
        lines[begin:end] = _indented(rewrite(block, {name: wanted[name]}), indent) if name in wanted else []
    came = {name: value for name, value in wanted.items() if name not in current}
    return lines + (_indented(rewrite("", came), indent) if came else [])


_GONE = object()


def _blocks(lines: list[str], indent: int) -> dict[str, tuple[int, int]]:
    """Where each entry at this indent begins and ends; comments before the next entry are the next one's."""
    found: dict[str, tuple[int, int]] = {}
    last, begin, end = "", 0, 0
    for number, line in enumerate(lines):
        body = line.lstrip(" ")
        if not body.strip() or body.startswith("#"):
            continue
        if len(line) - len(body) == indent and not body.startswith(("- ", "-\n")):
            if last:
                found[last] = begin, end
            key = _KEY.match(body)
            if key is None or key["name"] in found:
                raise Tangled
            last, begin = key["name"], number
        end = number + 1
    if last:
        found[last] = begin, end
    return found


def _indented(text: str, indent: int) -> list[str]:
    return [" " * indent + line if line.strip() else line for line in text.splitlines(keepends=True)]
