"""People as other companies' HR has them: the cases of tests/cases/cost about heads, capacity and pay of a year, served
as BambooHR does, loaded and built; what teams have is what the case says.

The cases were written by hand after vendors' documents and public reports; no figure in them comes from a rule of ours.
Belongs here: serving them all as one company, whose departments have the case before their names. Does not: what
payroll costs (the ledger's cases).
A failure means that a company with such people publishes wrong heads, or shares out its payroll by a wrong weight. What
is compared with pay is true or not: no assertion shows it.
"""

import json
import os
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
from starlette.responses import JSONResponse

from ingestion.sources import LoadOptions, load_source
from tests.environment import environment_kept
from tests.in_process_dbt import build_models
from tests.ingestion.file_packages import written_by
from tests.ingestion.sources import company_folder as files
from tests.ingestion.sources.hr_account import FIELDS, People

FOLDER = Path(__file__).parents[1] / "cases/cost"
NAMES = ("hr01", "hr02", "hr03", "hr04", "hr25", "hr26", "con25", "pay06", "pay25", "cap05", "cap25", "fx23", "pay07")
CASES = {name: json.loads(next(FOLDER.glob(f"{name}-*.json")).read_text()) for name in NAMES}
RATIOS = json.loads(next(FOLDER.glob("rat22-*.json")).read_text())
TABLES = ("jobInfo", "employmentStatus", "compensation")
NOW = datetime(2026, 7, 10, 6, tzinfo=UTC)
SINCE = "2025-01-01"
Row = dict[str, Any]

# rat22 counts people by product and function; here each product is a team. Its storefront had 2.0 until December.
STAFF = {
    "payments": {"engineering": [(share, SINCE) for share in ("1", "1", "1", "1", "1", "0.5", "0.5")]}
    | {"design": [("0.5", SINCE)]},
    "storefront": {"engineering": [("1", SINCE), ("1", SINCE), ("1", "2026-01-01"), ("1", "2026-01-01")]},
}


def rows_of(name: str) -> Iterator[tuple[str, Row]]:
    """Rows of tables, and those that stand apart in the case, of people whose job nobody wrote down."""
    given = CASES[name]["input"]
    for table in TABLES:
        for row in given["bamboohr"].get(table, ()):
            department = {"department": f"{name} {row['department']}"} if "department" in row else {}
            yield table, row | department
    for row in given.get("rows_apart", {}).values():
        yield "compensation", row
        started = {"id": f"9{row['id']}", "employeeId": row["employeeId"], "date": row["startDate"]}
        yield "employmentStatus", started | {"employmentStatus": "Full-Time", "terminationReasonId": None}


def ratio_rows() -> Iterator[tuple[str, Row]]:
    number = 900
    for team, functions in STAFF.items():
        for function, people in functions.items():
            for share, since in people:
                number += 1
                keys = {"id": str(number), "employeeId": str(number), "date": since}
                place = {"location": "Berlin", "department": f"rat22 {team}", "division": function}
                yield "jobInfo", keys | place | {"jobTitle": "some", "reportsTo": None, "customFTE": share}
                yield "employmentStatus", keys | {"employmentStatus": "Full-Time", "terminationReasonId": None}


def account(home: Path, environment: pytest.MonkeyPatch) -> People:
    site = People(home, environment)
    site.now = NOW
    site.set(START=SINCE, PAGE_SIZE="100")
    for table, row in [*(one for name in NAMES for one in rows_of(name)), *ratio_rows()]:
        key = row["employeeId"]
        if key not in site.employees:
            shown = dict.fromkeys(FIELDS, f"of {key}") | {"hireDate": SINCE, "status": "Active"}
            site.employees[key] = {"employeeId": key, **shown}
            for other in TABLES:
                site.rows[other][key] = []
        site.rows[table][key].append(row)
    requests = (CASES[name]["input"]["bamboohr"]["time_off_requests"] for name in ("cap05", "cap25"))
    site.time_off = {row["id"]: row for rows in requests for row in rows}
    places = CASES["cap05"]["input"]["locations"].items()
    data = [{"id": str(n), "label": label, "address": {"countryId": c}} for n, (label, c) in enumerate(places, 1)]
    pages = {"page": 0, "pageSize": 100, "totalPages": 1}
    site.answers["/hris/org/locations"] = JSONResponse({"data": data, "meta": pages})
    return site


