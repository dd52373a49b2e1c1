"""Progress, scores and pace of goals as vendors document them and people report them: cases of tests/cases/goals, by
the SQL of the models themselves and by the made-up company's truth, on rows that say what the case says.

The cases were written by hand; no figure in them comes from a rule of ours. Where a case lets a policy decide, each
value of the switch is tested. Does not: files that are refused (tests/ingestion), forecasts (tests/planning).
A failure means that a company with such goals sees a wrong progress, score or pace.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from math import isclose
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from sandbox.company import DEFAULT_NOW
from sandbox.timestamps import ms
from sandbox.truth import okr
from sandbox.truth.goals import Measures, Rules, lives, today_of
from tests import in_process_dbt
from tests.dbt.conftest import Warehouse
from tests.sandbox.conftest import made

CASES = {
    path.stem.partition("-")[0]: json.loads(path.read_text())
    for path in (Path(__file__).parents[1] / "cases/goals").glob("*.json")
}
MODELS = ("int_goals__key_results", "int_goals__key_result_days", "int_goals__objective_days")
GIVEN = {
    "stg_files__read_days": "read_date date",
    "stg_files__okr_cycles": "cycle_id text, cycle_name text, start_date date, end_date date",
    "int_goals__objectives": """
        objective_id text, cycle_id text, objective_name text, owner text, parent_goal_id text, link_type text,
        product_id text, weight decimal(18, 6), status text, status_date date, valid_from date, valid_to date
    """,
    "int_goals__key_result_versions": """
        kr_id text, objective_id text, kr_name text, kr_type text, unit text, start_value decimal(18, 6),
        target_value decimal(18, 6), weight decimal(18, 6), metric text, slice text, success_at decimal(18, 6),
        status text, status_date date, continues_kr_id text, valid_from date, valid_to date
    """,
    "stg_files__key_result_targets": "kr_id text, revised_date date, target_value decimal(18, 6)",
    "stg_files__goal_parents": """
        child_id text, parent_goal_id text, link_type text, share decimal(18, 6), valid_from date, valid_to date
    """,
    "int_goals__checkins": """
        kr_id text, checkin_date date, place bigint, checkin_value decimal(18, 6), overrides boolean
    """,
    "int_goals__measures": "metric text, product_id text, slice text, measured_date date, value double",
    "int_policies_read": "okr_"
    + ", okr_".join(f"{name} {'bigint' if name == 'grading_days' else 'text'}" for name in Rules.__slots__),
}
FIRST, OPEN = date.min, date.max
Row = dict[str, Any]


@dataclass
class Files:
    """A company as far as its goals go: what the truth reads of it."""

    okrs: Mapping[str, Sequence[Row]]
    checkins: Sequence[Row]
    policy: Mapping[str, str]
    reporting_zone: str = "UTC"

    def rows(self, file: str, now: int | str) -> list[Row]:
        names = {"okr_cycles": "cycles", "key_result_targets": "revisions", "goal_parents": "parents"}
        return list(self.checkins if file == "checkins" else self.okrs.get(names.get(file, file), ()))


@dataclass
class Found:
    """Of key results and objectives by id and day: what the SQL makes, which is what the truth says."""

    results: dict[tuple[str, date], Row]
    objectives: dict[tuple[str, date], Row]

    def progress(self, key: str, day: str, which: str = "progress") -> float | None:
        """As it stood last on a day."""
        return self._last(self.results, key, day)[which]

    def objective(self, key: str, day: str) -> Row:
        return self._last(self.objectives, key, day)

    @staticmethod
    def _last(rows: Mapping[tuple[str, date], Row], key: str, day: str) -> Row:
        return rows[max(known for known in rows if known[0] == key and known[1] <= date.fromisoformat(day))]


@dataclass
class Models:
    sql: Mapping[str, str]

    def __call__(
        self,
        okrs: Mapping[str, Sequence[Row]],
        checkins: Sequence[Row],
        now: str,
        measured: Measures | None = None,
        **switches: object,
    ) -> Found:
        policy = {f"okr_{name}": str(value) for name, value in switches.items()}
        return self.checked(Files(okrs, checkins, policy), now, measured or {})

    def checked(self, files: Files, now: str, measures: Measures) -> Found:
        """What the models make of the files, which is what the truth says of them."""
        found = self._made(files, now, measures)
        _is_the_truth(found, files, now, measures)
        return found

    def _made(self, files: Files, now: str, measures: Measures) -> Found:
        with duckdb.connect(config={"threads": 1}) as connection:
            connection.execute("attach ':memory:' as warehouse; use warehouse")
            connection.execute("create schema staging; create schema intermediate; create schema marts")
            for name, columns in GIVEN.items():
                connection.execute(f"create table {schema(name)}.{name} ({columns})")
            for name, rows in staged(files, now, measures).items():
                if rows:
                    texts = [
                        {column: None if cell is None else str(cell) for column, cell in row.items()} for row in rows
                    ]
                    connection.register("given", pa.Table.from_pylist(texts))
                    columns = ", ".join(rows[0])
                    connection.execute(f"insert into {schema(name)}.{name} ({columns}) select {columns} from given")
            for model in MODELS:
                connection.execute(f"create table intermediate.{model} as {self.sql[model]}")
            results, objectives = (
                connection.execute(f"from intermediate.{model}").to_arrow_table().to_pylist() for model in MODELS[1:]
            )
        return Found(
            {(row["key_result_id"], row["day"]): row for row in results},
            {(row["objective_id"], row["day"]): row for row in objectives},
        )


def schema(name: str) -> str:
    return "staging" if name.startswith("stg") else "intermediate"


def staged(files: Files, now: str, measures: Measures) -> dict[str, list[Row]]:
    """What staging makes of the files (which tests/ingestion lands)."""

    def day(text: str | None, otherwise: date | None = None) -> date | None:
        return date.fromisoformat(text) if text else otherwise

    def dated(row: Row) -> Row:
        return {"valid_from": day(row.get("valid_from"), FIRST), "valid_to": day(row.get("valid_to"), OPEN)}

    def status(row: Row) -> Row:
        return {"status": row.get("status") or "active", "status_date": day(row.get("status_date"))}

    rules = Rules.of(files.policy)
    return {
        "stg_files__read_days": [{"read_date": date.fromisoformat(now[:10])}],
        "int_policies_read": [{f"okr_{name}": getattr(rules, name) for name in Rules.__slots__}],
        "stg_files__okr_cycles": [
            {"cycle_id": row["id"], "cycle_name": row["name"], "start_date": row["start"], "end_date": row["end"]}
            for row in files.okrs["cycles"]
        ],
        "int_goals__objectives": [
            {
                "objective_id": row["id"],
                "cycle_id": row["cycle"],
                "objective_name": row["name"],
                "parent_goal_id": row["parent"] or None,
                "link_type": row["link"] or None,
                "product_id": row["product_id"] or None,
                "weight": row.get("weight") or 1,
            }
            | status(row)
            | dated(row)
            for row in files.okrs["objectives"]
        ],
        "int_goals__key_result_versions": [
            {
                "kr_id": row["id"],
                "objective_id": row["objective"],
                "kr_name": row["name"],
                "kr_type": "stay-above" if row["type"] == "maintain" else row["type"],
                "start_value": row["start"] or None,
                "target_value": row["target"] or (row["start"] if row["type"] == "maintain" else None),
                "weight": row["weight"],
                "metric": row["metric"],
                "slice": row.get("slice"),
                "success_at": row.get("success_at") or 1,
                "continues_kr_id": row.get("continues"),
            }
            | status(row)
            | dated(row)
            for row in files.okrs["key_results"]
        ],
        "stg_files__key_result_targets": [
            {"kr_id": row["key_result"], "revised_date": row["date"], "target_value": row["target"]}
            for row in files.okrs.get("revisions", ())
        ],
        "stg_files__goal_parents": [
            {
                "child_id": row["child"],
                "parent_goal_id": row["parent"],
                "link_type": row["link"],
                "share": row.get("share"),
            }
            | dated(row)
            for row in files.okrs.get("parents", ())
        ],
        "int_goals__checkins": [
            {
                "kr_id": row["kr_id"],
                "checkin_date": row["date"][:10],
                "place": place,
                "checkin_value": row["value"],
                "overrides": row.get("overrides") == "true",
            }
            for place, row in enumerate(sorted(files.checkins, key=lambda one: one["date"]))
        ],
        "int_goals__measures": [
            {
                "metric": metric,
                "product_id": product if product != "COMPANY" else None,
                "slice": part or None,
                "measured_date": on,
                "value": float(value),
            }
            for (metric, product, part), values in measures.items()
            for on, value in values.items()
        ],
    }


def _is_the_truth(found: Found, files: Any, now: str, measures: Measures) -> None:
    today = today_of(ms(now))
    states = [state for life in lives(files, ms(now), measures) for state in life.states(today)]
    assert {(state.key_result_id, state.day) for state in states} == found.results.keys()
    for state in states:
        row = found.results[state.key_result_id, state.day]
        assert _close(row["value"], state.value)
        for name, score in (("", state.current), ("original_", state.original)):
            assert _close(row[f"{name}progress"], score.ratio), (state, name)
            assert (row[f"{name}reason"] or "") == score.reason, (state, name)
    rows = [row for row in okr.okr(files, ms(now), measures) if row["goal_type"] == "objective"]
    assert {(row["goal_id"], date.fromisoformat(row["as_of_date"])) for row in rows} == found.objectives.keys()
    for row in rows:
        made = found.objectives[row["goal_id"], date.fromisoformat(row["as_of_date"])]
        names = {"score": "score", "original_score": "original_score", "due": "expected_progress", "weight": "weight"}
        for name, true in names.items() | {"weight_scored": "weight_scored"}.items():
            assert _close(made[name], row[true]), (row, name, made)
        assert (made["key_results"], made["key_results_scored"]) == (row["key_results"], row["key_results_scored"])


def _close(one: float | None, other: Any) -> bool:
    return one is other if one is None or other is None else isclose(one, other, rel_tol=1e-9, abs_tol=1e-9)


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Models:
    warehouse = Warehouse(tmp_path_factory.mktemp("goals") / "home")
    done = in_process_dbt.dbt(warehouse.home, "compile", "--select", *MODELS)
    assert done.exception is None
    return Models({one.node.name: one.node.compiled_code for one in done.result if one.node.name in MODELS})


def near(text: str | None) -> Any:
    return None if text is None else pytest.approx(float(Fraction(text)))


def given(case: str) -> tuple[Row, Row]:
    return CASES[case]["input"], CASES[case]["right"]


def all_of(files: Row) -> tuple[Any, Any, str]:
    return files["okrs.yml"], files["checkins.csv"], files["now"]


def test_g01_a_key_result_that_is_better_the_smaller_it_is(models: Models) -> None:
    files, right = given("g01")
    found = models(*all_of(files))
    for day, wanted in right["progress"].items():
        assert found.progress("K", day) == near(wanted)
        assert found.objective("O1", day)["score"] == near(right["progress_clipped"][day])


@pytest.mark.parametrize("rule", ["last", "share_of_periods", "worst"])
def test_g02_a_level_that_is_kept(models: Models, rule: str) -> None:
    files, right = given("g02")
    found = models(*all_of(files["as stay-below"]), control_value=rule)
    assert found.progress("K", "2026-02-28") == near(right["as stay-below"]["2026-02-28"])
    assert found.progress("K", "2026-03-31") == near(right["as stay-below"]["2026-03-31"][f"control_value={rule}"])


def test_g02_a_start_that_is_the_target_has_no_progress_and_is_left_out(models: Models) -> None:
    files, right = given("g02")
    found = models(*all_of(files["as increase"]))
    assert found.progress("K", "2026-02-28") is right["as increase"]["or"]["K progress on 2026-02-28"]
    assert found.progress("K", "2026-02-28", "reason") == right["as increase"]["or"]["reason"]
    assert found.objective("O1", "2026-02-28")["score"] == near(right["as increase"]["or"]["O1 score on 2026-02-28"])


def test_g03_a_limit_that_was_broken_once(models: Models) -> None:
    files, right = given("g03")
    asked = [(day, words, value) for day, by in right.items() for words, value in by.items()]
    assert len(asked) == 10
    for day, words, value in asked:
        switches = dict(part.split("=") for part in words.split(", "))
        found = models(*all_of(files), **switches)
        assert found.progress("K", day) == near(value.split(" ")[0]), (day, words)


def test_g04_a_raised_target_is_scored_against_both(models: Models) -> None:
    files, right = given("g04")
    okrs, checkins, now = all_of(files["a revision"])
    first = okrs["key_results"][0]
    rows = [first | {"valid_to": "2026-02-15"}, first | {"target": "2000", "valid_from": "2026-02-15"}]
    for known in (okrs, okrs | {"revisions": [], "key_results": rows}):
        found = models(known, checkins, now)
        for name, which in (("original", "original_progress"), ("current", "progress")):
            assert len(right[name]) == 3
            for day, wanted in right[name].items():
                assert found.progress("K", day, which) == near(wanted), (day, which)


def test_g05_a_ratio_is_the_quotient_of_sums(models: Models) -> None:
    """The quotient itself is int_goals__measures' unit test; here the progress that comes of it."""
    files, right = given("g05")
    metric = "mart_pricing.realised_ratio"
    ends = {"2026-01": date(2026, 1, 31), "2026-02": date(2026, 2, 28), "2026-03": date(2026, 3, 31)}
    values = {}
    for month, day in ends.items():
        rows = [row for row in files["measure"] if row["month"] == month]
        values[day] = Fraction(100 * sum(row["orders"] for row in rows), sum(row["visits"] for row in rows))
        assert values[day] == Fraction(right["value by month (percent)"][month])
    objective = {
        "id": "O1",
        "cycle": "FY26-Q1",
        "name": "O1",
        "owner": "ada",
        "parent": "",
        "link": "",
        "product_id": "",
    }
    okrs = {
        "cycles": [files["cycle"]],
        "objectives": [objective],
        "key_results": [files["key_result"] | {"metric": metric}],
    }
    found = models(okrs, [], "2026-04-20T06:00:00Z", {(metric, "COMPANY", ""): values})
    for month, day in ends.items():
        assert found.progress("K", str(day)) == near(right["progress, period=month"][month])


