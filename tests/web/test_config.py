"""The configuration over HTTP: the mission's answers, no secret told, nothing invalid saved."""

import pytest
from tests.dashboard_fixture import Dashboard

from shopwatch.config.masking import MASK

RETAILERS = "# mine\nretailers:\n  bestbuy:\n    keys: {api: hush}\n    min_delay: 2\n"


@pytest.fixture
def folder(dashboard: Dashboard) -> Dashboard:
    (dashboard.core.folder.path / "retailers.yaml").write_text(RETAILERS)
    return dashboard


def text(dashboard: Dashboard) -> str:
    return dashboard.core.folder.text("retailers.yaml")


async def test_the_configuration_is_read_without_its_secrets(folder: Dashboard) -> None:
    reply = await folder.get("/api/config")
    assert reply.json["retailers"]["bestbuy"] == {"keys": {"api": MASK}, "min_delay": 2}
    assert "hush" not in reply.text
    assert "# mine" in reply.json["texts"]["retailers.yaml"]


async def test_a_change_is_saved_with_a_backup_and_keeps_comments_and_secrets(folder: Dashboard) -> None:
    document = (await folder.get("/api/config")).json
    document["retailers"]["bestbuy"]["min_delay"] = 3
    body = {key: document[key] for key in ("proxy", "defaults", "retailers")}
    reply = await folder.post("/api/config", body)
    assert (reply.json["status"], reply.json["message"]) == ("updated", "Configuration saved successfully")
    assert "retailers.yaml.backup." in reply.json["backup_file"]
    assert "# mine" in text(folder)
    assert "api: hush" in text(folder)
    assert "min_delay: 3" in text(folder)


async def test_sections_that_are_not_named_stay(folder: Dashboard) -> None:
    reply = await folder.post("/api/config", {"retailers": {"verizon": {"enabled": False}}})
    assert reply.status == 200
    document = folder.core.folder.document("retailers.yaml")
    assert document["retailers"] == {
        "bestbuy": {"keys": {"api": "hush"}, "min_delay": 2},
        "verizon": {"enabled": False},
    }


async def test_the_whole_file_takes_out_what_it_does_not_name(folder: Dashboard) -> None:
    await folder.post("/api/config", {"proxy": {}, "defaults": {}, "retailers": {"att": {"workers": 2}}})
    assert folder.core.folder.document("retailers.yaml")["retailers"] == {"att": {"workers": 2}}


async def test_what_was_read_can_be_sent_back_changed_once(folder: Dashboard) -> None:
    document = (await folder.get("/api/config")).json
    document["retailers"]["bestbuy"]["min_delay"] = 3
    assert (await folder.post("/api/config", document)).status == 200
    assert "api: hush" in text(folder)
    assert "min_delay: 3" in text(folder)
    assert (await folder.post("/api/config", document)).status == 409


@pytest.mark.parametrize("part", ["shopwatch", "texts"])
async def test_a_change_beside_the_sections_is_never_dropped_silently(folder: Dashboard, part: str) -> None:
    document = (await folder.get("/api/config")).json
    reply = await folder.post("/api/config", document | {part: {"monitor": "fixed"}})
    assert reply.json["message"] == f"{part} is not saved with retailers: send file with document or text"
    assert reply.status == 422


async def test_every_problem_is_told_and_nothing_is_saved(folder: Dashboard) -> None:
    body = {"retailers": {"verizon": {"min_delay": "fast"}, "att": {"workers": 0}}}
    reply = await folder.post("/api/config", body)
    assert reply.status == 422
    assert sorted(reply.json["errors"]) == [
        "retailers.att.workers must be 1 or more, got 0",
        "retailers.verizon.min_delay must be numeric, got 'fast'",
    ]
    assert text(folder) == RETAILERS


async def test_broken_yaml_names_its_line(folder: Dashboard) -> None:
    reply = await folder.post("/api/config", {"file": "retailers.yaml", "text": "retailers:\n  att: [\n"})
    assert (reply.status, reply.json["message"]) == (422, "Invalid YAML structure")
    assert reply.json["problems"][0]["line"] == 3


async def test_a_text_with_masks_keeps_the_secrets(folder: Dashboard) -> None:
    shown = (await folder.get("/api/config")).json["texts"]["retailers.yaml"]
    await folder.post(
        "/api/config", {"file": "retailers.yaml", "text": shown.replace("min_delay: 2", "min_delay: 4")}
    )
    assert "hush" in text(folder)
    assert "min_delay: 4" in text(folder)


async def test_a_file_changed_meanwhile_is_a_conflict(folder: Dashboard) -> None:
    reply = await folder.post("/api/config", {"retailers": {}, "expected": "0123456789abcdef"})
    assert reply.status == 409
    assert text(folder) == RETAILERS


async def test_a_preview_says_what_would_change_and_saves_nothing(folder: Dashboard) -> None:
    body = {"file": "shopwatch.yaml", "document": {"products": {"1": {"check_frequency": 10}}}}
    reply = await folder.post("/api/config/preview", body)
    assert {"path": "products.1.check_frequency", "before": None, "after": 10.0} in reply.json["differences"]
    assert reply.json["rates"][0]["requests_per_second"] == 0.1
    assert folder.core.folder.text("shopwatch.yaml") == ""


async def test_a_preview_tells_the_peak_beside_the_budget(folder: Dashboard) -> None:
    body = {"file": "shopwatch.yaml", "document": {"products": {"1": {"check_frequency": 10}}}}
    (rate,) = (await folder.post("/api/config/preview", body)).json["rates"]
    assert (rate["allowed_per_second"], rate["peak_per_second"]) == (0.05, None)


async def test_a_backup_is_listed_compared_and_rolled_back_byte_for_byte(folder: Dashboard) -> None:
    await folder.post("/api/config", {"proxy": {}, "defaults": {}, "retailers": {}})
    backup = (await folder.get("/api/config/backups")).json["backups"][0]
    difference = (await folder.get(f"/api/config/backups/{backup['name']}/diff")).json["differences"]
    assert "hush" not in str(difference)
    reply = await folder.post("/api/config/rollback", {"backup": backup["name"]})
    assert reply.json["status"] == "rolled_back"
    assert text(folder) == RETAILERS


@pytest.mark.parametrize(
    "body", [{}, {"file": "passwd", "text": ""}, {"file": "retailers.yaml", "colour": 1}]
)
async def test_a_body_that_says_nothing_known_is_refused(folder: Dashboard, body: object) -> None:
    assert (await folder.post("/api/config", body)).status == 422


@pytest.mark.parametrize("address", ["/api/config", "/api/config/preview"])
async def test_a_channel_that_the_monitor_would_refuse_is_not_saved(
    dashboard: Dashboard, address: str
) -> None:
    text = "notify: {channels: ['jsn://127.0.0.1/']}\n"
    reply = await dashboard.post(address, {"file": "shopwatch.yaml", "text": text})
    assert (reply.status, reply.json["problems"][0]["path"]) == (422, "notify.channels.0")
    assert "jsn" not in dashboard.core.folder.text("shopwatch.yaml")
