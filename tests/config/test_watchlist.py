"""The watch list: each change is one save, valid or not at all."""

import json
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread

import pytest

from shopwatch.config.files import ConfigFolder
from shopwatch.config.problems import InvalidSettings
from shopwatch.config.watchlist import WatchList
from shopwatch.domain.errors import Conflict, NotFound, Unusable

NOON = datetime(2026, 1, 17, 12, tzinfo=UTC)
ONE = ("target", "89542109")


@pytest.fixture
def watchlist(tmp_path: Path) -> WatchList:
    return WatchList(ConfigFolder(tmp_path))


def test_the_first_watch_makes_the_file(watchlist: WatchList, tmp_path: Path) -> None:
    watchlist.add({ONE: {"name": "Cards", "max_price": 50}}, now=NOON)
    assert watchlist.get(ONE).name == "Cards"
    assert (tmp_path / "shopwatch.yaml").read_text().startswith("# Shopwatch: ")


def test_a_watch_is_added_changed_and_removed_without_losing_comments(
    watchlist: WatchList, tmp_path: Path
) -> None:
    (tmp_path / "shopwatch.yaml").write_text("products:\n  '1': # mine\n    name: One\n")
    watchlist.add({("bestbuy", "2"): {}}, now=NOON)
    watchlist.update([("target", "1")], {"enabled": False}, now=NOON)
    watchlist.remove([("bestbuy", "2")], now=NOON)
    assert (tmp_path / "shopwatch.yaml").read_text() == (
        "products:\n  '1': # mine\n    name: One\n    enabled: false\n"
    )


def test_the_comment_of_a_watch_stays_when_the_one_before_is_removed(
    watchlist: WatchList, tmp_path: Path
) -> None:
    (tmp_path / "shopwatch.yaml").write_text("products:\n  '1': {}\n  # for Ann\n  '2': {}\n")
    watchlist.remove([("target", "1")], now=NOON)
    assert (tmp_path / "shopwatch.yaml").read_text() == "products:\n  # for Ann\n  '2': {}\n"


@pytest.mark.parametrize("changed", ["1", "2", "3"])
@pytest.mark.parametrize("second", ["*usual", "{<<: *usual, quantity: 3}"])
def test_a_change_of_a_watch_that_shares_its_words_with_others_changes_no_other(
    watchlist: WatchList, tmp_path: Path, changed: str, second: str
) -> None:
    (tmp_path / "shopwatch.yaml").write_text(
        f"products:\n  '1': &usual\n    check_frequency: 10\n  '2': {second}\n  '3': *usual\n"
    )
    watchlist.update([("target", changed)], {"check_frequency": 20}, now=NOON)
    assert {watch.sku: watch.check_frequency_s for watch in watchlist.all()} == {
        "1": 10,
        "2": 10,
        "3": 10,
        changed: 20,
    }


def test_a_setting_taken_from_another_watch_can_be_taken_back(watchlist: WatchList, tmp_path: Path) -> None:
    (tmp_path / "shopwatch.yaml").write_text(
        "products:\n  '1': &usual {quantity: 2, check_frequency: 10}\n  '2': {<<: *usual, name: Two}\n"
    )
    watchlist.update([("target", "2")], {"quantity": None}, now=NOON)
    assert [(watch.quantity, watch.check_frequency_s) for watch in watchlist.all()] == [(2, 10), (1, 10)]


def test_a_setting_that_others_share_can_be_taken_back_for_one_alone(
    watchlist: WatchList, tmp_path: Path
) -> None:
    (tmp_path / "shopwatch.yaml").write_text(
        "products:\n  '1': &usual\n    quantity: 2\n    check_frequency: 10\n  '2': {<<: *usual, name: Two}\n"
    )
    watchlist.update([("target", "1")], {"quantity": None}, now=NOON)
    assert [(watch.quantity, watch.check_frequency_s) for watch in watchlist.all()] == [(1, 10), (2, 10)]


def test_a_setting_taken_back_is_its_default_again(watchlist: WatchList) -> None:
    watchlist.add({ONE: {"check_frequency": 5}}, now=NOON)
    watchlist.update([ONE], {"check_frequency": None}, now=NOON)
    assert watchlist.get(ONE).check_frequency_s == 30


def test_what_is_watched_already_is_a_conflict_unless_replaced(watchlist: WatchList) -> None:
    watchlist.add({ONE: {}}, now=NOON)
    with pytest.raises(Conflict, match="watched already: 89542109"):
        watchlist.add({ONE: {}}, now=NOON)
    watchlist.add({ONE: {"name": "New"}}, now=NOON, replace=True)
    assert watchlist.get(ONE).name == "New"