@pytest.mark.parametrize("days", [0, 14])
def test_g07_check_ins_count_by_their_date_and_grading_is_of_the_last_day(models: Models, days: int) -> None:
    files, right = given("g07")
    okrs, checkins = files["okrs.yml"], files["checkins.csv"]
    found = models(okrs, checkins, "2026-03-10T06:00:00Z", grading_days=days)
    assert found.progress("K", "2026-03-10") == near(right["progress as of 2026-03-10"])
    assert found.progress("K", "2026-02-02") == near(right["progress on the day 2026-02-02"])
    for now in ("2026-04-10", "2026-07-10"):
        wanted = right[f"final, as of {now}"][f"grading_days={days}"].split(" ")[0]
        found = models(okrs, checkins, f"{now}T06:00:00Z", grading_days=days)
        assert max(day for _, day in found.results) == date(2026, 3, 31)
        assert found.progress("K", "2026-03-31") == near(wanted)


@pytest.mark.parametrize("rule", ["left_out", "zero"])
def test_g08_clipped_before_the_weighted_mean_and_coverage_is_said(models: Models, rule: str) -> None:
    files, right = given("g08")
    found = models(*all_of(files), without_value=rule)
    for name, wanted in right["key results (raw)"].items():
        assert found.progress(name, "2026-03-31") == near(wanted)
    row = found.objective("O1", "2026-03-31")
    assert row["score"] == near(right["objective score"][f"without_value={rule}"])
    counts = "{key_results_scored} of {key_results} key results, weight {weight_scored:g} of {weight_total:g}"
    assert counts.format(**row) == right["coverage"]


