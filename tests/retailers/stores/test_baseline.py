"""Directories from elsewhere: what is read of them, and what is said of every line that is not whole."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from tests.paths import needs_recordings
from tests.retailers.recorded_stores import COUNTS, STORES
from tests.store_builders import a_store, as_known, stores

from shopwatch.domain.errors import Invalid
from shopwatch.domain.hours import DatedHours
from shopwatch.domain.store import Store, StoreStatus
from shopwatch.domain.store_check import check_stores
from shopwatch.locator.export import export
from shopwatch.locator.rows import Edition
from shopwatch.retailers.baseline import Baseline, read_baseline

NOW = datetime(2026, 1, 17, 4, 45, tzinfo=UTC)
OURS = Edition(retailer="target", run_id="target_20260117_044500", published_at=NOW, exported_at=NOW)


def feature(ref: object = "3", **tags: Any) -> dict[str, Any]:
    said = {"ref": ref, "name": "Crystal", "brand": "Target", "addr:state": "MN", **tags}
    point = {"type": "Point", "coordinates": [-93.4, 45.1]}
    return {"type": "Feature", "properties": said, "geometry": point}


def geojson(*features: object, indent: int | None = None) -> bytes:
    lines = ",\n".join(json.dumps(one, indent=indent) for one in features)
    return f'{{"type": "FeatureCollection", "features": [\n{lines}\n]}}\n'.encode()


def remarks(baseline: Baseline) -> list[str]:
    return [str(remark) for remark in baseline.remarks]


def exported(format_name: str, *seen: Store) -> bytes:
    return b"".join(export(as_known(seen), format_name, OURS))


@needs_recordings
@pytest.mark.parametrize("retailer", COUNTS)
def test_a_recorded_set_is_read_whole(retailer: str) -> None:
    read = read_baseline((STORES / retailer / "alltheplaces_2021-12.geojson.gz").read_bytes(), "geojson")

    assert (read.retailer, len(read.stores), read.remarks) == (retailer, COUNTS[retailer], ())
    check = check_stores(read.stores)
    assert not any(count.malformed for count in check.fields.values()), check.examples
    assert all("/" not in store.ref for store in read.stores)


@needs_recordings
def test_a_set_that_names_stores_by_their_pages_and_is_written_over_many_lines_is_read_too() -> None:
    path = next((STORES / "target" / "history").glob("*2021-11-13*"))
    read = read_baseline(path.read_bytes(), "geojson")

    crystal = next(store for store in read.stores if store.ref == "3")
    assert (crystal.address, crystal.phone) == (("5537 West Broadway Avenue",), "+17635332231")
    assert read.remarks == ()


def test_what_we_export_as_csv_comes_back_as_it_was() -> None:
    whole = a_store(
        7, name="=Target", corporate=True, services=("CVS pharmacy", "Starbucks"), opened_on="2015-03-12"
    )
    read = read_baseline(exported("csv", whole, *stores(3)), "csv")

    assert (read.retailer, read.stores, read.remarks) == ("target", (whole, *stores(3)), ())


def test_dated_hours_are_of_their_own_time_and_not_imported() -> None:
    holiday = DatedHours(date="2025-12-25", intervals=())
    read = read_baseline(exported("csv", a_store(1, dated_hours=(holiday,))), "csv")

    assert read.stores == (a_store(1),)


def test_what_we_export_as_geojson_comes_back_as_it_was() -> None:
    closed = a_store(2, status=StoreStatus.CLOSED)
    read = read_baseline(gzip.compress(exported("geojson", a_store(1), closed)), "geojson")

    assert (read.retailer, read.stores, read.remarks) == ("target", (a_store(1), closed), ())


def test_every_bad_line_is_said_with_its_number_and_the_rest_is_read() -> None:
    read = read_baseline(
        geojson(
            feature("1"),
            feature(None),
            feature("2", name=" "),
            feature("1"),
            feature("4", brand="Walmart"),
            "no feature",
            feature("5", phone="call us", opening_hours="when it rains"),
            feature("6"),
        ),
        "geojson",
        retailer="target",
    )
    assert [store.ref for store in read.stores] == ["1", "5", "6"]
    assert remarks(read) == [
        "line 3: no ref: left out",
        "line 4: store 2 has no name: left out",
        "line 5: store 1 again: left out, the first one counts",
        "line 6: a store of Walmart: left out",
        "line 7: no ref: left out",
        "line 8: store 5: phone not understood ('call us'), kept without",
        "line 8: store 5: hours not understood ('when it rains'), kept without",
    ]


def test_the_line_is_right_where_a_feature_has_many() -> None:
    read = read_baseline(geojson(feature("1"), feature(None), indent=2), "geojson")
    ends = json.dumps(feature("1"), indent=2).count("\n") + 1

    assert remarks(read) == [f"line {2 + ends}: no ref: left out"]


def test_a_bad_line_of_a_csv_is_said_by_its_number_even_after_a_cell_of_two_lines() -> None:
    raw = b'ref,name,retailer,phone\n1,"Crys\ntal",att,\n,nobody,att,\n3,Fargo,att,12\n'
    read = read_baseline(raw, "csv")

    assert [store.name for store in read.stores] == ["Crys tal", "Fargo"]
    assert remarks(read) == [
        "line 4: no ref: left out",
        "line 5: store 3: phone not understood ('12'), kept without",
    ]


@pytest.mark.parametrize(
    ("raw", "format_name", "said"),
    [
        (b"<html>", "geojson", 'it has no list "features"'),
        (geojson(feature("1"))[:-40], "geojson", "broken or cut off: line 2"),
        (geojson(), "geojson", "no retailer's name: say whose stores to take with --retailer"),
        (geojson(feature("1"), feature("2", brand="Walmart")), "geojson", "the stores of several retailers"),
        (geojson(feature(None)), "geojson", "no store of Target that could be used: line 2: no ref"),
        (b"\x1f\x8b\x08broken", "geojson", "cannot be unpacked"),
        (b"\xff\xfe", "csv", "not UTF-8 text"),
        (b"a,b\n1,2\n", "csv", "needs the columns ref and name"),
        (b"", "csv", "needs the columns ref and name"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_with_the_reason(
    raw: bytes, format_name: str, said: str
) -> None:
    with pytest.raises(Invalid, match=said.replace("(", r"\(")):
        read_baseline(raw, format_name)


def test_a_number_where_text_is_expected_keeps_its_zeros() -> None:
    read = read_baseline(geojson(feature(3, **{"addr:postcode": 7652})), "geojson")

    assert (read.stores[0].ref, read.stores[0].postcode) == ("3", "07652")


def test_a_store_with_an_end_date_is_closed() -> None:
    assert read_baseline(geojson(feature(end_date="yes")), "geojson").stores[0].status is StoreStatus.CLOSED
