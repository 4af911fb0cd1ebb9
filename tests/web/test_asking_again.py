"""Asked again every few seconds: who has an answer already is told just that, or only what changed since."""

from datetime import timedelta

import pytest
from tests.dashboard_fixture import Dashboard, Reply
from tests.fake_crawl import SetClock
from tests.fakes import START
from tests.web.watching import IN, OUT, seen, watching

from shopwatch.domain.store import Store


@pytest.fixture
async def listed(dashboard: Dashboard) -> Dashboard:
    await watching(dashboard, {"1001": {"name": "Alpha"}, "1002": {"name": "Beta"}})
    await seen(dashboard, "1001", OUT)
    return dashboard


async def with_tag(dashboard: Dashboard, path: str, tag: str) -> Reply:
    return await dashboard.get(path, headers={"If-None-Match": tag})


async def test_an_answer_the_page_has_already_is_not_sent_again(listed: Dashboard) -> None:
    for path in ("watches", "status", "monitor", "restocks", "runs/att", "outbox", "purchases", "config"):
        first = await listed.get(f"/api/{path}")
        assert (path, first.status, first.headers["Cache-Control"]) == (path, 200, "no-cache")
        again = await with_tag(listed, f"/api/{path}", first.headers["ETag"])
        assert (path, again.status, again.text) == (path, 304, "")
        assert again.headers["ETag"] == first.headers["ETag"]
        other = await with_tag(listed, f"/api/{path}", 'W/"another"')
        assert (path, other.status, other.headers["ETag"]) == (path, 200, first.headers["ETag"])


async def test_a_set_that_only_grew_older_is_not_sent_again(
    dashboard: Dashboard, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = SetClock(START)
    monkeypatch.setattr(dashboard.core, "clock", clock)
    shop = Store(retailer="att", ref="1", name="Shop")
    await dashboard.core.stores.import_baseline("att", [shop], START)
    one, of_all = [await dashboard.get(path) for path in ("/api/status/att", "/api/status")]
    clock.at += timedelta(minutes=1)
    again = await with_tag(dashboard, "/api/status/att", one.headers["ETag"])
    assert again.status == (await with_tag(dashboard, "/api/status", of_all.headers["ETag"])).status == 304
    told = (await dashboard.get("/api/status")).json["retailers"]["att"]
    assert told == (await dashboard.get("/api/status/att")).json
    assert told["last_good"]["age_seconds"] == 60


async def test_a_strong_tag_and_one_of_several_count_too(listed: Dashboard) -> None:
    tag = (await listed.get("/api/watches")).headers["ETag"]
    assert (await with_tag(listed, "/api/watches", tag.removeprefix("W/"))).status == 304
    assert (await with_tag(listed, "/api/watches", f'"a", {tag}')).status == 304


async def test_a_change_makes_a_new_answer(listed: Dashboard) -> None:
    tag = (await listed.get("/api/watches")).headers["ETag"]
    await seen(listed, "1001", IN)
    reply = await with_tag(listed, "/api/watches", tag)
    assert (reply.status, reply.json["counts"]["in_stock"]) == (200, 1)
    assert reply.headers["ETag"] != tag


async def test_a_change_is_never_answered_with_304(listed: Dashboard) -> None:
    tag = (await listed.get("/api/watches/target/1001")).headers["ETag"]
    reply = await listed.ask(
        "PATCH", "/api/watches/target/1001", json={"enabled": True}, headers={"If-None-Match": tag}
    )
    assert (reply.status, reply.json["enabled"]) == (200, True)


async def test_since_an_edition_only_what_changed_is_sent(listed: Dashboard) -> None:
    first = (await listed.get("/api/watches")).json
    assert (first["is_change"], len(first["watches"])) == (False, 2)
    same = (await listed.get(f"/api/watches?since={first['edition']}")).json
    assert (same["is_change"], same["watches"], same["edition"]) == (True, [], first["edition"])

    await seen(listed, "1002", IN)
    part = (await listed.get(f"/api/watches?since={first['edition']}")).json
    assert [(one["sku"], one["state"]["availability"]) for one in part["watches"]] == [("1002", "in_stock")]
    assert (part["is_change"], part["all"], part["counts"]["in_stock"]) == (True, 2, 1)
    after = (await listed.get(f"/api/watches?since={part['edition']}")).json
    assert after["watches"] == []


async def test_a_list_that_was_changed_is_sent_whole(listed: Dashboard) -> None:
    edition = (await listed.get("/api/watches")).json["edition"]
    await listed.ask("DELETE", "/api/watches", json={"keys": [["target", "1002"]]})
    document = (await listed.get(f"/api/watches?since={edition}")).json
    assert (document["is_change"], [one["sku"] for one in document["watches"]]) == (False, ["1001"])


async def test_since_what_nobody_knows_everything_is_sent(listed: Dashboard) -> None:
    boot = (await listed.get("/api/watches")).json["edition"].partition("-")[0]
    for edition in ("0", "abcdef-1", f"{boot}-0", f"{boot}-99999", f"{boot}-", f"{boot}-x", "-"):
        document = (await listed.get(f"/api/watches?since={edition}")).json
        assert (edition, document["is_change"], len(document["watches"])) == (edition, False, 2)