@pytest.mark.parametrize("rule", ["key_results", "children", "both"])
def test_g09_what_contributes_counts_and_what_supports_does_not(models: Models, rule: str) -> None:
    files, right = given("g09")
    found = models(*all_of(files), score_from=rule)
    assert found.objective("O1", "2026-03-31")["score"] == near(right["O1"][f"score_from={rule}"])
    if rule != "children":
        assert found.objective("O1", "2026-03-31")["key_results"] == 2
    for name in ("O2", "O3"):
        assert found.objective(name, "2026-03-31")["score"] == near(right[name])
    assert found.objective("O4", "2026-03-31")["score"] is None
    assert found.objective("O4", "2026-03-31")["reason"] == right["O4"]["reason"]


@pytest.mark.parametrize("status", ["cancelled", "paused", "postponed"])
def test_g10_what_is_given_up_leaves_from_its_day_and_what_goes_on_is_scored_by_cycle(
    models: Models, status: str
) -> None:
    files, right = given("g10")
    okrs, checkins, now = all_of(files["first"])
    results = [
        row | ({"status": status, "status_date": "2026-02-15"} if row["id"] == "B" else {})
        for row in okrs["key_results"]
    ]
    found = models(okrs | {"key_results": results}, checkins, now)
    for day, wanted in right["O1 of the first"].items():
        assert found.objective("O1", day)["score"] == near(wanted)
    assert max(day for name, day in found.results if name == "B") == date(2026, 2, 14)
    okrs, checkins, now = all_of(files["second"])
    results = [row | ({"continues": "C"} if row["id"] == "C2" else {}) for row in okrs["key_results"]]
    found = models(okrs | {"key_results": results}, checkins, now)
    assert found.progress("C", "2026-03-31") == near(right["C at the end of Q1"])
    assert found.progress("C2", "2026-04-13") == near(right["C2 on 2026-04-13"])
    early = models(okrs | {"key_results": results}, checkins, "2026-04-01T06:00:00Z")
    assert early.progress("C2", "2026-04-01") is right["C2 on 2026-04-01"]["progress"]
    assert early.progress("C2", "2026-04-01", "reason") == right["C2 on 2026-04-01"]["reason"]


