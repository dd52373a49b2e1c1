"""What a data team sees and clicks, asked of Dagster's webserver as its pages ask: by GraphQL.

Belongs here: runs under their job, jobs that a person launches, the words of a failure, pages that are linked. Does
not: laws about all assets (tests/test_graph_laws.py), how it looks (docs/screenshots.py).
"""

import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
import requests
from dagster._core.remote_origin import InProcessCodeLocationOrigin
from dagster._core.test_utils import InProcessTestWorkspaceLoadTarget
from dagster._core.types.loadable_target_origin import LoadableTargetOrigin
from dagster._core.workspace.context import WorkspaceProcessContext
from dagster._core.workspace.load_target import PyProjectFileTarget
from dagster_graphql.test.utils import execute_dagster_graphql

from cli import pages
from ingestion.sources import SOURCES
from orchestration import cadence, failures, links, steps, versions
from orchestration.defs import loading
from orchestration.defs.restating import restate
from serving import restatements
from serving.published import folder
from tests.in_process_dbt import parsed_home
from tests.orchestration.conftest import prodops

Ask = Callable[..., Any]
WAITS = restatements.Restatement(
    "mart_arr", "FY26-P03", "insights", "closing_arr", "100", "120", "2026-10-15T06:00:00+00:00"
)
IN_JOB = """
query ($job: String!, $location: String!) {
  pipelineOrError(
    params: {pipelineName: $job, repositoryName: "__repository__", repositoryLocationName: $location}
  ) { ... on Pipeline { description runs(limit: 9) { runId status tags { key value } } } }
}
"""
LAUNCHED = """
query ($job: String!, $location: String!) {
  runConfigSchemaOrError(
    selector: {pipelineName: $job, repositoryName: "__repository__", repositoryLocationName: $location}
  ) {
    ... on RunConfigSchema {
      rootDefaultYaml
      allConfigTypes { ... on CompositeConfigType { fields { name description } } }
    }
  }
}
"""
DOCS = """
query ($key: AssetKeyInput!) {
  assetNodeOrError(assetKey: $key) { ... on AssetNode { metadataEntries { label ... on UrlMetadataEntry { url } } } }
}
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home where the command line loaded a source, and failed to load another for what is in a file."""
    found = parsed_home(tmp_path_factory.mktemp("ui") / "home")
    assert prodops(found, "load", "fx").exit_code == 0
    return found


@pytest.fixture(scope="module")
def refused(home: Path) -> str:
    """What the command line says of a load that failed."""
    with (home / "sandbox" / "company" / "products.csv").open("a") as products:
        products.write("search,Search,modul,commerce,ada,growth,2024-10-01,\n")
    done = prodops(home, "load", "files")
    assert done.exit_code == 2, done.output
    return "\n".join(line.removeprefix("error: ") for line in done.stderr.splitlines() if line.startswith("error: "))


@pytest.fixture(scope="module")
def location() -> str:
    """The name of the code location, as Dagster reads it from pyproject.toml."""
    (origin,) = PyProjectFileTarget(str(versions.ROOT / "pyproject.toml")).create_origins()
    return origin.location_name


@pytest.fixture(scope="module")
def ask(home: Path, location: str) -> Iterator[Ask]:
    """The webserver's answer to a query, with definitions and runs of the home."""
    os.environ.update({"PRODOPS_HOME": str(home), "DAGSTER_HOME": str(home / "dagster"), links.PAGES: "http://pages"})
    target = LoadableTargetOrigin(module_name="orchestration.definitions", working_directory=str(versions.ROOT))
    origin = InProcessCodeLocationOrigin(target, location_name=location)
    with (
        steps.instance() as instance,
        WorkspaceProcessContext(instance, InProcessTestWorkspaceLoadTarget(origin)) as process,
    ):
        context = process.create_request_context()

        def answer(query: str, **variables: Any) -> Any:
            (found,) = execute_dagster_graphql(context, query, variables).data.values()
            return found

        yield answer


def test_a_job_lists_the_runs_of_the_command_line(ask: Ask, location: str, refused: str) -> None:
    """Red means: Jobs -> load says "No runs found" after a run that a person typed."""
    listed = ask(IN_JOB, job="load", location=location)["runs"]
    assert [run["status"] for run in listed] == ["FAILURE", "SUCCESS"]
    assert {"key": "prodops/by", "value": "command line"} in listed[0]["tags"]


def test_a_failure_is_worded_alike_by_command_line_and_ui(home: Path, refused: str) -> None:
    """Red means: what marks a snapshot stale says "Steps failed" where the command line names file, row and value."""
    assert "products.csv" in refused
    assert "modul" in refused
    os.environ.update({"PRODOPS_HOME": str(home), "DAGSTER_HOME": str(home / "dagster")})
    os.environ["PRODOPS_COMPANY"] = str(home / "sandbox" / "company")
    with steps.instance() as instance:
        by_ui = loading.alone(home).resolve_job_def("load_files")
        ended = by_ui.execute_in_process(instance=instance, raise_on_error=False)
        typed, *_ = [run for run in instance.get_runs() if run.tags.get("prodops/by")]
        assert failures.why(instance, ended.run_id) == failures.why(instance, typed.run_id)
        assert failures.why(instance, ended.run_id).first == refused.splitlines()[0]
        assert failures.why(instance, ended.run_id).first == steps.outcome("load_files", ended, 0).errors[0]


