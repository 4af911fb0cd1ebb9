"""Adding a retailer is one file and one line: tried with a shop nobody knows, from the command line."""

from __future__ import annotations

import asyncio
import json
import sys

import pytest
import pytest_asyncio
from tests.paths import PROJECT
from tests.transport.raw_server import answer, raw_server

#: The line of the registry, before anything else of Shopwatch is loaded; then one command after the other.
WITH_IT = """
import io, json, sys
from contextlib import redirect_stderr, redirect_stdout
from shopwatch.retailers import registry
from tests.retailers.corner_shop import RETAILER
registry.RETAILERS[RETAILER.id] = RETAILER
from shopwatch.cli.main import main
def call(words):
    with redirect_stdout(io.StringIO()) as out, redirect_stderr(io.StringIO()) as err:
        status = main(words)
    return status, out.getvalue(), err.getvalue()
print(json.dumps([call(words) for words in json.loads(sys.argv[1])]))
"""
ADDRESS = "https://www.cornershop.example/things/1111"
COMMANDS = {
    "watch": ["watch", "add", ADDRESS],
    "config": ["config", "check"],
    "check": ["check", "cornershop:1111", "cornershop:1112", "--json"],
    "crawl": ["crawl", "cornershop"],
}
Told = dict[str, tuple[int, str, str]]  #: what each command came to: status, output, complaint


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def told(tmp_path_factory: pytest.TempPathFactory) -> Told:
    """What the commands said, one after the other in one Shopwatch that knows the shop."""
    folder = tmp_path_factory.mktemp("corner")
    stock = [{"sku": "1111", "there": "yes", "price": 12.5}, {"sku": "1112", "there": "perhaps"}]
    places = ["--config-dir", str(folder), "--data-dir", str(folder / "data")]
    async with raw_server() as server:
        server.on("/stock", answer(200, json.dumps(stock).encode()))
        settings = f"retailers:\n  cornershop:\n    base_url: {server.url('')}\n"
        await asyncio.to_thread((folder / "retailers.yaml").write_text, settings)
        child = await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", WITH_IT, json.dumps([places + words for words in COMMANDS.values()])),
            cwd=PROJECT,
            stdout=asyncio.subprocess.PIPE,
        )
        out, _ = await child.communicate()
    return dict(zip(COMMANDS, map(tuple, json.loads(out)), strict=True))


def test_its_products_can_be_watched_and_looked_at(told: Told) -> None:
    assert told["watch"] == (0, "watching cornershop:1111\n", "")
    assert told["config"][0] == 0
    status, said, complaint = told["check"]
    assert complaint == ""
    seen = {one["product"]["sku"]: one for one in json.loads(said)}
    assert status == 3  # of 1112 the shop said a word nobody knows
    assert (seen["1111"]["availability"], seen["1112"]["availability"]) == ("in_stock", "unknown")


def test_it_has_no_store_directory_to_be_crawled(told: Told) -> None:
    status, _, said = told["crawl"]
    assert status != 0
    assert "there is no store directory of 'cornershop': att, bestbuy" in said