@pytest.mark.parametrize("ends", ["first_0_last_1", "to_the_day_after", "days_begun"])
def test_g11_what_a_straight_line_expects_at_its_ends(models: Models, ends: str) -> None:
    files, right = given("g11")
    found = models(*all_of(files), pace_ends=ends)
    assert len(right["expected"]) == 3
    for day, by in right["expected"].items():
        row = found.objective("O1", day)
        assert row["due"] == near(by[f"ends={ends}"])
        wanted = right["pace"][day][f"ends={ends}"]
        assert (row["score"] / row["due"] if row["due"] else None) == near(wanted)


def test_g12_a_stretch_goal_scores_as_any_and_a_binary_one_is_0_until_it_is_1(models: Models) -> None:
    files, right = given("g12")
    found = models(*all_of(files))
    for name, wanted in right["score"].items():
        assert found.progress(name, "2026-03-31") == near(wanted)
    assert right["B"]["or"] == "0 until it is 1"
    assert found.progress("B", "2026-03-31") == 0


def test_g12_labels_change_at_their_published_thresholds(tmp_path: Path) -> None:
    files, right = given("g12")
    vendors = {"at risk": "off_track", "behind": "at_risk", "on track": "on_track"}
    asked = "select {{ goal_label('progress / over') }} from (select ?::double as progress, 0.5 as over)"
    done = in_process_dbt.dbt(Warehouse(tmp_path / "home").home, "compile", "--inline", asked)
    (compiled,) = [one.node.compiled_code for one in done.result if one.node.name == "inline_query"]
    assert len(files["labels on day 50 of 100"]) == 4
    for name, progress in files["labels on day 50 of 100"].items():
        ratio, _, words = right["ratio and label (0.4 / 0.7)"][name].partition(" ")
        assert Fraction(progress) / Fraction(1, 2) == Fraction(ratio)
        assert duckdb.execute(compiled, [float(progress)]).fetchall() == [(vendors[words],)]


