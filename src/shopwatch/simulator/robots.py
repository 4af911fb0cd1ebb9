"""Reads a robots.txt as RFC 9309 says, so that the request log can tell who broke one.

The product has its own reader; this one shares nothing with it, so that the two cannot agree by mistake.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

#: Verdicts kept per robots.txt, so that a crawl does not match the same path twice.
_REMEMBERED = 20_000


@dataclass(slots=True)
class _Group:
    agents: list[str] = field(default_factory=list)
    rules: list[tuple[int, bool, re.Pattern[str]]] = field(default_factory=list)  #: length, allowed, pattern
    crawl_delay: float | None = None  #: seconds


class Robots:
    """What one host allows to whom."""

    def __init__(self, text: str) -> None:
        self._groups = _groups(text)
        self._seen: dict[tuple[str, str], bool] = {}

    def allows(self, agent: str, path: str) -> bool:
        """Say whether ``agent`` may fetch ``path`` (with its query)."""
        key = (agent, path)
        verdict = self._seen.get(key)
        if verdict is None:
            verdict = self._verdict(agent, path)
            if len(self._seen) < _REMEMBERED:
                self._seen[key] = verdict
        return verdict

    def crawl_delay(self, agent: str) -> float | None:
        """Seconds the host wants between two requests of ``agent``."""
        return next((g.crawl_delay for g in self._of(agent) if g.crawl_delay is not None), None)

    def _verdict(self, agent: str, path: str) -> bool:
        if path == "/robots.txt":
            return True
        matches = [rule[:2] for group in self._of(agent) for rule in group.rules if rule[2].match(path)]
        return max(matches)[1] if matches else True  # the longest rule decides, of equals the one that allows

    def _of(self, agent: str) -> list[_Group]:
        name = agent.lower()
        own = [g for g in self._groups if any(a != "*" and a in name for a in g.agents)]
        return own or [g for g in self._groups if "*" in g.agents]


def _groups(text: str) -> list[_Group]:
    groups: list[_Group] = []
    heading = False
    for line in text.splitlines():
        key, _, value = (part.strip() for part in line.split("#")[0].partition(":"))
        key = key.lower()
        if key == "user-agent":
            if not heading:
                groups.append(_Group())
            groups[-1].agents.append(value.lower())
        elif groups:
            _add(groups[-1], key, value)
        heading = key == "user-agent" or (heading and not key)
    return groups


def _add(group: _Group, key: str, value: str) -> None:
    if key in {"allow", "disallow"} and value:
        pattern = re.escape(value).replace(r"\*", ".*")
        pattern = pattern[:-2] + "$" if pattern.endswith(r"\$") else pattern
        group.rules.append((len(value), key == "allow", re.compile(pattern)))
    elif key == "crawl-delay":
        try:
            group.crawl_delay = float(value)
        except ValueError:
            return
