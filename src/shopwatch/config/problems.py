"""What is wrong with a document, all of it, by dotted path and line, and never a secret."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from shopwatch.config.shops import Shops
from shopwatch.domain.errors import Invalid

Model = TypeVar("Model", bound=BaseModel)
Path = tuple[str | int, ...]

_SECRETS = frozenset({"channels", "keys", "password", "token", "username"})
_NUMERIC = "must be numeric"
_NEVER_ECHOED = frozenset(
    {
        "dict_type",
        "extra_forbidden",
        "json_invalid",
        "missing",
        "model_attributes_type",
        "model_type",
        "tuple_type",
        "value_error",
    }
)
_LONGEST_ECHO = 60  #: characters of a wrong value worth repeating
_MESSAGES = {
    "extra_forbidden": "is not a known setting",
    "missing": "is required",
    "unknown_name": "is not a known name: it must be one of {expected}",
    "float_parsing": _NUMERIC,
    "float_type": _NUMERIC,
    "int_parsing": "must be a whole number",
    "int_type": "must be a whole number",
    "int_from_float": "must be a whole number",
    "bool_parsing": "must be true or false",
    "bool_type": "must be true or false",
    "string_type": "must be text",
    "string_too_short": "must have {min_length} letters or more",
    "string_too_long": "must have {max_length} letters or fewer",
    "too_short": "must have {min_length} entries or more",
    "too_long": "must have {max_length} entries or fewer",
    "string_pattern_mismatch": "does not look right (expected {pattern})",
    "dict_type": "must be a section of its own (a mapping)",
    "model_type": "must be a section of its own (a mapping)",
    "model_attributes_type": "must be a section of its own (a mapping)",
    "tuple_type": "must be a list",
    "list_type": "must be a list",
    "literal_error": "must be one of {expected}",
    "greater_than": "must be above {gt}",
    "greater_than_equal": "must be {ge} or more",
    "less_than": "must be below {lt}",
    "less_than_equal": "must be {le} or less",
    "url_parsing": "must be a web address",
    "url_scheme": "must be a web address that begins with http:// or https://",
}
#: What a pattern asks for, as a person says it.
_PATTERNS = {
    r"^(\d{5})?$": "a ZIP code of five digits",
    r"^([A-Z]{2})?$": "the two capital letters of a state",
    r"^[a-zA-Z]{2}$": "two letters",
    r"^\d{4}$": "four digits",
    r"^(https?://.*)?$": "a web address that begins with http:// or https://",
    r"^([01]\d|2[0-3]):[0-5]\d$": "a time of day as HH:MM",
}


@dataclass(frozen=True, slots=True)
class Problem:
    """One wrong value: where, and what is wrong in words."""

    path: str
    message: str
    file: str = ""
    line: int | None = None

    @property
    def text(self) -> str:
        return f"{self.path} {self.message}"

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}: " if self.line else f"{self.file}: " if self.file else ""
        return where + self.text


class InvalidSettings(Invalid):
    """Settings that cannot be used; ``details`` holds each problem with its path and line."""

    def __init__(self, details: Sequence[Problem]) -> None:
        self.details = tuple(details)
        super().__init__(self.details)


def parse(model: type[Model], raw: object, *, shops: Shops | None = None) -> Model:
    """Validate a loaded document; ``shops`` are the retailers it may name.

    Raises:
        InvalidSettings: with one problem per wrong value, all of them.
    """
    try:
        return model.model_validate({} if raw is None else raw, context=shops)
    except ValidationError as error:
        problems = [problem_of(item) for item in error.errors(include_url=False)]
        raise InvalidSettings(sorted(problems, key=lambda one: one.path)) from None


def problem_of(item: Any) -> Problem:
    """One error of pydantic's list, wherever it came from, in our words."""
    path: Path = tuple(item["loc"])
    if path and path[-1] == "[key]":  # pydantic's way to point at a key of a mapping
        path, item = path[:-1], {**item, "type": "unknown_name"}
    if item["type"] == "value_error":
        message = str(item["ctx"]["error"])
    else:
        facts = {name: _whole(value) for name, value in item.get("ctx", {}).items()}
        message = _MESSAGES.get(item["type"], item["msg"]).format(**facts)
    got = f", got {_shown(item['input'])}" if _may_be_shown(item) else ""
    return Problem(".".join(map(str, path)) or "the document", message + got)


def _may_be_shown(item: Any) -> bool:
    """Say whether the wrong value can be repeated without telling a secret.

    Not a whole section, and not the value of a key we do not know: it may be a misspelt secret.
    """
    unknown = item["type"] in _NEVER_ECHOED
    plain = isinstance(item["input"], str | int | float | bool) and len(str(item["input"])) <= _LONGEST_ECHO
    return plain and not unknown and not _SECRETS & set(item["loc"])


def _whole(value: object) -> object:
    """A limit as a person writes it: 5, not 5.0; 1000000, not 1e+06; a pattern in words."""
    if isinstance(value, str):
        return _PATTERNS.get(value, value)
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _shown(value: object) -> str:
    return {True: "true", False: "false"}[value] if isinstance(value, bool) else repr(value)


def in_file(error: InvalidSettings, file: str) -> InvalidSettings:
    """The same problems, said of ``file``."""
    return InvalidSettings([replace(problem, file=file) for problem in error.details])


def flatten(document: object, path: str = "") -> Mapping[str, object]:
    """Every leaf of a document by its dotted path, so that two documents can be compared."""
    if isinstance(document, Mapping) and document:
        flat: dict[str, object] = {}
        for key, value in document.items():
            flat.update(flatten(value, f"{path}.{key}" if path else str(key)))
        return flat
    return {path: document}
