"""Time to decision and dates of epics, from the company's files and Jira to the figures: g18 to g20, g24, g25, g28
and g29 of tests/cases/goals, each case a team or a product of one company.

The cases were written by hand; no figure in them comes from a rule of ours. Weeks and holidays of all are moved so that
their work goes on from one Monday.
A failure means that somebody is promised a date, or reads a time to decision, that vendors or readers have shown wrong.
"""

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import duckdb
import pytest
from scipy.stats import CensoredData, ecdf

from ingestion.landing import Record
from ingestion.sources import LoadOptions, load_source
from planning import epics
from planning.epics import Known, read
from tests.dbt.conftest import Warehouse
from tests.dbt.world import KINDS, TEAM, field, history, issue, status
from tests.environment import environment_kept
from tests.ingestion.sources import company_folder as files

CASES = {
    path.stem.partition("-")[0]: json.loads(path.read_text())
    for path in (Path(__file__).parents[1] / "cases/goals").glob("*.json")
}
NOW = "2026-03-31T09:00:00Z"
READ = datetime.fromisoformat(NOW)
MONDAY = date(2026, 3, 30)
WEEK = timedelta(days=7)
RANK = "customfield_10019"
TIMED, COUNTRIES = "int_decision_stages_timed", "int_team_countries_counted"
HOUR = 3_600_000


def given(case: str) -> tuple[dict[str, Any], dict[str, Any]]:
    return CASES[case]["input"], CASES[case]["right"]


class Site:
    """Jira's records, made of how many items of an epic were done and came in by week. Weeks are counted back from
    MONDAY; a team is written with its case."""

    def __init__(self) -> None:
        self.ids = count(100)
        self.issues: list[Record] = []
        self.changelogs: list[Record] = []
        self.holidays: list[tuple[str, date]] = []
        self.teams: dict[str, str] = {}
        self.epics: dict[str, str] = {}

    def team(self, name: str, holidays: Sequence[date] = ()) -> str:
        """A team whose people all work in a country of its own."""
        country = f"X{chr(ord('A') + len(self.teams))}"
        self.teams[name] = country
        self.holidays += [(country, day) for day in holidays]
        return name

    def epic(self, name: str, team: str, remaining: int, rank: int = 1, **weeks: Sequence[int | None]) -> None:
        """``done`` and ``added``: by week. What is open at the beginning was there from the first week on."""
        number = next(self.ids)
        self.epics[name] = str(number)
        self.issues.append(issue(number, number, kind="Epic", **{RANK: f"0|i{rank:05d}:"}))
        done, added = ([n or 0 for n in weeks.get(kind, ())] for kind in ("done", "added"))
        length = max(len(done), len(added), 1)
        first = MONDAY - length * WEEK
        came = [first] * (remaining + sum(done) - sum(added))
        came += [first + week * WEEK for week, n in enumerate(added) for _ in range(n)]
        went = [first + week * WEEK for week, n in enumerate(done) for _ in range(n)]
        for begins, ends in zip(came, [*went, *[None] * remaining], strict=True):
            key = next(self.ids)
            fields = {"parent": {"id": str(number), "key": f"PAY-{number}"}, TEAM: {"id": team, "name": team}}
            is_over = {"status": "3" if ends else "1", "created": f"{begins}T08:00:00.000+0000"}
            self.issues.append(issue(key, key, updated=f"{MONDAY}T06:00:00.000+0000", **is_over, **fields))
            if ends:
                step: dict[str, object] = {"field": "status", "fieldtype": "jira", "from": "1", "to": "3"}
                self.changelogs.append(history(10_000 + key, key, f"{ends}T09:00:00.000+0000", **step))

    def jira(self) -> dict[str, list[Record]]:
        catalogue = [
            field(TEAM, "Squad", f"{KINDS}:atlassian-team"),
            field(RANK, "Rank", "com.pyxis.greenhopper.jira:gh-lexo-rank"),
        ]
        statuses = [status("1", "To Do", "new"), status("2", "Doing", "indeterminate"), status("3", "Done", "done")]
        return {"fields": catalogue, "statuses": statuses, "issues": self.issues, "changelogs": self.changelogs}


