"""kill -9 at random moments: nothing counted is lost, nothing is doubled, a resumed run does what remains."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.crawl_storm import POLICY, STORES
from tests.storage_builders import recounted
from tests.warm_children import called

from shopwatch.domain.run import RunState
from shopwatch.storage.database import Database
from shopwatch.storage.frontier import SqlFrontier
from shopwatch.storage.runs import SqlRuns
from shopwatch.storage.stores import SqlStores


def storm(folder: Path, *, kills: int, seed: int) -> dict[str, Any]:
    done = called("tests.crawl_storm", str(folder), str(kills), str(seed))
    assert done.returncode == 0, done.stderr
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return told


async def check(folder: Path, told: dict[str, Any]) -> None:
    assert told["wrong"] == []
    in_hand = 2 * (POLICY.batch_pages + POLICY.workers) + POLICY.workers
    assert told["fetched_again"] <= told["kills"] * in_hand
    database = Database.open(folder / "shopwatch.db")
    try:
        runs, stores, frontier = SqlRuns(database), SqlStores(database), SqlFrontier(database)
        second, first = await runs.list("target")
        assert [run.state for run in (first, second)] == [RunState.COMPLETE] * 2
        assert [run.stores for run in (first, second)] == [STORES, STORES + 1]
        assert await frontier.progress(second.run_id) == await recounted(database, second.run_id)
        assert second.requests == STORES + 2
        assert len(await stores.all("target")) == STORES + 1
        changes = [(change.ref, change.kind) for change in await stores.changes("target")]
        assert changes == [(str(STORES + 1), "opened")]
    finally:
        database.close()
    exported = json.loads((folder / "target" / "output" / "target_stores.json").read_bytes())
    assert len(exported["stores"]) == STORES + 1


@pytest.mark.timeout(90)
async def test_a_storm_of_kills_loses_and_doubles_nothing(tmp_path: Path) -> None:
    told = storm(tmp_path, kills=8, seed=7)
    await check(tmp_path, told)


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("seed", range(10))
async def test_a_hundred_kills_lose_and_double_nothing(tmp_path: Path, seed: int) -> None:
    told = storm(tmp_path, kills=20, seed=seed)
    await check(tmp_path, told)
