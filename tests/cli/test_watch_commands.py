"""`shopwatch watch`: the list changed from the command line."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.simulator_fixture import TARGET_KEY, simulator_in_loop
from tests.warm_children import SHOPWATCH, WarmChild

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
    status, out, _ = call("add", address, "--max-price", "49.99", "--every", "10", "--tag", "tcg")
    said, wanted = out.splitlines()
    assert (status, said) == (0, "watching 89542109")
    assert wanted.startswith("before it can be looked at: set retailers.target.location.store_id: ")
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


def test_one_or_many_are_edited_all_or_none(call: Call) -> None:
    call("add", "1001", "--tag", "tcg", "--max-price", "50")
    call("add", "1002", "--tag", "tcg", "--channel", "pickup", "--below-price", "20")
    status, out, _ = call(
        "edit", "--tagged", "tcg", "--every", "9", "--tag", "hot", "--untag", "tcg", "--mute"
    )
    assert (status, out) == (0, "changed 1001, 1002\n")
    assert [(one["check_frequency"], one["tags"], one["muted"]) for one in listed(call)] == [
        (9.0, ["hot"], True)
    ] * 2
    assert call("edit", "1001", "404", "--max-price", "1")[0] == 1, "one is not watched"
    assert call("edit", "1001", "--unset", "max-price", "--unmute", "--snooze", "8h")[0] == 0
    first, second = listed(call)
    assert ("max_price" in first, "muted" in first, "snoozed_until" in first) == (False, False, True)
    assert (second["below_price"], second["channels"]) == (20.0, ["pickup"])
    assert call("edit", "1001", "--snooze", "0")[0] == 0
    assert "snoozed_until" not in listed(call)[0]


def test_what_has_a_tag_is_paused_resumed_and_removed_together(call: Call) -> None:
    for sku, tag in (("1001", "tcg"), ("1002", "tcg"), ("1003", "other")):
        call("add", sku, "--tag", tag)
    assert call("pause", "--tagged", "tcg")[1] == "paused 1001, 1002\n"
    assert [one.get("enabled", True) for one in listed(call)] == [False, False, True]
    assert call("resume", "--tagged", "tcg", "1001")[1] == "watching 1001, 1002 again\n"
    assert call("remove", "--tagged", "tcg")[0] == 0
    assert [one["sku"] for one in listed(call)] == ["1003"]


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (("edit", "1001"), 2, "say what to change"),
        (("edit", "--mute"), 2, "say which"),
        (("edit", "--tagged", "none", "--mute"), 1, "the tag or group 'none'"),
        (("edit", "1001", "--snooze", "soon"), 2, "as 30m, 8h or 2d"),
        (("edit", "1001", "--unset", "colour"), 2, "no setting 'colour'"),
        (("pause",), 2, "say which"),
    ],
)
def test_an_edit_that_means_nothing_says_so(
    call: Call, words: tuple[str, ...], status: int, said: str
) -> None:
    call("add", "1001")
    got, _, complaint = call(*words)
    assert (got, said in complaint) == (status, True), complaint


async def test_a_preview_shows_what_is_there_and_saves_nothing(tmp_path: Path) -> None:
    async with simulator_in_loop(products=5) as simulator:
        target = {
            "base_url": simulator.origins["target"],
            "api_url": simulator.origins["target-api"],
            "keys": {"web": TARGET_KEY},
            "location": {"store_id": "2272"},
            "stock_requests_per_second": 100.0,
        }
        (tmp_path / "retailers.yaml").write_text(json.dumps({"retailers": {"target": target}}), "utf-8")
        await simulator.put(
            "20000001",
            ship="IN_STOCK",
            quantity=5,
            price="49.99",
            title="Trainer Box",
            limit=2,
            street_date="2199-06-19",
        )
        folders = ("--config-dir", str(tmp_path), "--data-dir", str(tmp_path / "data"))
        seen = await shopwatch(*folders, "watch", "add", "20000001", "--preview")
        gone = await shopwatch(*folders, "watch", "add", "999999999", "--preview")
    assert seen[0] == 0, seen
    assert [
        line
        for line in ("Trainer Box", "$49.99", "in_stock", "2 a customer", "2199-06-19")
        if line not in seen[1]
    ] == [], seen
    assert (gone[0], gone[2].splitlines()[-1]) == (1, "Target has no product 999999999")
    assert not (tmp_path / "shopwatch.yaml").exists()


async def shopwatch(*words: str) -> tuple[int, str, str]:
    """The command as a process: its loop is not the test's."""
    child = await asyncio.to_thread(WarmChild, SHOPWATCH, *words)
    done = await child.done_soon()
    return done.returncode, done.stdout, done.stderr


def test_an_import_says_what_was_not_carried(call: Call) -> None:
    Path("list.txt").write_text("13356914\nhttps://www.example.com/x\n")
    status, out, _ = call("import", "list.txt")
    assert status == 0
    assert out.splitlines() == [
        "1 of 1 products added",
        "not carried: https://www.example.com/x is no product page of a retailer whose stock can be watched",
    ]
    assert "watched already" in call("import", "list.txt")[1]


def test_a_file_that_names_no_product_is_not_imported(call: Call) -> None:
    Path("letter.txt").write_text("Dear Sir or Madam\n")
    assert call("import", "letter.txt")[0] == 1


@pytest.mark.parametrize("kind", ["csv", "yaml", "json"])
def test_an_export_is_imported_back(call: Call, kind: str) -> None:
    call("add", "13356914", "--name", "Tape")
    Path(f"list.{kind}").write_text(call("export", "--format", kind)[1])
    call("remove", "13356914")
    assert call("import", f"list.{kind}")[0] == 0
    assert listed(call)[0]["name"] == "Tape"
    assert call("import", f"list.{kind}", "--replace")[1] == "0 of 1 products added, 1 replaced\n"


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


def test_the_list_says_what_is_not_told_and_which_prices_are(call: Call) -> None:
    call("add", "10000001", "--below-price", "15", "--price-drop-percent", "10", "--group", "cards")
    for sku in ("10000002", "10000003", "10000004"):
        call("add", sku)
    call("edit", "10000002", "--mute")
    call("edit", "10000003", "--snooze", "8h")
    call("pause", "10000004")
    lines = call("list")[1].splitlines()
    assert "≤ $15.00, -10 %" in lines[1]
    assert "cards" in lines[1]
    assert [
        word in line for word, line in zip(("muted", "snoozed until", "paused"), lines[2:], strict=True)
    ] == [True] * 3


def test_an_import_of_something_else_is_no_wall_of_text(call: Call) -> None:
    Path("notes.md").write_text("".join(f"# line, {number}\n" for number in range(1_000)))
    status, out, _ = call("import", "notes.md")
    assert (status, len(out.splitlines())) == (1, 32)
    assert out.splitlines()[-1] == "and 970 more: --json lists them all"
