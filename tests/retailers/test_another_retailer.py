"""Adding a retailer is one file and one line: tried with a shop nobody knows, from the command line."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.paths import PROJECT
from tests.transport.raw_server import RawServer, answer, raw_server

#: The line of the registry, and Shopwatch.
WITH_IT = """
import sys
from shopwatch.retailers import registry
from tests.retailers.corner_shop import RETAILER
registry.RETAILERS[RETAILER.id] = RETAILER
from shopwatch.cli.main import main
sys.exit(main(sys.argv[1:]))
"""


@dataclass
class Shell:
    folder: Path

    async def run(self, *words: str) -> tuple[int, str, str]:
        child = await asyncio.create_subprocess_exec(
            sys.executable, "-c", WITH_IT, "--config-dir", str(self.folder), "--data-dir",
            str(self.folder / "data"), *words,
            cwd=PROJECT, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        out, complaint = await child.communicate()
        return child.returncode or 0, out.decode(), complaint.decode()


@pytest.fixture
async def server() -> AsyncIterator[RawServer]:
    async with raw_server() as running:
        yield running


@pytest.fixture
def shell(tmp_path: Path, server: RawServer) -> Shell:
    stock = [{"sku": "1111", "there": "yes", "price": 12.5}, {"sku": "1112", "there": "perhaps"}]
    server.on("/stock", answer(200, json.dumps(stock).encode()))
    (tmp_path / "retailers.yaml").write_text(f"retailers:\n  cornershop:\n    base_url: {server.url('')}\n")
    return Shell(tmp_path)


async def test_its_products_can_be_watched_and_looked_at(shell: Shell) -> None:
    address = "https://www.cornershop.example/things/1111"
    assert await shell.run("watch", "add", address) == (0, "watching cornershop:1111\n", "")
    assert (await shell.run("config", "check"))[0] == 0
    status, said, complaint = await shell.run("check", "cornershop:1111", "cornershop:1112", "--json")
    assert complaint == ""
    seen = {one["product"]["sku"]: one for one in json.loads(said)}
    assert status == 3  # of 1112 the shop said a word nobody knows
    assert (seen["1111"]["availability"], seen["1112"]["availability"]) == ("in_stock", "unknown")


async def test_it_has_no_store_directory_to_be_crawled(shell: Shell) -> None:
    status, _, said = await shell.run("crawl", "cornershop")
    assert status != 0
    assert "there is no store directory of 'cornershop': att, bestbuy" in said
