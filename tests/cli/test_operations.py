"""Operations: doctor, backup, restore; and what an unusable machine is told."""

import asyncio
import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil
import pytest
from tests.cli.conftest import Call

from shopwatch.domain.health import Pause
from shopwatch.storage.database import Database
from shopwatch.storage.health import SqlPauses
from shopwatch.storage.processes import SqlProcesses


def test_the_doctor_names_what_is_wrong_and_what_to_do(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOPWATCH_BROWSER", "/nowhere/chrome")
    Path("config").mkdir()
    Path("config/retailers.yaml").write_text("retailers: {att: {workers: 0}}")
    status, out, _ = call("doctor", "--json")
    wrong = {one["what"]: one["says"] for one in json.loads(out) if not one["ok"]}
    assert status == 1
    assert set(wrong) == {"configuration", "shops", "browser", "alerts"}
    assert "retailers.att.workers must be 1 or more" in wrong["configuration"]
    assert "/nowhere/chrome" in wrong["browser"]


def test_the_doctor_names_what_a_watched_shop_still_needs(call: Call) -> None:
    call("watch", "add", "89542109")
    call("watch", "add", "6505727", "-r", "bestbuy")
    shops = next(one for one in json.loads(call("doctor", "--json")[1]) if one["what"] == "shops")
    assert not shops["ok"]
    assert "retailers.target.location.store_id" in shops["says"]
    assert "retailers.bestbuy.keys.api" in shops["says"]
    place = "{target: {location: {store_id: '1839'}}, bestbuy: {keys: {api: '${UNSET_FOR_A_TEST}'}}}"
    Path("config/retailers.yaml").write_text(f"retailers: {place}")
    shops = next(one for one in json.loads(call("doctor", "--json")[1]) if one["what"] == "shops")
    assert shops["says"] == "the environment variable UNSET_FOR_A_TEST is not set"
    Path("config/retailers.yaml").write_text(
        "retailers: {target: {enabled: false}, bestbuy: {keys: {api: k}}}"
    )
    shops = next(one for one in json.loads(call("doctor", "--json")[1]) if one["what"] == "shops")
    assert shops["says"] == "retailers.target.enabled is false: it is not watched"


def test_a_backup_is_restored(call: Call) -> None:
    assert call("backup", "x.db")[0] == 0
    assert call("restore", "x.db", "--yes")[0] == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("restore", "nothing.db", "--yes"), "nothing.db"),
        (("--database", "postgresql://a:hush@db/x", "restore", "x.db"), "restored with pg_restore"),
        (("--database", "oracle://x", "runs"), "must be sqlite or postgresql"),
        (("--data-dir", "/proc/nowhere/data", "runs"), "cannot be made"),
        (("crawl", "tesco"), "there is no retailer 'tesco'"),
        (("crawl",), "name a retailer or say --all"),
        (("crawl", "att", "--proxy", "tor"), "--proxy must be one of"),
        (("crawl", "att", "--format", "pdf"), "--format must be of csv, json, geojson, xlsx, got 'pdf'"),
        (("stores", "export", "att", "--format", ","), "--format must be of csv, json, geojson, xlsx"),
        (("crawl", "att", "--proxy", "residential"), "SHOPWATCH_PROXY_USERNAME"),
        (("check", "https://www.example.com/"), "is no product of"),
        (("runs", "show", "att_1"), "no run 'att_1'"),
        (("stores", "export", "att"), "no published set yet"),
        (("stores", "near", "abc"), "five digits"),
        (("monitor", "--pacing", "slow"), "--pacing must be"),
        (("simulate", "--port", "0", "--stores", "/nowhere"), "/nowhere"),
    ],
)
def test_bad_input_is_one_clear_sentence(call: Call, words: tuple[str, ...], said: str) -> None:
    status, _, err = call(*words)
    assert status in (1, 2)
    assert said in err
    assert "Traceback" not in err


def test_a_database_of_a_newer_version_is_left_alone(call: Call) -> None:
    import sqlite3  # noqa: PLC0415 - to play the newer version

    call("runs")
    with sqlite3.connect("data/shopwatch.db") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    status, _, err = call("runs")
    assert (status, "newer Shopwatch (revision 9999)" in err) == (1, True)


def test_a_taken_port_is_one_sentence(call: Call) -> None:
    import socket  # noqa: PLC0415 - to take it

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        status, _, err = call("serve", "--no-monitor", "--port", str(taken.getsockname()[1]))
    assert status == 1
    assert "choose another with --port" in err


def test_a_second_dashboard_of_a_database_is_told_of_the_first(call: Call, tmp_path: Path) -> None:
    other = psutil.Process(os.getppid())  # any that lives
    with Database.open(str(tmp_path / "data" / "shopwatch.db")) as database:
        processes = SqlProcesses(database)
        asyncio.run(processes.add("dashboard", "dashboard", other.pid, other.create_time(), None))
    status, out, err = call("serve", "--port", "0")
    assert (status, "Dashboard: " in out) == (1, False)
    assert f"is running already, as process {other.pid}: use that one, or end it with `kill" in err


def test_a_data_folder_that_cannot_be_written_is_one_sentence(call: Call) -> None:
    Path("file").write_text("")
    status, _, err = call("--data-dir", f"file{os.sep}data", "runs")
    assert status == 1
    assert "cannot be made" in err


def test_a_person_ends_a_pause_of_which_the_doctor_has_told(call: Call, tmp_path: Path) -> None:
    until = datetime.now(UTC) + timedelta(minutes=15)
    pause = Pause(name="target", until=until, reason="Target asks for a CAPTCHA", strikes=1)
    with Database.open(str(tmp_path / "data" / "shopwatch.db")) as database:
        asyncio.run(SqlPauses(database).save(pause))
    _, out, _ = call("doctor")
    assert "Target asks for a CAPTCHA; look at its site yourself, then `shopwatch unpause target`" in out
    assert call("unpause", "target") == (0, "target is no longer paused\n", "")
    assert call("unpause", "target") == (1, "", "target is not paused\n")
    assert "every retailer may be asked" in call("doctor")[1]


def test_the_version_is_told_to_programs_too(call: Call) -> None:
    told = json.loads(call("version", "--json")[1])
    assert call("version")[1] == f"shopwatch {told['version']} (Python {told['python']})\n"
