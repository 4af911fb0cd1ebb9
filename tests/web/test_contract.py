"""Every address keeps to the OpenAPI document: right answers, wrong questions, and no bug in between."""

import random
from datetime import UTC, datetime, timedelta

import pytest
from tests.dashboard_fixture import Dashboard
from tests.web.contract import Contract, strange_requests
from tests.web.watching import IN, OUT, seen, watching

from shopwatch.domain.money import Money
from shopwatch.domain.purchase import PurchaseState
from shopwatch.domain.run import RunOptions, RunState
from shopwatch.domain.store import Store
from shopwatch.domain.watch import Watch
from shopwatch.locator.runlog import RunLog
from shopwatch.web.openapi import example_of
from shopwatch.web.security import Budget

NOW = datetime.now(UTC)
#: Addresses whose answer does not end, or that talk to others than this process.
ELSEWHERE = {"/api/events", "/api/drill"}
STRANGE_EACH = 2


@pytest.fixture
async def contract(dashboard: Dashboard) -> Contract:
    return Contract((await dashboard.get("/openapi.json")).json)


@pytest.fixture
async def lived_in(dashboard: Dashboard) -> Dashboard:
    """A dashboard with something of everything."""
    core = dashboard.core
    await watching(dashboard, {"1001": {"name": "Alpha", "tags": ["games"], "group": "consoles"}})
    await seen(dashboard, "1001", OUT, at=NOW - timedelta(hours=2))
    change = await seen(dashboard, "1001", IN, at=NOW - timedelta(hours=1))
    assert change is not None
    assert change.restock_id is not None
    purchase = await core.ledger.reserve(
        change.restock_id, Watch(retailer="target", sku="1001"), live=True, now=NOW
    )
    assert purchase is not None
    facts = {"total": Money(5412)}
    await core.ledger.move(purchase.id, PurchaseState.RESERVED, PurchaseState.CARTED, now=NOW, facts=facts)
    run = await core.runs.create("att", RunOptions(), NOW)
    await core.runs.move(run.run_id, [RunState.PENDING], RunState.RUNNING, now=NOW)
    log = RunLog(core.files("att").log(run.run_id), core.clock)
    log.error("page_failed", url="https://x/")
    log.close()
    shops = [
        Store(retailer="att", ref=str(n), name="Shop", city="Reno", state="NV", lat=39.5, lon=-119.8)
        for n in range(3)
    ]
    await core.stores.import_baseline("att", shops, NOW)
    (core.folder.path / "retailers.yaml").write_text("retailers: {att: {workers: 2}}\n")
    await dashboard.post("/api/config", {"retailers": {"att": {"workers": 3}}})
    return dashboard


async def known_values(dashboard: Dashboard, path: str) -> dict[str, str]:
    """What to put into a path so that there is something behind it."""
    run = await dashboard.core.runs.latest("att")
    assert run is not None
    backups = dashboard.core.folder.backups("retailers.yaml")
    is_product = path.startswith("/api/watches/{retailer}")
    return {
        "retailer": "target" if is_product else "att",
        "sku": "1001",
        "run_id": run.run_id,
        "backup": backups[0].name,
        "restock_id": "1",
        "purchase_id": "1",
        "row_id": "1",
    }


async def test_every_read_answers_as_documented(lived_in: Dashboard, contract: Contract) -> None:
    reads = [one for one in contract.operations if one.method == "GET" and one.path not in ELSEWHERE]
    assert len(reads) >= 25
    for one in reads:
        query = {"lat": "39.5", "lon": "-119.8"} if one.path == "/api/stores/near" else {}
        reply = await lived_in.get(one.address(await known_values(lived_in, one.path)), params=query)
        assert (one.path, reply.status, contract.breach(one, reply)) == (one.path, 200, None)


