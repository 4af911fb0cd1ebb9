"""The pages of docs/reference: what they say of settings and commands is what the program says."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from scripts import reference

from shopwatch.bootstrap.folder import SHOPS
from shopwatch.config.files import FILES
from shopwatch.config.schema import schema_of


@pytest.fixture(scope="module")
def pages() -> Mapping[str, str]:
    return reference.pages()


@pytest.mark.parametrize("name", ["configuration.md", "commands.md"])
def test_a_page_says_what_the_program_says(pages: Mapping[str, str], name: str) -> None:
    written = (reference.REFERENCE / name).read_text("utf-8")
    assert written == pages[name], "`make reference` writes it anew"


def _unexplained() -> Iterator[str]:
    for file in FILES:
        schema = schema_of(file, SHOPS)
        for section, parts in schema["$defs"].items():
            for name, field in parts.get("properties", {}).items():
                if not _is_section(field) and not field.get("description"):
                    yield f"{section}.{name}"


def _is_section(field: Mapping[str, Any]) -> bool:
    return "$ref" in field or any("$ref" in one for one in field.get("anyOf", ()))


def test_every_setting_is_explained_where_its_values_do_not_say_it() -> None:
    assert set(_unexplained()) == {"DashboardSettings.theme", "ProxySettings.mode"}


def test_every_option_of_every_command_is_explained(pages: Mapping[str, str]) -> None:
    empty = [line for line in pages["commands.md"].splitlines() if line.endswith("` |  |")]
    assert empty == []


def test_no_secret_has_a_value_in_the_pages(pages: Mapping[str, str]) -> None:
    secrets = [line for line in pages["configuration.md"].splitlines() if "secret" in line.split("|")[2:3]]
    assert all(line.split("|")[3].strip() == "" for line in secrets)
