"""The monitor at work against fakes: what it sees, what it tells, and how it starts, changes and stops."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from structlog.testing import capture_logs
from tests.fakes import ScriptedBrowser, ScriptedFetcher
from tests.monitor.looks import IN, OUT, UNKNOWN, known, seen
from tests.monitor.shelf import SITE, Scene, Shelf, watch

from shopwatch.config.settings import MonitorSettings
from shopwatch.domain.errors import Blocked, ErrorClass, Unreachable
from shopwatch.domain.health import HealthState, Pause
from shopwatch.domain.money import Money
from shopwatch.domain.stock import Source
from shopwatch.domain.stock_state import AlertKind
from shopwatch.ports import Restock
from shopwatch.transport.clock import SystemClock

SKU = "89542109"
KEY = ("target", SKU)


async def test_a_restock_is_told_once_however_often_it_is_seen() -> None:
    scene = Scene()
    scene.shelf.put("OUT_OF_STOCK", SKU)
    scene.apply(watch())
    async with scene.running():
        await scene.until(lambda: scene.observations.states)
        scene.shelf.put("IN_STOCK", SKU)
        await scene.until(lambda: scene.told)
        seen_before = scene.shelf.stock_requests
        await scene.until(lambda: scene.shelf.stock_requests > seen_before + 5)
    assert [alert.kind for alert in scene.observations.alerts] == [AlertKind.RESTOCK]
    assert [change.restock_id for change, _ in scene.told] == [1]


async def test_looks_that_change_nothing_cost_no_transaction() -> None:
    scene = Scene()
    scene.shelf.put("OUT_OF_STOCK", *map(str, range(10_000_000, 10_000_060)))
    scene.apply(*(watch(str(sku)) for sku in range(10_000_000, 10_000_060)))
    async with scene.running():
        await scene.until(lambda: scene.shelf.stock_requests > 30)
    learnt = len(scene.shelf.details_requests)  # their prices
    assert scene.observations.records <= 3 + learnt  # the first looks, in batches of 28
    assert sum(scene.observations.checks.values()) > 60 * 5


async def test_an_end_is_asked_again_at_once_and_told_when_it_is_seen_twice() -> None:
    scene = Scene()
    scene.shelf.put("IN_STOCK", SKU)
    scene.apply(watch(every_s=0.05))
    async with scene.running():
        await scene.until(lambda: scene.told)
        scene.shelf.put("OUT_OF_STOCK", SKU)
        await scene.until(lambda: scene.observations.states[KEY].availability is OUT)
    assert [alert.kind for alert in scene.observations.alerts] == [AlertKind.RESTOCK, AlertKind.SOLD_OUT]


async def test_a_missing_product_and_a_failing_site_change_nothing_and_are_counted() -> None:
    scene = Scene()
    scene.shelf.put("IN_STOCK", SKU)
    scene.apply(watch(), watch("11111111"))
    async with scene.running():
        await scene.until(lambda: scene.told)
        scene.shelf.trouble = Unreachable("https://x", "HTTP 503", error_class=ErrorClass.SERVER)
        failing_since = scene.shelf.stock_requests
        await scene.until(lambda: scene.shelf.stock_requests > failing_since + 3)
        scene.shelf.trouble = None
        await scene.until(lambda: scene.observations.states[KEY].availability is IN)
    missing = scene.observations.states.get(("target", "11111111"))
    assert missing is None or missing.availability is UNKNOWN, (
        "its details may have been read: they tell no stock"
    )
    assert scene.observations.unknowns["target", "11111111"] > 0
    assert [alert.kind for alert in scene.observations.alerts] == [AlertKind.RESTOCK]


async def test_a_challenge_stops_asking_and_says_so_until_the_pause_is_cleared() -> None:
    scene = Scene()
    scene.shelf.put("OUT_OF_STOCK", SKU)
    scene.apply(watch())
    async with scene.running():
        await scene.until(lambda: _state(scene) is HealthState.WORKING)
        until = datetime.now(UTC) + timedelta(minutes=15)
        await scene.pauses.save(Pause(name="target", until=until, reason="Press & Hold"))
        scene.shelf.trouble = Blocked("https://x", "Press & Hold", challenge=True, status=403)
        await scene.until(lambda: _state(scene) is HealthState.BLOCKED)
        asked = len(scene.fetcher.asked)
        await asyncio.sleep(0.2)  # ten intervals: it does not ask
        assert len(scene.fetcher.asked) == asked
        scene.shelf.trouble = None
        await scene.pauses.clear("target")
        await scene.until(lambda: _state(scene) is HealthState.WORKING)
    states = [health.state for health in scene.book.history]
    assert states == [HealthState.WORKING, HealthState.BLOCKED, HealthState.WORKING]
    kinds = [(alert.kind, alert.facts["state"]) for alert in scene.book.alerts]
    assert kinds == [(AlertKind.HEALTH, "blocked"), (AlertKind.HEALTH, "working")]
    assert "Press & Hold" in str(scene.book.alerts[0].facts["reason"])


def _state(scene: Scene) -> HealthState | None:
    return scene.book.states["target"].state if "target" in scene.book.states else None


async def test_a_mended_address_is_asked_at_once_however_long_the_wrong_one_is_left_alone() -> None:
    scene = Scene()
    scene.shelf.put("IN_STOCK", SKU)
    scene.shelf.trouble = Blocked("https://x", "target is paused: no such host", retry_after_s=900.0)
    scene.apply(watch())
    async with scene.running():
        await scene.until(lambda: _held_s(scene) > 600)
        scene.shelf.trouble = None
        mended = replace(scene.source(), site=replace(SITE, api_url="https://redsky.example"))
        scene.monitor.apply([watch()], {"target": mended})
        await scene.until(lambda: scene.told)


async def test_an_answer_under_way_from_another_place_is_not_taken_for_this_one() -> None:
    scene, here = Scene(), Shelf()
    scene.shelf.put("IN_STOCK", SKU)  # at the store of before
    here.put("OUT_OF_STOCK", SKU)
    scene.apply(watch(every_s=3600))
    scene.fetcher.gate = asyncio.Event()
    async with scene.running():
        await scene.until(lambda: scene.fetcher.asked)
        store = replace(SITE, location=replace(SITE.location, store_id="1375"))
        moved = replace(scene.source(), site=store, fetcher=ScriptedFetcher(here.respond))
        scene.monitor.apply([watch(every_s=3600)], {"target": moved})
        scene.fetcher.gate.set()
        await scene.until(lambda: here.stock_requests)
        await scene.until(lambda: KEY in scene.observations.states)
    assert scene.observations.states[KEY].availability is OUT
    assert (scene.told, scene.observations.alerts) == ([], [])


async def test_a_mended_address_does_not_end_a_challenge() -> None:
    scene = Scene()
    until = datetime.now(UTC) + timedelta(minutes=9)
    scene.pauses.pauses["target"] = Pause(name="target", until=until, reason="a CAPTCHA")
    scene.apply(watch())
    async with scene.running():
        await scene.until(lambda: scene.book.states)
        mended = replace(scene.source(), site=replace(SITE, api_url="https://redsky.example"))
        scene.monitor.apply([watch()], {"target": mended})
        assert _held_s(scene) > 300
    assert scene.shelf.stock_requests == 0


def _held_s(scene: Scene) -> float:
    return scene.scheduler.seconds_until_due(datetime.now(UTC).timestamp()) or 0.0


async def test_a_pause_of_the_last_process_still_holds() -> None:
    scene = Scene()
    scene.shelf.put("OUT_OF_STOCK", SKU)
    scene.pauses.pauses["target"] = Pause(
        name="target", until=datetime.now(UTC) + timedelta(minutes=9), reason="a CAPTCHA"
    )
    scene.apply(watch())
    async with scene.running():
        await scene.until(lambda: scene.book.states)
    assert scene.shelf.stock_requests == 0
    assert scene.book.states["target"].state is HealthState.BLOCKED


async def test_details_bring_price_title_and_limit_and_never_crowd_out_stock() -> None:
    scene = Scene()
    skus = [str(sku) for sku in range(10_000_000, 10_000_010)]
    scene.shelf.put("OUT_OF_STOCK", *skus)
    scene.shelf.titles[skus[0]] = "Pok&#233;mon"
    scene.apply(*map(watch, skus))
    async with scene.running():
        await scene.until(lambda: len(scene.shelf.details_requests) >= 10)
        asked = scene.shelf.stock_requests
    state = scene.observations.states["target", skus[0]]
    assert (state.title, state.purchase_limit, state.price) == ("Pokémon", 2, Money(4999))
    assert len(scene.shelf.details_requests) == 10, "each once in an interval"
    assert asked >= 3 * len(scene.shelf.details_requests)


async def test_watches_are_swapped_while_it_runs_and_what_is_gone_is_not_asked_again() -> None:
    scene = Scene()
    scene.shelf.put("OUT_OF_STOCK", SKU, "11111111")
    scene.apply(watch())
    async with scene.running():
        await scene.until(lambda: KEY in scene.observations.states)
        scene.apply(watch("11111111"), watch(SKU, enabled=False))
        await scene.until(lambda: ("target", "11111111") in scene.observations.states)
        scene.fetcher.asked.clear()
        await scene.until(lambda: len(scene.fetcher.asked) > 3)
    assert not any(SKU in request.url for request in scene.fetcher.asked[1:])


async def test_a_person_who_asks_is_served_at_once_also_through_the_events() -> None:
    scene = Scene()
    scene.shelf.put("OUT_OF_STOCK", SKU)
    scene.apply(watch(every_s=3600))
    async with scene.running():
        await scene.until(lambda: scene.observations.states)
        asked = scene.shelf.stock_requests
        scene.monitor.check_now(KEY)
        await scene.until(lambda: scene.shelf.stock_requests == asked + 1)
        await scene.events.publish("command", {"do": "check", "retailer": "target", "sku": SKU})
        await scene.until(lambda: scene.shelf.stock_requests == asked + 2)


async def test_it_stops_at_once_when_idle_and_after_the_requests_in_flight_when_not() -> None:
    scene = Scene()
    scene.shelf.put("OUT_OF_STOCK", SKU)
    scene.fetcher.gate = asyncio.Event()
    scene.apply(watch())
    task = asyncio.create_task(scene.monitor.run(scene.stop))
    await scene.until(lambda: scene.fetcher.in_flight == 1)
    scene.stop.set()
    await asyncio.sleep(0)
    assert not task.done()
    scene.fetcher.gate.set()
    await asyncio.wait_for(task, 30)
    assert scene.observations.states[KEY].availability is OUT, "what was in flight is not lost"
    assert scene.observations.checks[KEY] == 1, "and counted"
    assert scene.shelf.details_requests == [], "nothing more is begun: it would not be waited for"
    assert "scheduler" in scene.notebook.pages


async def test_no_more_requests_are_in_flight_than_the_settings_allow() -> None:
    scene = Scene(settings=MonitorSettings(max_concurrent_checks=3))
    skus = [str(sku) for sku in range(10_000_000, 10_000_020)]
    scene.shelf.put("OUT_OF_STOCK", *skus)
    scene.apply(*map(watch, skus), batch_size=1)
    async with scene.running():
        await scene.until(lambda: scene.shelf.stock_requests > 40)
    assert scene.fetcher.most_in_flight <= 3 + 1  # the details


async def test_a_bug_ends_the_monitor_and_is_not_swallowed() -> None:
    scene = Scene()

    def broken(request: object) -> bytes:
        raise ZeroDivisionError

    scene.fetcher.respond = broken
    scene.apply(watch())
    with pytest.raises(ExceptionGroup) as caught:
        await scene.monitor.run(scene.stop)
    assert caught.group_contains(ZeroDivisionError)


async def test_the_dashboard_finds_figures_and_the_next_check_with_its_reason() -> None:
    scene = Scene()
    scene.shelf.put("OUT_OF_STOCK", SKU)
    scene.apply(watch(), watch("11111111", enabled=False))
    async with scene.running():
        await scene.until(lambda: scene.observations.states)
    page = scene.notebook.pages["monitor"]
    assert (page["watches"], page["pacing"]) == (1, "fixed")
    assert page["retailers"] == {"target": {"stretch": 1.0, "requests_per_second": 10_000}}
    assert page["browser"] == {
        "ready": False,
        "sessions": [],
        "reason": "no browser is set up to confirm it",
    }
    assert page["left_out"] == {"target:11111111": "disabled"}
    assert set(page["plans"]) == {f"target:{SKU}"}  # type: ignore[call-overload]
    figures = page["performance"]
    assert isinstance(figures, dict)
    assert figures["checks"] >= 1
    assert figures["latency_ms"]["p50"] == 5.0


# --- confirmation ------------------------------------------------------------------------------------------


class SetBack(SystemClock):
    """The machine's clock, which somebody sets back an hour."""

    behind = timedelta()

    def now(self) -> datetime:
        return super().now() - self.behind


