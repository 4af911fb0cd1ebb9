"""The simulator as a process: says where it is, ends when told, and explains why it cannot start."""

from __future__ import annotations

import asyncio
import json
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import aiohttp
import pytest
from tests.simulator_fixture import Simulator, running_simulator
from tests.warm_children import SIMULATOR, WarmChild, called

from shopwatch.simulator.server import Options, serve
from shopwatch.simulator.site import ORIGINS, PARTS

COMMAND = [sys.executable, "-m", "shopwatch.simulator"]


async def test_a_child_process_answers_on_ten_ports_and_ends_on_sigterm() -> None:
    process = await asyncio.create_subprocess_exec(
        *COMMAND, "--port", "0", "--products", "5", stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout is not None
    told = json.loads(await process.stdout.readline())
    assert tuple(told["origins"]) == ("control", *ORIGINS)
    async with aiohttp.ClientSession() as session:
        for origin in told["origins"].values():
            async with session.get(f"{origin}/robots.txt") as answer:
                assert answer.status == 200
    process.send_signal(signal.SIGTERM)
    out, err = await process.communicate()
    assert (process.returncode, out, err) == (0, b"", b"")


async def test_it_ends_with_whoever_started_it_if_told_so() -> None:
    process = await asyncio.create_subprocess_exec(
        *COMMAND,
        "--port",
        "0",
        "--products",
        "5",
        "--until-eof",
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    assert json.loads(await process.stdout.readline())["pid"] == process.pid
    process.stdin.close()  # as the kernel does when the parent is killed
    async with asyncio.timeout(30):
        assert await process.wait() == 0


async def test_an_open_request_does_not_keep_it_alive() -> None:
    """Or it would have to be killed, which fails the test."""
    async with running_simulator(products=5) as simulator:
        await simulator.fault("hang", site="att")
        request = asyncio.create_task(simulator.get("att:/nothing"))
        while not (await simulator.tell("GET", "/faults"))["faults"][0]["met"]:
            pass
    with pytest.raises(aiohttp.ClientError):
        await request


def test_a_taken_port_is_one_sentence_and_exit_1() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        result = called(SIMULATOR, "--port", str(port))
    assert result.returncode == 1
    assert result.stdout == ""
    assert len(result.stderr.splitlines()) == 1
    assert f"cannot listen on 127.0.0.1:{port}" in result.stderr
    assert "--port" in result.stderr


def test_a_folder_without_store_sets_is_one_sentence_and_exit_1(tmp_path: Path) -> None:
    result = called(SIMULATOR, "--port", "0", "--stores", str(tmp_path))
    assert result.returncode == 1
    assert len(result.stderr.splitlines()) == 1
    assert str(tmp_path) in result.stderr


@pytest.mark.parametrize("arguments", [("--port", "x"), ("--colour", "blue")])
def test_wrong_arguments_are_exit_2(arguments: tuple[str, ...]) -> None:
    assert called(SIMULATOR, *arguments).returncode == 2


async def test_ports_follow_the_base_port_in_order() -> None:
    told: list[dict[str, dict[str, str]]] = []
    stop = asyncio.Event()
    base = free_run_of_ports()
    options = Options(port=base, products=5)

    def ready(line: dict[str, dict[str, str]]) -> None:
        told.append(line)
        stop.set()

    await serve(options, ready=ready, stop=stop)
    ports = [int(origin.rsplit(":", 1)[1]) for origin in told[0]["origins"].values()]
    assert ports == list(range(base, base + 10))


def free_run_of_ports() -> int:
    """Ten free ports in a row, as far as one can know."""
    for base in range(21_000, 60_000, 37):
        sockets = [socket.socket() for _ in range(10)]
        try:
            for offset, sock in enumerate(sockets):
                sock.bind(("127.0.0.1", base + offset))
        except OSError:
            continue
        finally:
            for sock in sockets:
                sock.close()
        return base
    raise AssertionError("no ten free ports in a row")


async def test_latency_is_there_and_back() -> None:
    async with running_simulator(products=5, latency_ms=120) as simulator:
        started = time.perf_counter()
        await simulator.get("target-api:/captcha")
        took = time.perf_counter() - started
    assert took >= 0.12


async def test_a_part_that_is_not_there_does_not_stop_the_others(simulator: Simulator) -> None:
    state = await simulator.tell("GET", "/state")
    parts = [part for names in PARTS.values() for part in names]
    assert set(state["missing_parts"]) <= set(parts)
    assert "target_api" not in state["missing_parts"]


def store(ref: str) -> dict[str, object]:
    properties = {
        "ref": ref,
        "name": "Walmart Supercenter",
        "website": f"https://www.walmart.com/store/{ref}-rogers-ar/details",
        "addr:full": "406 S Walton Blvd",
        "addr:city": "Bentonville",
        "addr:state": "AR",
        "addr:postcode": "72712",
        "amenity:fuel": True,
    }
    place = {"type": "Point", "coordinates": [-94.2, 36.3]}
    return {"type": "Feature", "properties": properties, "geometry": place}


def test_what_is_wrong_with_a_store_set_is_told_when_ready(tmp_path: Path) -> None:
    document = {"type": "FeatureCollection", "features": [store("1"), store("1"), store("100")]}
    (tmp_path / "walmart.geojson").write_text(json.dumps(document), "utf-8")
    process = WarmChild(SIMULATOR, "--port", "0", "--products", "5", "--stores", str(tmp_path))
    told = process.line()
    process.end()
    (problem,) = told["problems"]
    assert "repeats the ref" in problem