def moved(days: Mapping[str, Any], begins: str) -> list[date]:
    """Days of a case whose work goes on from ``begins``, as if it went on from MONDAY."""
    return [date.fromisoformat(day) + (MONDAY - date.fromisoformat(begins)) for day in days]


def site() -> Site:
    made = Site()
    without_any, closed, scope = given("g18")[0], given("g19")[0], given("g20")[0]
    weeks = list(without_any["items done by week (complete weeks before 2026-03-02)"].values())
    made.epic("g18", made.team("g18"), without_any["remaining"], done=weeks)
    # The closed week of August is one of the last four here.
    holidays = moved({day: 0 for day in closed["holidays.csv (country DE)"] if day > "2026-09"}, closed["from"])
    august = [MONDAY - 3 * WEEK + timedelta(days=day) for day in range(5)]
    done = list(closed["items done by week"].values())
    made.epic("g19", made.team("g19", holidays + august), closed["remaining"], done=done)
    for name, epic in scope["epics"].items():
        added = [*epic.get("added per week", ())] if name in ("W", "V") else []
        team, finished = made.team(f"g20 {name}"), scope["team"]["done per week"]
        own = finished if name in ("W", "V") else ()
        if name in ("U", "T"):
            made.epic(f"g20 past {name}", team, 0, rank=9, done=finished)
        # What came in the first week, before anything was done, was planned.
        made.epic(f"g20 {name}", team, epic["remaining"], done=own or ([1] if name == "T" else []), added=added)
    made.epic("g20 U without a team history", made.team("g20 none"), scope["epics"]["U"]["remaining"])
    easter = given("g28")[0]
    team = made.team("g28", moved(dict.fromkeys(easter["holidays.csv"]), easter["from"]))
    made.epic("g28", team, easter["remaining"], done=[5] * 8)
    both = given("g29")[0]
    team = made.team("g29")
    made.epic("g29 past", team, 0, rank=9, done=both["team"]["done per week"])
    for name, epic in reversed(both["epics"].items()):  # the one that is ranked first was written down last
        made.epic(f"g29 {name}", team, epic["remaining"], rank=epic["rank"])
    return made


def write_files(folder: Path, made: Site) -> None:
    def write(name: str, *rows: str) -> None:
        (folder / name).write_text("\n".join(rows) + "\n")

    folder.mkdir()
    policy(folder, "each")
    write("products.csv", files.PRODUCT, *(f"{one},{one},product,,,,," for one in ("g24", "g25")))
    write("product_map.csv", files.MAP, "jira,project,PAY,exact,g24,1,,,")
    write("teams.csv", files.TEAM, *(f"{team},{team},stream,engineering,,," for team in made.teams))
    write("holidays.csv", "country,date", *(f"{country},{day}" for country, day in made.holidays))
    columns = files.DECISIONS.split(",")
    rows = [
        [*(row[column] if column != "product_id" else case for column in columns), left]
        for case in ("g24", "g25")
        for row in given(case)[0]["decisions.csv"]
        for left in ["2026-02-20T09:00:00Z" if row["decision_id"] == "W" else ""]
    ]
    write("decisions.csv", ",".join([*columns, "withdrawn_at"]), *(",".join(row) for row in rows))


def policy(folder: Path, rounds: str) -> None:
    (folder / "policy.yml").write_text(
        f"reporting_time_zone: UTC\nreporting_currency: EUR\ndecision_rounds: {rounds}\n"
    )


@pytest.fixture(scope="module")
def made() -> Site:
    return site()


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory, made: Site) -> Iterator[Warehouse]:
    folder = tmp_path_factory.mktemp("goals")
    with environment_kept():
        write_files(folder / "company", made)
        os.environ.update(PRODOPS_NOW=NOW, PRODOPS_COMPANY=str(folder / "company"))
        warehouse = Warehouse(folder / "home")
        load_source("files", LoadOptions(), lambda _: None)
        # Read when it happened last: a record that is newer than its reading has a wrong clock.
        landed = {name: [replace(one, extracted_at=READ) for one in records] for name, records in made.jira().items()}
        warehouse.land("jira", landed)
        with duckdb.connect(str(warehouse.home / "restricted/people.duckdb")) as people:
            # What 25 models make of HR: everybody of a team is in one country.
            people.execute("create schema intermediate")
            people.execute(f"create table intermediate.{COUNTRIES} (team_id text, country text, team_share double)")
            people.executemany(f"insert into intermediate.{COUNTRIES} values (?, ?, 1)", [*made.teams.items()])
        warehouse.run("--select", "+mart_productops_impact", "+int_epics_counted", "int_team_holidays_shared")
        yield warehouse


