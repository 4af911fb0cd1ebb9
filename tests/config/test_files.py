"""The configuration folder: nothing invalid becomes active, nothing is lost, comments stay."""

import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from shopwatch.config.files import KEPT_BACKUPS, ConfigFolder
from shopwatch.config.problems import InvalidSettings
from shopwatch.config.shops import Shops
from shopwatch.domain.errors import Conflict, NotFound, Unusable

NOON = datetime(2026, 1, 17, 12, tzinfo=UTC)

SHOPS = Shops(
    all=frozenset({"att", "bestbuy", "target", "verizon"}),
    stock=frozenset({"bestbuy", "target"}),
    checkout=frozenset({"target"}),
)
RETAILERS = """\
# my stores
defaults:
  min_delay: 1.5   # polite
retailers:
  # the red one
  verizon:
    enabled: true
    min_delay: 2
"""
PRODUCTS = """\
products:
  89542109:            # unquoted: a number to YAML
    name: Trading cards
    max_price: 50.0    # not a cent more
"""


@pytest.fixture
def folder(tmp_path: Path) -> ConfigFolder:
    (tmp_path / "retailers.yaml").write_text(RETAILERS)
    (tmp_path / "shopwatch.yaml").write_text(PRODUCTS)
    return ConfigFolder(tmp_path, SHOPS)


def test_an_empty_folder_is_valid_and_buys_nothing(tmp_path: Path) -> None:
    settings = ConfigFolder(tmp_path).load().settings
    assert settings.shopwatch.products == {}
    assert settings.shopwatch.safety.test_mode


def test_a_sku_may_be_written_without_quotes(folder: ConfigFolder) -> None:
    assert list(folder.load().settings.shopwatch.products) == ["89542109"]


def test_all_problems_of_both_files_are_listed_at_once_by_line(folder: ConfigFolder) -> None:
    (folder.path / "retailers.yaml").write_text(
        "retailers:\n  verizon:\n    min_delay: fast\n    colour: red\n  tesco: {}\n"
    )
    (folder.path / "shopwatch.yaml").write_text("products:\n  '1':\n    check_frequency: -5\n")
    with pytest.raises(InvalidSettings) as caught:
        folder.load()
    assert list(caught.value.problems) == [
        "shopwatch.yaml:3: products.1.check_frequency must be above 0, got -5",
        "retailers.yaml:3: retailers.verizon.min_delay must be numeric, got 'fast'",
        "retailers.yaml:4: retailers.verizon.colour is not a known setting",
        (
            "retailers.yaml:5: retailers.tesco is not a known name: it must be one of "
            "'att', 'bestbuy', 'target' or 'verizon', got 'tesco'"
        ),
    ]


def test_a_file_changed_while_it_is_read_does_not_look_unchanged(folder: ConfigFolder) -> None:
    class Edited(ConfigFolder):
        def text(self, name: str) -> str:
            found = super().text(name)
            (self.path / name).write_text("{}\n")  # somebody saves right after we have looked
            return found

    loaded = Edited(folder.path).load()
    assert loaded.fingerprints["shopwatch.yaml"] != folder.fingerprint("shopwatch.yaml")


def test_malformed_yaml_names_the_line(folder: ConfigFolder) -> None:
    (folder.path / "retailers.yaml").write_text("defaults:\n  min_delay: [1\nretailers: {}\n")
    with pytest.raises(InvalidSettings, match=r"retailers.yaml:3: the document is not YAML"):
        folder.load()


@pytest.mark.parametrize(
    "text", ["a: 1\na: 2\n", "\tb: 1", "- 1\n- 2\n", "!!python/object:os.system {}", "\x00"]
)
def test_strange_documents_are_refused_with_a_sentence(folder: ConfigFolder, text: str) -> None:
    with pytest.raises(InvalidSettings):
        folder.save_text("retailers.yaml", text, now=NOON)
    assert folder.text("retailers.yaml") == RETAILERS