async def test_a_clock_that_is_set_back_leaves_the_figures_right() -> None:
    clock = SetBack()
    scene = Scene(clock=clock)
    scene.shelf.put("OUT_OF_STOCK", SKU)
    scene.apply(watch())

    def figures() -> Any:
        return scene.notebook.pages.get("monitor", {"performance": {"passes": 0}})["performance"]

    async with scene.running():
        await scene.until(lambda: figures()["passes"] > 0)
        clock.behind, asked = timedelta(hours=1), scene.shelf.stock_requests
        await scene.until(lambda: scene.shelf.stock_requests > asked + 5)
        known = figures()["passes"]
        await scene.until(lambda: figures()["passes"] > known)
        assert figures()["sweep_s"]["target"] > 0, "or nobody would hear that it takes too long"


async def test_a_clock_that_is_set_back_leaves_prices_as_fresh_as_they_were() -> None:
    clock = SetBack()
    scene = Scene(clock=clock, settings=MonitorSettings(details_interval=0.05))
    scene.shelf.put("IN_STOCK", SKU)
    scene.apply(watch())
    async with scene.running():
        await scene.until(lambda: scene.shelf.details_requests)
        clock.behind, read = timedelta(hours=1), len(scene.shelf.details_requests)
        await scene.until(lambda: len(scene.shelf.details_requests) > read + 1)


