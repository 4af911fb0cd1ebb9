"""The dashboard in a real browser, over the simulator: what a person does, and the browser's complaints."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Locator, Page, Route, expect
from tests.browser.chromium import needs_browser
from tests.browser.dashboard_page import (
    PATIENCE_MS,
    SKUS,
    Watched,
    chromium,
    page_of,
    watched_page,
    whole_dashboard,
)
from tests.simulator_fixture import Simulator, simulator_process
from tests.web.watching import IN, record

from shopwatch.bootstrap.core import Core
from shopwatch.config.retailer_settings import LocationSettings, RetailerSettings
from shopwatch.domain.crawling import Request as CrawlRequest
from shopwatch.domain.health import Pause
from shopwatch.domain.money import Money
from shopwatch.domain.purchase import PurchaseState
from shopwatch.domain.run import RunOptions, RunState
from shopwatch.domain.stock import Evidence, Observation, Offer, Product, Source
from shopwatch.domain.stock_state import Alert, AlertKind, StockState, Transition
from shopwatch.domain.store import Store
from shopwatch.domain.watch import Watch
from shopwatch.ports import Fetched

pytestmark = [
    *needs_browser,
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.timeout(300),
]
NEW, PARENT, CHILD = "89542109", "89542200", "89542201"
AXE = ""  #: the script, where it is installed
if find_spec("axe_playwright_python"):
    AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8")
#: How many of what fits a selector cannot be clicked, for they are beside the page.
TOO_FAR = """selector => [...document.querySelectorAll(selector)]
.filter((one) => one.getBoundingClientRect().right > window.innerWidth).length"""
VIEWS = (
    "stock",
    f"product/target/{SKUS[0]}",
    "stores",
    "purchases",
    "logs",
    "settings",
    "settings/safety",
    "settings/files",
    "settings/backups",
    "health",
)


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def served(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[tuple[str, Core, dict[str, str]]]:
    with simulator_process(products=20) as origins:
        async with aiohttp.ClientSession() as session:
            await Simulator(origins, session).put(NEW, title="New thing", price="49.99", ship="IN_STOCK")
            doll = {"title": "Doll", "price": "19.99"}
            await Simulator(origins, session).put(CHILD, **doll, kind="VC", parent=PARENT)
            await Simulator(origins, session).put(PARENT, **doll, kind="VAP", children=[CHILD])
        async with whole_dashboard(tmp_path_factory.mktemp("dashboard"), origins) as (url, core):
            yield url, core, origins


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as started:
        yield started


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def context(browser: Browser) -> AsyncIterator[BrowserContext]:
    shared = await browser.new_context(viewport={"width": 1300, "height": 860}, reduced_motion="reduce")
    yield shared
    await shared.close()


@pytest_asyncio.fixture(loop_scope="module")
async def dashboard(
    context: BrowserContext, served: tuple[str, Core, dict[str, str]]
) -> AsyncIterator[Watched]:
    async with page_of(context, served[0]) as page:
        yield page


@pytest.mark.parametrize("theme", ["light", "dark"])
async def test_every_view_fits_desk_and_phone_and_axe_finds_nothing(
    browser: Browser, served: tuple[str, Core, dict[str, str]], theme: str
) -> None:
    """In dark only the colours are looked at again; neither the phone nor a theme changes the elements."""
    async with watched_page(browser, served[0], theme=theme) as watched:
        for view in VIEWS:
            await watched.open(view)
            assert (view, await too_wide(watched)) == (view, 0)
            assert (view, await beside_its_column(watched)) == (view, [])
            where = "document" if view == VIEWS[0] else "'main'"  # the head is the same on all
            assert (view, await violations(watched, where, theme=theme)) == (view, [])
            if theme == "dark":
                await watched.page.set_viewport_size({"width": 390, "height": 860})
                assert (view, await too_wide(watched), await cut_off(watched)) == (view, 0, 0)
                await watched.page.set_viewport_size({"width": 1300, "height": 860})


async def too_wide(watched: Watched) -> Any:
    return await watched.page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )


async def cut_off(watched: Watched) -> Any:
    """Tables that are cards on a phone, and yet wider than their box."""
    return await watched.page.evaluate(
        """[...document.querySelectorAll("main table.listing")]
            .filter((table) => table.scrollWidth > table.parentElement.clientWidth).length"""
    )


async def beside_its_column(watched: Watched) -> Any:
    """Cells that do not stand under the head of their column."""
    return await watched.page.evaluate(
        """[...document.querySelectorAll("main table:has(thead th)")].flatMap((table) => {
            const left = (cell) => Math.round(cell.getBoundingClientRect().left);
            const heads = [...table.tHead.rows[0].cells];
            return [...table.tBodies[0].rows].flatMap((row) => [...row.cells])
                .filter((cell) => cell.colSpan === 1 && left(cell) !== left(heads[cell.cellIndex]))
                .map((cell) => cell.innerText);
        })"""
    )


async def violations(watched: Watched, where: str, *, theme: str = "light") -> list[tuple[str, str]]:
    """What axe finds in a part of the page; nothing where axe is not installed."""
    if not AXE:
        return []
    if not await watched.page.evaluate("Boolean(window.axe)"):
        await watched.page.evaluate(AXE)
    only = "['color-contrast']" if theme == "dark" else "undefined"
    found = await watched.page.evaluate(f"axe.run({where}, {{resultTypes: ['violations'], runOnly: {only}}})")
    return [(one["id"], one["nodes"][0]["html"]) for one in found["violations"]]


async def test_what_is_still_to_come_is_told_and_not_drawn_as_nothing(dashboard: Watched) -> None:
    page, held = dashboard.page, asyncio.Event()

    async def late(route: Route) -> None:
        await held.wait()
        await route.continue_()

    await page.route(re.compile("/api/(status|monitor|outbox|purchases|watches)"), late)
    for view in ("stores", "health", "purchases", "stock", "logs", f"product/target/{SKUS[0]}"):
        await page.goto(f"{dashboard.url}/#/{view}")
        await expect(page.locator(f".view-{view.partition('/')[0]} h1")).to_be_visible()
        shown = await page.locator("main").inner_text()
        assert (view, "Loading…" in shown, "–" in shown) == (view, True, False)
        assert (view, await page.locator("main .card:empty").count()) == (view, 0)
    held.set()
    await expect(page.locator(".view .loading")).to_have_count(0)
    await page.unroute_all(behavior="wait")


async def test_a_crawl_is_started_watched_and_stopped(dashboard: Watched) -> None:
    await dashboard.open("stores")
    card = dashboard.page.locator('article[aria-label="Walmart"]')
    await card.get_by_role("button", name="Start Walmart").click()
    await expect(card.locator('.badge[data-state="running"]')).to_be_visible()
    await expect(card.locator(".phase").first).not_to_contain_text("–")
    await card.get_by_role("button", name="Stop Walmart").click()
    await expect(card.locator('.badge[data-state="stopped"]')).to_be_visible()
    await expect(card.get_by_role("button", name="Resume Walmart")).to_be_enabled()
    await expect(dashboard.page.get_by_role("button", name="Resume all")).to_be_visible()
    await card.get_by_role("link", name="Log").click()
    await expect(dashboard.page.locator(".log .line").first).to_be_visible()


async def test_a_run_s_page_follows_its_run(
    dashboard: Watched, served: tuple[str, Core, dict[str, str]]
) -> None:
    """What a crawl tells on its way is less than what its page was answered first."""
    page, core = dashboard.page, served[1]
    run = await core.runs.create("bestbuy", RunOptions(), datetime.now(UTC) - timedelta(seconds=60))
    await dashboard.open(f"run/bestbuy/{run.run_id}")
    phases = {"sitemap": {"total": 3, "completed": 2, "failed": 0, "status": "in_progress"}}
    for made in (40, 77):
        stats = {"stores_scraped": made, "requests_made": made, "errors": 0, "duration_seconds": 60}
        told = {"run_id": run.run_id, "retailer": "bestbuy", "status": "pending", "stats": stats}
        await core.events.publish("run", {**told, "phases": phases, "progress": 41.5, "eta_seconds": 9})
    await expect(page.locator(".figure", has_text="progress")).to_contain_text("41.5 %")
    await expect(page.locator(".figure", has_text="stores")).to_contain_text("77")
    await core.runs.move(run.run_id, [RunState.PENDING], RunState.STOPPED, now=datetime.now(UTC))
    await expect(page.locator(".heading .badge")).to_have_text("Stopped")
    with dashboard.expecting(404):
        await page.goto(f"{dashboard.url}/#/run/bestbuy/bestbuy_20200101_000000")
        await expect(page.locator(".empty")).to_contain_text("There is no run")


async def test_a_removal_is_taken_back_by_a_click(
    dashboard: Watched, served: tuple[str, Core, dict[str, str]]
) -> None:
    page, folder = dashboard.page, served[1].folder
    before = folder.document("shopwatch.yaml")["products"]
    await dashboard.open(f"product/target/{SKUS[4]}")
    await page.get_by_role("button", name="Remove").click()
    row = page.locator(f'tr[data-key="target:{SKUS[4]}"]')
    await expect(page.locator("tr[data-key]").first).to_be_visible()
    await expect(row).to_have_count(0)
    await page.locator(".toast").get_by_role("button", name="Undo").click()
    await expect(row).to_be_visible()
    assert folder.document("shopwatch.yaml")["products"] == before


async def test_a_product_removed_by_another_hand_says_so_on_its_page_and_comes_back_with_it(
    dashboard: Watched, served: tuple[str, Core, dict[str, str]]
) -> None:
    page, (url, core, _) = dashboard.page, served
    before = core.folder.document("shopwatch.yaml")["products"]
    await dashboard.open(f"product/target/{SKUS[5]}")
    removed = await page.request.delete(
        f"{url}/api/watches", data={"keys": [["target", SKUS[5]]]}, headers={"origin": url}
    )
    assert removed.ok, await removed.text()
    await expect(page.locator(".view .empty")).to_contain_text("is watched no longer")
    again = await page.request.post(
        f"{url}/api/watches", data={"watches": (await removed.json())["watches"]}, headers={"origin": url}
    )
    assert again.ok, await again.text()
    await expect(page.get_by_role("button", name="Check now")).to_be_visible()
    assert core.folder.document("shopwatch.yaml")["products"] == before


async def test_charts_say_what_is_under_the_pointer_and_the_map_is_looked_at_closer(
    dashboard: Watched, served: tuple[str, Core, dict[str, str]]
) -> None:
    page = dashboard.page
    await dashboard.open(f"product/target/{SKUS[0]}")
    await points_at_the_chart(page, re.compile(r"M: \$\d+\.00, (in|out of) stock"))
    await expect(page.locator("svg.heat text", has_text="restocks:")).to_be_visible()
    store = Store(retailer="walmart", ref="1", name="Reno", lat=39.5, lon=-119.8)
    await served[1].stores.import_baseline("walmart", [store], datetime.now(UTC))
    await dashboard.open("stores")
    await page.locator('article[aria-label="Walmart"]').get_by_role("button", name="Map").click()
    picture, closer = page.locator("svg.map"), page.get_by_role("button", name="Closer")
    whole = await picture.get_attribute("viewBox")
    await closer.click()
    await expect(picture).not_to_have_attribute("viewBox", str(whole))
    await page.get_by_role("button", name="Show the whole map").click()
    await expect(picture).to_have_attribute("viewBox", str(whole))


async def points_at_the_chart(page: Page, says: re.Pattern[str]) -> None:
    """Again where news of the product has drawn the chart anew under the pointer."""
    async with asyncio.timeout(PATIENCE_MS / 1000):
        while True:
            await page.mouse.move(0, 0)
            await page.locator("svg.chart").first.hover()
            with suppress(AssertionError):
                await expect(page.locator("svg .pointed").first).to_have_text(says, timeout=2_000)
                return


async def test_a_product_is_added_by_its_address_after_a_look(
    dashboard: Watched, served: tuple[str, Core, dict[str, str]]
) -> None:
    page, target = dashboard.page, served[2]["target"]
    await dashboard.open("stock")
    await page.get_by_role("button", name="Add product").first.click()
    await page.get_by_label("Address of the product page").fill(f"{target}/p/x/-/A-{NEW}")
    await page.get_by_role("button", name="Look").click()
    await expect(page.locator(".preview .price")).to_contain_text("$")
    await page.get_by_label("Highest price ($)").fill("-3")
    with dashboard.expecting(422):
        await page.get_by_role("button", name="Watch it").click()
        await expect(page.locator("dialog .problem")).to_contain_text("must be 0 or more")
    await page.get_by_label("Highest price ($)").fill("75")
    await page.get_by_role("button", name="Watch it").click()
    row = page.locator(f'tr[data-key="target:{NEW}"]')
    await expect(row).to_contain_text("≤ $75.00")
    assert NEW in served[1].folder.text("shopwatch.yaml")


async def test_the_list_is_searched_sorted_and_changed_by_keyboard(dashboard: Watched) -> None:
    page = dashboard.page
    await dashboard.open("stock")
    await expect(page.locator("tr[data-key]").nth(5)).to_be_visible()
    await page.keyboard.press("/")
    await page.keyboard.type("product 4")
    await expect(page.locator("tr[data-key]")).to_have_count(1)
    await page.keyboard.press("Escape")
    await page.keyboard.press("j")
    await page.keyboard.press("x")
    bar = page.get_by_role("toolbar", name="Selected products")
    await expect(bar).to_contain_text("1 selected")
    await bar.get_by_role("button", name="Pause").click()
    await expect(page.locator(f'tr[data-key="target:{SKUS[3]}"]')).to_contain_text("Paused")
    await bar.get_by_role("button", name="Resume").click()
    await expect(page.locator(f'tr[data-key="target:{SKUS[3]}"] .badge')).not_to_contain_text("Paused")
    alerts, row = bar.get_by_label("Alerts of the selected"), page.locator("tr[data-key]")
    await alerts.select_option("Snoozed for 8 hours")
    await expect(row).to_contain_text("snoozed")
    await alerts.select_option("Told")
    await expect(row).not_to_contain_text("snoozed")
    await changes_the_limit(page, row.get_by_role("button", name="Highest price"))
    await row.focus()
    await page.keyboard.press("Enter")
    await expect(page.locator("h1")).to_have_text("Product 4")
    await expect(page.locator("main")).to_be_focused()


async def changes_the_limit(page: Page, limit: Locator) -> None:
    await limit.focus()
    for keys in ("Enter", "6", "1", "Enter"):
        await page.keyboard.press(keys)
    await expect(limit).to_have_text("≤ $61.00")
    await expect(limit).to_be_focused()


async def test_who_comes_back_to_the_list_is_where_they_were(dashboard: Watched) -> None:
    page = dashboard.page
    await page.set_viewport_size({"width": 1300, "height": 400})
    await dashboard.open("stock")
    link = page.locator(f'tr[data-key="target:{SKUS[5]}"]').get_by_role("link")
    await link.scroll_into_view_if_needed()
    where = await page.evaluate("window.scrollY")
    assert where > 0
    await link.click()
    await expect(page.locator("h1")).to_have_text("Product 6")
    assert await page.evaluate("window.scrollY") == 0
    await page.go_back()
    await page.wait_for_function("where => Math.abs(window.scrollY - where) < 2", arg=where)


async def test_a_change_of_stock_appears_by_itself(
    dashboard: Watched, served: tuple[str, Core, dict[str, str]]
) -> None:
    await dashboard.open("stock")
    row = dashboard.page.locator(f'tr[data-key="target:{SKUS[7]}"]')
    await expect(row.locator(".badge")).to_have_text("Unknown")
    await record(served[1], SKUS[7], IN, dollars=12.34, at=datetime.now(UTC))
    await expect(row.locator(".badge")).to_have_text("In stock")
    await expect(row).to_contain_text("$12.34")
    await dashboard.says("is back for $12.34")


async def test_a_restock_says_why_it_fired(dashboard: Watched) -> None:
    page = dashboard.page
    await dashboard.open(f"product/target/{SKUS[0]}")
    await page.get_by_role("button", name="Why did this fire?").first.click()
    await expect(page.locator("pre.evidence")).to_contain_text("in_stock")


async def test_a_wrong_setting_is_shown_at_its_field_and_saved_when_right(
    dashboard: Watched, served: tuple[str, Core, dict[str, str]]
) -> None:
    page = dashboard.page
    await dashboard.open("settings/safety")
    cap = page.get_by_label("Purchases a day")
    await cap.fill("-1")
    with dashboard.expecting(422):
        await page.get_by_role("button", name="Save").click()
        await expect(page.locator(".problem")).to_have_text("must be 0 or more, got -1")
    await expect(cap).to_have_attribute("aria-invalid", "true")
    await cap.fill("4")
    await page.get_by_role("button", name="Preview").click()
    await expect(page.locator("dialog")).to_contain_text("safety.max_daily_purchases")
    await page.locator("dialog").get_by_role("button", name="Save").click()
    await dashboard.says("kept as shopwatch.yaml.backup")
    assert "max_daily_purchases: 4" in served[1].folder.text("shopwatch.yaml")


async def test_broken_yaml_is_shown_at_its_line_and_a_backup_takes_it_back(
    dashboard: Watched, served: tuple[str, Core, dict[str, str]]
) -> None:
    page, folder = dashboard.page, served[1].folder
    before = folder.text("retailers.yaml")
    await dashboard.open("settings/files")
    await page.get_by_label("File", exact=True).select_option("retailers.yaml")
    area = page.get_by_label("Text of the file")
    text = await area.input_value()
    with dashboard.expecting(422):
        await area.fill("defaults:\n  workers: many\n")
        await page.get_by_role("button", name="Save").click()
        await expect(page.locator(".problems")).to_contain_text("Line 2")
    await area.fill(text.replace("min_delay: 0.02", "min_delay: 0.03"))
    await page.get_by_role("button", name="Save").click()
    await dashboard.says("saved")
    assert folder.text("retailers.yaml") != before
    await dashboard.open("settings/backups")
    row = page.locator("tbody tr", has_text="retailers.yaml").first
    await row.get_by_role("button", name="Compare").click()
    await expect(page.locator("dialog")).to_contain_text("defaults.min_delay")
    await page.keyboard.press("Escape")
    await row.get_by_role("button", name="Roll back").click()
    await page.locator("dialog").get_by_role("button", name="Roll back").click()
    await dashboard.says("again")
    assert folder.text("retailers.yaml") == before


async def test_the_emergency_stop_is_seen_everywhere_at_once(
    browser: Browser, dashboard: Watched, served: tuple[str, Core, dict[str, str]]
) -> None:
    async with watched_page(browser, served[0]) as other:
        await other.open("health")
        await dashboard.open("purchases")
        await dashboard.page.get_by_role("button", name="Stop buying now").click()
        await expect(other.page.locator("#mode")).to_have_text("buying stopped")
        await other.page.locator("#emergency").click()
        await other.page.locator("dialog").get_by_role("button", name="Cancel").click()
        await expect(other.page.locator("#mode")).to_have_text("buying stopped")
        await dashboard.page.get_by_role("button", name="Allow buying again").click()
        await dashboard.page.locator("dialog").get_by_role("button", name="Allow").click()
        await expect(other.page.locator("#mode")).to_have_text("test mode")


async def test_the_api_is_described_without_help_from_another_site(dashboard: Watched) -> None:
    await dashboard.page.goto(f"{dashboard.url}/docs")
    await expect(dashboard.page.locator("summary", has_text="/api/watches").first).to_be_visible()


async def test_the_monitor_is_started_restarted_and_stopped_from_the_page(dashboard: Watched) -> None:
    page = dashboard.page
    await dashboard.open("health")
    await page.get_by_role("button", name="Start monitor").click()
    await page.locator("dialog").get_by_role("button", name="Start", exact=True).click()
    await expect(page.get_by_text("Monitor runs, test mode")).to_be_visible()
    await expect(page.locator("#activity")).to_contain_text("watching")
    at_work = page.locator(".figure", has_text="checks a second").locator(".value")
    await expect(at_work).not_to_have_text("–")
    await dashboard.open("settings/watching")
    await page.get_by_label("Time zone").fill("America/Denver")
    await page.get_by_role("button", name="Save").click()
    waiting = page.locator(".note", has_text="the monitor runs with the values before: Time zone")
    await expect(waiting).to_be_visible()
    await dashboard.open("health")
    await waiting.get_by_role("button", name="Restart the monitor").click()
    await dashboard.says("The monitor has started")
    await expect(waiting).to_have_count(0)
    await page.get_by_role("button", name="Stop the monitor").click()
    await expect(page.get_by_role("button", name="Start monitor")).to_be_visible()


async def test_a_person_ends_a_retailer_s_pause(
    dashboard: Watched, served: tuple[str, Core, dict[str, str]]
) -> None:
    page, core = dashboard.page, served[1]
    until = datetime.now(UTC) + timedelta(minutes=15)
    await core.pauses.save(Pause(name="target", until=until, reason="Target asks for a puzzle", strikes=1))
    await dashboard.open("health")
    row = page.locator("tr", has_text="Target asks for a puzzle")
    await expect(row.locator(".badge").first).to_have_text("Paused")
    await expect(row.locator("time").first).to_contain_text(re.compile(r"in 1\d min"))
    await row.get_by_role("button", name="Ask again").click()
    await dashboard.says("Target is no longer paused")
    await expect(row).to_have_count(0)
    assert await core.pauses.load(datetime.now(UTC)) == []


async def test_a_configuration_that_is_refused_is_told_until_it_is_mended(
    dashboard: Watched, served: tuple[str, Core, dict[str, str]]
) -> None:
    page, folder = dashboard.page, served[1].folder
    file, note = folder.path / "shopwatch.yaml", page.locator(".note.bad", has_text="is not valid")
    before = file.read_text("utf-8")
    await dashboard.open("settings/safety")
    save_whole(file, f"{before}\nwatching: fast\n")
    try:
        await expect(note).to_contain_text("watching is not a known setting")
        await dashboard.says("the old one stays", kind="bad")
        await dashboard.open("health")
        await expect(note).to_be_visible()
    finally:
        save_whole(file, before)
    await expect(note).to_have_count(0)


def save_whole(file: Path, text: str) -> None:
    """As an editor does: whoever reads in between reads the file of before."""
    beside = file.with_suffix(".saving")
    beside.write_text(text, "utf-8")
    beside.replace(file)


async def test_what_a_person_holds_stays_when_news_are_drawn(dashboard: Watched) -> None:
    page = dashboard.page
    await dashboard.open("health")
    await page.get_by_role("button", name="Send a test").click()
    result = page.locator(".note", has_text="No channel is configured")
    await expect(result).to_be_visible()
    reload = page.get_by_role("button", name="Reload")
    await reload.focus()
    drawn = await reload.element_handle()
    await page.evaluate("document.getElementById('refresh').click()")
    await page.wait_for_function("button => !button.isConnected", arg=drawn)
    await expect(reload).to_be_focused()
    await expect(result).to_be_visible()


async def test_a_button_that_is_held_down_is_not_drawn_anew_under_the_finger(dashboard: Watched) -> None:
    page = dashboard.page
    await dashboard.open("health")
    button = page.get_by_role("button", name="Start monitor")
    await button.hover()
    await page.mouse.down()
    stands = """async (button) => {
      document.getElementById("refresh").click();
      for (let asked = 0; asked < 3; asked += 1) await fetch("/api/monitor");  // as the page does
      return button.isConnected; }"""
    assert await button.evaluate(stands)
    await page.mouse.up()
    await expect(page.locator("dialog[open]")).to_be_visible()


async def test_the_variants_of_a_parent_are_chosen_before_they_are_watched(
    dashboard: Watched, served: tuple[str, Core, dict[str, str]]
) -> None:
    page = dashboard.page
    await dashboard.open("stock")
    await page.get_by_role("button", name="Add product").first.click()
    await page.get_by_label("Address of the product page").fill(f"target:{PARENT}")
    await page.get_by_role("button", name="Look").click()
    boxes = page.locator("fieldset.variants input")
    await expect(boxes.first).to_be_visible()
    await page.get_by_role("button", name="Watch it").click()
    await dashboard.says("Choose a variant", kind="bad")
    await boxes.first.check()
    sku = await boxes.first.get_attribute("value")
    await page.get_by_role("button", name="Watch it").click()
    await expect(page.locator(f'tr[data-key="target:{sku}"]')).to_be_visible()
    assert str(sku) in served[1].folder.text("shopwatch.yaml")


async def test_a_retailer_s_every_setting_and_the_texts_of_alerts_have_a_form(
    dashboard: Watched, served: tuple[str, Core, dict[str, str]]
) -> None:
    page, folder = dashboard.page, served[1].folder
    await dashboard.open("stores")
    card = page.locator('article[aria-label="Best Buy"]')
    await card.get_by_role("button", name="Configure").click()
    await expect(page.locator("dialog [data-name=zip]")).to_be_visible()
    named = await page.locator("dialog [data-name]").evaluate_all("all => all.map((one) => one.dataset.name)")
    assert set(RetailerSettings.model_fields) - {"location"} <= set(named)
    assert set(LocationSettings.model_fields) <= set(named)
    await page.locator("dialog").get_by_label("ZIP code").fill("89501")
    await page.locator("dialog").get_by_role("button", name="Save").click()
    await dashboard.says("saved")
    assert "89501" in folder.text("retailers.yaml")
    await dashboard.open("settings/alerts")
    await page.get_by_label("Own texts").fill("restock: {name} is back: {price}")
    await page.get_by_role("button", name="Save").click()
    await dashboard.says("Saved")
    document = folder.document("shopwatch.yaml")
    assert document["notify"]["templates"] == {"restock": "{name} is back: {price}"}


@pytest.mark.skipif(not AXE, reason="axe-playwright-python is not installed")
async def test_axe_finds_nothing_in_any_dialog(dashboard: Watched) -> None:
    page = dashboard.page
    for view, button in (
        ("stock", "Add product"), ("stock", "Import"), ("stock", "Export"), ("stores", "Runs"),
        ("stores", "Configure"), ("stores", "Stop all"), ("health", "Start monitor"),
        (f"product/target/{SKUS[0]}", "Edit"), (f"product/target/{SKUS[0]}", "Why did this fire?"),
    ):  # fmt: skip
        await dashboard.open(view)
        await page.get_by_role("button", name=button).first.click()
        await expect(page.locator("dialog[open] :is(input, a, td, button, pre)").first).to_be_visible()
        assert (view, button, await violations(dashboard, "'dialog'")) == (view, button, [])
        await page.keyboard.press("Escape")


async def test_markup_in_what_a_site_wrote_stays_text(
    dashboard: Watched, served: tuple[str, Core, dict[str, str]]
) -> None:
    page, core = dashboard.page, served[1]
    evil = f'<img src=x onerror="window.pwned=1"><script>window.pwned=1</script>{"o" * 200}'
    now, sku = datetime.now(UTC), SKUS[6]
    await core.observations.save_details(
        [StockState(key=("target", sku), title=evil, image_url=f"javascript:{evil}")]
    )
    seen = Observation(
        product=Product(retailer="target", sku=sku),
        availability=IN,
        source=Source.API,
        observed_at=now,
        reason=evil,
        offer=Offer(price=Money(999), sold_by=evil),
        evidence=Evidence(url=f"javascript:{evil}", status=200, seen={evil: evil}),
    )
    await core.observations.record([seen], markup_is_a_restock)
    place: dict[str, Any] = {
        "address": (evil,),
        "city": evil,
        "state": "NV",
        "postcode": "89501",
        "lat": 39.5,
        "lon": -119.8,
    }
    await core.stores.import_baseline(
        "bestbuy", [Store(retailer="bestbuy", ref=evil, name=evil, **place)], now
    )
    for view, button in (
        ("stock", None), (f"product/target/{sku}", "Why did this fire?"), ("stores", "Map"), ("health", None),
    ):  # fmt: skip
        await dashboard.open(view)
        await core.events.publish(
            "health", {"retailer": evil, "state": "blocked", "reason": f"{view}: {evil}"}
        )
        await dashboard.says(f"{view}: {evil}", kind="bad")
        assert await page.evaluate(TOO_FAR, ".toast button") == 0
        if button:
            card = page.locator('article[aria-label="Best Buy"]') if view == "stores" else page
            await card.get_by_role("button", name=button).first.click()
            await expect(page.locator("dialog :is(pre, svg)").first).to_be_visible()
        assert await page.evaluate("[window.pwned, document.querySelectorAll('img[src=x]').length]") == [
            None,
            0,
        ]


async def test_a_list_is_looked_at_before_it_is_imported(
    dashboard: Watched, served: tuple[str, Core, dict[str, str]]
) -> None:
    page = dashboard.page
    await dashboard.open("stock")
    await page.get_by_role("button", name="Import").click()
    box = page.locator("dialog")
    await box.get_by_label("The list").fill(f"target:89542301\ntarget:{SKUS[0]}\n")
    await box.get_by_role("button", name="Look first").click()
    await expect(box).to_contain_text("1 product would be added")
    await expect(box).to_contain_text("Not carried: 1")
    assert "89542301" not in served[1].folder.text("shopwatch.yaml")
    content = b"retailer,sku,name,max_price\ntarget,89542302,From a file,25\n"
    await box.get_by_label("File").set_input_files(
        {"name": "l.csv", "mimeType": "text/csv", "buffer": content}
    )
    await box.get_by_role("button", name="Import", exact=True).click()
    await dashboard.says("1 product added")
    await expect(box).to_have_count(0)
    row = page.locator('tr[data-key="target:89542302"]')
    await expect(row).to_contain_text("From a file")
    await expect(row).to_contain_text("≤ $25.00")


async def test_the_history_of_runs_is_paged(
    dashboard: Watched, served: tuple[str, Core, dict[str, str]]
) -> None:
    page, runs = dashboard.page, served[1].runs
    for hour in range(17):
        run = await runs.create("tmobile", RunOptions(), datetime(2026, 1, 17, hour, tzinfo=UTC))
        await runs.move(run.run_id, [RunState.PENDING], RunState.STOPPED, now=datetime.now(UTC))
    await dashboard.open("stores")
    card = page.locator('article[aria-label="T-Mobile"]')
    await card.get_by_role("button", name="Runs").click()
    rows = page.locator("dialog tbody tr")
    await expect(rows).to_have_count(15)
    await page.get_by_role("button", name="Older runs").click()
    await expect(rows).to_have_count(17)
    await expect(page.get_by_role("button", name="Older runs")).to_have_count(0)
    await rows.last.get_by_role("link", name="Log").click()
    await expect(page.locator("h1")).to_have_text("tmobile_20260117_000000")
    await expect(page.locator("dialog")).to_have_count(0)


async def test_an_alert_that_left_is_sent_again(
    dashboard: Watched, served: tuple[str, Core, dict[str, str]]
) -> None:
    page, outbox, now = dashboard.page, served[1].outbox, datetime.now(UTC)
    await outbox.add([Alert(key="resent:1", kind=AlertKind.RESTOCK, retailer="target", sku=SKUS[4])])
    (row, *_) = await outbox.rows(1)
    leased = await outbox.lease(1_000, now + timedelta(minutes=1), 60)
    await outbox.sent(next(one for one in leased if one.id == row.id), now)
    await dashboard.open("health")
    line = page.locator("tr", has=page.get_by_role("button", name="Send again")).first
    await expect(line.locator(".badge")).to_have_text("Sent")
    await line.get_by_role("button", name="Send again").click()
    await dashboard.says(f"Alert {row.id} will be sent")
    assert (await outbox.rows(1))[0].state == "pending"


def markup_is_a_restock(before: StockState, seen: Observation) -> Transition:
    after = replace(
        before, availability=seen.availability, sold_by=seen.offer.sold_by if seen.offer else None
    )
    return Transition(after=after, is_change=True, is_restock=True)


async def test_a_person_settles_an_unclear_purchase_and_publishes_a_held_run(
    dashboard: Watched, served: tuple[str, Core, dict[str, str]]
) -> None:
    page, core, now = dashboard.page, served[1], datetime.now(UTC)
    change = await record(core, SKUS[5], IN, dollars=10, at=now)
    assert change is not None
    assert change.restock_id is not None
    watch = Watch(retailer="target", sku=SKUS[5])
    purchase = await core.ledger.reserve(change.restock_id, watch, live=True, now=now)
    assert purchase is not None
    for before, after in pairwise(("reserved", "carted", "placing", "ambiguous")):
        await core.ledger.move(purchase.id, PurchaseState(before), PurchaseState(after), now=now, facts={})
    await dashboard.open("purchases")
    await page.get_by_role("button", name="Resolve").click()
    await page.get_by_label("Order number").fill("102-1")
    await page.get_by_role("button", name="It was placed").click()
    await expect(page.locator("tr", has_text="102-1").locator(".badge")).to_have_text("Placed")
    run = await core.runs.create("att", RunOptions(), now)
    await core.frontier.add(run.run_id, [CrawlRequest(url="https://www.att.com/1", phase="extract")])
    (row,) = await core.frontier.take(run.run_id, "extract", 1, now)
    store = Store(retailer="att", ref="1", name="AT&T Reno", lat=39.5, lon=-119.8)
    await core.frontier.commit(run.run_id, [Fetched(row=row, stores=(store,))])
    await core.runs.move(run.run_id, [RunState.PENDING], RunState.RUNNING, now=now)
    await core.runs.hold(run.run_id, ["lost 40 % of its stores"], now)
    await dashboard.open("stores")
    card = page.locator('article[aria-label="AT&T"]')
    await expect(card.locator(".note")).to_have_text("Held back: lost 40 % of its stores")
    await card.get_by_role("button", name="Publish").click()
    await page.locator("dialog").get_by_role("button", name="Publish").click()
    await expect(card).to_contain_text("1 store published")
