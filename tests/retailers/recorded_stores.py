"""The recorded store sets of December 2021 (spider output, not pages) for tests."""

from __future__ import annotations

import gzip
import json
from functools import cache
from typing import Any

from tests.paths import RECORDINGS

STORES = RECORDINGS / "stores"
COUNTS = {"verizon": 4524, "att": 5450, "target": 1926, "tmobile": 7366, "walmart": 4626, "bestbuy": 1036}


@cache
def features(retailer: str) -> list[dict[str, Any]]:
    packed = (STORES / retailer / "alltheplaces_2021-12.geojson.gz").read_bytes()
    found: list[dict[str, Any]] = json.loads(gzip.decompress(packed))["features"]
    return found


def hours_of_all() -> list[str]:
    return [
        hours
        for retailer in COUNTS
        for one in features(retailer)
        if (hours := one["properties"].get("opening_hours"))
    ]


def document(name: str) -> Any:
    return json.loads((STORES / name).read_text("utf-8"))
