"""A company whose calendar is of weeks, loaded twice in small pages and built after each load (the first time only what
the second build goes on with), is what truly happened;
and what is wrong in staging is found.

The other companies are played in `make torture PART=truth`.
"""

import json
import os
import shutil
from collections.abc import Iterator
from copy import copy
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml

from orchestration import manifest
from orchestration.failing_rows import is_shown
from quality import disclosure_records
from quality.disclosure_published import Leaving, audit_published, described
from quality.proof import page, proofs
from serving.lineage import Lineage
from serving.replays import ReplayError, refuse_disclosure
from tests.end_to_end import intervals
from tests.end_to_end.claims import CLAIMS, played
from tests.end_to_end.play import Play
from tests.in_process_dbt import dbt, parsed_home
from tests.ingestion.file_packages import written_by
from tests.torture.check_mutations import Copied, kind_of
from tests.torture.proof_mutations import MISTAKES, Spoilt


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Play]:
    home = tmp_path_factory.mktemp("company") / "home"
    with written_by("files"), played(home, seed=2, runs=2, builds=2, page_cap=7) as play:
        yield play


@pytest.mark.parametrize("claim", CLAIMS)
def test_what_is_claimed_of_a_company_is_true(company: Play, claim: str) -> None:
    assert CLAIMS[claim](company) == []


# One table of each source, with whom it is staged as, the id there, and a fact with how it is made wrong.
SPOILED = [
    ("files__checkins", "record_id", "value", "checkin_value = checkin_value + 1"),
    ("jira__worklogs", "record_id", "seconds", "time_spent_seconds = time_spent_seconds + 1"),
    ("amplitude__events", "project_id || '/' || uuid", "event_time", "event_at = event_at + interval 1 microsecond"),
    ("fx__rates", "rate_date || '/' || currency", "rate", "rate = rate + 0.0001"),
    ("stripe__charges", "record_id", "amount", "amount = amount + 1"),
    ("bamboohr__employees", "record_id", "title", "job_title = null"),
    ("bamboohr__compensation", "record_id", "hundredths", "rate_amount = rate_amount + 0.01"),
    ("quickbooks__bills", "record_id", "date", "posting_date = posting_date + 1"),
]
STAGED_AS = {"quickbooks__bills": "quickbooks__documents"}


def test_whatever_is_wrong_in_staging_is_reported_by_its_name(company: Play, tmp_path: Path) -> None:
    (tmp_path / "restricted").mkdir()
    for file in ("warehouse.duckdb", "restricted/people.duckdb"):
        shutil.copy(company.home / file, tmp_path / file)
    reported = []
    with duckdb.connect(str(tmp_path / "warehouse.duckdb")) as copied:
        copied.execute(f"attach '{tmp_path}/restricted/people.duckdb' as restricted")
        copied.execute("set search_path = 'warehouse.staging,restricted.staging'")
        for table, key, fact, mistake in SPOILED:
            base, place = f"base_{table}", f"stg_{STAGED_AS.get(table, table)} {table.split('__')[1]}"
            (wrong,), (gone,) = copied.execute(f"select {key} from {base} order by 1 limit 2").fetchall()
            copied.execute(f"update {base} set {mistake} where {key} = ?", [wrong])
            copied.execute(f"delete from {base} where {key} = ?", [gone])
            reported += [f"{place} {wrong} {fact}: differs", f"{place} {gone}: not staged"]
        copied.execute("update base_stripe__coupons set record_id = 'OTHER' where record_id = 'WELCOME20'")
        reported += [
            f"stg_stripe__coupons coupons {one}" for one in ("OTHER: staged, but not there", "WELCOME20: not staged")
        ]
        copied.execute("update base_stripe__refunds set quarantine_reason = 'unfit'")
        for (refund,) in copied.execute("select record_id from base_stripe__refunds").fetchall():
            reported += [
                f"stg_stripe__quarantine refunds {refund}: in quarantine",
                f"stg_stripe__refunds refunds {refund}: not staged",
            ]
        copied.execute("create view stg_stripe__payouts as select 1")
        reported += ["stg_stripe__payouts: compared with nothing"]
    assert sorted(company.staged_differences(tmp_path)) == sorted(reported)


