"""What a fetch comes to, over real sockets."""

from __future__ import annotations

import asyncio
import gzip
import socket
import time
import tracemalloc
import zlib
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from tests.transport.conftest import Fetchers, get
from tests.transport.raw_server import RawServer, Seen, answer, cut, drop

from shopwatch.domain.crawling import Page, Request
from shopwatch.domain.errors import (
    Blocked,
    ErrorClass,
    Gone,
    LayoutChanged,
    RetailerError,
    Unreachable,
)
from shopwatch.transport.client import Client
from shopwatch.transport.pace import Pace
from shopwatch.transport.policy import Policy

TEXT = b"<html>" + b"store " * 500 + b"</html>"


async def test_a_page_comes_whole(server: RawServer, fetcher: Fetchers) -> None:
    server.on("/store", answer(200, TEXT, Content_Type="text/html", X_Two="2"))
    request = get(server.url("/store"))
    page = await fetcher().fetch(request)
    assert (page.status, page.body, page.url, page.request) == (200, TEXT, server.url("/store"), request)
    assert page.headers["content-type"] == "text/html"
    assert page.fetched_at.tzinfo is not None
    assert page.duration_ms > 0
    assert not page.not_modified


async def test_connections_are_kept(server: RawServer, fetcher: Fetchers) -> None:
    server.on("/", answer(200, TEXT))
    for _ in range(5):
        await fetcher().fetch(get(server.url()))
    assert server.connections == 1


async def test_a_body_and_headers_are_sent(server: RawServer, fetcher: Fetchers) -> None:
    server.on("/search", answer(200, b"{}"))
    request = get(server.url("/search"), method="POST", body='{"zip":"10001"}', headers={"X-Api": "1"})
    await fetcher(headers={"Accept": "application/json"}).fetch(request)
    seen = server.seen[0]
    assert (seen.method, seen.body) == ("POST", b'{"zip":"10001"}')
    assert seen.headers["x-api"] == "1"
    assert seen.headers["accept"] == "application/json"
    assert seen.headers["content-type"] == "application/json"
    assert seen.headers["accept-encoding"] == "gzip, deflate"
    assert "cookie" not in seen.headers


async def test_no_cookie_is_kept(server: RawServer, fetcher: Fetchers) -> None:
    server.on("/", answer(200, b"", Set_Cookie="visitor=1; Path=/"))
    for _ in range(2):
        await fetcher().fetch(get(server.url(host="localhost")))
    assert "cookie" not in server.seen[1].headers


@pytest.mark.parametrize(
    ("encoding", "packed"),
    [
        ("gzip", gzip.compress(TEXT)),
        ("x-gzip", gzip.compress(TEXT)),
        ("deflate", zlib.compress(TEXT)),
        ("deflate", zlib.compress(TEXT)[2:-4]),
        ("identity", TEXT),
        ("gzip", gzip.compress(TEXT[:100]) + gzip.compress(TEXT[100:])),
    ],
    ids=["gzip", "x-gzip", "deflate", "raw deflate", "identity", "two members"],
)
async def test_packed_bodies_are_unpacked(
    server: RawServer, fetcher: Fetchers, encoding: str, packed: bytes
) -> None:
    server.on("/", answer(200, packed, Content_Encoding=encoding))
    assert (await fetcher().fetch(get(server.url()))).body == TEXT


async def test_a_gzip_file_without_content_encoding_is_left_packed(
    server: RawServer, fetcher: Fetchers
) -> None:
    server.on("/sitemap.xml.gz", answer(200, gzip.compress(TEXT), Content_Type="application/gzip"))
    page = await fetcher().fetch(get(server.url("/sitemap.xml.gz")))
    assert gzip.decompress(page.body) == TEXT


async def test_unchanged_is_an_answer(server: RawServer, fetcher: Fetchers) -> None:
    server.on("/", b'HTTP/1.1 304 Not Modified\r\nETag: "7"\r\n\r\n')
    page = await fetcher().fetch(get(server.url(), headers={"If-None-Match": '"7"'}))
    assert (page.not_modified, page.body, page.headers["etag"]) == (True, b"", '"7"')
    assert server.seen[0].headers["if-none-match"] == '"7"'


