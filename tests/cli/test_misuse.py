"""A command line that cannot be understood is answered in one sentence that says where the manual is."""

import io
from pathlib import Path

import pytest
from tests.cli.conftest import Call


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("chek", "1"), "there is no command 'chek', but check: see `shopwatch --help`"),
        (("watch", "frobnicate"), "there is no command 'frobnicate': see `shopwatch watch --help`"),
        (("check",), "SKU is missing: see `shopwatch check --help`"),
        (("runs", "--limit", "0"), "--limit must be 1 or more: see `shopwatch runs list --help`"),
        (("serve", "--port", "70000"), "--port must be 65535 or less: see `shopwatch serve --help`"),
        (("alerts", "resend", "x"), "NUMBER must be a whole number: see `shopwatch alerts resend --help`"),
        (
            ("watch", "add", "1", "--max-price", "cheap"),
            "--max-price must be a number: see `shopwatch watch add --help`",
        ),
        (("runs", "--limt", "3"), "there is no option --limt, but --limit: see `shopwatch runs list --help`"),
        (("version", "--colour"), "there is no option --colour: see `shopwatch version --help`"),
        (("runs", "--limit"), "--limit requires an argument"),
    ],
)
def test_a_slip_is_answered_in_one_sentence(call: Call, words: tuple[str, ...], said: str) -> None:
    assert call(*words) == (2, "", f"{said}\n")


def test_a_word_too_many_is_named(call: Call) -> None:
    status, out, err = call("version", "please")
    assert (status, out) == (2, "")
    assert err == "got unexpected extra argument(s) (please): see `shopwatch version --help`\n"


def test_a_group_alone_shows_its_manual_and_no_error(call: Call) -> None:
    status, out, err = call("watch")
    assert status == 2
    assert "Usage: shopwatch watch" in out
    assert err == ""


def test_a_question_that_nobody_answers_is_a_no(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    call("backup", "x.db")
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    status, _, err = call("restore", "x.db")
    assert status == 2
    assert err.strip() == "nothing was done: the question was not answered"


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (("serve", "--pacing", "hasty", "--port", "0"), 2, "--pacing must be adaptive or fixed, got 'hasty'"),
        (("serve", "--host", "nowhere.invalid", "--port", "0"), 1, "choose another with --host"),
        (("--config-dir", "/dev/null", "watch", "list"), 1, "yaml cannot be read: Not a directory\n"),
        (("backup", "."), 1, ". is a folder: name a file for the backup"),
        (("stores", "import", "absent.csv"), 2, "absent.csv: cannot be read: No such file or directory"),
        (("stores", "import", "/dev/null"), 2, "/dev/null: its name must end in .geojson, .json or .csv"),
        (("watch", "edit", "1234567", "--mute"), 1, "`shopwatch watch list` shows what is"),
    ],
)
def test_what_cannot_be_done_is_refused_before_anything_begins(
    call: Call, words: tuple[str, ...], status: int, said: str
) -> None:
    ended, _, err = call(*words)
    assert ended == status
    assert said in err
    assert "Traceback" not in err


def test_an_address_that_is_none_is_refused_with_what_is_expected(call: Call) -> None:
    call("watch", "add", "89542109")
    status, _, err = call("watch", "edit", "89542109", "--url", "the page")
    assert status == 2
    assert "products.89542109.url does not look right (expected a web address" in err


def test_what_is_wrong_is_told_once_by_the_doctor(call: Call) -> None:
    Path("config").mkdir()
    Path("config/shopwatch.yaml").write_text("products: {'1': {max_price: cheap}}\n")
    out = call("doctor")[1]
    assert out.count("must be numeric") == 1
    assert "shops           WRONG  cannot be told before that is mended" in out


def test_where_no_directory_was_crawled_the_stores_near_say_so(call: Call) -> None:
    out = call("stores", "near", "20147", "-r", "verizon")[1]
    assert "of verizon none is known yet: `shopwatch crawl verizon`" in out
