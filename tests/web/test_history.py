"""What was: prices, stays, heat map and restocks with their evidence."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from tests.dashboard_fixture import Dashboard
from tests.web.watching import IN, OUT, seen, watching

from shopwatch.bootstrap.till import purchase_alert
from shopwatch.domain.purchase import Purchase, PurchaseState
from shopwatch.domain.stock_state import Alert, AlertKind
from shopwatch.ports import CheckTally


async def test_history_has_figures_charts_and_a_week(dashboard: Dashboard) -> None:
    await watching(dashboard, {"1001": {"name": "Alpha"}})
    now = datetime.now(UTC)
    await seen(dashboard, "1001", OUT, dollars=60, at=now - timedelta(days=4))
    await seen(dashboard, "1001", IN, dollars=50, at=now - timedelta(days=3))
    await seen(dashboard, "1001", OUT, dollars=40, at=now - timedelta(days=1))
    document = (await dashboard.get("/api/watches/target/1001/history?days=7")).json
    assert (document["lowest"], document["highest"]) == (40, 60)
    assert [price for _, price in document["prices"]] == [60, 50, 40]
    assert (len(document["heatmap"]), sum(document["heatmap"])) == (168, 1)
    assert document["from"] < document["to"]
    assert document["restocks"] == 1


async def test_it_is_told_how_often_was_looked_and_how_often_in_vain(dashboard: Dashboard) -> None:
    now = datetime.now(UTC)
    at = now - timedelta(hours=2)
    tally = CheckTally(key=("target", "1001"), checks=10, unknowns=3, last_checked=at)
    await dashboard.core.observations.checked([tally, replace(tally, last_checked=now)])
    assert (await dashboard.get("/api/watches/target/1001/history")).json["looks"] == {
        "checks": 20,
        "unknowns": 6,
    }
    await watching(dashboard, {"1001": {}})
    target = (await dashboard.get("/api/monitor")).json["retailers"]["target"]
    assert (target["checks_last_hour"], target["unknowns_last_hour"]) == (10, 3)


async def test_a_product_nobody_saw_has_nulls_not_guesses(dashboard: Dashboard) -> None:
    await watching(dashboard, {"404": {}})
    document = (await dashboard.get("/api/watches/target/404/history")).json
    assert (document["lowest"], document["in_stock_share"], document["prices"]) == (None, None, [])


async def test_a_product_that_never_was_has_no_history(dashboard: Dashboard) -> None:
    assert (await dashboard.get("/api/watches/target/404/history")).status == 404


async def test_a_restock_says_why_it_fired(dashboard: Dashboard) -> None:
    await watching(dashboard, {"1001": {"name": "Alpha"}})
    change = await seen(dashboard, "1001", IN, dollars=50)
    assert change is not None
    line = (await dashboard.get("/api/restocks")).json["restocks"][0]
    assert (line["title"], line["price"], line["confirmation"]) == ("Alpha", 50, "unconfirmed")
    document = (await dashboard.get(f"/api/restocks/{change.restock_id}")).json
    assert document["observation"]["reason"] == "the site says in_stock"
    assert document["evidence"] == {
        "url": "https://redsky.example/x", "status": 200, "seen": {"word": "in_stock"},
    }  # fmt: skip
    assert [alert["kind"] for alert in document["alerts"]] == ["restock"]
    page = (await dashboard.get("/api/watches/target/1001")).json
    assert [one["id"] for one in page["restocks"]] == [change.restock_id]


async def test_a_restock_shows_its_own_alerts_only_and_also_when_many_came_later(
    dashboard: Dashboard,
) -> None:
    change = await seen(dashboard, "1001", IN, dollars=50)
    assert change is not None
    number = change.restock_id
    bought = Alert(key=f"purchase:{number}:placed", kind=AlertKind.PURCHASE, retailer="target", sku="1001")
    later = [
        Alert(key=f"price:target:9:{n}", kind=AlertKind.PRICE_DROP, retailer="target") for n in range(501)
    ]
    await dashboard.core.outbox.add([bought, *later])
    document = (await dashboard.get(f"/api/restocks/{number}")).json
    assert [alert["kind"] for alert in document["alerts"]] == ["restock"]


async def test_a_restock_shows_what_became_of_its_purchase(dashboard: Dashboard) -> None:
    change = await seen(dashboard, "1001", IN, dollars=50)
    assert change is not None
    assert change.restock_id is not None
    now = datetime.now(UTC)
    purchase = Purchase(
        id=7, restock_id=change.restock_id, key=("target", "1001"), state=PurchaseState.REHEARSED,
        quantity=1, created_at=now, updated_at=now,
    )  # fmt: skip
    await dashboard.core.outbox.add([purchase_alert(purchase, name="Alpha", url="")])
    document = (await dashboard.get(f"/api/restocks/{change.restock_id}")).json
    assert [alert["kind"] for alert in document["alerts"]] == ["purchase", "restock"]


async def test_restocks_are_paged_and_asked_for_one_product(dashboard: Dashboard) -> None:
    for sku in ("1", "2", "3"):
        await seen(dashboard, sku, IN)
    first = (await dashboard.get("/api/restocks?limit=2")).json
    assert [one["sku"] for one in first["restocks"]] == ["3", "2"]
    second = (await dashboard.get(f"/api/restocks?limit=2&before={first['next']}")).json
    assert ([one["sku"] for one in second["restocks"]], second["next"]) == (["1"], None)
    mine = (await dashboard.get("/api/restocks?retailer=target&sku=2")).json["restocks"]
    assert [one["sku"] for one in mine] == ["2"]
    some = (await dashboard.get("/api/restocks?sku=2")).json["restocks"]
    assert [one["sku"] for one in some] == ["2"]
    assert (await dashboard.get("/api/restocks?retailer=tesco")).json["restocks"] == []
    assert (await dashboard.get("/api/restocks/404")).status == 404
    assert (await dashboard.get("/api/restocks/x")).status == 422