@pytest.mark.parametrize("status", [200, 203, 204, 206])
async def test_good_statuses_are_pages(server: RawServer, fetcher: Fetchers, status: int) -> None:
    server.on("/", f"HTTP/1.1 {status} X\r\nContent-Length: 0\r\n\r\n".encode())
    assert (await fetcher().fetch(get(server.url()))).status == status


@pytest.mark.parametrize(
    ("status", "challenge"),
    [(401, False), (403, False), (412, True), (418, False), (429, False), (435, True)],
)
async def test_refusals_are_blocked(
    server: RawServer, fetcher: Fetchers, status: int, challenge: bool
) -> None:
    server.on("/", answer(status, b"no"))
    with pytest.raises(Blocked) as refused:
        await fetcher().fetch(get(server.url()))
    assert (refused.value.status, refused.value.challenge) == (status, challenge)


@pytest.mark.parametrize(
    ("status", "error_class"),
    [
        (408, ErrorClass.TIME_OUT),
        (500, ErrorClass.SERVER),
        (502, ErrorClass.SERVER),
        (503, ErrorClass.SERVER),
        (504, ErrorClass.TIME_OUT),
        (520, ErrorClass.SERVER),
    ],
)
async def test_a_server_in_trouble_is_unreachable(
    server: RawServer, fetcher: Fetchers, status: int, error_class: ErrorClass
) -> None:
    server.on("/", answer(status, b"oh"))
    with pytest.raises(Unreachable) as error:
        await fetcher().fetch(get(server.url()))
    assert error.value.error_class == error_class


@pytest.mark.parametrize("status", [404, 410])
async def test_nothing_there_is_gone(server: RawServer, fetcher: Fetchers, status: int) -> None:
    server.on("/", answer(status, b"x"))
    with pytest.raises(Gone, match=f"HTTP {status}"):
        await fetcher().fetch(get(server.url()))


@pytest.mark.parametrize("status", [400, 405, 422])
async def test_a_request_the_site_does_not_take_needs_a_person(
    server: RawServer, fetcher: Fetchers, status: int
) -> None:
    server.on("/", answer(status, b"x"))
    with pytest.raises(LayoutChanged, match=f"HTTP {status}"):
        await fetcher().fetch(get(server.url()))


@pytest.mark.parametrize("status", [400, 404, 409, 424, 302])
async def test_a_status_the_caller_accepts_is_a_page(
    server: RawServer, fetcher: Fetchers, status: int
) -> None:
    server.on("/", answer(status, b'{"errors":[]}', Location="/elsewhere"))
    page = await fetcher().fetch(get(server.url(), accept=frozenset({status})))
    assert (page.status, page.body) == (status, b'{"errors":[]}')


@pytest.mark.parametrize("form", ["seconds", "date"])
@pytest.mark.parametrize("status", [429, 503])
async def test_the_wait_a_site_asks_for_is_told(
    server: RawServer, fetcher: Fetchers, status: int, form: str
) -> None:
    date = format_datetime(datetime.now(UTC) + timedelta(seconds=17), usegmt=True)
    given = "17" if form == "seconds" else date
    server.on("/", answer(status, b"", Retry_After=given))
    with pytest.raises((Blocked, Unreachable)) as error:
        await fetcher().fetch(get(server.url()))
    assert getattr(error.value, "retry_after_s", None) == pytest.approx(17, abs=10)


async def test_a_host_that_asked_for_a_long_rest_is_not_asked_again(
    server: RawServer, fetcher: Fetchers
) -> None:
    server.on("/", answer(503, b"", Retry_After="600"))
    with pytest.raises(Unreachable):
        await fetcher().fetch(get(server.url()))
    with pytest.raises(Blocked, match="left alone") as held:
        await fetcher().fetch(get(server.url()))
    assert held.value.status is None
    assert held.value.retry_after_s == pytest.approx(600, abs=60)
    assert len(server.seen) == 1


