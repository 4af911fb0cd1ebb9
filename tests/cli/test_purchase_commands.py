"""Purchases, the emergency stop and sessions on the command line."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest
from tests.scripted_checkout import NOON, WATCH

from shopwatch.cli.main import main
from shopwatch.domain.money import Money
from shopwatch.domain.purchase import PurchaseState
from shopwatch.storage.database import Database
from shopwatch.storage.ledger import SqlLedger


@pytest.fixture
def call(tmp_path: Path) -> list[str]:
    return ["--config-dir", str(tmp_path / "config"), "--data-dir", str(tmp_path / "data")]


def left(folder: Path, state: PurchaseState) -> None:
    """One purchase that ended in this state."""

    async def write() -> None:
        with Database.open(folder / "data" / "shopwatch.db") as database:
            ledger = SqlLedger(database)
            purchase = await ledger.reserve(1, WATCH, live=True, now=NOON)
            assert purchase is not None
            facts = {"reasons": ("after the click: no answer",), "total": Money(5399)}
            await ledger.move(purchase.id, purchase.state, state, now=NOON, facts=facts)

    asyncio.run(write())


def test_stop_buying_makes_the_file_and_resume_buying_takes_it_away(call: list[str], tmp_path: Path) -> None:
    assert main([*call, "stop-buying", "strange prices"]) == 0
    assert (tmp_path / "EMERGENCY_STOP").read_text() == "strange prices\n"
    assert main([*call, "resume-buying"]) == 0
    assert not (tmp_path / "EMERGENCY_STOP").exists()


def test_the_list_shows_state_and_reason(
    call: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    left(tmp_path, PurchaseState.AMBIGUOUS)
    assert main([*call, "purchases"]) == 0
    shown = capsys.readouterr().out
    assert "ambiguous" in shown
    assert "after the click: no answer" in shown


def test_a_person_resolves_an_ambiguous_purchase_once(
    call: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    left(tmp_path, PurchaseState.AMBIGUOUS)
    assert main([*call, "purchases", "resolve", "1", "--placed", "--order", "A-1"]) == 0
    assert main([*call, "purchases", "resolve", "1", "--not-placed"]) == 1
    assert "is placed; only an ambiguous one can be resolved" in capsys.readouterr().err
    assert main([*call, "purchases", "show", "1", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["purchase"]["order_number"] == "A-1"
    assert [entry["after"] for entry in document["entries"]] == ["reserved", "ambiguous", "placed"]


def test_a_purchase_is_shown_with_every_line_of_the_book(
    call: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    left(tmp_path, PurchaseState.AMBIGUOUS)
    assert main([*call, "purchases", "show", "1"]) == 0
    first, _, reserved, ambiguous = capsys.readouterr().out.splitlines()
    assert first == "purchase 1 of target/1, restock 1"
    assert "reserved" in reserved
    assert "reasons after the click: no answer; total $53.99" in ambiguous


def test_resolving_without_saying_how_is_refused(call: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*call, "purchases", "resolve", "1"]) == 2
    assert "say --placed or --not-placed" in capsys.readouterr().err


def test_the_key_of_a_browser_elsewhere_is_not_repeated(
    call: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*call, "login", "target", "--cdp", "ftp://browsers.example/?token=hush"]) == 2
    said = capsys.readouterr().err
    assert "--cdp must be an address such as" in said
    assert "hush" not in said


def test_without_a_screen_login_explains_the_ways_that_work(
    call: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    assert main([*call, "login", "target"]) == 1
    told = capsys.readouterr().err
    assert "copy its" in told
    assert "--cdp http://127.0.0.1:9222" in told


def test_sessions_say_that_nobody_has_signed_in(call: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*call, "sessions", "--json"]) == 0
    (session,) = json.loads(capsys.readouterr().out)
    assert (session["retailer"], session["health"]) == ("target", "none")


def test_login_takes_known_sites_and_addresses_only(
    call: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*call, "login", "verizon"]) == 2
    assert main([*call, "login", "target", "--cdp", "somewhere"]) == 2
    told = capsys.readouterr().err
    assert "signing in is known for target only" in told
    assert "--cdp must be an address" in told
