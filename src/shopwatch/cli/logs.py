"""Logging of a process: events with facts, one line each, to a rotated file and to standard error."""

from __future__ import annotations

import fcntl
import logging
import logging.handlers
import os
import re
import sys
from collections.abc import MutableMapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import structlog

from shopwatch.domain.addresses import redact as redacted
from shopwatch.domain.errors import Unusable

_BYTES_A_FILE = 5_000_000
_FILES_KEPT = 5
_EVENT_WIDTH = 24
_SECRET_NAMES = re.compile(r"password|secret|token|cookie|authorization|api_?key|card|cvv", re.IGNORECASE)
_MASK = "***"


def set_up(file: Path | None, *, verbose: bool = False) -> None:
    """Log to ``file`` (rotated, 5 × 5 MB); warnings also to standard error, with ``verbose`` everything.

    Raises:
        Unusable: the file's folder cannot be written.
    """
    handlers: list[logging.Handler] = [logging.StreamHandler(sys.stderr)]
    for_all = _WithoutSecrets("%(message)s")
    handlers[0].setLevel(logging.DEBUG if verbose else logging.WARNING)
    if file is not None:
        handlers.append(_rotated(file))
        handlers[1].setLevel(logging.INFO)
    for handler in handlers:
        handler.setFormatter(for_all)
    logging.basicConfig(level=logging.INFO, handlers=handlers, force=True)
    for noisy in ("asyncio", "apprise", "alembic", "uvicorn", "watchfiles"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.stdlib.add_log_level,
            structlog.processors.TimeStamper(fmt="%Y-%m-%dT%H:%M:%SZ", utc=True),
            structlog.processors.format_exc_info,
            redact,
            render,
        ],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        # Lines are rare; a cached logger would keep the processors of the first line for ever.
        cache_logger_on_first_use=False,
    )


def _rotated(file: Path) -> logging.Handler:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        return SharedFile(file, maxBytes=_BYTES_A_FILE, backupCount=_FILES_KEPT, encoding="utf-8")
    except OSError as error:
        raise Unusable(f"{file} cannot be written: {error.strerror}") from None


def name_old_format(products_file: str) -> None:
    """Log that the products come from one of the old files, and the command that ends that."""
    if products_file not in ("", "shopwatch.yaml"):
        hint = "`shopwatch config migrate` writes shopwatch.yaml from it"
        structlog.get_logger().info("old_configuration", file=products_file, hint=hint)


class SharedFile(logging.handlers.RotatingFileHandler):
    """A rotated file that several processes write: monitor, crawls and dashboard share one log.

    One of them puts the file aside, the others notice and go on in the file that took its place.
    """

    def emit(self, record: logging.LogRecord) -> None:
        try:
            self._open_again() if self.stream is None else self._follow()
        except OSError:
            return  # its folder is gone: no reason for a monitor to end; the file is back with the folder
        super().emit(record)

    def doRollover(self) -> None:  # noqa: N802 - the name logging gives it
        with Path(f"{self.baseFilename}.lock").open("wb") as turn:
            fcntl.flock(turn, fcntl.LOCK_EX)
            if not self._follow():  # else somebody was quicker
                super().doRollover()

    def _follow(self) -> bool:
        """Open the file anew where another process has put ours aside; ``True`` if so."""
        if self.stream is None:  # closed: whoever writes next opens it
            return False
        with suppress(FileNotFoundError):
            there, ours = Path(self.baseFilename).stat(), os.fstat(self.stream.fileno())
            if os.path.samestat(there, ours):
                return False
        self.stream.close()
        self._open_again()
        return True

    def _open_again(self) -> None:
        self.stream: Any = None  # stays so where the file cannot be opened
        self.stream = self._open()


class _WithoutSecrets(logging.Formatter):
    """The last to see a line, also one of a library's own: no address in it has a password or a key."""

    def format(self, record: logging.LogRecord) -> str:
        return redacted(super().format(record))


def redact(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Nothing is logged under a secret's name; what addresses hold is taken out of the whole line."""
    for name in event:
        if _SECRET_NAMES.search(name):
            event[name] = _MASK
    return event


def render(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> str:
    """``2026-01-17T04:45:00Z warning check_failed            sku=89542109 reason='HTTP 429'``."""
    at, level, name = event.pop("timestamp"), event.pop("level"), str(event.pop("event"))
    trace = event.pop("exception", None)
    facts = " ".join(f"{key}={_fact(value)}" for key, value in event.items())
    line = f"{at} {level:<7} {name:<{_EVENT_WIDTH}} {facts}".rstrip()
    return redacted(f"{line}\n{trace}" if trace else line)


def _fact(value: object) -> str:
    text = f"{value:g}" if isinstance(value, float) else str(value)
    return text if text and re.fullmatch(r"[^\s='\"]+", text) else repr(text)