async def failed(fetch: object, error_class: ErrorClass) -> Unreachable:
    with pytest.raises(Unreachable) as error:
        await fetch  # type: ignore[misc]
    assert error.value.error_class == error_class
    return error.value


async def test_a_cut_body_is_no_page(server: RawServer, fetcher: Fetchers) -> None:
    server.on("/", cut)
    await failed(fetcher().fetch(get(server.url())), ErrorClass.CUT)


async def test_a_cut_packed_body_is_no_page(server: RawServer, fetcher: Fetchers) -> None:
    server.on("/", answer(200, gzip.compress(TEXT)[:-12], Content_Encoding="gzip"))
    error = await failed(fetcher().fetch(get(server.url())), ErrorClass.CUT)
    assert "ends early" in str(error)


async def test_a_body_that_is_not_packed_as_it_says_is_no_page(server: RawServer, fetcher: Fetchers) -> None:
    server.on("/", answer(200, TEXT, Content_Encoding="gzip"))
    await failed(fetcher().fetch(get(server.url())), ErrorClass.CUT)


async def test_a_packing_nobody_asked_for_is_no_page(server: RawServer, fetcher: Fetchers) -> None:
    server.on("/", answer(200, b"\x0b\x02", Content_Encoding="br"))
    await failed(fetcher().fetch(get(server.url())), ErrorClass.CUT)


async def test_a_closed_connection_is_no_answer(server: RawServer, fetcher: Fetchers) -> None:
    server.on("/", drop)
    await failed(fetcher().fetch(get(server.url())), ErrorClass.CUT)


async def test_something_else_than_http_is_no_answer(server: RawServer, fetcher: Fetchers) -> None:
    server.on("/", b"SSH-2.0-OpenSSH_9.2\r\n\r\n")
    await failed(fetcher().fetch(get(server.url())), ErrorClass.CUT)


async def test_a_silent_server_times_out(server: RawServer, fetcher: Fetchers) -> None:
    server.on("/", server.hang)
    error = await failed(fetcher(timeout_s=0.05).fetch(get(server.url())), ErrorClass.TIME_OUT)
    assert "0.05 s" in str(error)


