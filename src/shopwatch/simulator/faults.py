"""Which request goes wrong and how; without it no test could meet the bad days of a real site."""

from __future__ import annotations

import itertools
import random
import time
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

KINDS = frozenset(
    {
        "403",
        "403-challenge",
        "408",
        "410",
        "412",
        "429",
        "429-retry-after",
        "435",
        "500",
        "503",
        "slow",
        "hang",
        "cut",
        "garbage",
        "empty",
        "wall",
        "redirect",
        "gzip-bomb",
        "wrong-state",
        "missing-field",
        "206",
    }
)
#: The site's own handler shows these: only it knows its answers. It asks ``site.fault_of(request)``.
OF_HANDLERS = frozenset({"wrong-state", "missing-field", "206"})
#: The true answer is given, but late or not whole.
OF_DELIVERY = frozenset({"slow", "hang", "cut"})


@dataclass(slots=True, kw_only=True)
class Fault:
    """One way in which a site misbehaves for a while."""

    id: int
    site: str | None  #: None: every site
    route: str | None  #: a glob, or the beginning of a path; None: every path
    kind: str
    rate: float = 1.0  #: share of the requests that meet it, 0 to 1
    seconds: float | None = None  #: None: until it is taken away
    times: int | None = None  #: None: as often as it likes
    delay_ms: int = 3000  #: of ``slow``
    retry_after: int = 5  #: seconds, of ``429-retry-after``
    detail: str | None = None  #: of ``missing-field``: which field; None: the one this site once lost
    met: int = 0  #: how many requests met it so far
    since: float = field(default_factory=time.monotonic)

    def over(self) -> bool:
        """Whether its time or its number is used up."""
        late = self.seconds is not None and time.monotonic() >= self.since + self.seconds
        return late or (self.times is not None and self.met >= self.times)

    def covers(self, site: str, path: str) -> bool:
        """Whether it is meant for this request."""
        if self.site not in {None, site}:
            return False
        route = self.route
        return route is None or path.startswith(route) or fnmatchcase(path, route)


class Faults:
    """The faults in force. Same seed, same order of requests: same faults."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._ids = itertools.count(1)
        self._faults: list[Fault] = []
        self._dice: dict[int, random.Random] = {}

    def add(self, **terms: Any) -> Fault:
        """Put a fault in force; later ones come after earlier ones."""
        fault = Fault(id=next(self._ids), **terms)
        self._faults.append(fault)
        self._dice[fault.id] = random.Random(f"{self._seed}/faults/{fault.id}")
        return fault

    def clear(self, *, site: str | None = None, fault_id: int | None = None) -> int:
        """Take away all, those of a site, or one; say how many there were."""
        kept = [
            fault
            for fault in self._faults
            if (site is not None and fault.site != site) or (fault_id is not None and fault.id != fault_id)
        ]
        gone, self._faults = len(self._faults) - len(kept), kept
        return gone

    def in_force(self) -> list[Fault]:
        """What can still happen."""
        self._faults = [fault for fault in self._faults if not fault.over()]
        return list(self._faults)

    def pick(self, site: str, path: str) -> Fault | None:
        """Say which fault this request meets, if any: the first one in force that the dice agree to."""
        if not self._faults:
            return None
        for fault in self.in_force():
            if fault.covers(site, path) and self._dice[fault.id].random() < fault.rate:
                fault.met += 1
                return fault
        return None