def timed(built: Warehouse) -> dict[tuple[str, str], list[tuple[float | None, bool, str | None]]]:
    """Hours, whether that is the end, and the reason why there are none, by question and stage; newest round last."""
    rows = built.query(
        f"select decision_id, stage, stage_ms, is_over, stage_reason from intermediate.{TIMED} "
        "order by 1, number_from_last desc"
    )
    found: dict[tuple[str, str], list[tuple[float | None, bool, str | None]]] = {}
    for question, stage, took, is_over, reason in rows:
        found.setdefault((question, stage), []).append((None if took is None else took / HOUR, is_over, reason))
    return found


WHOLE = "raised_to_decided"


def test_g24_open_questions_are_censored_and_at_risk_at_their_own_age(built: Warehouse) -> None:
    _, right = given("g24")
    (row,) = built.query(
        "select median_hours, p85_hours, p85_hours_reason, stages_over, rounds, reopened_ratio "
        f"from marts.mart_productops_impact where fiscal_quarter = 'ALL' and product_id = 'g24' and stage = '{WHOLE}'"
    )
    median, p85, reason, over, rounds, reopened = row
    assert f"{median / 24:.0f} days" == right["median"]
    assert (p85, reason) == (right["p85"]["value"], right["p85"]["reason"])
    assert f"{over} of {rounds}" == right["decided"]
    assert reopened == 0


def test_g25_rounds_stages_and_what_was_withdrawn(built: Warehouse) -> None:
    _, right = given("g25")
    known = timed(built)
    assert [f"{hours:.0f} h" for hours, *_ in known["R", WHOLE]] == right["R"]["rounds=each"]
    before_data = {stage: known["G", stage][0] for stage in (WHOLE, "raised_to_data_ready")}
    assert f"{before_data[WHOLE][0]:.0f} h" == right["G"]["raised to decided"]
    assert f"{before_data['raised_to_data_ready'][0]:.0f} h" == right["G"]["raised to data"]
    assert known["G", "data_ready_to_proposed"] == [(right["G"]["data to decided"], False, "decided_before_data_ready")]
    ((censored, is_over, _),) = known["W", WHOLE]
    assert (f"{censored:.0f} h (withdrawn)", is_over) == (right["W"]["censored at"], False)
    assert [f"{hours:.0f} h" for hours, *_ in known["F", WHOLE]] == [right["F"]["clock=wall"]]
    (counts,) = built.query(
        "select reopened_questions, questions, rounds_withdrawn, stages_out_of_order from marts.mart_productops_impact "
        "where fiscal_quarter = 'ALL' and product_id = 'g25' and stage = 'data_ready_to_proposed'"
    )
    assert "{} of {} questions".format(*counts[:2]) == right["R"]["reopened"]
    assert counts[2:] == (1, 1)


def test_medians_are_those_of_scipy(built: Warehouse) -> None:
    """Of every cell: a library that many people use, on the stages as they were timed."""
    cells = built.query(
        """
        select product_id, stage, list(stage_ms), list(is_over)
        from (
            select * from intermediate.int_decision_stages_timed
            union all select * replace ('COMPANY' as product_id) from intermediate.int_decision_stages_timed
        )
        where stage_ms is not null group by all
        """
    )
    assert len(cells) >= 6
    seen = 0
    for product, stage, spans, over in cells:
        ended, still = (
            [took for took, one in zip(spans, over, strict=True) if one is is_over] for is_over in (True, False)
        )
        wanted: list[float | None] = [None, None]
        if ended:
            survival = ecdf(CensoredData(uncensored=ended, right=still)).sf
            wanted = [
                next((float(t) / HOUR for t in survival.quantiles if survival.evaluate(t) <= 1 - level + 1e-12), None)
                for level in (0.5, 0.85)
            ]
        cell = f"fiscal_quarter = 'ALL' and product_id = '{product}' and stage = '{stage}'"
        published = built.query(f"select median_hours, p85_hours from marts.mart_productops_impact where {cell}")
        assert published == [tuple(wanted)], (product, stage)
        seen += wanted[0] is not None
    assert seen >= 4


