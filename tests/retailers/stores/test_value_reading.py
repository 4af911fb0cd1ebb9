"""Single values as six sites write them."""

from __future__ import annotations

import math

import pytest
from tests.paths import needs_recordings
from tests.retailers.recorded_stores import COUNTS, features

from shopwatch.domain.store import Store, StoreStatus
from shopwatch.retailers.parsing.raw import Raw, status_of
from shopwatch.retailers.parsing.values import (
    coordinates,
    country,
    iso_date,
    phone,
    postcode,
    slug,
    state,
    street,
    text,
)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("T-Mobile Veterans Memorial &amp; Broadmoore", "T-Mobile Veterans Memorial & Broadmoore"),
        ("AT&amp;amp;T Store", "AT&T Store"),
        ("Coeur d&#39;Alene", "Coeur d'Alene"),
        ("\n    Broadway & E 8th St\n  ", "Broadway & E 8th St"),
        ("Zero\u200bwidth\u00a0and  blanks", "Zerowidth and blanks"),
        ("Caf\u00e9 <b>x</b>", "Café <b>x</b>"),
        ("null", None),
        ("None", None),
        ("", None),
        ("  ", None),
        (None, None),
        (True, None),
        ({}, None),
        (["x"], None),
        (2354, "2354"),
    ],
)
def test_text(written: object, expected: str | None) -> None:
    assert text(written) == expected


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("7062783579", "+17062783579"),
        (7062783579, "+17062783579"),
        ("(337) 595-7715", "+13375957715"),
        ("+1 212-677-4673", "+12126774673"),
        ("952-888-7701", "+19528887701"),
        ("1-952-888-7701", "+19528887701"),
        ("612.866.0957", "+16128660957"),
        ("+16128619400", "+16128619400"),
        ("612-866-0957 ext. 12", "+16128660957"),
        ("+44 20 7946 0958", "+442079460958"),
        ("787-555-0100", "+17875550100"),
        ("123", None),
        ("0000000000", None),
        ("no phone", None),
        ("null", None),
        (None, None),
    ],
)
def test_phones_become_e164(written: object, expected: str | None) -> None:
    assert phone(written) == expected


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (7652, "07652"),
        (7652.0, "07652"),
        ("07652", "07652"),
        ("949", "00949"),
        (30720, "30720"),
        ("55431-1250", "55431-1250"),
        ("554311250", "55431-1250"),
        ("01906-470", "01906"),
        ("96766 ", "96766"),
        ("K1A 0B1", "K1A 0B1"),
        ("null", None),
        (None, None),
    ],
)
def test_postcodes_get_their_zeros_back(written: object, expected: str | None) -> None:
    assert postcode(written) == expected


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("MN", "MN"),
        ("mn", "MN"),
        ("Minnesota", "MN"),
        ("north-carolina", "NC"),
        ("District Of Columbia", "DC"),
        ("washington-dc", "DC"),
        ("Washington, D.C.", "DC"),
        ("Washington", "WA"),
        ("Puerto Rico", "PR"),
        ("Ontario", "Ontario"),
        (None, None),
    ],
)
def test_states_become_two_letters(written: object, expected: str | None) -> None:
    assert state(written) == expected


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("US", "US"),
        ("United States of America", "US"),
        ({"@type": "Country", "name": "US"}, "US"),
        (None, "US"),
        ("PR", "PR"),
        ({}, "US"),
    ],
)
def test_countries(written: object, expected: str) -> None:
    assert country(written) == expected