async def test_every_write_answers_as_documented(lived_in: Dashboard, contract: Contract) -> None:
    keys = [["target", "1001"]]
    writes: list[tuple[str, str, object]] = [
        ("POST", "/api/scraper/start", {"retailer": "walmart"}),
        ("POST", "/api/scraper/stop", {"retailer": "walmart"}),
        ("POST", "/api/monitor/start", {}),
        ("POST", "/api/monitor/restart", {}),
        ("POST", "/api/monitor/reload", {}),
        ("POST", "/api/monitor/stop", {}),
        ("POST", "/api/config/preview", {"retailers": {"att": {"workers": 4}}}),
        ("POST", "/api/watches", {"url_or_sku": "89542109"}),
        ("POST", "/api/watches", {"watches": [{"url_or_sku": "89542110"}]}),
        ("POST", "/api/watches/import", {"text": "89542111\n"}),
        ("PATCH", "/api/watches", {"keys": keys, "settings": {"muted": True}}),
        ("PATCH", "/api/watches/{retailer}/{sku}", {"quantity": 2}),
        ("POST", "/api/notify/test", {}),
        ("PUT", "/api/emergency-stop", None),
        ("DELETE", "/api/emergency-stop", None),
        ("DELETE", "/api/watches/{retailer}/{sku}", None),
        ("DELETE", "/api/watches", {"keys": [["target", "89542109"]]}),
    ]
    for method, path, body in writes:
        one = next(one for one in contract.operations if (one.method, one.path) == (method, path))
        address = one.address(await known_values(lived_in, path))
        reply = await lived_in.ask(method, address, **({} if body is None else {"json": body}))
        assert (method, path, contract.breach(one, reply)) == (method, path, None)
        assert reply.status < 300


async def test_strange_questions_get_documented_refusals(
    lived_in: Dashboard, contract: Contract, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Budget, "take", lambda _self, _client: True)
    chance = random.Random(7)
    for one in contract.operations:
        if one.path in ELSEWHERE:
            continue
        for path, arguments in strange_requests(one, chance, STRANGE_EACH):
            reply = await lived_in.ask(one.method, path, **arguments)
            assert reply.status < 500, (one.method, path, arguments, reply.text)
            if reply.status != 404:  # a strange path may be another address, or none
                assert contract.breach(one, reply) is None, (one.method, path, arguments, reply.text)


async def test_every_address_is_described_with_examples_and_the_shape_of_errors(contract: Contract) -> None:
    for one in contract.operations:
        name = f"{one.method} {one.path}"
        assert one.document.get("description"), name
        good = [answer for code, answer in one.document["responses"].items() if code < "400"]
        for content in (part for answer in good for part in answer["content"].values()):
            assert "example" in content or content["schema"].get("format") == "binary", name
        for code in ("400", "403", "404", "422", "429"):
            error = one.document["responses"][code]["content"]["application/json"]["schema"]
            assert error == {"$ref": "#/components/schemas/ErrorBody"}, name


async def test_every_example_is_one(dashboard: Dashboard, contract: Contract) -> None:
    for one in contract.operations:
        parts = [answer.get("content", {}) for answer in one.document["responses"].values()]
        parts.append(one.document.get("requestBody", {}).get("content", {}))
        for content in parts:
            part = content.get("application/json")
            if part is not None:
                found = contract.misfit(part["example"], part["schema"])
                assert found is None, (one.method, one.path, found)


async def test_a_method_there_is_not_is_told_which_there_are(dashboard: Dashboard) -> None:
    reply = await dashboard.ask("PUT", "/api/status")
    assert (reply.status, reply.headers["Allow"], reply.json["status"]) == (405, "GET, HEAD", "error")


def test_an_example_is_made_of_the_examples_of_its_parts() -> None:
    schema = {
        "type": "object",
        "properties": {"a": {"examples": [3]}, "b": {"type": "array", "items": {"enum": ["x"]}}},
    }
    assert example_of(schema, {}) == {"a": 3, "b": ["x"]}


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/api/config", "GET, HEAD, POST"),
        ("/api/emergency-stop", "DELETE, PUT"),
        ("/api/runs/att_20260117_000000/accept", "POST"),
        ("/api/watches/target/1", "DELETE, GET, HEAD, PATCH"),
    ],
)
async def test_another_method_is_told_every_method_there_is(
    dashboard: Dashboard, path: str, allowed: str
) -> None:
    reply = await dashboard.ask("OPTIONS", path)
    assert (reply.status, reply.headers["Allow"]) == (405, allowed)


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/api/monitor/start", {"live": 0}),
        ("POST", "/api/notify/test", {"channel": True}),
        ("POST", "/api/watches/import", {"text": "1\n", "preview": 0}),
        ("POST", "/api/scraper/start", {"retailer": "att", "config": {"resume": "no"}}),
        ("PATCH", "/api/watches/target/1001", {"auto_purchase": 1}),
        ("PATCH", "/api/watches/target/1001", {"max_price": True}),
        ("POST", "/api/purchases/1/resolve", {"placed": 1}),
    ],
)
async def test_what_only_looks_like_a_yes_or_a_number_is_refused(
    lived_in: Dashboard, method: str, path: str, body: object
) -> None:
    assert (await lived_in.ask(method, path, json=body)).status == 422
