"""Replacing files: whole or not at all, and private where it must be."""

import os
import stat
from pathlib import Path

import pytest

from shopwatch.config.replacing import PRIVATE, replace_file, replacing
from shopwatch.domain.errors import Unusable


def test_a_write_that_breaks_off_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text("old")

    def break_off() -> None:
        with replacing(path) as stream:
            stream.write(b"half")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        break_off()

    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_readers_of_the_old_file_keep_it_while_the_next_is_written(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text("old")

    with path.open() as reader, replacing(path) as stream:
        stream.write(b"longer than before")
        stream.flush()
        assert path.read_text() == "old"
    assert path.read_text() == "longer than before"
    assert reader.closed


def test_a_folder_that_is_missing_is_made(tmp_path: Path) -> None:
    replace_file(tmp_path / "deep" / "down" / "a.csv", b"x")
    assert (tmp_path / "deep" / "down" / "a.csv").read_bytes() == b"x"


def test_a_private_file_and_its_folder_are_their_owners_only_whatever_lay_there_before(
    tmp_path: Path,
) -> None:
    path = tmp_path / "sessions" / "a.json"
    replace_file(path, b"x", mode=PRIVATE)
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    path.chmod(0o666)
    replace_file(path, b"y", mode=PRIVATE)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_draft_is_private_while_it_is_written(tmp_path: Path) -> None:
    with replacing(tmp_path / "a.json", mode=PRIVATE) as stream:
        assert stat.S_IMODE(os.fstat(stream.fileno()).st_mode) == 0o600


def test_a_file_in_the_way_of_a_folder_is_told_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("a file in the way")
    with pytest.raises(Unusable, match=r"out/a\.csv cannot be written: (File exists|Not a directory)"):
        replace_file(tmp_path / "out" / "a.csv", b"x")


def test_a_folder_in_the_place_of_the_file_is_told_and_nothing_is_left_over(tmp_path: Path) -> None:
    (tmp_path / "a.csv").mkdir()
    with pytest.raises(Unusable, match=r"a\.csv cannot be written: Is a directory"):
        replace_file(tmp_path / "a.csv", b"x")
    assert [one.name for one in tmp_path.iterdir()] == ["a.csv"]


def test_who_could_read_the_old_file_can_read_the_next_and_nobody_else(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text("a secret")
    path.chmod(0o600)
    replace_file(path, b"another")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_link_stays_a_link_and_what_it_points_at_is_replaced(tmp_path: Path) -> None:
    real, link = tmp_path / "dotfiles" / "a.yaml", tmp_path / "a.yaml"
    real.parent.mkdir()
    real.write_text("old")
    link.symlink_to("dotfiles/a.yaml")
    replace_file(link, b"next")
    assert link.is_symlink()
    assert real.read_text() == "next"
