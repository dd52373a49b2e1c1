"""How much more than a plain copy does landing Jira cost, and does a refresh follow what is new?

Measures, in one run on one machine: the whole load of 100 k issues of about 10 KB with five histories each over HTTP,
against DuckDB copying the same records from a file on disk to Parquet, in wall time and peak memory; then a refresh
after one more day at that history and at ten times it. Goals: 2.5 times the copy; 1.2 times between the histories.

Run: ``python -m benchmarks.landing_jira [--issues N] [--tenfold N]``. Writes benchmarks/results/landing_jira.json.
"""

import argparse
import statistics
import tempfile
from pathlib import Path

from benchmarks import jira_site
from benchmarks.processes import LOAD, advance, measured, served
from benchmarks.results import write

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
    with served("benchmarks.jira_site", str(issues)) as url:
        settings = {
            "PRODOPS_HOME": str(folder),
            "SOURCES__JIRA__BASE_URL": url,
            "SOURCES__JIRA__EMAIL": "bench@example.com",
            "SOURCES__JIRA__API_TOKEN": "bench",
            # a cursor is never ahead of the clock, and a thousand days of made-up history end in 2028
            "PRODOPS_NOW": "2030-01-01T00:00:00Z",
        }
        first = measured(LOAD, "jira", "hourly", **settings)
        refreshes = []
        for _ in range(3):
            advance(url, days=1)
            refreshes.append(measured(LOAD, "jira", "hourly", **settings))
        with_census = measured(LOAD, "jira", "census", **settings)
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