async def test_a_browser_completes_a_restock_without_holding_up_its_alert() -> None:
    scene = Scene(browser=ScriptedBrowser([seen(IN, source=Source.BROWSER, price="49.99")]))
    scene.shelf.put("IN_STOCK", SKU)
    scene.apply(watch())
    async with scene.running():
        await scene.until(lambda: scene.confirmed)
    kinds = [alert.kind for alert in scene.observations.alerts]
    assert kinds == [AlertKind.RESTOCK, AlertKind.CONFIRMED]
    assert scene.observations.alerts[0].facts["unconfirmed_because"] == ""
    assert scene.observations.confirmations == {1: "confirmed"}
    assert scene.observations.alerts[1].key == "confirmed:1"


@pytest.mark.parametrize(
    ("sight", "verdict", "told"),
    [
        (seen(OUT, source=Source.BROWSER), "refuted", [AlertKind.NOT_CONFIRMED]),
        (seen(IN, sold_by="Scalper LLC"), "refuted", [AlertKind.NOT_CONFIRMED]),
        (seen(IN, price="60.00"), "refuted", [AlertKind.NOT_CONFIRMED]),
        (seen(UNKNOWN, reason="a skeleton"), "unavailable", []),
        (Unreachable("https://x", "the browser died"), "unavailable", []),
    ],
)
async def test_only_positive_evidence_confirms(sight: object, verdict: str, told: list[AlertKind]) -> None:
    scene = Scene(browser=ScriptedBrowser([sight]))  # type: ignore[list-item]
    scene.shelf.put("IN_STOCK", SKU)
    scene.apply(watch(max_price=Money(5000)))
    async with scene.running():
        await scene.until(lambda: scene.observations.confirmations)
    assert scene.observations.confirmations == {1: verdict}
    assert [alert.kind for alert in scene.observations.alerts[1:]] == told
    assert scene.confirmed == []


