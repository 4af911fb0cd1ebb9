"""The last good set and its changes as files for other programs."""

from __future__ import annotations

import csv
import io
import json
import xml.etree.ElementTree as ET
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from tests.store_builders import FIRST, a_store, as_known, days, stores

from shopwatch.domain.errors import Invalid
from shopwatch.domain.hours import DatedHours
from shopwatch.domain.store import Store, StoreStatus
from shopwatch.locator.changes import reconcile
from shopwatch.locator.export import export, export_all, export_file, written_edition
from shopwatch.locator.feed import feed, summary
from shopwatch.locator.files import RunFiles
from shopwatch.locator.rows import COLUMNS, Edition
from shopwatch.ports import KnownStore, StoreChange

EDITION = Edition(
    retailer="target",
    run_id="target_20210826_060000",
    published_at=FIRST,
    exported_at=FIRST + timedelta(hours=3),
)


def exported(seen: list[Store], name: str) -> bytes:
    return b"".join(export(as_known(seen), name, EDITION))


def rows(seen: list[Store]) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(exported(seen, "csv").decode(), newline="")))


def document(seen: list[Store], name: str = "json") -> dict[str, Any]:
    found: dict[str, Any] = json.loads(exported(seen, name))
    return found


def test_csv_has_one_row_for_each_store_in_fixed_columns() -> None:
    [row] = rows([a_store(7, postcode="07652", services=("Cafe", "Optical"))])

    assert tuple(row) == COLUMNS
    assert row["ref"] == "7"
    assert row["postcode"] == "07652"
    assert row["phone"] == "+12185550007"
    assert row["lon"] == "-90.007"
    assert row["services"] == "Cafe; Optical"
    assert (row["run_id"], row["published_at"]) == ("target_20210826_060000", "2021-08-26T06:00:00Z")


@pytest.mark.parametrize(
    "name", ["=1+2", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "\r=1", " =1", "|calc", "%0A=1"]
)
def test_no_cell_of_the_csv_is_a_formula(name: str) -> None:
    [row] = rows([a_store(1, name=name)])

    assert row["name"].strip()[0] == "'"


def test_what_is_not_known_is_an_empty_cell() -> None:
    [row] = rows([a_store(1, phone=None, corporate=None, status=StoreStatus.UNKNOWN)])

    assert (row["phone"], row["corporate"], row["status"]) == ("", "", "")


def test_text_of_a_site_stays_on_one_line_and_keeps_its_letters() -> None:
    [row] = rows([a_store(1, name='Cañon  City\n"Mall"\x00', corporate=True)])

    assert row["name"] == 'Cañon City "Mall"'
    assert row["corporate"] == "true"


def test_dated_hours_stand_apart_from_the_week() -> None:
    christmas = (
        DatedHours(date="2021-12-24", intervals=((420, 1200),)),
        DatedHours(date="2021-12-25", intervals=()),
    )
    [row] = rows([a_store(1, dated_hours=christmas)])

    assert row["hours"] == "Mo-Su 08:00-22:00"
    assert row["dated_hours"] == "2021-12-24 07:00-20:00; 2021-12-25 closed"


def test_json_says_of_which_run_it_is_and_how_old() -> None:
    found = document([a_store(1)])

    assert {
        name: found[name] for name in ("retailer", "run_id", "published_at", "exported_at", "age_seconds")
    } == {
        "retailer": "target",
        "run_id": "target_20210826_060000",
        "published_at": "2021-08-26T06:00:00Z",
        "exported_at": "2021-08-26T09:00:00Z",
        "age_seconds": 10_800,
    }
    assert found["stores"][0]["address"] == ["1 Main Street"]
    assert found["stores"][0]["first_seen"] == "2021-08-26T06:00:00Z"


@pytest.mark.parametrize("count", [0, 1, 199, 200, 201, 400, 1001])
def test_every_format_holds_every_store(count: int) -> None:
    seen = stores(count)

    assert len(rows(seen)) == count
    assert len(document(seen)["stores"]) == count
    assert len(document(seen, "geojson")["features"]) == count


def test_geojson_speaks_openstreetmap_s_words() -> None:
    found = document([a_store(1, dealer="Victra")], "geojson")
    [feature] = found["features"]

    assert found["type"] == "FeatureCollection"
    assert feature["geometry"] == {"type": "Point", "coordinates": [-90.001, 40.001]}
    assert feature["properties"]["addr:city"] == "Duluth"
    assert feature["properties"]["opening_hours"] == "Mo-Su 08:00-22:00"
    assert feature["properties"]["operator"] == "Victra"


def test_a_store_without_a_position_is_a_feature_without_a_place() -> None:
    [feature] = document([a_store(1, lat=None, phone=None)], "geojson")["features"]

    assert feature["geometry"] is None
    assert "phone" not in feature["properties"]


