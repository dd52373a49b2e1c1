"""What work is for, by the SQL of the models themselves: the cases of other companies (tests/cases/goals, g13 to g17,
g26 and g27), from Jira's answers to the marts.

All cases are one site, whose keys begin with the case's name, and one team of few people each, which works for a
product of the case's name. Belongs here: what the cases say of days, shares and links. Does not: the made-up company
(tests/end_to_end), effort by itself (test_effort_truth).
A failure means that a company with such a site sees its work under the wrong goal, or a dependency the wrong way round.
"""

from __future__ import annotations

import json
import re
import shutil
from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from tests import in_process_dbt
from tests.dbt.conftest import Warehouse, record

CASES = {
    path.stem[:3]: json.loads(path.read_text())
    for path in (Path(__file__).parents[1] / "cases/goals").glob("*.json")
    if path.stem[:3] in ("g13", "g14", "g15", "g16", "g17", "g26", "g27")
}
GIVEN = {name: case["input"] for name, case in CASES.items()}
RIGHT = {name: case["right"] for name, case in CASES.items()}
BUILT = (
    *("int_worker_items_ranged", "int_issue_places_ranged", "int_goals__work_served", "mart_dependency"),
    *("int_goals__objectives", "stg_files__goal_parents"),
)
LADDER = ("int_effort_ranges_cut", "fct_effort", "int_ladder_efforts_shared", "mart_work_ladder")
PEOPLE = {"int_worker_days_placed", "int_worker_items_ranged", "int_worker_acts_weighed", *LADDER[:3]}
ALWAYS = {"valid_from": date(1, 1, 1), "valid_to": date(9999, 12, 31)}
MONDAY, LAST = date(2026, 3, 2), date(2026, 3, 31)
BEGUN = "2026-01-05T00:00:00.000+0000"
DOING, DONE = "3", "10002"
A_DAY = 40_000
Row = dict[str, Any]
Shares = dict[str, Fraction]


def of(case: str, what: Any) -> Any:
    """What a case has, with keys that no other case has, and the ids that a vendor's answer would have beside them."""
    text = re.sub(r'"([A-Z]+-\d+)"', rf'"{case}\1"', json.dumps(what))
    return json.loads(re.sub(r'\{\s*"key": "([^"]+)"\s*\}', r'{"id": "\1", "key": "\1"}', text))


def issue(key: str, level: int, epic: str | None = None, links: Any = (), **fields: Any) -> Row:
    known: Row = {
        "issuetype": {"id": str(level), "name": f"Level {level}", "hierarchyLevel": level, "subtask": level < 0}
    }
    known |= {"project": {"id": key.partition("-")[0], "key": key.partition("-")[0], "name": "Site"}, "summary": key}
    known |= {
        "status": {"id": DOING, "name": "In Progress"},
        "created": BEGUN,
        "updated": BEGUN,
        "issuelinks": list(links),
    }
    known |= {"parent": {"id": epic, "key": epic} if epic else None}
    return {"id": key, "key": key, "fields": known | fields}


def shown(at: str) -> str:
    """An instant as Jira writes it."""
    return at.replace("Z", ".000+0000")


def moved(case: str, story: str, given: Mapping[str, Any], since: str, until: str) -> tuple[list[Row], list[Row]]:
    """A story that is in progress for some time, and was in one epic after the other; its histories."""
    epics = [(at, f"{case}{epic}-0" if epic else None) for at, epic in given["epic"]]
    steps = [
        {"field": "IssueParentAssociation", "at": at, "from": before, "to": epic}
        for (_, before), (at, epic) in pairwise(epics)
    ]
    steps.append({"field": "status", "fieldId": "status", "at": until, "from": DOING, "to": DONE})
    histories = [
        {"id": str(number), "issue": story, "created": shown(step.pop("at")), "items": [{"fieldtype": "jira"} | step]}
        for number, step in enumerate(sorted(steps, key=lambda one: one["at"]), start=1)
    ]
    done = {"status": {"id": DONE, "name": "Done"}, "created": shown(since), "updated": shown(until)}
    who = {"accountId": story.lower(), "accountType": "atlassian"}
    return [issue(story, 0, epics[-1][1], assignee=who, **done)], histories


