"""prodops ui: Dagster's webserver and daemon on this machine.

Belongs here: starting and ending them. Does not: what they show (definitions.py).
"""

import contextlib
import os
import signal
import subprocess
import sys

from cli import pages
from cli.ports import refuse_taken
from cli.screen import out
from ingestion import lease
from ingestion.errors import LeaseError
from ingestion.home import PROJECT
from ingestion.sources import SOURCES
from orchestration import deployment, links, steps
from orchestration.deployment import Deployment

ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
END_SECONDS = 10.0
"""So long the services may take to end by themselves."""


def serve(seed: int | None, port: int) -> int:
    """Runs until interrupted, and then raises ``KeyboardInterrupt``. A made-up company's vendors answer as long, with a
    clock that goes."""
    settled = deployment.settle(seed)
    deployment.refuse_bad_settings(settled, SOURCES)
    with lease.hold(settled.home, "prodops ui", name="ui"):
        refuse_taken(port)
        if settled.seed is not None:
            deployment.start_clock(settled)
        end_dead_runs(settled)
        # What it loads stands in pyproject.toml, [tool.dagster].
        command = [sys.executable, "-m", "dagster", "dev", "--host", "127.0.0.1", "--port", str(port)]
        with deployment.sources_reachable(settled), pages.served(settled.home, (port + 1) % 65_536) as url:
            os.environ[links.PAGES] = url
            # A shell starts background jobs with control-c ignored, children inherit that, and Dagster would then
            # ignore SIGTERM as well: nothing but kill -9 would end them.
            for number in ENDING:
                signal.signal(number, signal.default_int_handler)
            # A process group of their own, so that control-c comes here alone: Dagster would wait for runs under way.
            services = subprocess.Popen(command, env=os.environ, cwd=PROJECT, stdin=subprocess.DEVNULL, process_group=0)
            try:
                out().print(f"{settled.described}: http://127.0.0.1:{port} (control-c ends it)")
                return services.wait()
            except KeyboardInterrupt:
                raise KeyboardInterrupt("the UI has ended, and all that it ran; prodops ui starts it again") from None
            finally:
                end(services)
                end_dead_runs(settled, interrupted=True)


def end_dead_runs(settled: Deployment, *, interrupted: bool = False) -> None:
    """With no daemon up and no command running, whatever is unfinished is dead."""
    with contextlib.suppress(LeaseError), lease.hold(settled.home, "prodops ui"):
        steps.end_dead_runs(of_all=True, interrupted=interrupted)


def end(services: "subprocess.Popen[bytes]") -> None:
    """Cancels the runs that the services started, ends them, and whatever of them is left, however impatient somebody
    is."""
    for number in ENDING:
        signal.signal(number, signal.SIG_IGN)
    steps.cancel_launched()
    if services.poll() is None:
        services.send_signal(signal.SIGINT)
    with contextlib.suppress(subprocess.TimeoutExpired):
        services.wait(END_SECONDS)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(services.pid, signal.SIGKILL)
    services.wait()
