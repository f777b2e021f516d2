"""Ctrl-C in the middle of a survey, as a person presses it."""

import asyncio
import os
import re
import signal
import sys
from pathlib import Path

import pytest

from tests.commands.survey_scene import a_scene
from tests.scenarios.patience import eventually


async def test_ctrl_c_says_where_the_progress_is_kept(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    async with a_scene(tmp_path, capsys, monkeypatch) as scene:
        await scene.dials(pageSize=20)
        await scene.fault(method="POST", path="queryresults", hold=True, after=3, times=None)
        survey = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "responder", "survey", "--rules", str(tmp_path / "rules.yaml")),
            env=dict(os.environ),
            stderr=asyncio.subprocess.PIPE,
        )

        async def four_pages() -> bool:
            return len(await scene.requests("queryresults")) >= 4

        await eventually(four_pages, "the fourth page")

        survey.send_signal(signal.SIGINT)

        _out, err = await survey.communicate()
    assert survey.returncode == 130
    assert re.fullmatch(
        rf"What was read so far is kept; go on with: --resume {tmp_path}/responder-survey-.*\.progress\n", err.decode()
    )