class Site:
    """All cases as one site, with its company's files."""

    def __init__(self) -> None:
        self.issues: list[Row] = []
        self.histories: list[Row] = []
        for one in of("g13", GIVEN["g13"]["issues"]):
            fields = one["fields"]
            known = issue(one["key"], fields["issuetype"]["hierarchyLevel"], **fields)
            self.issues.append(known)
        for case, name in (("g14", "story X"), ("g14", "story Y"), ("g26", "")):
            given = GIVEN[case][name] if name else GIVEN[case]
            issues, histories = moved(case, f"{case}{name[6:] or 'X'}-1", given, given["in progress"], given["done"])
            self.issues += issues
            self.histories += histories
        self.issues += [
            issue(f"{case}{epic}-0", 1) for case, epics in (("g14", "ABC"), ("g26", "AB")) for epic in epics
        ]
        self._claimed()
        for one in of("g16", GIVEN["g16"]["issues"]):
            level = -1 if one["type"] == "Sub-task" else 0
            self.issues.append(issue(one["key"], level, one.get("parent") or one.get("epic")))
        self.issues += [issue("g16AB-100", 1), issue("g27EPIC-1", 1, "g27INI-1"), issue("g27INI-1", 2)]
        for key, links in of("g17", GIVEN["g17"]["issuelinks of"]).items():
            self.issues.append(issue(key, 0, links=links))

    def _claimed(self) -> None:
        for epic, about in GIVEN["g15"]["epics"].items():
            links = []
            for number, link in enumerate(about["linked"]):
                other, key = f"g15{link['from']}", f"{epic}{number}"
                kind = {"id": "10010", "name": link["type"], "inward": "is implemented by", "outward": "implements"}
                links.append({"id": key, "type": kind, "inwardIssue": {"id": other, "key": other}})
            self.issues.append(issue(f"g15{epic}-0", 1, f"g15{about['parent']}", links))
        self.issues += [issue(f"g15INI-{number}", 2) for number in (1, 2)]

    def land(self, warehouse: Warehouse) -> None:
        statuses = ((DOING, "In Progress", "indeterminate"), (DONE, "Done", "done"))
        projects = {one["fields"]["project"]["id"] for one in self.issues}
        histories = [(one, str(place)) for place, one in enumerate(self.histories, start=1)]
        warehouse.land(
            "jira",
            {
                "fields": [record(one["id"], one | {"name": "Epic Link"}) for one in GIVEN["g13"]["fields"]],
                "projects": [record(key, {"id": key, "key": key, "name": key}) for key in sorted(projects)],
                "statuses": [
                    record(key, {"id": key, "name": name, "statusCategory": {"key": category}})
                    for key, name, category in statuses
                ],
                "issues": [record(one["id"], one) for one in self.issues],
                "changelogs": [
                    record(
                        number, {"id": number, "created": one["created"], "items": one["items"]}, parent=one["issue"]
                    )
                    for one, number in histories
                ],
            },
        )
        accounts = [one["fields"]["assignee"]["accountId"] for one in self.issues if "assignee" in one["fields"]]
        maps = [{"source": "jira", "key": key, "worker_id": key.partition("-")[0][:3]} for key in accounts]
        products = {"PAY": "payments", "SHOP": "commerce"}
        assert products == GIVEN["g17"]["products"]
        cycle = {"id": "C", "name": "C", "start": "2026-01-01", "end": "2027-12-31"}
        results = GIVEN["g27"]["key_results"]
        objectives = [{"id": "OT"}, {"id": "O1", "parent": "OT", "link": "contribute"}]
        objectives.append({"id": "O2", "parent": "OT", "link": "contribute"})
        about = {"type": "increase", "start": "0", "target": "1", "weight": "1", "metric": "manual", "name": "K"}
        serves = [("g13INI-1", "K1", None)]
        serves += [("g27INI-1", one["key_result"], one["share"]) for one in GIVEN["g27"]["initiative"]["serves"]]
        rows: dict[str, list[tuple[str, Row]]] = {
            "policy": [("policy", {"reporting_time_zone": "UTC", "reporting_currency": "EUR"})],
            "read_days": [("read_day", {"day": "2027-02-01"})],
            "products": [(one, {"product_id": one, "name": one, "level": "product"}) for one in products.values()],
            "product_map": [
                (key, {"source": "jira", "object_type": "project", "key": f"g17{key}", "match": "exact", "weight": "1"}
                 | {"product_id": product})
                for key, product in products.items()
            ],
            "worker_map": [(one["key"], one) for one in maps],
            "link_types": [
                (kind, {"link_type": kind, "direction": means})
                for kind, means in (("10007", "inward"), ("Implements", "ladder"))
            ],
            "okr_cycles": [("C", cycle)],
            "objectives": [(one["id"], {"cycle": "C", "name": one["id"], "owner": "ada"} | one) for one in objectives],
            "key_results": [
                (one, {"id": one, "objective": aim} | about) for one, aim in results.items()
            ],
            "goal_links": [
                (f"{item}{result}", {"work_item": item, "key_result_id": result, "share": share})
                for item, result, share in serves
            ],
        }  # fmt: skip
        warehouse.land("files", {name: [record(key, row) for key, row in known] for name, known in rows.items()})