def write_files(folder: Path) -> None:
    def write(name: str, header: str, *rows: str) -> None:
        (folder / name).write_text("\n".join([header, *rows]) + "\n")

    folder.mkdir(parents=True)
    write("policy.yml", "reporting_time_zone: Europe/Berlin", "reporting_currency: EUR")
    write("products.csv", files.PRODUCT, f"a,a,product,,,,{SINCE},")
    write("product_map.csv", files.MAP, f"jira,project,A,exact,a,1,{SINCE},,")
    teams = [team for name in NAMES for team in team_ids(name).values()] + [f"rat22 {team}" for team in STAFF]
    write("teams.csv", files.TEAM, *(f"{team},{team},stream,engineering,,{SINCE}," for team in teams))
    write("holidays.csv", *CASES["cap05"]["input"]["company"]["holidays.csv"])
    # the bank's days: the case gives some, all others are as its first
    given = CASES["fx23"]["input"]["ecb per euro"]
    first = date(2025, 1, 3)
    fridays = {str(first + timedelta(weeks=week)): given["2026-05-29"] for week in range(74)}
    rates = [f"{day},{c},{rate}" for day, of in sorted((fridays | given).items()) for c, rate in of.items()]
    write("../rates.csv", "date,currency,rate", *rates)


def team_ids(name: str) -> dict[str, str]:
    """What a case's teams are called here: ids are names."""
    rows = [row.split(",") for row in CASES[name]["input"]["company"]["teams.csv"][1:]]
    return {row[0]: f"{name} {row[1]}" for row in rows}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All cases at once, landed and built."""
    home = tmp_path_factory.mktemp("people_cases") / "home"
    with environment_kept(), written_by("files"), pytest.MonkeyPatch.context() as environment:
        write_files(home / "company")
        environment.setenv("PRODOPS_COMPANY", str(home / "company"))
        environment.setenv("SOURCES__FX__PATH", str(home / "rates.csv"))
        account(home, environment).load()
        os.environ["PRODOPS_NOW"] = NOW.isoformat()
        for source in ("files", "fx"):
            load_source(source, LoadOptions(), lambda landed: None)
        models = ("mart_capacity", "mart_staffing", "fct_worker_day", "int_staff_coverages_counted")
        build_models(home, "--select", *(f"+{model}" for model in models))
    return home


def query(home: Path, sql: str, *values: Any) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(home / "warehouse.duckdb"), read_only=True) as warehouse:
        warehouse.execute(f"attach '{home}/restricted/people.duckdb' as restricted (read_only)")
        return warehouse.execute(sql, values).fetchall()


def staffed(home: Path, measure: str, period: str, team: str) -> float:
    sql = f"select coalesce(sum({measure}), 0)::double from marts.mart_staffing where fiscal_period = ? and team_id = ?"
    ((found,),) = query(home, sql, period, team)
    return float(found)


MEASURES = ("headcount", "average_headcount", "fte", "fte_days")
JUDGED = [
    (name, period, measure)
    for name in ("hr01", "hr02", "hr03", "hr04", "hr25", "hr26", "con25")
    for period, right in CASES[name]["right"].items()
    if period.startswith("FY")
    for measure in MEASURES
    if measure in right
]


@pytest.mark.parametrize(("name", "period", "measure"), JUDGED)
def test_heads_and_full_time_equivalents_are_right(home: Path, name: str, period: str, measure: str) -> None:
    right, ids = CASES[name]["right"][period][measure], team_ids(name)
    by_team = right if isinstance(right, dict) else {next(iter(ids)): right}
    if "UNMAPPED" in by_team:  # people of other cases have no team either
        unmapped = (
            "select count(*) from restricted.intermediate.fct_worker_day where work_date = ? and is_head "
            "and team_id = 'UNMAPPED' and worker_id in (select unnest(?))"
        )
        people = sorted({f"bamboohr/{row['employeeId']}" for _, row in rows_of(name)})
        ((found,),) = query(home, unmapped, date(2026, 4, 30), people)
        assert found == by_team.pop("UNMAPPED")
    found = {team: staffed(home, measure, period, ids[team]) for team in by_team}
    assert found == {team: pytest.approx(float(value)) for team, value in by_team.items()}


def test_an_average_by_days_counts_who_is_there_within_the_period_alone(home: Path) -> None:
    """hr02: 82 FTE-days of 28, and 175 of the quarter's 90; by heads of both ends the quarter is 1.5."""
    assert staffed(home, "average_fte", "FY26-P02", "hr02 Alpha") == pytest.approx(82 / 28)
    months = ("FY26-P01", "FY26-P02", "FY26-P03")
    assert sum(staffed(home, "fte_days", month, "hr02 Alpha") for month in months) / 90 == pytest.approx(175 / 90)
    assert sum(staffed(home, "average_headcount", month, "hr02 Alpha") for month in months) / 3 == pytest.approx(1.5)


