"""`shopwatch serve` killed with SIGKILL at random moments while its children crawl, some of which die too.

Run as a process of its own: the dashboard is imported once and forked for each life; the children are
processes as always. Each start of children says another name to the sites. Prints what it saw as JSON.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sqlite3
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

import psutil

import shopwatch.web.serving  # noqa: F401 - loaded once, before the forks
from shopwatch.cli.main import main as call

_PATIENCE_S = 60.0
_CHILD_DIES = 0.3  #: of the kills of the supervisor, so many go with one of a child
_SETTLED = "'done', 'failed'"


@dataclass
class Seen:
    """What the storm did, and what should not have happened."""

    kills: int = 0
    child_kills: int = 0
    adopted: int = 0  #: children that lived on under the next supervisor
    lost: int = 0  #: runs marked as lost, because their child was dead
    rounds: int = 0
    pages: int = 0
    fetched_again: int = 0
    seconds: float = 0.0
    stores: dict[str, int] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)


class Storm:
    """One installation, its supervisors one after the other, and the simulator its children crawl."""

    def __init__(self, folder: Path, control: str, seed: int, retailers: list[str]) -> None:
        self._folder = folder
        self._control = control
        self._chance = random.Random(seed)
        self._retailers = retailers
        self._starts: list[tuple[str, set[tuple[str, str]]]] = []  #: (agent, pages counted before)
        self._first = 0  #: the runs of this round come after this row
        self._url = ""
        self.seen = Seen()

    def run(self, kills: int) -> None:
        """So many supervisors die; the last one sees every run to its end."""
        began = time.monotonic()
        self._next_round()
        dead: set[str] = set()
        for _ in range(kills):
            pid = self._serve()
            self._check_told_truly(dead)
            self._start_what_is_idle()
            time.sleep(self._chance.uniform(0.0, 1.0))
            os.kill(pid, signal.SIGKILL)
            self.seen.kills += 1
            dead = self._kill_a_child() if self._chance.random() < _CHILD_DIES else set()
            os.waitpid(pid, 0)
        pid = self._serve()
        self._check_told_truly(dead)
        self._start_what_is_idle(may_begin=False)
        self._until(lambda: not self._unfinished(), "the runs are complete")
        os.kill(pid, signal.SIGTERM)
        os.waitpid(pid, 0)
        self._close_round()
        self.seen.seconds = round(time.monotonic() - began, 1)

    def _serve(self) -> int:
        """Fork a supervisor; returns when it answers."""
        reading, writing = os.pipe()
        pid = os.fork()
        if pid == 0:
            os.setsid()
            os.close(reading)
            os.dup2(writing, 1)
            os.dup2(os.open(self._folder / "said.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND), 2)
            places = ["--config-dir", f"{self._folder}/config", "--data-dir", f"{self._folder}/data"]
            os._exit(call([*places, "serve", "--no-monitor", "--port", "0"]))
        os.close(writing)
        late = threading.Timer(_PATIENCE_S, os.kill, (pid, signal.SIGKILL))
        late.start()
        with os.fdopen(reading) as told:
            said = next((line for line in told if line.startswith("Dashboard: ")), "")
        self._url = said.removeprefix("Dashboard: ").strip()
        late.cancel()
        return pid

    def _check_told_truly(self, dead: set[str]) -> None:
        """Every run said to be running has its child, every child its run; what died is lost."""
        crawling: dict[str, int] = {}

        def agrees() -> bool:
            crawling.clear()
            crawling.update(self._children())
            under_way = {run_id for run_id, _, state in self._runs() if state in ("pending", "running")}
            return under_way == crawling.keys()

        self._until(agrees, "what is told as running is what lives")
        states = {run_id: state for run_id, _, state in self._runs()}
        self.seen.adopted += len(crawling)
        self.seen.lost += sum(states[run_id] == "lost" for run_id in dead)
        for run_id in dead:
            if states[run_id] not in ("lost", "complete"):
                self.seen.wrong.append(f"{run_id} is told as {states[run_id]}, its child is dead")
        told = self._ask("GET", "/api/status")["retailers"]
        running = {name for name, one in told.items() if one["status"] == "running"}
        if running - {run_id.rsplit("_", 2)[0] for run_id in crawling}:
            self._until(agrees, "the dashboard tells what lives")

    def _start_what_is_idle(self, *, may_begin: bool = True) -> None:
        if may_begin and not self._unfinished():
            self._close_round()
            self._next_round()
        begun = {retailer: state for _, retailer, state in self._runs()}
        idle = [name for name in self._unfinished() if begun.get(name, "") not in ("pending", "running")]
        if not idle:
            return
        agent = f"serve-{len(self._starts):04}"
        self._starts.append((agent, self._settled()))
        config = self._folder / "config" / "retailers.yaml"
        before, _, after = config.read_text().partition("  user_agents: ")
        config.write_text(f"{before}  user_agents: [{agent}]\n{after.partition(chr(10))[2]}")
        for name in idle:
            try:
                self._ask(
                    "POST", "/api/scraper/start", {"retailer": name, "config": {"resume": name in begun}}
                )
            except HTTPError as error:
                self.seen.wrong.append(f"{name} cannot be started: {error.read().decode()}")

    def _kill_a_child(self) -> set[str]:
        children = self._children()
        if not children:
            return set()
        run_id = self._chance.choice(sorted(children))
        os.kill(children[run_id], signal.SIGKILL)
        self._until(lambda: run_id not in self._children(), "a killed child is dead")
        self.seen.child_kills += 1
        return {run_id}

    def _children(self) -> dict[str, int]:
        """The living crawls of this installation: run id and process."""
        found: dict[str, int] = {}
        for process in psutil.process_iter(["cmdline", "status"]):
            words = process.info["cmdline"] or []
            is_ours = "--run" in words and f"{self._folder}/data" in words
            if is_ours and process.info["status"] != psutil.STATUS_ZOMBIE:
                found[words[words.index("--run") + 1]] = process.pid
        return found

    def _close_round(self) -> None:
        for run_id, retailer, state in self._runs():
            query = (
                "select r.requests, r.stores, (select count(*) from run_stores s where s.run_id = r.run_id),"
                " (select count(*) from stores s where s.retailer = r.retailer),"
                " (select count(*) from frontier f where f.run_id = r.run_id),"
                f" (select count(*) from frontier f where f.run_id = r.run_id and f.state in ({_SETTLED}))"
                " from runs r where r.run_id = ?"
            )
            requests, stores, kept, published, total, pages = self._rows(query, run_id)[0]
            if state != "complete" or {total, pages} != {requests} or {kept, published} != {stores}:
                found = (run_id, state, requests, pages, total, stores, kept, published)
                self.seen.wrong.append(f"the books do not agree: {found}")
            self.seen.pages += requests
            self.seen.stores[retailer] = stores
        self._judge_fetches()

    def _next_round(self) -> None:
        self.seen.rounds += 1
        self._first = self._rows("select coalesce(max(rowid), 0) from runs")[0][0]

    def _judge_fetches(self) -> None:
        earlier: set[tuple[str, str]] = set()
        done = self._pages("'done'")  # one that cannot be read is tried again
        for agent, settled in self._starts:
            fetched = self._fetched(agent)
            if again := settled & fetched.keys():
                self.seen.wrong.append(f"{agent} fetched what was counted before: {sorted(again)[:3]}")
            if twice := [page for page, times in fetched.items() if times > 1 and page in done]:
                self.seen.wrong.append(f"{agent} fetched twice: {twice[:3]}")
            self.seen.fetched_again += len(earlier & fetched.keys())
            earlier |= fetched.keys()
        self._starts.clear()
        self._ask("DELETE", "/requests", base=self._control)

    def _fetched(self, agent: str) -> Counter[tuple[str, str]]:
        clients = self._ask("GET", f"/requests?client={agent}", base=self._control)["clients"]
        found: Counter[tuple[str, str]] = Counter()
        for client in clients:
            for path, statuses in client["paths"].items():
                if path != "/robots.txt" and (times := statuses.get("200", 0)):
                    found[client["site"], path] += times
        return found

    def _runs(self) -> list[Any]:
        query = "select run_id, retailer, state from runs where rowid > ? order by rowid"
        return self._rows(query, self._first)

    def _unfinished(self) -> list[str]:
        done = {retailer for _, retailer, state in self._runs() if state == "complete"}
        return [name for name in self._retailers if name not in done]

    def _settled(self) -> set[tuple[str, str]]:
        return self._pages(_SETTLED)

    def _pages(self, states: str) -> set[tuple[str, str]]:
        query = (
            "select r.retailer, f.url from frontier f join runs r on r.run_id = f.run_id "
            f"where r.rowid > ? and f.state in ({states})"
        )
        return {(retailer, urlsplit(url).path) for retailer, url in self._rows(query, self._first)}

    def _rows(self, query: str, *values: object) -> list[Any]:
        with closing(sqlite3.connect(self._folder / "data" / "shopwatch.db", timeout=30)) as connection:
            return connection.execute(query, values).fetchall()

    def _ask(self, method: str, path: str, body: object = None, *, base: str = "") -> Any:
        data = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json"}
        request = Request((base or self._url) + path, data=data, method=method, headers=headers)
        with urlopen(request, timeout=_PATIENCE_S) as answer:
            return json.load(answer)

    def _until(self, holds: Callable[[], bool], what: str) -> None:
        deadline = time.monotonic() + _PATIENCE_S * 5
        while not holds():
            if time.monotonic() > deadline:
                raise TimeoutError(f"never true: {what}: {self._runs()} {self._children()}")
            time.sleep(0.05)


def main(words: list[str]) -> None:
    folder, control, kills, seed, *retailers = words
    config = Path(folder) / "config" / "retailers.yaml"
    config.write_text(config.read_text().replace("defaults:\n", "defaults:\n  user_agents: [none]\n", 1))
    call(["--config-dir", f"{folder}/config", "--data-dir", f"{folder}/data", "runs"])
    storm = Storm(Path(folder), control, int(seed), retailers)
    storm.run(int(kills))
    sys.stdout.write(json.dumps(asdict(storm.seen)) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
