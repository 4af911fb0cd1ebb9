"""`shopwatch watch edit`: every setting of a product can be said, and unset by the word it was said with."""

import json
from pathlib import Path

import pytest
from ruamel.yaml import YAML
from tests.cli.conftest import Call

from shopwatch.config.settings import ProductSettings

#: One product with all of them; its retailer is part of what it is, and no setting.
SAID = {
    "name": ("--name", "Cards"),
    "url": ("--url", "https://www.target.com/p/-/A-13356914"),
    "priority": ("--priority", "high"),
    "check_frequency": ("--every", "5"),
    "max_price": ("--max-price", "9"),
    "channels": ("--channel", "pickup"),
    "third_party_sellers": ("--third-party",),
    "auto_purchase": ("--auto-purchase",),
    "quantity": ("--quantity", "2"),
    "group": ("--group", "g"),
    "tags": ("--tag", "t"),
    "price_drop_percent": ("--price-drop-percent", "5"),
    "below_price": ("--below-price", "8"),
    "muted": ("--mute",),
    "snoozed_until": ("--snooze", "8h"),
}


def products() -> dict[str, dict[str, object]]:
    document = YAML(typ="safe").load(Path("config/shopwatch.yaml").read_text())
    found: dict[str, dict[str, object]] = document["products"]
    return found


def test_every_setting_can_be_edited_and_unset(call: Call) -> None:
    assert {*SAID, "retailer", "enabled"} == ProductSettings.model_fields.keys()
    call("watch", "add", "13356914")
    assert call("watch", "edit", "13356914", *(word for words in SAID.values() for word in words))[0] == 0
    assert products()["13356914"].keys() == SAID.keys()
    assert len(json.loads(call("watch", "list", "--json")[1])[0]) == len(SAID) + 2
    options = [words[0].removeprefix("--") for words in SAID.values()]
    assert call("watch", "edit", "13356914", *(word for one in options for word in ("--unset", one)))[0] == 0
    assert not products()["13356914"]


@pytest.mark.parametrize("word", ["colour", "retailer"])
def test_what_is_no_setting_is_not_unset(call: Call, word: str) -> None:
    call("watch", "add", "13356914")
    status, _, err = call("watch", "edit", "13356914", "--unset", word)
    assert (status, f"no setting '{word}'" in err) == (2, True)
