"""Where a survey's states and facts come from: Azure, read into a notebook, or a file that `export` wrote."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from responder.adapters.patience import Patience
from responder.adapters.settings import Settings
from responder.adapters.survey_clients import SurveyClients, Witness
from responder.adapters.survey_facts import SurveyFacts
from responder.adapters.survey_file import read_survey
from responder.adapters.survey_notebook import Notebook
from responder.adapters.survey_offline import offline
from responder.adapters.survey_states import read_states
from responder.commands.survey_progress import ReadingProgress, reading_progress
from responder.core.place import Place, places


class Requests:
    """How many requests were made, and how many of them were told to wait."""

    def __init__(self) -> None:
        self.made = self.throttled = 0

    def count(self, _call: str, status: int | None) -> None:
        """Count one, as the pipeline tells it."""
        self.made += 1
        self.throttled += status == 429


@dataclass(frozen=True, slots=True)
class Source:
    """An open notebook, and the way to what it does not hold."""

    notebook: Notebook
    clients: SurveyClients
    facts: SurveyFacts
    patience: Patience
    progress: ReadingProgress
    requests: Requests

    async def read_states(self) -> None:
        """Read what is still unread of the states."""
        await read_states(self.clients, self.notebook, self.patience, self.progress.page)
        self.progress.decides(self.notebook.count)

    def places(self) -> AsyncIterator[Place]:
        """Every place, with its facts."""
        return places(self.notebook.states(), self.facts.of(self.notebook.units()))

    def account(self) -> str:
        """What it took, for a person."""
        return (
            f"{self.notebook.count} non-compliant states; {self.requests.made} requests, "
            f"{self.requests.throttled} of them throttled, {self.patience.waits} waits"
        )


@asynccontextmanager
async def from_azure(
    scopes: Sequence[str], resume: Path | None, settings: Settings, keep_answers: bool = False
) -> AsyncIterator[Source]:
    """Read from Resource Manager. The notebook is kept where the reading is broken off."""
    with _progress_file(resume) as notebook:
        notebook.begin(settings.arm_endpoint, scopes, datetime.now(UTC))
        with reading_progress(len(scopes)) as progress:
            witness = Witness(notebook.add_answer if keep_answers else None)
            async with _source(notebook, settings, witness, Patience(progress.waits), progress) as source:
                yield source


@asynccontextmanager
async def from_file(file: Path, settings: Settings) -> AsyncIterator[Source]:
    """Read what was exported. Nothing waits: what the file does not tell stays unknown."""

    async def at_once(_wait: timedelta) -> None:
        """Nobody is there to be waited for."""

    with _temporary_notebook() as notebook, reading_progress(1) as progress:
        read_survey(file, notebook)
        async with offline(notebook) as endpoint:
            local = replace(settings, arm_endpoint=endpoint)
            async with _source(notebook, local, Witness(), Patience(progress.waits, at_once), progress) as source:
                yield source


@asynccontextmanager
async def _source(
    notebook: Notebook, settings: Settings, witness: Witness, patience: Patience, progress: ReadingProgress
) -> AsyncIterator[Source]:
    requests = Requests()
    clients = SurveyClients(settings, witness, requests.count)
    facts = SurveyFacts(clients, witness, patience, notebook.made)
    try:
        yield Source(notebook, clients, facts, patience, progress, requests)
    finally:
        await clients.close()


@contextmanager
def _progress_file(named: Path | None) -> Iterator[Notebook]:
    """The notebook of a reading; its file goes when all is done, and stays when something kept that from happening."""
    file = named or _new_file()
    notebook = Notebook(file)
    try:
        yield notebook
    except BaseException:
        worth_keeping = notebook.count > 0
        notebook.close()
        if worth_keeping:
            print(f"What was read so far is kept; go on with: --resume {file}", file=sys.stderr)
        elif named is None:
            file.unlink()
        raise
    notebook.close()
    file.unlink()


def _new_file() -> Path:
    """An empty file that nobody else can read: states tell much about an estate."""
    with tempfile.NamedTemporaryFile(prefix="responder-survey-", suffix=".progress", delete=False) as made:
        return Path(made.name)


@contextmanager
def _temporary_notebook() -> Iterator[Notebook]:
    with tempfile.TemporaryDirectory(prefix="responder-survey-") as folder:
        notebook = Notebook(Path(folder) / "states")
        try:
            yield notebook
        finally:
            notebook.close()
