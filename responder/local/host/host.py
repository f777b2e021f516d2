"""The host: takes an app from its folder to running, and back.

It stands where the Functions host and its extensions stand in Azure. What is left out: keys, scaling, the lock
that keeps a timer to one of many hosts, timers made up for after a stop, and retry policies.
"""

from __future__ import annotations

import errno
import logging
import os
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path

from aiohttp import web

from responder.local.host import worker
from responder.local.host.admin import Admin
from responder.local.host.app_settings import AppSettings, read_app_settings
from responder.local.host.event_grid import PATH, EventGridWebhook
from responder.local.host.functions import (
    EventGridTrigger,
    Function,
    HttpTrigger,
    QueueTrigger,
    TimerTrigger,
    read_functions,
)
from responder.local.host.host_json import HostOptions, read_host_json
from responder.local.host.http_routes import HttpRoute
from responder.local.host.invocations import Invocations
from responder.local.host.queues import QueueListener
from responder.local.host.timers import Timer
from responder.local.host.trouble import HostError

log = logging.getLogger("responder.host")

# How long the storage extension hides a message that it has received, and so how long a message is away when
# the host dies. Renewed while the function runs.
MESSAGE_LEASE = timedelta(minutes=10)

_STOP_TIMEOUT = 10.0
_LARGEST_BODY = 16 * 1024 * 1024


class Host:
    """Runs one app: `await host.start()`, then `host.url`, then `await host.stop()`.

    The worker and the app live in this process, in module variables: one host at a time, and in it the app's
    settings are this process's environment, which `stop` puts back. Port 0 takes any free port.
    """

    def __init__(self, app: Path, *, port: int = 0, message_lease: timedelta = MESSAGE_LEASE) -> None:
        self._app = app.resolve()
        self._port = port
        self._lease = message_lease
        self._invocations = Invocations()
        self._open = AsyncExitStack()
        self._listeners: list[QueueListener | Timer] = []
        self._sites: list[web.TCPSite] = []
        self.functions: dict[str, Function] = {}
        self.routes: dict[str, str] = {}
        self.url = ""

    async def start(self) -> None:
        """Index the app, open its queues and the port, and begin. `HostError` says what is in the way."""
        try:
            await self._start()
        except BaseException:
            worker.stop_threads()
            await self._open.aclose()
            raise

    async def stop(self) -> int:
        """Take nothing more, let what runs end (10 s at most), close; returns how many runs were abandoned."""
        for listener in self._listeners:
            listener.pause()
        for site in self._sites:
            await site.stop()
        await self._invocations.drained(_STOP_TIMEOUT)
        abandoned = self._invocations.running
        if abandoned:
            log.warning("Abandoned after %.0f seconds, still running: %s", _STOP_TIMEOUT, abandoned)
        else:
            self._open.callback(worker.stop_threads)
        await self._open.aclose()
        return abandoned

    async def _start(self) -> None:
        settings = read_app_settings(self._app)
        self._publish(settings)
        options = read_host_json(self._app, settings.values)
        found = read_functions(await worker.index_app(self._app), settings)
        self.functions = {function.name: function for function in found}
        if any(not isinstance(each.trigger, HttpTrigger) for each in found):
            settings.storage("AzureWebJobsStorage")  # Azure, too, starts no other trigger without it
        await self._prepare(settings, options)
        worker.start_threads()
        await self._serve(options)
        for listener in self._listeners:
            listener.listen()

    def _publish(self, settings: AppSettings) -> None:
        """Make the settings the environment, which is where the app reads them."""
        added = [name for name in settings.values if name not in os.environ]
        os.environ.update(settings.values)
        self._open.callback(lambda: [os.environ.pop(name, None) for name in added])

    async def _prepare(self, settings: AppSettings, options: HostOptions) -> None:
        """Make a listener for each queue and timer, and see that storage answers."""
        for function in self.functions.values():
            match function.trigger:
                case QueueTrigger() as trigger:
                    queue = QueueListener(function, trigger, settings, options.queues, self._lease, self._invocations)
                    self._open.push_async_callback(queue.close)
                    await queue.open()
                    self._listeners.append(queue)
                case TimerTrigger() as trigger:
                    timer = Timer(function, trigger, self._invocations)
                    self._open.push_async_callback(timer.close)
                    self._listeners.append(timer)

    async def _serve(self, options: HostOptions) -> None:
        web_app = web.Application(client_max_size=_LARGEST_BODY)
        web_app.add_routes(Admin(self.functions, self._invocations).routes())
        events = {name: each for name, each in self.functions.items() if isinstance(each.trigger, EventGridTrigger)}
        web_app.add_routes(EventGridWebhook(events, self._invocations).routes())
        paths = {name: f"{PATH}?functionName={name}" for name in events}
        for function in self.functions.values():
            if isinstance(function.trigger, HttpTrigger):
                route = HttpRoute(function, function.trigger, options.route_prefix, self._invocations)
                web_app.add_routes(route.routes())
                paths[function.name] = route.path
        await self._bind(web_app)
        self.routes = {name: f"{self.url}{path}" for name, path in paths.items()}

    async def _bind(self, web_app: web.Application) -> None:
        runner = web.AppRunner(web_app, access_log=None, shutdown_timeout=0.2)
        await runner.setup()
        self._open.push_async_callback(runner.cleanup)
        site = web.TCPSite(runner, "127.0.0.1", self._port)
        try:
            await site.start()
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise
            raise HostError(f"Port {self._port} is in use; choose another with --port.") from error
        self._sites.append(site)
        self.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