def test_saving_keeps_comments_and_order(folder: ConfigFolder) -> None:
    document = folder.document("retailers.yaml")
    document["retailers"]["verizon"]["min_delay"] = 3
    document["retailers"]["att"] = {"enabled": False}
    folder.save_document("retailers.yaml", document, now=NOON)
    assert folder.text("retailers.yaml") == RETAILERS.replace("min_delay: 2\n", "min_delay: 3\n") + (
        "  att:\n    enabled: false\n"
    )


def test_a_deleted_key_is_gone_from_the_file(folder: ConfigFolder) -> None:
    document = folder.document("retailers.yaml")
    del document["retailers"]["verizon"]
    folder.save_document("retailers.yaml", document, now=NOON)
    assert "verizon" not in folder.text("retailers.yaml")
    assert "# polite" in folder.text("retailers.yaml")


def test_an_invalid_change_leaves_the_file_and_no_trace(folder: ConfigFolder) -> None:
    before = sorted(folder.path.iterdir())
    with pytest.raises(InvalidSettings):
        folder.save_text("retailers.yaml", "retailers: {verizon: {min_delay: -1}}", now=NOON)
    assert folder.text("retailers.yaml") == RETAILERS
    assert sorted(folder.path.iterdir()) == before


def test_a_save_is_backed_up_and_rolled_back_byte_for_byte(folder: ConfigFolder) -> None:
    original = (folder.path / "retailers.yaml").read_bytes()
    backup = folder.save_text("retailers.yaml", "retailers: {}\n", now=NOON)
    assert backup is not None
    assert backup.name == "retailers.yaml.backup.20260117_120000"
    folder.roll_back(backup.name, now=NOON + timedelta(seconds=1))
    assert (folder.path / "retailers.yaml").read_bytes() == original


def test_a_rollback_can_itself_be_rolled_back(folder: ConfigFolder) -> None:
    backup = folder.save_text("retailers.yaml", "retailers: {}\n", now=NOON)
    assert backup is not None
    folder.roll_back(backup.name, now=NOON + timedelta(seconds=1))
    newest = folder.backups("retailers.yaml")[0]
    assert newest.read_text() == "retailers: {}\n"


def test_a_backup_that_is_no_text_is_refused_with_a_sentence(folder: ConfigFolder) -> None:
    before = folder.text("shopwatch.yaml")
    backup = folder.save_text("shopwatch.yaml", "monitor: {}\n", now=NOON)
    assert backup is not None
    (folder.path / "shopwatch.yaml").write_bytes(b"# caf\xe9\n")  # an editor of another time
    folder.roll_back(backup.name, now=NOON + timedelta(seconds=1))
    broken = folder.backups("shopwatch.yaml")[0].name
    for ask in (folder.backup_text, lambda name: folder.roll_back(name, now=NOON)):
        with pytest.raises(Unusable, match=rf"{broken} cannot be read: 'utf-8' codec"):
            ask(broken)
    assert folder.text("shopwatch.yaml") == before


def test_the_last_five_backups_are_kept(folder: ConfigFolder) -> None:
    for minute in range(8):
        folder.save_text(
            "retailers.yaml", f"defaults: {{min_delay: {minute}}}\n", now=NOON + timedelta(minutes=minute)
        )
    kept = folder.backups("retailers.yaml")
    assert len(kept) == KEPT_BACKUPS
    assert kept[0].read_text() == "defaults: {min_delay: 6}\n"


def test_two_saves_in_one_second_make_two_backups(folder: ConfigFolder) -> None:
    folder.save_text("retailers.yaml", "defaults: {min_delay: 1}\n", now=NOON)
    folder.save_text("retailers.yaml", "defaults: {min_delay: 2}\n", now=NOON)
    assert len(folder.backups("retailers.yaml")) == 2


