"""Where an installation keeps things."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, kw_only=True, slots=True)
class Paths:
    """Where this installation keeps things."""

    config_dir: Path = Path("config")
    data_dir: Path = Path("data")
    database: str = ""  #: URL; "": SQLite in the data folder

    @property
    def root(self) -> Path:
        return self.data_dir.parent

    @property
    def database_file(self) -> str | Path:
        return self.database or self.data_dir / "shopwatch.db"

    @property
    def scheduler_state(self) -> Path:
        return self.data_dir / "scheduler_state.json"

    @property
    def sessions(self) -> Path:
        return self.root / "sessions"

    @property
    def logs(self) -> Path:
        return self.root / "logs"

    @property
    def emergency_stop(self) -> Path:
        return self.root / "EMERGENCY_STOP"

    def arguments(self) -> list[str]:
        """The global options that make a child use the same places."""
        words = ["--config-dir", str(self.config_dir.absolute()), "--data-dir", str(self.data_dir.absolute())]
        return words + (["--database", self.database] if self.database else [])
