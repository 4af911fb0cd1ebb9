"""The reference of the simulator names everything one can ask of it: nobody has to read its source."""

from __future__ import annotations

import typing
from pathlib import Path

import pytest
from tests.simulator_fixture import Simulator

from shopwatch.simulator import checkout
from shopwatch.simulator.control import Control
from shopwatch.simulator.control_bodies import ProductBody
from shopwatch.simulator.faults import KINDS, Faults
from shopwatch.simulator.request_log import RequestLog
from shopwatch.simulator.shelf import PageMode, Products
from shopwatch.simulator.site import ORIGINS
from shopwatch.simulator.stores import MODES, SEASONS
from shopwatch.simulator.world import World

REFERENCE = (Path(__file__).parents[2] / "docs" / "reference" / "simulator.md").read_text("utf-8")
WORDS: dict[str, set[str]] = {
    "origins": set(ORIGINS),
    "fields of the shelf": set(ProductBody.__struct_fields__),
    "page modes": set(typing.get_args(PageMode)),
    "kinds of faults": set(KINDS),
    "settings of the checkout": set(checkout.Checkout.__struct_fields__),
    "states of the checkout": set(typing.get_args(checkout.State)),
    "confirmations": set(typing.get_args(checkout.Confirmation)),
    "answers to adding": set(typing.get_args(checkout.Add)),
    "logins": set(typing.get_args(checkout.Login)),
    "modes of store pages": {w for groups in MODES.values() for group in groups.values() for w in group},
    "seasons": set(SEASONS),
}


@pytest.mark.parametrize("what", WORDS)
def test_every_word_is_in_the_reference(what: str) -> None:
    assert {word for word in WORDS[what] if f"`{word}`" not in REFERENCE} == set()


def test_every_route_of_the_control_api_is_in_the_reference() -> None:
    world = World(seed=1, products=Products())
    routes = Control(world, Faults(1), RequestLog(), missing=[]).routes()
    assert {route.path for route in routes if f" {route.path}" not in REFERENCE} == set()


async def test_no_part_of_a_site_is_missing(simulator: Simulator) -> None:
    assert (await simulator.tell("GET", "/state"))["missing_parts"] == []
