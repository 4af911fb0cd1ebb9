"""Addresses as people may see them."""

from __future__ import annotations

import pytest

from shopwatch.domain.addresses import redact


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://api.x/v1?key=abc&tcin=1", "https://api.x/v1?key=***&tcin=1"),
        ("https://api.x/v1?tcin=1&apiKey=abc", "https://api.x/v1?tcin=1&apiKey=***"),
        ("https://api.x/v1?api_key=abc#part", "https://api.x/v1?api_key=***#part"),
        ("https://api.x/?ACCESS_TOKEN=abc", "https://api.x/?ACCESS_TOKEN=***"),
        ("https://x/?keyword=lamp&monkeys=2", "https://x/?keyword=lamp&monkeys=2"),
        ("http://anna:pw@proxy.x:7777/", "http://***@proxy.x:7777/"),
        ("http://anna:p@ss@proxy.x:7777/", "http://***@proxy.x:7777/"),
        ("http://anna:p/s#s@proxy.x:7777/ is no address", "http://***@proxy.x:7777/ is no address"),
        ("http://token@proxy.x/", "http://***@proxy.x/"),
        ("http://127.0.0.1:8801/a@b", "http://127.0.0.1:8801/a@b"),
        ("https://x/list?mail=a@b.example", "https://x/list?mail=a@b.example"),
        ("mailto:a@b.example", "mailto:a@b.example"),
        ("no connection at https://x/?key=abc now", "no connection at https://x/?key=*** now"),
    ],
)
def test_secrets_are_taken_out(url: str, shown: str) -> None:
    assert redact(url) == shown
