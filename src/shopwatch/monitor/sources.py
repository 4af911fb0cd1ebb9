"""What the monitor needs of a retailer: how to read it, where it is, who fetches, how often."""

from __future__ import annotations

from dataclasses import dataclass

from shopwatch.config.retailer_settings import RetailerSettings
from shopwatch.domain.retailer import StockApi
from shopwatch.domain.site import Site
from shopwatch.domain.watch import Watch
from shopwatch.monitor.scheduler import Assignment, HostLimits
from shopwatch.ports import Fetcher


@dataclass(frozen=True, kw_only=True, slots=True)
class StockSource:
    """One retailer as it is configured now."""

    retailer: str
    api: StockApi
    site: Site
    fetcher: Fetcher
    limits: HostLimits


def host_limits(api: StockApi, section: RetailerSettings) -> HostLimits:
    """The retailer's polite ceilings, where its section of the configuration says nothing else."""
    rate = section.stock_requests_per_second or api.requests_per_second
    in_flight = section.stock_in_flight or api.max_in_flight
    gap = api.min_interval_s if section.stock_min_interval is None else section.stock_min_interval
    return HostLimits(
        batch_size=api.batch_size,
        min_gap_s=gap,
        requests_per_s=rate,
        peak_requests_per_s=section.stock_peak_requests_per_second,
        max_in_flight=in_flight,
    )


def assignment(watch: Watch) -> Assignment:
    """A watch as the scheduler sees it. One group, else the first tag, are siblings."""
    return Assignment(
        key=watch.key,
        max_interval_s=watch.check_frequency_s,
        value=watch.priority.value_factor,
        family=watch.group or next(iter(watch.tags), None),
    )
