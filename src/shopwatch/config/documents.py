"""YAML and JSON as documents: read with line numbers, changed in place so that comments and order stay."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Collection, Mapping
from typing import Any, cast

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from shopwatch.config import plain
from shopwatch.config.problems import InvalidSettings, Path, Problem
from shopwatch.config.splicing import Tangled, spliced

Lines = Callable[[Path], int | None]  #: the line of a path in its file, from 1
_DEEPEST = 50  #: levels of a document; ours have five


def read(text: str, *, file: str) -> object:
    """Read a document, JSON or YAML by the name of its file.

    Raises:
        InvalidSettings: it is neither; one problem that names the line.
    """
    try:
        return _with_an_end(json.loads(text) if file.endswith(".json") else _parsed(text))
    except RecursionError:
        what = f"has more than {_DEEPEST} levels, or holds itself (`&one`, `*one`)"
        raise InvalidSettings([Problem("the document", what, file)]) from None
    except json.JSONDecodeError as error:
        raise InvalidSettings(
            [Problem("the document", f"is not JSON: {error.msg}", file, error.lineno)]
        ) from None
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else None
        what = (error.problem or error.context or "cannot be read").split("\n")[0]
        raise InvalidSettings([Problem("the document", f"is not YAML: {what}", file, line)]) from None
    except (YAMLError, ValueError) as error:
        what = str(error).split("\n")[0]
        raise InvalidSettings([Problem("the document", f"is not YAML: {what}", file)]) from None


def _with_an_end(document: object) -> object:
    """Raises RecursionError: who walks it comes to no end, for in YAML a part may hold the whole."""
    level: list[object] = [document]
    for _ in range(_DEEPEST):
        holding = {id(one): one for one in level if isinstance(one, dict | list)}
        level = [
            inner for one in holding.values() for inner in (one.values() if isinstance(one, dict) else one)
        ]
        if not level:
            return document
    raise RecursionError


def _parsed(text: str) -> object:
    try:
        return plain.read(text)
    except plain.Unusual:
        return YAML(typ="safe").load(text)


def lines_of(text: str, *, file: str, paths: Collection[Path]) -> Lines:
    """Where each of these paths of a YAML text stands; reads it anew: for once something is wrong."""
    if file.endswith(".json"):
        return lambda _path: None
    try:
        known = plain.lines(text, paths)
    except plain.Unusual:
        tree = _round_trip().load(text)
        return lambda path: _line(tree, path)
    return lambda path: next(
        (known[path[:end]] for end in range(len(path), 0, -1) if path[:end] in known), None
    )


def _line(tree: Any, path: Path) -> int | None:
    found: int | None = None
    for step in path:
        if isinstance(tree, CommentedMap | CommentedSeq) and step in tree.lc.data if tree else False:
            found = cast(int, tree.lc.data[step][0]) + 1
        elif isinstance(tree, CommentedMap) and str(step) in {str(key) for key in tree}:
            step = next(key for key in tree if str(key) == str(step))  # noqa: PLW2901 - a SKU read as a number
            found = cast(int, tree.lc.data[step][0]) + 1
        else:
            return found
        tree = tree[step]
    return found


def merged(text: str, wanted: Mapping[str, Any]) -> str:
    """The YAML ``text`` changed so that it says ``wanted``; comments and order of what stays are kept."""
    try:
        current = _named(_parsed(text))
        if isinstance(current, Mapping) and _named(wanted) == current:
            return text
        if isinstance(current, Mapping):
            changed = spliced(text, current, _named(wanted), _rewritten)
            if _named(_parsed(changed)) == _named(wanted):
                return changed
    except (Tangled, YAMLError, ValueError):
        pass  # laid out in a way of its own: the whole tree is read, which takes longer
    return _rewritten(text, wanted)


def _named(value: Any) -> Any:
    """With text for every key and lists for tuples, so that two documents can be compared."""
    if isinstance(value, Mapping):
        return {str(key): _named(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_named(inner) for inner in value]
    return value


def _rewritten(text: str, wanted: Mapping[str, Any]) -> str:
    yaml = _round_trip()
    tree = yaml.load(text) if text.strip() else None
    if not isinstance(tree, CommentedMap):
        tree = CommentedMap()
    _merge(tree, wanted)
    changed = _written(yaml, tree)
    said, meant = _named(_parsed(changed)), _named(wanted)
    if said == meant:
        return changed
    _part(tree, said, meant)  # one entry stands for several (``&one``, ``*one``, ``<<: *one``)
    return _written(yaml, tree)


def _written(yaml: YAML, tree: CommentedMap) -> str:
    out = io.StringIO()
    yaml.dump(tree, out)
    return out.getvalue()


def _part(tree: CommentedMap, said: Mapping[str, Any], meant: Mapping[str, Any]) -> None:
    """Give the entries that do not say what was meant words of their own."""
    for key in list(tree):
        name = str(key)
        if name not in meant or said.get(name) == meant[name]:
            continue
        current, inner = tree[key], said.get(name)
        is_plain = isinstance(current, CommentedMap) and not current.merge and not current.anchor.value
        if is_plain and isinstance(inner, Mapping) and isinstance(meant[name], Mapping):
            _part(current, inner, meant[name])
        else:
            tree[key] = _plain(meant[name])


def _merge(tree: CommentedMap, wanted: Mapping[str, Any]) -> None:
    names = {str(key): key for key in tree}
    for name in set(names) - {str(key) for key in wanted}:
        del tree[names[name]]
    for key, value in wanted.items():
        known = names.get(str(key), key)
        current = tree.get(known)
        if (
            isinstance(current, CommentedMap)
            and isinstance(value, Mapping)
            and value
            and _is_kept(current, value)
        ):
            _merge(current, value)
        elif known not in tree or current != value:
            tree[known] = _plain(value)


def _is_kept(current: CommentedMap, wanted: Mapping[str, Any]) -> bool:
    """Whether it can be changed in its place: ruamel.yaml fails to take a key out of what ``<<`` merges."""
    return not current.anchor.value or {str(key) for key in current} <= {str(key) for key in wanted}


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    return value


def dump(document: Mapping[str, Any], *, head: str = "") -> str:
    """A new YAML file, with ``head`` as its opening comment."""
    out = io.StringIO()
    _round_trip().dump(_plain(document), out)
    return head + out.getvalue()


def _round_trip() -> YAML:
    yaml = YAML(typ="rt")
    yaml.indent(mapping=2, sequence=4, offset=2)
    yaml.width = 120
    yaml.preserve_quotes = True
    return yaml