def objective(name: str, parent: str = "", link: str = "contribute", **more: str) -> Row:
    link = link if parent else ""
    return {
        "id": name,
        "cycle": "C",
        "name": name,
        "owner": "ada",
        "parent": parent,
        "link": link,
        "product_id": "",
    } | more


def result(name: str, of: str, **more: str) -> Row:
    row = {"id": name, "objective": of, "name": name, "type": "increase", "unit": "", "start": "0", "target": "10"}
    return row | {"weight": "1", "metric": "manual"} | more


CYCLES = [{"id": "C", "name": "C", "start": "2026-01-01", "end": "2026-04-01"}]
NOW = "2026-04-20T06:00:00Z"


def looked(*values: tuple[str, str], day: str = "2026-03-30", **more: str) -> list[Row]:
    return [{"kr_id": name, "date": day, "value": value, "author": "hana"} | more for name, value in values]


@pytest.mark.parametrize(("share", "parts"), [(None, (0.5, 0.5)), ("0.25", (0.75, 0.25))])
def test_a_key_result_with_two_parents_counts_whole_in_each_and_once_at_the_top(
    models: Models, share: str | None, parts: tuple[float, float]
) -> None:
    """K (1.0) belongs to O1 beside A (0.2), and to O2 beside B (0.8): 0.6 and 0.9. At the top, where both contribute,
    it is there once: by halves O1 is (0.5 + 0.2) / 1.5 and O2 (0.5 + 0.8) / 1.5, together 2/3."""
    okrs = {
        "cycles": CYCLES,
        "objectives": [objective("T"), objective("O1", "T"), objective("O2", "T")],
        "key_results": [result("K", "O1"), result("A", "O1"), result("B", "O2")],
        "parents": [{"child": "K", "parent": "O2", "link": "contribute"} | ({"share": share} if share else {})],
    }
    found = models(okrs, looked(("K", "10"), ("A", "2"), ("B", "8")), NOW)
    assert found.objective("O1", "2026-03-31")["score"] == pytest.approx(0.6)
    assert found.objective("O2", "2026-03-31")["score"] == pytest.approx(0.9)
    first, second = (parts[0] + 0.2) / (parts[0] + 1), (parts[1] + 0.8) / (parts[1] + 1)
    assert found.objective("T", "2026-03-31")["score"] == pytest.approx((first + second) / 2)


