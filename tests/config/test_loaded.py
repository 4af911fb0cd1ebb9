"""What is loaded is watches too, and a process that keeps only these lets the sections go."""

from __future__ import annotations

from pathlib import Path

from shopwatch.config.files import ConfigFolder
from shopwatch.config.watches import watches_of

_TEXT = """\
products:
  '89542109': {name: A box, channels: [shipping], max_price: 4.5}
  '89542110': {enabled: false, channels: [shipping], max_price: 4.5}
safety: {max_daily_purchases: 3}
"""


def _folder(path: Path) -> ConfigFolder:
    (path / "shopwatch.yaml").write_text(_TEXT, "utf-8")
    return ConfigFolder(path)


def test_what_is_loaded_names_its_watches(tmp_path: Path) -> None:
    loaded = _folder(tmp_path).load()
    assert loaded.watches == watches_of(loaded.settings.shopwatch)
    assert [(watch.sku, watch.enabled) for watch in loaded.watches] == [
        ("89542109", True),
        ("89542110", False),
    ]


def test_a_lightened_one_keeps_watches_and_settings_but_no_sections(tmp_path: Path) -> None:
    loaded = _folder(tmp_path).load()
    light = loaded.lightened()
    assert light.watches == loaded.watches
    assert light.settings.shopwatch.products == {}
    assert light.settings.shopwatch.safety.max_daily_purchases == 3
    assert light.fingerprints == loaded.fingerprints
    assert len(loaded.settings.shopwatch.products) == 2


def test_equal_limits_and_channels_of_watches_are_one_object(tmp_path: Path) -> None:
    one, other = _folder(tmp_path).load().watches
    assert one.channels is other.channels
    assert one.max_price is other.max_price
