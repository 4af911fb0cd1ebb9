"""What follows the configuration while the monitor runs: where its browsers look and where it buys."""

from __future__ import annotations

from pathlib import Path

import pytest

from shopwatch.bootstrap.browsing import pages_of
from shopwatch.bootstrap.buying import ways_of
from shopwatch.bootstrap.clients import client_of
from shopwatch.bootstrap.core import opened
from shopwatch.bootstrap.paths import Paths
from shopwatch.domain.errors import Unusable

FILE = """retailers:
  target: {{base_url: "http://127.0.0.1:{port}"}}
  bestbuy: {{keys: {{api: "${{NOBODY_HAS_SET_THIS}}"}}}}
"""


async def test_browsers_look_and_buy_where_the_configuration_says_now(tmp_path: Path) -> None:
    paths = Paths(config_dir=tmp_path / "config", data_dir=tmp_path / "data")
    paths.config_dir.mkdir()
    file = paths.config_dir / "retailers.yaml"
    file.write_text(FILE.format(port=1))
    async with opened(paths) as core, client_of(core) as client:
        pages, ways = pages_of(core, client), ways_of(core)
        assert pages["target"].site.base_url == "http://127.0.0.1:1"
        file.write_text(FILE.format(port=2))
        core.loaded = core.folder.load()
        assert pages["target"].site.base_url == "http://127.0.0.1:2"
        assert ways["target"].pages.site.base_url == "http://127.0.0.1:2"
        with pytest.raises(Unusable, match="bestbuy cannot be asked: the environment variable NOBODY_HAS"):
            pages.get("bestbuy")
        assert pages.get("verizon") is None