def test_a_key_result_as_a_parent_is_its_own_value_and_without_one_what_contributes_to_it(models: Models) -> None:
    okrs = {
        "cycles": CYCLES,
        "objectives": [objective("O1"), objective("O2", "K"), objective("O3", "K", "support")],
        "key_results": [result("K", "O1"), result("A", "O2"), result("B", "O3"), result("D", "O1", weight="0")],
    }
    found = models(okrs, looked(("A", "4"), ("B", "10"), ("D", "9")), NOW)
    assert found.objective("O1", "2026-03-31")["score"] == pytest.approx(0.4), "of O2 alone; D weighs nothing"
    assert found.objective("O1", "2026-03-31")["key_results"] == 2, "what weighs nothing is shown"
    found = models(okrs, looked(("A", "4"), ("B", "10"), ("D", "9"), ("K", "7")), NOW)
    assert found.objective("O1", "2026-03-31")["score"] == pytest.approx(0.7), "A is in K already"


def test_weights_and_targets_hold_from_their_day(models: Models) -> None:
    """K weighs 1 until March and 3 from then on; its later row has the first one's target, and a revision stands."""
    first = result("K", "O1", valid_to="2026-03-01")
    okrs = {
        "cycles": CYCLES,
        "objectives": [objective("O1")],
        "key_results": [first, first | {"weight": "3", "valid_from": "2026-03-01", "valid_to": ""}, result("A", "O1")],
        "revisions": [{"key_result": "K", "date": "2026-02-10", "target": "20"}],
    }
    looks = [*looked(("K", "10"), ("A", "0"), day="2026-02-02"), *looked(("A", "0"), day="2026-03-02")]
    found = models(okrs, looks, NOW)
    assert found.objective("O1", "2026-02-02")["score"] == pytest.approx(0.5)
    assert found.objective("O1", "2026-02-10")["score"] == pytest.approx(0.25), "target 20"
    assert found.objective("O1", "2026-03-02")["score"] == pytest.approx(3 * 0.5 / 4)
    assert found.objective("O1", "2026-03-02")["original_score"] == pytest.approx(3 * 1 / 4)