def test_xlsx_keeps_text_text_and_numbers_numbers() -> None:
    packed = exported([a_store(1, name="=HYPERLINK(1)", postcode="07652")], "xlsx")
    book = load_workbook(io.BytesIO(packed))
    header, row = book["stores"].iter_rows()
    cells = dict(zip((cell.value for cell in header), row, strict=True))

    assert (cells["name"].value, cells["name"].data_type) == ("=HYPERLINK(1)", "s")
    assert cells["postcode"].value == "07652"
    assert cells["lat"].value == 40.001
    assert book["about"]["B2"].value == "target_20210826_060000"
    book.close()


def test_a_store_closed_for_good_is_in_no_export() -> None:
    known = [
        *as_known(stores(2)),
        KnownStore(store=a_store(3), first_seen=FIRST, last_seen=FIRST, closed_at=FIRST),
    ]

    assert len(json.loads(b"".join(export(known, "json", EDITION)))["stores"]) == 2


def test_a_store_its_page_calls_closed_is_flagged_not_dropped() -> None:
    assert document([a_store(1, status=StoreStatus.CLOSED)])["stores"][0]["status"] == "closed"


def test_an_unknown_format_is_told() -> None:
    with pytest.raises(Invalid, match="no format 'xml': it must be one of csv, json, geojson, xlsx"):
        export((), "xml", EDITION)


def test_the_kept_files_are_replaced_whole(tmp_path: Path) -> None:
    files = RunFiles(tmp_path, "target")
    paths = export_all(as_known(stores(3)), files, EDITION)
    export_all(as_known(stores(2)), files, EDITION)

    assert [path.name for path in paths] == [
        "target_stores.csv",
        "target_stores.json",
        "target_stores.geojson",
    ]
    assert len(json.loads(files.output("json").read_bytes())["stores"]) == 2
    assert sorted(path.name for path in (tmp_path / "target" / "output").iterdir()) == sorted(
        path.name for path in paths
    )


def test_an_exported_file_says_whose_set_it_holds(tmp_path: Path) -> None:
    path = tmp_path / "target_stores.json"
    assert written_edition(path) is None
    path.write_text("half a file")
    assert written_edition(path) is None
    for count in (0, 3):
        export_file(as_known(stores(count)), path, EDITION)
        assert written_edition(path) == "target_20210826_060000"


def test_a_file_s_ending_names_its_format(tmp_path: Path) -> None:
    export_file(as_known(stores(1)), tmp_path / "mine.xlsx", EDITION)

    assert (tmp_path / "mine.xlsx").read_bytes()[:2] == b"PK"


# --- the change feed ---------------------------------------------------------------------------------------


def some_changes() -> list[StoreChange]:
    known = as_known(stores(20))
    seen = [*stores(18), a_store(19, phone="+12185559999", name="Target <Duluth> & more"), a_store(21)]
    first = reconcile(known, seen, run_id="run_1", now=FIRST + days(7))
    second = reconcile(first.known, seen, run_id="run_2", now=FIRST + days(14))
    return [*second.changes, *first.changes]


def test_a_change_is_told_in_a_sentence() -> None:
    assert [summary(change) for change in some_changes()] == [
        "Store 20: closed (Target 20, 20 Main Street, Duluth, MN)",
        "Store 19: renamed: was Target 19, is Target <Duluth> & more",
        "Store 19: phone: was +12185550019, is +12185559999",
        "Store 21: a new store (Target 21, 21 Main Street, Duluth, MN)",
    ]


def test_the_feed_as_json() -> None:
    found = json.loads(feed(some_changes(), "json", name="Target", now=FIRST))

    assert [change["kind"] for change in found["changes"]] == ["closed", "renamed", "phone", "opened"]
    assert found["changes"][2]["before"] == {"phone": "+12185550019"}


def test_the_feed_as_csv_has_no_formula() -> None:
    change = StoreChange(
        at=FIRST, retailer="target", ref="=1+1", kind="phone", run_id="r", before={"phone": "=2"}
    )
    found = list(
        csv.DictReader(io.StringIO(feed([change], "csv", name="Target", now=FIRST).decode(), newline=""))
    )

    assert found[0]["ref"] == "'=1+1"
    assert json.loads(found[0]["before"]) == {"phone": "=2"}


def test_the_feed_as_rss_is_well_formed_and_dated() -> None:
    text = feed(some_changes(), "rss", name="Target", now=FIRST, link="http://127.0.0.1:5001/#stores")
    channel = ET.fromstring(text).find("channel")

    assert channel is not None
    titles = [entry.findtext("title") for entry in channel.iter("item")]
    assert titles[1] == "Store 19: renamed: was Target 19, is Target <Duluth> & more"
    assert channel.findtext("item/pubDate") == "Thu, 09 Sep 2021 06:00:00 GMT"
    guids = [entry.findtext("guid") for entry in channel.iter("item")]
    assert len(set(guids)) == len(guids)


def test_an_empty_feed_is_a_feed() -> None:
    assert json.loads(feed([], "json", name="Target", now=datetime.now(UTC)))["changes"] == []
    assert ET.fromstring(feed([], "rss", name="A & B", now=FIRST)).findtext("channel/title") == (
        "A & B: stores that changed"
    )


def test_an_unknown_feed_format_is_told() -> None:
    with pytest.raises(Invalid, match="no format 'atom'"):
        feed([], "atom", name="Target", now=FIRST)
