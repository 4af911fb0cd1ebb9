"""The registry: six retailers, each whole."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from protego import Protego
from tests.paths import PROJECT, RECORDINGS, needs_recordings
from tests.retailers.store_pages import page

from shopwatch.domain.errors import Blocked
from shopwatch.retailers.registry import RETAILERS

COLORS = {
    "verizon": "#cd040b",
    "att": "#00a8e0",
    "target": "#cc0000",
    "tmobile": "#e20074",
    "walmart": "#0071ce",
    "bestbuy": "#0046be",
}


def test_the_six_have_the_missions_colours() -> None:
    assert {one.id: one.color for one in RETAILERS.values()} == COLORS
    assert all(name == one.id for name, one in RETAILERS.items())


@pytest.mark.parametrize("retailer", RETAILERS)
def test_phases_end_in_extract_and_seeds_are_paths(retailer: str) -> None:
    locator = RETAILERS[retailer].locator
    names = [phase.name for phase in locator.phases]
    assert names == (
        ["states", "cities", "urls", "extract"] if retailer == "verizon" else ["sitemap", "extract"]
    )
    assert all(seed.startswith("/") for seed in locator.seeds)


@pytest.mark.parametrize("retailer", RETAILERS)
def test_addresses_are_whole_and_without_a_slash_at_the_end(retailer: str) -> None:
    site = RETAILERS[retailer].site
    for address in (site.base_url, site.api_url, site.carts_url, site.account_url):
        assert not address or re.fullmatch(r"https://[a-z0-9.-]+", address)


def test_stock_is_watched_at_three() -> None:
    assert {one.id for one in RETAILERS.values() if one.stock} == {"target", "walmart", "bestbuy"}


@pytest.mark.parametrize("retailer", RETAILERS)
def test_a_wall_with_status_200_is_recognised_everywhere(retailer: str) -> None:
    recognise = RETAILERS[retailer].recognise_wall
    assert recognise is not None
    with pytest.raises(Blocked):
        recognise(
            page("<HTML><HEAD>\n<TITLE>Access Denied</TITLE></HEAD><BODY>Reference #18.2f</BODY></HTML>")
        )
    recognise(
        page(
            "<html><head><title>Access Denied Records, Main St</title></head></html>".replace(
                "Access", "No access"
            )
        )
    )


@needs_recordings
def test_robots_leave_the_pages_of_walmart_open_and_close_targets_api() -> None:
    walmart = Protego.parse((RECORDINGS / "stores/walmart/robots.txt").read_text("utf-8"))
    assert walmart.can_fetch("https://www.walmart.com/store/7-sherwood-ar", "shopwatch")
    assert walmart.can_fetch("https://www.walmart.com/sitemap_store_main.xml", "shopwatch")
    assert "https://www.walmart.com" + RETAILERS["walmart"].locator.seeds[0] in set(walmart.sitemaps)
    redsky = Protego.parse((RECORDINGS / "stores/target/redsky_robots.txt").read_text("utf-8"))
    assert not redsky.can_fetch(
        "https://redsky.target.com/redsky_aggregations/v1/web/store_location_v1", "shopwatch"
    )


@pytest.mark.parametrize(
    "path", sorted((PROJECT / "src/shopwatch/retailers/stores").glob("*.py")), ids=lambda path: path.name
)
def test_a_retailers_file_has_at_most_150_lines(path: Path) -> None:
    assert len(path.read_text("utf-8").splitlines()) <= 150
