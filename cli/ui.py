"""prodops ui: Dagster's webserver and daemon on this machine.

Belongs here: starting and ending them. Does not: what they show (definitions.py).
"""

import contextlib
import os
import signal
import subprocess
import sys

from cli import pages
from cli.show import out
from ingestion import lease
from ingestion.errors import LeaseError
from ingestion.home import PROJECT
from ingestion.sources import SOURCES
from orchestration import deployment, links, steps

END_SECONDS = 30


def serve(seed: int | None, port: int) -> int:
    """Runs until interrupted. A made-up company's vendors answer as long, with a clock that goes."""
    settled = deployment.settle(seed)
    deployment.refuse_bad_settings(settled, SOURCES)
    with lease.hold(settled.home, "prodops ui", name="ui"):
        if settled.seed is not None:
            deployment.start_clock(settled)
        # With no daemon up and no command running, whatever is unfinished is dead.
        with contextlib.suppress(LeaseError), lease.hold(settled.home, "prodops ui"):
            steps.end_dead_runs(of_all=True)
        with deployment.sources_reachable(settled), pages.served(settled.home, (port + 1) % 65_536) as url:
            os.environ[links.PAGES] = url
            # A shell starts background jobs with control-c ignored, children inherit that, and Dagster would then
            # ignore SIGTERM as well: nothing but kill -9 would end them.
            signal.signal(signal.SIGINT, signal.default_int_handler)
            # What it loads stands in pyproject.toml, [tool.dagster].
            command = [sys.executable, "-m", "dagster", "dev", "--host", "127.0.0.1", "--port", str(port)]
            child = subprocess.Popen(command, env=os.environ, cwd=PROJECT)
            signal.signal(signal.SIGTERM, lambda *_: child.send_signal(signal.SIGINT))
            out().print(f"{settled.described}: http://127.0.0.1:{port} (control-c ends it)")
            try:
                return child.wait()
            except KeyboardInterrupt:
                return 0
            finally:
                if child.poll() is None:
                    child.send_signal(signal.SIGINT)
                    child.wait(END_SECONDS)
