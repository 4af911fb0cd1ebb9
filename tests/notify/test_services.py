"""Only the service that an address names is loaded, and it is the one Apprise itself would have found."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import apprise.plugins
import pytest
from apprise import Apprise

from shopwatch.notify import services
from shopwatch.notify.services import service_of, why_not

_PROGRAM = """
import json, sys
from shopwatch.notify.services import service_of
names = [service_of(address).service_name for address in sys.argv[1:]]
print(json.dumps([names, sorted(m for m in sys.modules if m.startswith("apprise.plugins.custom_"))]))
"""


def test_one_address_loads_one_service() -> None:
    words = [sys.executable, "-c", _PROGRAM, "json://127.0.0.1:9/", "JSONS://127.0.0.1:9/"]
    done = subprocess.run(words, capture_output=True, text=True, check=True, timeout=60)
    assert json.loads(done.stdout) == [["JSON", "JSON"], ["apprise.plugins.custom_json"]]
    assert not done.stderr


@pytest.fixture(scope="module")
def everything() -> dict[str, str]:
    """The module of every scheme, as Apprise finds it when it loads them all."""
    manager: Any = apprise.plugins.N_MGR
    manager.unload_modules()
    manager.load_modules()
    return {scheme: manager[scheme].__module__.split(".")[2] for scheme in manager.schemas()}


def test_what_the_texts_say_is_what_apprise_finds(everything: dict[str, str]) -> None:
    said = services.modules()
    assert {
        scheme for scheme in said.keys() & everything.keys() if said[scheme] != {everything[scheme]}
    } == set()
    missing = everything.keys() - said.keys()
    assert len(missing) < len(everything) / 10, f"found only when all are loaded: {sorted(missing)}"


@pytest.mark.parametrize(
    "address",
    [
        "json://someone:hush@127.0.0.1:9/way?+x=y",
        "discord://4174216298/JHMHI8qBe7bk2ZwO5U711o3dV_js",
        "https://discord.com/api/webhooks/4174216298/JHMHI8qBe7bk2ZwO5U711o3dV_js",  # its own way to say it
        "kodi://127.0.0.1",  # whose text does not say its schemes
        "mailto://someone:hush@example.com",
    ],
)
def test_an_address_means_what_apprise_says_it_means(address: str, everything: dict[str, str]) -> None:
    theirs: Any = Apprise.instantiate(address)
    ours: Any = services.service_of(address)
    assert everything
    assert ours is not None
    assert theirs is not None
    assert ours.url() == theirs.url()


@pytest.mark.parametrize("address", ["nope://127.0.0.1", "no address", "", "json://", "://"])
def test_what_apprise_does_not_know_is_no_service(address: str) -> None:
    assert services.service_of(address) is None


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("discord://hush", "what discord:// needs is missing or wrong"),
        ("discrod://hush/hush", "Apprise has no service discrod://"),
        ("hush", "begins with its service"),
    ],
)
def test_what_is_wrong_with_an_address_is_said_without_what_is_secret(address: str, said: str) -> None:
    assert service_of(address) is None
    assert said in why_not(address)
    assert "hush" not in why_not(address)