@pytest.mark.parametrize(
    ("job", "preset", "documented"),
    [
        ("rebuild", "anew: true", {"anew"}),
        ("resync_jira", "resync: true", {"census", "resync"}),
        ("restate", "periods: []", {"periods"}),
    ],
)
def test_what_a_person_launches_is_set_up_and_says_what_it_does(
    ask: Ask, location: str, job: str, preset: str, documented: set[str]
) -> None:
    """Red means: the launchpad opens empty, or a field of it says nothing of what it does."""
    assert "prodops re" in ask(IN_JOB, job=job, location=location)["description"].replace("load jira --", "")
    schema = ask(LAUNCHED, job=job, location=location)
    fields = [field for kind in schema["allConfigTypes"] for field in kind.get("fields", ())]
    assert documented == {field["name"] for field in fields if field["name"] in documented and field["description"]}
    assert preset in schema["rootDefaultYaml"]


def test_the_weekly_resync_reads_everything_again(home: Path) -> None:
    """Red means: what a cursor missed for ever stays missed, and nobody sees it. A job over partitions, as events have,
    does not give its own config to a run without one."""
    os.environ.update({"PRODOPS_HOME": str(home), "DAGSTER_HOME": str(home / "dagster")})
    found = loading.defs()
    (weekly,) = [one for one in found.schedules if one.name == "full_resync_schedule"]
    (request,) = weekly.evaluate_tick(dg.build_schedule_context()).run_requests
    asked = {op: given["config"] for op, given in request.run_config["ops"].items()}
    everything = {"census": True, "resync": True, "retries": cadence.RETRIES}
    assert asked == {f"land_{name}": everything for name in SOURCES}


def test_a_restatement_is_accepted_from_the_ui_as_from_the_command_line(home: Path) -> None:
    os.environ.update({"PRODOPS_HOME": str(home), "DAGSTER_HOME": str(home / "dagster")})
    with steps.instance() as instance:
        restatements._write(home, [WAITS, replace(WAITS, fiscal_period="FY26-P04")])

        def launched(*periods: str) -> Any:
            config = {"ops": {"accept_restatements": {"config": {"periods": [*periods]}}}}
            return restate.execute_in_process(run_config=config, instance=instance, raise_on_error=False)

        wrong = launched("FY20-P01")
        typed = prodops(home, "restate", "accept", "FY20-P01")
        assert (wrong.success, typed.exit_code) == (False, 2)
        assert typed.stderr.splitlines()[-1] == f"error: {failures.why(instance, wrong.run_id).first}"
        assert launched("FY26-P03").success
        assert [one.fiscal_period for one in restatements.waiting(home)] == ["FY26-P04"]
    assert (folder(home) / restatements.FILE).exists()


@pytest.mark.parametrize(
    ("key", "page"),
    [
        ("jira/issues", "http://pages/dbt_docs/#!/source/source.prodops.jira.issues"),
        ("marts/mart_delivery", "http://pages/dbt_docs/#!/model/model.prodops.mart_delivery"),
    ],
)
def test_assets_link_to_the_pages_about_them(ask: Ask, key: str, page: str) -> None:
    entries = ask(DOCS, key={"path": key.split("/")})["metadataEntries"]
    urls = {entry["label"]: entry["url"] for entry in entries if "url" in entry}
    assert urls == {"dbt docs": page, "Data Docs": "http://pages/data_docs/"}


def test_pages_are_served_where_the_links_lead(home: Path) -> None:
    with pages.served(home, 0) as url:
        assert requests.get(f"{url}/{links.DATA_DOCS}/", timeout=10).text.endswith("are made by: prodops run")
        (home / links.DATA_DOCS / "index.html").write_text("<title>Data Docs</title>")
        page = requests.get(f"{url}/{links.DBT_DOCS}/", timeout=10)
        manifest = requests.get(f"{url}/{links.DBT_DOCS}/manifest.json", timeout=10)
        catalog = requests.get(f"{url}/{links.DBT_DOCS}/catalog.json", timeout=10)
        data_docs = requests.get(f"{url}/{links.DATA_DOCS}/", timeout=10)
        others = requests.get(f"{url}/{links.DATA_DOCS}/../dagster/dagster.yaml", timeout=10)
        with pages.served(home, int(url.rpartition(":")[2])) as another:
            assert another != url, "a port that is taken"
            assert requests.get(f"{another}/{links.DATA_DOCS}/", timeout=10).ok
    assert "dbt" in page.text
    assert "model.prodops.mart_delivery" in manifest.json()["nodes"]
    assert catalog.json()["nodes"] == {}
    assert "Data Docs" in data_docs.text
    assert others.status_code == 404
