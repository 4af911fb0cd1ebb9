"""Where requests leave from."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from structlog.testing import capture_logs
from tests.transport.conftest import Fetchers, get
from tests.transport.raw_server import RawServer, answer, raw_server

from shopwatch.config.retailer_settings import ProxySettings
from shopwatch.domain.errors import Blocked, ErrorClass, Invalid, Unreachable
from shopwatch.transport.proxies import DIRECT, PASSWORD, USERNAME, Proxy

ENVIRONMENT = {USERNAME: "anna", PASSWORD: "p4ss:w0rd"}


def basic(value: str) -> str:
    return base64.b64decode(value.removeprefix("Basic ")).decode()


def test_direct_needs_nothing() -> None:
    assert Proxy.of(ProxySettings(), {}) is DIRECT


@pytest.mark.parametrize("mode", ["residential", "web_scraper_api"])
def test_a_retailer_may_have_its_own_mode(mode: Any) -> None:
    assert Proxy.of(ProxySettings(), ENVIRONMENT, mode=mode).mode == mode
    assert Proxy.of(ProxySettings(mode=mode), ENVIRONMENT, mode="direct") is DIRECT


@pytest.mark.parametrize(
    ("environment", "missing"),
    [
        ({}, f"{USERNAME} and no {PASSWORD}"),
        ({USERNAME: "anna"}, PASSWORD),
        ({PASSWORD: "x", USERNAME: ""}, USERNAME),
    ],
)
def test_missing_credentials_are_named_and_nothing_else(environment: dict[str, str], missing: str) -> None:
    with pytest.raises(Invalid) as error:
        Proxy.of(ProxySettings(mode="residential"), environment)
    (problem,) = error.value.problems
    assert problem.startswith(f"proxy.mode is 'residential', but the environment has no {missing}: set both")


def test_credentials_do_not_belong_into_the_file() -> None:
    settings = ProxySettings(mode="residential", residential_url="http://anna:s3cret@pr.example:7777")
    with pytest.raises(Invalid, match=r"proxy\.residential_url holds credentials") as error:
        Proxy.of(settings, ENVIRONMENT)
    assert "s3cret" not in str(error.value)


def test_no_repr_shows_credentials() -> None:
    shown = repr(Proxy.of(ProxySettings(mode="residential"), ENVIRONMENT))
    assert "p4ss" not in shown
    assert "anna" not in shown


async def test_residential_goes_through_the_proxy(server: RawServer, fetcher: Fetchers) -> None:
    async with raw_server() as proxy_server:
        target = server.url("/store/1")
        proxy_server.replies[target] = [answer(200, b"through the proxy")]
        settings = ProxySettings(mode="residential", residential_url=proxy_server.url(""))
        fetch = fetcher(proxy=Proxy.of(settings, ENVIRONMENT))
        with capture_logs() as lines:
            page = await fetch.fetch(get(target))
            await fetch.fetch(get(target))
        await fetcher(proxy=Proxy.of(settings, ENVIRONMENT)).fetch(get(target))
        users = [basic(seen.headers["proxy-authorization"]) for seen in proxy_server.seen]
    assert page.body == b"through the proxy"
    assert page.url == target
    assert server.seen == []
    assert users[0].startswith("customer-anna-cc-us-sessid-")
    assert users[0].endswith(":p4ss:w0rd")
    assert users[0] == users[1] != users[2]
    assert "p4ss" not in str(lines)


async def test_a_tunnel_is_asked_for_with_the_same_credentials(server: RawServer, fetcher: Fetchers) -> None:
    server.replies["127.0.0.1:9"] = [answer(407, b"who are you")]
    settings = ProxySettings(mode="residential", residential_url=server.url(""))
    with pytest.raises(Unreachable, match="the proxy answered HTTP 407") as error:
        await fetcher(proxy=Proxy.of(settings, ENVIRONMENT)).fetch(get("https://127.0.0.1:9/"))
    assert error.value.error_class == ErrorClass.REFUSED
    assert server.seen[0].method == "CONNECT"
    assert basic(server.seen[0].headers["proxy-authorization"]).startswith("customer-anna-cc-us-")


async def test_a_proxy_that_is_not_there_says_so(fetcher: Fetchers) -> None:
    settings = ProxySettings(mode="residential", residential_url="http://127.0.0.1:1")
    with pytest.raises(Unreachable, match="no connection to the proxy") as error:
        await fetcher(proxy=Proxy.of(settings, ENVIRONMENT)).fetch(get("http://127.0.0.1:2/"))
    assert error.value.error_class == ErrorClass.REFUSED


def result(content: object, status: object = 200, url: str = "https://www.verizon.com/stores/") -> bytes:
    return json.dumps({"results": [{"content": content, "status_code": status, "url": url}]}).encode()


@pytest.fixture
def service(server: RawServer, fetcher: Fetchers) -> Any:
    settings = ProxySettings(mode="web_scraper_api", web_scraper_api_url=server.url("/v1/queries"))
    return fetcher(proxy=Proxy.of(settings, ENVIRONMENT))


async def test_the_service_fetches_for_us(server: RawServer, service: Any) -> None:
    server.on("/v1/queries", answer(200, result("<html>Läden</html>")))
    headers = {"Accept-Language": "en", "If-None-Match": '"7"'}
    page = await service.fetch(get("https://www.verizon.com/stores/", headers=headers))
    assert (page.text, page.status, page.url) == (
        "<html>Läden</html>",
        200,
        "https://www.verizon.com/stores/",
    )
    seen = server.seen[0]
    assert seen.method == "POST"
    assert basic(seen.headers["authorization"]) == "anna:p4ss:w0rd"
    assert json.loads(seen.body) == {
        "source": "universal",
        "url": "https://www.verizon.com/stores/",
        "geo_location": "United States",
        "context": [
            {"key": "force_headers", "value": True},
            {"key": "headers", "value": headers},
        ],
    }


async def test_the_service_posts_for_us(server: RawServer, service: Any) -> None:
    server.on("/v1/queries", answer(200, result("{}")))
    await service.fetch(get("https://www.verizon.com/search", method="POST", body='{"zip":"1"}'))
    context = {one["key"]: one["value"] for one in json.loads(server.seen[0].body)["context"]}
    assert context["http_method"] == "post"
    assert base64.b64decode(context["content"]) == b'{"zip":"1"}'


async def test_a_packed_file_comes_as_it_is(server: RawServer, service: Any) -> None:
    server.on("/v1/queries", answer(200, result(base64.b64encode(b"\x1f\x8b\x00").decode())))
    page = await service.fetch(get("https://www.walmart.com/sitemap.xml.gz"))
    assert page.body == b"\x1f\x8b\x00"
    assert json.loads(server.seen[0].body)["content_encoding"] == "base64"


async def test_the_sites_own_status_counts(server: RawServer, service: Any) -> None:
    server.on("/v1/queries", answer(200, result("no", 403)))
    with pytest.raises(Blocked) as error:
        await service.fetch(get("https://www.verizon.com/stores/"))
    assert error.value.status == 403


async def test_refused_credentials_are_the_users_to_mend(server: RawServer, service: Any) -> None:
    server.on("/v1/queries", answer(401, b"{}"))
    with pytest.raises(Invalid, match=f"refuses {USERNAME} and {PASSWORD}"):
        await service.fetch(get("https://www.verizon.com/stores/"))


@pytest.mark.parametrize(
    "reply", [answer(500), answer(200, b"{}"), answer(200, b"no"), answer(200, result("", "x"))]
)
async def test_a_service_in_trouble_is_unreachable(server: RawServer, service: Any, reply: bytes) -> None:
    server.on("/v1/queries", reply)
    with pytest.raises(Unreachable, match="web scraper API"):
        await service.fetch(get("https://www.verizon.com/stores/"))
