"""Who may talk to the dashboard: every way in that another site or a stranger could try."""

import asyncio
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from functools import partial
from http.client import HTTPConnection
from io import BytesIO
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from tests.dashboard_fixture import Dashboard, running_dashboard

from shopwatch.web import security
from shopwatch.web.security import MAX_BODY, Budget, is_loopback
from shopwatch.web.serving import token_of

START = "/api/scraper/start"
BODY = {"retailer": "verizon"}


async def test_a_name_that_resolves_here_is_not_ours(dashboard: Dashboard) -> None:
    """DNS rebinding: evil.example resolves to 127.0.0.1, the browser sends its own name."""
    reply = await dashboard.get("/api/status", headers={"Host": "evil.example"})
    assert (reply.status, reply.json["status"]) == (403, "error")


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Origin": "http://127.0.0.1:1"},
    ],
)
async def test_another_site_cannot_make_the_browser_write(
    dashboard: Dashboard, headers: dict[str, str]
) -> None:
    reply = await dashboard.post(START, BODY, headers=headers)
    assert reply.status == 403
    assert dashboard.children.started == {}


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""]
)
async def test_a_write_must_be_json(dashboard: Dashboard, kind: str) -> None:
    """A form of another site can send these without asking first; it cannot send JSON."""
    reply = await dashboard.ask(
        "POST", START, data=b'{"retailer": "verizon"}', headers={"Content-Type": kind}
    )
    assert reply.status == 415


async def test_our_own_page_may_write(dashboard: Dashboard) -> None:
    headers = {"Origin": dashboard.url, "Sec-Fetch-Site": "same-origin"}
    assert (await dashboard.post(START, BODY, headers=headers)).status == 202


async def test_a_body_over_the_limit_is_refused(dashboard: Dashboard) -> None:
    body = BytesIO(b'"' + b"x" * MAX_BODY + b'"')
    reply = await dashboard.ask("POST", START, data=body, headers={"Content-Type": "application/json"})
    assert reply.status == 413


async def test_a_body_over_the_limit_is_read_by_one_who_sends_before_reading(dashboard: Dashboard) -> None:
    def answered() -> int:
        host = urlsplit(dashboard.url).netloc
        connection = HTTPConnection(host, timeout=30)
        with closing(connection):
            connection.request("POST", START, b"x" * 4 * MAX_BODY, {"Content-Type": "application/json"})
            return connection.getresponse().status

    assert await asyncio.to_thread(answered) == 413


async def test_a_body_of_no_length_is_refused_at_the_limit(dashboard: Dashboard) -> None:
    async def parts() -> AsyncIterator[bytes]:
        for _ in range(3):
            yield b"x" * MAX_BODY

    reply = await dashboard.ask("POST", START, data=parts(), headers={"Content-Type": "application/json"})
    assert (reply.status, reply.json["status"]) == (413, "error")


@pytest.mark.parametrize("body", [b"{", b"\xff", b"[1", b"{}" * 3])
async def test_a_malformed_body_is_one_sentence(dashboard: Dashboard, body: bytes) -> None:
    reply = await dashboard.ask("POST", START, data=body, headers={"Content-Type": "application/json"})
    assert (reply.status, reply.json["status"]) == (400, "error")


async def test_a_flood_of_writes_is_slowed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(security, "Budget", partial(Budget, per_second=0.0))  # a busy machine floods slowly
    async with running_dashboard(tmp_path) as dashboard:
        replies = [await dashboard.post(START, {"retailer": "nope"}) for _ in range(40)]
        assert {reply.status for reply in replies} == {400, 429}
        assert replies[-1].headers["Retry-After"] == "60"
        assert (await dashboard.get("/api/status")).status == 200


async def test_every_answer_carries_a_strict_policy(dashboard: Dashboard) -> None:
    for path in ("/", "/api/status", "/nowhere", "/static/nothing.js"):
        headers = (await dashboard.get(path)).headers
        assert "unsafe" not in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"


async def test_an_answer_about_a_bug_carries_it_too(
    dashboard: Dashboard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dashboard.core, "ledger", None)
    reply = await dashboard.get("/api/purchases")
    assert (reply.status, reply.json["status"]) == (500, "error")
    assert "unsafe" not in reply.headers["Content-Security-Policy"]
    assert reply.headers["X-Frame-Options"] == "DENY"