async def test_who_asked_a_browser_first_is_told_why_none_could_look() -> None:
    scene = Scene(browser=ScriptedBrowser([Unreachable("https://x", "the browser died")]))
    scene.shelf.put("IN_STOCK", SKU)
    scene.monitor.apply([watch()], {"target": scene.source()}, ask_first=True)
    async with scene.running():
        await scene.until(lambda: scene.observations.confirmations)
    first, completion = scene.observations.alerts
    assert first.waits_until is not None
    assert (completion.key, completion.kind) == ("restock:1", AlertKind.RESTOCK)
    assert completion.facts == {"unconfirmed_because": "the browser died"}


async def test_a_snoozed_restock_is_not_told_by_its_confirmation_either() -> None:
    scene = Scene(browser=ScriptedBrowser([seen(IN, source=Source.BROWSER, price="49.99")]))
    scene.shelf.put("IN_STOCK", SKU)
    scene.apply(watch(snoozed_until=datetime.now(UTC) + timedelta(hours=1)))
    async with scene.running():
        await scene.until(lambda: scene.confirmed)
    assert scene.observations.alerts == []


async def test_without_a_browser_the_alert_says_that_and_why_nobody_confirms_it() -> None:
    scene = Scene()
    scene.shelf.put("IN_STOCK", SKU)
    scene.apply(watch())
    async with scene.running():
        await scene.until(lambda: scene.observations.confirmations)
    assert scene.observations.alerts[0].facts["unconfirmed_because"] == "no browser is set up to confirm it"
    assert scene.observations.confirmations == {1: "unavailable"}


