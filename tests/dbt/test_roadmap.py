"""What was promised and what came of it, by the SQL of the models themselves: cases of tests/cases/goals (g21, g23), on
rows that say what the case says.

Belongs here: which date of a fix version is a promise, how late it is, what of a promise is there. Does not: effects
(tests/planning/test_effects.py), the made-up company (tests/end_to_end).
A failure means that a company whose plans move sees a wrong promise kept or broken.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests import in_process_dbt
from tests.dbt.conftest import Warehouse

CASES = {
    name: json.loads(next((Path(__file__).parents[1] / "cases/goals").glob(f"{name}-*.json")).read_text())
    for name in ("g21", "g23")
}
MODELS = ("int_promises_collected", "mart_roadmap_outcome")
GIVEN = {
    "staging.stg_jira__issues": "issue_id text, issue_key text, summary text, created_at timestamp, is_epic boolean, "
    "hierarchy_level int",
    "staging.stg_jira__fix_versions": "issue_id text, version_id text, release_date date, read_at timestamp",
    "staging.stg_jira__changelog_items": "issue_id text, changed_at timestamp, history_number bigint, "
    "item_number bigint, field_id text, field_name text, from_value text, to_value text",
    "staging.stg_files__promises": "work_item_key text, promise_id text, metric text, product_id text, "
    "feature_id text, promised_size decimal(18, 6), size_kind text, promised_date date, registered_at timestamp",
    "staging.stg_files__read_days": "read_date date",
    "staging.stg_forecasts__effect_estimates": "promise_id text, reason text, launched_date date, account_groups text, "
    "accounts bigint, exposed_accounts bigint, adopting_accounts bigint, compared_exposed bigint, "
    "compared_control bigint, effect double, low double, high double, beyond_own_trend double",
    "intermediate.int_epic_keys_collected": "epic_id text, epic_key text",
    "intermediate.int_issue_statuses_ranged": "issue_id text, change_number bigint, status_category text, "
    "valid_from timestamp, is_current boolean, is_undated boolean",
    "intermediate.int_issue_epics_ranged": "issue_id text, epic_id text, valid_from timestamp, valid_to timestamp",
    "intermediate.int_work_items_flowed": "issue_id text, first_started_at timestamp, done_first_at timestamp",
    "intermediate.int_work_kinds_resolved": "issue_id text, is_goal boolean",
    "intermediate.int_jira_clocks_read": "data_as_of timestamp, loaded_at timestamp",
    "intermediate.int_files_clocks_read": "data_as_of timestamp, loaded_at timestamp",
    "intermediate.int_policies_read": "reporting_time_zone text, ratio_min_n bigint",
    "marts.mart_epic_cost": "epic_id text, initiative_id text, cost decimal(38, 4), currency text",
    "marts.dim_product": "product_id text, product_name text, product_level text",
}
Row = dict[str, Any]


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, str]:
    warehouse = Warehouse(tmp_path_factory.mktemp("roadmap") / "home")
    done = in_process_dbt.dbt(warehouse.home, "compile", "--select", *MODELS)
    assert done.exception is None
    return {one.node.name: one.node.compiled_code for one in done.result if one.node.name in MODELS}


def outcomes(models: Mapping[str, str], given: Mapping[str, Sequence[Row]]) -> dict[tuple[str, str], Row]:
    """The rows of the mart by item and promise."""
    clocks = [{"data_as_of": "2026-06-01", "loaded_at": "2026-06-01"}]
    always = {
        "intermediate.int_policies_read": [{"reporting_time_zone": "UTC", "ratio_min_n": 3}],
        "intermediate.int_jira_clocks_read": clocks,
        "intermediate.int_files_clocks_read": clocks,
    }
    with duckdb.connect() as connection:
        connection.execute("attach ':memory:' as warehouse; use warehouse")
        connection.execute("create schema staging; create schema intermediate; create schema marts")
        for name, columns in GIVEN.items():
            connection.execute(f"create table {name} ({columns})")
            for row in (always | dict(given)).get(name, ()):
                places = ", ".join("?" * len(row))
                connection.execute(f"insert into {name} ({', '.join(row)}) values ({places})", [*row.values()])
        connection.execute(f"create table intermediate.int_promises_collected as {models['int_promises_collected']}")
        found = connection.execute(models["mart_roadmap_outcome"]).to_arrow_table().to_pylist()
    return {(row["item_key"], row["promise_id"]): row for row in found}


def epic(name: str, started: str, done: str | None) -> dict[str, list[Row]]:
    """An epic and its steps."""
    steps = [("new", "2026-01-01"), ("indeterminate", started), *([("done", done)] if done else [])]
    return {
        "staging.stg_jira__issues": [
            {"issue_id": name, "issue_key": name, "created_at": "2026-01-01", "is_epic": True, "hierarchy_level": 1}
        ],
        "intermediate.int_epic_keys_collected": [{"epic_id": name, "epic_key": name}],
        "intermediate.int_issue_statuses_ranged": [
            {
                "issue_id": name,
                "change_number": n,
                "status_category": step,
                "valid_from": at,
                "is_current": step is last,
            }
            for last in [steps[-1][0]]
            for n, (step, at) in enumerate(steps)
        ],
    }


def moved(name: str, at: str, before: str | None, after: str | None) -> Row:
    place = {"issue_id": name, "changed_at": at, "history_number": int(at.replace("-", "")), "item_number": 0}
    return place | {"field_id": "fixVersions", "field_name": "Fix Version", "from_value": before, "to_value": after}


def test_g23_a_promise_is_the_date_that_stood_when_work_began(models: Mapping[str, str]) -> None:
    case, right = CASES["g23"]["input"], CASES["g23"]["right"]
    version, given = "2026.1", dict[str, list[Row]]()
    given["staging.stg_files__read_days"] = [{"read_date": case["now"]}]
    for name, known in case["epics"].items():
        stays = known.get(f"fixVersion {version} since") or known[f"fixVersion {version}"]
        since, _, rest = stays.partition(" to ")
        until = rest[:10] if rest else None
        moves = [moved(name, since, None, version)]
        moves += [moved(name, until, version, None), moved(name, until, None, "2026.2")] if until else []
        shown = [
            {
                "issue_id": name,
                "version_id": version,
                "release_date": one["releaseDate"],
                # An epic in it says what the version says; what was read before it came in, other issues say.
                "read_at": one["loaded"],
            }
            for one in case[f"version {version} as landed"]
            if until is None or one["loaded"] < until
        ]
        for table, rows in epic(name, known["started"], known["done"]).items():
            given.setdefault(table, []).extend(rows)
        given.setdefault("staging.stg_jira__changelog_items", []).extend(moves)
        given.setdefault("staging.stg_jira__fix_versions", []).extend(shown)
    found = {item: row for (item, _), row in outcomes(models, given).items()}
    assert found.keys() == right.keys()
    for name, wanted in right.items():
        row = found[name]
        assert str(row["promised_date"]) == str(wanted["promised"]), name
        assert row["promise_reason"] == wanted.get("reason"), name
        assert row["days_late"] == (int(wanted["days late"]) if "days late" in wanted else None), name
        assert row["days_late_so_far"] == (int(wanted["days late so far"]) if "days late so far" in wanted else None)
    assert found["P"]["days_late_against_current"] == int(right["P"]["against the date of 2026-05-14"])


def test_g21_what_is_realised_is_the_effect_on_those_who_have_it_of_the_promise_for_all(
    models: Mapping[str, str],
) -> None:
    case, right = CASES["g21"]["input"], CASES["g21"]["right"]
    exposed, rest = case["exposed (drawn at random)"], case["not exposed"]
    effect = float(right["effect per exposed account"])
    given = epic("E", "2026-02-01", None) | {
        "staging.stg_files__read_days": [{"read_date": case["looked at"]}],
        "staging.stg_files__promises": [
            {
                "work_item_key": "E",
                "promise_id": "p",
                "metric": "mart_usage.events",
                "product_id": "app",
                "promised_size": case["promise"]["size"].split()[0],
                "size_kind": "absolute",
                "promised_date": case["promise"]["due"],
                "registered_at": case["promise"]["registered"],
            }
        ],
        "staging.stg_forecasts__effect_estimates": [
            {
                "promise_id": "p",
                "accounts": exposed["accounts"] + rest["accounts"],
                "exposed_accounts": exposed["accounts"],
                "adopting_accounts": exposed["adopters"],
                "effect": effect,
                "low": effect - 0.1,
                "high": effect + 0.1,
            }
        ],
    }
    row = outcomes(models, given)["E", "p"]
    assert row["realised_ratio"] == pytest.approx(float(right["realised of promised"]))
    assert row["exposed_ratio"] == pytest.approx(float(right["exposure"]))
    assert row["adopting_ratio"] == pytest.approx(float(right["adoption"]))
    assert (row["is_due"], row["effect_state"]) == (False, "reached"), right["state"]
