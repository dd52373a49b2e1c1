"""The sandbox as a server: the vendors under /<source>/, its clock, its log, its faults.

Belongs here: what stands between a socket and a vendor. Does not: any vendor's behaviour, the kinds of faults
(faults/).
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import threading
from collections.abc import Iterable, Iterator, Mapping
from email.utils import format_datetime
from time import monotonic, sleep
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Mount, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from sandbox import faults as faulty
from sandbox.company import DEFAULT_NOW, Company
from sandbox.timestamps import Clock, ms, utc
from sandbox.transport import DEFAULT_SETUP, Reply, Setup, read_call, transmit
from sandbox.vendors import VENDORS


class Sandbox:
    """An ASGI application. `log` is what was asked, `rules` the fault script, `clock` its now."""

    def __init__(
        self,
        company: Company,
        now: str | int = DEFAULT_NOW,
        faults: Iterable[Mapping[str, Any]] = (),
        setup: Setup = DEFAULT_SETUP,
    ) -> None:
        self.company, self.clock = company, Clock(now)
        self.rules = faulty.rules(faults)
        self.log: list[dict[str, Any]] = []
        self.served: dict[str, Reply] = {}  # the newest good answer of each path
        self.vendors = {name: vendor(company, setup) for name, vendor in VENDORS.items()}
        self._app = Starlette(
            routes=[
                Route("/_sandbox/log", self._show_log),
                Route("/_sandbox/now", self._show_now),
                Route("/_sandbox/advance", self._advance, methods=["POST"]),
                *(Mount(f"/{source}", app=self._vendor(source)) for source in self.vendors),
            ]
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        # A fault that breaks a connection needs the server's own transport, which lies behind its `send`.
        scope["sandbox.transport"] = getattr(getattr(send, "__self__", None), "transport", None)
        await self._app(scope, receive, send)

    def _vendor(self, source: str) -> Any:
        async def handle(scope: Scope, receive: Receive, send: Send) -> None:
            call = await read_call(source, scope, receive, self.clock.now())
            line = call.log_line()
            self.log.append(line)
            hits = [rule for rule in self.rules if rule.hits(call)]
            line["fault"] = ", ".join(rule.fault for rule in hits) or None
            for rule in hits:
                rule.before(self, call)
            call.previous = self.served.get(call.path)
            given = self.vendors[source].reply(call)
            if given.status == 200:
                self.served[call.path] = Reply(given.status, given.body)  # what a fault makes of it is not kept
            for rule in hits:
                given = rule.after(given, call)
            line["status"] = given.status
            given.headers.setdefault("date", format_datetime(utc(call.now), usegmt=True))
            await transmit(given, receive, send, scope["sandbox.transport"])

        return handle

    async def _show_log(self, request: Request) -> JSONResponse:
        return JSONResponse(self.log)

    async def _show_now(self, request: Request) -> JSONResponse:
        return JSONResponse({"now": utc(self.clock.now()).isoformat()})

    async def _advance(self, request: Request) -> JSONResponse:
        """{"to": instant} or {"seconds": number}."""
        try:
            given = await request.json()
            to = ms(given["to"]) if "to" in given else self.clock.now() + round(given["seconds"] * 1000)
            self.clock.advance(to)
        except (KeyError, TypeError, ValueError) as problem:
            return JSONResponse(
                {"error": f"advance takes a later instant `to` or a number of `seconds`: {problem}"}, 400
            )
        return JSONResponse({"now": utc(self.clock.now()).isoformat()})


def app(
    company: Company,
    now: str | int = DEFAULT_NOW,
    faults: Iterable[Mapping[str, Any]] = (),
    **setup: Any,
) -> Sandbox:
    """The vendor APIs of a company, set up as ``Setup`` says."""
    return Sandbox(company, now, faults, Setup(**setup))


class _EndsAtOnce(uvicorn.Server):
    """uvicorn looks ten times a second whether it is to end, and then waits a tenth more: 0.15 s for each of the
    hundreds of servers that tests start."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        self._loop, self._ending = asyncio.get_running_loop(), asyncio.Event()
        await super().startup(sockets)

    async def main_loop(self) -> None:
        await self.on_tick(0)
        await self._ending.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for server in self.servers:
            server.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()
        await asyncio.sleep(0)  # connections close; answers under way are cancelled with the loop

    def end(self) -> None:
        """From any thread."""
        self._loop.call_soon_threadsafe(self._ending.set)


def _config(application: ASGIApp) -> uvicorn.Config:
    # The date a vendor gives is the sandbox's, so uvicorn gives none. Its log would only repeat ours.
    return uvicorn.Config(
        application,
        log_level=logging.CRITICAL,
        access_log=False,
        date_header=False,
        server_header=False,
        lifespan="off",
        timeout_graceful_shutdown=1,
        ws="none",
    )


def _listen(port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(("127.0.0.1", port))
    except OSError:
        listener.close()
        raise
    return listener


@contextlib.contextmanager
def serve_in_thread(application: ASGIApp, port: int = 0) -> Iterator[str]:
    """Serves on loopback while the block runs; gives the base url. A source's own is `<url>/<source>`."""
    listener = _listen(port)
    server = _EndsAtOnce(_config(application))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, name="sandbox", daemon=True)
    thread.start()
    deadline = monotonic() + 20
    while not server.started:
        if not thread.is_alive() or monotonic() > deadline:
            raise RuntimeError("the sandbox did not start")
        sleep(0.005)
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.end()
        thread.join(10)
        listener.close()


def serve(application: ASGIApp, port: int = 0, announce: Any = print) -> None:
    """Serves on loopback until interrupted; announces its url once it listens."""
    listener = _listen(port)
    announce(f"http://127.0.0.1:{listener.getsockname()[1]}")
    with contextlib.suppress(KeyboardInterrupt):
        uvicorn.Server(_config(application)).run(sockets=[listener])
