"""The check of store sets finds what is wrong and nothing else."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pytest
from tests.paths import needs_recordings
from tests.retailers.recorded_stores import features

from shopwatch.domain.store import STORE_FIELDS, Store, StoreStatus
from shopwatch.domain.store_check import Fault, check_stores, findings

GOOD = Store(
    retailer="verizon",
    ref="R00000251432",
    name="Dalton",
    kind="Store",
    dealer="x",
    corporate=True,
    address=("1516 W Walnut Ave",),
    city="Dalton",
    state="GA",
    postcode="30720",
    phone="+17062783579",
    lat=34.76,
    lon=-84.99,
    hours="Mo-Sa 10:00-20:00; Su closed",
    services=("x",),
    status=StoreStatus.OPEN,
    url="https://www.verizon.com/stores/details/georgia/dalton/dalton-1156006/",
    opened_on="2015-03-12",
)


def faults(**changed: Any) -> set[tuple[str, Fault]]:
    return {(one.field, one.fault) for one in findings(replace(GOOD, **changed))} - {
        ("dated_hours", Fault.MISSING)
    }


def test_a_good_store_has_no_fault() -> None:
    assert faults() == set()


@pytest.mark.parametrize(
    ("changed", "fault"),
    [
        ({"phone": None}, ("phone", Fault.MISSING)),
        ({"address": ()}, ("address", Fault.MISSING)),
        ({"status": StoreStatus.UNKNOWN}, ("status", Fault.MISSING)),
        ({"phone": "706-278-3579"}, ("phone", Fault.MALFORMED)),
        ({"postcode": "7652"}, ("postcode", Fault.MALFORMED)),
        ({"postcode": "01906-470"}, ("postcode", Fault.MALFORMED)),
        ({"state": "Georgia"}, ("state", Fault.MALFORMED)),
        ({"country": "USA"}, ("country", Fault.MALFORMED)),
        ({"hours": "Mon-Sun 06:00-23:00x"}, ("hours", Fault.MALFORMED)),
        ({"hours": "by appointment"}, ("hours", Fault.MALFORMED)),
        ({"hours": "Mo-Su closed"}, ("hours", Fault.SUSPICIOUS)),
        ({"url": "javascript:alert(1)"}, ("url", Fault.MALFORMED)),
        ({"opened_on": "12-Mar-15"}, ("opened_on", Fault.MALFORMED)),
        ({"lat": 95.0}, ("lat", Fault.MALFORMED)),
        ({"lon": math.nan}, ("lon", Fault.MALFORMED)),
        ({"lat": 0.0, "lon": 0.0}, ("lat", Fault.SUSPICIOUS)),
        ({"lon": 84.99}, ("lon", Fault.SUSPICIOUS)),
        ({"lat": 44.0}, ("lat", Fault.SUSPICIOUS)),
        ({"name": "Dalton - CLOSED"}, ("name", Fault.SUSPICIOUS)),
    ],
)
def test_one_fault_is_found(changed: dict[str, Any], fault: tuple[str, Fault]) -> None:
    assert fault in faults(**changed)


def test_a_closed_store_may_be_called_closed() -> None:
    assert faults(name="Dalton - CLOSED", status=StoreStatus.CLOSED) == set()


def test_a_set_is_counted_by_field() -> None:
    stores = [GOOD, replace(GOOD, ref="2", phone=None), replace(GOOD, ref="3", phone="x"), GOOD]
    check = check_stores(stores)
    assert (check.stores, check.duplicates) == (4, 1)
    assert (check.fields["phone"].missing, check.fields["phone"].malformed) == (1, 1)
    assert set(check.fields) == set(STORE_FIELDS)
    assert check.examples["phone malformed"] == "3: x"


def test_one_value_for_every_store_of_many_is_suspicious() -> None:
    many = [replace(GOOD, ref=str(n), lat=34 + n / 100, postcode=f"{30000 + n}") for n in range(25)]
    check = check_stores(many)
    assert check.fields["phone"].suspicious == 25
    assert check.fields["lat"].suspicious == 0
    assert check.examples["phone suspicious"] == "every store has +17062783579"
    assert check_stores(many[:5]).fields["phone"].suspicious == 0


def test_an_empty_set_has_counts_of_nothing() -> None:
    assert check_stores([]).stores == 0


@needs_recordings
def test_the_check_finds_the_misplaced_stores_of_the_recordings_and_spares_the_rest() -> None:
    out: dict[str, list[str]] = {}
    for retailer in ("verizon", "att", "target", "tmobile", "walmart", "bestbuy"):
        for one in features(retailer):
            said, geometry = one["properties"], one.get("geometry")
            if geometry is None:
                continue
            lon, lat = geometry["coordinates"]
            store = Store(
                retailer=retailer,
                ref=said["ref"],
                name=said["name"],
                state=said.get("addr:state"),
                lat=lat,
                lon=lon,
            )
            if any(
                found.fault is Fault.SUSPICIOUS and found.field in ("lat", "lon") for found in findings(store)
            ):
                out.setdefault(retailer, []).append(said["ref"])
    assert out == {
        "verizon": [
            "A00000254856",
            "A00000327730",
        ],  # Oxford MS at a place in Florida, Canal Fulton OH in Maryland
        "tmobile": ["27909", "28004", "27983", "28352", "27815"],  # "Omaha, TX" stands in Nebraska, and so on
    }
