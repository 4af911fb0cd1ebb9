"""The watch list over HTTP: listed, searched, paged, changed through the configuration file."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests.dashboard_fixture import Dashboard
from tests.web.watching import IN, OUT, seen, watching

from shopwatch.ports import CheckTally
from shopwatch.web.watchbook import WatchBook

LIST: dict[str, dict[str, object]] = {
    "1001": {"name": "Alpha console", "tags": ["games"], "max_price": 500, "priority": "high"},
    "1002": {"name": "beta cards", "tags": ["cards", "games"]},
    "bestbuy:2001": {"name": "Gamma card", "enabled": False},
    "walmart:3001": {"name": "Delta doll", "check_frequency": 5},
}


@pytest.fixture
async def listed(dashboard: Dashboard) -> Dashboard:
    await watching(dashboard, LIST)
    await seen(dashboard, "1002", IN, dollars=12.5)
    await seen(dashboard, "3001", OUT, retailer="walmart")
    return dashboard


async def skus(dashboard: Dashboard, query: str = "") -> list[str]:
    return [one["sku"] for one in (await dashboard.get(f"/api/watches{query}")).json["watches"]]


async def test_the_list_puts_first_what_can_be_had(listed: Dashboard) -> None:
    document = (await listed.get("/api/watches")).json
    assert [one["sku"] for one in document["watches"]] == ["1002", "1001", "3001", "2001"]
    assert document["counts"] == {
        "in_stock": 1, "limited": 0, "preorder": 0, "out_of_stock": 1, "unknown": 1, "paused": 1,
    }  # fmt: skip
    assert (document["total"], document["tags"]) == (4, ["cards", "games"])
    first = document["watches"][0]
    assert (first["state"]["price"], first["state"]["price_text"]) == (12.5, "$12.50")
    assert first["url"].endswith("/A-1002")
    assert first["next_check"] is None


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?search=CARD&sort=name", ["1002", "2001"]),
        ("?tag=games&sort=name", ["1001", "1002"]),
        ("?state=paused", ["2001"]),
        ("?retailer=walmart", ["3001"]),
        ("?sort=-name", ["2001", "3001", "1002", "1001"]),
        ("?sort=priority&limit=1", ["1001"]),
        ("?sort=frequency&limit=1", ["3001"]),
        ("?key=target:1001&key=walmart:3001&sort=name", ["1001", "3001"]),
        ("?search=nothing", []),
    ],
)
async def test_the_list_is_searched_filtered_and_sorted(
    listed: Dashboard, query: str, found: list[str]
) -> None:
    assert await skus(listed, query) == found


@pytest.mark.parametrize("sort", ["state", "name", "-name", "price", "next", "-priority"])
async def test_pages_hold_every_watch_once(listed: Dashboard, sort: str) -> None:
    got, cursor = [], ""
    for _ in range(4):
        page = (await listed.get(f"/api/watches?limit=1&sort={sort}&cursor={cursor}")).json
        got += [one["sku"] for one in page["watches"]]
        cursor = page["next"] or ""
    assert (sorted(got), cursor) == (["1001", "1002", "2001", "3001"], "")


@pytest.mark.parametrize("query", ["?sort=colour", "?state=sold", "?cursor=x", "?cursor=W10", "?limit=0"])
async def test_a_wrong_question_is_one_sentence(listed: Dashboard, query: str) -> None:
    reply = await listed.get(f"/api/watches{query}")
    assert (reply.status, bool(reply.json["message"])) == (422, True)


async def test_the_next_page_of_a_list_that_emptied_meanwhile_is_empty(listed: Dashboard) -> None:
    cursor = (await listed.get("/api/watches?limit=1&sort=name")).json["next"]
    reply = await listed.get(f"/api/watches?sort=name&state=limited&cursor={cursor}")
    assert (reply.status, reply.json["watches"], reply.json["next"]) == (200, [], None)


async def test_an_import_of_half_a_character_is_wrong_input(listed: Dashboard) -> None:
    reply = await listed.post("/api/watches/import", {"text": "\ud800"})
    assert (reply.status, "no character" in reply.json["message"]) == (422, True)


async def test_a_cursor_of_another_sort_is_refused(listed: Dashboard) -> None:
    cursor = (await listed.get("/api/watches?limit=1&sort=name")).json["next"]
    assert (await listed.get(f"/api/watches?sort=price&cursor={cursor}")).status == 422


async def test_a_change_of_stock_is_in_the_next_answer(listed: Dashboard) -> None:
    await listed.get("/api/watches")
    await seen(listed, "1001", IN)
    row = (await listed.get("/api/watches?key=target:1001")).json["watches"][0]
    assert row["state"]["availability"] == "in_stock"
    assert [level for _, level in row["sparkline"]] == [None, 1]


async def test_a_row_is_whole_whatever_moved_in_it(listed: Dashboard) -> None:
    """Rows are put together from what lasts and what a check moves: never from an older part."""
    core, book, key = listed.core, listed.services.book, ("target", "1002")

    async def row() -> dict[str, Any]:
        book._plans_until_s = book._checked_until_s = 0.0
        found: dict[str, Any] = (await listed.get("/api/watches?key=target:1002")).json["watches"][0]
        whole = (await listed.get("/api/watches/target/1002")).json
        assert found == {name: value for name, value in whole.items() if name != "restocks"}
        return found

    assert (await row())["next_check"] is None
    await core.notebook.write("monitor", {"plans": {"target:1002": [1_800_000_000.0, "its hour"]}})
    assert (await row())["next_check"] == {"due_at": "2027-01-15T08:00:00Z", "why": "its hour"}
    at = datetime(2027, 1, 1, 12, tzinfo=UTC)
    await core.observations.checked([CheckTally(key=key, checks=1, unknowns=0, last_checked=at)])
    assert (await row())["state"]["last_checked"] == "2027-01-01T12:00:00Z"
    await seen(listed, "1002", OUT, at=at)
    assert (await row())["state"]["since"] == "2027-01-01T12:00:00Z"
    await core.notebook.write("monitor", {"plans": {}})
    assert (await row())["next_check"] is None
    await listed.patch("/api/watches/target/1002", {"max_price": 9})
    assert (await row())["max_price"] == 9


async def test_a_small_picture_grows_as_it_would_be_read(listed: Dashboard) -> None:
    book, key = listed.services.book, ("target", "1002")
    await book.fresh()
    await book.sparks([key])
    begin = datetime.now(UTC) - timedelta(minutes=10)
    for minutes, availability in enumerate((OUT, IN, OUT)):
        await seen(listed, "1002", availability, at=begin + timedelta(minutes=minutes))
    await book.fresh()
    grown = (await book.sparks([key]))[key]
    again = WatchBook(listed.core)
    await again.fresh()
    read = (await again.sparks([key]))[key]
    assert [level for _, level in grown] == [None, 1, 0, 1, 0]
    assert grown[1:] == read[1:]


async def test_the_monitor_s_plans_say_when_and_why(listed: Dashboard) -> None:
    plans = {
        "target:1001": [1_800_000_000.0, "its hour"],
        "target:1002": {"next_check": "2027-01-15T08:00:00Z", "why": "a sibling came back"},
    }
    await listed.core.notebook.write("monitor", {"plans": plans})
    listed.services.book._plans_until_s = 0.0
    rows = (await listed.get("/api/watches?search=target&sort=name")).json["watches"]
    assert [one["next_check"] for one in rows] == [
        {"due_at": "2027-01-15T08:00:00Z", "why": "its hour"},
        {"due_at": "2027-01-15T08:00:00Z", "why": "a sibling came back"},
    ]


async def test_a_product_is_added_by_its_address_and_the_file_keeps_its_comment(listed: Dashboard) -> None:
    body = {"url_or_sku": "https://www.target.com/p/x/-/A-89542109", "max_price": 50, "tags": ["new"]}
    reply = await listed.post("/api/watches", body)
    assert (reply.status, reply.json["sku"], reply.json["max_price"]) == (201, "89542109", 50)
    text = listed.core.folder.text("shopwatch.yaml")
    assert text.startswith("# mine")
    assert "89542109" in text
    assert (await listed.post("/api/watches", body)).status == 409


@pytest.mark.parametrize(
    "body", [{"url": "https://www.target.com/p/x/-/A-89542109"}, {"retailer": "target", "sku": "89542109"}]
)
async def test_a_product_is_added_by_whichever_name_it_has(listed: Dashboard, body: object) -> None:
    reply = await listed.post("/api/watches", body)
    assert (reply.status, reply.json["retailer"], reply.json["sku"]) == (201, "target", "89542109")


async def test_several_are_added_or_none(listed: Dashboard) -> None:
    several = [{"url_or_sku": "89542109"}, {"url_or_sku": "bestbuy:6411488", "enabled": False}]
    assert (await listed.post("/api/watches", {"watches": several})).json["added"] == 2
    again = [{"url_or_sku": "89542110"}, {"url_or_sku": "89542109"}]
    assert (await listed.post("/api/watches", {"watches": again})).status == 409
    assert "89542110" not in await skus(listed)


@pytest.mark.parametrize("name", ["text", "url_or_sku", "url", "sku"])
async def test_a_preview_takes_any_word_for_the_product(listed: Dashboard, name: str) -> None:
    reply = await listed.post("/api/watches/preview", {name: "tesco:1"})
    assert reply.json["message"].startswith("'tesco:1' is no product of")


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"max_price": 5},
        {"retailer": "tesco", "sku": "89542109"},
        {"url_or_sku": "https://example.com/p"},
        {"url_or_sku": "../../x"},
        {"url_or_sku": "1", "colour": 1},
    ],
)
async def test_what_is_no_product_is_not_added(listed: Dashboard, body: object) -> None:
    assert (await listed.post("/api/watches", body)).status == 422
    assert len(await skus(listed)) == 4


async def test_a_wrong_setting_is_told_by_its_path(listed: Dashboard) -> None:
    reply = await listed.patch("/api/watches/target/1001", {"check_frequency": "often"})
    assert (reply.status, reply.json["problems"][0]["path"]) == (422, "check_frequency")
    assert reply.json["errors"] == ["check_frequency must be numeric, got 'often'"]
    reply = await listed.patch("/api/watches/target/1001", {"quantity": 0})
    assert reply.json["problems"][0]["path"] == "products.1001.quantity"


async def test_a_watch_is_changed_and_a_null_takes_back(listed: Dashboard) -> None:
    reply = await listed.patch("/api/watches/target/1001", {"max_price": None, "check_frequency": 7})
    assert (reply.json["max_price"], reply.json["check_frequency"]) == (None, 7)
    assert reply.json["priority"] == "high"


async def test_many_are_changed_tagged_and_removed_at_once(listed: Dashboard) -> None:
    keys = [["target", "1001"], ["target", "1002"]]
    await listed.patch("/api/watches", {"keys": keys, "settings": {"enabled": False}, "add_tags": ["x"]})
    await listed.patch("/api/watches", {"keys": keys, "remove_tags": ["games"]})
    rows = (await listed.get("/api/watches?tag=x&sort=name")).json["watches"]
    assert [(one["enabled"], one["tags"]) for one in rows] == [(False, ["x"]), (False, ["cards", "x"])]
    reply = await listed.ask("DELETE", "/api/watches", json={"keys": keys})
    assert (reply.json["removed"], await skus(listed)) == (2, ["3001", "2001"])


async def test_of_many_with_a_stranger_none_is_changed(listed: Dashboard) -> None:
    keys = [["target", "1001"], ["target", "404"]]
    reply = await listed.patch("/api/watches", {"keys": keys, "settings": {"enabled": False}})
    assert reply.status == 404
    assert (await listed.get("/api/watches?state=paused")).json["total"] == 1


async def test_one_is_removed_and_then_not_found(listed: Dashboard) -> None:
    assert (await listed.ask("DELETE", "/api/watches/walmart/3001")).json["status"] == "removed"
    assert (await listed.get("/api/watches/walmart/3001")).status == 404
    assert (await listed.ask("DELETE", "/api/watches/walmart/3001")).status == 404


async def test_a_list_goes_out_and_comes_in_again(listed: Dashboard) -> None:
    for kind in ("csv", "yaml", "json"):
        text = (await listed.get(f"/api/watches/export?format={kind}")).text
        preview = await listed.post("/api/watches/import", {"text": text, "preview": True, "replace": True})
        assert preview.json["added"] == 4
        again = await listed.post("/api/watches/import", {"text": text})
        assert (again.json["added"], len(again.json["not_carried"])) == (0, 4)


async def test_an_import_says_what_was_not_carried(listed: Dashboard) -> None:
    text = "url,colour\nhttps://www.target.com/p/-/A-89542109,red\nhttps://example.com/x,blue\n"
    reply = await listed.post("/api/watches/import", {"text": text, "name": "mine.csv"})
    assert (reply.json["added"], len(reply.json["not_carried"])) == (1, 2)
    assert "89542109" in await skus(listed)
    for content in ("no base64!", "\U00026abf1P"):
        assert (await listed.post("/api/watches/import", {"content": content})).status == 422


@pytest.mark.parametrize("several", [True, False])
async def test_a_removal_is_taken_back_whole(listed: Dashboard, several: bool) -> None:
    before = listed.core.folder.document("shopwatch.yaml")["products"]
    keys = [["target", "1001"], ["bestbuy", "2001"]] if several else [["walmart", "3001"]]
    address = "/api/watches" if several else "/api/watches/walmart/3001"
    reply = await listed.ask("DELETE", address, **({"json": {"keys": keys}} if several else {}))
    assert (reply.status, reply.json["removed"], len(await skus(listed))) == (200, len(keys), 4 - len(keys))

    assert (await listed.post("/api/watches", {"watches": reply.json["watches"]})).status == 201

    assert listed.core.folder.document("shopwatch.yaml")["products"] == before
