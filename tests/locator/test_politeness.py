"""One budget for a host: a monitor and a crawl of the same shop, two processes, as the simulator saw them."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest
from ruamel.yaml import YAML
from tests.simulator_fixture import simulator_process
from tests.warm_children import SHOPWATCH, WarmChild

from shopwatch.bootstrap.simulated import write_configuration

SPACING_S = 0.25
#: Requests that a busy machine may deliver late, as if they were sent together. Two budgets would be more.
LATE = 8
PATIENCE_S = 60


def shopwatch(folder: Path, *words: str, heard: bool = True) -> WarmChild:
    places = ("--config-dir", str(folder / "config"), "--data-dir", str(folder / "data"))
    return WarmChild(SHOPWATCH, *places, *words, heard=heard)


@contextmanager
def monitor(folder: Path) -> Iterator[WarmChild]:
    process = shopwatch(folder, "monitor", heard=False)
    try:
        yield process
    finally:
        process.end(PATIENCE_S)


def of_walmart(origins: dict[str, str], path: str = "*") -> list[dict[str, Any]]:
    with urlopen(f"{origins['control']}/requests?site=walmart&path={path}", timeout=PATIENCE_S) as answer:
        found: list[dict[str, Any]] = json.load(answer)["clients"]
    return found


def configure(folder: Path, origins: dict[str, str]) -> None:
    with urlopen(f"{origins['control']}/products/walmart", timeout=PATIENCE_S) as answer:
        skus = [one["sku"] for one in json.load(answer)["products"]]
    watches = {f"walmart:{sku}": {"retailer": "walmart", "check_frequency": 1.0} for sku in skus[:10]}
    write_configuration(
        folder / "config",
        origins,
        products=watches,
        delays_s=(SPACING_S, SPACING_S),
        workers=2,
        sections={"monitor": {"background_sessions": 0}},  # a browser fetches pictures too
    )
    file = folder / "config" / "retailers.yaml"
    document = YAML().load(file.read_text())
    document["retailers"]["walmart"] |= {"stock_requests_per_second": 1 / SPACING_S, "stock_in_flight": 2}
    with file.open("w") as stream:
        YAML().dump(document, stream)


@pytest.mark.timeout(180)
def test_monitor_and_crawl_of_one_host_keep_its_one_budget_together(tmp_path: Path) -> None:
    with simulator_process(products=12, arguments=("--store-count", "60")) as origins:
        configure(tmp_path, origins)
        with monitor(tmp_path) as watching:
            deadline = time.monotonic() + PATIENCE_S
            while not of_walmart(origins, "/ip/*"):  # both are at work from here on
                assert time.monotonic() < deadline
                assert not watching.ends_within(0.1)
            crawled = shopwatch(tmp_path, "crawl", "walmart", "--limit", "8", "--json").done()
        (client,) = of_walmart(origins)  # they name themselves alike: the site sees one visitor

    paths = client["paths"].keys()
    sys.stdout.write(f"{client['count']} requests, gaps {client['gap_ms']} ms, ")
    sys.stdout.write(f"at most {client['max_concurrency']} at once\n")
    assert json.loads(crawled.stdout)[0]["stats"]["stores_scraped"] == 8, crawled.stderr
    assert sum(path.startswith("/ip/") for path in paths) > 1, "the monitor looked at product pages"
    took_s = client["last_at"] - client["first_at"]
    assert client["count"] > 2 * LATE, "too few to tell one budget from two"
    assert client["count"] <= took_s / SPACING_S + 1 + LATE
    assert client["max_concurrency"] <= 4
    assert (client["robots_breaches"], client["crawl_delay_breaches"]) == (0, 0), client["robots_examples"]
