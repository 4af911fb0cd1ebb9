"""Opening, writing, reading and closing; what a person is told when the database cannot be used."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from tests.storage.conftest import Open

from shopwatch.domain.errors import Invalid, Unusable
from shopwatch.storage import crawl_tables, migrations, opening, stock_tables
from shopwatch.storage.database import Database
from shopwatch.storage.migrating import REVISION
from shopwatch.storage.schema import metadata

ADD = sa.text("INSERT INTO pauses (name, until, reason, strikes) VALUES ('a', 1, '', 1)")
COUNT = sa.text("SELECT count(*) FROM pauses")


def count(connection: sa.Connection) -> int:
    return int(connection.execute(COUNT).scalar_one())


def add(connection: sa.Connection) -> None:
    connection.execute(ADD)


async def test_the_migrations_make_exactly_the_tables_of_the_schema(database: Database) -> None:
    def differences(connection: sa.Connection) -> list[object]:
        context = MigrationContext.configure(
            connection, opts={"compare_server_default": database.is_postgres}
        )
        return list(compare_metadata(context, metadata))

    assert await database.read(differences) == []


def test_the_revision_the_code_expects_is_that_of_the_last_migration() -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__path__[0])))
    assert ScriptDirectory.from_config(config).get_current_head() == REVISION


async def test_work_that_raises_leaves_nothing_behind(database: Database) -> None:
    def work(connection: sa.Connection) -> None:
        add(connection)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await database.write(work)
    assert await database.read(count) == 0


async def test_what_one_process_commits_another_reads(open_database: Open) -> None:
    one, other = open_database(), open_database()
    await one.write(add)
    assert await other.read(count) == 1


async def test_a_reader_cannot_write(database: Database) -> None:
    with pytest.raises((Unusable, sa.exc.DBAPIError)):
        await database.read(add)
    assert await database.read(count) == 0


async def test_a_read_sees_one_moment_though_others_write(open_database: Open) -> None:
    database, other = open_database(), open_database()
    began, written = threading.Event(), threading.Event()

    def work(connection: sa.Connection) -> tuple[int, int]:
        before = count(connection)
        began.set()
        assert written.wait(10)
        return before, count(connection)

    reading = asyncio.create_task(database.read(work))
    assert await asyncio.to_thread(began.wait, 10)
    await other.write(add)
    written.set()
    assert await reading == (0, 0)


async def test_a_caller_that_is_cancelled_does_not_tear_a_commit(database: Database) -> None:
    began, go_on = threading.Event(), threading.Event()

    def work(connection: sa.Connection) -> None:
        add(connection)
        began.set()
        assert go_on.wait(10)

    writing = asyncio.create_task(database.write(work))
    assert await asyncio.to_thread(began.wait, 10)
    writing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await writing
    go_on.set()
    assert await database.write(count) == 1  # after the write before it: one thread, one order


async def test_close_finishes_what_was_asked_for_and_leaves_no_thread(address: str) -> None:
    before = set(threading.enumerate())
    with Database.open(address) as database:
        await asyncio.gather(*(database.read(count) for _ in range(10)), database.write(add))
    assert set(threading.enumerate()) == before


def test_opening_and_closing_fifty_times_leaves_no_file_open(address: str) -> None:
    async def use(database: Database) -> None:
        await database.write(count)
        await database.read(count)

    def open_files() -> int:
        return len(list(Path("/proc/self/fd").iterdir()))

    if not Path("/proc/self/fd").is_dir():
        pytest.skip("no /proc to count open files in")
    before = open_files()
    for _ in range(50):
        with Database.open(address) as database:
            asyncio.run(use(database))
    assert open_files() <= before + 1


def test_many_processes_may_open_a_file_that_does_not_exist_yet(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "a.db"
    barrier = threading.Barrier(6)

    def open_() -> str:
        barrier.wait(10)
        with Database.open(path) as database:
            return asyncio.run(database.read(lambda c: str(c.execute(COUNT).scalar_one())))

    with ThreadPoolExecutor(6) as threads:
        answers = [threads.submit(open_) for _ in range(6)]
    assert [answer.result() for answer in answers] == ["0"] * 6


def test_who_opens_a_new_file_waits_for_another_that_is_making_it(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with ThreadPoolExecutor(1) as threads:
        opened = threads.submit(Database.open, path)
        wait([opened], timeout=0.2)  # long enough to be refused
        other.execute("ROLLBACK")
        opened.result().close()
    other.close()


# --- SQLite ------------------------------------------------------------------------------------------------


@pytest.fixture
def path(tmp_path: Path, sqlite_template: Path) -> Path:
    path = tmp_path / "a.db"
    path.write_bytes(sqlite_template.read_bytes())
    return path


async def test_sqlite_writes_a_journal_and_syncs_only_what_must_be_durable(path: Path) -> None:
    def synchronous(connection: sa.Connection) -> object:
        return connection.exec_driver_sql("PRAGMA synchronous").scalar()

    with Database.open(path) as database:
        mode = await database.write(lambda c: c.exec_driver_sql("PRAGMA journal_mode").scalar())
        assert mode == "wal"
        assert [await database.write(synchronous, durable=durable) for durable in (True, False)] == [2, 1]


async def test_a_durable_write_that_fails_goes_back_to_the_usual_way(path: Path) -> None:
    def fail(connection: sa.Connection) -> None:
        raise ZeroDivisionError

    with Database.open(path) as database:
        with pytest.raises(ZeroDivisionError):
            await database.write(fail, durable=True)
        assert await database.write(lambda c: c.exec_driver_sql("PRAGMA synchronous").scalar()) == 1


def test_a_database_of_a_newer_version_is_refused_untouched(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '0999'")
    connection.close()
    before = path.read_bytes()
    with pytest.raises(Unusable, match=r"written by a newer Shopwatch \(revision 0999\); use that version"):
        Database.open(path)
    assert path.read_bytes() == before


def test_a_database_of_an_earlier_version_is_brought_up_with_its_content(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("INSERT INTO pauses VALUES ('target', 5, 'a challenge', 2)")
        for table in metadata.tables:
            if table in vars(crawl_tables) or table == "deliveries":
                connection.execute(f"DROP TABLE {table}")
        connection.execute("UPDATE alembic_version SET version_num = '0001'")
    connection.close()
    with Database.open(path) as database:
        assert asyncio.run(database.read(count)) == 1
        query = sa.select(sa.func.count()).select_from(crawl_tables.frontier)
        assert asyncio.run(database.read(lambda c: c.execute(query).scalar())) == 0


def test_a_file_that_is_no_database_is_refused_in_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    path.write_bytes(b"not a database at all, " * 100)
    with pytest.raises(Unusable, match=r"a\.db is no database or is damaged; restore a backup"):
        Database.open(path)
    assert path.read_bytes().startswith(b"not a database")


def test_a_database_of_another_program_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE songs (name TEXT)")
    connection.close()
    with pytest.raises(Unusable, match="belongs to another program; choose another file"):
        Database.open(path)


def test_a_database_damaged_inside_says_so_when_it_is_found(path: Path) -> None:
    content = bytearray(path.read_bytes())
    for page in range(4096, len(content), 4096):
        content[page : page + 200] = b"\xff" * 200
    path.write_bytes(bytes(content))
    everything = sa.select(stock_tables.events)
    with pytest.raises(Unusable, match="is damaged"), Database.open(path) as database:
        asyncio.run(database.read(lambda connection: connection.execute(everything).all()))


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(Unusable, match=r"folder .*file/data cannot be made: Not a directory; choose another"):
        Database.open(tmp_path / "file" / "data" / "a.db")


def test_a_path_that_is_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Unusable, match="cannot be opened; check that its folder exists and may be written"):
        Database.open(tmp_path)


async def test_a_database_another_program_locks_is_said_to_be_locked(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Database.open(path) as database:
        await database.write(lambda c: c.exec_driver_sql("PRAGMA busy_timeout=50").scalar())
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(Unusable, match="was locked by another program"):
            await database.write(add)
        other.execute("ROLLBACK")
        other.close()
        await database.write(add)


async def test_a_full_disk_is_said_to_be_full(path: Path) -> None:
    def fill(connection: sa.Connection) -> None:
        connection.exec_driver_sql("PRAGMA max_page_count=1")
        connection.exec_driver_sql("INSERT INTO documents VALUES ('a', ?, 1)", ("x" * 1_000_000,))

    with Database.open(path) as database:
        with pytest.raises(Unusable, match="the disk is full; free some space"):
            await database.write(fill)
        assert await database.read(count) == 0


async def test_a_mistake_in_our_own_sql_is_not_blamed_on_the_disk(path: Path) -> None:
    with Database.open(path) as database, pytest.raises(sa.exc.OperationalError, match="no such table"):
        await database.read(lambda c: c.exec_driver_sql("SELECT * FROM songs"))


# --- addresses ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "problem"),
    [
        ("mysql://localhost/a", "must be sqlite or postgresql, got 'mysql'"),
        ("sqlite://", "SQLite needs a file"),
        ("sqlite:///:memory:", "SQLite needs a file"),
        ("postgresql://host:port/a", "not a database address"),
        ("postgresql:/host/a", "not a database address"),
        ("nonsense", "give postgresql://…, or a file as ./name or name.db"),
    ],
)
def test_an_address_we_cannot_use_is_refused_before_anything_is_opened(address: str, problem: str) -> None:
    with pytest.raises(Invalid, match=problem):
        Database.open(address)


@pytest.mark.parametrize("name", ["shop.db", "shop.sqlite3", "./shop", "a/shop", "kept"])
def test_a_file_is_told_by_its_folder_its_suffix_or_by_being_there(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "kept").touch()
    assert opening.address(name).database == name


def test_a_server_that_is_not_there_is_named_without_its_password(tmp_path: Path) -> None:
    with pytest.raises(Unusable) as caught:
        Database.open(f"postgresql://me:s3cret@/shop?host={tmp_path}")
    assert "The database postgresql+psycopg://me:***@/shop cannot be used: " in str(caught.value)
    assert "s3cret" not in str(caught.value)


@pytest.mark.postgres
async def test_a_server_that_comes_back_is_used_again(open_database: Open, address: str) -> None:
    database = open_database()
    if not database.is_postgres:
        pytest.skip("SQLite has no server")
    end_others = sa.text(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE pid <> pg_backend_pid() AND datname = current_database()"
    )
    await database.write(add)
    other = open_database()
    await other.write(lambda connection: connection.execute(end_others).all())
    assert await database.read(count) == 1
    assert await database.write(count) == 1
