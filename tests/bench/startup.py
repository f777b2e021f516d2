"""What a cold start imports: seconds and memory of the app, of Functions' library alone, and of the SDKs it must have.

Each in a fresh process, several times and by turns; the median counts. Seconds are those of the processor, because a
busy machine stretches the others.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys

from tests.bench.app_process import PROJECT
from tests.bench.line import Line

TIMES = 7
MOST_MS, MOST_MB = 60, 10
_SDK = "import azure.data.tables.aio, azure.storage.queue.aio, azure.identity.aio"
_FIRST = """
import asyncio, function_app
from responder.adapters.storage import open_storage
async def first():
    from responder import wiring
    setup = function_app.wiring.setup
    parts = wiring._assembled(setup, open_storage(setup.settings.storage), wiring.utc_now)
    await parts.close()
asyncio.run(first())
"""
_WHAT = {
    "the interpreter": "",
    "azure.functions": "import azure.functions",
    "the SDKs": _SDK,
    "function_app": "import function_app",
    "function_app and the first event": f"{_FIRST}\nimport azure.identity.aio",
}
_MEASURED = """
import json, time
begun = time.process_time()
{code}
spent = time.process_time() - begun
try:
    pages = int(open("/proc/self/statm").read().split()[1])  # what the process holds now
    memory = pages * 4096
except OSError:
    import resource
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
print(json.dumps([spent * 1000, memory / 2**20]))
"""


def measure() -> list[Line]:
    """Milliseconds and MiB of each."""
    runs = [{what: _once(code) for what, code in _WHAT.items()} for _ in range(TIMES)]
    ms = {what: statistics.median(run[what][0] for run in runs) for what in _WHAT}
    base = statistics.median(run["the interpreter"][1] for run in runs)
    mb = {what: statistics.median(run[what][1] for run in runs) - base for what in _WHAT}
    more_ms, more_mb = ms["function_app"] - ms["the SDKs"], mb["function_app"] - mb["the SDKs"]
    lines = [
        Line(f"importing {what}", ms[what], "ms", f"{mb[what]:.1f} MiB") for what in _WHAT if what != "the interpreter"
    ]
    return [
        *lines,
        Line("  function_app beyond the SDKs", more_ms, "ms", "", None, f"≤ {MOST_MS}", more_ms <= MOST_MS),
        Line("  function_app beyond the SDKs", more_mb, "MiB", "", None, f"≤ {MOST_MB}", more_mb <= MOST_MB),
    ]


def _once(code: str) -> tuple[float, float]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    done = subprocess.run(
        [sys.executable, "-c", _MEASURED.format(code=code)],
        cwd=PROJECT,
        env={**kept, "AzureWebJobsStorage": "UseDevelopmentStorage=true"},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    ms, mb = json.loads(done.stdout)
    return float(ms), float(mb)
