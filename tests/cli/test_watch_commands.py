"""`shopwatch watch`: the list changed from the command line."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from shopwatch.cli.main import main

Call = Callable[..., tuple[int, str, str]]


@pytest.fixture
def call(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Call:
    monkeypatch.chdir(tmp_path)

    def run(*words: str) -> tuple[int, str, str]:
        status = main(["watch", *words])
        said = capsys.readouterr()
        return status, said.out, said.err

    return run


def listed(call: Call) -> list[dict[str, object]]:
    found: list[dict[str, object]] = json.loads(call("list", "--json")[1])
    return found


def test_a_product_is_added_by_address_with_settings(call: Call) -> None:
    address = "https://www.target.com/p/cards/-/A-89542109"
    assert call("add", address, "--max-price", "49.99", "--every", "10", "--tag", "tcg")[:2] == (
        0,
        "watching 89542109\n",
    )
    assert listed(call) == [
        {
            "retailer": "target",
            "sku": "89542109",
            "url": address,
            "check_frequency": 10.0,
            "max_price": 49.99,
            "tags": ["tcg"],
        }
    ]


def test_a_watch_is_paused_resumed_and_removed(call: Call) -> None:
    call("add", "bestbuy:6411488")
    assert call("pause", "bestbuy:6411488")[0] == 0
    assert listed(call)[0]["enabled"] is False
    assert call("resume", "bestbuy:6411488")[0] == 0
    assert "enabled" not in listed(call)[0]
    assert call("remove", "bestbuy:6411488")[0] == 0
    assert listed(call) == []


def test_an_import_says_what_was_not_carried(call: Call) -> None:
    Path("list.txt").write_text("13356914\nhttps://www.example.com/x\n")
    status, out, _ = call("import", "list.txt")
    assert status == 0
    assert out.splitlines() == [
        "1 of 1 products added",
        "not carried: https://www.example.com/x is no product page of a retailer whose stock can be watched",
    ]
    assert "watched already" in call("import", "list.txt")[1]


@pytest.mark.parametrize("kind", ["csv", "yaml", "json"])
def test_an_export_is_imported_back(call: Call, kind: str) -> None:
    call("add", "13356914", "--name", "Tape")
    Path(f"list.{kind}").write_text(call("export", "--format", kind)[1])
    call("remove", "13356914")
    assert call("import", f"list.{kind}")[0] == 0
    assert listed(call)[0]["name"] == "Tape"


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (("add", "https://www.example.com/"), 2),
        (("add", "13356914", "--every", "-3"), 2),
        (("add", "13356914", "--priority", "urgent"), 2),
        (("remove", "13356914"), 1),
        (("import", "nothing.csv"), 1),
        (("export", "--format", "xml"), 2),
    ],
)
def test_wrong_words_are_one_sentence_and_change_nothing(
    call: Call, words: tuple[str, ...], status: int
) -> None:
    got, _, err = call(*words)
    assert got == status
    assert "Traceback" not in err
    assert not Path("config/shopwatch.yaml").exists()
