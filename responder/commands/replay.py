"""`replay`: post events from files to a running app, as Event Grid does.

Each event is delivered alone, in an array of one or as one CloudEvent, because that is Event Grid's default.
https://learn.microsoft.com/azure/event-grid/delivery-and-retry#output-batching
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

import aiohttp
from rich.progress import Progress
from rich.table import Table

from responder.commands.event_files import EventFileError, FoundEvent, read_events
from responder.commands.terminal import Terminal, plain

_DEFAULT_FUNCTION = "policy_state_change"
_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_MANY = 20
_NOBODY = "nobody listens"
# The time Event Grid gives an endpoint to answer.
_ANSWER_WITHIN = aiohttp.ClientTimeout(total=30)

_EXAMPLE = """\
examples:
  python -m responder replay events/
  python -m responder replay dead-letters.json --rate 5
  cat events.jsonl | python -m responder replay -

A file holds one event, an array, or one event for each line, in the Event Grid schema or as CloudEvents.
The fields that Event Grid adds to a dead letter are taken off."""


class _Refused(Exception):
    """Replaying cannot begin, or go on."""


@dataclass(frozen=True, slots=True)
class _Target:
    url: str
    function: str
    code: str | None

    @property
    def query(self) -> dict[str, str]:
        return {"functionName": self.function, **({"code": self.code} if self.code else {})}


@dataclass(frozen=True, slots=True)
class _Answer:
    where: str
    status: str
    because: str

    @property
    def accepted(self) -> bool:
        # Event Grid takes these, and only these, for delivered.
        return self.status in ("200", "201", "202", "203", "204")


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Describe the command to argparse."""
    parser = subparsers.add_parser(
        "replay",
        help="post events from files to a running app, as Event Grid does",
        description="Posts events to the Event Grid webhook of a running function app, each one alone.",
        epilog=_EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("events", nargs="+", metavar="EVENTS", help="files, folders, or - for standard input")
    parser.add_argument("--url", default="http://127.0.0.1:7071", help="the app (default: %(default)s)")
    parser.add_argument("--function", metavar="NAME", help="the Event Grid function (default: the app is asked)")
    parser.add_argument("--rate", type=_positive, metavar="N", help="events per second (default: one after another)")
    parser.add_argument("--code", metavar="KEY", help="the system key eventgrid_extension of an app in Azure")
    parser.add_argument("--json", action="store_true", help="print the summary as JSON")


def run(args: argparse.Namespace) -> int:
    """Post them all: 0 when all were accepted, 1 when not, 2 when files or app cannot be used."""
    try:
        events = read_events(args.events)
        answers = asyncio.run(_replay(args, events))
    except (EventFileError, _Refused) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    _print_json(answers) if args.json else _print_table(answers)
    return 0 if all(answer.accepted for answer in answers) else 1


async def _replay(args: argparse.Namespace, events: Sequence[FoundEvent]) -> list[_Answer]:
    _check(args.url, args.code)
    async with aiohttp.ClientSession(timeout=_ANSWER_WITHIN) as session:
        function = args.function or await _find_function(session, args.url, args.code)
        target = _Target(f"{args.url.rstrip('/')}/runtime/webhooks/EventGrid", function, args.code)
        return await _post_all(session, target, events, args.rate)


def _check(url: str, code: str | None) -> None:
    """Refuse to send events away from this machine by accident, or a key in the clear."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise _Refused(f"{url} is no address of an app; it looks like http://127.0.0.1:7071.")
    if parts.hostname in _LOOPBACK:
        return
    if code is None:
        raise _Refused(f"{parts.hostname} is not this machine; give its system key with --code.")
    if parts.scheme != "https":
        raise _Refused(f"{url} would send the key unencrypted; use https.")


async def _find_function(session: aiohttp.ClientSession, url: str, code: str | None) -> str:
    """Ask the app which function hears events. In Azure that takes another key, so the usual name is used there."""
    names = [] if code else await _event_functions(session, url)
    if len(names) > 1:
        raise _Refused(f"The app has several Event Grid functions; name one with --function: {', '.join(names)}.")
    function = names[0] if names else _DEFAULT_FUNCTION
    print(plain(f"Posting to function {function}"), file=sys.stderr)
    return function


async def _event_functions(session: aiohttp.ClientSession, url: str) -> list[str]:
    try:
        async with session.get(f"{url.rstrip('/')}/admin/functions") as answer:
            functions = await answer.json(content_type=None) if answer.status == 200 else []
    except aiohttp.ClientConnectionError as error:
        raise _nobody(url) from error
    except ValueError:
        return []  # something else than a Functions host; its answers to the events will tell
    return [each["name"] for each in functions if "eventGridTrigger" in json.dumps(each.get("config", {}))]


async def _post_all(
    session: aiohttp.ClientSession, target: _Target, events: Sequence[FoundEvent], rate: float | None
) -> list[_Answer]:
    """One after another; with a rate each at its time, without waiting for the one before.

    `_Refused` when nobody listens from the start; an app that ends later shows in its answers.
    """
    with Progress(console=Terminal(stderr=True), transient=True, disable=len(events) < _MANY) as progress:
        shown = progress.add_task("posting", total=len(events))

        async def post(found: FoundEvent) -> _Answer:
            answer = await _post(session, target, found)
            progress.advance(shown)
            return answer

        tasks = []
        for found in events:
            tasks.append(asyncio.create_task(post(found)))
            if rate is None or len(tasks) == 1:
                await tasks[-1]
            if tasks[0].result().status == _NOBODY:
                raise _nobody(target.url)
            await asyncio.sleep(1 / rate if rate else 0)
        return await asyncio.gather(*tasks)


async def _post(session: aiohttp.ClientSession, target: _Target, found: FoundEvent) -> _Answer:
    kind = "application/cloudevents+json" if found.is_cloud_event else "application/json"
    body = json.dumps(found.event if found.is_cloud_event else [found.event])
    headers = {"aeg-event-type": "Notification", "Content-Type": f"{kind}; charset=utf-8"}
    try:
        async with session.post(target.url, params=target.query, data=body.encode(), headers=headers) as answer:
            text = (await answer.text()).strip()
            return _Answer(found.where, str(answer.status), text.splitlines()[0] if text else "")
    except aiohttp.ClientConnectorError as error:
        return _Answer(found.where, _NOBODY, str(error))
    except TimeoutError:
        return _Answer(found.where, "no answer", f"within {_ANSWER_WITHIN.total:.0f} seconds")
    except aiohttp.ClientConnectionError as error:
        return _Answer(found.where, "no answer", str(error))


def _nobody(url: str) -> _Refused:
    parts = urlsplit(url)
    return _Refused(
        f"Nobody listens on {parts.scheme}://{parts.netloc}; "
        "start the app with `python -m responder host` or `func start`."
    )


def _print_table(answers: Sequence[_Answer]) -> None:
    console = Terminal()
    for answer in answers:
        if not answer.accepted:
            console.print(
                f"{answer.where}: {answer.status} {answer.because}", style="red", markup=False, soft_wrap=True
            )
    table = Table("sent", "accepted", "failed")
    failed = Counter(answer.status for answer in answers if not answer.accepted)
    told = ", ".join(f"{count} with {status}" for status, count in sorted(failed.items())) or "0"
    table.add_row(str(len(answers)), str(len(answers) - failed.total()), told)
    console.print(table)


def _print_json(answers: Sequence[_Answer]) -> None:
    failed = [answer for answer in answers if not answer.accepted]
    print(
        json.dumps(
            {
                "sent": len(answers),
                "accepted": len(answers) - len(failed),
                "failed": [{"where": each.where, "status": each.status, "because": each.because} for each in failed],
            },
            indent=2,
        )
    )


def _positive(text: str) -> float:
    try:
        value = float(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of events per second, such as 5") from error
    if not 0 < value < float("inf"):
        raise argparse.ArgumentTypeError(f"{text} is no rate: write a number of events per second above 0, such as 5")
    return value
