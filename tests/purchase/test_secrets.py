"""Password, token, card and address: in no log, row, evidence, answer of the API or file but the session's.

The whole way is walked by the running monitor at a shop whose secrets can be recognised.
"""

from __future__ import annotations

import asyncio
import json
import re
from contextlib import suppress
from pathlib import Path

import pytest
from tests.browser.chromium import needs_browser
from tests.buying_shop import PASSWORD, SKU, furnish
from tests.dashboard_fixture import Dashboard, dashboard_over
from tests.purchase.test_till import PRODUCT, monitor, settings
from tests.simulator_fixture import Simulator
from tests.target_shopper import USER

from shopwatch.domain.purchase import PurchaseState

S = PurchaseState
OWNER = {
    "full_name": "Zebulon Quagmire",
    "zip_code": "73301",
    "card_suffix": "8817",
    "email": "zebulon@quagmire.example",
}
#: What the simulated pages show beside that.
SHOWN = ("100 Example St", "555-555-0100")
#: Configured by the person, so their own settings may name them; shown by the site, they may not.
OF_THE_SITE = (OWNER["zip_code"], OWNER["card_suffix"])
FILLED = {"retailer": "target", "sku": SKU, "purchase_id": "1", "restock_id": "1", "file": "shopwatch.yaml"}


@pytest.mark.browser
@needs_browser[1]
@pytest.mark.asyncio(loop_scope="session")
@pytest.mark.timeout(150)
async def test_nothing_secret_is_left_behind_by_the_whole_way(
    simulator: Simulator, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    await furnish(simulator.origins, tmp_path, shopwatch=settings({SKU: PRODUCT}), ship="OUT_OF_STOCK")
    await simulator.tell("PUT", "/checkout", OWNER)
    async with monitor(tmp_path, live=True) as (core, diary):
        await diary.has("sessions", "healthy")
        await diary.has(f"{SKU} is out_of_stock")
        await simulator.put(SKU, ship="IN_STOCK")
        await diary.has(f"{SKU} refused")  # the site's card and address are not those configured
        await simulator.tell("PUT", "/checkout", {"zip_code": "20147", "card_suffix": "4444"})
        gone = diary.count(f"{SKU} is out_of_stock")
        await simulator.put(SKU, ship="OUT_OF_STOCK")
        await diary.has(f"{SKU} is out_of_stock", times=gone + 1)
        await simulator.put(SKU, ship="IN_STOCK")
        await diary.has(f"{SKU} placed")
        tokens = _tokens(tmp_path / "sessions" / "target_storage.json")
        async with dashboard_over(core) as dashboard:
            answers = await _answers(dashboard)
        states = [one.state for one in await core.ledger.recent()]
    assert states == [S.PLACED, S.REFUSED]
    assert len(answers) > 25
    assert len(tokens) >= 4, "the session holds no tokens: this test looks for nothing"
    secrets = [PASSWORD, USER, OWNER["full_name"], OWNER["email"], *SHOWN, *OF_THE_SITE, *tokens]
    told = {f"GET {path}": text for path, text in answers.items()} | {"output": "".join(capfd.readouterr())}
    assert [(where, one) for where, text in told.items() for one in secrets if _names(text, one)] == []
    assert _leaks(tmp_path, secrets) == []


def _tokens(session: Path) -> list[str]:
    cookies = json.loads(session.read_text())["cookies"]
    return [cookie["value"] for cookie in cookies if len(cookie["value"]) > 20]


async def _answers(dashboard: Dashboard) -> dict[str, str]:
    """The answer of every GET route."""
    paths = (await dashboard.get("/openapi.json")).json["paths"]
    found = {}
    for path in [path for path, methods in paths.items() if "get" in methods]:
        address = re.sub(r"{(\w+)}", lambda match: FILLED.get(match[1], "x"), path)
        found[path] = await _read(dashboard, address)
    return found


async def _read(dashboard: Dashboard, address: str) -> str:
    """All of an answer, or what of an endless one comes at once."""
    parts: list[bytes] = []
    with suppress(TimeoutError):
        async with asyncio.timeout(1), dashboard.session.get(dashboard.url + address) as answer:
            async for part in answer.content.iter_any():
                parts.append(part)  # noqa: PERF401 - what came before the time ran out counts
    return b"".join(parts).decode("utf-8", "replace")


def _names(text: str, secret: str) -> bool:
    """As a word: four digits may stand in any longer number."""
    return re.search(rf"(?<![\w.]){re.escape(secret)}(?![\w])", text) is not None


def _leaks(folder: Path, secrets: list[str]) -> list[tuple[str, str]]:
    files = [path for path in folder.rglob("*") if path.is_file() and path.parent.name != "sessions"]
    assert any(path.name == "shopwatch.db" for path in files), "no database: this test looks at nothing"
    texts = {path.name: path.read_bytes().decode("latin-1") for path in files}
    long = [one for one in secrets if len(one) > 4]  # four digits are in any database
    return [(name, one) for name, text in texts.items() for one in long if one in text]
