"""The app itself with a clock that is wrong: what stands in a host's folder as `function_app.py`.

The offset is the test's own variable and no setting of the product: only this file reads it.
"""

import importlib.util
import os
from datetime import datetime, timedelta
from pathlib import Path

from responder import wiring

_APP = Path(wiring.__file__).parents[1] / "function_app.py"
_OFFSET = timedelta(seconds=float(os.environ["CHAOS_CLOCK_OFFSET"]))


def shifted() -> datetime:
    """The time as this host believes it is."""
    return wiring.utc_now() + _OFFSET


_spec = importlib.util.spec_from_file_location("the_app", _APP)
assert _spec is not None
assert _spec.loader is not None
_module = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(_module)
vars(_module)["wiring"] = wiring.Wiring(_module.wiring.setup, shifted)
app = _module.app