def test_a_share_that_is_no_number_waits_and_the_head_stays(home: Path) -> None:
    waiting = query(home, "select record_id, quarantine_reason from staging.stg_bamboohr__quarantine order by 1")
    assert waiting == [
        ("205/15", "fte: not a share: 0,5"),
        ("221/31", "fte: not a share: 80"),
        ("222/32", "fte: not a share: 80%"),
    ]
    sql = "select numerator, denominator from restricted.intermediate.int_staff_coverages_counted where metric_id = ?"
    # of 202, 203, 205, cap05's 402, cap25's 411 and 414 and hr25's 123, who work part-time, the first has no share and
    # the third none that can be read
    assert query(home, sql, "share_coverage") == [(5, 7)]
    ((paid, heads),) = query(home, sql, "pay_coverage")
    assert 0 < paid < heads


def yearly_pay(home: Path, employee: str, day: date, minor: int | None) -> bool:
    """Whether somebody is a paid head on a day, for so much a year; the pay itself is not shown."""
    sql = (
        "select yearly_pay_minor is not distinct from ?, is_head, paid_thousandths = 1000 "
        "from restricted.intermediate.fct_worker_day where worker_id = ? and work_date = ?"
    )
    return query(home, sql, minor, f"bamboohr/{employee}", day) == [(True, True, True)]


def test_pay_of_a_year_follows_the_unit_and_a_rate_that_is_missing_takes_no_head(home: Path) -> None:
    day, right = date(2026, 6, 15), CASES["pay06"]["right"]
    amounts = {key: int(float(text.split(" ")[0]) * 100) for key, text in right["yearly_pay"].items()}
    apart = {CASES["pay06"]["input"]["rows_apart"][name]["employeeId"]: name for name in right["rows_apart"]}
    assert {key: yearly_pay(home, key, day, minor) for key, minor in amounts.items()} == dict.fromkeys(amounts, True)
    known = {key: 7_800_000 if name == "per pay period" else None for key, name in apart.items()}
    assert {key: yearly_pay(home, key, day, minor) for key, minor in known.items()} == dict.fromkeys(known, True)
    named = CASES["pay25"]["right"]["yearly_pay"]
    schedules = {key: yearly_pay(home, key, day, text and int(float(text) * 100)) for key, text in named.items()}
    assert schedules == dict.fromkeys(named, True)
    heads = sum(staffed(home, "headcount", "FY26-P06", f"pay06 {team}") for team in ("One", "Two", "Three"))
    assert heads == right["FY26-P06"]["headcount"]
    basis = "select employee_id, basis from restricted.intermediate.int_pay_ranges_valued where valid_to > '2027-01-01'"
    unknown = {key: basis for key, basis in query(home, f"{basis} and basis <> 'rate'") if key < "900"}
    assert unknown == {"506": "commission", "508": "no_factor", "526": "no_factor"}


