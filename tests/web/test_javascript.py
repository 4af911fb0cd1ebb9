"""The page's modules: pure ones under test in Node, all free of markup from text and of other sites."""

import asyncio
import re
import shutil
from pathlib import Path

import pytest

from shopwatch import web

STATIC = Path(web.__file__).parent / "static"
MODULES = sorted((STATIC / "js").rglob("*.js"))
NODE = shutil.which("node")


@pytest.mark.skipif(NODE is None, reason="Node is not installed")
async def test_pure_modules_hold_what_their_tests_say() -> None:
    tests = sorted((Path(__file__).parent / "js").glob("*.mjs"))
    process = await asyncio.create_subprocess_exec(
        str(NODE), "--test", *map(str, tests), stdout=asyncio.subprocess.PIPE
    )
    said, _ = await process.communicate()
    assert process.returncode == 0, said.decode()


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.name)
def test_no_module_makes_markup_of_text_or_grows_too_long(module: Path) -> None:
    text = module.read_text("utf-8")
    assert text.startswith("// @ts-check\n/**")
    assert not re.search(
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function", text
    )
    assert text.count("\n") <= 400
    assert not re.search(r"https?://(?!www\.w3\.org|www\.target\.com/p)\w", text)


def test_every_import_is_of_a_module_there_is() -> None:
    for module in MODULES:
        for name in re.findall(r'(?:from|import\()\s*"(\.[^"]+)"', module.read_text("utf-8")):
            assert (module.parent / name).resolve() in MODULES, f"{module.name} imports {name}"


def imported(module: Path) -> set[Path]:
    """What a module needs before it runs, and what those need."""
    found: set[Path] = set()
    waiting = [module]
    while waiting:
        here = waiting.pop()
        names = re.findall(r'^(?:import|\}) [^"\n]*"(\.[^"]+)"', here.read_text("utf-8"), re.MULTILINE)
        new = {(here.parent / name).resolve() for name in names} - found
        found |= new
        waiting += new
    return found


def test_the_first_view_s_modules_are_fetched_at_once_not_one_after_the_other() -> None:
    first = STATIC / "js" / "views" / "stock.js"
    needed = imported(STATIC / "js" / "main.js") | imported(first) | {first}
    page = (STATIC / "index.html").read_text("utf-8")
    named = re.findall(r'<link rel="modulepreload" href="/static/([^"]+)">', page)
    assert sorted(named) == sorted(str(one.relative_to(STATIC)) for one in needed)


def test_the_page_asks_no_other_site_and_has_no_inline_code() -> None:
    page = (STATIC / "index.html").read_text("utf-8")
    assert not re.search(r"\son\w+=|\sstyle=|<style|https?://", page)
    assert re.findall(r"<script([^>]*)>", page) == [' type="module" src="/static/js/main.js"']
