"""How much more than a plain copy does landing Jira cost, and does a refresh follow what is new?

Measures, in one run on one machine: the whole load of 100 k issues of about 10 KB with five histories each over HTTP,
against DuckDB copying the same records from a file on disk to Parquet, in wall time and peak memory; then a refresh
after one more day at that history and at ten times it. Goals: 2.5 times the copy; 1.2 times between the histories.

Run: ``python -m benchmarks.landing_jira [--issues N] [--tenfold N]``. Writes benchmarks/results/landing_jira.json.
"""

import argparse
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks import jira_site
from benchmarks.results import write

LOAD = """
import json, resource, time
from ingestion.sources import LoadOptions, load_source
begun = time.perf_counter()
landed = load_source("jira", LoadOptions(census=%s), lambda landed: None)
print(json.dumps({"seconds": time.perf_counter() - begun, "rows": sum(one.landed for one in landed),
    "mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))
"""
COPY = """
import json, resource, sys, time
import duckdb
begun = time.perf_counter()
for name in ("issues", "histories"):
    source, target = (f"{sys.argv[1]}/{name}.{ending}" for ending in ("ndjson", "parquet"))
    duckdb.execute(f"copy (select * from read_ndjson%s('{source}')) to '{target}'")
print(json.dumps({"seconds": time.perf_counter() - begun,
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
def served(issues: int) -> Iterator[str]:
    """The site in a process of its own."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = subprocess.Popen([sys.executable, "-m", "benchmarks.jira_site", str(issues), str(port)])
    url = f"http://127.0.0.1:{port}"
    try:
        for _ in range(200):
            time.sleep(0.1)
            try:
                urllib.request.urlopen(f"{url}/rest/api/3/myself").close()
                break
            except OSError:
                continue
        yield url
    finally:
        server.terminate()
        server.wait()


def copied(issues: int, folder: Path) -> dict[str, dict[str, float]]:
    """DuckDB's copy of the same records: as text, and with the types it finds."""
    with (folder / "issues.ndjson").open("w") as lines, (folder / "histories.ndjson").open("w") as more:
        for number in range(issues):
            print(jira_site.issue(number), file=lines)
            print("\n".join(jira_site.histories(number)), file=more)
    result = {"text": measured(COPY % "_objects", str(folder)), "typed": measured(COPY % "", str(folder))}
    result["text"]["json_mib"] = sum(file.stat().st_size for file in folder.glob("*.ndjson")) / 2**20
    for file in folder.iterdir():
        file.unlink()
    return result


def landed(issues: int, folder: Path) -> dict[str, dict[str, float]]:
    """The first load of a history, then the median of three refreshes, each after one more day."""
    with served(issues) as url:
        settings = {
            "PRODOPS_HOME": str(folder),
            "SOURCES__JIRA__BASE_URL": url,
            "SOURCES__JIRA__EMAIL": "bench@example.com",
            "SOURCES__JIRA__API_TOKEN": "bench",
            # a cursor is never ahead of the clock, and a thousand days of made-up history end in 2028
            "PRODOPS_NOW": "2030-01-01T00:00:00Z",
        }
        first = measured(LOAD % "False", **settings)
        refreshes = []
        for _ in range(3):
            urllib.request.urlopen(urllib.request.Request(f"{url}/_bench/advance?days=1", method="POST")).close()
            refreshes.append(measured(LOAD % "False", **settings))
        with_census = measured(LOAD % "True", **settings)
    middle = {key: statistics.median(refresh[key] for refresh in refreshes) for key in refreshes[0]}
    return {"first": first, "refresh": middle, "census": with_census}


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--issues", type=int, default=100_000)
    arguments.add_argument("--tenfold", type=int, default=1_000_000, help="issues of the longer history, 0 to leave it")
    asked = arguments.parse_args()
    with tempfile.TemporaryDirectory(prefix="prodops-bench-") as folder:
        root = Path(folder)
        copy = copied(asked.issues, root)
        once = landed(asked.issues, root / "once")
        result: dict[str, object] = {
            "issues": asked.issues,
            "copy": copy,
            "land": once,
            "wall_ratio_to_text_copy": once["first"]["seconds"] / copy["text"]["seconds"],
            "wall_ratio_to_typed_copy": once["first"]["seconds"] / copy["typed"]["seconds"],
            "memory_ratio_to_text_copy": once["first"]["mib"] / copy["text"]["mib"],
        }
        if asked.tenfold:
            tenfold = landed(asked.tenfold, root / "tenfold")
            result |= {
                "tenfold_issues": asked.tenfold,
                "tenfold": tenfold,
                "refresh_ratio": tenfold["refresh"]["seconds"] / once["refresh"]["seconds"],
                "census_ratio": tenfold["census"]["seconds"] / once["census"]["seconds"],
            }
    write("landing_jira", result)


if __name__ == "__main__":
    main()
