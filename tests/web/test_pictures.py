"""Pictures: over HTTPS from anywhere, over plain HTTP only from a site that stands on this machine."""

import pytest
from tests.dashboard_fixture import Dashboard
from tests.web.watching import watching

from shopwatch.config.retailer_settings import RetailersFile
from shopwatch.config.settings import Settings
from shopwatch.domain.stock_state import StockState
from shopwatch.web.pictures import origins_of, shown

OURS = frozenset({"http://127.0.0.1:8803"})


@pytest.mark.parametrize(
    ("url", "is_shown"),
    [
        ("https://target.scene7.com/is/image/1", True),
        ("http://127.0.0.1:8803/is/image/1", True),
        ("http://127.0.0.1:22/", False),
        ("http://192.168.1.1/reboot", False),
        ("http://127.0.0.1:8803@evil.example/", False),
        ("javascript:alert(1)", False),
        ("data:image/svg+xml,<svg onload=alert(1)>", False),
        ("http://[", False),
        ("", False),
    ],
)
def test_which_pictures_are_shown(url: str, is_shown: bool) -> None:
    assert (shown(url, OURS) is not None) is is_shown


def test_only_configured_sites_of_this_machine_may_be_plain() -> None:
    sites = {"target": {"base_url": "http://127.0.0.1:8803", "api_url": "http://shop.example:80"}}
    settings = Settings(retailers=RetailersFile.model_validate({"retailers": sites}))
    assert origins_of(settings) == OURS


async def test_the_policy_names_the_site_and_the_list_its_picture(dashboard: Dashboard) -> None:
    path = dashboard.core.folder.path / "retailers.yaml"
    path.write_text("retailers: {target: {base_url: 'http://127.0.0.1:8803'}}\n")
    await watching(dashboard, {"1": {}, "2": {}})
    pictures = {"1": "http://127.0.0.1:8803/a.png", "2": "http://10.0.0.1/a.png"}
    states = [StockState(key=("target", sku), image_url=url) for sku, url in pictures.items()]
    await dashboard.core.observations.save_details(states)
    reply = await dashboard.get("/api/watches?sort=name")
    assert [one["image_url"] for one in reply.json["watches"]] == [pictures["1"], None]
    policy = reply.headers["Content-Security-Policy"]
    assert "img-src 'self' data: https: http://127.0.0.1:8803;" in policy
    assert "10.0.0.1" not in policy
