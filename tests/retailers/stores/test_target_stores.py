"""Target's store pages, read from real records of 2026 and 2023."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from tests.paths import needs_recordings
from tests.retailers.recorded_stores import document
from tests.retailers.store_pages import flight_page, one_store, page

from shopwatch.domain.errors import Gone, LayoutChanged
from shopwatch.domain.store import StoreStatus
from shopwatch.domain.store_check import Fault, findings
from shopwatch.retailers.stores.target import store_of

URL = "https://www.target.com/sl/bloomington-79th-and-penn/5"
NEIGHBOUR = {"store_id": "2283", "location_name": "Richfield", "state": "Minnesota"}
SMALL = {
    "store_id": "5",
    "location_name": 'Bloomington "79th" \\ Penn',
    "status": "Open",
    "is_test_location": False,
    "mailing_address": {
        "address_line1": "2555 W 79th St",
        "city": "Bloomington",
        "region": "MN",
        "state": "Minnesota",
        "postal_code": "55431-1250",
        "country_code": "US",
    },
    "main_voice_phone_number": None,
    "contact_information": [
        {
            "building_area": "Capability",
            "capability": "CVS pharmacy",
            "telephone_type": "VOICE",
            "telephone_number": "952-888-4677",
        },
        {"building_area": "MAIN", "telephone_type": "FAX", "telephone_number": "952-356-3920"},
        {"building_area": "MAIN", "telephone_type": "VOICE", "telephone_number": "952-888-7701"},
    ],
    "rolling_operating_hours": {
        "main_hours": {
            "days": [
                {
                    "date": "2026-07-07",
                    "is_open": True,
                    "hours": [
                        {
                            "begin_date": "2026-07-07",
                            "begin_time": "07:00:00",
                            "end_date": "2026-07-07",
                            "end_time": "22:00:00",
                        }
                    ],
                },
                {
                    "date": "2026-07-08",
                    "is_open": True,
                    "hours": [
                        {
                            "begin_date": "2026-07-08",
                            "begin_time": "07:00:00",
                            "end_date": "2026-07-09",
                            "end_time": "00:30:00",
                        }
                    ],
                },
                {"date": "2026-07-09", "is_open": False},
                {"date": "2026-07-10", "is_open": True},
            ]
        }
    },
}


def small(**changed: Any) -> dict[str, Any]:
    return copy.deepcopy(SMALL) | changed


def test_the_record_is_found_among_the_neighbours_and_in_pieces() -> None:
    for size in (7, 50, 100_000):
        store = one_store("target", page(flight_page(small(), NEIGHBOUR, {"store_id": "5"}, size=size), URL))
        assert (store.ref, store.name, store.city) == ("5", 'Bloomington "79th" \\ Penn', "Bloomington")
        assert store.url == URL


def test_the_record_is_found_escaped_in_any_script() -> None:
    escaped = json.dumps({"store": {"store": small(location_name="Edina")}}).replace('"', '\\"')
    assert one_store("target", page(f'<script>x("{escaped}")</script>', URL)).name == "Edina"


def test_the_main_phone_is_neither_the_pharmacys_nor_a_fax() -> None:
    assert one_store("target", page(flight_page(small()), URL)).phone == "+19528887701"


def test_dated_hours_stay_apart_and_a_closed_day_has_no_hours() -> None:
    store = one_store("target", page(flight_page(small()), URL))
    assert [(day.date, day.intervals) for day in store.dated_hours] == [
        ("2026-07-07", ((420, 1320),)),
        ("2026-07-08", ((420, 1470),)),
        ("2026-07-09", ()),
    ]
    assert store.hours == "Tu 07:00-22:00; We 07:00-24:00; Th 00:00-00:30"


def test_another_stores_record_alone_is_a_layout_change() -> None:
    with pytest.raises(LayoutChanged):
        one_store("target", page(flight_page(small(store_id="6"), NEIGHBOUR), URL))


def test_a_neighbours_stub_alone_is_a_layout_change() -> None:
    with pytest.raises(LayoutChanged):
        one_store("target", page(flight_page(NEIGHBOUR | {"store_id": "5"}), URL))


def test_the_test_store_is_none() -> None:
    url = "https://www.target.com/sl/store-labs-saturn/7819"
    with pytest.raises(Gone, match="test location"):
        one_store("target", page(flight_page(small(store_id="7819", is_test_location=True)), url))


@pytest.mark.parametrize(
    ("word", "status"),
    [("Open", StoreStatus.OPEN), ("Closed", StoreStatus.CLOSED), ("Future", StoreStatus.COMING)],
)
def test_the_sites_words_for_a_status(word: str, status: StoreStatus) -> None:
    assert one_store("target", page(flight_page(small(status=word)), URL)).status is status


@needs_recordings
def test_the_three_whole_records_of_2026() -> None:
    records = document("target/scrapfly_store_location_v1_stores.json")
    assert len(records) == 3
    for record in records:
        url = f"https://www.target.com/sl/x/{record['store_id']}"
        store = one_store("target", page(flight_page(record, NEIGHBOUR, size=3000), url))
        place, geo = record["mailing_address"], record["geographic_specifications"]
        assert (store.ref, store.name) == (record["store_id"], record["location_name"])
        assert store.address == (place["address_line1"],)
        assert (store.city, store.state, store.postcode) == (
            place["city"],
            place["region"],
            place["postal_code"],
        )
        assert (store.lat, store.lon) == (geo["latitude"], geo["longitude"])
        assert store.phone == "+1" + record["main_voice_phone_number"].replace("-", "")
        assert len(store.dated_hours) == 14
        assert set(store.services) == {one["capability_name"] for one in record["capabilities"]}
        assert store.kind == record["physical_specifications"]["format"]
        assert [one for one in findings(store) if one.fault is not Fault.MISSING] == []


@needs_recordings
def test_a_whole_record_word_for_word() -> None:
    record = document("target/scrapfly_store_location_v1_stores.json")[0]
    store = store_of(record)
    assert (store.name, store.phone, store.postcode) == (
        "Bloomington 79th and Penn",
        "+19528887701",
        "55431-1250",
    )
    assert (store.hours, store.status) == ("Mo-Su 07:00-22:00", StoreStatus.OPEN)
    assert "Café-Pizza" in store.services


@needs_recordings
def test_the_sixteen_records_of_redsky_v3() -> None:
    records = document("target/redsky_v3_stores_nearby_2023-01-20.json")["locations"]
    assert len(records) == 16
    for record in records:
        store = store_of(record)
        assert store.ref == str(record["location_id"])
        assert store.name == record["location_names"][0]["name"]
        assert store.phone == "+1" + record["contact_information"]["telephone_number"].replace("-", "")
        assert (store.state, len(store.dated_hours)) == (record["address"]["region"], 2)
        assert [one for one in findings(store) if one.fault is not Fault.MISSING] == []
