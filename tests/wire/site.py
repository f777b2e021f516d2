"""The app in its host, on a laptop, watched: what it tells arrives at an ingestion endpoint on this machine."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from responder.commands.open_ledger import open_ledger
from responder.core.case import Case, State
from responder.local.laptop import Laptop
from tests.scenarios.estates import QUICK, RULES
from tests.scenarios.patience import eventually
from tests.wire.ingestion import Ingestion, receiving
from tests.wire.tables import Row, Tables


@dataclass(frozen=True, slots=True)
class Watched:
    """The app, and what it told."""

    laptop: Laptop
    ingestion: Ingestion

    async def cases(self, such: Callable[[Case], bool], what: str) -> list[Case]:
        """Every case, once there are some and all of them are such."""

        async def look() -> list[Case] | None:
            found = await ledger.cases()
            return found if found and all(such(case) for case in found) else None

        async with open_ledger({"AzureWebJobsStorage": self.laptop.storage}) as ledger:
            return await eventually(look, f"every case to be {what}")

    async def over(self) -> list[Case]:
        """Every case, once all are closed or stopped."""
        return await self.cases(lambda case: case.state in (State.CLOSED, State.STOPPED), "over")

    async def said(self) -> Tables:
        """Stop the app, and everything that it told until its end."""
        assert await self.laptop.host.stop() == 0
        return self.ingestion.rows()

    async def row(self, table: str, such: Callable[[Row], bool], what: str) -> Row:
        """The first row of a table that is such, once it is there."""

        async def look() -> Row | None:
            return next((row for row in self.ingestion.rows()[table] if such(row)), None)

        return await eventually(look, f"a row of {table} about {what}")


@asynccontextmanager
async def watched(
    storage: str, folder: Path, estate: dict[str, object], rules: str = RULES, **settings: str
) -> AsyncIterator[Watched]:
    """An app whose telemetry goes to the endpoint, in an estate where events follow by themselves."""
    (folder / "rules.yaml").write_text(rules)
    async with receiving() as ingestion:
        told = {"APPLICATIONINSIGHTS_CONNECTION_STRING": ingestion.connection_string, **settings}
        async with Laptop(folder, folder / "rules.yaml", estate, storage=storage, settings=told) as laptop:
            await laptop.control("PUT", "dials", {**QUICK, "eventsTo": laptop.webhook})
            yield Watched(laptop, ingestion)


def lines(tables: Tables, about: str) -> list[Row]:
    """The rows of log that are about something, such as `case moved`."""
    return [row for row in tables["traces"] if row["customDimensions"].get("responder.log") == about]


def named(tables: Tables, name: str) -> list[Row]:
    """The spans of that name."""
    return [row for row in (*tables["requests"], *tables["dependencies"]) if row["name"] == name]
