"""Loads of several sources at once, each in a process of its own.

Belongs here: starting, following and ending those processes. Does not: how a source is loaded (sources/), who hears of
it.

Processes, because cutting and hashing records is Python, which threads of one process do one after the other. They are
forked from a server that has the libraries imported, or each would import them again (2 s).
"""

from __future__ import annotations

import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field
from multiprocessing import get_context, parent_process, resource_tracker
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkServerProcess
from types import TracebackType

from ingestion.errors import ProdopsError, SourceError, raised_at
from ingestion.landing import Landed
from ingestion.sources import LoadOptions, load_source
from ingestion.tokens import none_renewed

KILLED = 137
CONTEXT = get_context("forkserver")
CONTEXT.set_forkserver_preload(["ingestion.sources", "ingestion.landing"])


@dataclass
class _Load:
    process: ForkServerProcess
    reported: Connection
    heard: deque[Landed | ProdopsError] = field(default_factory=deque)
    has_ended: bool = False


class Loads:
    """Loads of sources by name, as many of them under way as there are cores; those named first begin first.

    Use it as a context manager: what is still under way when it closes is ended, and what it has not committed by then
    does not count.
    """

    def __init__(self) -> None:
        self._waiting: dict[str, LoadOptions] = {}
        self._loads: dict[str, _Load] = {}

    def __enter__(self) -> Loads:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._waiting.clear()
        # Unless nothing is under way: a token that a vendor gives away while its load is ended would be lost.
        with none_renewed() if any(load.process.is_alive() for load in self._loads.values()) else nullcontext():
            for load in self._loads.values():
                load.process.kill()
                load.process.join()
        for load in self._loads.values():
            load.reported.close()

    def begin(self, orders: Mapping[str, LoadOptions]) -> None:
        """Begins the loads that are not begun yet, each of them once."""
        self._waiting |= {source: options for source, options in orders.items() if source not in self._loads}
        self._start()

    def forget(self, source: str) -> None:
        """Lets the load of a source that failed be begun again."""
        if load := self._loads.pop(source, None):
            load.process.join()  # an error is the last that it says
            load.reported.close()

    def follow(self, source: str, on_landed: Callable[[Landed], None]) -> None:
        """Reports what the load of a source lands, as it lands, until the load ends; raises what it raised."""
        while True:
            self._start()
            load = self._loads.get(source)
            while load and load.heard:
                heard = load.heard.popleft()
                if isinstance(heard, ProdopsError):
                    raise heard
                on_landed(heard)
            if load and load.has_ended:
                return
            self._listen()

    def _start(self) -> None:
        while self._waiting and sum(not load.has_ended for load in self._loads.values()) < (os.cpu_count() or 1):
            source = next(iter(self._waiting))
            options = self._waiting.pop(source)
            reported, report = CONTEXT.Pipe(duplex=False)
            process = CONTEXT.Process(target=_load, args=(source, options, dict(os.environ), report), name=source)
            # Control-c reaches all processes of a terminal. The server and what it forks get none, from their first
            # instruction on: this process hears it and ends the loads.
            resource_tracker.ensure_running()  # whose start lets signals through again
            before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
            try:
                process.start()
            finally:
                signal.pthread_sigmask(signal.SIG_SETMASK, before)
            report.close()  # the child's end: with it open here its death would not show
            self._loads[source] = _Load(process, reported)

    def _listen(self) -> None:
        loads = {load.reported: (source, load) for source, load in self._loads.items() if not load.has_ended}
        for reported in wait(list(loads)):
            source, load = loads[reported]  # type: ignore[index]
            try:
                load.heard.append(load.reported.recv())
            except EOFError:
                load.process.join()
                load.has_ended = True
                if code := load.process.exitcode:
                    how = f"signal {-code}" if code < 0 else f"code {code}"
                    hint = f"the load ended by {how} in the middle; what it committed counts, run it again"
                    load.heard.append(SourceError(source, "load", hint, may_pass=True))


def _load(source: str, options: LoadOptions, environment: Mapping[str, str], report: Connection) -> None:
    """What each process does; its settings are those of the process that asked for it, now."""
    os.environ.clear()
    os.environ.update(environment)
    os.umask(0o077)
    # What a load has to say goes through its pipe. DuckDB takes a forked process for a person's session and would draw
    # its progress bar into the command's output.
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    threading.Thread(target=_end_with_parent, daemon=True).start()

    def send(said: Landed | ProdopsError) -> None:
        try:
            report.send(said)
        except BrokenPipeError:  # who asked for it has ended, as on control-c, and this process has not seen it yet
            os._exit(KILLED)

    try:
        load_source(source, options, send)
    except ProdopsError as error:
        send(error)
    except Exception as error:  # noqa: BLE001 (foreign texts may hold payloads: what kind it is, and where, must do)
        hint = f"{type(error).__name__} at {raised_at(error)}; nothing of this step counts"
        send(SourceError(source, "load", hint))
    finally:
        report.close()


def _end_with_parent() -> None:
    """A run that is killed takes its loads with it; the server they were forked from would let them go on."""
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(KILLED)