def weekdays(first: date, last: date, but: tuple[str, ...] = ()) -> Iterator[date]:
    for number in range((last - first).days + 1):
        day = first + timedelta(days=number)
        if day.weekday() < 5 and str(day) not in but:
            yield day


class Ladder:
    """The home that was built, and the models of the ladder, to be run in memory with people's days beside it."""

    def __init__(self, warehouse: Warehouse) -> None:
        Site().land(warehouse)
        warehouse.run("--select", *(f"+{name}" for name in BUILT))
        done = in_process_dbt.dbt(warehouse.home, "compile", "--select", *LADDER)
        self.home, self.compiled = warehouse.home, {one.node.name: one.node.compiled_code for one in done.result}

    def rows(self, given: Mapping[str, list[Row]], model: str = "equal_active_day", **policy: Any) -> list[Row]:
        """The rows of mart_work_ladder, of days under a model of effort."""
        with TemporaryDirectory() as folder, duckdb.connect() as connection:
            connection.execute("set timezone = 'UTC'")
            for file, name in (("warehouse.duckdb", "warehouse"), ("restricted/people.duckdb", "restricted")):
                copied = shutil.copy(self.home / file, Path(folder) / f"{name}.duckdb")
                connection.execute(f"attach '{copied}' as {name}")
                for schema in ("staging", "intermediate", "marts"):
                    connection.execute(f"create schema if not exists {name}.{schema}")
            query = (
                "select database_name || '.' || schema_name || '.' || view_name from duckdb_views() where not internal"
            )
            views = {name for (name,) in connection.execute(query).fetchall()}
            for name, known in everything(given, policy).items():
                connection.register("given", pa.Table.from_pylist(known))
                connection.execute(f"drop {'view' if place(name) in views else 'table'} if exists {place(name)}")
                connection.execute(f"create table {place(name)} as from given")
            for name in LADDER:
                code = self.compiled[name]
                if name == "int_ladder_efforts_shared":
                    code = code.replace("'equal_active_day'", f"'{model}'")
                connection.execute(f"create or replace table {place(name)} as {code}")
            found = connection.execute("from warehouse.marts.mart_work_ladder").to_arrow_table().to_pylist()
        return found


def place(name: str) -> str:
    if name in PEOPLE or name in ("int_team_products_ranged", "int_epic_costs_shared"):
        return f"{'warehouse' if name == 'int_team_products_ranged' else 'restricted'}.intermediate.{name}"
    if name.startswith(("dim_", "mart_")):
        return f"warehouse.marts.{name}"
    return f"warehouse.{'staging' if name.startswith('stg_') else 'intermediate'}.{name}"


def everything(given: Mapping[str, list[Row]], policy: Mapping[str, Any]) -> dict[str, list[Row]]:
    """What the ladder reads beside the home: people's days, what they cost, names."""
    clock = {"data_as_of": LAST, "loaded_at": LAST}
    product = {"product_name": "", "product_level": "", "portfolio_id": "", "portfolio_name": ""}
    nobodys: dict[str, Row] = {
        "int_worker_acts_weighed": {"act_type": "changes", "act_date": MONDAY, "weight": 1, "project_key": "-"}
        | dict.fromkeys(("worker_id", "work_item_id", "epic_id", "initiative_id"), "-"),
        "stg_files__team_products": {"team_id": "-", "product_id": "-", "share": 1.0} | ALWAYS,
        "int_capex_windows_resolved": {"epic_id": "-", "begins_date": MONDAY, "ends_date": MONDAY},
        "int_epic_costs_shared": {"effort_model": "equal_active_day", "fiscal_period": "-", "product_id": "-"}
        | {"epic_id": "-", "initiative_id": "-", "amount_minor": 1, "currency": "EUR"},
        "int_product_portfolios_ranged": {"product_id": "-", "portfolio_id": "-"} | ALWAYS,
        "dim_currency": {"currency": "EUR", "minor_unit_exponent": 2},
        "dim_product": {"product_id": "-"} | product,
        "dim_team": {"team_id": "SMALL_TEAMS", "team_name": "Teams of few people"},
    }
    rows = {name: [one] for name, one in nobodys.items()}
    rows |= {f"int_{source}_clocks_read": [clock] for source in ("quickbooks", "bamboohr")}
    rows["int_jira_clocks_read"] = [clock | {"reporting_time_zone": "UTC", "local_date": LAST}]
    switches = {"hours_of_a_day": 8, "ladder_links": "parent_only", "reporting_time_zone": "UTC"}
    rows["int_policies_read"] = [switches | {"reporting_currency": "EUR"} | dict(policy)]
    period = {
        "fiscal_year": "FY",
        "prior_fiscal_period": "",
        "is_complete": True,
        "last_date": LAST,
        "as_of_date": LAST,
    }
    rows["int_fiscal_periods_begun"] = [{"fiscal_period": one, "first_date": MONDAY} | period for one in ("P02", "P03")]
    teams = {one["team_id"] for one in given["int_worker_days_placed"]}
    every = {"share_millionths": 1_000_000} | ALWAYS
    rows["int_team_products_ranged"] = [{"team_id": one, "product_id": one} | every for one in sorted(teams)]
    return rows | dict(given)


