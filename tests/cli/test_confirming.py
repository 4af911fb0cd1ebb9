"""Before money may be spent a person types a word and sees caps and account; every start says its mode."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import typer
from tests.scripted_checkout import WATCH

from shopwatch.bootstrap.paths import Paths
from shopwatch.browser.signed_in import mark_signed_in
from shopwatch.cli import mission
from shopwatch.cli.confirming import confirm_live, mode_line
from shopwatch.cli.main import main
from shopwatch.cli.monitor import plan_line
from shopwatch.config.files import ConfigFolder
from shopwatch.config.settings import Settings
from shopwatch.domain.errors import Conflict, Invalid

SAFETY = {
    "test_mode": False,
    "max_daily_purchases": 3,
    "max_daily_spend": 400,
    "max_order_total": 120,
    "purchase_cooldown": 60,
    "ship_to_zip": "20147",
    "card_last_four": "4444",
}


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    return Paths(config_dir=tmp_path / "config", data_dir=tmp_path / "data")


def settings(paths: Paths, **safety: Any) -> Settings:
    paths.config_dir.mkdir(exist_ok=True)
    product = {"name": "Cards", "max_price": 50.0, "auto_purchase": True}
    document = {"products": {"1011209279": product}, "safety": SAFETY | safety}
    (paths.config_dir / "shopwatch.yaml").write_text(json.dumps(document))
    return ConfigFolder(paths.config_dir).load().settings


def typed(monkeypatch: pytest.MonkeyPatch, word: str) -> None:
    monkeypatch.setattr(typer, "prompt", lambda *given, **rest: word)


def test_the_confirmation_names_caps_and_account(
    paths: Paths, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    typed(monkeypatch, "BUY")
    mark_signed_in(paths.sessions, WATCH.retailer, "Hi, Jane")
    confirm_live(settings(paths), paths)
    shown = capsys.readouterr().out
    for part in ("Hi, Jane", "3 orders, $400.00", "$120.00", "60 s", "20147", "4444", "1 (Cards)"):
        assert part in shown


def test_where_nobody_is_signed_in_it_says_so_before_the_word(
    paths: Paths, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    typed(monkeypatch, "BUY")
    confirm_live(settings(paths), paths)
    assert "nobody has signed in: shopwatch login target" in capsys.readouterr().out


@pytest.mark.parametrize("word", ["", "buy", "yes", "BUY IT"])
def test_another_word_starts_nothing(paths: Paths, monkeypatch: pytest.MonkeyPatch, word: str) -> None:
    typed(monkeypatch, word)
    with pytest.raises(Invalid, match="BUY was not typed"):
        confirm_live(settings(paths), paths)


def test_in_test_mode_no_word_helps(paths: Paths, monkeypatch: pytest.MonkeyPatch) -> None:
    typed(monkeypatch, "BUY")
    with pytest.raises(Conflict, match="test_mode is on"):
        confirm_live(settings(paths, test_mode=True), paths)


@pytest.mark.parametrize("words", [["production"], ["production", "--dashboard"]])
def test_run_py_production_asks_too(
    paths: Paths, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], words: list[str]
) -> None:
    settings(paths)
    monkeypatch.chdir(paths.root)
    typed(monkeypatch, "no")
    assert mission.main(words) == 2
    shown = capsys.readouterr()
    assert "This may place real orders" in shown.out
    assert "not started" in shown.err


def test_monitor_live_asks(paths: Paths, monkeypatch: pytest.MonkeyPatch) -> None:
    settings(paths)
    typed(monkeypatch, "no")
    assert main([*paths.arguments(), "monitor", "--live"]) == 2


def test_every_start_says_its_mode(paths: Paths) -> None:
    live = settings(paths)
    assert mode_line(live, paths, live=True).startswith("LIVE: 1 watches may buy, $400.00 a day at most")
    assert mode_line(live, paths, live=False).startswith("TEST MODE")
    assert mode_line(settings(paths, test_mode=True), paths, live=True).startswith("TEST MODE")
    paths.emergency_stop.touch()
    assert mode_line(live, paths, live=True).startswith("BUYING IS STOPPED")


def test_a_start_without_products_says_which_list_is_empty(paths: Paths) -> None:
    folder = ConfigFolder(paths.config_dir)
    assert "`shopwatch watch add URL`" in plan_line(folder.load(), Path("monitor.log"), old_format=False)
    settings(paths)  # products that the old format does not read
    said = plan_line(folder.load(old_format=True), Path("monitor.log"), old_format=True)
    assert "nothing: product_config.json is not there or names no product" in said
