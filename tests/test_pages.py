"""The pages a person reads: no link leads nowhere, and every command can be typed as it is shown."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from tests.paths import PROJECT

from shopwatch.cli.groups import load
from shopwatch.cli.main import Commands

PAGES = sorted([PROJECT / "README.md", *(PROJECT / "docs").rglob("*.md")])
LINK = re.compile(r"\]\(([^)\s]+)\)")
SPAN = re.compile(r"`((?:\.venv/bin/)?shopwatch [^`]+)`|^(?:\.venv/bin/)?(shopwatch .+)$", re.MULTILINE)
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)


def named(page: Path) -> str:
    return str(page.relative_to(PROJECT))


def anchors(page: Path) -> set[str]:
    """As they are made of headings: small, without marks, hyphens for blanks."""
    found = HEADING.findall(page.read_text("utf-8"))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in found}


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_link_and_picture_is_there(page: Path) -> None:
    for address in LINK.findall(page.read_text("utf-8")):
        if "://" in address:
            continue
        file, _, anchor = address.partition("#")
        target = page.parent / file if file else page
        assert target.exists(), address
        assert not anchor or anchor in anchors(target), address


@cache
def command(*words: str) -> Any:
    """The command itself, or None."""
    known = Commands.table.get(words[0])
    found = None if known is None else load(words[0], known.where)
    if len(words) == 1 or found is None:
        return found
    return getattr(found, "commands", {}).get(words[1])


def options(*words: str) -> set[str]:
    found = command(*words)
    return {name for one in found.params for name in (*one.opts, *one.secondary_opts)}


def shown(page: Path) -> Iterator[list[str]]:
    """The commands of a page, word by word, without what is said of them."""
    for match in SPAN.finditer(page.read_text("utf-8")):
        line = (match[1] or match[2]).removeprefix(".venv/bin/").partition(" #")[0]
        yield line.replace("[", " ").replace("]", " ").split()[1:]


def wrong_with(words: list[str]) -> str:
    """What a person who types it is told, or nothing."""
    if not words or words[0].startswith(("-", "…")):
        return ""
    found = command(words[0])
    if found is None:
        return f"there is no command {words[0]}"
    names: tuple[str, ...] = (words[0],)
    below = getattr(found, "commands", None)
    if below is not None and len(words) > 1 and words[1] in below:
        names = (words[0], words[1])
    elif below is not None and "list" in below:
        names = (words[0], "list")
    there = options(*names) | {"--help"}
    said = [word.partition("=")[0].rstrip(",;:") for word in words if word.startswith("--")]
    return ", ".join(f"{' '.join(names)} has no {word}" for word in said if word not in there)


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_command_shown_can_be_typed(page: Path) -> None:
    assert [wrong for words in shown(page) if (wrong := wrong_with(words))] == []


def test_a_command_that_is_not_there_would_be_seen() -> None:
    assert wrong_with(["chek", "1"]) == "there is no command chek"
    assert wrong_with(["crawl", "att", "--fresh"]) == "crawl has no --fresh"
    assert wrong_with(["runs", "--limit", "3"]) == ""