def working(team: str, worker: str, days: Iterator[date], period: str = "P03") -> list[Row]:
    about = {"function_name": "Engineering", "is_head": True, "fte": 1, "leave_share": 0, "is_working_day": True}
    return [
        {"worker_id": worker, "work_date": day, "fiscal_period": period, "team_id": team} | about
        for day in sorted(days)
    ]


def shared(rows: list[Row], *columns: str, measure: str = "effort_days") -> dict[Any, float]:
    found: dict[Any, float] = defaultdict(float)
    for row in rows:
        if not row["is_rollup"]:
            names = [re.sub(r"^g\d\d|-0$", "", str(row[name])) for name in columns]
            found[names[0] if len(names) == 1 else tuple(names)] += float(row[measure])
    return dict(found)


def is_right(found: Mapping[str, float], right: Mapping[str, str]) -> bool:
    wanted = {name: float(Fraction(value)) for name, value in right.items() if Fraction(value)}
    return found == pytest.approx(wanted, abs=2e-6)


@pytest.fixture(scope="module")
def ladder(tmp_path_factory: pytest.TempPathFactory) -> Ladder:
    return Ladder(Warehouse(tmp_path_factory.mktemp("ladder") / "home"))


def worked_for_days(ladder: Ladder, case: str, days: Mapping[str, Any]) -> dict[str, list[Row]]:
    """Somebody for each item, who works on it alone for so many days, in the place that it has in Jira."""
    people, items = [], []
    with duckdb.connect(str(ladder.home / "warehouse.duckdb"), read_only=True) as built:
        query = (
            "select work_item_id, epic_id, initiative_id from intermediate.int_issue_places_ranged where issue_id = ?"
        )
        for key, number in days.items():
            ((item, epic, initiative),) = built.execute(query, [f"{case}{key}"]).fetchall()
            own = [day for day, _ in zip(weekdays(MONDAY, LAST), range(int(number)), strict=False)]
            people += working(case, key, iter(own))
            placed = {"work_item_id": item, "epic_id": epic, "initiative_id": initiative, "project_key": case}
            items.append({"worker_id": key, "valid_from": MONDAY, "valid_to": LAST} | placed)
    return {"int_worker_days_placed": people, "int_worker_items_ranged": items}


def test_an_item_is_in_its_epic_whichever_field_says_so(ladder: Ladder) -> None:
    given = worked_for_days(ladder, "g13", GIVEN["g13"]["effort in days"])
    costs = [("g13AB-100", "g13INI-1", 7), ("g13TM-9", "UNMAPPED", 1), ("UNMAPPED", "UNMAPPED", 2)]
    cost = {"effort_model": "equal_active_day", "fiscal_period": "P03", "product_id": "g13", "currency": "EUR"}
    given["int_epic_costs_shared"] = [
        cost | {"epic_id": epic, "initiative_id": above, "amount_minor": days * A_DAY} for epic, above, days in costs
    ]
    rows = ladder.rows(given)
    right, names = RIGHT["g13"], {"UNMAPPED": "none"}
    assert is_right(
        {names.get(one, one): days for one, days in shared(rows, "epic_id").items()}, right["effort by epic"]
    )
    for measure, whole in (("effort_days", 10), ("cost", 10 * A_DAY / 100)):
        parts = {reason: part / whole for reason, part in shared(rows, "no_ladder_reason", measure=measure).items()}
        assert parts.pop("None") == pytest.approx(float(right["share with a key result"]))
        assert is_right(parts, right["share without, by reason"])


