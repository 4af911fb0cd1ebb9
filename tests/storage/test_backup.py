"""Copies of a living database, and the way back."""

from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path

import pytest
from tests.storage.conftest import Open

from shopwatch.domain.errors import Unusable
from shopwatch.storage.backup import back_up, restore
from shopwatch.storage.database import Database
from shopwatch.storage.notebook import SqlNotebook


@pytest.fixture
def path(tmp_path: Path, sqlite_template: Path) -> Path:
    path = tmp_path / "shopwatch.db"
    path.write_bytes(sqlite_template.read_bytes())
    return path


def write(path: Path, text: str) -> None:
    with Database.open(path) as database:
        asyncio.run(SqlNotebook(database).write("note", {"text": text}))


def read(path: Path) -> object:
    with Database.open(path) as database:
        note = asyncio.run(SqlNotebook(database).read("note"))
    return note and note["text"]


def make_backup(path: Path, target: Path) -> None:
    with Database.open(path) as database:
        asyncio.run(back_up(database, target))


def test_a_backup_brings_back_what_was_and_keeps_what_is(path: Path, tmp_path: Path) -> None:
    backup = tmp_path / "folder" / "backup.db"
    write(path, "before")
    make_backup(path, backup)
    write(path, "after")
    restore(path, backup)
    assert read(path) == "before"
    assert read(path.with_name("shopwatch.db.replaced")) == "after"


def test_a_restore_that_breaks_off_leaves_the_database(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(path, "before")
    make_backup(path, tmp_path / "backup.db")
    write(path, "after")
    replace = Path.replace

    def break_off(file: Path, target: Path) -> Path:
        if target == path:
            raise OSError(28, "No space left on device")
        return replace(file, target)

    monkeypatch.setattr(Path, "replace", break_off)
    with pytest.raises(Unusable, match="cannot be replaced: No space left"):
        restore(path, tmp_path / "backup.db")
    assert read(path) == "after"
    assert not path.with_name("shopwatch.db.restored").exists()


def test_a_database_that_is_a_link_is_restored_where_it_lies(path: Path, tmp_path: Path) -> None:
    link = tmp_path / "link" / "shopwatch.db"
    link.parent.mkdir()
    link.symlink_to(path)
    make_backup(path, tmp_path / "backup.db")
    write(path, "after")
    restore(link, tmp_path / "backup.db")
    assert link.is_symlink()
    assert read(link) is read(path) is None


def test_the_database_is_not_backed_up_onto_itself(path: Path, tmp_path: Path) -> None:
    write(path, "before")
    (tmp_path / "link.db").symlink_to(path)
    before = path.stat().st_ino
    for target in (path, tmp_path / "link.db"):
        with pytest.raises(Unusable, match="is the database itself"):
            make_backup(path, target)
    assert path.stat().st_ino == before
    assert read(path) == "before"


def test_a_backup_is_one_file_without_a_journal(path: Path, tmp_path: Path) -> None:
    (tmp_path / "backups").mkdir()
    make_backup(path, tmp_path / "backups" / "a.db")
    make_backup(path, tmp_path / "backups" / "a.db")
    assert [file.name for file in (tmp_path / "backups").iterdir()] == ["a.db"]


def test_a_backup_is_whole_though_others_write_meanwhile(path: Path, tmp_path: Path) -> None:
    async def both() -> None:
        with Database.open(path) as database, Database.open(path) as writer:
            notebook = SqlNotebook(writer)
            for number in range(10):
                await asyncio.gather(
                    back_up(database, tmp_path / f"{number}.db"),
                    *(notebook.write(f"{number}-{part}", {"text": "x" * 5_000}) for part in range(10)),
                )

    asyncio.run(both())
    for number in range(10):
        with sqlite3.connect(tmp_path / f"{number}.db") as connection:
            assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        connection.close()


def test_a_damaged_database_can_be_replaced_by_its_backup(path: Path, tmp_path: Path) -> None:
    write(path, "before")
    make_backup(path, tmp_path / "backup.db")
    path.write_bytes(b"noise " * 1_000)
    restore(path, tmp_path / "backup.db")
    assert read(path) == "before"


def test_a_database_in_use_is_not_replaced(path: Path, tmp_path: Path) -> None:
    make_backup(path, tmp_path / "backup.db")
    write(path, "after")
    with Database.open(path) as database:
        assert asyncio.run(SqlNotebook(database).read("note")) == {"text": "after"}
        with pytest.raises(Unusable, match="locked by another program"):
            restore(path, tmp_path / "backup.db")
    assert read(path) == "after"


def test_a_backup_can_be_restored_where_nothing_was(path: Path, tmp_path: Path) -> None:
    write(path, "before")
    make_backup(path, tmp_path / "backup.db")
    restore(tmp_path / "elsewhere" / "b.db", tmp_path / "backup.db")
    assert read(tmp_path / "elsewhere" / "b.db") == "before"


@pytest.mark.parametrize("kind", ["absent", "noise", "foreign", "newer"])
def test_what_is_no_backup_of_ours_is_refused_and_changes_nothing(
    path: Path, tmp_path: Path, kind: str
) -> None:
    write(path, "kept")
    backup = tmp_path / "backup.db"
    if kind == "noise":
        backup.write_bytes(b"noise " * 1_000)
    elif kind != "absent":
        backup.write_bytes(path.read_bytes() if kind == "newer" else b"")
        with sqlite3.connect(backup) as connection:
            connection.execute("CREATE TABLE IF NOT EXISTS alembic_version (version_num TEXT)")
            connection.execute("UPDATE alembic_version SET version_num = '0999'")
        connection.close()
    sentences = {
        "absent": "There is no backup",
        "noise": "is no backup of Shopwatch; nothing was changed",
        "foreign": "is no backup of Shopwatch",
        "newer": r"made by a newer Shopwatch \(revision 0999\)",
    }
    with pytest.raises(Unusable, match=sentences[kind]):
        restore(path, backup)
    assert read(path) == "kept"


def test_a_backup_that_cannot_be_written_says_where(path: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(Unusable, match=r"file/a\.db cannot be written: (File exists|Not a directory)"):
        make_backup(path, tmp_path / "file" / "a.db")


@pytest.mark.postgres
async def test_a_postgresql_database_is_left_to_its_own_tools(
    open_database: Open, address: str, tmp_path: Path
) -> None:
    database = open_database()
    if not database.is_postgres:
        pytest.skip("SQLite is backed up by Shopwatch")
    with pytest.raises(Unusable, match="backed up with pg_dump, not by Shopwatch"):
        await back_up(database, tmp_path / "a.db")
    with pytest.raises(Unusable, match="restored with pg_restore, not by Shopwatch"):
        restore(address, tmp_path / "a.db")
