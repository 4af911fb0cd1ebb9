"""What a request came to, in the words of the scheduler and of health; and a sweep over everything."""

from __future__ import annotations

import asyncio

import pytest
from tests.fakes import FakeClock, MemoryObservations, ScriptedFetcher
from tests.monitor.looks import IN, OUT, UNKNOWN
from tests.monitor.shelf import QUICK, SITE, Scene, Shelf, watch

from shopwatch.config.retailer_settings import RetailerSettings
from shopwatch.domain.errors import Blocked, Gone, LayoutChanged, RetailerError, Unreachable
from shopwatch.domain.site import Site
from shopwatch.domain.watch import Priority
from shopwatch.monitor.checker import Answered, look
from shopwatch.monitor.recorder import Recorder
from shopwatch.monitor.scheduler import Outcome
from shopwatch.monitor.sources import StockSource, assignment, host_limits
from shopwatch.monitor.sweep import sweep
from shopwatch.monitor.watchlist import WatchList
from shopwatch.retailers.stock.target import TARGET_STOCK
from shopwatch.transport.clock import SystemClock

X = "https://x"


def source(shelf: Shelf, site: Site = SITE) -> StockSource:
    fetcher = ScriptedFetcher(shelf.respond)
    return StockSource(retailer="target", api=TARGET_STOCK, site=site, fetcher=fetcher, limits=QUICK)


@pytest.mark.parametrize(
    ("trouble", "answered", "outcome", "refused"),
    [
        (Blocked(X, "HTTP 429", status=429, retry_after_s=7), Answered.REFUSED, Outcome.FAILED, True),
        (Blocked(X, "captcha", status=403, challenge=True), Answered.CHALLENGED, Outcome.FAILED, True),
        (Blocked(X, "paused until 12:00", retry_after_s=7), Answered.HELD, Outcome.UNKNOWN, False),
        (Unreachable(X, "timed out"), Answered.FAILED, Outcome.FAILED, False),
        (Gone(X, "HTTP 410"), Answered.SILENT, Outcome.UNKNOWN, False),
        (LayoutChanged(X, "what is this"), Answered.SILENT, Outcome.UNKNOWN, False),
        (b"<html>sorry</html>", Answered.SILENT, Outcome.UNKNOWN, False),
    ],
)
async def test_every_kind_of_failure_has_its_word(
    trouble: RetailerError | bytes, answered: Answered, outcome: Outcome, refused: bool
) -> None:
    shelf = Shelf()
    shelf.trouble = trouble
    came = await look(source(shelf), ["1", "2"])
    assert (came.answered, came.outcome, came.refused, came.seen) == (answered, outcome, refused, ())
    assert came.reason


async def test_an_answer_with_one_verdict_is_read_and_one_without_any_is_silent() -> None:
    shelf = Shelf()
    shelf.put("OUT_OF_STOCK", "11111111")
    came = await look(source(shelf), ["11111111", "22222222"])
    assert came.answered is Answered.READ
    assert [one.availability for one in came.seen] == [OUT, UNKNOWN]
    shelf.put("A_NEW_WORD", "11111111")
    came = await look(source(shelf), ["11111111"])
    assert came.answered is Answered.SILENT
    assert came.reason == "no verdict: unknown shipping status A_NEW_WORD"


async def test_a_missing_key_asks_nothing_and_names_the_setting() -> None:
    shelf = Shelf()
    came = await look(source(shelf, Site(base_url="https://www.target.com")), ["1"])
    assert came.answered is Answered.HELD
    assert "retailers.target.keys.web" in came.reason
    assert shelf.stock_requests == 0


def test_the_configuration_overrides_the_retailers_own_limits() -> None:
    own = host_limits(TARGET_STOCK, RetailerSettings())
    assert (own.batch_size, own.requests_per_s, own.max_in_flight) == (28, 0.05, 1)
    section = RetailerSettings(stock_requests_per_second=9, stock_in_flight=4, stock_min_interval=0.5)
    given = host_limits(TARGET_STOCK, section)
    assert (given.requests_per_s, given.max_in_flight, given.min_gap_s) == (9, 4, 0.5)


