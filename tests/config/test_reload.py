"""A folder that is followed: each new valid state is taken over, what is wrong or gone is said."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from shopwatch.config import reload
from shopwatch.config.files import ConfigFolder, Loaded
from shopwatch.config.reload import follow
from shopwatch.config.replacing import replace_file
from shopwatch.domain.errors import Invalid, Unusable

PATIENCE_S = 60.0  #: a busy machine must never fail a test
ONE, TWO = "products: {'1001': {}}\n", "products: {'1001': {}, '1002': {}}\n"


@dataclass
class Heard:
    """What the follower was told, in order: SKUs of an accepted state, or the words of a refusal."""

    said: list[list[str] | str] = field(default_factory=list)
    told: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def accepted(self, loaded: Loaded) -> None:
        await self._say(sorted(loaded.settings.shopwatch.products))

    async def refused(self, error: Invalid | Unusable) -> None:
        await self._say(str(error))

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE_S), self.told:
            await self.told.wait_for(condition)

    async def last(self, wanted: list[str] | str) -> None:
        """Wait until this is the last word, a refusal by a part of it."""

        def is_it() -> bool:
            last = self.said[-1] if self.said else None
            return last == wanted or (isinstance(wanted, str) and isinstance(last, str) and wanted in last)

        await self.until(is_it)

    async def _say(self, what: list[str] | str) -> None:
        async with self.told:
            self.said.append(what)
            self.told.notify_all()


@pytest.fixture
def folder(tmp_path: Path) -> ConfigFolder:
    (tmp_path / "shopwatch.yaml").write_text(ONE, "utf-8")
    return ConfigFolder(tmp_path)


@asynccontextmanager
async def followed(folder: ConfigFolder, since: Loaded) -> AsyncIterator[Heard]:
    heard, stop = Heard(), asyncio.Event()
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(
            follow(folder, stop=stop, accepted=heard.accepted, refused=heard.refused, since=since)
        )
        try:
            yield heard
        finally:
            stop.set()


@pytest.mark.parametrize(
    ("begins_with", "name", "text"),
    [
        ({"shopwatch.yaml": ONE}, "shopwatch.yaml", TWO),
        ({"shopwatch.yaml": ONE}, "retailers.yaml", "retailers: {target: {min_delay: 1}}\n"),
        ({}, "shopwatch.yaml", ONE),
        ({}, "product_config.json", '{"products": {"1001": {}}}'),
        ({"product_config.json": '{"products": {"1001": {}}}'}, "shopwatch.yaml", TWO),
    ],
)
async def test_what_changed_after_the_load_and_before_the_following_is_noticed(
    tmp_path: Path, begins_with: dict[str, str], name: str, text: str
) -> None:
    for one, content in begins_with.items():
        (tmp_path / one).write_text(content, "utf-8")
    folder = ConfigFolder(tmp_path)
    loaded = folder.load()
    (tmp_path / name).write_text(text, "utf-8")
    async with followed(folder, loaded) as heard:
        await heard.until(lambda: bool(heard.said))
    assert heard.said == [sorted(folder.load().settings.shopwatch.products)]


async def test_an_unchanged_folder_is_not_taken_over_again(folder: ConfigFolder) -> None:
    async with followed(folder, folder.load()) as heard:
        replace_file(folder.path / "shopwatch.yaml", TWO.encode())
        await heard.last(["1001", "1002"])
    assert heard.said == [["1001", "1002"]]


async def test_an_invalid_file_is_refused_with_what_is_wrong_until_it_is_mended(folder: ConfigFolder) -> None:
    file = folder.path / "shopwatch.yaml"
    async with followed(folder, folder.load()) as heard:
        file.write_text("products: {'1001': {check_frequency: often}}\n", "utf-8")
        await heard.last("check_frequency")
        file.write_text("products: {'1001':", "utf-8")  # half written
        await heard.last("shopwatch.yaml")
        file.write_text(TWO, "utf-8")
        await heard.last(["1001", "1002"])
    assert [one for one in heard.said if isinstance(one, list)] == [["1001", "1002"]]


async def test_a_file_that_vanishes_or_is_emptied_takes_no_watch_away(folder: ConfigFolder) -> None:
    file = folder.path / "shopwatch.yaml"
    (folder.path / "product_config.json").write_text(
        '{"products": {"7": {}}}', "utf-8"
    )  # left by a migration
    async with followed(folder, folder.load()) as heard:
        file.unlink()
        await heard.last("shopwatch.yaml is gone or empty: what it said stays in force")
        file.write_text(ONE, "utf-8")
        await heard.last(["1001"])
        file.write_text("", "utf-8")
        await heard.last("is gone or empty")
    assert [one for one in heard.said if isinstance(one, list)] == [["1001"]]


@pytest.mark.parametrize("half", ["", "products: {'1001':"])
async def test_a_file_that_is_read_in_the_midst_of_a_save_is_read_again(
    folder: ConfigFolder, monkeypatch: pytest.MonkeyPatch, half: str
) -> None:
    file = folder.path / "shopwatch.yaml"

    async def saved(_stop: asyncio.Event) -> None:
        replace_file(file, TWO.encode())

    monkeypatch.setattr(reload, "_settled", saved)
    async with followed(folder, folder.load()) as heard:
        replace_file(file, half.encode())
        await heard.last(["1001", "1002"])
    assert heard.said == [["1001", "1002"]]


async def test_an_editor_that_saves_by_renaming_is_followed(folder: ConfigFolder) -> None:
    file = folder.path / "shopwatch.yaml"
    async with followed(folder, folder.load()) as heard:
        file.replace(folder.path / "shopwatch.yaml~")
        swap = folder.path / ".shopwatch.yaml.swp"
        swap.write_text(TWO, "utf-8")
        swap.replace(file)
        await heard.last(["1001", "1002"])


async def test_a_file_that_is_a_link_is_followed_where_it_lies(folder: ConfigFolder, tmp_path: Path) -> None:
    file, real = folder.path / "shopwatch.yaml", tmp_path / "dotfiles" / "watched.yaml"
    real.parent.mkdir()
    file.replace(real)
    file.symlink_to(real)
    async with followed(folder, folder.load()) as heard:
        real.write_text(TWO, "utf-8")
        await heard.last(["1001", "1002"])
