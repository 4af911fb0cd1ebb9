"""Figures for Prometheus, read anew at each scrape: the processes that work have no port of their own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from shopwatch.domain.health import HealthState
from shopwatch.web.laidout import performance_of
from shopwatch.web.listing import STATES, word_of
from shopwatch.web.services import Services
from shopwatch.web.status import status_of_all


async def figures(services: Services) -> bytes:
    """Everything in Prometheus' text format, from a registry of its own."""
    await services.book.fresh()
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Laid(await _families(services)))
    return generate_latest(registry)


class _Laid(Collector):
    """Hands out what was gathered before: the library's way is synchronous, the database is not."""

    def __init__(self, families: list[GaugeMetricFamily]) -> None:
        self._families = families

    def collect(self) -> Iterator[GaugeMetricFamily]:
        return iter(self._families)


async def _families(services: Services) -> list[GaugeMetricFamily]:
    core, book = services.core, services.book
    live = await services.children.live()
    alerts = await core.outbox.rows(500)
    states = Counter(word_of(watch, book.state(key)) for key, watch in book.watches.items())
    return [
        _gauge("watches", "Watches by what is known of them", "state", {one: states[one] for one in STATES}),
        _gauge("processes", "Children that run", "kind", Counter(row.kind for row in live)),
        _gauge("alerts", "The last 500 alerts by state", "state", Counter(row.state for row in alerts)),
        _plain("emergency_stop", "1: nobody buys", float(services.emergency_stop.is_on())),
        _plain("last_event_id", "Grows with everything that happens", float(await core.events.last_id())),
        *_performance(performance_of(book.monitor, core.clock.now()) or {}),
        *await _health(services),
        *_crawls(await status_of_all(core)),
    ]


def _performance(figures: Mapping[str, float | None]) -> Iterator[GaugeMetricFamily]:
    for name, value in figures.items():
        if value is not None:
            yield _plain(f"monitor_{name}", "As the monitor laid it out last", value)


async def _health(services: Services) -> list[GaugeMetricFamily]:
    family = GaugeMetricFamily(
        "shopwatch_retailer_health", "1 for the state a retailer is in", labels=["retailer", "state"]
    )
    for name, health in (await services.core.health.current()).items():
        for state in HealthState:
            family.add_metric([name, state.value], float(state is health.state))
    return [family]


def _crawls(status: Mapping[str, Any]) -> Iterator[GaugeMetricFamily]:
    retailers: Mapping[str, Any] = status["retailers"]
    good = {name: one["last_good"] for name, one in retailers.items() if one["last_good"]}
    yield _gauge(
        "stores", "Stores of the last good set", "retailer", {n: one["stores"] for n, one in good.items()}
    )
    ages = {name: one["age_seconds"] for name, one in good.items()}
    yield _gauge("stores_age_seconds", "Age of the last good set", "retailer", ages)
    running = {name: float(bool(one["current_run"])) for name, one in retailers.items()}
    yield _gauge("crawl_running", "1: a crawl is under way", "retailer", running)


def _gauge(name: str, about: str, label: str, values: Mapping[str, float]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(f"shopwatch_{name}", about, labels=[label])
    for key, value in sorted(values.items()):
        family.add_metric([key], float(value))
    return family


def _plain(name: str, about: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"shopwatch_{name}", about, value=value)