def test_d9_work_stays_in_the_epic_in_which_it_was_done(ladder: Ladder) -> None:
    """A story that changes its epic midway, and one that leaves it, belongs to none, to another and returns."""
    for case, first, last, holidays in (
        ("g14", MONDAY, date(2026, 3, 13), ()),
        ("g26", date(2026, 12, 21), date(2027, 1, 8), tuple(GIVEN["g26"]["holidays.csv"])),
    ):
        days = shared(
            ladder.rows({"int_worker_days_placed": working(case, case, weekdays(first, last, holidays))}), "epic_id"
        )
        days = {"none" if one == "UNMAPPED" else one: number for one, number in days.items()}
        assert is_right(days, RIGHT[case]["days"]), case
        whole = sum(days.values())
        assert is_right({one: number / whole for one, number in days.items()}, RIGHT[case]["share"]), case


def test_a_second_claim_on_an_epic_counts_nothing_or_splits(ladder: Ladder) -> None:
    given = worked_for_days(ladder, "g15", {"E-0": 10, "F-0": 5})
    for policy in ("parent_only", "equal_split"):
        days = shared(ladder.rows(given, ladder_links=policy), "initiative_id")
        assert is_right(days, RIGHT["g15"][f"ladder_links={policy}"]), policy
        assert sum(days.values()) == pytest.approx(float(RIGHT["g15"]["total"]))


def test_time_on_sub_tasks_is_counted_once_and_done_work_too(ladder: Ladder) -> None:
    """Under the model of hours logged: those of each item in the month."""
    acts, people = [], []
    for key, day, seconds in GIVEN["g16"]["worklogs (day of 28,800 s)"]:
        worker = "p2" if key == "AB-2" else "p1"
        epic = None if worker == "p2" else "g16AB-100"
        item = {"work_item_id": "g16AB-2" if worker == "p2" else "g16AB-1", "epic_id": epic, "initiative_id": None}
        act = {"act_type": "worklogs", "worker_id": worker, "act_date": date.fromisoformat(day), "weight": seconds}
        acts.append(act | item | {"project_key": "g16"})
        period = "P02" if day < "2026-03" else "P03"
        people += working("g16", worker, iter([date.fromisoformat(day)]), period)
    with duckdb.connect(str(ladder.home / "warehouse.duckdb"), read_only=True) as built:
        placed = built.execute(
            "select issue_id, work_item_id, epic_id from intermediate.int_issue_places_ranged where issue_id ^@ 'g16'"
        ).fetchall()
    assert {("g16AB-12", "g16AB-1", "g16AB-100"), ("g16AB-2", "g16AB-2", None)} <= {*placed}
    rows = ladder.rows({"int_worker_days_placed": people, "int_worker_acts_weighed": acts}, "worklogs")
    days = shared([row for row in rows if row["fiscal_period"] == "P03"], "epic_id")
    days = {"no epic" if one == "UNMAPPED" else one: number for one, number in days.items()}
    assert is_right(days, RIGHT["g16"]["days in March"])
    assert days["no epic"] / sum(days.values()) == float(RIGHT["g16"]["share without a ladder"])


def test_an_initiative_for_two_key_results_is_once_at_the_top(ladder: Ladder) -> None:
    given = worked_for_days(ladder, "g27", {"EPIC-1": GIVEN["g27"]["initiative"]["effort_days"]})
    right = RIGHT["g27"]
    rows = ladder.rows(given)
    assert is_right(shared(rows, "key_result_id"), right["by key result"])
    by_objective: dict[str, float] = defaultdict(float)
    for row in rows:
        by_objective[row["objective_id"] + " (rolled up)" * row["is_rollup"]] += row["effort_days"]
    assert is_right(by_objective, right["by objective"])
    assert {row["objective_id"]: row["is_rollup"] for row in rows} == right["is_rollup"]
    served = {"work_item_id": "g27INI-1", "valid_from": MONDAY, "valid_to": LAST, "share_millionths": 500_000}
    halves = [served | {"key_result_id": one} for one in ("K1", "K2")]
    without = ladder.rows(given | {"int_goals__work_served": halves})
    assert is_right(shared(without, "key_result_id"), right["without shares"])


def test_a_dependency_is_one_row_and_says_who_blocks(ladder: Ladder) -> None:
    with duckdb.connect(str(ladder.home / "warehouse.duckdb"), read_only=True) as built:
        found = built.execute(
            "select blocker_key, blocked_key, is_across_products from marts.mart_dependency "
            "where blocker_key like 'g17%' order by blocker_key"
        ).fetchall()
    right = RIGHT["g17"]["dependencies"]
    assert found == [
        (f"g17{one['blocker']}", f"g17{one['blocked']}", one["across products"])
        for one in sorted(right, key=lambda one: str(one["blocker"]))
    ]
    assert len(found) == int(RIGHT["g17"]["count"])
