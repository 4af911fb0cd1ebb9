"""kill -9 of a crawl of all six and of its supervisor: nothing is lost, nothing doubled, all truly told."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.paths import needs_recordings
from tests.retailers.recorded_stores import COUNTS, STORES
from tests.simulator_fixture import simulator_process
from tests.warm_children import called

from shopwatch.bootstrap.simulated import write_configuration
from shopwatch.locator.policy import CrawlPolicy

SIX = ("att", "bestbuy", "target", "tmobile", "verizon", "walmart")
WORKERS = 2
#: Pages that a kill may cost one run: two batches on their way to the disk, and what is in flight.
IN_HAND = 2 * (CrawlPolicy().batch_pages + WORKERS)


def storm(module: str, folder: Path, origins: dict[str, str], *words: object, delay_s: float) -> Any:
    write_configuration(folder / "config", origins, delays_s=(delay_s, delay_s), workers=WORKERS)
    done = called(module, str(folder), origins["control"], *map(str, words))
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout.splitlines()[-1])
    sys.stdout.write(f"{told}\n")
    return told


@pytest.fixture(scope="module")
def origins() -> Iterator[dict[str, str]]:
    with simulator_process(products=1, arguments=("--store-count", "60")) as origins:
        yield origins


@pytest.mark.timeout(240)
def test_a_few_kills_of_a_crawl_of_all_six_lose_and_double_nothing(
    tmp_path: Path, origins: dict[str, str]
) -> None:
    told = storm("tests.crawl_all_storm", tmp_path, origins, 4, 1, 0.8, delay_s=0.002)

    assert told["wrong"] == []
    assert told["kills"] == 4
    assert told["most_again"] <= IN_HAND * len(SIX)
    assert told["stores"] == dict.fromkeys(SIX, 60)


@pytest.mark.timeout(240)
def test_a_few_kills_of_the_supervisor_leave_every_run_truly_told(
    tmp_path: Path, origins: dict[str, str]
) -> None:
    told = storm("tests.serve_storm", tmp_path, origins, 2, 5, "att", "tmobile", delay_s=0.05)

    assert told["wrong"] == []
    assert told["kills"] == 2
    assert told["lost"] <= told["child_kills"]
    assert told["fetched_again"] <= told["child_kills"] * IN_HAND
    assert set(told["stores"].values()) == {60}


@needs_recordings
@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_a_hundred_kills_of_a_crawl_of_the_24928_recorded_stores(tmp_path: Path) -> None:
    with simulator_process(products=1, arguments=("--stores", str(STORES))) as origins:
        told = storm("tests.crawl_all_storm", tmp_path, origins, 100, 1, 3.0, delay_s=0.0)

    assert told["wrong"] == []
    assert told["kills"] == 100
    assert told["most_again"] <= IN_HAND * len(SIX)
    assert told["stores"] == {**COUNTS, "att": COUNTS["att"] - 1}  # one of the recorded is no store


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_a_hundred_kills_of_the_supervisor(tmp_path: Path) -> None:
    with simulator_process(products=1, arguments=("--store-count", "400")) as origins:
        told = storm("tests.serve_storm", tmp_path, origins, 100, 1, *SIX, delay_s=0.1)

    assert told["wrong"] == []
    assert told["kills"] == 100
    assert told["fetched_again"] <= told["child_kills"] * IN_HAND
