"""What a command line that cannot be understood is told: one sentence, and where the manual is."""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import Any

from typer.exceptions import TyperException

#: How values are refused by the library, and how we say it.
_IN_OUR_WORDS = (
    (r"Input should be a valid integer.*", "must be a whole number"),
    (r"Input should be a valid number.*", "must be a number"),
    (r"Input should be greater than or equal to (\S+)", r"must be \1 or more"),
    (r"Input should be less than or equal to (\S+)", r"must be \1 or less"),
    (r"Input should be", "must be"),
)
_NO_COMMAND = re.compile(r"No such command '(?P<name>.*)'\.?")


def sentence_of(error: TyperException) -> str:
    """``--limit must be 1 or more: see `shopwatch runs list --help```; empty where that was shown already."""
    context: Any = getattr(error, "ctx", None)
    if not error.message and not hasattr(error, "param"):
        return ""
    said = _what(error, context)
    return said if context is None else f"{said}: see `{context.command_path} --help`"


def _what(error: TyperException, context: Any) -> str:
    param: Any = getattr(error, "param", None)
    if param is not None and hasattr(error, "param_type"):
        return f"{_name(param)} is missing"
    if param is not None:
        return f"{_name(param)} {_refusal(error.message)}"
    if option := getattr(error, "option_name", None):
        return _option(error, option)
    if command := _NO_COMMAND.match(error.message):
        return _command(command["name"], context)
    return error.message[:1].lower() + error.message[1:].rstrip(".")


def _name(param: Any) -> str:
    """An option as it is typed, an argument as the manual calls it."""
    is_option = param.opts[0].startswith("-")
    return str(param.opts[0] if is_option else param.metavar or param.name.upper())


def _refusal(message: str) -> str:
    for theirs, ours in _IN_OUR_WORDS:
        if (changed := re.sub(theirs, ours, message)) != message:
            return changed
    return f"cannot be used ({message.rstrip('.')})"


def _option(error: TyperException, option: str) -> str:
    if not hasattr(error, "possibilities"):
        return error.message.rstrip(".").replace(f"Option {option!r}", option)
    near = ", ".join(sorted(error.possibilities or ()))
    return f"there is no option {option}" + (f", but {near}" if near else "")


def _command(name: str, context: Any) -> str:
    known = context.command.list_commands(context) if context is not None else []
    near = ", ".join(get_close_matches(name, known))
    return f"there is no command {name!r}" + (f", but {near}" if near else "")
