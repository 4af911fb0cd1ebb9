"""A machine without a browser, and the files of sessions."""

from __future__ import annotations

import stat
from datetime import timedelta
from pathlib import Path

import pytest
from tests.fakes import FakeClock

from shopwatch.browser.launching import Start
from shopwatch.browser.pool import Pool, ProductPages
from shopwatch.browser.seats import save_state, state_file
from shopwatch.domain.errors import Unreachable
from shopwatch.domain.site import Site
from shopwatch.domain.watch import Watch
from shopwatch.retailers.registry import PROBES
from shopwatch.transport.clock import SystemClock

PAGES = {"target": ProductPages(probe=PROBES["target"], site=Site(base_url="https://www.target.com"))}


@pytest.mark.parametrize(
    ("size", "environment", "why"),
    [(4, {"PATH": ""}, "no Chrome or Chromium"), (4, {"SHOPWATCH_BROWSER": "x"}, "names 'x'")],
)
async def test_without_a_browser_the_pool_says_why(
    tmp_path: Path, size: int, environment: dict[str, str], why: str
) -> None:
    start = Start(sessions=tmp_path, size=size, environment=environment, home=tmp_path)
    async with Pool(start, PAGES, SystemClock()) as pool:
        assert not pool.ready
        assert why in str(pool.health()["why"])
        with pytest.raises(Unreachable, match=why):
            await pool.confirm(Watch(retailer="target", sku="1"), "https://www.target.com/p/-/A-1")


async def test_a_program_that_is_no_browser_is_told(tmp_path: Path) -> None:
    fake = tmp_path / "chrome"
    fake.write_text("#!/bin/sh\nexit 1\n")
    fake.chmod(0o755)
    start = Start(sessions=tmp_path, environment={"SHOPWATCH_BROWSER": str(fake)}, home=tmp_path)
    async with Pool(start, PAGES, SystemClock()) as pool:
        assert not pool.ready
        assert "does not start" in str(pool.health()["why"])


async def test_a_start_that_failed_is_worth_another_look_later_and_later(tmp_path: Path) -> None:
    clock = FakeClock()
    start = Start(sessions=tmp_path, environment={"PATH": ""}, home=tmp_path)
    watch, url = Watch(retailer="target", sku="1"), "https://www.target.com/p/-/A-1"
    async with Pool(start, PAGES, clock) as pool:
        for wait_s in (30, 60, 120, 240, 480, 600, 600):
            clock.pass_(wait_s - 1)
            assert not pool.ready
            clock.pass_(1)
            assert pool.ready
            assert not pool.health()["ready"], "a try is not a browser"
            with pytest.raises(Unreachable):
                await pool.confirm(watch, url)
        assert pool.health()["next_start"] == f"{clock.now() + timedelta(minutes=10):%H:%M:%S} UTC or later"


async def test_no_sessions_means_no_browser(tmp_path: Path) -> None:
    fake = tmp_path / "chrome"
    fake.write_text("")
    fake.chmod(0o755)
    start = Start(sessions=tmp_path, size=0, environment={"SHOPWATCH_BROWSER": str(fake)}, home=tmp_path)
    async with Pool(start, PAGES, SystemClock()) as pool:
        assert not pool.ready
        assert "background_sessions is 0" in str(pool.health()["why"])


def test_a_session_is_its_owners_only(tmp_path: Path) -> None:
    path = state_file(tmp_path / "sessions", "target")
    for text in ("first", "second"):
        save_state(path, text)
    assert path.read_text() == "second"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert list(path.parent.iterdir()) == [path]
