"""What lands: without dbt, and of the sources that a company has."""

import os
import subprocess
import sys
from pathlib import Path

import dagster as dg

from ingestion.sources import SOURCES
from orchestration.defs import loading
from tests.environment import without_settings
from tests.orchestration.conftest import prodops

LOAD = """
import sys
from cli.main import main
if __name__ == "__main__":
    try:
        main(["load", "fx"])
    finally:
        imported = {name.partition(".")[0] for name in sys.modules}
        print("imported:", *sorted(imported & {"dagster", "dagster_dbt", "dbt"}))
"""


def test_a_load_neither_imports_dbt_nor_parses_its_project(tmp_path: Path) -> None:
    (tmp_path / "load.py").write_text(LOAD)
    done = subprocess.run(
        [sys.executable, str(tmp_path / "load.py")],
        env={
            **without_settings(),
            "PRODOPS_HOME": str(tmp_path / "home"),
            "PRODOPS_SCALE": "tiny",
            "PYTHONPATH": os.getcwd(),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "fx/rates" in done.stdout
    assert done.stdout.splitlines()[-1] == "imported: dagster"
    assert not (tmp_path / "home/dbt/manifest.json").exists()


JIRA = {"BASE_URL": "https://example.atlassian.net", "EMAIL": "ops@example.com", "API_TOKEN": "none"}


def test_a_source_that_is_off_is_never_materialized_and_says_how_to_switch_it_on(tmp_path: Path) -> None:
    """A failure here shows a source that nobody has as loaded, fresh and without rows."""
    settings = {f"SOURCES__JIRA__{name}": value for name, value in JIRA.items()}
    asked = prodops(tmp_path, "load", "stripe", **settings)
    assert asked.exit_code == 2
    assert "stripe: off; to switch it on: SOURCES__STRIPE__API_KEY: missing; set it in the environment" in asked.stderr
    definitions = loading.alone(tmp_path)
    graph = definitions.resolve_asset_graph()
    assert {key.path[0] for key in graph.materializable_asset_keys} == {"jira"}
    assert {key.path[0] for key in graph.get_all_asset_keys()} >= {*SOURCES}
    invoices = graph.get(dg.AssetKey(["stripe", "invoices"]))
    assert (invoices.description or "").startswith("stripe is off; to switch it on: SOURCES__STRIPE__API_KEY: missing")
    assert invoices.freshness_policy is None
    jobs = {job.name for job in definitions.resolve_all_job_defs() if job.name.startswith("load")}
    assert jobs == {"load", "load_jira"}
    steps = {node.name for node in definitions.resolve_job_def("full_resync").nodes}
    assert steps == {"land_jira", "jira__issues_newest_data_is_not_late"}
    schedules = {one.name for one in definitions.get_repository_def().schedule_defs}
    assert schedules == {"load_hourly", "census", "full_resync_schedule"}