def test_the_newest_backup_is_never_the_one_to_go(folder: ConfigFolder) -> None:
    saved = [folder.save_text("retailers.yaml", f"# {number}\n", now=NOON) for number in range(12)]
    assert folder.backups("retailers.yaml") == saved[:-6:-1]
    an_hour_back = folder.save_text("retailers.yaml", "# 12\n", now=NOON - timedelta(hours=1))
    assert folder.backups("retailers.yaml")[0] == an_hour_back
    assert an_hour_back is not None
    assert an_hour_back.read_text() == "# 11\n"


def test_a_file_kept_from_others_stays_so_when_it_is_saved_and_so_do_its_backups(
    folder: ConfigFolder,
) -> None:
    path = folder.path / "shopwatch.yaml"
    path.chmod(0o600)
    backup = folder.save_document("shopwatch.yaml", {"products": {}}, now=NOON)
    assert backup is not None
    assert [stat.S_IMODE(one.stat().st_mode) for one in (path, backup)] == [0o600, 0o600]


def test_a_mark_some_editors_begin_a_file_with_is_no_part_of_it(folder: ConfigFolder) -> None:
    (folder.path / "shopwatch.yaml").unlink()
    (folder.path / "product_config.json").write_text('{"products": [{"tcin": "1"}]}', "utf-8-sig")
    assert [watch.sku for watch in folder.load().watches] == ["1"]


def test_a_product_named_with_quotes_and_without_is_no_two_products(folder: ConfigFolder) -> None:
    twice = "products:\n  1: {quantity: 2}\n  '1': {quantity: 3}\n"
    with pytest.raises(InvalidSettings, match=r"shopwatch\.yaml:3: products\.1 stands here twice"):
        folder.validate("shopwatch.yaml", twice)


def test_a_file_changed_meanwhile_is_a_conflict(folder: ConfigFolder) -> None:
    seen = folder.fingerprint("retailers.yaml")
    folder.save_text("retailers.yaml", "retailers: {}\n", now=NOON)
    with pytest.raises(Conflict, match="changed meanwhile"):
        folder.save_text("retailers.yaml", RETAILERS, now=NOON, expected=seen)


@pytest.mark.parametrize("name", ["../shopwatch.yaml.backup.20260117_120000", "passwd", "retailers.yaml", ""])
def test_only_backups_can_be_rolled_back_to(folder: ConfigFolder, name: str) -> None:
    with pytest.raises(NotFound):
        folder.roll_back(name, now=NOON)


def test_a_folder_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(Unusable, match="cannot be"):
        ConfigFolder(tmp_path / "file").save_text("retailers.yaml", "{}", now=NOON)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("shopwatch.yaml", "notify: {channels: [7]}"),
        ("shopwatch.yaml", "notify: {chanels: ['discord://hush/hush']}"),
        ("shopwatch.yaml", "notify: 'discord://hush/hush'"),
        ("retailers.yaml", "retailers: {bestbuy: {keys: 'hush'}}"),
        ("retailers.yaml", "retailers: {bestbuy: {keyz: {api: hush}}}"),
        ("retailers.yaml", "retailers: {bestbuy: {keys: {api: [hush]}}}"),
    ],
)
def test_a_problem_never_tells_a_secret(folder: ConfigFolder, name: str, text: str) -> None:
    with pytest.raises(InvalidSettings) as caught:
        folder.save_text(name, text, now=NOON)  # type: ignore[arg-type]
    assert "hush" not in str(caught.value)
    assert caught.value.__cause__ is None


@pytest.mark.parametrize(
    "text", ["products: &a {'1': *a}\n", "notify: &a [*a]\n", f"a: {'[' * 5000}{']' * 5000}\n"]
)
def test_a_document_without_an_end_is_refused_in_a_sentence(folder: ConfigFolder, text: str) -> None:
    (folder.path / "shopwatch.yaml").write_text(text)
    with pytest.raises(InvalidSettings, match="holds itself"):
        folder.load()