def test_a_late_key_result_counts_from_its_first_day_and_one_whose_row_ends_no_longer(models: Models) -> None:
    okrs = {
        "cycles": CYCLES,
        "objectives": [objective("O1")],
        "key_results": [
            result("A", "O1"),
            result("L", "O1", valid_from="2026-02-15"),
            result("E", "O1", valid_to="2026-02-01"),
        ],
    }
    looks = looked(("A", "4"), ("L", "9"), ("E", "2"), day="2026-01-20") + looked(("L", "1"), day="2026-02-20")
    found = models(okrs, looks, NOW)
    assert found.objective("O1", "2026-01-20")["score"] == pytest.approx(0.3)
    assert found.objective("O1", "2026-02-20")["score"] == pytest.approx(0.25)
    assert min(day for name, day in found.results if name == "L") == date(2026, 2, 20), "before its life nothing counts"


def test_an_objective_that_is_cancelled_takes_its_key_results_along_and_leaves_its_parent(models: Models) -> None:
    okrs = {
        "cycles": CYCLES,
        "objectives": [
            objective("T"),
            objective("O1", "T", status="cancelled", status_date="2026-02-15"),
            objective("O2", "T"),
        ],
        "key_results": [result("K", "O1"), result("A", "O2")],
    }
    found = models(okrs, looked(("K", "9"), ("A", "1"), day="2026-01-20"), NOW)
    assert found.objective("T", "2026-01-20")["score"] == pytest.approx(0.5)
    assert found.objective("T", "2026-03-31")["score"] == pytest.approx(0.1)
    assert max(day for name, day in found.results if name == "K") == date(2026, 2, 14)


def test_what_weighs_nothing_makes_no_score(models: Models) -> None:
    okrs = {
        "cycles": CYCLES,
        "objectives": [objective("O1"), objective("O2")],
        "key_results": [result("K", "O1", weight="0"), result("A", "O2", weight="0")],
    }
    found = models(okrs, looked(("K", "9")), NOW)
    assert found.objective("O1", "2026-03-31")["reason"] == "no_weight"
    assert found.objective("O2", "2026-03-31")["reason"] == "no_value"


@pytest.mark.parametrize(
    ("period", "gap", "share"),
    [("day", "left_out", "2/3"), ("day", "not_met", "2/64"), ("month", "left_out", "1/2"), ("month", "not_met", "1/3")],
)
def test_a_limit_is_looked_at_by_the_period_of_the_policy(models: Models, period: str, gap: str, share: str) -> None:
    """Kept on 10 January, broken on the 20th, kept on 5 March: of three months one was not looked at."""
    okrs = {"cycles": CYCLES, "objectives": [objective("O1")], "key_results": [result("K", "O1", type="stay-below")]}
    days = (("2026-01-10", "9"), ("2026-01-20", "11"), ("2026-03-05", "10"))
    written = [one for day, value in days for one in looked(("K", value), day=day)]
    found = models(okrs, written, NOW, control_value="share_of_periods", period=period, gap=gap)
    assert found.progress("K", "2026-03-31") == near(share)


