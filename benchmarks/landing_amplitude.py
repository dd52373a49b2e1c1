"""How much more than a plain copy does landing Amplitude cost, and does a refresh follow what is new?

Measures, in one run on one machine: the whole load of 1 M and 5 M events of about 2 KB with 54 keys over HTTP, against
DuckDB copying the same gz members from disk straight to zstd Parquet, in wall time and peak memory; 100,000 events with
3,000 property names; a refresh after one more day at one history and at ten times it. Goals: 1.5 times the copy in
700 MiB; 500 MiB with the names; 1.2 times between the histories.

Run: ``python -m benchmarks.landing_amplitude [--days N] [--more N]``. Writes benchmarks/results/landing_amplitude.json.
"""

import argparse
import json
import statistics
import tempfile
from datetime import timedelta
from pathlib import Path
from typing import Any

from benchmarks import amplitude_site
from benchmarks.processes import LOAD, advance, measured, served
from benchmarks.results import write

COPY = """
import json, resource, sys, time
import duckdb
begun = time.perf_counter()
duckdb.execute(f"set preserve_insertion_order = false")
duckdb.execute(f"copy (select * from read_ndjson%s({json.loads(sys.argv[1])!r}))"
    f" to '{sys.argv[2]}' (format parquet, compression zstd)")
print(json.dumps({"seconds": time.perf_counter() - begun,
    "mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))
"""
REFRESHES = 3


def copied(folder: Path, days: int) -> dict[str, Any]:
    """DuckDB's copy of the members of the first days: every key as a column, and as text."""
    ends = amplitude_site.FIRST + timedelta(days=days)
    members = [str(path) for path in sorted(folder.glob("*.json.gz")) if path.name.split("_")[1] < ends.isoformat()]
    target = folder / "copy.parquet"
    found: dict[str, Any] = {}
    for kind, reader in (("columns", ""), ("text", "_objects")):
        found[kind] = measured(COPY % reader, json.dumps(members), str(target))
        found[kind]["parquet_mib"] = target.stat().st_size / 2**20
        target.unlink()
    return found


def settings(home: Path, url: str) -> dict[str, str]:
    return {
        "PRODOPS_HOME": str(home),
        "SOURCES__AMPLITUDE__BASE_URL": url,
        "SOURCES__AMPLITUDE__PROJECTS": json.dumps(
            [{"id": amplitude_site.PROJECT, "api_key": "bench", "secret_key": "bench"}]
        ),
        "SOURCES__AMPLITUDE__START": amplitude_site.FIRST.isoformat(),
    }


def clock(days: int) -> dict[str, str]:
    """The time at which the last hour of so many days can be exported."""
    return {"PRODOPS_NOW": f"{amplitude_site.FIRST + timedelta(days=days)}T02:00:00Z"}


def landed(folder: Path, home: Path, days: int, refreshes: int = REFRESHES) -> dict[str, Any]:
    """The first load of so many days, then the median of refreshes, each after one more day."""
    with served("benchmarks.amplitude_site", str(folder), str(days)) as url:
        given = settings(home, url)
        result: dict[str, Any] = {"first": measured(LOAD, "amplitude", "hourly", **given, **clock(days))}
        again = []
        for number in range(1, refreshes + 1):
            advance(url, days=1)
            again.append(measured(LOAD, "amplitude", "hourly", **given, **clock(days + number)))
    if again:
        result["refresh"] = {key: statistics.median(one[key] for one in again) for key in again[0]}
    result["parquet_mib"] = sum(file.stat().st_size for file in home.rglob("*.parquet")) / 2**20
    for answer in folder.glob("answer-*.zip"):
        answer.unlink()
    return result


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--days", type=int, default=10, help="days of 100,000 events of the shorter history")
    arguments.add_argument("--more", type=int, default=50, help="days of the longer history, 0 to leave it")
    asked = arguments.parse_args()
    with tempfile.TemporaryDirectory(prefix="prodops-bench-") as scratch:
        root = Path(scratch)
        result: dict[str, Any] = {}
        for days in filter(None, (asked.days, asked.more)):
            events = f"{days * amplitude_site.PER_DAY:,}"
            amplitude_site.write_days(root / "members", days + REFRESHES)
            copy, land = copied(root / "members", days), landed(root / "members", root / f"home-{days}", days)
            result |= {
                f"{events} copy": copy,
                f"{events} land": land,
                f"{events} wall_ratio_to_copy": land["first"]["seconds"] / copy["columns"]["seconds"],
                f"{events} wall_ratio_to_text_copy": land["first"]["seconds"] / copy["text"]["seconds"],
                f"{events} peak_mib": land["first"]["mib"],
            }
        if asked.more:
            short = landed(root / "members", root / "home-short", asked.more // 10)
            longer = result[f"{asked.more * amplitude_site.PER_DAY:,} land"]
            result |= {
                f"{asked.more // 10} days": short,
                "refresh_ratio_at_ten_times_the_history": longer["refresh"]["seconds"] / short["refresh"]["seconds"],
            }
        amplitude_site.write_days(root / "wide", 1, names=3_000)
        wide = landed(root / "wide", root / "home-wide", 1, refreshes=0)
        result |= {"3,000 names": wide, "3,000 names peak_mib": wide["first"]["mib"]}
    write("landing_amplitude", result)


if __name__ == "__main__":
    main()
