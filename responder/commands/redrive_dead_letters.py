"""Dead letters, driven again: every event of every blob goes to the queue `responder-events`.

That works for both ways of delivery: the app listens to the queue also where Event Grid pushes. A blob is deleted
when every event of it was driven. Else it stays as it is, and what was driven from it is remembered, so that the next
run leaves that alone: a blob is never rewritten.
"""

from collections.abc import Callable

from responder.adapters.dead_letters import LARGEST_BLOB, DeadLetters, LetterBlob
from responder.commands.redrive_driver import Answer, Driver, Finding, kept
from responder.core.dead_letter import BadDeadLetters, DeadLetter, dead_letters
from responder.core.redrive import Keep, Kept


async def drive_dead_letters(driver: Driver, letters: DeadLetters, tell: Callable[[Finding], None]) -> None:
    """Go through the container, a blob at a time; `tell` hears what came of each event."""
    async for blob in letters.letters():
        for finding in await _drive_blob(driver, letters, blob):
            tell(finding)


async def _drive_blob(driver: Driver, letters: DeadLetters, blob: LetterBlob) -> list[Finding]:
    if blob.size > LARGEST_BLOB:
        because = f"The blob has {blob.size:,} bytes; at most {LARGEST_BLOB:,} are read."
        return [kept(blob.name, "a blob", Kept(Keep.TOO_LARGE, because))]
    content = await letters.read(blob)
    if content is None:
        return []
    try:
        entries = dead_letters(content)
    except BadDeadLetters as error:
        return [kept(blob.name, "a blob", Kept(Keep.UNREADABLE, f"The blob holds no events: {error}."))]
    findings = [await _drive_entry(driver, blob, number, entry) for number, entry in enumerate(entries)]
    if not driver.dry_run:
        await _let_go(driver, letters, blob, findings)
    return findings


async def _drive_entry(driver: Driver, blob: LetterBlob, number: int, letter: DeadLetter) -> Finding:
    return await driver.event(f"{blob.name}[{number}]", letter.event, blob.name)


async def _let_go(driver: Driver, letters: DeadLetters, blob: LetterBlob, findings: list[Finding]) -> None:
    if all(finding.done for finding in findings):
        await letters.delete(blob)
        return
    for finding in findings:
        if finding.answer is Answer.DRIVEN:
            await driver.redriven.settle(finding.content, blob.name, driver.now)