METRIC = "mart_usage.wau"
MEASURED = {(METRIC, "shop", ""): {date(2026, 1, 1) + timedelta(days=n): Fraction(n, 10) for n in range(31)}}


def test_a_measure_counts_before_what_somebody_wrote_unless_that_overrides_it(models: Models) -> None:
    okrs = {
        "cycles": CYCLES,
        "objectives": [objective("O1", product_id="shop")],
        "key_results": [result("K", "O1", metric=METRIC)],
    }
    written = looked(("K", "5"), day="2026-01-10") + looked(("K", "6"), day="2026-01-20", overrides="true")
    found = models(okrs, written, NOW, MEASURED)
    row = found.results["K", date(2026, 1, 10)]
    assert (row["manual_value"], row["bound_value"], row["value"], row["is_disputed"]) == (5, 0.9, 0.9, True)
    row = found.results["K", date(2026, 1, 25)]
    assert (row["manual_value"], row["bound_value"], row["value"], row["is_overridden"]) == (6, 2.4, 6, True)
    found = models(okrs, [*written, *looked(("K", "2"), day="2026-01-22")], NOW, MEASURED)
    assert found.results["K", date(2026, 1, 25)]["value"] == 2.4, "what came later does not override"


def test_several_check_ins_of_a_day_count_in_order_of_time(models: Models) -> None:
    okrs = {"cycles": CYCLES, "objectives": [objective("O1")], "key_results": [result("K", "O1")]}
    written = looked(("K", "5"), day="2026-01-10T17:00") + looked(("K", "3"), day="2026-01-10T09:00")
    assert models(okrs, written, NOW).progress("K", "2026-01-10") == pytest.approx(0.5)


def test_a_baseline_begins_with_its_first_value_and_has_no_progress_before_a_target(models: Models) -> None:
    okrs = {
        "cycles": CYCLES,
        "objectives": [objective("O1")],
        "key_results": [result("K", "O1", type="baseline", start="", target="")],
        "revisions": [{"key_result": "K", "date": "2026-02-10", "target": "12"}],
    }
    written = looked(("K", "15"), day="2026-01-10") + looked(("K", "14"), day="2026-02-20")
    found = models(okrs, written, NOW)
    assert found.progress("K", "2026-01-10", "reason") == "no_target"
    assert found.progress("K", "2026-02-20") == pytest.approx(1 / 3)
    assert found.progress("K", "2026-03-31", "original_reason") == "no_target"


@pytest.mark.parametrize("seed", [1, 6, 7])
def test_goals_of_made_up_companies_are_what_happened_under_the_switches_of_each(models: Models, seed: int) -> None:
    """Where use is known; two of them have switches of their own."""
    company = made(seed)
    lists = {"cycles": "okr_cycles", "revisions": "key_result_targets", "parents": "goal_parents"}
    okrs = {name: company.rows(lists.get(name, name), DEFAULT_NOW) for name in (*lists, "objectives", "key_results")}
    measured = {
        (metric, product, part): {date(2025, 6, 1) + timedelta(days=n): Fraction(900 + n) for n in range(490)}
        for metric, product, part in ((METRIC, "commerce", ""), ("mart_usage.mau_28d", "commerce", "market=DACH"))
    }
    files = Files(okrs, company.rows("checkins", DEFAULT_NOW), company.policy, company.reporting_zone)
    assert (Rules.of(company.policy) == Rules()) == (seed == 1)
    found = models.checked(files, DEFAULT_NOW, measured)
    assert len(found.results) > 400
    assert any(row["is_overridden"] for row in found.results.values())
    assert any(row["bound_value"] is not None for row in found.results.values())
