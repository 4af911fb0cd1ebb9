"""The configuration folder: read, save with a backup, roll back; an invalid file never becomes active."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from shopwatch.config import convert, documents
from shopwatch.config.lock import FolderLock
from shopwatch.config.problems import InvalidSettings, Problem, in_file, parse
from shopwatch.config.replacing import mode_of, replace_file
from shopwatch.config.retailer_settings import RetailersFile
from shopwatch.config.section import Section
from shopwatch.config.settings import Settings, ShopwatchFile
from shopwatch.config.shops import Shops
from shopwatch.config.watches import watches_of
from shopwatch.domain.errors import Conflict, Invalid, NotFound, Unusable
from shopwatch.domain.watch import Watch

FileName = Literal["shopwatch.yaml", "retailers.yaml"]
FILES: dict[FileName, type[Section]] = {"shopwatch.yaml": ShopwatchFile, "retailers.yaml": RetailersFile}
OLD_FILES = (
    "ultra_fast_config.json",
    "product_config.json",
)  #: read in this order where shopwatch.yaml is absent
KEPT_BACKUPS = 5
_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_BACKUP = re.compile(r"^(?:shopwatch|retailers)\.yaml\.backup\.(\d{8}_\d{6})(?:_(\d+))?$")


@dataclass(frozen=True, kw_only=True, slots=True)
class Loaded:
    """Valid settings, and which files they came from."""

    settings: Settings
    watches: tuple[Watch, ...] = ()  #: what the products of the settings mean, paused ones too
    products_file: str  #: name of the file the watches came from, "" when there is none
    notes: tuple[str, ...] = ()  #: what an old file said that has no place here
    fingerprints: Mapping[str, str]  #: of the files read, so that a change meanwhile is noticed

    def lightened(self) -> Loaded:
        """With the watches, but without the sections they were read from: of 50,000 these are 80 MB."""
        file = self.settings.shopwatch.model_copy(update={"products": {}})
        return replace(self, settings=self.settings.model_copy(update={"shopwatch": file}))


class ConfigFolder:
    """The two files of a configuration folder. Nothing half-written is ever seen under their names."""

    def __init__(self, path: Path, shops: Shops | None = None) -> None:
        """``shops``: the retailers that may be named; without it any may."""
        self.path = path
        self.shops = shops
        self._lock = FolderLock(path)

    def changing(self) -> AbstractContextManager[None]:
        """Hold the folder from reading what is changed to saving it; each save holds it by itself.

        Raises:
            Unusable: the folder cannot be written.
        """
        return self._lock.held()

    def load(self, *, old_format: bool = False) -> Loaded:
        """Read everything, with all problems of both files at once.

        ``old_format`` reads ``product_config.json`` even where ``shopwatch.yaml`` exists.

        Raises:
            InvalidSettings: each problem by file, path and line.
        """
        problems: list[Problem] = []
        settings: dict[str, Any] = {}
        notes: tuple[str, ...] = ()
        name = self._products_file(old_format=old_format)
        # Before they are read: a file changed in between then looks changed, and is read again.
        fingerprints = {one: self.fingerprint(one) for one in (name, "retailers.yaml") if one}
        try:
            settings["shopwatch"], notes = self._products(name)
        except InvalidSettings as error:
            problems += error.details
        try:
            settings["retailers"] = self._parsed("retailers.yaml", self.text("retailers.yaml"))
        except InvalidSettings as error:
            problems += error.details
        if problems:
            raise InvalidSettings(problems)
        return Loaded(
            settings=Settings.model_construct(**settings),
            watches=watches_of(settings["shopwatch"]),
            products_file=name,
            notes=notes,
            fingerprints=fingerprints,
        )

    def text(self, name: str) -> str:
        """The file as it is, "" if there is none.

        Raises:
            Unusable: it cannot be read.
        """
        try:
            return (self.path / name).read_text("utf-8-sig")  # some editors begin a file with a mark
        except FileNotFoundError:
            return ""
        except OSError as error:
            raise Unusable(f"{self.path / name} cannot be read: {error.strerror}") from None
        except UnicodeDecodeError as error:
            raise Unusable(f"{self.path / name} cannot be read: {error}") from None

    def fingerprint(self, name: str) -> str:
        return fingerprint_of(self.text(name))

    def variables(self) -> frozenset[str]:
        """The environment variables that either file refers to as ``${NAME}``."""
        return frozenset(found for name in FILES for found in _VARIABLE.findall(self.text(name)))

    def document(self, name: FileName) -> dict[str, Any]:
        """The file as a plain document, as an editor would show it."""
        document = documents.read(self.text(name), file=name)
        return _text_keys(document) if isinstance(document, Mapping) else {}

    def validate(self, name: FileName, text: str) -> Section:
        """What ``text`` would mean as this file.

        Raises:
            InvalidSettings: with every problem.
        """
        section: Section = self._parsed(name, text)
        return section

    def save_document(
        self, name: FileName, document: Mapping[str, Any], *, now: datetime, expected: str | None = None
    ) -> Path | None:
        """Save a changed document; comments and order of what stays are kept. Returns the backup's path."""
        with self.changing():
            merged = documents.merged(self.text(name), document)
            return self.save_text(name, merged, now=now, expected=expected)

    def save_text(
        self, name: FileName, text: str, *, now: datetime, expected: str | None = None
    ) -> Path | None:
        """Validate, back up, replace: in this order, the last step atomic.

        ``expected`` is the fingerprint the editor began with.

        Raises:
            InvalidSettings: nothing was written.
            Conflict: the file has changed since ``expected``.
        """
        _known(name)
        self.validate(name, text)
        with self.changing():
            if expected is not None and expected != self.fingerprint(name):
                raise Conflict(f"{name} has changed meanwhile: load it again, then repeat your change")
            backup = self._back_up(name, now)
            replace_file(self.path / name, text.encode())
        return backup

    def backups(self, name: FileName) -> list[Path]:
        """Newest first."""
        found = [path for path in self.path.glob(f"{name}.backup.*") if _BACKUP.match(path.name)]
        return sorted(found, key=_place, reverse=True)

    def backup_text(self, backup: str) -> str:
        """A backup as it is.

        Raises:
            NotFound: there is no such backup.
            Unusable: it cannot be read.
        """
        return self.text(self._backup(backup).name)

    def roll_back(self, backup: str, *, now: datetime) -> FileName:
        """Make a backup the file again, byte for byte; the present file becomes a backup first.

        Raises:
            NotFound: there is no such backup.
            InvalidSettings: it does not validate (any more).
            Unusable: it cannot be read.
        """
        path = self._backup(backup)
        name: FileName = "shopwatch.yaml" if path.name.startswith("shopwatch") else "retailers.yaml"
        content = path.read_bytes()
        self.validate(name, self.backup_text(backup))
        with self.changing():
            self._back_up(name, now, keep=path)
            replace_file(self.path / name, content)
        return name

    def _products_file(self, *, old_format: bool) -> str:
        if old_format:
            return "product_config.json" if (self.path / "product_config.json").exists() else ""
        names = ("shopwatch.yaml", *OLD_FILES)
        return next((name for name in names if (self.path / name).exists()), "")

    def _products(self, name: str) -> tuple[ShopwatchFile, tuple[str, ...]]:
        if not name:
            return ShopwatchFile(), ()
        if name == "shopwatch.yaml":
            return self._parsed("shopwatch.yaml", self.text(name)), ()
        return self.read_old(name)

    def read_old(self, name: str) -> tuple[ShopwatchFile, tuple[str, ...]]:
        """Read one of the mission's two old files, and say what could not be carried.

        Raises:
            InvalidSettings: with every problem.
        """
        document = documents.read(self.text(name), file=name)
        try:
            converted = convert.convert(document, file=name)
            return self._checked(parse(ShopwatchFile, converted.document, shops=self.shops)), converted.notes
        except InvalidSettings as error:
            raise in_file(error, name) from None

    def _parsed(self, name: FileName, text: str) -> Any:
        document = documents.read(text, file=name)
        try:
            if isinstance(document, Mapping):
                document = _text_keys(document)
            file = parse(FILES[name], document, shops=self.shops)
            return self._checked(file) if isinstance(file, ShopwatchFile) else file
        except InvalidSettings as error:
            paths = [tuple(one.path.split(".")) for one in error.details]
            lines = documents.lines_of(text, file=name, paths=paths)
            problems = [
                Problem(one.path, one.message, name, lines(path))
                for one, path in zip(error.details, paths, strict=True)
            ]
            raise InvalidSettings(sorted(problems, key=lambda one: one.line or 0)) from None

    def _checked(self, file: ShopwatchFile) -> ShopwatchFile:
        """Raise for what only shows when the sections are read together."""
        watches_of(file, self.shops)
        return file

    def _back_up(self, name: FileName, now: datetime, *, keep: Path | None = None) -> Path | None:
        source = self.path / name
        if not source.exists():
            return None
        at, number = f"{now.astimezone(UTC):%Y%m%d_%H%M%S}", 1
        if known := self.backups(name):  # the newest has the greatest name, also when the clock was set back
            last, count = _place(known[0])
            at, number = (last, count + 1) if last >= at else (at, 1)
        backup = self.path / f"{name}.backup.{at}{f'_{number}' if number > 1 else ''}"
        replace_file(backup, source.read_bytes(), mode=mode_of(source))
        for stale in self.backups(name)[KEPT_BACKUPS:]:
            if stale != keep:
                stale.unlink(missing_ok=True)
        return backup

    def _backup(self, backup: str) -> Path:
        name = Path(backup).name
        path = self.path / name
        if not _BACKUP.match(name) or not path.is_file():
            raise NotFound(f"there is no backup {name!r} in {self.path}")
        return path


def _place(backup: Path) -> tuple[str, int]:
    """Where a backup stands among the others: its second, and which of that second it is."""
    name = _BACKUP.match(backup.name)
    return (name[1], int(name[2] or 1)) if name else ("", 0)


def fingerprint_of(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _known(name: str) -> None:
    if name not in FILES:
        raise Invalid(f"there is no configuration file {name!r}: {' or '.join(FILES)}")


def _text_keys(document: Mapping[Any, Any], path: str = "") -> dict[str, Any]:
    """Keys as text: an unquoted SKU is a number to YAML.

    Raises:
        InvalidSettings: a key stands there as a number and as text; one of the two would be lost.
    """
    found: dict[str, Any] = {}
    for key, value in document.items():
        name = f"{path}{key}"
        if str(key) in found:
            raise InvalidSettings([Problem(name, "stands here twice, with quotes and without")])
        found[str(key)] = _text_keys(value, f"{name}.") if isinstance(value, Mapping) else value
    return found