# A row of the ledger that QuickBooks' answer lacked, in a month with revenue, and a type that nobody knows.
LOST = """
    select document_id, posting_date, account_id, amount_minor from staging.stg_quickbooks__ledger_postings as posting
    where posting_date between date '2026-01-01' and date '2026-06-30' and amount_minor > 100
        and type_label = 'Invoice'
    order by all limit 1
"""
HELD = """
    select distinct actual, variance_ratio_suppressed_reason from marts.mart_budget where fiscal_period = ? order by all
"""
YEAR = "select count(*) > 0, count(revenue_12m) from marts.mart_product_staffing where fiscal_period = ?"
MARTS = "select schema_name || '.' || table_name from duckdb_tables() where schema_name = 'marts' order by 1"


def test_a_period_that_does_not_tie_is_held_back_and_nothing_else(
    company: Play, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home"
    shutil.copytree(company.home, home, ignore=shutil.ignore_patterns("landing", "logs", "published", "dagster"))
    monkeypatch.setenv("PRODOPS_HOME", str(home))
    monkeypatch.setenv("PRODOPS_LANDING", str(company.home / "landing"))
    with duckdb.connect(str(home / "warehouse.duckdb")) as warehouse:
        marts = [name for (name,) in warehouse.execute(MARTS).fetchall()]
        before = {name: warehouse.execute(f"from {name} order by all").fetchall() for name in marts}
        lost = warehouse.execute(LOST).fetchone()
        assert lost is not None
        row = "document_id = ? and posting_date = ? and account_id = ? and amount_minor = ?"
        warehouse.execute(f"delete from staging.stg_quickbooks__ledger_postings where {row}", lost)
    built = dbt(home, "build", "--select", "fct_gl_line+", "--exclude-resource-type", "unit_test")
    statuses = {one.node.name: str(one.status) for one in built.result}
    assert {name: status for name, status in statuses.items() if status not in ("success", "pass", "no-op")} == {
        "assert_books_capitalise_what_the_regime_does": "warn",
        "assert_ledger_balances": "warn",
        "assert_ledger_equals_trial_balance": "warn",
    }
    with duckdb.connect(str(home / "warehouse.duckdb")) as warehouse:
        after = {name: warehouse.execute(f"from {name} order by all").fetchall() for name in marts}
        query = "select proof, fiscal_period, account_id, suspect from intermediate.int_ledger_differences_found"
        found = {proof: facts for proof, *facts in warehouse.execute(query).fetchall()}
        proven = warehouse.execute(
            "select distinct mart_name, fiscal_period, status from marts.mart_reconciliation where status <> 'agrees' "
            "and currency is not null"
        ).fetchall()
        lacking = warehouse.execute(HELD, [found["entry"][0]]).fetchall()
        year = warehouse.execute(YEAR, [found["entry"][0]]).fetchone()
    period, account, suspect = found["trial_balance"]
    assert found.keys() == {"trial_balance", "entry"}
    assert account == lost[2]
    assert suspect.startswith("Invoice ")
    assert suspect.endswith(f"0 posted, {lost[3]} by the document")
    assert found["entry"][0] == period
    of_the_ledger = {f"marts.mart_{name}" for name in ("revenue", "product_cost", "product_cost_range", "product_pnl")}
    assert {*proven} == {(name.removeprefix("marts."), period, "held_back") for name in of_the_ledger}
    assert {one.is_green for one in proofs(home / "warehouse.duckdb")} == {True}, "what is held back is a named item"
    _, held = page(home / "warehouse.duckdb")
    assert any(period in line and suspect in line for line in held)
    proving = {"marts.mart_data_health", "marts.mart_reconciliation"}
    # What epics cost to date lacks the period too, and what is capitalised of it is not there to be amortised later.
    cumulative = {"marts.mart_epic_cost", "marts.mart_capex_opex"}
    made_of_it = {f"marts.mart_{one}" for one in ("budget", "product_staffing", "roadmap_outcome", "board_metric")}
    of_cost = {"marts.mart_ai_spend", "marts.mart_cost_centre"}
    of_days = "marts.mart_work_ladder"
    changed = {name for name in marts if after[name] != before[name]}
    assert changed == {*of_the_ledger, *of_cost, *cumulative, *made_of_it, *proving, of_days}
    assert {one[-4] for one in after[of_days] if one[1] == period} == {None}, "days stay, and cost nothing known"
    for name in cumulative:
        assert period in {one[0] for one in before[name]} - {one[0] for one in after[name]}
        assert [one for one in after[name] if one[0] < period] == [one for one in before[name] if one[0] < period] != []
    for name in of_the_ledger:
        assert after[name] == [one for one in before[name] if one[0] != period] != before[name], name
    compared = "marts.mart_budget"
    assert [one for one in after[compared] if one[0] != period] == [one for one in before[compared] if one[0] != period]
    assert lacking == [(None, "no_actual"), (None, "unknown_group")]
    assert year == (True, 0)


SPOILT = (
    "a ledger line is a cent more",
    "the mapping of an account is lost",
    "a posting is selected in another period",
    "lines of people are there twice",
    "a driver is swapped between products",
    "in a period whose remainder is withheld a row of cost is not shown",
)
"""Of those in tests/torture/proof_mutations.py, one of each kind."""


def test_a_mistake_in_cost_turns_the_proof_red_and_is_named(company: Play, tmp_path: Path) -> None:
    spoilt = Spoilt(company.home, tmp_path)
    found = [spoilt.outcome(one) for one in MISTAKES if one.name in SPOILT]
    assert {one.mistake for one in found} == {*SPOILT}
    assert [(one.mistake, one.noticed, one.unnamed) for one in found if not one.is_caught] == []
    controlled = [one for one in MISTAKES if one.name == "the trial balance says a cent more of an account"]
    # D11: a package that compares its own models with each other proves that it can add. The control is the books' own.
    assert [spoilt.outcome(one).is_caught for one in controlled] == [True]


def test_a_check_of_each_kind_is_broken_by_one_row_names_it_and_holds_back_the_marts_behind_it(
    company: Play, tmp_path: Path
) -> None:
    """All checks are in `make torture PART=checks`. A failure means that a red check hides its row, or that marts move
    which it speaks of."""
    home = parsed_home(tmp_path / "home")
    (home / "restricted").mkdir()
    for file in ("warehouse.duckdb", "restricted/people.duckdb"):
        shutil.copy(company.home / file, home / file)
    os.environ["PRODOPS_HOME"] = str(home)
    nodes = manifest.project().nodes
    by_kind = {kind_of(nodes[one]): nodes[one]["fqn"][-1] for one in sorted(manifest.checks(), reverse=True)}
    assert len(by_kind) > 7
    copied = Copied(home, tmp_path, list(by_kind.values()))
    found = [copied.outcome(one) for one in copied.tests]
    assert [(one.check, one.problem) for one in found if one.problem] == []
    assert len(found) == len(by_kind)
    assert sum(not one.is_restricted for one in found) > 4, "too few whose rows may be named"
    reads_pay = {one: '"restricted".' in statement for one, statement in copied.statements.items()}
    assert {one: not is_shown(test) for one, test in copied.tests.items()} == reads_pay


SINCE = "timestamp '2026-03-15 00:00:00'"
BILLS = "select record_id from base_stripe__invoices where created_at < "


def test_what_is_read_since_march_says_what_each_contract_brings_now(
    company: Play, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As with SOURCES__STRIPE__START: contracts are read however old they are, bills are not; those of years and of two
    years are gone, and so is one that was never paid."""
    home = tmp_path / "home"
    shutil.copytree(company.home, home, ignore=shutil.ignore_patterns("landing", "logs", "published", "dagster"))
    monkeypatch.setenv("PRODOPS_HOME", str(home))
    monkeypatch.setenv("PRODOPS_LANDING", str(company.home / "landing"))
    with duckdb.connect(str(home / "warehouse.duckdb")) as warehouse:
        warehouse.execute("set search_path = 'warehouse.staging'")
        for child in ("invoice_lines", "invoice_payments"):
            warehouse.execute(f"delete from base_stripe__{child} where parent_id in ({BILLS}{SINCE})")
        for stream in ("invoices", "invoice_items", "charges"):
            warehouse.execute(f"delete from base_stripe__{stream} where created_at < {SINCE}")
        left = warehouse.execute(f"select count(*), min(created_at) >= {SINCE} from base_stripe__invoices").fetchone()
    assert left is not None
    assert left[0] > 100
    assert left[1]
    built = dbt(
        home, "build", "--select", "stg_stripe__invoices+,+fct_subscription_interval", "--resource-type", "model"
    )
    assert built.success
    cut = copy(company)
    cut.home = home
    derived, true = (
        {item: ranges[-1][2] for item, ranges in known.items() if ranges[-1][1] is None}
        for known in (intervals.derived_items(cut), intervals.true_items(cut))
    )
    assert len(true) > 60
    assert derived == true


LEAVES = Path("dbt_project/models/intermediate/cost/restricted/int_product_costs_summed.yml")
EPICS = LEAVES.with_name("int_epic_costs_shared.yml")
CENTRES = LEAVES.with_name("int_cost_centres_summed.yml")
PAY = "yearly_pay_minor * paid_thousandths / 365000"


@pytest.fixture
def built(company: Play, tmp_path: Path) -> Path:
    """A copy of what was built, to be spoiled."""
    (tmp_path / "restricted").mkdir()
    for file in ("warehouse.duckdb", "restricted/people.duckdb"):
        shutil.copy(company.home / file, tmp_path / file)
    return tmp_path


def node(file: Path = LEAVES) -> dict[str, Any]:
    """A model as it is in dbt's manifest."""
    (model,) = yaml.safe_load((Path(__file__).parents[2] / file).read_text())["models"]
    columns = {column["name"]: column for column in model["columns"]}
    return {"name": model["name"], "schema": "intermediate", "config": model, "columns": columns}


def leaving(file: Path = LEAVES) -> Leaving:
    return described(node(file))


def spoiled(home: Path, *statements: str) -> None:
    with duckdb.connect(str(home / "warehouse.duckdb")) as warehouse:
        warehouse.execute(f"attach '{home}/restricted/people.duckdb' as restricted")
        for statement in statements:
            warehouse.execute(statement)


def asked(home: Path, query: str) -> list[str]:
    with duckdb.connect(str(home / "restricted/people.duckdb"), read_only=True) as people:
        return [str(value) for (value,) in people.execute(query).fetchall()]


def test_what_is_published_reveals_nobodys_pay_and_neither_does_a_second_version_of_it(built: Path) -> None:
    audit = audit_published(built, [leaving(), leaving(EPICS), leaving(CENTRES)])
    assert audit.problems == {}
    assert audit.people > 15
    assert audit.figures > 10
    disclosure_records.keep(built, "20261015T060000Z-0001", ())
    again = audit_published(built, [leaving(), leaving(EPICS)])
    assert (again.problems, again.earlier, again.figures) == ({}, 1, audit.figures)


def test_what_reveals_pay_is_explained_to_nobody_and_held_back_is_no_version_that_anybody_has_seen(built: Path) -> None:
    more = "update restricted.intermediate.int_product_costs_summed set amount_minor = amount_minor {} 100"
    spoiled(built, more.format("+"))
    assert audit_published(built, [leaving()]).problems != {}
    of_cost = Lineage(frozenset(), {}, {}, [node()])
    with pytest.raises(ReplayError, match="would reveal somebody's pay, so they are not shown"):
        refuse_disclosure(built, of_cost)
    refuse_disclosure(built, Lineage(frozenset(), {}, {}))  # of a figure without cost of people
    disclosure_records.keep(built, "20261013T060000Z-0001", (), {"int_product_costs_summed"})
    spoiled(built, more.format("-"))
    assert audit_published(built, [leaving()]).problems == {}
    refuse_disclosure(built, of_cost)


def test_a_mart_at_actual_pay_is_found_with_the_person_and_the_cell_and_without_the_pay(built: Path) -> None:
    """Of teams of which one has one person: their pay, and nobody else's cell is red."""
    spoiled(
        built,
        f"""
        create table restricted.intermediate.int_team_pay_summed as
        select fiscal_period, team_id, sum({PAY})::bigint as amount_minor
        from restricted.intermediate.fct_worker_day where is_head and yearly_pay_minor > 0 group by all
        """,
    )
    alone = asked(
        built,
        """
        select distinct min(worker_id) from intermediate.fct_worker_day where is_head and yearly_pay_minor > 0
        group by fiscal_period, team_id having count(distinct worker_id) = 1
        """,
    )
    assert alone
    of_teams = Leaving("int_team_pay_summed", "intermediate", {"amount_minor": ""}, ("fiscal_period", "team_id"))
    problems = audit_published(built, [leaving(), of_teams]).problems
    assert problems.keys() == {"int_team_pay_summed"}
    said = " ".join(problems["int_team_pay_summed"])
    assert all(f"The pay of {worker} " in said for worker in alone)
    assert "can be worked out too closely from: int_team_pay_summed FY2" in said
    for amount in asked(
        built, "select distinct yearly_pay_minor from intermediate.fct_worker_day where yearly_pay_minor > 0"
    ):
        assert amount not in said


@pytest.mark.parametrize(
    ("mistake", "named"),
    [
        (
            "update restricted.intermediate.int_product_costs_summed set amount_minor = amount_minor + 1 "
            "where fiscal_period = 'FY26-P03' and stage = 'team'",
            "int_product_costs_summed FY26-P03 ",
        ),
        (
            "update restricted.intermediate.int_epic_costs_shared set amount_minor = amount_minor + 1 "
            "where fiscal_period = 'FY26-P03' and effort_model = 'story_points' and epic_id = 'UNATTRIBUTED'",
            "int_epic_costs_shared story_points FY26-P03 ",
        ),
        (
            "update restricted.intermediate.int_standard_parts_placed set amount_minor = amount_minor + 1 "
            "where fiscal_period = 'FY26-P03' and rule_id = 'people'",
            "people at standard FY26-P03 ",
        ),
        (
            "update restricted.intermediate.int_standard_rates_resolved set rate_millionths = rate_millionths + 1 "
            "where fiscal_year = 'FY26' and function_name = 'engineering'",
            "standard rate FY26 engineering: ",
        ),
        (
            "update restricted.intermediate.fct_allocation set amount_minor = amount_minor + 100 "
            "where scenario_id = 'standard' and fiscal_period = 'FY26-P03' and cost_type = 'remainder'",
            "total FY26-P03 operating_expense: the pay and other cost on record do not make this figure",
        ),
    ],
)
def test_what_is_not_made_of_standard_rates_is_named(built: Path, mistake: str, named: str) -> None:
    spoiled(built, mistake)
    of_models = audit_published(built, [leaving(), leaving(EPICS)]).problems
    problems = [problem for known in of_models.values() for problem in known]
    assert [problem for problem in problems if problem.startswith(named)], problems


def test_a_payslip_that_is_posted_after_its_period_was_published_is_found_by_the_two_versions(built: Path) -> None:
    """The total that was published before it, and the one after: the difference is this person's pay."""
    audit_published(built, [leaving()])
    disclosure_records.keep(built, "20261014T060000Z-0001", ())
    (record,) = disclosure_records.published(built)
    figures, pay, other = json.loads(record)
    cell, terms, low, high = max((one for one in figures if one[0].startswith("total ")), key=lambda one: len(one[1]))
    person = next(key[0] for key, _ in terms if isinstance(key, list))
    earned = {tuple(key): minor for key, minor in pay}
    late = sum(share * earned[tuple(key)] for key, share in terms if key[0] == person)
    rest = [(key, share) for key, share in terms if key[0] != person]
    figures = [one for one in figures if one[0] != cell] + [(cell, rest, low - late, high - late)]
    disclosure_records.note(built, json.dumps([figures, pay, other]).encode())
    disclosure_records.keep(built, "20261014T060000Z-0001", ())
    (problems,) = audit_published(built, [leaving()]).problems.values()
    found = [one for one in problems if one.startswith(f"The pay of {person} ")]
    assert found
    assert f"{cell}, as it was 1 versions before" in found[0]
