"""Walmart's store pages of two ages, its soft 404 and its walls."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.paths import RECORDINGS, needs_recordings
from tests.retailers.recorded_stores import document
from tests.retailers.store_pages import next_page, one_store, page, parse, script

from shopwatch.domain.errors import Blocked, Gone, LayoutChanged, Unreachable
from shopwatch.domain.store import StoreStatus
from shopwatch.domain.store_check import Fault, findings
from shopwatch.retailers.registry import RETAILERS
from shopwatch.retailers.stores.walmart_redux import redux_store

URL = "https://www.walmart.com/store/7-sherwood-ar"
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def node(**changed: Any) -> dict[str, Any]:
    return {
        "id": "7",
        "name": "Walmart Supercenter",
        "displayName": "Sherwood Supercenter, Sherwood",
        "type": "STORE",
        "phoneNumber": "501-833-0972",
        "address": {
            "addressLineOne": "9053 Highway 107",
            "addressLineTwo": None,
            "city": "Sherwood",
            "state": "AR",
            "postalCode": "72120",
            "country": "US",
        },
        "geoPoint": {"latitude": 34.838767, "longitude": -92.236838},
        "open24Hours": False,
        "operationalHours": [{"day": day, "start": "06:00", "end": "23:00", "closed": False} for day in DAYS],
        "services": [{"name": "PHARMACY", "displayName": "Pharmacy"}, {"name": "GAS_STATION"}],
        "capabilities": [{"accessPointType": "PICKUP_CURBSIDE"}, {"accessPointType": "DELIVERY_ADDRESS"}],
    } | changed


def next_of(detail: object) -> str:
    return next_page(
        {"props": {"pageProps": {"initialData": {"initialDataNodeDetail": {"data": {"nodeDetail": detail}}}}}}
    )


def test_every_field_of_a_store() -> None:
    store = one_store("walmart", page(next_of(node()), URL))
    assert store.key == ("walmart", "7")
    assert (store.name, store.kind) == ("Sherwood Supercenter", "Supercenter")
    assert (store.address, store.city, store.state) == (("9053 Highway 107",), "Sherwood", "AR")
    assert (store.postcode, store.phone, store.url) == ("72120", "+15018330972", URL)
    assert (store.lat, store.lon, store.hours) == (34.838767, -92.236838, "Mo-Su 06:00-23:00")
    assert store.services == ("DELIVERY_ADDRESS", "GAS_STATION", "PICKUP_CURBSIDE", "Pharmacy")
    assert store.status is StoreStatus.OPEN


def test_the_phone_may_stand_in_either_field() -> None:
    other = node(phone="501-833-0973")
    del other["phoneNumber"]
    assert one_store("walmart", page(next_of(other), URL)).phone == "+15018330973"


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("Walmart Supercenter", "Supercenter"),
        ("Walmart Neighborhood Market", "Neighborhood Market"),
        ("Walmart", "Walmart"),
    ],
)
def test_kinds(name: str, kind: str) -> None:
    assert one_store("walmart", page(next_of(node(name=name)), URL)).kind == kind


def test_round_the_clock_and_closed_days() -> None:
    assert one_store("walmart", page(next_of(node(open24Hours=True)), URL)).hours == "Mo-Su 00:00-24:00"
    hours = node()["operationalHours"]
    hours[6] = {"day": "Sunday", "start": None, "end": None, "closed": True}
    hours[5] = {"day": "Saturday", "start": None, "end": None, "closed": False}
    assert (
        one_store("walmart", page(next_of(node(operationalHours=hours)), URL)).hours
        == "Mo-Fr 06:00-23:00; Su closed"
    )


def test_the_services_page_has_the_same_record_elsewhere() -> None:
    moved = next_page({"props": {"pageProps": {"initialDataNodeDetail": {"data": {"nodeDetail": node()}}}}})
    assert one_store("walmart", page(moved, URL)).ref == "7"


def test_a_closed_store_of_the_sitemap_is_gone() -> None:
    with pytest.raises(Gone):
        one_store("walmart", page(next_of(None), URL))


def test_an_empty_record_is_not_gone_but_strange() -> None:
    records: list[object] = [{}, [], "", 0]
    for strange in records:
        with pytest.raises(LayoutChanged):
            one_store("walmart", page(next_of(strange), URL))


def test_another_stores_page_is_asked_for_again() -> None:
    with pytest.raises(Unreachable, match="answered with store 8"):
        one_store("walmart", page(next_of(node(id="8")), URL))


def redux(**changed: Any) -> dict[str, Any]:
    return {
        "id": 3341,
        "displayName": "Dallas Neighborhood Market",
        "phone": "214-953-0460",
        "geoPoint": {"latitude": 32.800647, "longitude": -96.794125},
        "address": {
            "streetAddress": "2305 N Central Expy",
            "city": "Dallas",
            "state": "TX",
            "postalCode": "75204",
            "country": "US",
        },
        "storeType": {"id": 4, "name": "Neighborhood Market"},
        "operationalHours": {
            "saturdayHrs": {"startHr": "06:00", "endHr": "22:00"},
            "sundayHrs": {"closed": True},
            "monToFriHrs": {"startHr": "06:00", "endHr": "23:00"},
        },
        "primaryServices": [{"name": "PHARMACY", "active": True}, {"name": "VISION_CENTER", "active": False}],
        "openDate": "01/19/2005 00:00",
    } | changed


def test_a_page_of_before_august_2022() -> None:
    old = (
        script("x", 1)
        + f"<script>window.__WML_REDUX_INITIAL_STATE__ = {json.dumps({'store': redux()})};</script>"
    )
    store = one_store("walmart", page(old, "https://www.walmart.com/store/3341/dallas-tx/details"))
    assert (store.ref, store.kind, store.opened_on) == ("3341", "Neighborhood Market", "2005-01-19")
    assert store.hours == "Mo-Fr 06:00-23:00; Sa 06:00-22:00; Su closed"
    assert store.services == ("PHARMACY",)


def test_the_combined_hours_of_before_august_2022() -> None:
    combined = [
        {"startDayName": "Mon", "endDayName": "Sat", "dailyHours": {"startHr": "06:00", "endHr": "23:00"}},
        {"startDayName": "Sun", "endDayName": "Sun", "dailyHours": {"openFullDay": True}},
    ]
    assert redux_store(redux(operationalHoursCombined=combined)).hours == "Mo-Sa 06:00-23:00; Su 00:00-24:00"
    assert redux_store(redux(operationalHours={"open24Hours": True})).hours == "Mo-Su 00:00-24:00"


@needs_recordings
def test_the_fifteen_recorded_stores_of_2021() -> None:
    records = document("walmart/GETstoreslistpreferredtest_mock_payload_2021.json")["stores"]
    stores = [redux_store(record) for record in records]
    assert [store.ref for store in stores] == [record["storeId"] for record in records]
    assert len(stores) == 15
    for store, record in zip(stores, records, strict=True):
        assert store.address == (record["address"]["address1"],)
        assert store.hours is not None
        assert [one for one in findings(store) if one.fault is not Fault.MISSING] == []
    assert stores[0].hours == "Mo-Su 06:00-23:00"
    assert stores[0].opened_on == "2005-01-19"
    assert stores[0].services == ("SCAN_AND_GO",)


@needs_recordings
def test_a_recorded_pickup_counter_names_its_hours_by_day() -> None:
    records = document("walmart/GETstoreslistpreferredtest_mock_payload_2021.json")["stores"]
    (counter,) = [redux_store(one) for one in records if one["storeId"] == "91021"]
    assert (counter.kind, counter.corporate) == ("FedEx Office", False)
    assert counter.hours == "Mo-Th closed; Fr 07:30-21:00; Sa-Su closed"


def recognise(body: str | bytes, url: str = URL, status: int = 200) -> None:
    recogniser = RETAILERS["walmart"].recognise_wall
    assert recogniser is not None
    recogniser(page(body, url, status=status))


@needs_recordings
def test_the_recorded_wall_is_a_wall_and_no_store() -> None:
    body = (RECORDINGS / "stores/walmart/captcha_page_2021.html").read_bytes()
    with pytest.raises(Blocked) as caught:
        recognise(body)
    assert caught.value.challenge
    with pytest.raises(LayoutChanged):
        parse("walmart", "extract", page(body, URL))


@pytest.mark.parametrize(
    ("body", "url", "status"),
    [
        (
            '<html><head><title>Robot or human?</title></head><body id="px-captcha"></body></html>',
            URL,
            200,
        ),
        (
            '{"redirectUrl":"/blocked?url=Lw==","appId":"PXu6b0qd2S","jsClientSrc":"/px/PXu6b0qd2S/init.js"}',
            URL,
            412,
        ),
        ("<html>x</html>", "https://www.walmart.com/blocked?url=L3N0b3Jl&uuid=1", 200),
        ("access denied, 21 by.", URL, 200),
    ],
)
def test_every_kind_of_wall_asks_for_a_human(body: str, url: str, status: int) -> None:
    with pytest.raises(Blocked) as caught:
        recognise(body, url, status)
    assert caught.value.challenge


def test_a_store_a_soft_404_and_a_sitemap_are_no_walls() -> None:
    recognise(next_of(node()))
    recognise(next_of(None))
    recognise("{}")
    recognise("")
