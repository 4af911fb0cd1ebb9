"""A process that goes on for weeks has its database migrated by another, so that Alembic stays out of it."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from tests.postgres import PostgresServer

from shopwatch.domain.errors import Unusable
from shopwatch.storage.database import Database
from shopwatch.storage.migrating import REVISION

_PROGRAM = """
import json, sys
from shopwatch.storage.database import Database
Database.open(sys.argv[1], apart=True).close()
print(json.dumps([name for name in ("alembic", "mako") if name in sys.modules]))
"""


def _opened_apart(where: str) -> list[str]:
    """What of Alembic a process has loaded that opened the database."""
    words = [sys.executable, "-c", _PROGRAM, where]
    done = subprocess.run(words, capture_output=True, text=True, check=True, timeout=120)
    found: list[str] = json.loads(done.stdout)
    return found


def _schema(path: Path) -> list[tuple[str, ...]]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute("SELECT type, name, sql FROM sqlite_master ORDER BY 1, 2").fetchall()


def test_a_new_file_gets_the_same_tables_and_alembic_is_not_loaded(
    tmp_path: Path, sqlite_template: Path
) -> None:
    path = tmp_path / "a folder" / "sh%op.db"
    assert _opened_apart(str(path)) == []
    assert _schema(path) == _schema(sqlite_template)


def test_a_server_is_migrated_apart_too(server: PostgresServer) -> None:
    url = server.create()
    assert _opened_apart(url) == []


def test_what_cannot_be_migrated_is_said_as_ever(tmp_path: Path, sqlite_template: Path) -> None:
    path = tmp_path / "shopwatch.db"
    path.write_bytes(sqlite_template.read_bytes())
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("UPDATE alembic_version SET version_num = '9999'").rowcount == 1
        connection.commit()
    with pytest.raises(Unusable, match="newer Shopwatch"):
        Database.open(path, apart=True)
    assert REVISION < "9999"
