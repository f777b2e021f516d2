"""What tests of the doctor share: an app that is set up as it should be."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.commands.doctor.scene import Scene, a_healthy_app


@pytest_asyncio.fixture(loop_scope="function")
async def app(
    storage: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> AsyncIterator[Scene]:
    """The app; each test breaks one thing of it."""
    async with a_healthy_app(storage, tmp_path, monkeypatch, capsys) as scene:
        yield scene
