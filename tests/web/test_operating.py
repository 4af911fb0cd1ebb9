"""Monitor, purchases, alerts and the figures for whoever runs the machine."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from prometheus_client.parser import text_string_to_metric_families
from tests.dashboard_fixture import Dashboard
from tests.web.watching import IN, seen, watching

from shopwatch.domain.health import Health, HealthState, Pause
from shopwatch.domain.money import Money
from shopwatch.domain.purchase import PurchaseState
from shopwatch.domain.watch import Watch

NOW = datetime.now(UTC)


async def test_the_monitor_is_started_once_and_stopped_once(dashboard: Dashboard) -> None:
    assert (await dashboard.get("/api/monitor")).json["running"] is False
    assert (await dashboard.post("/api/monitor/stop", {})).status == 409
    reply = await dashboard.post("/api/monitor/start", {"pacing": "fixed"})
    assert (reply.status, reply.json["status"]) == (202, "started")
    assert dashboard.children.started["monitor"] == ["monitor", "--pacing", "fixed"]
    assert (await dashboard.get("/api/monitor")).json["running"] is True
    assert (await dashboard.post("/api/monitor/start", {})).status == 409
    assert (await dashboard.post("/api/monitor/stop", {})).json["status"] == "stopped"


async def test_live_is_refused_while_the_configuration_says_test_mode(dashboard: Dashboard) -> None:
    reply = await dashboard.post("/api/monitor/start", {"live": True})
    assert (reply.status, dashboard.children.started) == (409, {})
    (dashboard.core.folder.path / "shopwatch.yaml").write_text("safety: {test_mode: false}\n")
    assert (await dashboard.post("/api/monitor/reload", {})).json["status"] == "reloaded"
    await dashboard.post("/api/monitor/start", {"live": True})
    assert dashboard.children.started["monitor"] == ["monitor", "--live"]


async def test_a_reload_of_something_wrong_keeps_the_old(dashboard: Dashboard) -> None:
    await watching(dashboard, {"1": {}})
    (dashboard.core.folder.path / "shopwatch.yaml").write_text("monitor: {pacing: quick}\n")
    reply = await dashboard.post("/api/monitor/reload", {})
    assert (reply.status, reply.json["problems"][0]["line"]) == (422, 1)
    assert (await dashboard.get("/api/monitor")).json["watches"] == 1


@pytest.mark.parametrize(
    ("laid_out", "words"),
    [
        ({}, ["monitor"]),
        ({"mode": "live", "pacing": "fixed"}, ["monitor", "--live", "--pacing", "fixed"]),
        ({"pacing": "fixed", "restart_needed": ["pacing"]}, ["monitor"]),
    ],
)
async def test_a_restart_keeps_how_the_monitor_was_started(
    dashboard: Dashboard, laid_out: dict[str, object], words: list[str]
) -> None:
    (dashboard.core.folder.path / "shopwatch.yaml").write_text("safety: {test_mode: false}\n")
    await dashboard.services.reload()
    assert (await dashboard.post("/api/monitor/restart", {})).status == 409
    await dashboard.core.notebook.write("monitor", laid_out)
    dashboard.services.book._plans_until_s = 0.0
    dashboard.children.started["monitor"] = ["as before"]
    assert (await dashboard.post("/api/monitor/restart", {})).status == 202
    assert dashboard.children.started["monitor"] == words


async def test_a_live_monitor_is_not_stopped_when_it_could_not_start_again(dashboard: Dashboard) -> None:
    await dashboard.core.notebook.write("monitor", {"mode": "live"})
    dashboard.children.started["monitor"] = ["as before"]
    reply = await dashboard.post("/api/monitor/restart", {})
    assert (reply.status, dashboard.children.started["monitor"]) == (409, ["as before"])
    assert "safety.test_mode" in reply.json["message"]


async def test_what_another_monitor_waited_for_is_not_told_of_this_one(dashboard: Dashboard) -> None:
    past = {"restart_needed": ["confirm"], "written_at": "1969-12-31T23:00:00Z"}  # before the fake's start
    await dashboard.core.notebook.write("monitor", past)
    dashboard.children.started["monitor"] = []
    assert (await dashboard.get("/api/monitor")).json["restart_needed"] == []


async def test_a_person_ends_a_pause_and_is_told_where_there_is_none(dashboard: Dashboard) -> None:
    until = NOW + timedelta(minutes=15)
    await dashboard.core.pauses.save(Pause(name="target", until=until, reason="a CAPTCHA", strikes=1))
    reply = await dashboard.post("/api/monitor/unpause", {"retailer": "target"})
    assert (reply.status, reply.json["status"]) == (200, "unpaused")
    assert await dashboard.core.pauses.load(NOW) == []
    assert (await dashboard.post("/api/monitor/unpause", {"retailer": "target"})).status == 409
    assert (await dashboard.post("/api/monitor/unpause", {"retailer": "nobody"})).status == 404


async def test_a_file_that_is_not_in_force_is_told_for_as_long_as_it_is_not(dashboard: Dashboard) -> None:
    dashboard.children.started["monitor"] = []
    refused = {"config_refused": ["jsn:// is unknown"], "written_at": datetime.now(UTC).isoformat()}
    await dashboard.core.notebook.write("monitor", refused)
    assert (await dashboard.get("/api/monitor")).json["config_refused"] == ["jsn:// is unknown"]
    dashboard.core.refused = ["shopwatch.yaml:1: what"]
    assert (await dashboard.get("/api/monitor")).json["config_refused"] == ["shopwatch.yaml:1: what"]
    (dashboard.core.folder.path / "shopwatch.yaml").write_text("products: {}\n")
    await dashboard.services.reload()
    assert (await dashboard.get("/api/monitor")).json["config_refused"] == ["jsn:// is unknown"]


async def test_the_monitor_tells_its_figures_and_each_retailer_s_health(dashboard: Dashboard) -> None:
    await watching(dashboard, {"1": {}, "2": {"enabled": False}, "bestbuy:3": {}})
    await dashboard.core.health.enter(
        Health(retailer="target", state=HealthState.BLOCKED, since=NOW, reason="a challenge"), None
    )
    figures = {"checks_per_s": 2.5, "latency_ms": {"p95": 80}, "sweep_s": {"target": 1.5, "bestbuy": 0.5}}
    await dashboard.core.notebook.write(
        "monitor",
        {
            "performance": figures,
            "mode": "live",
            "restart_needed": ["time_zone"],
            "written_at": datetime.now(UTC).isoformat(),
            "retailers": {"target": {"stretch": 1.5}},
        },
    )
    dashboard.children.started["monitor"] = []
    document = (await dashboard.get("/api/monitor")).json
    assert (document["mode"], document["enabled"]) == ("live", 2)
    assert document["restart_needed"] == ["time_zone"]
    quick = document["performance"]
    assert (quick["checks_per_second"], quick["p95_ms"], quick["sweep_seconds"]) == (2.5, 80, 1.5)
    assert quick["p50_ms"] is None
    target = document["retailers"]["target"]
    assert (target["state"], target["reason"], target["stretch"], target["watches"]) == (
        "blocked", "a challenge", 1.5, 2,
    )  # fmt: skip
    assert document["retailers"]["bestbuy"]["state"] == "unknown"


async def test_an_unclear_purchase_is_resolved_by_a_person_once(dashboard: Dashboard) -> None:
    change = await seen(dashboard, "1", IN)
    assert change is not None
    assert change.restock_id is not None
    ledger, watch = dashboard.core.ledger, Watch(retailer="target", sku="1")
    purchase = await ledger.reserve(change.restock_id, watch, live=True, now=NOW)
    assert purchase is not None
    early = await dashboard.post(f"/api/purchases/{purchase.id}/resolve", {"placed": True})
    assert early.status == 409
    steps = (
        PurchaseState.RESERVED, PurchaseState.CARTED, PurchaseState.PLACING, PurchaseState.AMBIGUOUS,
    )  # fmt: skip
    for before, after in pairwise(steps):
        await ledger.move(purchase.id, before, after, now=NOW, facts={"total": Money(5412)})
    document = (await dashboard.get("/api/purchases")).json
    assert (document["purchases"][0]["state"], document["unresolved"]) == ("ambiguous", 1)
    assert (document["limits"]["bought_today"], document["limits"]["spent_today"]) == (1, 54.12)
    senseless = {"placed": False, "order_number": "102"}
    assert (await dashboard.post(f"/api/purchases/{purchase.id}/resolve", senseless)).status == 422
    answer = {"placed": True, "order_number": "102"}
    assert (await dashboard.post(f"/api/purchases/{purchase.id}/resolve", answer)).status == 200
    assert (await dashboard.post(f"/api/purchases/{purchase.id}/resolve", answer)).status == 409
    one = (await dashboard.get(f"/api/purchases/{purchase.id}")).json
    assert (one["state"], one["order_number"], len(one["entries"])) == ("placed", "102", 5)


async def test_the_caps_show_what_the_guard_counts_in_24_hours(dashboard: Dashboard) -> None:
    """Over midnight too, an unknown total as the cap of an order, and one without an end however old."""
    (dashboard.core.folder.path / "shopwatch.yaml").write_text("safety: {max_order_total: 60}\n")
    await dashboard.services.reload()
    for sku, hours, end, total in (
        ("1", 23, PurchaseState.PLACED, Money(1000)),
        ("2", 25, PurchaseState.PLACED, Money(2000)),
        ("3", 2, PurchaseState.PLACED, None),
        ("4", 50, PurchaseState.AMBIGUOUS, None),
        ("5", 1, PurchaseState.FAILED, None),
    ):
        await _bought(dashboard, sku, at=NOW - timedelta(hours=hours), end=end, total=total)
    limits = (await dashboard.get("/api/purchases")).json["limits"]
    assert (limits["bought_today"], limits["spent_today"]) == (3, 10 + 60 + 60)
    assert limits["last_purchase_at"] == f"{NOW - timedelta(hours=2):%Y-%m-%dT%H:%M:%SZ}"


async def _bought(
    dashboard: Dashboard, sku: str, *, at: datetime, end: PurchaseState, total: Money | None
) -> None:
    change = await seen(dashboard, sku, IN)
    assert change is not None
    assert change.restock_id is not None
    ledger = dashboard.core.ledger
    purchase = await ledger.reserve(change.restock_id, Watch(retailer="target", sku=sku), live=True, now=at)
    assert purchase is not None
    steps = (PurchaseState.RESERVED, PurchaseState.CARTED, PurchaseState.PLACING, end)
    facts = {} if total is None else {"total": total}
    for before, after in pairwise(steps):
        assert await ledger.move(purchase.id, before, after, now=at, facts=facts)


async def test_the_emergency_stop_is_a_file(dashboard: Dashboard) -> None:
    file = dashboard.core.paths.emergency_stop
    assert (await dashboard.ask("PUT", "/api/emergency-stop")).json == {"emergency_stop": True}
    assert file.exists()
    assert (await dashboard.get("/api/monitor")).json["emergency_stop"] is True
    assert (await dashboard.ask("DELETE", "/api/emergency-stop")).json == {"emergency_stop": False}
    assert not file.exists()


async def test_a_stop_that_cannot_be_taken_away_stays_on_and_says_so(dashboard: Dashboard) -> None:
    dashboard.core.paths.emergency_stop.mkdir()  # stands in the way, and counts as on
    assert (await dashboard.ask("PUT", "/api/emergency-stop")).json == {"emergency_stop": True}
    reply = await dashboard.ask("DELETE", "/api/emergency-stop")
    assert (reply.status, "stays on" in reply.json["message"]) == (503, True)


async def test_alerts_are_listed_and_sent_again(dashboard: Dashboard) -> None:
    await seen(dashboard, "1", IN)
    row = (await dashboard.get("/api/outbox")).json["alerts"][0]
    assert (row["kind"], row["state"], row["sku"]) == ("restock", "pending", "1")
    assert (await dashboard.post(f"/api/outbox/{row['id']}/resend", {})).status == 409
    leased = await dashboard.core.outbox.lease(1, NOW, 30)
    await dashboard.core.outbox.sent(leased[0], NOW)
    assert (await dashboard.post(f"/api/outbox/{row['id']}/resend", {})).status == 202
    assert (await dashboard.get("/api/outbox")).json["alerts"][0]["state"] == "pending"


async def test_a_test_without_a_channel_says_so(dashboard: Dashboard) -> None:
    reply = await dashboard.post("/api/notify/test", {})
    assert reply.json["results"] == []
    assert "no channel is configured" in reply.json["message"]


async def test_a_channel_that_cannot_be_tried_says_why(dashboard: Dashboard) -> None:
    path = dashboard.core.folder.path / "shopwatch.yaml"
    path.write_text("notify:\n  channels: ['${SHOPWATCH_NOWHERE}']\n")
    await dashboard.services.reload()
    reply = await dashboard.post("/api/notify/test", {})
    assert [one["ok"] for one in reply.json["results"]] == [False]
    assert "SHOPWATCH_NOWHERE is not set" in reply.json["results"][0]["error"]
    reply = await dashboard.post("/api/notify/test", {"channel": 7})
    assert (reply.status, reply.json["message"]) == (404, "there is no channel 7: notify.channels has 1")


async def test_alive_ready_and_figures(dashboard: Dashboard) -> None:
    await watching(dashboard, {"1": {}})
    await seen(dashboard, "1", IN)
    assert (await dashboard.get("/healthz")).json == {"status": "ok"}
    assert (await dashboard.get("/readyz")).json["status"] == "ready"
    reply = await dashboard.get("/metrics")
    families = {family.name: family for family in text_string_to_metric_families(reply.text)}
    samples = families["shopwatch_watches"].samples
    assert {one.labels["state"]: one.value for one in samples}["in_stock"] == 1
    assert families["shopwatch_crawl_running"].samples[0].value == 0


@pytest.mark.parametrize("path", ["/api/monitor", "/api/purchases", "/api/outbox", "/api/restocks"])
async def test_an_empty_installation_answers(dashboard: Dashboard, path: str) -> None:
    assert (await dashboard.get(path)).status == 200


async def test_the_openapi_document_tells_what_there_is(dashboard: Dashboard) -> None:
    document = (await dashboard.get("/openapi.json")).json
    paths = document["paths"]
    assert {"get", "post", "patch", "delete"} <= set(paths["/api/watches"])
    assert set(paths["/api/emergency-stop"]) == {"put", "delete"}
    error = paths["/api/scraper/start"]["post"]["responses"]["409"]["content"]["application/json"]["schema"]
    assert error == {"$ref": "#/components/schemas/ErrorBody"}
    assert set(document["components"]["schemas"]["ErrorBody"]["properties"]) == {
        "status", "message", "errors", "problems",
    }  # fmt: skip
    assert "docs.js" in (await dashboard.get("/docs")).text


def references(part: object) -> set[str]:
    if isinstance(part, dict):
        own = {part["$ref"]} if isinstance(part.get("$ref"), str) else set()
        return own.union(*(references(value) for value in part.values()))
    return set().union(*(references(value) for value in part)) if isinstance(part, list) else set()


async def test_every_reference_of_the_openapi_document_leads_somewhere(dashboard: Dashboard) -> None:
    document = (await dashboard.get("/openapi.json")).json
    known = {f"#/components/schemas/{name}" for name in document["components"]["schemas"]}
    assert references(document) <= known


@pytest.mark.parametrize("order", ["stop", "restart"])
async def test_an_order_to_the_monitor_needs_no_body(dashboard: Dashboard, order: str) -> None:
    assert (await dashboard.ask("POST", "/api/monitor/start")).status == 202
    assert (await dashboard.ask("POST", f"/api/monitor/{order}")).status == 202


@pytest.mark.parametrize("address", ["/api/monitor/reload", "/api/notify/test"])
async def test_what_has_nothing_to_say_needs_no_body(dashboard: Dashboard, address: str) -> None:
    assert (await dashboard.ask("POST", address)).status == 200


async def test_an_alert_that_there_is_not_is_not_found(dashboard: Dashboard) -> None:
    await seen(dashboard, "1", IN)
    reply = await dashboard.post("/api/outbox/7/resend", {})
    assert (reply.status, reply.json["message"]) == (404, "there is no alert 7")
