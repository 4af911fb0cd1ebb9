"""Finding a browser, or saying how to get one."""

from __future__ import annotations

from pathlib import Path

import pytest

from shopwatch.browser.find import VARIABLE, find_browser


def program(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    return path


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


def test_the_one_the_shopper_names_comes_first(tmp_path: Path, home: Path) -> None:
    ours = program(tmp_path / "own" / "my-chrome")
    program(tmp_path / "bin" / "chromium")
    found = find_browser({VARIABLE: str(ours), "PATH": str(tmp_path / "bin")}, home)
    assert found.path == ours


def test_it_may_be_named_as_on_the_path(tmp_path: Path, home: Path) -> None:
    ours = program(tmp_path / "bin" / "brave")
    assert find_browser({VARIABLE: "brave", "PATH": str(tmp_path / "bin")}, home).path == ours


def test_a_wrong_name_is_not_passed_over(tmp_path: Path, home: Path) -> None:
    program(tmp_path / "bin" / "chromium")
    found = find_browser({VARIABLE: "/nowhere/chrome", "PATH": str(tmp_path / "bin")}, home)
    assert found.path is None
    assert found.missing == (
        "SHOPWATCH_BROWSER names '/nowhere/chrome', which is no program that can be started"
    )


@pytest.mark.parametrize("name", ["google-chrome", "chromium", "chromium-browser"])
def test_one_on_the_path_is_found(tmp_path: Path, home: Path, name: str) -> None:
    ours = program(tmp_path / "bin" / name)
    assert find_browser({"PATH": str(tmp_path / "bin")}, home).path == ours


def test_chrome_comes_before_chromium(tmp_path: Path, home: Path) -> None:
    program(tmp_path / "bin" / "chromium")
    chrome = program(tmp_path / "bin" / "google-chrome")
    assert find_browser({"PATH": str(tmp_path / "bin")}, home).path == chrome


def test_the_newest_of_playwrights_own_is_found(home: Path) -> None:
    cache = home / ".cache" / "ms-playwright"
    program(cache / "chromium-999" / "chrome-linux" / "chrome")
    newest = program(cache / "chromium-1187" / "chrome-linux" / "chrome")
    assert find_browser({"PATH": ""}, home).path == newest


def test_playwrights_folder_may_be_elsewhere(tmp_path: Path, home: Path) -> None:
    own = program(tmp_path / "browsers" / "chromium-1187" / "chrome-linux64" / "chrome")
    environment = {"PATH": "", "PLAYWRIGHT_BROWSERS_PATH": str(tmp_path / "browsers")}
    assert find_browser(environment, home).path == own


def test_none_says_how_to_get_one(home: Path) -> None:
    found = find_browser({"PATH": ""}, home)
    assert found.path is None
    assert "playwright install chromium" in found.missing
    assert VARIABLE in found.missing
