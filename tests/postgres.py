"""A private PostgreSQL server for tests, wherever its binaries are found; it leaves nothing behind."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg import sql

REASON = "no PostgreSQL server binary (initdb, pg_ctl) in PATH or /usr/lib/postgresql/*/bin"
#: A crash of this server may lose everything: it holds nothing but tests.
_SETTINGS = (
    "listen_addresses=''",
    "fsync=off",
    "full_page_writes=off",
    "synchronous_commit=off",
    "shared_buffers=32MB",
    "dynamic_shared_memory_type=mmap",  # in its folder: stopped at once, it leaves nothing
    "max_connections=200",
    "autovacuum=off",
    "deadlock_timeout=100ms",
)


def binaries() -> Path | None:
    """The folder of the newest server found."""
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
    in_path = shutil.which("initdb")
    folders = [*([Path(in_path).resolve().parent] if in_path else []), *reversed(installed)]
    return next((one for one in folders if (one / "initdb").exists() and (one / "pg_ctl").exists()), None)


class PostgresServer:
    """Runs while the test session does, on a socket in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._made = 0

    def url(self, database: str) -> str:
        return f"postgresql:///{database}?host={self._folder}&user=shopwatch"

    def create(self, template: str = "template1") -> str:
        """Make a database; returns its URL."""
        self._made += 1
        name = f"test_{self._made}"
        query = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy")
        with self._admin() as connection:
            connection.execute(query.format(sql.Identifier(name), sql.Identifier(template)))
        return self.url(name)

    def drop(self, url: str) -> None:
        name = url.partition("///")[2].partition("?")[0]
        with self._admin() as connection:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))

    def _admin(self) -> psycopg.Connection[tuple[object, ...]]:
        return psycopg.connect(host=str(self._folder), user="shopwatch", dbname="postgres", autocommit=True)


@contextmanager
def postgres_server() -> Iterator[PostgresServer]:
    """Start a server; stop it and remove its folder in the end."""
    programs = binaries()
    if programs is None:
        raise FileNotFoundError(REASON)
    folder = Path(tempfile.mkdtemp(prefix="shopwatch-pg-", dir=_quickest_place()))
    user = _server_user()
    if user:
        shutil.chown(folder, user)
    data = str(folder / "data")
    options = " ".join(f"-c {setting.replace(chr(39) * 2, chr(34) * 2)}" for setting in _SETTINGS)
    try:
        _run(
            programs / "initdb",
            "-D",
            data,
            "-U",
            "shopwatch",
            "-A",
            "trust",
            "-N",
            "--locale=C",
            "-EUTF8",
            user=user,
        )
        _run(
            programs / "pg_ctl",
            "-D",
            data,
            "-w",
            "-l",
            f"{data}/log",
            "-o",
            f"-k {folder} {options}",
            "start",
            user=user,
        )
        try:
            yield PostgresServer(folder)
        finally:
            _run(programs / "pg_ctl", "-D", data, "-m", "immediate", "stop", user=user)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _quickest_place() -> Path | None:
    """Memory where there is some: a database for each test is a copy of 300 files."""
    memory = Path("/dev/shm")
    return memory if os.access(memory, os.W_OK) else None


def _server_user() -> str | None:
    """The server refuses to run as root: whom it runs as instead."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return next((name for name in ("postgres", "nobody") if name in names), None)


def _run(program: Path, *arguments: str, user: str | None) -> None:
    group = pwd.getpwnam(user).pw_gid if user else None
    subprocess.run(
        [str(program), *arguments],
        check=True,
        cwd="/",
        user=user,
        group=group,
        extra_groups=[] if user else None,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