async def test_a_dripping_server_times_out(server: RawServer, fetcher: Fetchers) -> None:
    async def drip(seen: Seen, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
        while not server.stopping.is_set():
            writer.write(b".")
            await writer.drain()
            await asyncio.sleep(0.01)

    server.on("/", drip)
    await failed(fetcher(timeout_s=0.1).fetch(get(server.url())), ErrorClass.TIME_OUT)


async def test_nobody_listening_is_refused(fetcher: Fetchers) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
        error = await failed(fetcher().fetch(get(f"http://127.0.0.1:{port}/")), ErrorClass.REFUSED)
    assert "no connection to 127.0.0.1" in str(error)


@pytest.mark.parametrize("host", ["a..b.test", "a" * 64 + ".test", ".test"])
async def test_a_host_no_name_can_be_ends_no_crawl(fetcher: Fetchers, host: str) -> None:
    with pytest.raises(Unreachable, match="is no host name") as error:
        await fetcher().fetch(get(f"http://{host}/"))
    assert error.value.error_class == ErrorClass.DNS


async def test_a_name_without_address_is_a_dns_error(fetcher: Fetchers) -> None:
    error = await failed(fetcher().fetch(get("http://nobody.invalid/")), ErrorClass.DNS)
    assert "nobody.invalid" in str(error)


async def test_a_server_without_tls_is_refused(server: RawServer, fetcher: Fetchers) -> None:
    url = server.url().replace("http://", "https://")
    error = await failed(fetcher(timeout_s=2).fetch(get(url)), ErrorClass.REFUSED)
    assert "no safe connection" in str(error)


@pytest.mark.parametrize("url", ["/stores/1", "ftp://127.0.0.1/x", "http://", "mailto:a@b", "http://[half"])
async def test_what_is_no_address_is_a_changed_layout(fetcher: Fetchers, url: str) -> None:
    with pytest.raises(LayoutChanged):
        await fetcher().fetch(get(url))


async def test_a_body_that_says_it_is_too_large_is_not_read(server: RawServer, fetcher: Fetchers) -> None:
    server.on("/", answer(200, b"x" * 2000))
    await failed(fetcher(max_body_bytes=1999).fetch(get(server.url())), ErrorClass.TOO_LARGE)


async def test_a_body_of_exactly_the_limit_is_fine(server: RawServer, fetcher: Fetchers) -> None:
    server.on("/", answer(200, b"x" * 2000))
    assert len((await fetcher(max_body_bytes=2000).fetch(get(server.url()))).body) == 2000


async def test_an_endless_body_ends_at_the_limit(server: RawServer, fetcher: Fetchers) -> None:
    async def endless(seen: Seen, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        while not writer.is_closing():
            writer.write(b"400\r\n" + b"x" * 1024 + b"\r\n")
            await writer.drain()

    server.on("/", endless)
    await failed(fetcher(max_body_bytes=100_000).fetch(get(server.url())), ErrorClass.TOO_LARGE)


async def test_a_gzip_bomb_costs_little_memory(server: RawServer, fetcher: Fetchers) -> None:
    packing = zlib.compressobj(9, wbits=31)
    bomb = b"".join(packing.compress(bytes(1_000_000)) for _ in range(60)) + packing.flush()
    server.on("/", answer(200, bomb, Content_Encoding="gzip"))
    fetch = fetcher(max_body_bytes=2_000_000)
    tracemalloc.start()
    error = await failed(fetch.fetch(get(server.url())), ErrorClass.TOO_LARGE)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert "unpacks to over" in str(error)
    assert peak < 6_000_000


async def test_a_huge_error_page_is_told_by_its_status(server: RawServer, fetcher: Fetchers) -> None:
    server.on("/", answer(403, b"x" * 3_000_000))
    with pytest.raises(Blocked):
        await fetcher().fetch(get(server.url()))


async def test_a_cancelled_fetch_gives_its_turn_back(
    server: RawServer, client: Client, fetcher: Fetchers
) -> None:
    server.on("/hang", server.hang)
    server.on("/", answer(200, TEXT))
    one_at_a_time = fetcher(pace=Pace(concurrency=1))
    task = asyncio.create_task(one_at_a_time.fetch(get(server.url("/hang"))))
    await server.asked.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await one_at_a_time.fetch(get(server.url()))
    hosts = client.budgets.facts()
    assert [(host["in_flight"], host["waiting"]) for host in hosts] == [(0, 0)]


async def test_the_distance_between_requests_is_kept_at_the_server(
    server: RawServer, fetcher: Fetchers
) -> None:
    server.on("/", answer(200, b""))
    slow = fetcher(pace=Pace(min_delay_s=0.03, max_delay_s=0.05, concurrency=8))
    began_s = time.monotonic()
    await asyncio.gather(*(slow.fetch(get(server.url())) for _ in range(6)))
    # On a busy machine one arrives late and the next in time: none is earlier than all the delays before it.
    early = [place for place, seen in enumerate(server.seen) if seen.at_s - began_s < place * 0.03 - 0.002]
    assert early == []


async def test_never_more_in_flight_than_the_policy_says(server: RawServer, fetcher: Fetchers) -> None:
    most, now = 0, 0

    async def count(seen: Seen, writer: asyncio.StreamWriter) -> None:
        nonlocal most, now
        now += 1
        most = max(most, now)
        await asyncio.sleep(0.005)
        now -= 1
        writer.write(answer(200, b""))

    server.on("/", count)
    three = fetcher(pace=Pace(concurrency=3))
    await asyncio.gather(*(three.fetch(get(server.url())) for _ in range(20)))
    assert most == 3


def wall(page: Page) -> None:
    if b"Robot or human?" in page.body or "/blocked" in page.url:
        raise Blocked(page.url, "a test for humans", challenge=True)


async def test_a_wall_with_status_200_is_a_challenge(server: RawServer, fetcher: Fetchers) -> None:
    server.on("/", answer(200, b"<title>Robot or human?</title>"))
    with pytest.raises(Blocked) as error:
        await fetcher(recognise_wall=wall).fetch(get(server.url()))
    assert error.value.challenge
    assert error.value.status == 200


async def test_a_wall_is_known_by_where_it_redirects_to(server: RawServer, fetcher: Fetchers) -> None:
    server.on("/", answer(307, b"", Location="/blocked?url=Lw=="))
    with pytest.raises(Blocked) as error:
        await fetcher(recognise_wall=wall).fetch(get(server.url()))
    assert error.value.challenge
    assert server.paths() == ["/"]


def stub(page: Page) -> None:
    if page.body and len(page.body) < 32:
        raise Blocked(page.url, "a stub", challenge=True)


async def test_short_redirects_and_short_rules_are_no_wall(server: RawServer, fetcher: Fetchers) -> None:
    server.on("/robots.txt", answer(200, b"User-agent: *\nAllow: /"))
    server.on("/", answer(301, b"Moved", Location="/there"))
    server.on("/there", answer(200, TEXT))
    page = await fetcher(recognise_wall=stub, obey_robots=True).fetch(get(server.url()))
    assert page.body == TEXT


async def test_a_challenge_stops_everything_for_the_retailer(server: RawServer, fetcher: Fetchers) -> None:
    server.on("/", answer(200, b"Robot or human?"))
    with pytest.raises(Blocked):
        await fetcher(recognise_wall=wall).fetch(get(server.url()))
    with pytest.raises(Blocked, match="target is paused until"):
        await fetcher().fetch(get(server.url("/other")))
    assert server.paths() == ["/"]
    server.on("/walmart", answer(200, b""))
    await fetcher(retailer="walmart").fetch(get(server.url("/walmart")))


async def test_a_human_may_end_the_pause(server: RawServer, client: Client, fetcher: Fetchers) -> None:
    server.on("/", answer(435, b"{}"), answer(200, TEXT))
    with pytest.raises(Blocked):
        await fetcher().fetch(get(server.url()))
    await client.clear("target")
    assert (await fetcher().fetch(get(server.url()))).body == TEXT


@pytest.mark.parametrize("status", [404, 403, 500, 400])
async def test_no_error_repeats_a_key(server: RawServer, fetcher: Fetchers, status: int) -> None:
    server.on("/v1/stores", answer(status, b""))
    url = server.url("/v1/stores?apiKey=S3CRET&key=AB12&page=2").replace("127.0.0.1", "me:pw@127.0.0.1")
    with pytest.raises(RetailerError) as error:
        await fetcher().fetch(get(url))
    for secret in ("S3CRET", "AB12", "pw@"):
        assert secret not in str(error.value)
        assert secret not in error.value.url
    assert "page=2" in str(error.value)


async def test_a_client_that_is_not_open_says_so() -> None:
    fetch = Client().fetcher(Policy(retailer="target", obey_robots=False))
    with pytest.raises(RuntimeError, match="not open"):
        await fetch.fetch(Request(url="http://127.0.0.1/"))


@pytest.mark.parametrize(
    "value",
    [
        "soon",
        "-5",
        "",
        "1e3",
        "Wed, 99 Foo 2026",
        "Thu, 01 Jan 1970 00:00:00 GMT",
        "Mon, 01 Jan 99999999999 10:00:00 GMT",
    ],
)
async def test_a_wait_that_says_nothing_is_no_wait(server: RawServer, fetcher: Fetchers, value: str) -> None:
    server.on("/", answer(503, b"", Retry_After=value))
    with pytest.raises(Unreachable) as error:
        await fetcher().fetch(get(server.url()))
    assert not error.value.retry_after_s
