"""What does dbt add to the SQL of revenue, and what does one more month cost with a long history?

Measures, in one run on one machine:
- ``dbt build`` of the revenue domain (models and data tests of both layers) at scale medium of the made-up company,
  against the same compiled SQL, run in the same order by DuckDB alone on a copy of the same warehouse;
- ``dbt build`` of billing's staging and that domain after one more month has landed, with 12 and with 60 months of
  history and equally many contracts in each month.

Run: ``python -m benchmarks.revenue [--contracts N] [--scale S]``. Writes benchmarks/results/revenue.json.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks import billing_history
from benchmarks.processes import measured
from benchmarks.results import write
from ingestion.landing import Landing
from ingestion.sources import SOURCES, LoadOptions, load_source
from sandbox import files, server, vendors
from sandbox.company import DEFAULT_NOW, Company

PROJECT = Path(__file__).parents[1] / "dbt_project"
WITHOUT_TESTS = ("--resource-type", "model", "--resource-type", "seed")
REVENUE = ("path:models/intermediate/revenue", "path:models/marts/revenue")
DOMAIN = ("--exclude-resource-type", "unit_test", "--select", *REVENUE)
NEEDED = ("files", "fx", "stripe", "quickbooks")

BUILD = """
import json, sys, time
from dbt.cli.main import dbtRunner
project, home, *flags = sys.argv[1:]
places = ["--project-dir", project, "--profiles-dir", project]
places += ["--target-path", f"{home}/dbt", "--log-path", f"{home}/logs"]
begun = time.perf_counter()
done = dbtRunner().invoke(["build", *places, "--quiet", *flags])
if not done.success:
    wrong = [(one.node.name, one.message) for one in done.result or () if one.status not in ("success", "pass")]
    sys.exit(str(done.exception or wrong))
print(json.dumps({"seconds": time.perf_counter() - begun, "nodes": len(done.result.results)}))
"""
RAW = """
import json, sys, time
import duckdb
home = sys.argv[1]
nodes = json.load(open(f"{home}/nodes.json"))
begun = time.perf_counter()
warehouse = duckdb.connect(f"{home}/warehouse.duckdb", config={"temp_directory": f"{home}/restricted/spill"})
warehouse.execute(f"attach '{home}/restricted/people.duckdb' as restricted")
warehouse.execute("set TimeZone = 'UTC'")
for node in nodes:
    if node["kind"] == "test":
        warehouse.execute(f"select count(*) from ({node['sql']})").fetchall()
    else:
        warehouse.execute(f"create or replace {node['kind']} {node['name']} as {node['sql']}")
print(json.dumps({"seconds": time.perf_counter() - begun, "nodes": len(nodes)}))
"""


def build(home: Path, *flags: str) -> dict[str, float]:
    for folder in ("restricted/spill", "logs"):
        (home / folder).mkdir(parents=True, exist_ok=True)
    return measured(BUILD, str(PROJECT), str(home), *flags, PRODOPS_HOME=str(home))


def raw(home: Path) -> dict[str, float]:
    """The SQL that dbt compiled and ran last, in its order, without dbt."""
    results = json.loads((home / "dbt" / "run_results.json").read_text())["results"]
    known = json.loads((home / "dbt" / "manifest.json").read_text())["nodes"]
    nodes = []
    for result in results:
        node = known[result["unique_id"]]
        if node["resource_type"] == "operation":  # the ledgers of loads built, which staging keeps
            continue
        kind = "test" if node["resource_type"] == "test" else node["config"]["materialized"]
        nodes.append({"kind": kind, "name": result["relation_name"], "sql": result["compiled_code"]})
    (home / "nodes.json").write_text(json.dumps(nodes))
    return measured(RAW, str(home))


def against_raw(home: Path, scale: str) -> dict[str, object]:
    """The made-up company at a scale: what is upstream is built before, and both times a copy is built on."""
    company = Company(1, scale)
    application = server.app(company, now=DEFAULT_NOW)
    files.write(company, home / "company", DEFAULT_NOW)
    with server.serve_in_thread(application) as url:
        places = {"PRODOPS_HOME": str(home), "PRODOPS_COMPANY": str(home / "company"), "PRODOPS_NOW": DEFAULT_NOW}
        os.environ |= {**places, **vendors.settings(url, home / "company")}
        for source in NEEDED:
            load_source(source, LoadOptions(), lambda landed: None)
    for name in SOURCES.keys() - set(NEEDED):
        Landing(name, SOURCES[name].streams).close()
    build(home, *WITHOUT_TESTS)
    by_dbt = build(home, *DOMAIN)
    copy = home.with_name(f"{home.name}-copy")
    shutil.copytree(home, copy, ignore=shutil.ignore_patterns("landing", "company"))
    alone = raw(copy)
    return {"scale": scale, "dbt": by_dbt, "raw": alone, "ratio_to_raw": round(by_dbt["seconds"] / alone["seconds"], 3)}


def one_more_month(home: Path, contracts: int, months: int) -> dict[str, float]:
    """Seconds that a month more costs after so many."""
    billing_history.write_files(home / "company", contracts, months)
    script = "import sys; from benchmarks import billing_history as b; {}"
    given = {"PRODOPS_HOME": str(home), "PRODOPS_COMPANY": str(home / "company")}

    def run(what: str, month: int) -> None:
        now = f"{billing_history.FIRST_YEAR + month // 12}-{month % 12 + 1:02d}-01T00:00:00Z"
        clean = {name: value for name, value in os.environ.items() if not name.startswith(("SOURCES__", "PRODOPS_"))}
        environment = {**clean, **given, "PRODOPS_NOW": now}
        subprocess.run([sys.executable, "-c", script.format(what)], env=environment, check=True)

    run(f"b.land_company(); b.land({contracts}, 0, {months})", months)
    first = build(home, *WITHOUT_TESTS)
    run(f"b.land({contracts}, {months}, {months + 1})", months + 1)
    refresh = build(home, *DOMAIN, "path:models/staging/stripe")
    return {"first": first["seconds"], "refresh": refresh["seconds"]}


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--scale", default="medium")
    arguments.add_argument("--contracts", type=int, default=1_000, help="that run in each month")
    asked = arguments.parse_args()
    with tempfile.TemporaryDirectory(prefix="prodops-bench-") as scratch:
        root = Path(scratch)
        short, long = (one_more_month(root / str(months), asked.contracts, months) for months in (12, 60))
        figures: dict[str, object] = {
            "contracts": asked.contracts,
            "after_12_months": short,
            "after_60_months": long,
            "refresh_ratio_60_to_12": round(long["refresh"] / short["refresh"], 3),
        }
        figures["medium"] = against_raw(root / "medium", asked.scale)
        write("revenue", figures)


if __name__ == "__main__":
    main()
