"""How answers are printed: a table for people, JSON for programs; errors on standard error."""

from __future__ import annotations

import io
import json
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, is_dataclass
from datetime import datetime
from enum import Enum
from typing import Annotated, Any, Literal

import typer
from rich.console import Console
from rich.measure import Measurement
from rich.table import Table

from shopwatch.domain.money import Money

Justify = Literal["left", "right"]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
_NO_TERMINAL = 200  #: columns of a table where nobody tells how wide the screen is
_WIDER_THAN_ANY = 10_000  #: columns: a table is measured without regard to the screen
#: What moves the cursor or colours the screen: a title of a site is text, never an order to the terminal.
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")

out = Console(
    highlight=False,
    soft_wrap=True,
    markup=False,
    emoji=False,
    width=None if sys.stdout.isatty() else _NO_TERMINAL,
)
err = Console(stderr=True, highlight=False, soft_wrap=True, markup=False, emoji=False)


def speak_as_the_terminal_does() -> None:
    """A terminal that knows no UTF-8 is shown ``?`` for what it cannot show; else a dash would end us."""
    if isinstance(sys.stdout, io.TextIOWrapper) and not _is_utf8():
        sys.stdout.reconfigure(errors="replace")


def _is_utf8() -> bool:
    return (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"


def print_text(text: str) -> None:
    """A file's content, in UTF-8 whatever the terminal speaks: programs read it back."""
    sys.stdout.flush()
    sys.stdout.buffer.write(text.encode())


def print_json(document: object) -> None:
    sys.stdout.write(json.dumps(plain(document), indent=2, ensure_ascii=not _is_utf8()) + "\n")


def print_json_line(document: object) -> None:
    """One document of a stream: programs read it line by line."""
    sys.stdout.write(json.dumps(plain(document), ensure_ascii=not _is_utf8()) + "\n")
    sys.stdout.flush()


def say(text: str) -> None:
    """One line of an answer."""
    out.print(_CONTROL.sub("�", text))


def complain(text: str) -> None:
    """One line about what went wrong."""
    err.print(_CONTROL.sub("�", text))


def table(columns: Sequence[str], rows: Iterable[Sequence[object]], *, empty: str) -> None:
    """Print rows, or the sentence ``empty`` if there are none."""
    cells = [[_cell(value) for value in row] for row in rows]
    grid = Table(box=None, pad_edge=False, header_style="bold")
    for number, column in enumerate(columns):
        name = column.removesuffix(">")
        is_text = any(" " in row[number] for row in cells)  # the rest is never cut into pieces
        justify: Justify = "right" if column.endswith(">") else "left"
        grid.add_column(name, justify=justify, overflow="fold", no_wrap=not is_text)
    for row in cells:
        grid.add_row(*row)
    if not grid.row_count:
        say(empty)
    elif Measurement.get(out, out.options.update(width=_WIDER_THAN_ANY), grid).minimum <= out.width:
        out.print(grid)
    else:
        _print_below(columns, cells)


def _print_below(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Each row as lines of its own: on a narrow screen names and numbers would be cut into pieces."""
    names = [column.removesuffix(">") for column in columns]
    width = max(map(len, names))
    for number, row in enumerate(rows):
        say(f"{chr(10) if number else ''}{row[0]}")
        for name, value in zip(names[1:], row[1:], strict=True):
            if value:
                say(f"  {name:<{width}}  {value}")


def _cell(value: object) -> str:
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S}Z"
    if isinstance(value, float):
        return f"{value:,.1f}"
    if isinstance(value, int) and not isinstance(value, Enum):
        return f"{value:,}"
    return _CONTROL.sub("�", str(value))


def plain(value: Any) -> Any:  # noqa: PLR0911 - one line a kind
    """Anything of ours as JSON has it."""
    if isinstance(value, Money):
        return value.cents / 100
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, Enum):
        return value.value
    if is_dataclass(value) and not isinstance(value, type):
        return plain(asdict(value, dict_factory=_shallow))
    if isinstance(value, Mapping):
        return {str(key): plain(inner) for key, inner in value.items()}
    if isinstance(value, frozenset | set):
        return sorted(plain(inner) for inner in value)
    if isinstance(value, list | tuple):
        return [plain(inner) for inner in value]
    return value


def _shallow(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    return dict(pairs)