@pytest.mark.parametrize(
    "path", ["/", "/healthz", "/api/status", "/static/css/base.css", "/api/events", "/nowhere"]
)
async def test_who_asks_for_the_headers_is_given_those_of_the_page(dashboard: Dashboard, path: str) -> None:
    asked = await dashboard.ask("HEAD", path)
    assert asked.text == ""
    assert asked.headers["Content-Type"]
    if path != "/api/events":  # that one never ends
        told = await dashboard.get(path)
        same = ("Content-Type", "Content-Length", "ETag", "Content-Security-Policy")
        assert [asked.status, *map(asked.headers.get, same)] == [told.status, *map(told.headers.get, same)]


async def test_with_a_token_nothing_is_told_without_it(tmp_path: Path) -> None:
    async with running_dashboard(tmp_path, token="s3cret") as dashboard:
        assert (await dashboard.get("/api/status")).status == 401
        assert (await dashboard.get("/api/status", headers={"Authorization": "Bearer nope"})).status == 401
        assert (await dashboard.get("/api/status?token=s3cret")).status == 401
        bearer = {"Authorization": "Bearer s3cret"}
        assert (await dashboard.get("/api/status", headers=bearer)).status == 200


async def test_the_printed_address_leaves_a_cookie_that_scripts_cannot_read(tmp_path: Path) -> None:
    async with running_dashboard(tmp_path, token="s3cret") as dashboard:
        page = await dashboard.get("/?token=s3cret")
        assert page.status == 200
        assert {"httponly", "samesite=strict"} <= {
            part.strip().lower() for part in page.headers["Set-Cookie"].split(";")
        }
        cookie = {"Cookie": page.headers["Set-Cookie"].split(";")[0]}
        assert (await dashboard.get("/api/status", headers=cookie)).status == 200


@pytest.mark.parametrize("path", ["/static/../app.py", "/static/%2e%2e/app.py", "/static//etc/passwd"])
async def test_no_file_but_the_page_s_own_is_served(dashboard: Dashboard, path: str) -> None:
    reply = await dashboard.get(path)
    assert reply.status == 404


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost", "127.1.2.3"])
def test_loopback_addresses_are_this_machine(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "example.com", ""])
def test_other_addresses_are_the_world(host: str) -> None:
    assert not is_loopback(host)


def test_a_budget_refills_with_time_and_not_for_others() -> None:
    now = [0.0]
    budget = Budget(per_second=1, burst=2, clock=lambda: now[0])
    assert [budget.take("a") for _ in range(3)] == [True, True, False]
    assert budget.take("b")
    now[0] += 1
    assert [budget.take("a") for _ in range(2)] == [True, False]


def test_the_token_is_made_once_for_its_owner_only(tmp_path: Path) -> None:
    token = token_of(tmp_path / "sessions")
    file = tmp_path / "sessions" / "dashboard_token"
    assert token_of(tmp_path / "sessions") == token == file.read_text("utf-8").strip()
    assert (len(token) >= 32, file.stat().st_mode & 0o777) == (True, 0o600)
    assert {one.name for one in file.parent.iterdir()} == {".lock", file.name}, "no draft stays behind"


@pytest.mark.parametrize("left", ["", "\n", "s3cr", "\ufffd" * 40, "x" * 40 + " " + "y"])
def test_a_token_file_that_holds_no_whole_token_is_made_anew(tmp_path: Path, left: str) -> None:
    """A process killed between making the file and writing it, or a full disk."""
    file = tmp_path / "dashboard_token"
    file.write_text(left, "utf-8")
    token = token_of(tmp_path)
    assert (len(token) >= 32, token_of(tmp_path)) == (True, token)
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_token_file_of_bytes_is_made_anew(tmp_path: Path) -> None:
    (tmp_path / "dashboard_token").write_bytes(b"\xff\xfe" * 30)
    assert token_of(tmp_path).isascii()


def test_all_that_start_at_once_without_a_token_tell_the_same_one(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        tokens = set(pool.map(token_of, [tmp_path / "sessions"] * 8))
    assert len(tokens) == 1


async def test_an_empty_token_lets_nobody_in(tmp_path: Path) -> None:
    async with running_dashboard(tmp_path, token="") as dashboard:
        assert (await dashboard.get("/api/status")).status == 401
        assert (await dashboard.get("/?token=")).status == 401
        assert (await dashboard.get("/healthz")).status == 200
