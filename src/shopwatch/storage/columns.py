"""Column types that mean the same on SQLite and PostgreSQL; else times and texts would differ by database."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

#: SQLite numbers rows only in a column declared INTEGER.
Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def microseconds(moment: datetime) -> int:
    """UTC microseconds since 1970.

    Raises:
        ValueError: a naive time; it would mean another moment on another machine.
    """
    if moment.tzinfo is None:
        raise ValueError(f"not an aware time: {moment!r}")
    return (moment - EPOCH) // _MICROSECOND


def moment(value: int) -> datetime:
    return EPOCH + timedelta(microseconds=value)


class Moment(TypeDecorator[datetime]):
    """A time as UTC microseconds since 1970: sorts, compares and comes back equal on both databases."""

    impl = sa.BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        return _bound_moment(value)

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        return None if value is None else moment(value)


class Words(TypeDecorator[str]):
    """Text that may come from a site: what a database cannot hold is taken out, so no page can end a run."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return _bound_words(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        return value


class Document(TypeDecorator[Any]):
    """JSON as text; ``None`` is SQL's null."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: object, dialect: Dialect) -> str | None:
        return _bound_document(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        return None if value is None else msgspec.json.decode(value)


def binder(kind: sa.types.TypeEngine[Any], dialect: Dialect) -> Callable[[Any], Any] | None:
    """What makes a value fit for the driver, without the layers around our own types; ``None``: nothing."""
    own = next((make for of, make in _OWN.items() if isinstance(kind, of)), None)
    return own or kind.bind_processor(dialect)


def _bound_moment(value: datetime | None) -> int | None:
    return None if value is None else microseconds(value)


def _bound_words(value: str | None) -> str | None:
    return None if value is None else storable(value)


def _bound_document(value: object) -> str | None:
    return None if value is None else to_json(value)


_OWN: Mapping[type, Callable[[Any], Any]] = {
    Moment: _bound_moment,
    Words: _bound_words,
    Document: _bound_document,
}


def storable(text: str) -> str:
    """``text`` without NUL (PostgreSQL) and halves of surrogate pairs (both)."""
    if text.isascii():
        return text.replace("\0", "")
    return text.encode("utf-8", "replace").decode().replace("\0", "")


def hash_of(key: str) -> bytes:
    """A request's key in 16 bytes: addresses are long, and there are 25,000 of them in a run."""
    return hashlib.blake2b(key.encode("utf-8", "surrogatepass"), digest_size=16).digest()


def to_json(value: object) -> str:
    """Encode dataclasses, enums, times and plain values."""
    try:
        return msgspec.json.encode(value).decode()
    except UnicodeEncodeError:
        return msgspec.json.encode(_cleaned(msgspec.to_builtins(value))).decode()


def _cleaned(value: object) -> object:
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, dict):
        return {storable(str(name)): _cleaned(part) for name, part in value.items()}
    if isinstance(value, list):
        return [_cleaned(part) for part in value]
    return value
