"""The only file that knows which class stands behind which port."""

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
    def database_url(self) -> str:
        return self.database or f"sqlite:///{self.data_dir / 'shopwatch.db'}"

    @property
    def sessions(self) -> Path:
        return self.root / "sessions"

    @property
    def logs(self) -> Path:
        return self.root / "logs"

    @property
    def emergency_stop(self) -> Path:
        return self.root / "EMERGENCY_STOP"
