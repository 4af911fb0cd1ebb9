"""One suite for two databases: every test here that asks for a database runs on SQLite and on PostgreSQL."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.postgres import REASON, PostgresServer, binaries, postgres_server
from tests.storage_builders import NOON

from shopwatch.storage.database import Database

Open = Callable[[], Database]


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated file: copying it is quicker than migrating anew for each test."""
    path = tmp_path_factory.mktemp("template") / "template.db"
    Database.open(path).close()
    return path


@pytest.fixture(scope="session")
def server() -> Iterator[PostgresServer]:
    if binaries() is None:
        pytest.skip(REASON)
    with postgres_server() as running:
        yield running


@pytest.fixture(scope="session")
def postgres_template(server: PostgresServer) -> str:
    url = server.create()
    Database.open(url).close()
    return url.partition("///")[2].partition("?")[0]


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Where a fresh, migrated database is."""
    if request.param == "sqlite":
        path = tmp_path / "shopwatch.db"
        shutil.copyfile(request.getfixturevalue("sqlite_template"), path)
        yield str(path)
        return
    server: PostgresServer = request.getfixturevalue("server")
    url = server.create(request.getfixturevalue("postgres_template"))
    yield url
    server.drop(url)


@pytest.fixture
def open_database(address: str) -> Iterator[Open]:
    """Opens the database as another process would; all are closed in the end."""
    opened: list[Database] = []

    def open_() -> Database:
        opened.append(Database.open(address, now=lambda: NOON))
        return opened[-1]

    yield open_
    for database in opened:
        database.close()


@pytest.fixture
def database(open_database: Open) -> Database:
    return open_database()
