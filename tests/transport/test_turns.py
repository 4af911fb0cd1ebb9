"""A browser's visits within the same budgets and pauses as requests."""

from __future__ import annotations

import pytest
from tests.transport.conftest import Fetchers, get
from tests.transport.raw_server import RawServer, answer

from shopwatch.domain.errors import Blocked, LayoutChanged, Unreachable
from shopwatch.transport.client import Client
from shopwatch.transport.pace import Pace
from shopwatch.transport.policy import Policy

URL = "https://www.target.com/p/-/A-1"
POLICY = Policy(retailer="target", pace=Pace(concurrency=1))


async def test_a_visit_holds_the_hosts_turn(client: Client) -> None:
    async with client.gate(POLICY).visit(URL):
        (host,) = client.budgets.facts()
        assert (host["host"], host["in_flight"]) == ("www.target.com", 1)
    (host,) = client.budgets.facts()
    assert host["in_flight"] == 0


async def test_a_challenge_in_the_browser_pauses_requests_too(
    server: RawServer, client: Client, fetcher: Fetchers
) -> None:
    server.on("/", answer(200))
    with pytest.raises(Blocked, match="a test"):
        async with client.gate(POLICY).visit(URL):
            raise Blocked(URL, "a test for humans", challenge=True, status=200)
    with pytest.raises(Blocked, match="target is paused"):
        await fetcher().fetch(get(server.url()))
    with pytest.raises(Blocked, match="target is paused"):
        async with client.gate(POLICY).visit(URL):
            pytest.fail("nobody may be let in")


async def test_a_failing_visit_slows_the_host(client: Client) -> None:
    with pytest.raises(Unreachable):
        async with client.gate(POLICY).visit(URL):
            raise Unreachable(URL, "HTTP 503")
    (host,) = client.budgets.facts()
    assert (host["share"], host["in_flight"]) == (0.5, 0)


@pytest.mark.parametrize("error", [LayoutChanged(URL, "another page"), RuntimeError("a bug")])
async def test_other_errors_give_the_turn_back(client: Client, error: Exception) -> None:
    with pytest.raises(type(error)):
        async with client.gate(POLICY).visit(URL):
            raise error
    (host,) = client.budgets.facts()
    assert (host["share"], host["in_flight"]) == (1.0, 0)
