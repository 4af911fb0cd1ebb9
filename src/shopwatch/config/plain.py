"""Plain YAML read event by event: 50,000 watches in a few seconds, and never a tree of nodes in memory.

The parser is the same as everywhere, ruamel.yaml's; only how its events become a document is written here.
What is not plain (anchors, tags, merge keys, two documents), and whatever is wrong, is left to ruamel.yaml.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from functools import lru_cache
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.events import (
    DocumentEndEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
    StreamStartEvent,
)
from ruamel.yaml.resolver import implicit_resolvers

_YAML_VERSION = (1, 2)
_DEEPEST = 100  #: sections within sections; the interpreter's stack is not ours to exhaust
_DEEPER = {MappingStartEvent: 1, SequenceStartEvent: 1, MappingEndEvent: -1, SequenceEndEvent: -1}
_Path = tuple[str | int, ...]
_Events = Iterator[Any]
_Wanted = dict[str, "_Wanted"]  #: paths as a tree


class Unusual(Exception):
    """Not plain, or not YAML: ruamel.yaml tells which."""


def read(text: str) -> Any:
    """The document that ``text`` is, equal to what ruamel.yaml makes of it.

    Raises:
        Unusual: it is to be asked instead.
    """
    return _document(text, lambda reading, event: reading.value(event, _DEEPEST))


def lines(text: str, paths: Collection[_Path]) -> dict[_Path, int]:
    """Where the keys on these paths stand, from 1, as far as there are such.

    Raises:
        Unusual: ruamel.yaml is to be asked instead.
    """
    wanted: _Wanted = {}
    for path in paths:
        branch = wanted
        for step in path:
            branch = branch.setdefault(str(step), {})
    found: dict[_Path, int] = {}
    _document(text, lambda reading, event: reading.find(event, wanted, (), found))
    return found


def _document(text: str, read_one: Callable[[_Reading, Any], Any]) -> Any:
    """What is made of the only document there is; ``None`` for an empty text."""
    try:
        events = YAML(typ="safe").parse(text)
        _expect(next(events), StreamStartEvent)
        first = next(events)
        if type(first) is StreamEndEvent:
            return None
        _expect(first, DocumentStartEvent)
        if first.version or first.tags:
            raise Unusual
        found = read_one(_Reading(events), next(events))
        _expect(next(events), DocumentEndEvent)
        _expect(next(events), StreamEndEvent)
    except (YAMLError, ValueError, TypeError) as error:  # TypeError: a key that is a list
        raise Unusual from error
    return found


class _Reading:
    """One document's events on their way to values; equal texts become one object."""

    def __init__(self, events: _Events) -> None:
        self._events = events
        self._texts: dict[str, str] = {}
        self._meanings: dict[str, Any] = {}  #: of what stands without quotes

    def value(self, event: Any, depth: int) -> Any:
        kind = type(event)
        if kind is ScalarEvent:
            return self._scalar(event)
        if depth == 0 or event.anchor is not None or event.ctag is not None:
            raise Unusual
        if kind is MappingStartEvent:
            return self._mapping(depth - 1)
        if kind is SequenceStartEvent:
            return self._sequence(depth - 1)
        raise Unusual

    def find(self, event: Any, wanted: _Wanted, path: _Path, found: dict[_Path, int]) -> None:
        """Note the lines of the wanted keys below ``path`` and read past the rest."""
        if not wanted or type(event) is not MappingStartEvent:
            self._pass(event)
            return
        for key in self._events:
            if type(key) is MappingEndEvent:
                return
            if type(key) is not ScalarEvent:
                raise Unusual
            name = str(self._scalar(key))
            inner = wanted.get(name)
            if inner is not None:
                found[(*path, name)] = key.start_mark.line + 1
            self.find(next(self._events), inner or {}, (*path, name), found)

    def _pass(self, event: Any) -> None:
        depth = 0
        while True:
            depth += _DEEPER.get(type(event), 0)
            if depth == 0:
                return
            event = next(self._events)

    def _mapping(self, depth: int) -> dict[Any, Any]:
        found: dict[Any, Any] = {}
        for event in self._events:
            kind = type(event)
            if kind is MappingEndEvent:
                return found
            if kind is not ScalarEvent:
                raise Unusual
            key = self._scalar(event)
            if key in found:
                raise Unusual
            found[key] = self.value(next(self._events), depth)
        raise Unusual

    def _sequence(self, depth: int) -> list[Any]:
        found: list[Any] = []
        for event in self._events:
            if type(event) is SequenceEndEvent:
                return found
            found.append(self.value(event, depth))
        raise Unusual

    def _scalar(self, event: Any) -> Any:
        if event.anchor is not None or event.ctag is not None:
            raise Unusual
        value: str = event.value
        if not event.implicit[0] or value[:1] not in _rules():
            return self._texts.setdefault(value, value)
        if value not in self._meanings:
            self._meanings[value] = _meaning(value)
        return self._meanings[value]


def _meaning(value: str) -> Any:
    """What an unquoted word stands for."""
    if value.isascii() and value.isdigit():
        return int(value)  # as ruamel.yaml does, which takes ten times as long to find it out
    if not any(rule.match(value) for rule in _rules()[value[:1]]):
        return value
    return YAML(typ="safe").load(value) if value else None


@lru_cache(maxsize=1)
def _rules() -> dict[str, list[Any]]:
    """The patterns of words that are no text, by the first character."""
    found: dict[str, list[Any]] = {}
    for versions, _tag, pattern, beginnings in implicit_resolvers:
        if _YAML_VERSION in versions:
            for beginning in beginnings:
                found.setdefault(beginning, []).append(pattern)
    return found


def _expect(event: Any, kind: type[Any]) -> None:
    if type(event) is not kind:
        raise Unusual
