"""A command line that cannot be understood is answered in one sentence that says where the manual is."""

import io

import pytest
from tests.cli.conftest import Call


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("chek", "1"), "there is no command 'chek', but check: see `shopwatch --help`"),
        (("watch", "frobnicate"), "there is no command 'frobnicate': see `shopwatch watch --help`"),
        (("check",), "SKU... is missing: see `shopwatch check --help`"),
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