async def test_a_restock_nobody_looked_at_before_the_stop_is_not_left_open() -> None:
    browser = ScriptedBrowser([seen(IN)])
    hold = asyncio.Event()

    async def never(watch: object, url: str) -> object:
        await hold.wait()
        raise AssertionError

    browser.confirm = never  # type: ignore[method-assign,assignment]
    scene = Scene(browser=browser)
    scene.shelf.put("IN_STOCK", SKU)
    scene.apply(watch())
    async with scene.running():
        await scene.until(lambda: scene.told)
        checks = scene.shelf.stock_requests
        await scene.until(lambda: scene.shelf.stock_requests > checks + 3)  # the look holds up nothing
    assert scene.observations.confirmations == {1: "unavailable"}


def left_open(restock_id: int, age: timedelta, sku: str = SKU) -> Restock:
    observation = seen(IN, sku=sku, price="49.99")
    return Restock(
        id=restock_id,
        key=("target", sku),
        at=datetime.now(UTC) - age,
        observation=observation,
        evidence=observation.evidence,
    )


async def test_what_a_killed_process_left_unconfirmed_is_confirmed_by_the_next_one() -> None:
    scene = Scene(browser=ScriptedBrowser([seen(IN, source=Source.BROWSER, price="49.99")]))
    scene.shelf.put("IN_STOCK", SKU)
    scene.observations.states[KEY] = known(IN)
    scene.observations.left_open = [left_open(7, timedelta(minutes=2))]
    scene.apply(watch())
    async with scene.running():
        await scene.until(lambda: scene.confirmed)
    assert scene.observations.confirmations == {7: "confirmed"}
    assert [alert.key for alert in scene.observations.alerts] == ["confirmed:7"], "it was told before"
    assert scene.confirmed[0][0].restock_id == 7


