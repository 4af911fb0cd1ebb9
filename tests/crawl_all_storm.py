"""`crawl --all` killed with SIGKILL at random moments and resumed, until so many kills are through.

Run as a process of its own: it imports everything once and forks each life, which then goes the whole way
of the command line. Each life says another name to the sites, so that the simulator can tell what it
fetched. Prints what it saw as JSON.
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
from contextlib import closing
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import urlopen

from shopwatch.cli.main import main as shopwatch

RETAILERS = ("att", "bestbuy", "target", "tmobile", "verizon", "walmart")
_SETTLED = "'done', 'failed'"  #: pages that a run counts: they must not be asked for again
_AGENT = "  user_agents: [storm]\n"


@dataclass
class Seen:
    """What the storm did, and what should not have happened."""

    kills: int = 0
    rounds: int = 0
    pages: int = 0  #: counted by all runs
    fetched_again: int = 0  #: fetched by a killed life, not counted, fetched by the next
    most_again: int = 0  #: of these after one kill
    kills_in_a_crawl: int = 0  #: the life had fetched a page before it died
    seconds: float = 0.0
    stores: dict[str, int] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)


class Storm:
    """One installation, and the simulator it crawls."""

    def __init__(self, folder: Path, control: str, seed: int, longest_life_s: float) -> None:
        self._folder = folder
        self._control = control
        self._chance = random.Random(seed)
        self._longest_life_s = longest_life_s
        self._lives = 0
        self._uncounted: set[tuple[str, str]] = set()  #: fetched by the lives of this round, (site, path)
        self.seen = Seen()

    def run(self, kills: int) -> None:
        """Rounds of runs of all six until so many kills; the last round comes to its end."""
        began = time.monotonic()
        while self.seen.kills < kills:
            self._round(kills)
        self.seen.seconds = round(time.monotonic() - began, 1)

    def _round(self, kills: int) -> None:
        self.seen.rounds += 1
        self._uncounted.clear()
        first = self._rows("select coalesce(max(rowid), 0) from runs")[0][0]
        words = ["crawl", "--all"]
        while self.seen.kills < kills and self._unfinished(first):
            self._life(words, self._chance.uniform(0.0, self._longest_life_s))
            words = ["crawl", "--all", "--resume"]
        while unfinished := self._unfinished(first):
            if not self._life(["crawl", *unfinished, "--resume"], None):
                self.seen.wrong.append(f"a life that was not killed did not end well: {unfinished}")
                return
        self._check_books(first)

    def _life(self, words: list[str], lifetime_s: float | None) -> bool:
        """One life; ``True`` if it came to its end and all is complete."""
        settled = self._settled()
        self._lives += 1
        agent = f"storm-{self._lives:04}"
        config = self._folder / "config" / "retailers.yaml"
        text = config.read_text()
        before = text.index("  user_agents: ")
        config.write_text(
            text[:before] + f"  user_agents: [{agent}]\n" + text[text.index("\n", before) + 1 :]
        )
        ended_well = self._fork(words, lifetime_s)
        if not ended_well and lifetime_s is not None:
            self.seen.kills += 1
        self._judge(agent, settled)
        return ended_well

    def _fork(self, words: list[str], lifetime_s: float | None) -> bool:
        pid = os.fork()
        if pid == 0:
            if lifetime_s is not None:
                threading.Timer(lifetime_s, os.kill, (os.getpid(), signal.SIGKILL)).start()
            sink = os.open(self._folder / "said.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
            for stream in (0, 1, 2):
                os.dup2(sink, stream)
            places = ["--config-dir", f"{self._folder}/config", "--data-dir", f"{self._folder}/data"]
            os._exit(shopwatch([*places, *words]))
        _, status = os.waitpid(pid, 0)
        return os.WIFEXITED(status) and os.WEXITSTATUS(status) == 0

    def _judge(self, agent: str, settled: set[tuple[str, str]]) -> None:
        fetched = self._fetched(agent)
        again = settled & fetched.keys()
        if again:
            self.seen.wrong.append(f"{agent} fetched what was counted before: {sorted(again)[:3]}")
        done = self._pages("'done'")  # one that cannot be read is tried again
        twice = [page for page, times in fetched.items() if times > 1 and page in done]
        if twice:
            self.seen.wrong.append(f"{agent} fetched twice: {twice[:3]}")
        repeated = len(self._uncounted & fetched.keys())
        self.seen.fetched_again += repeated
        self.seen.most_again = max(self.seen.most_again, repeated)
        self.seen.kills_in_a_crawl += bool(fetched)
        self._uncounted |= fetched.keys()

    def _fetched(self, agent: str) -> Counter[tuple[str, str]]:
        """The pages this life was given, with how often. Once it is dead nothing of it is under way."""
        with urlopen(f"{self._control}/requests?client={agent}", timeout=60) as answer:
            clients = json.load(answer)["clients"]
        found: Counter[tuple[str, str]] = Counter()
        for client in clients:
            for path, statuses in client["paths"].items():
                if path != "/robots.txt" and (times := statuses.get("200", 0)):
                    found[client["site"], path] += times
        return found

    def _check_books(self, first: int) -> None:
        """Every page of every run of this round is counted once, every store is there once."""
        query = "select run_id, retailer, state, requests, stores from runs where rowid > ? order by rowid"
        runs = self._rows(query, first)
        if [retailer for _, retailer, *_ in runs] != list(RETAILERS):
            self.seen.wrong.append(f"not one run for each retailer: {runs}")
        for run_id, retailer, state, requests, stores in runs:
            query = f"select count(*) from frontier where run_id = ? and state in ({_SETTLED})"
            pages = self._rows(query, run_id)[0][0]
            total = self._rows("select count(*) from frontier where run_id = ?", run_id)[0][0]
            kept = self._rows("select count(*) from run_stores where run_id = ?", run_id)[0][0]
            published = self._rows("select count(*) from stores where retailer = ?", retailer)[0][0]
            if state != "complete" or {pages, total} != {requests} or {kept, published} != {stores}:
                found = (run_id, state, requests, pages, total, stores, kept, published)
                self.seen.wrong.append(f"the books do not agree: {found}")
            self.seen.pages += requests
            self.seen.stores[retailer] = stores

    def _unfinished(self, first: int) -> list[str]:
        """The retailers whose run of this round is not published yet."""
        query = "select retailer from runs where rowid > ? and state = 'complete'"
        done = {retailer for (retailer,) in self._rows(query, first)}
        return [retailer for retailer in RETAILERS if retailer not in done]

    def _settled(self) -> set[tuple[str, str]]:
        """The pages that the runs under way count."""
        return self._pages(_SETTLED, "r.state not in ('complete', 'held')")

    def _pages(self, states: str, runs: str = "1") -> set[tuple[str, str]]:
        query = (
            "select r.retailer, f.url from frontier f join runs r on r.run_id = f.run_id "
            f"where {runs} and f.state in ({states})"
        )
        return {(retailer, urlsplit(url).path) for retailer, url in self._rows(query)}

    def _rows(self, query: str, *values: object) -> list[Any]:
        with closing(sqlite3.connect(self._folder / "data" / "shopwatch.db")) as connection:
            return connection.execute(query, values).fetchall()


def main(words: list[str]) -> None:
    folder, control, kills, seed, longest_life_s = words
    config = Path(folder) / "config" / "retailers.yaml"
    config.write_text(config.read_text().replace("defaults:\n", f"defaults:\n{_AGENT}", 1))
    shopwatch(["--config-dir", f"{folder}/config", "--data-dir", f"{folder}/data", "runs"])
    storm = Storm(Path(folder), control, int(seed), float(longest_life_s))
    storm.run(int(kills))
    sys.stdout.write(json.dumps(asdict(storm.seen)) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
