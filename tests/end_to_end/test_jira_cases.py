"""Work as other companies' Jira shows it: each case of tests/cases/jira is served, loaded and built, and what teams
finished is what the case says.

The cases were written by hand after vendors' documents and public reports; no figure in them comes from a rule of ours.
Belongs here: serving them all as one site, whose language is German, at two loads. Does not: the made-up company
(test_company_2.py).
A failure means that a company with such a site publishes a wrong throughput.
"""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from ingestion.sources import LoadOptions, load_source
from tests.environment import environment_kept
from tests.in_process_dbt import build_models
from tests.ingestion.file_packages import written_by
from tests.ingestion.sources import company_folder as files
from tests.ingestion.sources.jira_records import KEYS, JiraRecords

CASES = {path.stem: json.loads(path.read_text()) for path in (Path(__file__).parents[1] / "cases/jira").glob("*.json")}
CONTROLS = "int_delivery_controls_compared"
COUNTS = ("issues_done", "bugs_done", "throughput", "issues_in_progress", "wip", "issues_reopened", "cycle_n", "lead_n")
HOURS = ("cycle_median_hours", "cycle_p85_hours", "lead_median_hours", "lead_p85_hours")
SINCE = "2016-01-01"
Cell = dict[str, float | None]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All cases at once, landed and built twice: what changed between the two loads restates what was built before."""
    home = tmp_path_factory.mktemp("jira_cases") / "home"
    with environment_kept(), written_by("files"), pytest.MonkeyPatch.context() as environment:
        for _ in loads(home, environment):
            histories = "int_issue_histories_checked"
            build_models(home, "--select", "+mart_delivery", f"+{CONTROLS}", f"+{histories}")
    return home


def load(home: Path, environment: pytest.MonkeyPatch) -> None:
    """Both loads."""
    for _ in loads(home, environment):
        pass


def loads(home: Path, environment: pytest.MonkeyPatch) -> Iterator[str]:
    """Lands the site as it was and as it is, with a stop after each."""
    (zone,) = {case["company"]["reporting_time_zone"] for case in CASES.values()}
    site = JiraRecords(home, environment, zone)
    write_files(home / "company", zone)
    os.environ["PRODOPS_COMPANY"] = str(home / "company")
    earlier = [case["before"] for case in CASES.values() if "before" in case]
    for now, is_before in (max(one["now"] for one in earlier), True), (max(c["now"] for c in CASES.values()), False):
        site.now, site.records = now, {stream: {} for stream in KEYS}
        for case in CASES.values():
            site.put(case["objects"] | (case.get("before", {}).get("objects", {}) if is_before else {}))
        site.load()
        load_source("files", LoadOptions(), lambda landed: None)
        yield now


def write_files(folder: Path, zone: str) -> None:
    def write(name: str, header: str, *rows: str) -> None:
        (folder / name).write_text("\n".join([header, *rows]) + "\n")

    def rule(given: dict[str, Any]) -> str:
        span = f"{given.get('valid_from', SINCE)},{given.get('valid_to', '')}"
        match, weight = given.get("match", "exact"), given.get("weight", 1)
        return f"jira,{given['object_type']},{given['key']},{match},{given['product_id']},{weight},{span},"

    folder.mkdir(parents=True)
    companies = [case["company"] for case in CASES.values()]
    write("policy.yml", f"reporting_time_zone: {zone}", "reporting_currency: EUR")
    products = [product for company in companies for product in company["products"]]
    write("products.csv", files.PRODUCT, *(f"{one},{one},product,,,,{SINCE}," for one in products))
    write("product_map.csv", files.MAP, *(rule(one) for company in companies for one in company["product_map"]))
    write("teams.csv", files.TEAM, f"T-A,A,stream,engineering,,{SINCE},")


@pytest.fixture(scope="module")
def figures(home: Path) -> dict[tuple[str, str], Cell]:
    """The figures of the mart by product and week, summed over teams, and by product over all weeks."""
    columns = ", ".join(f"{name}::double" for name in COUNTS + HOURS)
    with duckdb.connect(str(home / "warehouse.duckdb"), read_only=True) as warehouse:
        rows = warehouse.execute(
            f"select product_id, week_start_date::varchar, {columns} from marts.mart_delivery"
        ).fetchall()
    found: dict[tuple[str, str], Cell] = {}
    for product, week, *values in rows:
        for place in (product, week), (product, "total"):
            cell = found.setdefault(place, dict.fromkeys(COUNTS, 0.0) | dict.fromkeys(HOURS))
            for name, value in zip(COUNTS + HOURS, values, strict=True):
                before = cell[name]
                cell[name] = (before or 0) + value if name in COUNTS else before if value is None else value
    return found


@pytest.mark.parametrize("name", sorted(CASES))
def test_delivery_of_a_site_that_is_not_ours_is_right(figures: dict[tuple[str, str], Cell], name: str) -> None:
    expected, differences = CASES[name]["expect"], []
    judged = [
        (product, week, right)
        for product, weeks in expected.get("mart_delivery", {}).items()
        for week, right in weeks.items()
    ]
    judged += [(product, "total", right) for product, right in expected.get("total", {}).items()]
    nothing: Cell = dict.fromkeys(COUNTS, 0.0) | dict.fromkeys(HOURS)
    for product, week, cell in judged:
        for figure, value in cell.items():
            right = value if isinstance(value, list) else [value]
            found = figures.get((product, week), nothing)[figure]
            if found not in [one if one is None else pytest.approx(one, abs=1e-6) for one in right]:
                differences.append(f"{product} {week} {figure}: {found} instead of {value}")
    assert judged, "a case that expects nothing"
    assert not differences, CASES[name]["what"]


def test_what_issues_say_themselves_agrees_with_the_history_of_every_case(home: Path) -> None:
    """A control that is red where the figures are right would be switched off, and then protect nobody."""
    with duckdb.connect(str(home / "warehouse.duckdb"), read_only=True) as warehouse:
        compared = warehouse.execute(f"select * from intermediate.{CONTROLS}").fetchall()
    assert [row for row in compared if not row[-1]] == []
    issues = {issue["key"] for case in CASES.values() for issue in case["objects"]["issues"]}
    assert len(issues) > 30
    assert issues <= {key for control, key, *_ in compared if control == "issue_projects"}


def test_what_a_changelog_lacks_is_counted_by_field(home: Path) -> None:
    with duckdb.connect(str(home / "warehouse.duckdb"), read_only=True) as warehouse:
        query = "select metric_id, numerator from intermediate.int_issue_histories_checked"
        counted = dict(warehouse.execute(query).fetchall())
        reconciled = "intermediate.int_issue_fields_ranged join staging.stg_jira__issues using (issue_id)"
        query = f"select distinct issue_key, field from {reconciled} where is_reconciled"
        found = set(warehouse.execute(query).fetchall())
    assert {("JXB-1", "status"), ("JXC-1", "status"), ("JXD-3", "epic")} <= found
    assert counted["reconciled_epics"] == len([field for _, field in found if field == "epic"])
