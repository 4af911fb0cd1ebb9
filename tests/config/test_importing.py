"""Watch lists of other tools: what fits is carried, what does not is named."""

import io
import json
import zipfile

import pytest

from shopwatch.config.importing import read_list, write_csv
from shopwatch.config.problems import parse
from shopwatch.config.settings import ShopwatchFile
from shopwatch.config.watches import watches_of
from shopwatch.domain.errors import Invalid
from shopwatch.retailers.addresses import read_address

CARDS = "https://www.target.com/p/cards/-/A-89542109"
CONSOLE = "https://www.walmart.com/ip/console/55885487"


def read(content: str | bytes, name: str = "", format_: str | None = None):  # type: ignore[no-untyped-def]
    raw = content.encode() if isinstance(content, str) else content
    return read_list(raw, name=name, read_address=read_address, format_=format_)


def test_one_address_or_sku_a_line_is_enough() -> None:
    found = read(f"{CARDS}\n{CONSOLE}\nbestbuy:6411488\n13356914\n\n")
    assert list(found.products) == [
        ("target", "89542109"),
        ("walmart", "55885487"),
        ("bestbuy", "6411488"),
        ("target", "13356914"),
    ]


def test_a_csv_with_a_header_carries_settings_and_names_strange_columns() -> None:
    found = read(
        "url,name,max_price,enabled,tags,colour\n" + CARDS + ",Cards,49.99,false,tcg;gift,red\n", "list.csv"
    )
    assert found.products == {
        ("target", "89542109"): {
            "name": "Cards",
            "url": CARDS,
            "max_price": 49.99,
            "enabled": False,
            "tags": ["tcg", "gift"],
        }
    }
    assert found.not_carried == ["the column colour has no place in Shopwatch and was not carried"]


def test_what_is_no_product_page_or_comes_twice_is_named() -> None:
    found = read(f"{CARDS}\nhttps://www.example.com/x\n{CARDS}\n")
    assert found.not_carried == [
        "https://www.example.com/x is no product page of a retailer whose stock can be watched",
        f"{CARDS} is in the list twice",
    ]


def test_a_wrong_setting_leaves_out_that_watch_only() -> None:
    found = read(f"url,max_price\n{CARDS},cheap\n{CONSOLE},300\n", "list.csv")
    assert list(found.products) == [("walmart", "55885487")]
    assert found.not_carried == ["89542109: must be numeric, got 'cheap'"]


WATCHES = {
    "watching": {
        "a": {
            "url": CARDS,
            "title": "Cards",
            "paused": True,
            "time_between_check": {"minutes": 2},
            "tags": ["t"],
        },
        "b": {"url": "https://news.example.com"},
        "c": {"url": CONSOLE, "trigger_text": ["in stock"]},
    },
    "settings": {"application": {"tags": {"t": {"title": "gifts"}}}},
}


@pytest.mark.parametrize("zipped", [True, False])
def test_a_changedetection_backup_is_read(zipped: bool) -> None:
    content = json.dumps(WATCHES).encode()
    if zipped:
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as archive:
            archive.writestr("backup/url-watches.json", content)
        content = out.getvalue()
    found = read(content, "backup.zip" if zipped else "url-watches.json")
    assert found.products == {
        ("target", "89542109"): {
            "name": "Cards",
            "enabled": False,
            "tags": ["gifts"],
            "check_frequency": 120,
        },
        ("walmart", "55885487"): {},
    }
    assert found.not_carried == [
        "https://news.example.com is no product page of a retailer whose stock can be watched",
        f"{CONSOLE}: trigger_text has no place in Shopwatch and was not carried",
    ]


def test_a_streetmerchant_dotenv_carries_nothing_and_says_of_each_line_what_to_do() -> None:
    found = read(
        'STORES="bestbuy,target"\nMAX_PRICE_SERIES_3080=800\nDISCORD_WEB_HOOK=https://hush\n#X=1\nPAGE_SLEEP_MIN=5\n'
    )
    assert found.products == {}
    assert len(found.not_carried) == 4
    assert "hush" not in str(found.not_carried)


def test_the_mission_s_files_are_lists_too() -> None:
    found = read(
        '{"products": [{"tcin": "1234", "colour": "red"}], "settings": {"check_interval": 9}}',
        "product_config.json",
    )
    assert found.products == {("target", "1234"): {"check_frequency": 9}}
    assert found.not_carried == ["products.0.colour has no place in Shopwatch and was not carried"]


def test_of_a_whole_configuration_the_sections_that_are_no_watches_are_named() -> None:
    for name in ("ultra.json", "other.yaml"):
        found = read('{"products": {"1234": {}}, "monitor": {"background_sessions": 2}}', name)
        assert list(found.products) == [("target", "1234")]
        assert found.not_carried == ["monitor is no part of a watch list and was not carried"]
    with pytest.raises(Invalid, match=r"^bad\.json:1:"):
        read('{"products":', "bad.json")


def test_what_is_exported_is_read_back_the_same() -> None:
    file = parse(
        ShopwatchFile,
        {
            "products": {
                "89542109": {"name": "=Cards", "max_price": 5, "tags": ["a", "b"]},
                "bestbuy:1234": {"enabled": False},
            }
        },
    )
    written = write_csv(watches_of(file))
    assert "'=Cards" in written
    found = read(written, "list.csv")
    assert found.products["bestbuy", "1234"] == {"enabled": False}
    assert found.products["target", "89542109"]["tags"] == ["a", "b"]


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"PK\x03\x04broken", "x.zip"),
        (b"\xff\xfe\x00", "x.csv"),
        (b'{"watching": 3}', ""),
        (b"{}", "x.json"),
        (b"{", "a.json"),
    ],
)
def test_a_damaged_list_is_one_sentence(content: bytes, name: str) -> None:
    with pytest.raises(Invalid):
        read(content, name)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("https://www.target.com/p/x/-/A-89542109?preselect=1#lnk", ("target", "89542109")),
        ("www.target.com/p/-/A-89542109", ("target", "89542109")),
        ("https://www.bestbuy.com/site/x/6411488.p?skuId=6411488", ("bestbuy", "6411488")),
        ("https://evil.example/p/x/-/A-89542109", None),
        ("https://nottarget.com/p/x/-/A-89542109", None),
        ("verizon:1234", None),
        ("../../etc", None),
        ("", None),
    ],
)
def test_an_address_is_a_product_only_on_its_retailer_s_own_host(text: str, key: object) -> None:
    assert read_address(text) == key
