"""Processes that a benchmark measures, and sites that they read.

Belongs here: what every landing benchmark does the same way. Does not: what is measured.
"""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

LOAD = """
import json, resource, sys, time
from ingestion.sources import LoadOptions, load_source
begun = time.perf_counter()
landed = load_source(sys.argv[1], LoadOptions(census=sys.argv[2] == "census"), lambda landed: None)
print(json.dumps({"seconds": time.perf_counter() - begun, "rows": sum(one.landed for one in landed),
    "mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))
"""


def measured(script: str, *arguments: str, **environment: str) -> dict[str, float]:
    """Runs a script in a process of its own and returns what it says it took."""
    done = subprocess.run(
        [sys.executable, "-c", script, *arguments],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(done.stderr)
    return dict(json.loads(done.stdout.splitlines()[-1]))


@contextmanager
def served(module: str, *arguments: str) -> Iterator[str]:
    """A site in a process of its own: ``python -m <module> <port> <arguments>``; gives its url once it answers."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = subprocess.Popen([sys.executable, "-m", module, str(port), *arguments])
    url = f"http://127.0.0.1:{port}"
    try:
        while server.poll() is None:
            time.sleep(0.1)
            try:
                urllib.request.urlopen(f"{url}/_bench/ready").close()
                break
            except OSError:
                continue
        yield url
    finally:
        server.terminate()
        server.wait()


def advance(url: str, days: int) -> None:
    """Lets a site's time go on."""
    urllib.request.urlopen(urllib.request.Request(f"{url}/_bench/advance?days={days}", method="POST")).close()
