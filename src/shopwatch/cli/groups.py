"""A group of commands with a default, so that `runs` and `runs verizon` list and `runs show RUN` shows."""

from __future__ import annotations

from typing import Any

from typer.core import TyperGroup


class ListsByDefault(TyperGroup):
    """What names no command of the group is given to its command ``list``."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        is_named = bool(args) and (args[0] in self.commands or args[0] == "--help")
        parsed: list[str] = super().parse_args(ctx, args if is_named else ["list", *args])
        return parsed
