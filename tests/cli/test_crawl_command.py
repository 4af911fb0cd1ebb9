"""`shopwatch crawl` as a person uses it: killed, and resumed at once."""

import json
import os
import signal
import sqlite3
import time
from pathlib import Path
from urllib.request import Request, urlopen

import pytest
from openpyxl import load_workbook
from tests.simulator_fixture import simulator_process
from tests.warm_children import SHOPWATCH, WarmChild, called

from shopwatch.cli.simulate import write_configuration

PATIENCE_S = 60


def words_for(folder: Path, *words: str) -> list[str]:
    return ["--config-dir", str(folder / "config"), "--data-dir", str(folder / "data"), *words]


def requests_of(database: Path) -> int:
    """How many pages the run has counted; 0 while there is no run."""
    try:
        with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as connection:
            row = connection.execute("SELECT requests FROM runs").fetchone()
    except sqlite3.OperationalError:
        return 0
    return int(row[0]) if row else 0


def told(origins: dict[str, str], method: str, body: object = None) -> None:
    """Say to the simulator which faults are in force."""
    data = None if body is None else json.dumps(body).encode()
    headers = {"Content-Type": "application/json"}
    request = Request(f"{origins['control']}/faults", data, headers, method=method)
    with urlopen(request, timeout=PATIENCE_S) as answer:
        assert answer.status < 300


@pytest.mark.timeout(240)
def test_a_crawl_killed_with_sigkill_is_resumed_at_once_and_finds_every_store(tmp_path: Path) -> None:
    with simulator_process() as origins:
        write_configuration(tmp_path / "config", origins, delays_s=(0.0, 0.0), workers=2)
        # By these dice both workers come to a page that hangs long before the end, and stay there.
        told(origins, "POST", {"kind": "hang", "site": "target", "route": "/sl/", "rate": 0.02})
        words = words_for(tmp_path, "crawl", "target")
        crawl = WarmChild(SHOPWATCH, *words, own_session=True, heard=False)
        deadline = time.monotonic() + PATIENCE_S
        while requests_of(tmp_path / "data" / "shopwatch.db") < 20:
            assert time.monotonic() < deadline
            assert not crawl.ends_within(0.01)
        os.killpg(crawl.pid, signal.SIGKILL)
        crawl.wait(PATIENCE_S)
        crawl.close()
        told(origins, "DELETE")
        words = words_for(tmp_path, "crawl", "target", "--resume", "--format", "xlsx", "--json")
        done = called(SHOPWATCH, *words)
    assert done.returncode == 0, done.stderr
    (run,) = json.loads(done.stdout)
    assert (run["status"], run["stats"]["stores_scraped"]) == ("complete", 300)
    sheet = load_workbook(tmp_path / "data" / "target" / "output" / "target_stores.xlsx")["stores"]
    assert sheet.max_row == 301
