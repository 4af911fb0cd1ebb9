"""Where a run's files lie, so that everybody looks for them in the same place."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from shopwatch.domain.errors import Invalid

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}")


@dataclass(frozen=True, slots=True)
class RunFiles:
    """The files of one retailer under the data folder. No name may lead out of it."""

    data_dir: Path
    retailer: str

    def __post_init__(self) -> None:
        _checked(self.retailer, "retailer")

    def document(self, run_id: str) -> Path:
        """The mission's run metadata."""
        return self.folder / "runs" / f"{_checked(run_id, 'run')}.json"

    def log(self, run_id: str) -> Path:
        return self.folder / "logs" / f"{_checked(run_id, 'run')}.log"

    def output(self, suffix: str) -> Path:
        """The exported last good set: ``suffix`` csv, json, geojson or xlsx."""
        return self.folder / "output" / f"{self.retailer}_stores.{_checked(suffix, 'format')}"

    def feed(self, suffix: str) -> Path:
        """The exported change feed."""
        return self.folder / "output" / f"{self.retailer}_changes.{_checked(suffix, 'format')}"

    @property
    def folder(self) -> Path:
        return self.data_dir / self.retailer


def _checked(name: str, what: str) -> str:
    if not _NAME.fullmatch(name):
        raise Invalid(f"not the name of a {what}: {name[:100]!r}")
    return name
