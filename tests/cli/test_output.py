"""What is printed: text of sites as text, in words the terminal knows; what programs read stays whole."""

import io
import json
import sys
from pathlib import Path

import pytest
from rich.console import Console
from tests.cli.conftest import Call

from shopwatch.cli import output
from shopwatch.cli.main import main


@pytest.fixture
def watched(call: Call) -> Call:
    call("watch", "add", "13356914", "--name", "Pokémon")
    return call


def printed(encoding: str, *words: str, monkeypatch: pytest.MonkeyPatch) -> bytes:
    """What a terminal of this encoding is sent."""
    sent = io.BytesIO()
    with monkeypatch.context() as patch:
        patch.setattr(sys, "stdout", io.TextIOWrapper(sent, encoding=encoding, write_through=True))
        assert main(words) == 0
        return sent.getvalue()


def test_a_terminal_without_utf_8_is_shown_what_it_can_show(
    watched: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = printed("latin-1", "watch", "list", monkeypatch=monkeypatch).decode("latin-1")
    assert "Pokémon" in table
    assert "?" in table  # the dash of a price that is not set
    assert b"Pok?mon" in printed("ascii", "watch", "list", monkeypatch=monkeypatch)


def test_what_programs_read_is_whole_whatever_the_terminal_speaks(
    watched: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed = json.loads(printed("ascii", "watch", "list", "--json", monkeypatch=monkeypatch))
    assert listed[0]["name"] == "Pokémon"
    assert "Pokémon" in printed("ascii", "watch", "export", monkeypatch=monkeypatch).decode()


@pytest.mark.parametrize("name", [r"a\[/b]", "[bold]a", "a :cd: b", "[/]"])
def test_a_name_is_text_and_never_markup(watched: Call, name: str) -> None:
    watched("watch", "edit", "13356914", "--name", name)
    status, out, _ = watched("watch", "list")
    assert (status, name in out) == (0, True)


def test_a_name_gives_the_terminal_no_orders(watched: Call) -> None:
    Path("config/shopwatch.yaml").write_text('products: {"13356914": {name: "a\\e[2Jb"}}\n')
    status, out, _ = watched("watch", "list")
    assert (status, "\x1b" in out, "[2Jb" in out) == (0, False, True)


@pytest.mark.parametrize(
    "words",
    [
        ("runs", "--limit"),
        ("purchases", "--limit"),
        ("purchases", "show"),
        ("alerts", "--limit"),
        ("alerts", "resend"),
        ("stores", "changes", "verizon", "--limit"),
    ],
)
def test_a_number_no_database_knows_is_wrong_input(call: Call, words: tuple[str, ...]) -> None:
    assert call(*words, "9" * 20)[0] == 2


def test_a_snooze_of_ages_is_wrong_input(watched: Call) -> None:
    status, _, err = watched("watch", "edit", "13356914", "--snooze", "99999999d")
    assert (status, "ten years" in err) == (2, True)


def test_a_snooze_is_shown_in_the_zone_it_names(watched: Call) -> None:
    snoozed = "products: {'13356914': {snoozed_until: '2999-01-01T10:00:00-05:00'}}\n"
    Path("config/shopwatch.yaml").write_text(snoozed)
    assert "snoozed until 01-01 15:00Z" in watched("watch", "list")[1]


def test_a_file_that_is_checked_answers_programs_in_json(watched: Call) -> None:
    status, out, _ = watched("config", "check", "config/shopwatch.yaml", "--json")
    assert (status, json.loads(out)["ok"]) == (0, True)


def test_on_a_narrow_screen_each_row_is_lines_of_its_own_and_a_name_stays_whole(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(output, "out", Console(soft_wrap=True, width=40))
    rows = [("verizon_20261123_065736", 1200, "proxy.mode"), ("att_20261123_063343", 0, "")]
    output.table(("run", "stores>", "the reason why"), rows, empty="none")
    assert capsys.readouterr().out == (
        "verizon_20261123_065736\n  stores          1,200\n  the reason why  proxy.mode\n"
        "\natt_20261123_063343\n  stores          0\n"
    )