def test_a_wrong_setting_changes_nothing(watchlist: WatchList) -> None:
    watchlist.add({ONE: {}}, now=NOON)
    with pytest.raises(InvalidSettings, match="check_frequency must be above 0"):
        watchlist.update([ONE], {"check_frequency": -1}, now=NOON)
    assert watchlist.get(ONE).check_frequency_s == 30


def test_one_unknown_key_of_many_changes_nothing(watchlist: WatchList) -> None:
    watchlist.add({ONE: {}}, now=NOON)
    with pytest.raises(NotFound, match="nothing is watched as 7"):
        watchlist.remove([ONE, ("target", "7")], now=NOON)
    assert len(watchlist.all()) == 1


def test_settings_and_the_tags_of_many_are_one_save(watchlist: WatchList, tmp_path: Path) -> None:
    keys = [("target", str(number)) for number in range(7)]
    watchlist.add({key: {"tags": ["all", f"own-{key[1]}"]} for key in keys}, now=NOON)
    watchlist.add({ONE: {}}, now=NOON)
    before = len(ConfigFolder(tmp_path).backups("shopwatch.yaml"))

    watchlist.update(
        [*keys, ONE], {"enabled": False}, add_tags=["cards"], remove_tags=["all", "own-0"], now=NOON
    )

    assert len(ConfigFolder(tmp_path).backups("shopwatch.yaml")) == before + 1
    assert watchlist.get(("target", "0")).tags == ("cards",)
    assert watchlist.get(("target", "6")).tags == ("own-6", "cards")
    assert watchlist.get(ONE).tags == ("cards",)
    assert not any(watch.enabled for watch in watchlist.all())


def test_tags_of_many_with_a_wrong_setting_change_nothing(watchlist: WatchList, tmp_path: Path) -> None:
    watchlist.add({ONE: {"tags": ["a"]}}, now=NOON)
    before = (tmp_path / "shopwatch.yaml").read_bytes()
    with pytest.raises(InvalidSettings, match="quantity must be 1 or more"):
        watchlist.update([ONE], {"quantity": 0}, add_tags=["b"], now=NOON)
    assert (tmp_path / "shopwatch.yaml").read_bytes() == before


def test_an_old_file_is_migrated_before_it_is_changed(watchlist: WatchList, tmp_path: Path) -> None:
    old = {"products": {"1": {"name": "One", "colour": "red"}}}
    (tmp_path / "ultra_fast_config.json").write_text(json.dumps(old))
    with pytest.raises(Conflict, match="shopwatch config migrate"):
        watchlist.add({ONE: {}}, now=NOON)
    name, notes = watchlist.migrate(now=NOON)
    assert (name, notes) == (
        "ultra_fast_config.json",
        ("products.1.colour has no place in Shopwatch and was not carried",),
    )
    watchlist.add({ONE: {}}, now=NOON)
    assert [watch.sku for watch in watchlist.all()] == ["1", "89542109"]


def test_nothing_to_migrate_is_said(watchlist: WatchList) -> None:
    with pytest.raises(Conflict, match="nothing to migrate"):
        watchlist.migrate(now=NOON)


def test_two_changers_at_once_lose_nothing(watchlist: WatchList, tmp_path: Path) -> None:
    def add(first: int) -> None:
        mine = WatchList(ConfigFolder(tmp_path))
        for number in range(first, first + 5):
            mine.add({("target", str(number)): {}}, now=NOON)

    threads = [Thread(target=add, args=(first,)) for first in (100, 200, 300)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(watchlist.all()) == 15


def test_a_folder_that_cannot_be_made_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(Unusable):
        WatchList(ConfigFolder(tmp_path / "file" / "config")).add({ONE: {}}, now=NOON)


@pytest.mark.parametrize("how", ["save", "roll back"])
def test_who_saves_or_rolls_back_waits_for_a_change_that_is_under_way(
    watchlist: WatchList, tmp_path: Path, how: str
) -> None:
    watchlist.add({ONE: {}}, now=NOON)
    first = (tmp_path / "shopwatch.yaml").read_text()
    watchlist.add({("target", "2"): {}}, now=NOON)
    mine, other = ConfigFolder(tmp_path), ConfigFolder(tmp_path)
    backup = mine.backups("shopwatch.yaml")[0].name

    def change() -> None:
        if how == "save":
            other.save_text("shopwatch.yaml", first, now=NOON)
        else:
            other.roll_back(backup, now=NOON)

    late = Thread(target=change)
    with mine.changing():
        late.start()
        late.join(0.1)  # without a lock it would be done by now
        assert len(watchlist.all()) == 2
        WatchList(mine).add({("target", "3"): {}}, now=NOON)  # the holder itself may save
        assert len(watchlist.all()) == 3
    late.join()
    assert (tmp_path / "shopwatch.yaml").read_text() == first
    assert "'3'" in mine.backup_text(mine.backups("shopwatch.yaml")[0].name)
