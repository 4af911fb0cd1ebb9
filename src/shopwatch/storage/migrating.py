"""Brings a database to the present schema; without it a file of last year would fail at the first query."""

from __future__ import annotations

import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import URL, Connection, Engine

from shopwatch.domain.errors import Unusable

REVISION = "0006"  #: of the newest migration; a test compares the two
_MIGRATIONS = Path(__file__).parent / "migrations"
_LONGEST_S = 600.0  #: of a migration apart; the tables of years take their time
_APART = (
    "import sys; from shopwatch.storage.database import Database; Database.open(sys.stdin.read()).close()"
)
_ADVISORY_LOCK = 0x53574D47  #: on PostgreSQL, one process migrates at a time


def migrate(writer: Engine, name: str) -> None:
    """Run what is missing, in one transaction; processes that start together wait for the first.

    Raises:
        Unusable: the database is of a newer version or of another program.
    """
    with writer.connect() as connection:
        with connection.begin():
            if _revision(connection) == REVISION:
                return
        with connection.begin():
            if connection.dialect.name == "postgresql":
                connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_ADVISORY_LOCK)))
            before = _revision(connection)
            if before != REVISION:
                _refuse_strange(connection, before, name)
                _upgrade(connection)


def migrate_apart(writer: Engine, url: URL) -> None:
    """Have a process of its own run what is missing: Alembic would stay in the memory of one that goes on.

    Whether it did is not asked: ``migrate`` looks itself, and has the words for what is wrong.
    """
    with writer.connect() as connection, connection.begin():
        if _revision(connection) == REVISION:
            return
    # The address may hold a password: it is told on standard input, where nobody else reads it.
    address = url.render_as_string(hide_password=False)
    words = [sys.executable, "-P", "-c", _APART]
    with suppress(subprocess.TimeoutExpired):
        subprocess.run(  # noqa: S603 - our own interpreter, our own words
            words, input=address, text=True, capture_output=True, check=False, timeout=_LONGEST_S
        )


def _revision(connection: Connection) -> str | None:
    if not sa.inspect(connection).has_table("alembic_version"):
        return None
    found = connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalars().all()
    return found[0] if found else None


def _refuse_strange(connection: Connection, revision: str | None, name: str) -> None:
    if revision is not None and revision > REVISION:
        raise Unusable(
            f"The database {name} was written by a newer Shopwatch (revision {revision}); "
            "use that version or restore a backup"
        )
    if revision is None and connection.dialect.name == "sqlite" and sa.inspect(connection).get_table_names():
        raise Unusable(f"The database {name} belongs to another program; choose another file")


def _upgrade(connection: Connection) -> None:
    # Imported here: it takes longer than opening a database that is up to date, as nearly all are.
    from alembic import command  # noqa: PLC0415 - see above
    from alembic.config import Config  # noqa: PLC0415 - see above

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
