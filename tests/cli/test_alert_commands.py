"""`shopwatch alerts`: what was told, whether a channel works, and once more."""

import asyncio
import json
import socket
from pathlib import Path

import pytest
from tests.cli.conftest import Call

from shopwatch.domain.stock_state import Alert, AlertKind
from shopwatch.storage.database import Database
from shopwatch.storage.outbox import SqlOutbox


@pytest.fixture
def told(tmp_path: Path) -> None:
    """One alert that has left."""

    async def write() -> None:
        with Database.open(tmp_path / "data" / "shopwatch.db") as database:
            outbox = SqlOutbox(database)
            await outbox.add([Alert(key="a", kind=AlertKind.PRICE_DROP, facts={"name": "Cards"})])
            (row,) = await outbox.rows()
            await outbox.sent(row, row.created_at)

    asyncio.run(write())


def test_without_any_there_is_a_sentence(call: Call) -> None:
    assert call("alerts") == (0, "nothing was told yet\n", "")


@pytest.mark.usefixtures("told")
def test_the_list_says_what_of_what_and_what_became_of_it(call: Call) -> None:
    line = call("alerts")[1].splitlines()[1]
    assert [word in line for word in ("price drop", "Cards", "sent")] == [True] * 3
    (row,) = json.loads(call("alerts", "--json")[1])
    assert (row["state"], row["alert"]["key"]) == ("sent", "a")


@pytest.mark.usefixtures("told")
def test_what_has_left_is_sent_again_once(call: Call) -> None:
    assert call("alerts", "resend", "1") == (0, "alert 1 will be sent again\n", "")
    status, _, err = call("alerts", "resend", "1")
    assert status == 1
    assert err == "alert 1 is on its way already, or there is none: see `shopwatch alerts`\n"


def test_a_test_without_a_channel_says_where_one_goes(call: Call) -> None:
    status, _, err = call("alerts", "test")
    assert (status, "notify.channels" in err) == (1, True)


def test_a_test_tells_the_truth_of_a_channel_nobody_listens_at(call: Call) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound, but nobody listens
        Path("config").mkdir()
        address = f"json://127.0.0.1:{taken.getsockname()[1]}"
        Path("config/shopwatch.yaml").write_text(f"notify: {{channels: ['{address}']}}")
        status, out, _ = call("alerts", "test")
        assert status == 1
        assert "did not take it: the service could not be reached" in out
        assert json.loads(call("alerts", "test", "--json")[1])[0]["ok"] is False
    assert call("alerts", "test", "--channel", "2")[0] == 1
