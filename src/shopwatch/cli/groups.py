"""Groups of commands: one that loads a command when it is called, one with a default command."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any, ClassVar, NamedTuple

import typer
from typer.core import TyperCommand, TyperGroup


class ListsByDefault(TyperGroup):
    """What names no command of the group is given to its command ``list``: `runs`, `runs verizon`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        is_named = bool(args) and (args[0] in self.commands or args[0] == "--help")
        parsed: list[str] = super().parse_args(ctx, args if is_named else ["list", *args])
        return parsed


class Known(NamedTuple):
    """A command before it is loaded."""

    where: str  #: "module:attribute", a Typer application or the function of a command
    help: str  #: its first sentence, so that the manual loads nothing


class LoadsWhenCalled(TyperGroup):
    """Knows its commands by name; a crawl must not wait for the dashboard's libraries to load."""

    table: ClassVar[Mapping[str, Known]] = {}

    def list_commands(self, ctx: Any) -> list[str]:
        return list(self.table)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        known = self.table.get(cmd_name)
        return None if known is None else _Unloaded(cmd_name, known)


class _Unloaded(TyperCommand):
    def __init__(self, name: str, known: Known) -> None:
        super().__init__(name, help=known.help)
        self._where = known.where

    def make_context(self, info_name: Any, args: Any, parent: Any = None, **extra: Any) -> Any:
        """The context of the command itself: it is loaded now."""
        return load(str(self.name), self._where).make_context(info_name, args, parent=parent, **extra)


def load(name: str, where: str) -> Any:
    """Import a command."""
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
