from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.dashboard_fixture import Dashboard, running_dashboard


@pytest.fixture
async def dashboard(tmp_path: Path) -> AsyncIterator[Dashboard]:
    async with running_dashboard(tmp_path) as running:
        yield running
