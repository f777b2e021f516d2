"""The demo from its first line to its last: start, deliver, wait, tell, check, and leave nothing running."""

import asyncio
import signal
from collections.abc import Callable
from pathlib import Path
from time import monotonic

from rich.console import Console
from rich.markup import escape
from rich.status import Status

from responder.local.demo import left_behind
from responder.local.demo.account import Account
from responder.local.demo.case_pages import print_cases, print_failures
from responder.local.demo.check import differences
from responder.local.demo.event_table import print_events
from responder.local.demo.landing_zone import estate
from responder.local.demo.performance import play
from responder.local.demo.trace_trees import print_traces
from responder.local.demo.where_next import RULES, print_addresses, print_where_next
from responder.local.laptop import Laptop

_FOREWORD = (
    "Azure Policy finds resources out of compliance and says so; this app decides by its rules, opens remediation "
    "tasks, follows them to their end and looks whether they helped. Here a simulated Azure plays Azure's part."
)

_CHAPTERS: tuple[tuple[str, Callable[[Account, Console], None]], ...] = (
    ("Events: what arrived, what the door decided, and why", print_events),
    ("Cases: what was planned, opened and found", print_cases),
    ("Failed deployments", print_failures),
    ("Traces: one a round", print_traces),
)


class Show:
    """One run of the demo; `out` takes the files."""

    def __init__(self, out: Path, console: Console, *, keep: bool) -> None:
        self._out, self._console, self._keep = out, console, keep

    async def run(self) -> int:
        """0 when everything went as told, else 1; raises what keeps it from running."""
        began = monotonic()
        left_behind.prepare(self._out)
        self._console.print(_FOREWORD)
        laptop = Laptop(self._out, RULES, estate(left_behind.read_events().values()))
        status = self._console.status("Starting storage, Resource Manager and the app")
        status.start()
        try:
            async with laptop:
                account = await self._played(laptop, status)
                status.stop()
                wrong, took = self._tell(account), monotonic() - began
                if self._keep:
                    await self._stay(laptop)
        finally:
            status.stop()
        return self._end(wrong, took)

    async def _played(self, laptop: Laptop, status: Status) -> Account:
        began = monotonic()
        self._console.print("\nStorage, a simulated Resource Manager and the app are up; now the events come.")
        account = await play(laptop, lambda words: status.update(escape(words)))
        self._console.print(f"{len(account.cases)} cases were over {monotonic() - began:.1f} s later.")
        left_behind.write_account(account, self._out)
        return account

    def _tell(self, account: Account) -> list[str]:
        """The whole account, and what is not as it was to be."""
        for title, tell in _CHAPTERS:
            self._console.print()
            self._console.rule(f"[bold]{title}", align="left", characters="-")
            tell(account, self._console)
        self._console.print()
        self._console.rule("[bold]Where to look next", align="left", characters="-")
        print_where_next(self._out, self._console)
        return differences(account)

    async def _stay(self, laptop: Laptop) -> None:
        self._console.print()
        self._console.rule("[bold]Still running", align="left", characters="-")
        print_addresses(laptop, self._out, self._console)
        ending = asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, ending.set)
        await ending.wait()

    def _end(self, wrong: list[str], seconds: float) -> int:
        self._console.print()
        for difference in wrong:
            self._console.print(f"[red]not as told:[/] {escape(difference)}")
        if wrong:
            self._console.print("host.log and traces.jsonl say more.")
            return 1
        self._console.print(f"[green]Everything went as told[/], in {seconds:.1f} s. Nothing is left running.")
        return 0
