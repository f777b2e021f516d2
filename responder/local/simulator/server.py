"""The simulated Resource Manager as a server on 127.0.0.1.

It is split as the emulators it learned from: URLs (`arm`), wire (`wire`, `scope`, `refusal`), behaviour (`life`,
`remediations`, `policy_states`), and what a test may turn (`control`, `faults`, `clock`). It knows nothing of the
app: it stands in for Azure and must not share the app's ideas of Azure.
"""

from __future__ import annotations

import asyncio
import errno
import json
from collections.abc import Mapping
from contextlib import suppress
from urllib.parse import unquote
from uuid import uuid4

from aiohttp import web
from multidict import CIMultiDict

from responder.local.simulator import arm, control
from responder.local.simulator.clock import Clock
from responder.local.simulator.courier import Courier
from responder.local.simulator.documents import Estate
from responder.local.simulator.faults import Firing
from responder.local.simulator.trouble import BadInput
from responder.local.simulator.wire import ArmAnswer, ArmRequest
from responder.local.simulator.world import World

_TICK = 0.02  # real seconds between looks at the agenda: what nobody asks about must happen too
_LARGEST_BODY = 64 * 2**20
_PATIENCE = 0.1  # seconds for answers under way when the server stops


class Simulator:
    """One simulated Azure with a port of its own. Use `start` and `stop`, or `async with`."""

    def __init__(self, clock_speed: float = 1.0) -> None:
        self._clock_speed = clock_speed
        self._runner: web.AppRunner | None = None
        self._ticker: asyncio.Task[None] | None = None
        self._renew()

    @property
    def world(self) -> World:
        """What the simulator plays at this moment; another one after `DELETE /_simulator`."""
        return self._world

    def load(self, estate: Estate) -> None:
        """Add an estate to what stands there."""
        self._world.tenant.add(estate, self._world.clock.now())

    async def start(self, port: int = 0) -> str:
        """Listen on 127.0.0.1 (0: any free port) and return the base URL. `BadInput` when the port is taken."""
        app = web.Application(client_max_size=_LARGEST_BODY)
        app.router.add_delete("/_simulator", self._empty)
        app.router.add_route("*", "/_simulator/{name}", self._control)
        app.router.add_route("*", "/{path:.*}", self._arm)
        # A client that goes takes its request with it: what is held before it takes effect never does.
        runner = web.AppRunner(app, handler_cancellation=True, access_log=None, shutdown_timeout=_PATIENCE)
        await runner.setup()
        try:
            await web.TCPSite(runner, "127.0.0.1", port).start()
        except (OSError, OverflowError) as error:  # OverflowError: no port number at all
            await runner.cleanup()
            taken = isinstance(error, OSError) and error.errno == errno.EADDRINUSE
            why = "is already in use" if taken else f"cannot be used ({error})"
            raise BadInput(f"Port {port} {why}; name another with --port.") from error
        self._runner = runner
        self._ticker = asyncio.get_running_loop().create_task(self._tick())
        return f"http://127.0.0.1:{runner.addresses[0][1]}"

    async def stop(self) -> None:
        """Stop listening and forget what was to happen."""
        ticker, self._ticker = self._ticker, None
        if ticker is not None:
            ticker.cancel()
        await self._courier.close()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None
        if ticker is not None:
            with suppress(asyncio.CancelledError):  # and nothing else: what broke the ticker must be seen
                await ticker

    async def __aenter__(self) -> Simulator:
        await self.start()
        return self

    async def __aexit__(self, *_error: object) -> None:
        await self.stop()

    def _renew(self) -> None:
        clock = Clock(self._clock_speed)
        self._courier = Courier(clock, lambda: self._world.dials.events_to)
        self._world = World(clock, self._courier.send)

    async def _tick(self) -> None:
        while True:
            self._world.settle()
            await asyncio.sleep(_TICK)

    async def _empty(self, _request: web.Request) -> web.Response:
        courier, world = self._courier, self._world
        self._renew()
        world.faults.clear()
        await courier.close()
        return web.json_response({})

    async def _control(self, request: web.Request) -> web.Response:
        return await control.handle(self._world, request)

    async def _arm(self, request: web.Request) -> web.StreamResponse:
        world = self._world
        try:
            asked = await _read(request)
        except ValueError as error:
            no = {"error": {"code": "InvalidRequestContent", "message": f"The request content is no JSON: {error}"}}
            return web.json_response(no, status=400)
        entry = world.requests.note(asked, world.clock.now(), request.headers.get("User-Agent", ""))
        firing = world.faults.meeting(asked)
        answer = arm.answer(world, asked) if firing is None else await _spoiled(world, asked, firing)
        if answer is None:
            if request.transport is not None:
                request.transport.abort()
            return web.Response()  # goes nowhere: the connection is closed
        entry.answer(answer, world.clock.now())
        return _response(answer, world.quota.headers(asked, world.clock.now()))


async def _read(request: web.Request) -> ArmRequest:
    raw_path = request.raw_path.partition("?")[0]
    raw_body = await request.read()
    body: object = json.loads(raw_body) if raw_body else None
    query = {name.lower(): value for name, value in request.query.items()}
    base_url = f"{request.scheme}://{request.host}"
    return ArmRequest(request.method, unquote(raw_path), query, body, base_url)


async def _spoiled(world: World, asked: ArmRequest, firing: Firing) -> ArmAnswer | None:
    """Do what the fault says; None where there is to be no answer at all."""
    fault = firing.fault
    done = arm.answer(world, asked) if fault.when == "after" else None
    await world.clock.wait_until(world.clock.now() + fault.delay)
    if fault.hold:
        await firing.released.wait()
    if fault.reset:
        return None
    return fault.answer() or done or arm.answer(world, asked)


def _response(answer: ArmAnswer, quota: Mapping[str, str]) -> web.Response:
    headers = CIMultiDict({"x-ms-request-id": str(uuid4()), **quota, **answer.headers})
    if answer.body is None:
        return web.Response(status=answer.status, headers=headers)
    return web.json_response(answer.body, status=answer.status, headers=headers)
