"""One file stops everything, and what cannot be read counts as a stop."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from shopwatch.domain.errors import Unusable
from shopwatch.purchase.emergency import EmergencyStop


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "EMERGENCY_STOP"


def test_it_is_off_until_it_is_set_and_off_again_when_cleared(file: Path) -> None:
    stop = EmergencyStop(file)
    assert not stop.is_on()
    stop.set("something is wrong")
    assert stop.is_on()
    assert stop.reason() == "something is wrong"
    stop.clear()
    assert not stop.is_on()
    assert stop.reason() == ""


def test_a_bare_touch_by_anybody_is_enough(file: Path) -> None:
    file.touch()
    assert EmergencyStop(file).is_on()


def test_it_survives_a_restart(file: Path) -> None:
    EmergencyStop(file).set("x")
    assert EmergencyStop(file).is_on()


def test_the_first_reason_stays(file: Path) -> None:
    stop = EmergencyStop(file)
    stop.set("first")
    stop.set("second")
    assert stop.reason() == "first"


def test_clearing_what_is_not_set_is_no_error(file: Path) -> None:
    EmergencyStop(file).clear()


def test_a_link_to_nowhere_is_on(file: Path) -> None:
    file.symlink_to(file.parent / "gone")
    assert EmergencyStop(file).is_on()


def test_a_folder_of_that_name_is_on(file: Path) -> None:
    file.mkdir()
    assert EmergencyStop(file).is_on()


def test_without_its_folder_nobody_can_tell_so_it_is_on(tmp_path: Path) -> None:
    assert EmergencyStop(tmp_path / "gone" / "EMERGENCY_STOP").is_on()


def test_a_path_through_a_file_is_on(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert EmergencyStop(tmp_path / "file" / "EMERGENCY_STOP").is_on()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may look into every folder")
def test_a_folder_nobody_may_look_into_is_on(tmp_path: Path) -> None:
    locked = tmp_path / "locked"
    locked.mkdir(mode=0)
    assert EmergencyStop(locked / "EMERGENCY_STOP").is_on()


def test_a_stop_that_cannot_be_made_says_that_buying_goes_on(tmp_path: Path) -> None:
    """No file can be made in /proc, whoever asks."""
    with pytest.raises(Unusable, match=r"buying is NOT stopped: /proc/EMERGENCY_STOP cannot be made"):
        EmergencyStop(Path("/proc/EMERGENCY_STOP")).set("x")


def test_a_stop_that_cannot_be_taken_away_says_that_it_stays(file: Path) -> None:
    file.mkdir()
    with pytest.raises(Unusable, match=r"stays on: .*EMERGENCY_STOP cannot be taken away"):
        EmergencyStop(file).clear()
