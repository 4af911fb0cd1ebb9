"""Conventions that matter, held by tests: shape, words, and what may stand nowhere."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from tests.paths import PROJECT

SOURCE = PROJECT / "src" / "shopwatch"
MODULES = sorted(SOURCE.rglob("*.py"))
#: Words of others for our things, and words that sell. The mission's spellings have files of their own.
BANNED = re.compile(
    r"(?:^|_)(fast|ultra|smart|enhanced|legacy|v2|asin|subscription|scrape[rd]?|merchant|article)(?:_|$)"
)
MISSION = {"cli/mission.py", "config/convert.py", "config/importing.py"}
#: What others have named: a proxy's product.
GIVEN = {"WebScraperApi"}
#: Field names of the sites themselves, and words other libraries chose.
FOREIGN = {"simulator", "retailers"}
MAY_SLEEP = {"transport/limits.py", "simulator/origin.py"}
BROAD = {"BaseException", "Exception"}
MOST_BROAD_EXCEPTS = 3


def name_of(path: Path) -> str:
    return path.relative_to(SOURCE).as_posix()


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


@cache
def nodes_of(path: Path) -> tuple[ast.AST, ...]:
    return tuple(ast.walk(tree_of(path)))


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    return (node for node in nodes_of(path) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def test_no_module_is_over_400_lines() -> None:
    assert [name_of(path) for path in MODULES if len(path.read_text("utf-8").splitlines()) > 400] == []


def test_no_retailer_is_over_150_lines() -> None:
    files = [*(SOURCE / "retailers" / "stock").glob("*.py"), *(SOURCE / "retailers" / "stores").glob("*.py")]
    assert [name_of(path) for path in files if len(path.read_text("utf-8").splitlines()) > 150] == []


def test_no_function_is_over_60_lines() -> None:
    long = [
        f"{name_of(path)}:{function.name}"
        for path in MODULES
        for function in functions(path)
        if (function.end_lineno or 0) - function.lineno >= 60
    ]
    assert long == []


def test_every_module_says_what_it_is_for() -> None:
    silent = [name_of(path) for path in MODULES if ast.get_docstring(tree_of(path)) is None]
    assert [name for name in silent if "/versions/" not in name] == []


def test_names_use_our_own_words() -> None:
    found = []
    for path in MODULES:
        name = name_of(path)
        if name in MISSION or name.split("/")[0] in FOREIGN:
            continue
        for node in nodes_of(path):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                word = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", node.name).lower()
                if BANNED.search(word) and node.name not in GIVEN:
                    found.append(f"{name}:{node.name}")
    assert found == []


def test_only_the_transport_sleeps() -> None:
    sleepers = {
        name_of(path)
        for path in MODULES
        for node in nodes_of(path)
        if isinstance(node, ast.Attribute)
        and node.attr == "sleep"
        and ast.unparse(node) in ("asyncio.sleep", "time.sleep")
    }
    assert sleepers <= MAY_SLEEP


def test_broad_excepts_are_few_and_each_says_why() -> None:
    found = []
    for path in MODULES:
        lines = path.read_text("utf-8").splitlines()
        for node in nodes_of(path):
            if not isinstance(node, ast.ExceptHandler):
                continue
            kind = ast.unparse(node.type) if node.type else "Exception"
            reraises = any(isinstance(inner, ast.Raise) for inner in ast.walk(node))
            if kind in BROAD and not reraises:
                found.append((name_of(path), "#" in lines[node.lineno - 1]))
    assert all(has_reason for _, has_reason in found), found
    assert len(found) <= MOST_BROAD_EXCEPTS, found


def tracked() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=PROJECT, capture_output=True, text=True, check=False
    ).stdout
    return [PROJECT / name for name in listed.split("\0") if name and (PROJECT / name).is_file()]


def test_no_file_names_a_package_registry() -> None:
    hosts = [
        ".".join(words) for words in (("pypi", "org"), ("pythonhosted", "org"), ("registry", "npmjs", "org"))
    ]
    files = tracked()
    if not files:
        pytest.skip("not a git checkout")
    named = [
        str(path.relative_to(PROJECT))
        for path in files
        if any(host in path.read_text("utf-8", "ignore") for host in hosts)
    ]
    assert named == []


def test_every_dependency_has_its_sentence() -> None:
    text = (PROJECT / "docs" / "decisions" / "dependencies.md").read_text("utf-8").lower()
    project = (PROJECT / "pyproject.toml").read_text("utf-8")
    block = project.split("dependencies = [")[1].split("]\n")[0]
    names = re.findall(r'"([a-zA-Z0-9._-]+)', block)
    missing = [name for name in names if name.lower().replace(".clib", "") not in text]
    assert names
    assert missing == []


def test_every_command_can_be_called_and_says_of_itself_what_the_manual_says() -> None:
    from shopwatch.cli.groups import load  # noqa: PLC0415 - loads every command
    from shopwatch.cli.main import Commands  # noqa: PLC0415 - as above

    for name, known in Commands.table.items():
        command = load(name, known.where)
        assert command.name == name
        assert (command.help or "").startswith(known.help)


def test_the_manual_loads_none_of_the_commands() -> None:
    script = "import sys, shopwatch.cli.main as m; m.main(['--help']); print('sqlalchemy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "False"
    assert "Emergency stop: nobody buys any more" in done.stdout