async def test_what_is_no_news_any_more_or_no_longer_watched_is_closed_without_a_look() -> None:
    scene = Scene(browser=ScriptedBrowser([seen(IN)]), settings=MonitorSettings(audit_negatives=False))
    scene.shelf.put("OUT_OF_STOCK", SKU)
    scene.observations.left_open = [
        left_open(7, timedelta(hours=2)),
        left_open(8, timedelta(minutes=2), sku="11111111"),
    ]
    scene.apply(watch())
    async with scene.running():
        await scene.until(lambda: scene.observations.states)
    assert scene.observations.confirmations == {7: "unavailable", 8: "unavailable"}
    assert scene.browser is not None
    assert scene.browser.looks == []
    assert scene.observations.alerts == []


async def test_idle_browsers_audit_what_the_api_calls_sold_out_and_find_it_lying_once() -> None:
    scene = Scene(browser=ScriptedBrowser([seen(IN, source=Source.BROWSER, when=10**8)]))
    scene.shelf.put("OUT_OF_STOCK", SKU)
    scene.apply(watch(every_s=3600))
    async with scene.running():
        await scene.until(lambda: scene.told)
        looks = scene.browser.looks if scene.browser else []
        await scene.until(lambda: scene.observations.confirmations)
        asked = len(looks)
        await asyncio.sleep(0.2)  # ten audits later
    assert scene.told[0][0].observation.source is Source.BROWSER
    assert len(looks) == asked, "a product whose API was caught lying is left alone for a while"


async def test_no_audit_where_the_settings_say_none() -> None:
    settings = MonitorSettings(audit_negatives=False)
    scene = Scene(browser=ScriptedBrowser([seen(IN)]), settings=settings)
    scene.shelf.put("OUT_OF_STOCK", SKU)
    scene.apply(watch())
    async with scene.running():
        await scene.until(lambda: scene.shelf.stock_requests > 10)
    assert scene.browser is not None
    assert scene.browser.looks == []


async def test_audits_begin_when_the_settings_of_the_running_monitor_come_to_want_them() -> None:
    settings = MonitorSettings(audit_negatives=False)
    scene = Scene(browser=ScriptedBrowser([seen(IN)]), settings=settings)
    scene.shelf.put("OUT_OF_STOCK", SKU)
    scene.apply(watch())
    async with scene.running():
        await scene.until(lambda: scene.observations.states)
        sources = {"target": scene.source()}
        scene.monitor.apply([watch()], sources, MonitorSettings(audit_negatives=True))
        await scene.until(lambda: scene.browser and scene.browser.looks, 30)


async def test_a_lasting_trouble_is_one_log_line() -> None:
    scene = Scene()
    scene.shelf.put("A_NEW_WORD", SKU)
    scene.apply(watch())
    with capture_logs() as lines:
        async with scene.running():
            await scene.until(lambda: scene.shelf.stock_requests > 5)
    told = [line for line in lines if line["event"] == "look_failed"]
    assert [line["reason"] for line in told] == ["no verdict: unknown shipping status A_NEW_WORD"]
    assert [line["now"] for line in lines if line["event"] == "health_changed"][-1] == "not_understood"


async def test_intervals_shorter_than_the_gap_between_two_requests_are_late() -> None:
    scene = Scene()
    scene.shelf.put("OUT_OF_STOCK", SKU)
    scene.apply(watch(every_s=2.0), requests_per_s=0.1)
    async with scene.running():
        await scene.until(lambda: _state(scene) is HealthState.LATE)
    assert scene.notebook.pages["monitor"]["retailers"] == {
        "target": {"stretch": 5.0, "requests_per_second": 0.1}
    }


async def test_a_product_that_never_has_a_verdict_is_one_log_line_beside_others_that_have() -> None:
    scene = Scene()
    scene.shelf.put("A_NEW_WORD", SKU)
    scene.shelf.put("OUT_OF_STOCK", "11111111")
    scene.apply(watch(), watch("11111111"), batch_size=1)
    with capture_logs() as lines:
        async with scene.running():
            await scene.until(lambda: scene.shelf.stock_requests > 8)
    assert sum(line["event"] == "look_failed" for line in lines) == 1
