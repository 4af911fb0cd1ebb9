"""The mission's addresses: status, start, stop, runs, logs; and the stores."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.dashboard_fixture import Dashboard

from shopwatch.config.settings import Settings
from shopwatch.domain.crawling import Request as CrawlRequest
from shopwatch.domain.run import Run, RunOptions, RunState
from shopwatch.domain.store import Store
from shopwatch.locator.runlog import RunLog
from shopwatch.ports import Fetched
from shopwatch.retailers.registry import DIRECTORIES
from shopwatch.web.status import LastGood, status_document, sums_of

NOON = datetime(2026, 1, 17, 12, tzinfo=UTC)
SIX = {"verizon", "att", "target", "tmobile", "walmart", "bestbuy"}


async def test_all_six_retailers_have_a_status(dashboard: Dashboard) -> None:
    status = (await dashboard.get("/api/status")).json
    assert set(status["retailers"]) == SIX
    assert status["global"]["active_scrapers"] == 0
    assert list(status["retailers"]["verizon"]["phases"]) == ["states", "cities", "urls", "extract"]
    assert status["retailers"]["att"]["status"] == "pending"


async def test_a_started_crawl_is_running_at_once(dashboard: Dashboard) -> None:
    reply = await dashboard.post("/api/scraper/start", {"retailer": "verizon", "config": {"limit": 5}})
    assert reply.status == 202
    run_id = reply.json["run_id"]
    assert dashboard.children.started["verizon"][-2:] == ["--run", run_id]
    status = (await dashboard.get("/api/status/verizon")).json
    assert (status["current_run"], status["status"]) == (run_id, "pending")
    run = (await dashboard.get(f"/api/runs/verizon/{run_id}")).json
    assert run["config"]["limit"] == 5


async def test_a_run_that_is_over_says_what_its_stores_lack(dashboard: Dashboard) -> None:
    core = dashboard.core
    run = await core.runs.create("att", RunOptions(), NOON)
    shop = Store(retailer="att", ref="1", name="AT&T Duluth", lat=0.1, lon=0.1)
    await core.frontier.add(run.run_id, [CrawlRequest(url="https://www.att.com/stores/1", phase="extract")])
    (row,) = await core.frontier.take(run.run_id, "extract", 1, NOON)
    await core.frontier.commit(run.run_id, [Fetched(row=row, stores=(shop,))])
    assert "quality" not in (await dashboard.get(f"/api/runs/att/{run.run_id}")).json
    await core.runs.move(run.run_id, (RunState.PENDING,), RunState.FAILED, now=NOON, message="dns")

    quality = (await dashboard.get(f"/api/runs/att/{run.run_id}")).json["quality"]

    assert (quality["stores"], quality["fields"]["phone"]["missing"]) == (1, 1)
    assert quality["fields"]["lat"]["suspicious"] == 1
    assert quality["fields"]["lat"]["examples"] == ["1: near 0, 0"]


async def test_the_throughput_of_a_run_is_what_it_told_on_its_way(dashboard: Dashboard) -> None:
    core = dashboard.core
    run = await core.runs.create("att", RunOptions(), datetime.now(UTC) - timedelta(seconds=90))
    path = f"/api/runs/att/{run.run_id}/throughput"
    assert (await dashboard.get(path)).json == {"points": []}
    await core.events.publish("run", {"run_id": run.run_id, "retailer": "att", "state": "running"})
    await core.events.publish("run", {"run_id": "another", "stats": {"requests_made": 5}})
    await core.events.publish("run", {"run_id": run.run_id, "stats": {"requests_made": 180}})

    points = (await dashboard.get(path)).json["points"]

    assert points[0] == [int(run.started_at.timestamp()), 0]
    assert [made for _, made in points] == [0, 180]
    assert points[1][0] - points[0][0] >= 89


def test_stores_read_today_are_not_forgotten_by_a_run_that_is_stopped() -> None:
    run = Run(run_id="att_1", retailer="att", state=RunState.STOPPED, options=RunOptions(), started_at=NOON)
    good = LastGood(run_id="att_0", published_at=NOON, stores=450)
    document = status_document(DIRECTORIES["att"], run, good, Settings(), NOON)
    sums = sums_of({"att": document}, {"att": run}, {"att": 450}, NOON)
    assert sums["total_stores_today"] == 450
    later = NOON + timedelta(days=2)
    document = status_document(DIRECTORIES["att"], run, good, Settings(), later)
    assert sums_of({"att": document}, {"att": run}, {"att": 450}, later)["total_stores_today"] == 0


async def test_a_second_start_is_a_conflict(dashboard: Dashboard) -> None:
    await dashboard.post("/api/scraper/start", {"retailer": "att"})
    reply = await dashboard.post("/api/scraper/start", {"retailer": "att"})
    assert reply.status == 409


async def test_all_starts_the_enabled_ones_that_are_not_running(dashboard: Dashboard) -> None:
    (dashboard.core.folder.path / "retailers.yaml").write_text("retailers: {walmart: {enabled: false}}")
    dashboard.core.loaded = dashboard.core.folder.load()
    await dashboard.post("/api/scraper/start", {"retailer": "att"})
    reply = await dashboard.post("/api/scraper/start", {"retailer": "all"})
    assert set(reply.json["run_ids"]) == SIX - {"att", "walmart"}


RESUME_ALL = {"retailer": "all", "config": {"resume": True}}


async def ended(dashboard: Dashboard, name: str, state: RunState) -> str:
    runs = dashboard.core.runs
    run = await runs.create(name, RunOptions(), NOON)
    await runs.move(run.run_id, [RunState.PENDING], RunState.RUNNING, now=NOON)
    await runs.move(run.run_id, [RunState.RUNNING], state, now=NOON)
    return run.run_id


async def test_all_is_resumed_where_something_is_left_to_do(dashboard: Dashboard) -> None:
    stopped = await ended(dashboard, "att", RunState.STOPPED)
    lost = await ended(dashboard, "target", RunState.LOST)
    for name in SIX - {"att", "target", "walmart", "verizon"}:
        await ended(dashboard, name, RunState.COMPLETE)
    await dashboard.post("/api/scraper/start", {"retailer": "verizon"})

    reply = await dashboard.post("/api/scraper/start", RESUME_ALL)

    assert reply.status == 202
    assert set(reply.json["run_ids"]) == {"att", "target", "walmart"}
    assert (reply.json["run_ids"]["att"], reply.json["run_ids"]["target"]) == (stopped, lost)
    assert (await dashboard.post("/api/scraper/start", RESUME_ALL)).status == 409


async def test_no_new_run_begins_beside_a_resumed_one_whose_process_is_not_awake_yet(
    dashboard: Dashboard,
) -> None:
    stopped = await ended(dashboard, "att", RunState.STOPPED)
    await dashboard.post("/api/scraper/start", {"retailer": "att", "config": {"resume": True}})

    assert (await dashboard.post("/api/scraper/start", {"retailer": "att"})).status == 409
    everything = await dashboard.post("/api/scraper/start", {"retailer": "all"})

    assert set(everything.json["run_ids"]) == SIX - {"att"}
    latest = await dashboard.core.runs.latest("att")
    assert latest is not None
    assert latest.run_id == stopped


async def test_all_that_are_finished_are_crawled_anew(dashboard: Dashboard) -> None:
    for name in SIX:
        await ended(dashboard, name, RunState.COMPLETE)
    reply = await dashboard.post("/api/scraper/start", RESUME_ALL)
    assert set(reply.json["run_ids"]) == SIX


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"retailer": "tesco"}, 400),
        ({"retailer": "../att"}, 400),
        ({"retailer": "att", "config": {"limit": 0}}, 422),
        ({"retailer": "att", "config": {"limit": True}}, 422),
        ({"retailer": "att", "config": {"limit": "10"}}, 422),
        ({"retailer": "att", "config": {"proxy_mode": "tor"}}, 422),
        ({"retailer": "att", "speed": 9}, 422),
        ({}, 422),
        ([], 422),
    ],
)
async def test_a_wrong_start_is_refused_with_words(dashboard: Dashboard, body: object, status: int) -> None:
    reply = await dashboard.post("/api/scraper/start", body)
    assert reply.status == status
    assert reply.json["status"] == "error"
    assert reply.json["message"]
    assert dashboard.children.started == {}


async def test_stop_answers_at_once_and_stopping_nothing_is_a_conflict(dashboard: Dashboard) -> None:
    assert (await dashboard.post("/api/scraper/stop", {"retailer": "att"})).status == 409
    await dashboard.post("/api/scraper/start", {"retailer": "att"})
    reply = await dashboard.post("/api/scraper/stop", {"retailer": "all"})
    assert (reply.status, reply.json["status"]) == (202, "stopped")


async def test_runs_are_paged_newest_first(dashboard: Dashboard) -> None:
    runs = dashboard.core.runs
    for hour in range(3):
        run = await runs.create("att", RunOptions(), NOON.replace(hour=hour))
        await runs.move(run.run_id, [RunState.PENDING], RunState.STOPPED, now=NOON)
    first = (await dashboard.get("/api/runs/att?limit=2")).json
    assert [run["run_id"][-6:] for run in first["runs"]] == ["020000", "010000"]
    second = (await dashboard.get(f"/api/runs/att?limit=2&before={first['next']}")).json
    assert ([run["run_id"][-6:] for run in second["runs"]], second["next"]) == (["000000"], None)


async def test_a_log_is_filtered_searched_and_followed(dashboard: Dashboard) -> None:
    core = dashboard.core
    run = await core.runs.create("att", RunOptions(), NOON)
    log = RunLog(core.files("att").log(run.run_id), core.clock)
    log.info("crawl_began", seeds=1)
    log.error("page_failed", url="https://x/<script>")
    log.close()
    path = f"/api/logs/att/{run.run_id}"
    whole = (await dashboard.get(path)).json
    assert [line["event"] for line in whole["lines"]] == ["crawl_began", "page_failed"]
    assert whole["first_error_offset"] == whole["lines"][1]["offset"]
    for level in ("error", "ERROR"):
        some = (await dashboard.get(f"{path}?level={level}")).json
        assert [line["event"] for line in some["lines"]] == ["page_failed"]
    assert [line["event"] for line in (await dashboard.get(path + "?search=SEEDS")).json["lines"]] == [
        "crawl_began"
    ]
    rest = (await dashboard.get(f"{path}?offset={whole['next_offset']}")).json
    assert (rest["lines"], rest["at_end"]) == ([], True)


@pytest.mark.parametrize(
    "path",
    [
        "/api/runs/att/..%2f..%2fetc%2fpasswd",
        "/api/logs/att/..%2f..%2fshopwatch",
        "/api/logs/..%2fatt/x",
        "/api/status/tesco",
        "/api/stores/tesco",
        "/api/config/backups/..%2fretailers.yaml/diff",
    ],
)
async def test_no_path_comes_from_a_request(dashboard: Dashboard, path: str) -> None:
    assert (await dashboard.get(path)).status == 404


async def test_a_published_set_is_paged_searched_mapped_and_exported(dashboard: Dashboard) -> None:
    shops = [
        Store(retailer="att", ref=str(n), name=f"Shop {n}", city="Reno", state="NV", lat=39.5, lon=-119.8)
        for n in range(5)
    ]
    await dashboard.core.stores.import_baseline("att", shops, NOON)
    page = (await dashboard.get("/api/stores/att?limit=2&after=1")).json
    assert ([store["ref"] for store in page["stores"]], page["next"], page["total"]) == (["2", "3"], "3", 5)
    assert (await dashboard.get("/api/stores/att?search=shop 4&state=nv")).json["total"] == 1
    assert len((await dashboard.get("/api/stores/att/points")).json["points"]) == 5
    assert (await dashboard.get("/api/stores/att?format=csv")).text.count("\n") == 6
    near = (await dashboard.get("/api/stores/near?lat=39.5&lon=-119.8&miles=5")).json
    assert len(near["stores"]) == 5
    status = (await dashboard.get("/api/status")).json
    assert status["global"]["total_stores"] == 5
    assert status["retailers"]["att"]["last_good"]["stores"] == 5


async def test_a_set_that_is_not_there_is_not_found(dashboard: Dashboard, tmp_path: Path) -> None:
    assert (await dashboard.get("/api/stores/att")).status == 404
    assert (await dashboard.get("/api/stores/near")).status == 422
    assert (await dashboard.get("/api/stores/near?zip=abc")).status == 422
