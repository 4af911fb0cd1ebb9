"""A long file is changed in the lines that differ: what stays keeps comments, order and quotes."""

import difflib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shopwatch.config import documents
from shopwatch.config.splicing import Tangled, spliced

HEAD = "# mine\nmonitor:\n  pacing: fixed   # on purpose\n\n# what I want\nproducts:\n"
ENTRY = "  # no. {0}\n  '{0}': # bought twice\n    name: \"Product {0}\"\n    tags: [a, b]\n\n"
LONG = HEAD + "".join(ENTRY.format(number) for number in range(1000, 1100)) + "safety:\n  test_mode: true\n"


def plain(text: str) -> dict[str, dict[str, object]]:
    document = documents.read(text, file="shopwatch.yaml")
    assert isinstance(document, dict)
    return document


def differing(before: str, after: str) -> list[str]:
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=0)
    return [line for line in lines if line[0] in "+-" and not line.startswith(("+++", "---"))]


def test_only_the_lines_of_what_differs_change() -> None:
    wanted = plain(LONG)
    wanted["products"]["1007"] = {"name": "Product 1007", "tags": ["a", "b"], "max_price": 5}
    assert differing(LONG, documents.merged(LONG, wanted)) == ["+    max_price: 5"]


def test_what_goes_leaves_its_neighbours_and_what_comes_stands_last() -> None:
    wanted = plain(LONG)
    del wanted["products"]["1000"]
    wanted["products"]["bestbuy:7"] = {"name": "seven"}
    changed = documents.merged(LONG, wanted)
    assert plain(changed) == wanted
    gone = [line for line in differing(LONG, changed) if line.startswith("-")]
    assert gone == ["-  '1000': # bought twice", '-    name: "Product 1000"', "-    tags: [a, b]"]
    assert "  bestbuy:7:\n    name: seven\nsafety:" in changed or "  bestbuy:7:\n    name: seven\n" in changed
    assert changed.startswith(HEAD)


def test_a_text_that_says_it_already_stays_byte_for_byte() -> None:
    assert documents.merged(LONG, plain(LONG)) == LONG


NAMES = st.text(st.sampled_from("ab1:#'\"- {}é\n"), min_size=1, max_size=4)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(0, 99) | st.text(st.sampled_from("ab:#'\n "), max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=6,
)
DOCUMENTS = st.dictionaries(NAMES, st.dictionaries(NAMES, VALUES, max_size=4), max_size=3)


@settings(max_examples=25)
@given(DOCUMENTS, DOCUMENTS)
def test_whatever_is_wanted_is_what_the_text_says_then(
    before: dict[str, object], wanted: dict[str, object]
) -> None:
    padding = {str(number): {"name": "x" * 40} for number in range(120)}
    text = documents.dump({**before, "padding": padding})
    changed = documents.merged(text, {**wanted, "padding": padding})
    assert documents.read(changed, file="x.yaml") == {**wanted, "padding": padding}


@pytest.mark.parametrize(
    "text",
    [
        "products: {'1': {name: a}}\n",
        "products:\n  ? '1'\n  : {name: a}\n",
        "products: &all\n  '1': {name: a}\n",
        "products:\n  '1': {name: a}\n  <<: {}\n",
        "- 1\n",
    ],
)
def test_a_layout_of_its_own_is_left_to_the_whole_reader(text: str) -> None:
    current = {"products": {"1": {"name": "a"}}}
    with pytest.raises(Tangled):
        spliced(text, current, {"products": {"1": {"name": "b"}}}, lambda block, _: block)
