"""Plain YAML is read event by event, and is exactly what ruamel.yaml makes of it."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap
from ruamel.yaml.error import YAMLError

from shopwatch.config import documents, plain
from shopwatch.config.problems import InvalidSettings

_HERE = Path(__file__).parent
_WORDS = (
    *("", "~", "null", "Null", "nul", "true", "TRUE", "tRUE", "yes", "No", "on", "y", "=", "<<", "text"),
    *("007", "0", "-0", "+12", "1_000", "_", "0o17", "0b101", "0x1F", "0b", "1e3", "1.", ".5", ".", "-.5e+3"),
    *(
        "89542109",
        "12345678901234567890",
        "٣",
        ".inf",
        "-.INF",
        ".nan",
        "12:30:45",
        "190:20",
        "1,000",
        "6.50",
    ),
    *("2026-01-02", "2026-13-45", "2026-01-02T03:04:05Z", "2026-01-02 03:04:05 +01:00", "2026-1-2"),
    *("'007'", '"null"', "''", "'it''s'", '"\\u00e9\\n"', "Nintendo Switch 2", "Tom's", "a # comment", "a#b"),
    *(
        "!x 1",
        "!!str 1",
        "! 3",
        "&a 1",
        "*a",
        "| ",
        "[1, '2', {a: b}]",
        "{a: 1, a: 2}",
        "[]",
        "{}",
        "[",
        "? a",
    ),
)


def _both(text: str) -> tuple[str, str]:
    """What each reader says; types and order count."""
    try:
        ours = repr(plain.read(text))
    except plain.Unusual:
        ours = "left to ruamel.yaml"
    try:
        theirs = repr(YAML(typ="safe").load(text))
    except (YAMLError, ValueError, TypeError, AttributeError, IndexError) as error:
        theirs = type(error).__name__
    return ours, theirs


@settings(max_examples=120, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(("", "  ", "    ", "- ", "  - ")),
            st.sampled_from(_WORDS) | st.text(max_size=6),
            st.sampled_from(_WORDS) | st.text(max_size=12),
        ),
        max_size=6,
    )
)
def test_what_is_read_is_what_ruamel_yaml_reads(lines: list[tuple[str, str, str]]) -> None:
    text = "".join(f"{indent}{key}: {value}\n" for indent, key, value in lines)
    ours, theirs = _both(text)
    assert ours in (theirs, "left to ruamel.yaml"), text


@pytest.mark.parametrize("word", _WORDS)
def test_each_strange_word_means_the_same_as_key_and_as_value(word: str) -> None:
    for text in (f"{word}: 1\n", f"key: {word}\n", f"- {word}\n", f"{word}\n"):
        ours, theirs = _both(text)
        assert ours in (theirs, "left to ruamel.yaml"), text


def test_every_text_of_the_tests_of_this_room_is_read_the_same() -> None:
    texts = {
        node.value
        for file in _HERE.glob("test_*.py")
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    pairs = {text: _both(text) for text in texts}
    assert len(pairs) > 300
    for text, (ours, theirs) in pairs.items():
        assert ours in (theirs, "left to ruamel.yaml"), text
    assert sum(":" in text and ours == theirs for text, (ours, theirs) in pairs.items()) > 30


@pytest.mark.parametrize(
    "text",
    [
        "a: 1\na: 2\n",
        "1: x\n1.0: y\n",
        "a: &x 1\nb: *x\n",
        "a: {<<: {b: 1}}\n",
        "a: !!str 1\n",
        "%YAML 1.1\n---\na: yes\n",
        "a: 1\n---\nb: 2\n",
        "? [1, 2]\n: x\n",
        "a: [1,\n",
        "[" * 1000,
        "a: \x00\n",
    ],
)
def test_what_is_not_plain_or_not_right_is_left_to_ruamel_yaml(text: str) -> None:
    with pytest.raises(plain.Unusual):
        plain.read(text)


def test_a_configuration_is_plain() -> None:
    text = "# mine\nproducts:\n  0123:\n    name: A box\n    tags: [a, 'b']\n  '0123':\n    max_price: 4.50\n"
    found = plain.read(text)
    assert found == {"products": {123: {"name": "A box", "tags": ["a", "b"]}, "0123": {"max_price": 4.5}}}


def test_a_product_named_twice_is_still_refused_with_its_line() -> None:
    with pytest.raises(InvalidSettings) as caught:
        documents.read("products:\n  '1': {}\n  '1': {}\n", file="shopwatch.yaml")
    assert [problem.line for problem in caught.value.details] == [3]


_PATHS = [
    ("products", "7", "check_frequency"),
    ("products", "7", "no_such"),
    ("products", "b", "tags", "1"),
    ("monitor",),
    ("nowhere", "at", "all"),
]
_LAID_OUT = """\
products:
  7:
    name: x
    check_frequency: soon
  b:
    tags:
      - 1
      - 2
monitor: 3
"""


def test_lines_are_found_without_a_tree_and_are_those_of_the_tree() -> None:
    lines = documents.lines_of(_LAID_OUT, file="shopwatch.yaml", paths=_PATHS)
    assert [lines(path) for path in _PATHS] == [4, 2, 6, 9, None]
    anchored = _LAID_OUT.replace("name: x", "name: &n x")
    tree_lines = documents.lines_of(anchored, file="shopwatch.yaml", paths=_PATHS)
    assert [tree_lines(path) for path in _PATHS] == [4, 2, 6, 9, None]


def test_no_tree_of_nodes_is_made_of_a_plain_document(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("the whole document was composed")

    monkeypatch.setattr(YAML, "load", refuse)
    text = "products:\n" + "".join(f"  '{sku}': {{name: P {sku}}}\n" for sku in range(2_000))
    assert len(documents.read(text, file="shopwatch.yaml")["products"]) == 2_000  # type: ignore[index]


def test_a_document_is_the_callers_own() -> None:
    text = "products: {}\n"
    first = documents.read(text, file="shopwatch.yaml")
    assert isinstance(first, dict)
    assert not isinstance(first, CommentedMap)
    first["products"]["1"] = {}
    assert documents.read(text, file="shopwatch.yaml") == {"products": {}}
