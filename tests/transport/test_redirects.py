"""Following a site to where it sends us."""

from __future__ import annotations

import pytest
from tests.transport.conftest import Fetchers, get
from tests.transport.raw_server import RawServer, answer, raw_server

from shopwatch.domain.errors import LayoutChanged, Unreachable
from shopwatch.transport.client import Client


async def test_the_page_says_where_it_was_found(server: RawServer, fetcher: Fetchers) -> None:
    server.on("/p/-/A-1", answer(301, b"", Location="/p/thing/-/A-1"))
    server.on("/p/thing/-/A-1", answer(200, b"thing"))
    page = await fetcher().fetch(get(server.url("/p/-/A-1")))
    assert (page.url, page.body) == (server.url("/p/thing/-/A-1"), b"thing")
    assert page.request.url == server.url("/p/-/A-1")


@pytest.mark.parametrize("hops", [5, 6])
async def test_five_redirects_are_enough(server: RawServer, fetcher: Fetchers, hops: int) -> None:
    for hop in range(hops):
        server.on(f"/{hop}", answer(302, b"", Location=f"/{hop + 1}"))
    server.on(f"/{hops}", answer(200, b"there"))
    fetching = fetcher().fetch(get(server.url("/0")))
    if hops == 5:
        assert (await fetching).body == b"there"
    else:
        with pytest.raises(Unreachable, match="redirected more than 5 times"):
            await fetching


async def test_a_circle_ends(server: RawServer, fetcher: Fetchers) -> None:
    server.on("/", answer(302, b"", Location="/"))
    with pytest.raises(Unreachable):
        await fetcher().fetch(get(server.url()))
    assert len(server.seen) == 6


@pytest.mark.parametrize(
    ("status", "method", "body"),
    [(301, "GET", b""), (302, "GET", b""), (303, "GET", b""), (307, "POST", b"{}"), (308, "POST", b"{}")],
)
async def test_a_post_becomes_a_get_where_the_status_says_so(
    server: RawServer, fetcher: Fetchers, status: int, method: str, body: bytes
) -> None:
    server.on("/a", answer(status, b"", Location="/b"))
    server.on("/b", answer(200, b""))
    await fetcher().fetch(get(server.url("/a"), method="POST", body="{}"))
    assert (server.seen[1].method, server.seen[1].body) == (method, body)
    assert ("content-type" in server.seen[1].headers) == (method == "POST")


async def test_keys_do_not_travel_to_another_host(server: RawServer, fetcher: Fetchers) -> None:
    async with raw_server() as other:
        server.on("/a", answer(302, b"", Location=other.url("/b")))
        other.on("/b", answer(200, b""))
        headers = {"Authorization": "secret", "X-Api-Key": "secret", "Accept": "text/html"}
        await fetcher().fetch(get(server.url("/a"), headers=headers))
        assert server.seen[0].headers["authorization"] == "secret"
        assert "secret" not in other.seen[0].headers.values()
        assert other.seen[0].headers["accept"] == "text/html"


async def test_each_host_on_the_way_has_its_own_budget(
    server: RawServer, client: Client, fetcher: Fetchers
) -> None:
    async with raw_server() as other:
        server.on("/a", answer(302, b"", Location=other.url("/b")))
        other.on("/b", answer(200, b""))
        await fetcher().fetch(get(server.url("/a")))
        assert {host["host"] for host in client.budgets.facts()} == {
            f"127.0.0.1:{server.port}",
            f"127.0.0.1:{other.port}",
        }


@pytest.mark.parametrize("location", ["mailto:a@b.example", "ftp://127.0.0.1/x", "javascript:void(0)"])
async def test_a_redirect_to_no_page_is_not_followed(
    server: RawServer, fetcher: Fetchers, location: str
) -> None:
    server.on("/", answer(302, b"", Location=location))
    with pytest.raises(LayoutChanged, match="redirected to"):
        await fetcher().fetch(get(server.url()))


async def test_a_redirect_to_nowhere_is_a_changed_layout(server: RawServer, fetcher: Fetchers) -> None:
    server.on("/", answer(302, b""))
    with pytest.raises(LayoutChanged):
        await fetcher().fetch(get(server.url()))
