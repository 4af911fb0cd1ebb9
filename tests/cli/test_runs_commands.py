"""`shopwatch runs` as a person uses it: one run shown, what its stores lack, and what to do next."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.simulator_fixture import simulator_process

from shopwatch.bootstrap.simulated import write_configuration
from shopwatch.cli.main import main

Call = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="module")
def origins() -> Iterator[dict[str, str]]:
    with simulator_process(products=1, arguments=("--store-count", "60")) as origins:
        yield origins


@pytest.fixture
def call(
    tmp_path: Path,
    origins: dict[str, str],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Call:
    monkeypatch.chdir(tmp_path)
    write_configuration(Path("config"), origins, delays_s=(0.0, 0.0), workers=4)

    def run(*words: str) -> tuple[int, str, str]:
        status = main(words)
        said = capsys.readouterr()
        return status, said.out, said.err

    return run


def test_a_run_is_shown_with_what_its_stores_lack(call: Call) -> None:
    assert call("crawl", "att", "--limit", "5")[0] == 1

    status, out, _ = call("runs", "show", "att")

    assert status == 0
    assert "held, 5 stores" in out
    assert "held: the run was limited to 5 stores: not the whole directory" in out
    assert any(line.split()[:2] == ["opened_on", "5"] for line in out.splitlines())
    assert "`shopwatch runs accept att_" in out

    document = json.loads(call("runs", "show", "att", "--json")[1])
    assert document["quality"]["fields"]["opened_on"]["missing"] == 5
    assert document["quality"]["fields"]["phone"] == {
        "missing": 0,
        "malformed": 0,
        "suspicious": 0,
        "examples": [],
    }

    lines = [json.loads(line) for line in call("runs", "log", "att", "--json")[1].splitlines()]
    assert {"at", "level", "event", "text"} <= lines[0].keys()
    assert len(lines) == len(call("runs", "log", "att")[1].splitlines())

    status, out, _ = call("runs", "accept", "att")
    assert (status, out.count("is published: 5 stores")) == (0, 1)
    assert call("stores", "export", "att")[1].count("\r\n") == 1 + 5


def test_several_are_resumed_where_they_stopped_and_the_complete_are_left_alone(call: Call) -> None:
    call("crawl", "bestbuy")
    call("crawl", "bestbuy", "target", "--resume", "--limit", "3")
    runs = json.loads(call("runs", "--json")[1])

    assert [run["retailer"] for run in runs] == ["target", "bestbuy"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("runs", "show", "verizon"), "verizon has no run yet: `shopwatch crawl verizon` makes one"),
        (("runs", "log", "verizon"), "verizon has no run yet"),
        (("runs", "accept", "verizon"), "verizon has no run yet"),
        (("runs", "show", "nobody"), "no run 'nobody'"),
    ],
)
def test_what_is_not_there_is_said_with_what_to_do(call: Call, words: tuple[str, ...], said: str) -> None:
    status, _, err = call(*words)

    assert status == 1
    assert said in err
