"""`shopwatch config`: every problem in a sentence, an exit status that means something, never a traceback."""

import json
from pathlib import Path

import pytest
from tests.cli.conftest import Call


def write(name: str, text: str) -> None:
    path = Path("config") / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)


def test_a_valid_folder_is_ok(call: Call) -> None:
    write("shopwatch.yaml", "products: {'1': {}, '2': {enabled: false}}")
    assert call("config", "check") == (0, "ok: shopwatch.yaml, 1 of 2 watches enabled\n", "")


def test_check_answers_programs_in_json(call: Call) -> None:
    status, out, _ = call("config", "check", "--json")
    assert (status, json.loads(out)["watches"]) == (0, 0)


def test_every_problem_is_a_line_and_the_status_is_2(call: Call) -> None:
    write("retailers.yaml", "retailers: {att: {min_delay: fast, workers: 0}}")
    status, _, err = call("config", "check")
    assert status == 2
    assert err.splitlines() == [
        "retailers.yaml:1: retailers.att.min_delay must be numeric, got 'fast'",
        "retailers.yaml:1: retailers.att.workers must be 1 or more, got 0",
    ]


def test_one_file_can_be_checked_alone(call: Call, tmp_path: Path) -> None:
    write("product_config.json", '{"products": [{"tcin": "1"}]}')
    assert call("config", "check", "config/product_config.json")[0] == 0
    assert call("config", "check", "config/nothing.yaml")[::2] == (
        1,
        "there is no file config/nothing.yaml\n",
    )


def test_an_old_file_is_migrated(call: Call) -> None:
    write(
        "product_config.json",
        '{"products": [{"tcin": "1", "name": "One"}], "settings": {"check_interval": 9}}',
    )
    status, out, _ = call("config", "migrate")
    assert (status, out.splitlines()[0]) == (
        0,
        "product_config.json → shopwatch.yaml; product_config.json is not read any more and can be deleted",
    )
    assert "check_frequency: 9" in Path("config/shopwatch.yaml").read_text()


def test_a_backup_is_listed_compared_and_rolled_back(call: Call) -> None:
    write("retailers.yaml", "defaults: {min_delay: 2}")
    write("retailers.yaml.backup.20260117_044500", "defaults: {min_delay: 1}")
    assert "retailers.yaml.backup.20260117_044500" in call("config", "backups")[1]
    assert (
        call("config", "diff", "retailers.yaml.backup.20260117_044500")[1]
        == "defaults.min_delay: 1.0 → 2.0\n"
    )
    told = json.loads(call("config", "diff", "retailers.yaml.backup.20260117_044500", "--json")[1])
    assert told == [{"path": "defaults.min_delay", "before": 1.0, "after": 2.0}]
    assert call("config", "rollback", "retailers.yaml.backup.20260117_044500")[0] == 0
    assert Path("config/retailers.yaml").read_text() == "defaults: {min_delay: 1}"


@pytest.mark.parametrize(
    ("words", "status"),
    [(("config", "rollback", "nope"), 1), (("config", "nope"), 2), (("config", "diff"), 2), (("nope",), 2)],
)
def test_wrong_words_are_an_error_without_a_traceback(
    call: Call, words: tuple[str, ...], status: int
) -> None:
    got, _, err = call(*words)
    assert got == status
    assert err
    assert "Traceback" not in err


def test_the_schema_is_json(call: Call) -> None:
    status, out, _ = call("config", "schema", "retailers.yaml")
    assert (status, json.loads(out)["$id"]) == (0, "shopwatch:retailers.yaml")


@pytest.mark.parametrize(
    ("notify", "said"),
    [
        (
            "channels: ['jsn://127.0.0.1/']",
            "notify.channels.0 cannot be used: Apprise has no service jsn://: its list",
        ),
        (
            "channels: ['${UNSET_FOR_A_TEST}']",
            "notify.channels.0 cannot be used: the environment variable UNSET_FOR_A_TEST is not set",
        ),
        ("templates: {restok: '{name}'}", "notify.templates has 'restok', but there is no such alert"),
        ("digest_interval: 3600", "digest_interval (3600) must be below expire_after (3600)"),
    ],
)
def test_what_the_monitor_would_refuse_is_refused_here(call: Call, notify: str, said: str) -> None:
    write("shopwatch.yaml", f"notify: {{{notify}}}")
    status, _, err = call("config", "check")
    assert status == 2
    assert said in err


def test_a_key_in_a_variable_that_is_not_set_is_refused_where_it_is_needed(call: Call) -> None:
    write("retailers.yaml", "retailers: {bestbuy: {keys: {api: '${UNSET_FOR_A_TEST}'}}}")
    assert call("config", "check")[0] == 0
    call("watch", "add", "bestbuy:6505727")
    status, _, err = call("config", "check")
    assert (status, "retailers.bestbuy.keys cannot be used" in err) == (2, True)
