"""Who walks a purchase: a living process is never taken for a dead one."""

from __future__ import annotations

import os
import socket

import psutil
import pytest

from shopwatch.bootstrap.buying import is_dead, owner


def test_a_clock_that_is_set_ends_no_walk(monkeypatch: pytest.MonkeyPatch) -> None:
    mine, booted_s = owner(), psutil.boot_time()
    # So Linux tells it: the time of the boot, and of every start since, moves with the clock.
    monkeypatch.setattr("psutil._psplatform.boot_time", lambda: booted_s + 3600)
    assert not is_dead(mine)


def test_another_process_with_the_same_number_is_not_the_one_that_walked() -> None:
    host, pid, began_s = socket.gethostname(), os.getpid(), psutil.Process().create_time()
    assert is_dead(f"{host}:{pid}:0b0e7a4e-0000-4000-8000-000000000000.1")
    assert is_dead(f"{host}:{pid}:{began_s - 3600:.1f}")
    assert not is_dead(f"{host}:{pid}:{began_s:.1f}")  # as an earlier version wrote it
    assert not is_dead(f"another-machine:{pid}:1.0")
