"""The children of an installation: what they are told."""

from pathlib import Path

import pytest

from shopwatch.bootstrap.children import supervisor_of
from shopwatch.bootstrap.core import opened
from shopwatch.bootstrap.paths import Paths


async def test_a_child_knows_a_variable_that_the_configuration_names_since_the_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BESTBUY_API_KEY", "hush")
    async with opened(Paths(config_dir=tmp_path, data_dir=tmp_path)) as core:
        supervisor = supervisor_of(core)
        assert "BESTBUY_API_KEY" not in supervisor._environment()
        (tmp_path / "retailers.yaml").write_text("retailers: {bestbuy: {keys: {api: '${BESTBUY_API_KEY}'}}}")
        assert supervisor._environment()["BESTBUY_API_KEY"] == "hush"