@pytest.fixture(scope="module")
def known(built: Warehouse) -> Known:
    with duckdb.connect(str(built.home / "warehouse.duckdb"), read_only=True) as connection:
        return read(connection)


@pytest.fixture(scope="module")
def forecasts(known: Known, made: Site) -> dict[str, dict[str, Any]]:
    return by_name(known, made)


def by_name(known: Known, made: Site) -> dict[str, dict[str, Any]]:
    rows = {row["epic_id"]: row for row in epics.rows(known, MONDAY)}
    return {name: rows[epic] for name, epic in made.epics.items()}


def dates(row: Mapping[str, Any]) -> list[date | None]:
    return [
        None if row[name] is None else date.fromisoformat(row[name]) for name in ("p50_date", "p85_date", "p95_date")
    ]


def after(weeks: str) -> date:
    return MONDAY + int(weeks.split()[0]) * WEEK - timedelta(days=1)


def test_g18_weeks_without_any_are_drawn(forecasts: dict[str, Any]) -> None:
    _, right = given("g18")
    assert dates(forecasts["g18"]) == [after(right[level]) for level in ("P50", "P85", "P95")]
    assert (forecasts["g18"]["history_weeks"], forecasts["g18"]["history_items"]) == (6, 8)
    assert not forecasts["g18"]["is_calibrated"]


def test_g19_and_g28_closed_days_bring_nothing_and_say_nothing(forecasts: dict[str, Any]) -> None:
    files, right = given("g19")
    assert dates(forecasts["g19"]) == [*moved(dict.fromkeys(right.values()), files["from"])] * 3
    files, right = given("g28")
    last = right["step=week"].removeprefix("in the week that ends on ")
    assert dates(forecasts["g28"]) == moved({last: 0}, files["from"]) * 3


def test_g20_scope_grows_or_there_is_nothing_to_learn_from_or_nothing_left(forecasts: dict[str, Any]) -> None:
    _, right = given("g20")
    grows = forecasts["g20 W"]
    assert dates(grows) == [after(right["W"]["scope=growing"])] * 3
    assert (dates(forecasts["g20 V"]), forecasts["g20 V"]["reason"]) == ([None] * 3, right["V"]["reason"])
    assert dates(forecasts["g20 U"]) == [after(right["U"]["weeks"])] * 3
    unknown = forecasts["g20 U without a team history"]
    assert (dates(unknown), unknown["reason"]) == ([None] * 3, right["U without a team history"]["reason"])
    assert (dates(forecasts["g20 T"]), forecasts["g20 T"]["reason"]) == ([None] * 3, right["T"]["reason"])


@pytest.mark.parametrize("capacity", ["by_rank", "in_proportion"])
def test_g29_what_a_team_finishes_is_used_once(known: Known, made: Site, capacity: Any) -> None:
    assert known.capacity == "by_rank", "the default"
    found = by_name(replace(known, capacity=capacity), made)
    for name, weeks in given("g29")[1][f"capacity={capacity}"].items():
        assert dates(found[f"g29 {name}"]) == [after(weeks)] * 3, name


def test_g25_as_a_whole(built: Warehouse) -> None:
    """Last in this file: it changes what was built. Hours of business days are the model's unit test."""
    with environment_kept():
        folder = built.home.parent / "company"
        policy(folder, "whole")
        os.environ.update(PRODOPS_NOW=NOW, PRODOPS_COMPANY=str(folder), PRODOPS_HOME=str(built.home))
        load_source("files", LoadOptions(), lambda _: None)
        built.run("--select", "base_files__policy", TIMED)
    assert [f"{hours:.0f} h" for hours, *_ in timed(built)["R", WHOLE]] == [given("g25")[1]["R"]["rounds=whole"]]