def test_pay_in_three_currencies_has_equal_weights_at_the_periods_last_rate(home: Path) -> None:
    pay = CASES["fx23"]["right"]["FY26-P06"]["yearly pay in reporting currency"]
    found = {key: yearly_pay(home, key, date(2026, 6, 1), int(float(text) * 100)) for key, text in pay.items()}
    assert found == dict.fromkeys(pay, True)


def test_a_backdated_raise_changes_no_heads(home: Path) -> None:
    """pay07: two people in two teams, in every period."""
    months = [f"FY26-P{month:02d}" for month in range(2, 7)]
    found = {
        staffed(home, measure, month, f"pay07 {team}")
        for measure in ("headcount", "average_headcount", "fte")
        for month in months
        for team in ("Xeno", "Yarn")
    }
    assert found == {1.0}


@pytest.mark.parametrize("name", ["cap05", "cap25"])
def test_capacity_knows_holidays_by_country_half_days_hours_and_who_was_denied(home: Path, name: str) -> None:
    columns = "gross_fte_weeks, holiday_fte_weeks, leave_fte_weeks, supply_fte_weeks"
    week, right = date.fromisoformat(CASES[name]["input"]["week"]), CASES[name]["right"]["fte_weeks"]
    (team,) = team_ids(name).values()
    of_week = "where team_id = ? and week_start_date = ?"
    # leave of four people is not shown by team, nor supply, which would tell it
    (published,) = query(
        home, f"select {columns}, leave_suppressed_reason from marts.mart_capacity {of_week}", team, week
    )
    known = [pytest.approx(float(right[name])) for name in ("gross", "holidays")]
    assert published == (*known, None, None, "rolled_up")
    kept = """
        select
            sum(fte * leave_share)::double / 5,
            sum(case when is_working_day then fte * (1 - leave_share) end)::double / 5
        from restricted.intermediate.fct_worker_day
        where team_id = ? and isodow(work_date) <= 5 and date_trunc('week', work_date) = ?
    """
    assert query(home, kept, team, week) == [tuple(pytest.approx(float(right[name])) for name in ("leave", "supply"))]
    by_person = """
        select worker_id, (sum(case when is_working_day then fte * (1 - leave_share) end) / 5)::double
        from restricted.intermediate.fct_worker_day
        where team_id = ? and date_trunc('week', work_date) = ? group by 1
    """
    each = CASES[name]["right"]["by_person_for_the_check_only"]
    expected = {f"bamboohr/{key}": pytest.approx(float(text)) for key, text in each.items()}
    assert dict(query(home, by_person, team, week)) == expected


def test_full_time_equivalents_of_a_function_and_both_averages_of_twelve_months(home: Path) -> None:
    """rat22: the divisors of its ratios. By days 1,092 FTE-days of 365, by both ends (2 + 4) / 2."""
    right = RATIOS["right"]
    sql = "select function_name, fte from marts.mart_staffing where fiscal_period = 'FY26-P06' and team_id = ?"
    fte = dict(query(home, sql, "rat22 payments"))
    assert fte == {name: float(text) for name, text in right["payments"]["fte"].items() if text != "0"}
    months = [f"FY25-P{month:02d}" for month in range(7, 13)] + [f"FY26-P{month:02d}" for month in range(1, 7)]
    switch = right["revenue_per_fte storefront"]["by_switch"]
    by_days = next(value for value in switch.values() if "fte_days" in value)
    assert sum(staffed(home, "fte_days", month, "rat22 storefront") for month in months) == float(by_days["fte_days"])
    ends = [staffed(home, "fte", month, "rat22 storefront") for month in ("FY25-P06", "FY26-P06")]
    assert sum(ends) / 2 == float(switch["average of begin and end"]["fte"])
