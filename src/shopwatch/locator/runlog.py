"""A run's own log: one structured line per event, rotated, and read by level, word and place."""

from __future__ import annotations

import json
import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Protocol

from shopwatch.domain.addresses import redact
from shopwatch.locator.progress import stamp
from shopwatch.ports import Clock

LEVELS = ("debug", "info", "warning", "error")

_MAX_BYTES = 10_000_000  #: of one file, before it is put aside
_KEEP = 5  #: files put aside
_MAX_VALUE = 2_000  #: characters of one fact; a page's text must not fill the disk
_PLAIN_VALUE = re.compile(r"[^\s\"'=\\\x00-\x1f\x7f]+")
_EVENT = re.compile(r"[^\w.-]+")


class Log(Protocol):
    """What the crawl tells its keeper. A structlog logger is one as well."""

    def debug(self, event: str, **facts: object) -> object: ...

    def info(self, event: str, **facts: object) -> object: ...

    def warning(self, event: str, **facts: object) -> object: ...

    def error(self, event: str, **facts: object) -> object: ...


@dataclass(frozen=True, kw_only=True, slots=True)
class LogLine:
    at: str  #: as it stands in the file
    level: str
    event: str
    text: str  #: the facts, ``key=value …``
    offset: int  #: of its first byte, counted over all files of the run


@dataclass(frozen=True, kw_only=True, slots=True)
class LogPart:
    """Some lines, and the offset from which to go on."""

    lines: tuple[LogLine, ...]
    next_offset: int
    at_end: bool  #: nothing more is written yet


class RunLog:
    """Appends to a run's file, each line whole; also hands every event on to ``also``.

    A file put aside is named by the offset of its first byte, so offsets stay true over rotations.
    """

    def __init__(
        self, path: Path, clock: Clock, *, also: Log | None = None, max_bytes: int = _MAX_BYTES
    ) -> None:
        self._path = path
        self._clock = clock
        self._also = also
        self._max_bytes = max_bytes
        path.parent.mkdir(parents=True, exist_ok=True)
        self._stream: IO[bytes] = path.open("ab")

    def debug(self, event: str, **facts: object) -> None:
        self._write("debug", event, facts)

    def info(self, event: str, **facts: object) -> None:
        self._write("info", event, facts)

    def warning(self, event: str, **facts: object) -> None:
        self._write("warning", event, facts)

    def error(self, event: str, **facts: object) -> None:
        self._write("error", event, facts)

    def close(self) -> None:
        self._stream.close()

    def _write(self, level: str, event: str, facts: dict[str, object]) -> None:
        self._stream.write(format_line(self._clock.now(), level, event, facts).encode())
        self._stream.flush()
        if self._stream.tell() > self._max_bytes:
            self._rotate()
        if self._also is not None:
            getattr(self._also, level)(event, **facts)

    def _rotate(self) -> None:
        self._stream.close()
        begin = _segments(self._path)[-1].begin
        self._path.rename(self._path.with_name(f"{self._path.name}.{begin}"))
        for old in _aside(self._path)[:-_KEEP]:
            old.path.unlink(missing_ok=True)
        self._stream = self._path.open("ab")


def format_line(at: datetime, level: str, event: str, facts: dict[str, object]) -> str:
    """``2026-01-17T04:45:00Z info phase_done name=extract pages=2100``; always one line."""
    words = [stamp(at), level, _EVENT.sub("_", event) or "-"]
    words += [f"{_EVENT.sub('_', key)}={_value(value)}" for key, value in facts.items()]
    return " ".join(words) + "\n"


def read_log(
    path: Path, *, level: str = "debug", search: str = "", offset: int = 0, limit: int = 500
) -> LogPart:
    """The lines from ``offset`` on that are of ``level`` or worse and contain ``search``, whatever its case.

    A negative ``offset`` gives the last lines. A line still being written waits for the next read.
    """
    needle, rank, found = search.casefold(), _rank(level), deque[LogLine](maxlen=limit)
    place = max(offset, _segments(path)[0].begin)
    for raw, begin in _lines(path, max(0, offset)):
        if offset >= 0 and len(found) >= limit:
            return LogPart(lines=tuple(found), next_offset=place, at_end=False)
        place = begin + len(raw)
        line = _matching(raw, begin, needle=needle, rank=rank)
        if line is not None:
            found.append(line)
    return LogPart(lines=tuple(found), next_offset=place, at_end=True)


def first_error(path: Path) -> LogLine | None:
    """Where to jump to."""
    part = read_log(path, level="error", limit=1)
    return part.lines[0] if part.lines else None


@dataclass(frozen=True, slots=True)
class _Segment:
    begin: int  #: offset of its first byte
    path: Path


def _aside(path: Path) -> list[_Segment]:
    found = [
        _Segment(int(name), old)
        for old in path.parent.glob(f"{path.name}.*")
        if (name := old.name.removeprefix(f"{path.name}.")).isdigit()
    ]
    return sorted(found, key=lambda segment: segment.begin)


def _segments(path: Path) -> list[_Segment]:
    """All files of the log in their order; the one in use is the last."""
    aside = _aside(path)
    begin = aside[-1].begin + aside[-1].path.stat().st_size if aside else 0
    return [*aside, _Segment(begin, path)]


def _lines(path: Path, offset: int) -> Iterator[tuple[bytes, int]]:
    """Whole lines from ``offset`` on, each with the offset of its first byte."""
    for segment in _segments(path):
        try:
            stream = segment.path.open("rb")
        except FileNotFoundError:
            continue  # rotated away between the look and the read, or nothing logged yet
        with stream:
            place = max(segment.begin, offset)
            stream.seek(place - segment.begin)
            for raw in stream:
                if not raw.endswith(b"\n"):
                    break
                yield raw, place
                place += len(raw)


def _matching(raw: bytes, offset: int, *, needle: str, rank: int) -> LogLine | None:
    text = raw.decode("utf-8", "replace").rstrip("\r\n")
    if needle and needle not in text.casefold():
        return None
    line = _parsed(text, offset)
    return line if _rank(line.level) >= rank else None


def _parsed(text: str, offset: int) -> LogLine:
    """A line of somebody else's, a traceback of the process say, is an error's text without a time."""
    at, level, event, facts = [*text.split(" ", 3), "", "", ""][:4]
    if level not in LEVELS:
        return LogLine(at="", level="error", event="", text=text, offset=offset)
    return LogLine(at=at, level=level, event=event, text=facts, offset=offset)


def _rank(level: str) -> int:
    return LEVELS.index(level) if level in LEVELS else 0


def _value(value: object) -> str:
    if isinstance(value, float):
        return f"{value:g}"
    text = redact(str(value))
    if len(text) > _MAX_VALUE:
        text = text[:_MAX_VALUE] + "…"
    return text if _PLAIN_VALUE.fullmatch(text) else json.dumps(text, ensure_ascii=False)
