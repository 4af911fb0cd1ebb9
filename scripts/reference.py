"""Writes what docs/reference says of settings and commands, from the program itself: ``make reference``.

A test compares the pages with what would be written, so they stay true.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from typer import Context
from typer.core import TyperArgument, TyperGroup, TyperOption
from typer.main import get_command

from shopwatch.bootstrap.folder import SHOPS
from shopwatch.cli.groups import load
from shopwatch.cli.main import Commands, app
from shopwatch.config.files import FILES, FileName
from shopwatch.config.schema import schema_of

REFERENCE = Path(__file__).parent.parent / "docs" / "reference"
WRITTEN = "Written by `make reference`; do not edit by hand.\n"
_CONFIGURATION = """\
Two files in the configuration folder (`--config-dir`, usually `config/`). A file that is missing is all
defaults; a key that is not here is an error that names the file and the line; a change is taken over within a
second, or refused whole. `shopwatch config check` lists every problem; `shopwatch config schema FILE` prints
the JSON Schema, with which an editor completes and checks while you write.
"""
PLACES: Mapping[FileName, Mapping[str, str]] = {
    "shopwatch.yaml": {"products": "products.<sku>"},
    "retailers.yaml": {"retailers": "retailers.<id>"},
}  #: how a mapping's entries are called


@dataclass(frozen=True, slots=True)
class Setting:
    """One line of a table."""

    name: str
    kind: str
    default: str
    says: str


def pages() -> dict[str, str]:
    """Return every page by the name of its file."""
    return {"configuration.md": configuration(), "commands.md": commands()}


# ---- settings ---------------------------------------------------------------------------------------


def configuration() -> str:
    parts = [
        f"# Configuration\n\n{WRITTEN}",
        _CONFIGURATION,
        "`${NAME}` in place of a secret reads the environment. An empty default means: not set.\n",
    ]
    for name in FILES:
        parts.append(f"## {name}\n")
        parts += sections(name)
    return "\n".join(parts)


def sections(file: FileName) -> Iterator[str]:
    """Yield each section of a file as a heading, a sentence and a table."""
    schema = schema_of(file, SHOPS)
    for key, field in schema["properties"].items():
        place = PLACES[file].get(key, key)
        yield from _section(place, field, schema["$defs"])


def _section(place: str, field: Mapping[str, Any], known: Mapping[str, Any]) -> Iterator[str]:
    section = _resolved(field, known)
    if "additionalProperties" in section and "properties" not in section:
        section = _resolved(section["additionalProperties"], known)
    yield f"### `{place}`\n"
    if says := section.get("description", "").removeprefix(f"``{place}``").lstrip(": "):
        yield _paragraph(says[0].upper() + says[1:]) + "\n"
    inner = {}
    lines = []
    for name, part in section["properties"].items():
        below = _resolved(_wanted(part), known)
        if "properties" in below:
            inner[f"{place}.{name}"] = part
        else:
            lines.append(Setting(name, _kind(part, known), _default(part), part.get("description", "")))
    rows = [f"| `{one.name}` | {one.kind} | {one.default} | {one.says} |" for one in lines]
    yield "\n".join(["| key | value | default | |", "| --- | --- | --- | --- |", *rows]) + "\n"
    for below_place, part in inner.items():
        yield from _section(below_place, _wanted(part), known)


def _resolved(field: Mapping[str, Any], known: Mapping[str, Any]) -> Mapping[str, Any]:
    reference = field.get("$ref")
    return known[reference.rsplit("/", 1)[1]] if reference else field


def _wanted(field: Mapping[str, Any]) -> Mapping[str, Any]:
    """The alternative that is not null."""
    choices = [one for one in field.get("anyOf", ()) if one.get("type") != "null"]
    return choices[0] if choices else field


def _kind(field: Mapping[str, Any], known: Mapping[str, Any]) -> str:
    part = _resolved(_wanted(field), known)
    if "enum" in part:
        return ", ".join(f"`{value}`" for value in part["enum"])
    match part.get("type"):
        case "array":
            return f"list of {_kind(part['items'], known)}"
        case "object":
            return f"words to {_kind(part['additionalProperties'], known)}"
        case "boolean":
            return "true, false"
        case "integer" | "number" as number:
            return ("whole number" if number == "integer" else "number") + _range(part)
        case _:
            return {"date-time": "moment", "uri": "address", "password": "secret"}.get(
                part.get("format", ""), "text"
            )


def _range(part: Mapping[str, Any]) -> str:
    low = part.get("minimum", part.get("exclusiveMinimum"))
    high = part.get("maximum")
    if low is None or high is None:
        return ""
    return f", {'above ' if 'exclusiveMinimum' in part else ''}{low:,g} to {high:,.10g}"


def _default(field: Mapping[str, Any]) -> str:
    default = field.get("default")
    if default in (None, "", [], {}):
        return ""
    whole = isinstance(default, float) and default.is_integer()
    return f"`{json.dumps(int(default) if whole else default, ensure_ascii=False)}`"


# ---- commands ---------------------------------------------------------------------------------------


def commands() -> str:

    top = get_command(app)
    parts = [
        f"# Commands\n\n{WRITTEN}",
        f"{_paragraph(top.help or '')}\n",
        "Options before the command:\n",
        _options(top),
    ]
    for name, known in Commands.table.items():
        parts += _command(("shopwatch", name), load(name, known.where))
    return "\n".join(parts)


def _command(words: Sequence[str], command: Any) -> Iterator[str]:
    level = "#" * min(len(words), 3)
    arguments = [_argument(one) for one in command.params if isinstance(one, TyperArgument)]
    yield f"{level} `{' '.join((*words, *arguments))}`\n"
    yield _paragraph(command.help or "") + "\n"
    if table := _options(command):
        yield table
    if isinstance(command, TyperGroup):
        for name, below in command.commands.items():
            yield from _command((*words, name), below)


def _argument(argument: TyperArgument) -> str:
    several = "…" if argument.nargs == -1 else ""
    name = str(argument.metavar or argument.name).removesuffix("...").upper() + several
    return name if argument.required else f"[{name}]"


def _options(command: Any) -> str:
    rows = []
    for one in command.params:
        if (
            isinstance(one, TyperOption)
            and not one.hidden
            and one.name not in ("help", "install_completion", "show_completion")
        ):
            names = ", ".join(f"`{name}`" for name in (*one.opts, *one.secondary_opts))
            shown = one.get_default(Context(command), call=False)
            default = "" if shown in (None, "", False, ()) or callable(shown) else f" (`{shown}`)"
            rows.append(f"| {names} | {_paragraph(one.help or '')}{default} |")
    return "\n".join(["| option | |", "| --- | --- |", *rows]) + "\n" if rows else ""


def _paragraph(text: str) -> str:
    return " ".join(text.replace("|", "\\|").replace("``", "`").split())


def main() -> int:
    for name, text in pages().items():
        (REFERENCE / name).write_text(text, "utf-8")
        print(f"written: docs/reference/{name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