@pytest.mark.parametrize(
    ("lat", "lon", "expected"),
    [
        ("34.7608179", "-84.996595", (34.7608179, -84.996595)),
        (44.86, -93.31, (44.86, -93.31)),
        ("null", "null", (None, None)),
        ("34.7", None, (None, None)),
        ("34.7", "x", (None, None)),
        (math.nan, -84.9, (None, None)),
        (95, -84.9, (None, None)),
        (34.7, 184.9, (None, None)),
        (0, 0, (0.0, 0.0)),
    ],
)
def test_half_a_place_is_none(lat: object, lon: object, expected: tuple[float | None, float | None]) -> None:
    assert coordinates(lat, lon) == expected


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("12-Mar-15", "2015-03-12"),
        ("01/19/2005 00:00", "2005-01-19"),
        ("2018-03-14", "2018-03-14"),
        ("soon", None),
        (None, None),
    ],
)
def test_dates(written: object, expected: str | None) -> None:
    assert iso_date(written) == expected


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (("1663 Lincoln WaySte G",), ("1663 Lincoln Way", "Ste G")),
        (("2725 El Camino RealSuite 103",), ("2725 El Camino Real", "Suite 103")),
        (("134 VINTAGE PARK BOULEVARDSte C",), ("134 VINTAGE PARK BOULEVARD", "Ste C")),
        (("4788 Highway 90Ste 1",), ("4788 Highway 90", "Ste 1")),
        (("12 Main St Ste 5",), ("12 Main St Ste 5",)),
        (("9 Unity Rd",), ("9 Unity Rd",)),
        (("745 Broadway", None, ""), ("745 Broadway",)),
        (("745 Broadway", "745 Broadway"), ("745 Broadway",)),
    ],
)
def test_a_glued_suite_is_a_line_of_its_own(lines: tuple[object, ...], expected: tuple[str, ...]) -> None:
    assert street(*lines) == expected


def test_slugs() -> None:
    assert slug("St. John's  Town") == "st-john-s-town"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Dalton", StoreStatus.OPEN),
        ("Dalton - CLOSED", StoreStatus.CLOSED),
        ("Dalton (Permanently Closed)", StoreStatus.CLOSED),
        ("Dalton - Coming Soon", StoreStatus.COMING),
        ("The Enclosed Mall", StoreStatus.OPEN),
    ],
)
def test_a_name_may_say_that_a_store_is_closed(name: str, expected: StoreStatus) -> None:
    assert status_of(name) is expected


@pytest.mark.parametrize("missing", [{"ref": "null"}, {"name": " "}, {"lines": (None,), "city": "null"}])
def test_a_store_has_a_number_a_name_and_a_place(missing: dict[str, object]) -> None:
    whole: dict[str, object] = {"ref": "7", "name": "Dalton", "city": "Dalton"}
    assert Raw(**whole).store("verizon").city == "Dalton"  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"number or a name|nowhere"):
        Raw(**whole | missing).store("verizon")  # type: ignore[arg-type]


def test_services_are_sorted_so_that_their_order_is_no_change() -> None:
    one = Raw(ref="1", name="x", city="y", services=("b", "a", "b", None)).store("target")
    assert one.services == ("a", "b")


@needs_recordings
@pytest.mark.parametrize("retailer", COUNTS)
def test_every_recorded_value_survives(retailer: str) -> None:
    lost: list[object] = []
    for one in features(retailer):
        said = one["properties"]
        lon, lat = (one.get("geometry") or {"coordinates": (None, None)})["coordinates"]
        found: Store = (
            Raw(
                ref=said["ref"],
                name=said["name"],
                lines=(said.get("addr:full"),),
                city=said.get("addr:city"),
                state=said.get("addr:state"),
                postcode=said.get("addr:postcode"),
                phone=said.get("phone"),
                lat=lat,
                lon=lon,
            ).store(retailer)
            if said.get("addr:full")
            else Raw(ref="1", name="the one without a place", city="x").store("att")
        )
        given = ("phone", "addr:postcode", "addr:city", "addr:state")
        read = (found.phone, found.postcode, found.city, found.state)
        lost += [
            (name, said.get(name))
            for name, value in zip(given, read, strict=True)
            if said.get(name) and not value
        ]
        if said.get("addr:full") and "".join(found.address) != "".join(
            part.strip() for part in (" ".join(said["addr:full"].split()),)
        ).strip(" ,"):
            lost.append(said["addr:full"])
    assert not lost
    assert len(features(retailer)) == COUNTS[retailer]