def test_a_peak_is_allowed_only_by_the_person_and_only_above_the_usual_rate() -> None:
    assert host_limits(TARGET_STOCK, RetailerSettings()).peak_requests_per_s is None
    section = RetailerSettings(stock_requests_per_second=0.05, stock_peak_requests_per_second=0.2)
    given = host_limits(TARGET_STOCK, section)
    assert (given.requests_per_s, given.peak_requests_per_s) == (0.05, 0.2)


def test_a_watch_is_an_assignment_with_its_worth_and_family() -> None:
    told = assignment(watch("1", every_s=30, priority=Priority.CRITICAL, tags=("cards", "toys")))
    assert (told.key, told.max_interval_s, told.value, told.family) == (("target", "1"), 30, 4.0, "cards")
    assert assignment(watch("1", group="boxes", tags=("cards",))).family == "boxes"


def test_a_watch_list_says_what_it_leaves_out_and_why() -> None:
    shelf = Shelf()
    watches = WatchList([watch("1"), watch("2", enabled=False)], {"target": source(shelf)})
    assert (len(watches), list(watches), watches.count("target")) == (1, [("target", "1")], 1)
    assert watches.left_out == {("target", "2"): "disabled"}
    assert WatchList([watch("1")], {}).left_out == {
        ("target", "1"): "target is disabled, or its stock cannot be read"
    }


async def test_a_sweep_looks_at_everything_once_as_concurrently_as_allowed() -> None:
    shelf = Shelf()
    skus = [str(sku) for sku in range(10_000_000, 10_000_200)]
    shelf.put("OUT_OF_STOCK", *skus)
    shelf.put("IN_STOCK", skus[0], skus[199])
    from_target = source(shelf)
    observations = MemoryObservations()
    watches = WatchList(map(watch, skus), {"target": from_target})
    report = await sweep(watches, {"target": from_target}, Recorder(observations), SystemClock())
    assert (report.requests, len(report.seen)) == (8, 200)
    assert sum(one.availability is IN for one in report.seen) == 2
    assert from_target.fetcher.most_in_flight == 8  # type: ignore[attr-defined]
    assert len(observations.alerts) == 2
    assert sum(observations.checks.values()) == 200
    assert report.recorded_s >= report.duration_s > 0


async def test_a_sweep_names_what_did_not_answer_once() -> None:
    shelf = Shelf()
    shelf.trouble = Unreachable(X, "HTTP 503")
    from_target = source(shelf)
    watches = WatchList((watch(str(sku)) for sku in range(100, 200)), {"target": from_target})
    report = await sweep(watches, {"target": from_target}, Recorder(MemoryObservations()), FakeClock())
    assert report.unanswered == {"target": ["Unreachable: HTTP 503"]}
    assert report.seen == []


async def test_what_the_scheduler_learnt_is_there_after_a_restart_and_rubbish_is_left() -> None:
    first = Scene()
    first.shelf.put("OUT_OF_STOCK", "11111111")
    first.apply(watch("11111111", every_s=3600))
    async with first.running():
        await first.until(lambda: first.observations.states)
    second = Scene(notebook=first.notebook, observations=first.observations)
    second.shelf.put("OUT_OF_STOCK", "11111111")
    second.apply(watch("11111111", every_s=3600))
    async with second.running():
        await asyncio.sleep(0.05)
    assert second.shelf.stock_requests == 0, "it was looked at a moment ago and is not due for an hour"
    third = Scene()
    third.notebook.pages["scheduler"] = {"rubbish": True}
    third.shelf.put("OUT_OF_STOCK", "11111111")
    third.apply(watch("11111111"))
    async with third.running():
        await third.until(lambda: third.observations.states)
