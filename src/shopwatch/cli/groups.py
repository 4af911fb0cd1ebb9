"""Groups of commands: one that loads a command when it is called, one with a default command."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from typing import Any, ClassVar

import typer
from typer.core import TyperGroup


class ListsByDefault(TyperGroup):
    """What names no command of the group is given to its command ``list``: `runs`, `runs verizon`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        is_named = bool(args) and (args[0] in self.commands or args[0] == "--help")
        parsed: list[str] = super().parse_args(ctx, args if is_named else ["list", *args])
        return parsed


class LoadsWhenCalled(TyperGroup):
    """Knows its commands by name; a crawl must not wait for the dashboard's libraries to load."""

    #: Command → "module:attribute", a Typer application or the function of a command.
    table: ClassVar[Mapping[str, str]] = {}

    def list_commands(self, ctx: Any) -> list[str]:
        return list(self.table)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        where = self.table.get(cmd_name)
        return None if where is None else _load(cmd_name, where)


@cache
def _load(name: str, where: str) -> Any:
    module, attribute = where.split(":")
    found = getattr(import_module(module), attribute)
    if isinstance(found, typer.Typer):
        command = typer.main.get_command(found)
    else:
        single = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
        single.command(name)(found)
        command = typer.main.get_command(single)
    command.name = name
    return command
