"""prodops service: Dagster's webserver and daemon, each as a service of a machine starts it.

Belongs here: settling the company in front of them, one daemon a home. Does not: both together for a person at a desk
(ui.py), the units of systemd (deploy/).
"""

import contextlib
import os
import signal
import subprocess
import sys
from pathlib import Path

from ingestion import lease
from ingestion.errors import LeaseError
from ingestion.home import PROJECT
from ingestion.sources import SOURCES
from orchestration import deployment, steps

PROGRAMS = Path(sys.executable).parent


def webserver(port: int, *, read_only: bool) -> None:
    """Becomes Dagster's webserver, on this machine only: it knows no users, so what stands in front of it must."""
    deployment.settle()
    os.chdir(PROJECT)  # what it loads stands in pyproject.toml, [tool.dagster]
    command = ["dagster-webserver", "--host", "127.0.0.1", "--port", str(port), *(["--read-only"] if read_only else [])]
    os.execv(PROGRAMS / command[0], command)


def daemon() -> int:
    """Runs schedules, sensors and the runs that they ask for, until it is ended."""
    settled = deployment.settle()
    deployment.refuse_bad_settings(settled, SOURCES)
    with lease.hold(settled.home, "prodops service daemon", name="ui"):
        # With no daemon up and no command running, whatever is unfinished is dead.
        with contextlib.suppress(LeaseError), lease.hold(settled.home, "prodops service daemon"):
            steps.end_dead_runs(of_all=True)
        with deployment.sources_reachable(settled):
            child = subprocess.Popen([PROGRAMS / "dagster-daemon", "run"], cwd=PROJECT)
            for end in (signal.SIGTERM, signal.SIGINT):
                signal.signal(end, lambda *_: child.send_signal(signal.SIGINT))
            return child.wait()
