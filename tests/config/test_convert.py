"""The mission's two old files are read as they are."""

import json
from pathlib import Path
from typing import Any

import pytest

from shopwatch.config.convert import convert
from shopwatch.config.files import ConfigFolder
from shopwatch.config.problems import InvalidSettings
from shopwatch.config.watches import watches_of
from shopwatch.domain.money import Money

BY_SKU: dict[str, Any] = {
    "products": {
        "89542109": {
            "name": "Product Name",
            "max_price": 50.0,
            "priority": "high",
            "check_frequency": 10,
            "enabled": True,
            "auto_purchase": False,
        }
    },
    "ultra_fast": {"background_sessions": 4, "max_concurrent_checks": 50, "performance_target_time": 3.0},
    "safety": {"test_mode": True, "max_daily_purchases": 10, "purchase_cooldown": 300},
}
AS_LIST: dict[str, Any] = {
    "products": [{"tcin": "89542109", "name": "Product Name", "max_price": 50.0, "enabled": True}],
    "settings": {"check_interval": 30},
}


def folder_with(path: Path, **documents: object) -> ConfigFolder:
    for name, document in documents.items():
        (path / f"{name}.json").write_text(json.dumps(document))
    return ConfigFolder(path)


def test_the_file_with_products_by_sku_is_read_whole(tmp_path: Path) -> None:
    loaded = folder_with(tmp_path, ultra_fast_config=BY_SKU).load()
    (watch,) = watches_of(loaded.settings.shopwatch)
    assert (watch.key, watch.max_price, watch.check_frequency_s) == (("target", "89542109"), Money(5000), 10)
    assert loaded.settings.shopwatch.monitor.max_concurrent_checks == 50
    assert loaded.settings.shopwatch.safety.purchase_cooldown == 300
    assert (loaded.products_file, loaded.notes) == ("ultra_fast_config.json", ())


def test_the_file_with_a_list_has_one_interval_for_all_and_fixed_pacing(tmp_path: Path) -> None:
    loaded = folder_with(tmp_path, product_config=AS_LIST).load()
    (watch,) = watches_of(loaded.settings.shopwatch)
    assert (watch.sku, watch.check_frequency_s) == ("89542109", 30)
    assert loaded.settings.shopwatch.monitor.pacing == "fixed"


def test_our_own_file_wins_over_both_unless_the_old_format_is_asked_for(tmp_path: Path) -> None:
    folder = folder_with(tmp_path, ultra_fast_config=BY_SKU, product_config=AS_LIST)
    (tmp_path / "shopwatch.yaml").write_text("products: {}\n")
    assert folder.load().products_file == "shopwatch.yaml"
    assert folder.load(old_format=True).products_file == "product_config.json"


def test_what_has_no_place_is_named_not_dropped_silently(tmp_path: Path) -> None:
    document = {**BY_SKU, "webhooks": ["x"], "ultra_fast": {"turbo": 1}}
    notes = folder_with(tmp_path, ultra_fast_config=document).load().notes
    assert notes == (
        "ultra_fast.turbo has no place in Shopwatch and was not carried",
        "webhooks has no place in Shopwatch and was not carried",
    )


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ([], "must be a mapping"),
        ({}, "products is required"),
        ({"products": [{"name": "x"}]}, "products.0.tcin is required"),
        ({"products": [{"tcin": 1}, {"tcin": "1"}]}, "products.1.tcin names 1 a second time"),
        ({"products": {"1": "x"}}, "products.1 must be a section"),
        ({"products": {"1": {"max_price": "cheap"}}}, "products.1.max_price must be numeric, got 'cheap'"),
        ({"products": {}, "ultra_fast": 3}, "ultra_fast must be a section"),
    ],
)
def test_a_wrong_old_file_is_refused_with_what_and_where(tmp_path: Path, document: object, said: str) -> None:
    with pytest.raises(InvalidSettings, match=said) as caught:
        folder_with(tmp_path, ultra_fast_config=document).load()
    assert "ultra_fast_config.json" in str(caught.value)


def test_an_address_without_its_scheme_is_read_as_one_of_the_web(tmp_path: Path) -> None:
    old = {"products": [{"tcin": "1", "product_url": "www.target.com/p/-/A-1"}]}
    found = convert(old, file="product_config.json").document["products"]
    assert found == {"1": {"url": "https://www.target.com/p/-/A-1"}}
