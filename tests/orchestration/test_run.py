"""A whole run, and what comes after it; in order, in one home, because a run takes most of a minute."""

import csv
import json
import os
import re
import shutil
import signal
import stat
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import dagster as dg
import duckdb
import pytest
from dagster import DagsterRunStatus
from dagster._core.execution.plan.objects import StepFailureData, UserFailureData

from cli import last_run, whatif
from ingestion import sql, unread
from ingestion.errors import DiskFullError, SourceError
from ingestion.home import PEOPLE, private_files
from ingestion.landing import Landing, Record
from ingestion.sources import SOURCES
from ingestion.sources.files.checks import CompanyFiles
from orchestration import (
    built,
    clocks,
    deployment,
    failures,
    gate,
    interruption,
    manifest,
    next_steps,
    problems,
    steps,
    versions,
)
from orchestration.cadence import LOADED
from orchestration.definitions import of_home
from orchestration.defs import closing, jobs, loading, publish
from orchestration.loads import load_config
from planning import price_scenarios
from planning.comparison import changed, figures
from sandbox.company import Company as Made
from sandbox.timestamps import ms
from sandbox.truth.price import Prices
from sandbox.truth.revenue import Revenue, RevenueCell
from sandbox.truth.standard import StandardCosts
from serving import frozen
from serving.published import current, status
from tests.environment import forget_settings, without_settings
from tests.in_process_dbt import dbt
from tests.ingestion.file_packages import written_by
from tests.orchestration import clock_faults
from tests.orchestration.conftest import NOW, Ended, behind, prodops
from tests.runbook import drill
from tests.sandbox.conftest import true_marts
from tests.serving import questions
from tests.serving.test_frozen import packed
from tests.torture.processes import descendants, is_alive

LATER = "2026-10-16T06:00:00Z"
EVENTS = dg.AssetKey(["amplitude", "events"])


def landed_days(instance: dg.DagsterInstance) -> set[str]:
    return set(instance.get_materialized_partitions(EVENTS))


def through() -> dict[str, str | None]:
    with Landing("amplitude", SOURCES["amplitude"].streams) as landing:
        return {project: landing.through(f"events/{project}") for project in ("100001", "100002", "100003")}


def test_a_newcomer_sees_what_happened_and_where_to_look(ended: Ended) -> None:
    assert ended.code == 0, ended.err + ended.out
    headlines = ("delivery, last weeks", "profit and loss of", "cost range of", "staffing at the end of")
    for reported in ("jira/issues", "passed, 0 red", *headlines, "mapping_coverage", "make ui"):
        assert reported in ended.out
    assert str(ended.home / "published" / "current") in ended.out
    assert ended.out.startswith(f"sandbox-1-tiny (a made-up company) in {ended.home}\n")
    assert "\x1b" not in ended.out, "colours where there is no terminal"
    assert ended.err == ""


def test_a_run_ends_with_the_packs_of_the_newest_quarter_and_each_file_is_proven(ended: Ended) -> None:
    written = sorted((ended.home / "board").glob("*/*/board.json"))
    assert [path.parent.name for path in written] == ["commerce", "company", "platform"]
    for path in written:
        pack = json.loads(path.read_text())
        served = current(ended.home)
        assert served is not None
        assert pack["snapshot_id"] == served.snapshot_id
        state = "final" if pack["is_final"] else "draft, as books are open"
        assert f"board pack {pack['period']} for {pack['audience']} ({state}): {path.parent}\n" in ended.out
        assert len(pack["pages"]) > 8
        tagged = re.findall(r'"metric": ?"([^"]*)"', path.read_text())
        assert len(tagged) > 100
        assert [one for one in tagged if not re.fullmatch(r"[a-z_.0-9]+@\d+\.\d+\.\d+", one)] == [], "no version"
    before = {file.name: file.read_bytes() for file in written[1].parent.iterdir()}
    again = prodops(ended.home, "board", "--audience", "nobody", "--audience", "company")
    assert again.exit_code == 2, again.output
    assert "--audience nobody: no such audience; there are company, commerce, platform" in again.stderr
    assert not status(ended.home).is_stale, "a pack that fails costs itself"
    assert {file.name: file.read_bytes() for file in written[1].parent.iterdir()} == before, "other bytes"
    for file in ("board.pptx", "board.xlsx", "board.html", "board.json"):
        reported = prodops(ended.home, "verify", str(written[1].with_name(file)))
        assert reported.exit_code == 0, reported.output


def test_what_is_published_of_a_made_up_company_says_so(ended: Ended) -> None:
    served = current(ended.home)
    assert served is not None
    assert (served.manifest["company"], served.manifest["is_made_up"]) == ("sandbox-1-tiny", True)
    with served.connect() as marts:
        said = marts.execute("select table_name, comment from duckdb_tables() where comment is not null").fetchall()
    assert said
    assert [name for name, text in said if not text.startswith("Made-up figures: sandbox-1-tiny is no real com")] == []


def test_what_is_published_is_the_truth(ended: Ended, monkeypatch: pytest.MonkeyPatch) -> None:
    """The command, but for the 12 CPU-s in which it finds out what other tests know."""

    def known(company: Made, now: str) -> object:
        assert (company.seed, company.scale, ms(now)) == (1, "tiny", ms(NOW))
        return true_marts(1)

    monkeypatch.setattr("cli.sandbox.true.truth", known)
    reported = prodops(ended.home, "sandbox", "compare")
    assert reported.exit_code == 0, reported.output
    served = current(ended.home)
    assert served is not None
    assert all(check["passed"] for check in served.manifest["checks"])
    assert len(served.manifest["checks"]) > 40
    assert served.manifest["marts"]["mart_delivery"]["key"] == ["week_start_date", "product_id", "team_id"]
    assert served.manifest["load_ids"]["base_jira__issues"]["loads"] >= 1


def test_every_table_and_column_in_every_file_says_what_it_means(ended: Ended) -> None:
    served = current(ended.home)
    assert served is not None
    files = sorted(served.folder.rglob("*.duckdb"))
    assert {served.marts_file, served.file_of("mart_customer"), served.folder / "audiences" / "commerce.duckdb"} < {
        *files
    }
    for file in files:
        with duckdb.connect(str(file), read_only=True) as given:
            silent = "select table_name, column_name from duckdb_columns() where not internal and comment is null"
            assert given.execute(silent).fetchall() == []
            assert given.execute("select table_name from duckdb_tables() where comment is null").fetchall() == []
            unit = "select comment from duckdb_columns() where (table_name, column_name) = ('mart_arr', 'closing_arr')"
            for (comment,) in given.execute(unit).fetchall():
                assert "named in currency. Semi-additive, not over fiscal_period. Metric: " in comment
                assert comment.endswith("mart_arr.closing_arr@1.0.0.")


def test_the_file_of_a_portfolio_works_alone_and_names_no_other(ended: Ended) -> None:
    served = current(ended.home)
    assert served is not None
    with duckdb.connect(str(served.folder / "audiences" / "commerce.duckdb"), read_only=True) as given:
        names = [name for (name,) in given.execute("select table_name from duckdb_tables()").fetchall()]
        by_portfolio = [name for name in names if name.startswith("mart_")]
        assert len(by_portfolio) >= 10
        for name in [*by_portfolio, "dim_product", "dim_product_history"]:
            assert given.execute(f"select distinct portfolio_id from {name}").fetchall() == [("commerce",)], name
        for name in by_portfolio:
            for dimension, key in (
                ("dim_product", "product_id"),
                ("dim_team", "team_id"),
                ("dim_market", "market"),
                ("dim_segment", "segment"),
                ("dim_fiscal_period", "fiscal_period"),
                ("dim_currency", "currency"),
            ):
                if key in [column for (column, *_) in given.execute(f"describe {name}").fetchall()]:
                    # A count of the board has no currency, and a fiscal quarter is no period.
                    own = f"(from {name} where {key} is not null)" if name == "mart_board_metric" else name
                    missing = f"select distinct {key} from {own} anti join {dimension} using ({key})"
                    assert given.execute(missing).fetchall() == [], f"{name}.{key} is not in {dimension}"
        assert [name for name in names if "customer" in name] == []


@pytest.fixture(scope="module")
def happened() -> questions.Truth:
    company = Made(1, "tiny")
    return questions.Truth(company, true_marts(1), NOW[:10])


def test_each_of_an_analysts_first_questions_has_an_answer_to_compare() -> None:
    assert questions.statements().keys() == questions.ANSWERS.keys()


@pytest.mark.parametrize("question", questions.ANSWERS)
def test_an_analysts_first_question_is_one_statement_on_what_is_published(
    ended: Ended, happened: questions.Truth, question: str
) -> None:
    served = current(ended.home)
    assert served is not None
    true = questions.ANSWERS[question](happened)
    assert len(true) > 1
    assert questions.answer(served, *questions.statements()[question]) == true


def test_a_what_if_that_changes_no_price_changes_nothing_and_its_rules_hold_on_examples(ended: Ended) -> None:
    enter(ended.home)
    with private_files(), whatif.copied(ended.home) as copy:
        with duckdb.connect(str(copy / "warehouse.duckdb")) as warehouse:
            before = figures(warehouse, price_scenarios.SHOWN)
            price_scenarios.assume(warehouse, [("insights", None, None, None, "FY27-P05", 100_000_000)])
        whatif.build(copy, price_scenarios.SELECTED, [price_scenarios.ASSUMED])
        with duckdb.connect(str(copy / "warehouse.duckdb"), read_only=True) as warehouse:
            assert changed(before, figures(warehouse, price_scenarios.SHOWN)) == {}
        examples = "int_price_factors_resolved int_active_items_assumed fct_price_observation,a_what_if_observes*"
        whatif.dbt(copy, "test", "--select", *(f"{one},test_type:unit" for one in examples.split()))
        results = json.loads((whatif.target_of(copy) / "run_results.json").read_text())["results"]
    tested = [result["status"] for result in results if result["unique_id"].startswith("unit_test.")]
    assert tested == ["pass"] * 3


def test_a_dearer_product_changes_what_it_brings_in_the_market_that_is_named_and_nowhere_else(
    ended: Ended, tmp_path: Path
) -> None:
    """Ten per cent more on each item, to the minor unit; and of figures that compare markets, those of the same
    product. The warehouse stays as it is."""
    before = {path: path.stat().st_mtime_ns for path in ended.home.rglob("*") if path.suffix == ".duckdb"}
    file = tmp_path / "dearer.csv"
    file.write_text(
        "product_id,market,segment,currency,fiscal_period,change_percent,list_price\ninsights,DACH,,,FY27-P05,10,\n"
    )
    reported = prodops(ended.home, "whatif", "price", "--file", str(file), "--format", "csv")
    assert reported.exit_code == 0, reported.output
    assert {path: path.stat().st_mtime_ns for path in ended.home.rglob("*") if path.suffix == ".duckdb"} == before
    assert not (ended.home / "whatif").exists()
    header, *rows = csv.reader(reported.stdout.splitlines())
    assert header == ["mart", "fiscal_period", "product_id", "segment", "market", "measure", "before", "after"]
    changes = {tuple(row[:6]): (row[6], row[7]) for row in rows}
    revenue = Revenue(Made(1, "tiny"), ms(NOW))
    recurring: dict[tuple[str, ...], int] = defaultdict(int)
    billed: dict[tuple[str, ...], int] = defaultdict(int)
    for period in revenue.periods:
        dearer: dict[RevenueCell, int] = defaultdict(int)
        for contract in revenue.contracts.values():
            for held in contract.before(revenue.end(period)):
                for cell, minor_units in revenue.cells(held, revenue.day(period)).items():
                    dearer[cell] += round(Fraction(minor_units * 11, 10))
        for cell, minor_units in dearer.items():
            if period.name >= "FY27-P05" and (cell.product_id, cell.market) == ("insights", "DACH"):
                place = (period.name, cell.product_id, cell.segment, cell.market)
                recurring[place] += round(minor_units * revenue.rates(cell.currency, period)[0])
    for one in Prices(revenue).observations():
        if one.fiscal_period >= "FY27-P05" and (one.product_id, one.market) == ("insights", "DACH"):
            place = (one.fiscal_period, one.product_id, one.segment, one.market)
            billed[place] += round(round(Fraction(one.amounts["invoice"] * 11, 10)) * one.plan_rate)
    assert len(recurring) > 10
    for mart, column, true in (("mart_arr", "closing_mrr", recurring), ("mart_pricing", "invoice_amount", billed)):
        found = {key[1:5]: after for key, (_, after) in changes.items() if (key[0], key[5]) == (mart, column)}
        assert {place: Fraction(amount) * 100 for place, amount in found.items()} == true
    elsewhere = {key for key in changes if key[1:5] not in recurring}
    assert {key[2] for key in elsewhere} == {"insights"}
    assert {key[5] for key in elsewhere} <= {
        "price_index",
        *(f"{of}_price_ratio{bound}" for of in ("market", "segment") for bound in ("", "_low", "_high")),
    }


ASSUMED = [
    ("T-CREW", "engineering", "FY27-P05", Fraction("2.5")),
    ("T-OSPREY", "engineering", "FY27-P07", Fraction("-0.125")),
    ("T-PRODUCT", "product", "FY27-P05", Fraction("0.001")),
]
NO_CHANGE = """
headcount: [{team_id: T-CREW, function: engineering, fiscal_period: FY27-P05, fte: 0}]
splits:
  - {team_id: T-CREW, product_id: core, fiscal_period: FY27-P08, share: 0.75}
  - {team_id: T-CREW, product_id: insights, fiscal_period: FY27-P08, share: 0.25}
drivers: [{driver: events, product_id: insights, fiscal_period: FY27-P05, change_percent: 0}]
rules:
  - {fiscal_period: FY27-P05, shared_method: reciprocal, shared_driver: active_users, overhead_driver: revenue}
"""


def test_a_scenario_of_cost_that_changes_nothing_is_what_is_published_to_the_minor_unit(
    ended: Ended, tmp_path: Path
) -> None:
    file = tmp_path / "scenario.yml"
    file.write_text(NO_CHANGE)
    reported = prodops(ended.home, "whatif", "cost", "--file", str(file))
    assert (reported.exit_code, reported.stdout) == (0, "nothing changes\n"), reported.output


def test_people_who_are_assumed_cost_their_days_at_the_standard_rate_and_tell_nothing_else(
    ended: Ended, tmp_path: Path
) -> None:
    """Two and a half people more in a team, an eighth of one less in another one, a thousandth in a third: each moves
    stage team by days times rate, whatever people there are paid, and the whole by no more than that. Who probes in
    steps of any size learns the rate."""
    file = tmp_path / "scenario.yml"
    entries = [
        f"  - {{team_id: {team}, function: {function}, fiscal_period: {since}, fte: {float(fte)}}}\n"
        for team, function, since, fte in ASSUMED
    ]
    file.write_text("headcount:\n" + "".join(entries))
    reported = prodops(ended.home, "whatif", "cost", "--file", str(file), "--format", "csv")
    assert reported.exit_code == 0, reported.output
    header, *rows = csv.reader(reported.stdout.splitlines())
    assert header[1:5] == ["fiscal_period", "product_id", "statement_group", "stage"]
    costs = StandardCosts(Made(1, "tiny"), ms(NOW))
    true: dict[tuple[str, str], int] = defaultdict(int)
    # the payroll of the running period is not posted: its people cost nothing yet, and neither do these
    for period in [one for one in costs.postings.periods if one.last < costs.today]:
        for team, function, since, fte in ASSUMED:
            rate, worked = costs.rate(period, function), defaultdict[str, Fraction](Fraction)
            for day in period.days if period.name >= since else ():
                for product, share in costs.pay.products(team, day).items():
                    worked[product] += fte * share
            for product, days in worked.items():
                assert rate is not None
                true[period.name, product] += round(days * rate)
    assert len(true) > 10
    moved: dict[tuple[str, str], int] = defaultdict(int)
    whole: dict[str, int] = defaultdict(int)
    for mart, name, product, _, stage, measure, before, after in rows:
        if (mart, measure) == ("mart_product_cost", "cost"):
            change = round((Fraction(after or 0) - Fraction(before or 0)) * 100)
            whole[name] += change
            moved[name, product] += change if stage == "team" else 0
    assert {key: change for key, change in moved.items() if change} == true
    assert {name: sum(amount for (other, _), amount in true.items() if other == name) for name in whole} == whole


def test_a_figure_of_a_pack_made_again_from_what_it_froze_is_what_the_board_saw(ended: Ended) -> None:
    """With nothing new since: what is frozen is all that the figure is made of, and all models make it again."""
    served = current(ended.home)
    assert served is not None
    os.environ["PRODOPS_HOME"] = str(ended.home)
    frozen.freeze(ended.home, served, versions.code_version(), versions.PROJECT)
    with private_files():
        sidecar = packed(ended.home, served)
    reported = prodops(ended.home, "explain", "--pack", "FY26-Q2", "--metric", "arr", "--format", "json")
    assert reported.exit_code == 0, reported.output
    with served.connect() as marts:
        whole = "metric_id = 'arr' and slice_type = 'all' and period_id = 'FY26-Q2'"
        saw = marts.execute(f"select value from mart_board_metric where {whole}").fetchall()
    rows = json.loads(reported.stdout)["causes"]
    assert [(row["cause"], Decimal(row["value"])) for row in rows] == [("then", saw[0][0]), ("now", saw[0][0])]
    assert saw[0][0] > 0
    assert not (ended.home / "restricted" / "explain").exists()
    sidecar.unlink()


def test_a_home_is_for_its_owner_alone(ended: Ended) -> None:
    for path in (ended.home, *ended.home.rglob("*")):
        mode = stat.S_IMODE(path.lstat().st_mode)
        assert path.is_symlink() or mode & 0o077 == 0, f"{path} {mode:o}"


def test_the_run_shows_in_dagster_with_rows_and_places(ended: Ended) -> None:
    enter(ended.home)
    with steps.instance() as instance:
        found = {run.job_name: run.status for run in instance.get_runs()}
        assert found == dict.fromkeys(("load", "main", "board"), DagsterRunStatus.SUCCESS)
        for key in (["staging", "base_jira__issues"], ["marts", "mart_delivery"]):
            built_at = instance.get_latest_materialization_event(dg.AssetKey(key))
            (counted,) = instance.fetch_observations(dg.AssetKey(key), limit=1).records
            assert counted.asset_observation is not None
            assert int(counted.asset_observation.metadata["dagster/row_count"].value) > 0  # type: ignore[arg-type]
            assert built_at is not None
            assert built_at.timestamp < counted.timestamp
        landed = instance.get_latest_materialization_event(dg.AssetKey(["jira", "issues"]))
        assert landed is not None
        assert landed.asset_materialization is not None
        metadata = landed.asset_materialization.metadata
        assert {"seen", "landed", "deleted", "load_id", "path"} <= set(metadata)
        assert int(metadata["dagster/row_count"].value) > 0  # type: ignore[arg-type]


def test_dagster_gets_events_while_dbt_runs_each_check_after_what_it_is_about(ended: Ended) -> None:
    enter(ended.home)
    results = json.loads((ended.home / "dbt" / "run_results.json").read_text())
    ended_at = datetime.fromisoformat(results["metadata"]["generated_at"]).timestamp()
    with steps.instance() as instance:
        (run,) = instance.get_runs(dg.RunsFilter(job_name="main"))
        kinds = {dg.DagsterEventType.ASSET_MATERIALIZATION, dg.DagsterEventType.ASSET_CHECK_EVALUATION}
        events = [
            entry for entry in instance.all_logs(run.run_id, of_type=kinds) if entry.step_key == "build_warehouse"
        ]
    before = [entry for entry in events if entry.timestamp < ended_at]
    assert len(before) > len(events) * 0.9
    seen: set[dg.AssetKey] = set()
    for entry in events:
        assert entry.dagster_event is not None
        if entry.dagster_event.is_step_materialization:
            seen.add(entry.dagster_event.step_materialization_data.materialization.asset_key)
        else:
            assert entry.dagster_event.asset_check_evaluation_data.asset_key in seen
    assert len(seen) == len({*manifest.models(), *manifest.results()})


def test_what_a_test_says_to_look_at_can_be_run_and_is_empty_where_it_is_green(ended: Ended) -> None:
    """Red means: who follows the words of a red check gets an error, or rows that are right."""
    enter(ended.home)
    kinds: dict[str, int] = defaultdict(int)
    with duckdb.connect(str(ended.home / "warehouse.duckdb"), read_only=True) as warehouse:
        warehouse.execute(f"attach {sql.text(ended.home / PEOPLE)} as restricted (read_only)")
        for check, words in manifest.project().words.items():
            query, file = re.findall(r"Next: [\w ]+ runs (?:`(.+)`|what is in `(.+)`) in ", words)[0]
            rows = warehouse.execute(query or (ended.home / file).read_text()).fetchall()
            assert rows == [] or check not in manifest.blocking(), check
            kinds[query.partition(" ")[0]] += 1
    assert min(kinds["select"], kinds["from"], kinds[""]) > 40


def enter(home: Path) -> None:
    """Makes a home that of this process, as a command would."""
    forget_settings()
    os.environ.update({"PRODOPS_HOME": str(home), "DAGSTER_HOME": str(home / "dagster")})


def due_is_run(home: Path) -> steps.Outcome:
    """What `prodops run` does when it has loaded."""
    forget_settings()
    os.environ.update({"PRODOPS_HOME": str(home), "PRODOPS_SCALE": "tiny", "PRODOPS_NOW": LATER})
    deployment.settle()
    return steps.run_due("main")


def touched(home: Path) -> dict[str, int]:
    """What a run that does nothing leaves as it is."""
    files = [home / "warehouse.duckdb", *(home / "dbt").glob("*.json"), *(home / "published").rglob("*.json")]
    return {str(path.relative_to(home)): path.stat().st_mtime_ns for path in files}


def ran(home: Path) -> dict[str, str]:
    """dbt's nodes that the last build ran."""
    found: dict[str, str] = json.loads((home / "dbt" / "built.json").read_text())["ran"]
    return found


def test_control_c_ends_a_run_and_its_loads_and_calls_nothing_stale(ended: Ended) -> None:
    """The next test finds nothing to mend."""
    enter(ended.home)
    env = {**without_settings(), "PRODOPS_HOME": str(ended.home), "PRODOPS_SCALE": "tiny"}
    run = subprocess.Popen(
        [sys.executable, "-m", "cli.main", "run"], env=env, stderr=subprocess.PIPE, text=True, process_group=0
    )
    deadline = time.monotonic() + 60
    while not any("multiprocessing" in one for one in descendants(run.pid).values()) and time.monotonic() < deadline:
        time.sleep(0.05)
    children = descendants(run.pid)
    os.killpg(run.pid, signal.SIGINT)
    _, said = run.communicate(timeout=15)
    served = current(ended.home)
    assert served is not None
    assert (run.returncode, said) == (
        130,
        f"prodops run was interrupted: what landed and was built counts, and {served.snapshot_id} is served; run it "
        "again to continue\n",
    )
    assert children
    while any(map(is_alive, children)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not any(map(is_alive, children))
    assert not status(ended.home).is_stale
    with steps.instance() as instance:
        (last,) = instance.get_runs(limit=1)
        assert last.status == DagsterRunStatus.CANCELED
        assert interruption.CANCELED in [log.message for log in instance.all_logs(last.run_id)]


def test_with_nothing_new_nothing_is_built_checked_or_published(ended: Ended) -> None:
    before = touched(ended.home)
    again = prodops(ended.home, "run")
    assert again.exit_code == 0, again.output
    assert "nothing new: built, checked and published as of 2026-10-15T06:00:00+00:00" in again.output
    assert "building" not in again.output
    assert touched(ended.home) == before
    with steps.instance() as instance:
        assert [run.job_name for run in instance.get_runs(limit=1)] == ["load"]
    built_again = prodops(ended.home, "build")
    assert (built_again.exit_code, touched(ended.home)) == (0, before), built_again.output
    assert "nothing new: built and checked as of" in built_again.output


def test_the_days_a_run_read_are_marked_and_a_day_again_moves_no_cursor(ended: Ended, tmp_path: Path) -> None:
    forget_settings()
    home = tmp_path / "home"
    shutil.copytree(ended.home, home, symlinks=True)
    os.environ.update({"PRODOPS_HOME": str(home), "PRODOPS_SCALE": "tiny"})
    settled = deployment.settle()
    with deployment.sources_reachable(settled), steps.instance() as instance:
        definitions = of_home(home)
        days = definitions.resolve_asset_graph().get(EVENTS).partitions_def
        assert isinstance(days, dg.DailyPartitionsDefinition)
        assert (days.get_first_partition_key(), days.get_last_partition_key()) == ("2025-10-01", "2026-10-15")
        assert landed_days(instance) == set(days.get_partition_keys())
        before = through()
        assert {datetime.fromisoformat(hour or "") for hour in before.values()} == {
            datetime(2026, 10, 15, 3, tzinfo=UTC)
        }
        shutil.rmtree(home / "landing" / "amplitude" / "events")
        shutil.rmtree(home / "landing" / "amplitude" / "_manifests")
        result = definitions.resolve_job_def("load_amplitude").execute_in_process(
            instance=instance,
            asset_selection=[EVENTS],
            partition_key="2026-03-03",
            run_config={"loggers": {"progress": {}}},
        )
        assert result.success
        (event,) = result.get_asset_materialization_events()
        assert event.partition == "2026-03-03"
        assert int(event.materialization.metadata["landed"].value) > 0  # type: ignore[arg-type]
        days_of_a_range = {
            "dagster/asset_partition_range_start": "2026-03-02",
            "dagster/asset_partition_range_end": "2026-03-04",
        }
        result = definitions.resolve_job_def("load_amplitude").execute_in_process(
            instance=instance,
            asset_selection=[EVENTS],
            tags=days_of_a_range,
            run_config={"loggers": {"progress": {}}},
        )
        found = {event.partition for event in result.get_asset_materialization_events()}
        assert found == {"2026-03-02", "2026-03-03", "2026-03-04"}
        assert through() == before


def test_d15_a_day_of_long_ago_that_is_read_again_does_not_make_the_data_look_new(ended: Ended, tmp_path: Path) -> None:
    """Five days later nothing new came. Dagster calls the events fresh as soon as one old day was read again; the check
    of their newest does not, and no mart is newer."""
    forget_settings()
    home = tmp_path / "home"
    shutil.copytree(ended.home, home, symlinks=True)
    os.environ.update({"PRODOPS_HOME": str(home), "PRODOPS_SCALE": "tiny", "PRODOPS_NOW": "2026-10-20T06:00:00Z"})
    settled = deployment.settle()
    before = clocks.of_last_build()
    assert "amplitude is late by 2 days 10 hours: the newest event is of" in clocks.newest_data("amplitude").text
    for folder in ("events", "_manifests"):  # so that the day has something to land
        shutil.rmtree(home / "landing" / "amplitude" / folder)
    with deployment.sources_reachable(settled), steps.instance() as instance:
        read = (
            of_home(home)
            .resolve_job_def("load_amplitude")
            .execute_in_process(
                instance=instance,
                asset_selection=[EVENTS],
                partition_key="2026-03-03",
                run_config={"loggers": {"progress": {}}},
            )
        )
        assert read.success
        newest = instance.get_latest_materialization_event(EVENTS)
        assert newest is not None
        assert newest.run_id == read.run_id
        window = LOADED["amplitude"].late_after.total_seconds()
        assert time.time() - newest.timestamp < window, "to Dagster's policy it is fresh"
    assert clocks.newest_data("amplitude").text == "something has landed that is not built yet; next: prodops run"
    of_events = "base_amplitude__events stg_amplitude__stream_counts int_amplitude_clocks_read int_clocks_united"
    assert dbt(home, "run", "--select", *of_events.split()).success
    made = built.last()
    assert made is not None
    built.begin(replace(made, streams=built.now().streams), {})
    clocks.keep(home / "warehouse.duckdb")
    after = clocks.of_last_build()
    assert after.pop("amplitude") == replace(moved := before.pop("amplitude"), loaded_at=datetime(2026, 10, 20, 6))
    assert moved.loaded_at == datetime(2026, 10, 15, 6)
    assert after == before
    assert not clocks.newest_data("amplitude").is_well


def test_exactly_what_is_made_from_a_source_is_late_when_it_brings_nothing_new(ended: Ended, tmp_path: Path) -> None:
    """One fault of each kind; all faults of all sources, of more companies, are in tests/torture."""
    assert clock_faults.differences(ended.home, tmp_path, clock_faults.SOME) == (6, [])


def test_runs_that_a_kill_left_are_marked_failed(ended: Ended) -> None:
    os.environ["DAGSTER_HOME"] = str(ended.home / "dagster")
    with steps.instance() as instance:
        left = instance.create_run_for_job(
            dg.job(name="left")(lambda: None), tags=steps.BY, status=DagsterRunStatus.STARTED
        )
        assert steps.end_dead_runs() == 1
        found = instance.get_run_by_id(left.run_id)
        assert found is not None
        assert found.status == DagsterRunStatus.FAILURE
        assert steps.end_dead_runs() == 0


def keys(reported: str) -> list[dict[str, str]]:
    return list(csv.DictReader(reported.splitlines()))


def test_every_gap_of_the_made_up_company_is_reported_the_largest_first(ended: Ended) -> None:
    reported = prodops(ended.home, "mapping", COLUMNS="200")
    assert reported.exit_code == 0, reported.output
    for known in (
        "Legacy Connector",
        "Laboratory",
        "100003",
        "Travel",
        "Evertide Support",
        "Lowmoor Steel",
        "Bug hunt",
    ):
        assert known in reported.output, known
    lines = [line for line in reported.output.splitlines() if line.startswith("quickbooks account")]
    amounts = [int(re.split("  +", line)[-2].split(" in ")[0].replace(",", "")) for line in lines]
    assert len(amounts) > 1
    assert amounts == sorted(amounts, reverse=True)


def test_rows_of_one_file_come_as_csv_and_are_accepted_once_completed(
    ended: Ended, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reported = prodops(ended.home, "mapping", "product_map", "--format", "csv")
    assert reported.exit_code == 0, reported.output
    found = keys(reported.stdout)
    assert {row["source"] for row in found} == {"amplitude", "jira", "quickbooks", "stripe"}
    folder = shutil.copytree(ended.home / "sandbox" / "company", tmp_path / "company")
    with (folder / "product_map.csv").open("a") as file:
        csv.DictWriter(file, list(found[0]), lineterminator="\n").writerows(
            {**row, "product_id": row["product_id"] or "core"} for row in found
        )
    monkeypatch.setenv("PRODOPS_NOW", NOW)
    assert len(CompanyFiles(folder, {}).tables["product_map"].rows) > len(found)


def test_what_can_not_be_reported_is_said(ended: Ended, new_home: Callable[[], Path]) -> None:
    reported = prodops(ended.home, "mapping", "--format", "csv")
    assert (reported.exit_code, reported.stdout) == (2, "")
    assert "name one file, its columns differ: product_map, customer_map" in reported.stderr
    reported = prodops(ended.home, "mapping", "budget")
    assert reported.exit_code == 2
    assert "no such file of keys; there are product_map" in reported.stderr
    reported = prodops(new_home(), "mapping")
    assert reported.exit_code == 2
    assert "the warehouse is not built yet: prodops run" in reported.stderr


def test_a_closing_of_the_books_sets_off_one_run_of_everything(ended: Ended) -> None:
    enter(ended.home)
    closed = closing.closed_until()
    assert closed is not None
    with steps.instance() as instance:

        def asked(cursor: str | None) -> tuple[dg.RunRequest | dg.SkipReason, str | None]:
            context = dg.build_sensor_context(instance=instance, cursor=cursor)
            return closing.books_are_closed(context), context.cursor

        began, known = asked(None)
        assert (isinstance(began, dg.SkipReason), known) == (True, closed.isoformat()), "a first run closes nothing"
        assert isinstance(asked(known)[0], dg.SkipReason)
        request, after = asked((closed - timedelta(days=31)).isoformat())
        assert isinstance(request, dg.RunRequest)
        assert (request.run_key, request.asset_selection) == (f"prodops/close {closed}", None)
        assert after == known


def test_when_only_jira_brings_news_its_descendants_run_and_no_others(ended: Ended) -> None:
    enter(ended.home)
    before = built.last()
    assert before is not None
    loaded = prodops(ended.home, "load", "jira", PRODOPS_NOW=LATER)
    assert loaded.exit_code == 0, loaded.output
    news = [name for name, loads in built.now().streams.items() if before.streams.get(name) != loads]
    assert news
    assert {name.partition("/")[0] for name in news} == {"jira"}
    expected = behind({manifest.source_id(*name.split("/")) for name in news})
    with steps.instance() as instance:
        context = dg.build_sensor_context(instance=instance)
        unseen = gate.unseen(built.now().streams)
        asked = jobs.what_is_due(context)
        assert isinstance(asked, dg.RunRequest), asked
        made = {**manifest.assets(), **manifest.results()}
        assets = {key for node, key in made.items() if node in expected}
        assert set(asked.asset_selection or ()) == {*assets, publish.KEY}
        again = jobs.what_is_due(dg.build_sensor_context(instance=instance, cursor=context.cursor))
        assert isinstance(again, dg.SkipReason), "asked for twice"
    done = prodops(ended.home, "build", PRODOPS_NOW=LATER)
    assert done.exit_code == 0, done.output
    assert set(ran(ended.home)) == expected
    assert 20 < len(expected) < len({*manifest.models(), *manifest.checks()}) / 2
    with steps.instance() as instance:
        (run,) = instance.get_runs(dg.RunsFilter(job_name="build"), limit=1)
        planned = instance.all_logs(run.run_id, of_type=dg.DagsterEventType.ASSET_MATERIALIZATION_PLANNED)
        evaluated = instance.all_logs(run.run_id, of_type=dg.DagsterEventType.ASSET_CHECK_EVALUATION_PLANNED)
    assert len(planned) == len(expected & made.keys()), "the UI shows what was built and nothing else"
    assert {key.asset_key.path[0] for key in unseen} == {"jira"}, "of loads that nobody looked at"
    beside = gate.beside_dbt() | gate.plausible() | gate.controls()
    checks = {key for key in beside if {key.asset_key, gate.READ.get(key)} & assets} | unseen | clocks.checks()
    assert len(evaluated) == len(expected & manifest.checks().keys()) + len(checks)
    published = prodops(ended.home, "publish", PRODOPS_NOW=LATER)
    assert published.exit_code == 0, published.output


def test_a_mart_that_dbt_built_and_nobody_noted_is_held_back_and_built_again(ended: Ended) -> None:
    """As after a kill between dbt's end and the record, or with a check that was left out."""
    enter(ended.home)
    before = built.last()
    assert before is not None
    mart = "model.prodops.mart_delivery"
    built._write(replace(before, due={mart: False}, at=None))
    served = current(ended.home)
    assert served is not None
    published = prodops(ended.home, "publish")
    drill("PublishError", published.exit_code, published.stderr)
    assert "marts are held back: built on marts/mart_delivery is due to be built" in published.stderr
    assert "held back: mart_delivery shows the rows of " in published.stderr
    without = current(ended.home)
    assert without is not None
    measured = {"mart_okr", "mart_forecast_calibration", "mart_board_metric"}  # by what is not to be believed
    assert set(without.held) == {"mart_delivery", *measured}
    assert status(ended.home).is_stale
    healed = prodops(ended.home, "build")
    assert healed.exit_code == 0, healed.output
    assert set(ran(ended.home)) == behind({mart})
    confirmed = prodops(ended.home, "publish")
    assert confirmed.exit_code == 0, confirmed.output
    whole = current(ended.home)
    assert whole is not None
    assert whole.manifest["marts"] == served.manifest["marts"], "the same rows are published"
    assert (whole.held, status(ended.home).is_stale) == ({}, False)


def test_a_missing_rate_costs_the_marts_that_need_it_and_no_other(ended: Ended) -> None:
    """Nobody planned any rate: one error names each, and usage and delivery are published all the same."""
    enter(ended.home)
    before = current(ended.home)
    assert before is not None
    with duckdb.connect(str(ended.home / "warehouse.duckdb"), read_only=True) as warehouse:
        planned = [key for (key,) in warehouse.execute("select record_id from staging.base_files__fx_plan").fetchall()]
    with written_by("files"), Landing("files", SOURCES["files"].streams) as landing:
        gone = datetime.fromisoformat(LATER)
        landing.land("fx_plan", [Record(key, None, gone, is_deleted=True) for key in planned])
        landing.land("holidays", [Record("DE/2026-02-31", '{"country": "DE", "date": "2026-02-31"}', gone)])
    unread = "1 of 4 boards was not read: board 7 (status 403): the credentials lack the permission"
    with steps.instance() as instance:
        instance.report_runless_asset_event(dg.AssetMaterialization(["jira", "sprints"], metadata={"note": unread}))
    done = due_is_run(ended.home)
    assert done.exit_code == 2, "the company's own file lacks something"
    assert sum("planned rate of GBP" in error for error in done.errors) == 1, "said once"
    (said,) = [error for error in done.errors if error.startswith("int_revenue_rates_resolved: ")]
    for named in (
        "no planned rate of GBP for FY25, FY26, FY27 (fill in fx_plan.csv in the folder of PRODOPS_COMPANY); ",
        "no planned rate of USD for FY25, FY26",
    ):
        assert named in said
    served = current(ended.home)
    assert served is not None
    assert served.snapshot_id == done.snapshot != before.snapshot_id
    needed = {
        manifest.models()[one]["name"]
        for one in behind({"model.prodops.int_revenue_rates_resolved"}) & manifest.models().keys()
    }
    assert set(served.held) == needed & before.manifest["marts"].keys()
    assert {"mart_arr", "mart_revenue_retention"} <= set(served.held)
    assert {"mart_usage", "mart_delivery", "dim_product", "mart_data_health"} <= set(served.moved)
    assert all(one["rows_of"] == before.snapshot_id for one in served.held.values())
    assert all("int_revenue_rates_resolved failed: " in one["because"] for one in served.held.values())
    assert {mart: one["sha256"] for mart, one in served.manifest["marts"].items() if mart in served.held} == {
        mart: before.manifest["marts"][mart]["sha256"] for mart in served.held
    }
    assert status(ended.home).is_stale
    with steps.instance() as instance:
        (sent,) = (line for key, line in problems.found(instance).items() if key.startswith("check "))
    assert sent.startswith("built on intermediate/int_revenue_rates_resolved failed; holds back ")
    assert "GBP" not in sent, "what a file or dbt said stays on this machine"
    listed = [f"{finding.what}: {finding.hint}" for finding in last_run.left(ended.home)]
    for line in (
        f"jira.sprints, when it was loaded last: {unread}",
        "1 of files.holidays do not fit and are left out: DE/2026-02-31 (",
        "int_revenue_rates_resolved could not be built: no planned rate of GBP for FY25, FY26, FY27 (fill in",
    ):
        assert sum(one.startswith(line) for one in listed) == 1, listed
    assert prodops(ended.home, "publish", PRODOPS_NOW=LATER).exit_code == 1
    again = current(ended.home)
    assert again is not None
    assert again.snapshot_id == served.snapshot_id, "the same again is the same snapshot"
    assert prodops(ended.home, "load", "files", PRODOPS_NOW=LATER).exit_code == 0
    healed = due_is_run(ended.home)
    assert (healed.exit_code, healed.errors) == (0, ())
    assert not status(ended.home).is_stale


def test_a_source_that_can_not_be_read_costs_the_marts_behind_it_and_is_listed_until_it_can(ended: Ended) -> None:
    """With nothing new: what is published says so all the same, and again when all could be read."""
    enter(ended.home)
    before = current(ended.home)
    assert before is not None
    with steps.instance() as instance:
        context = dg.build_sensor_context(instance=instance)
        jobs.what_is_due(context)
        unread.note(SOURCES["jira"], SourceError("jira", "issues", "the credentials are wrong or expired", status=401))
        asked = jobs.what_is_due(dg.build_sensor_context(instance=instance, cursor=context.cursor))
    assert isinstance(asked, dg.RunRequest), asked
    assert set(asked.asset_selection or ()) == {publish.KEY}
    done = due_is_run(ended.home)
    assert (done.exit_code, done.built) == (1, 0)
    (said,) = done.errors
    assert "read on jira failed: jira.issues (status 401): the credentials are wrong or expired" in said
    served = current(ended.home)
    assert served is not None
    below = behind({"source.prodops.jira.issues"}) & manifest.models().keys()
    behind_it = {manifest.models()[one]["name"] for one in below}
    assert set(served.held) == behind_it & before.manifest["marts"].keys()
    assert {"mart_delivery", "mart_okr"} <= set(served.held)
    assert {"mart_arr", "mart_revenue", "mart_usage"} <= set(served.moved)
    with served.connect() as marts:
        listed = marts.execute("select distinct check_name, asset, owner, next_step from failures").fetchall()
        assert marts.execute("select distinct rows_of from failures").fetchall() == [(before.snapshot_id,)]
    owner = "Analytics engineering <analytics-engineering@example.com>"
    assert listed == [("read", "jira", owner, next_steps.TO_READ)]
    with steps.instance() as instance:
        shown = instance.get_latest_materialization_event(publish.KEY)
    assert shown is not None
    assert shown.asset_materialization is not None
    (row,) = shown.asset_materialization.metadata["failures"].records  # type: ignore[union-attr]
    assert (row.data["about"], row.data["owner"], row.data["next step"]) == ("jira", owner, next_steps.TO_READ)
    (found,) = [one for one in last_run.left(ended.home) if not one.ok and one.what.startswith("read on jira failed")]
    assert found.hint.startswith(f"{next_steps.TO_READ}; owner: {owner}; held back until then: ")
    assert due_is_run(ended.home).snapshot == served.snapshot_id, "the same again is the same snapshot"
    unread.note(SOURCES["jira"], None)
    assert due_is_run(ended.home).exit_code == 0
    healed = current(ended.home)
    assert healed is not None
    assert (healed.held, healed.failures, status(ended.home).is_stale) == ({}, [], False)
    with steps.instance() as instance:
        tags = [{*one.tags} & {*failures.HELD} for one in instance.get_runs(limit=2)]
    assert tags == [set(), {*failures.HELD}], "the run before it failed because it held marts back"


def test_a_scheduled_build_that_failed_has_the_rest_proven_and_then_published(ended: Ended) -> None:
    enter(ended.home)
    with steps.instance() as instance:

        def asked(job: str, *failed: str, said: UserFailureData | None = None, **tags: str) -> dg.RunRequest | None:
            event = dg.DagsterEvent(dg.DagsterEventType.PIPELINE_FAILURE.value, job, message="it failed")
            run = dg.DagsterRun(job_name=job, tags=tags)
            for step in failed:
                kind = dg.DagsterEventType.STEP_FAILURE.value
                data = StepFailureData(error=None, user_failure_data=said)
                ended_red = dg.DagsterEvent(kind, job, step_key=step, event_specific_data=data, message="it failed")
                instance.report_dagster_event(ended_red, run.run_id)
            context = dg.build_run_status_sensor_context("sensor", event, instance, run)
            return jobs.failed_run_is_marked(context.for_run_failure()) or jobs.rest_is_proven(context)

        assert asked("main", "land_jira") is None, "a source that failed: what_is_due builds and publishes the rest"
        assert status(ended.home).reason == "land_jira: failed", "what the step says, as the command line would"
        assert asked("main") is None, "a run that was killed"
        reason = status(ended.home).reason
        assert reason == failures.NO_STEP.format("it failed"), "what Dagster says of it, and what to do"
        assert asked("main", "published__current", **failures.HELD) is None, "what could move has moved"
        assert status(ended.home).reason == reason, "which publishing itself has marked"
        again = asked("main", "published__current")
        assert again is not None
        assert again.job_name == "check", "as when another one held the lease: nothing has moved"
        full = failures.failure(DiskFullError("/ has 0 of 5 MB free"))
        words = UserFailureData("intentional-failure", full.description, full.metadata)
        assert asked("main", "build_warehouse", said=words) is None, "a full disk: what is published stays as it is"
        assert status(ended.home).reason == str(DiskFullError("/ has 0 of 5 MB free"))
        proven = asked("main", "build_warehouse")
        assert proven is not None
        assert (proven.job_name, set(proven.asset_check_keys or ())) == ("check", gate.proofs().keys())
        published = asked("check", **{key: proven.tags[key] for key in jobs.OF_THE_REST})
        assert published is not None
        assert published.job_name == "publish"
        assert [asked(job) for job in ("check", "publish", "load")] == [None] * 3, "a person's own runs ask for nothing"


def test_a_red_proof_holds_back_the_marts_of_its_stream_one_of_pay_those_with_cost_and_a_control_none(
    ended: Ended,
) -> None:
    """A mart that is not what its control says is held back itself. What a vendor says of one issue is a warning, which
    names it: nobody's marts wait for it. All are wrong at once: to check everything takes 20 CPU-s."""
    before = current(ended.home)
    assert before is not None
    sold = "update marts.mart_revenue set recognised_revenue = recognised_revenue {} 1 where rowid = 0"
    more = "update intermediate.int_product_costs_summed set amount_minor = amount_minor {} 100 where amount_minor > 0"
    compared, row = "intermediate.int_delivery_controls_compared", "control_id = 'issue_statuses' and object_id = ?"
    health = "update marts.mart_data_health set numerator = numerator {} 1 where metric_id = 'issue_statuses'"
    link = "(select {}(rowid) from intermediate.int_issue_links_resolved)"
    with duckdb.connect(str(ended.home / PEOPLE)) as people:
        people.execute(more.format("+"))
    with duckdb.connect(str(ended.home / "warehouse.duckdb")) as warehouse:
        warehouse.execute(
            "delete from staging.base_jira__worklogs where record_id = "
            "(select min(record_id) from staging.base_jira__worklogs where not is_deleted)"
        )
        warehouse.execute(sold.format("+"))
        again = f"from intermediate.int_issue_links_resolved where rowid = {link.format('min')}"
        warehouse.execute(f"insert into intermediate.int_issue_links_resolved {again}")
        (twice,) = warehouse.execute(again).to_arrow_table().to_pylist()
        (issue,) = warehouse.execute(f"select min(object_id) from {compared}").fetchall()[0]
        warehouse.execute(f"update {compared} set is_agreed = false, our_figure = 'Lost' where {row}", [issue])
        warehouse.execute(health.format("-"))
    red = prodops(ended.home, "check")
    with duckdb.connect(str(ended.home / "warehouse.duckdb")) as warehouse:
        warehouse.execute(f"update {compared} set is_agreed = true, our_figure = vendor_figure where {row}", [issue])
        warehouse.execute(health.format("+"))
    assert red.exit_code == 1
    proof = "red: landed_is_staged on staging/base_jira__worklogs: "
    assert [line for line in red.stderr.splitlines() if line.startswith(proof)], red.stderr
    with_cost = {*manifest.marts_of([dg.AssetKey(["intermediate", "int_product_costs_summed"])])}
    assert {"mart_product_cost", "mart_product_pnl"} <= with_cost
    for mart in with_cost:
        of_pay = f"red: pay_is_not_disclosed on marts/{mart}: int_product_costs_summed "
        assert [line for line in red.stderr.splitlines() if line.startswith(of_pay)], red.stderr
    of_control = "red: equals_its_control on marts/mart_revenue: "
    (said,) = [line for line in red.stderr.splitlines() if line.startswith(of_control)]
    assert "recognised_revenue of " in said
    of_grain = "red: unique_grain on intermediate/int_issue_links_resolved: 1 row: "
    (named,) = [line for line in red.stderr.splitlines() if line.startswith(of_grain)]
    shown = named.removeprefix(of_grain).partition("; ")[0]
    assert {part.partition("=")[0] for part in shown.split(", ")} <= twice.keys()
    assert all(str(twice[part.partition("=")[0]]) == part.partition("=")[2] for part in shown.split(", ")), named
    of_dbt = "red: assert_recognised_revenue_equals_the_ledger on marts/mart_revenue: 1 row"
    (said,) = [line for line in red.stderr.splitlines() if line.startswith(of_dbt)]
    assert "; revenue got lost, or was " in said
    statement = "dbt/compiled/prodops/tests/marts/assert_recognised_revenue_equals_the_ledger.sql"
    assert said.endswith(f" Next: Revenue analytics runs what is in `{statement}` in warehouse.duckdb."), said
    assert (ended.home / statement).exists()
    assert "error:" not in red.stderr, "a red check is reported once"
    assert "red: issue_statuses" not in red.stderr
    warned = " ".join(red.output.split())
    assert "issue_statuses_as_the_vendor_says on marts/mart_delivery: " in warned
    assert f"{issue} (status now): " in warned
    assert "Lost here" in warned
    assert "marts and their controls" in warned
    assert "QuickBooks" in warned.partition("marts and their controls")[2]
    assert "no closed period would change" in prodops(ended.home, "restate", "list").output
    published = prodops(ended.home, "publish")
    assert published.exit_code == 1
    (said,) = [line for line in published.stderr.splitlines() if " marts are held back: " in line]
    assert re.search(r"is red; and \d+ more$", said), "a few in words: all are listed below"
    with duckdb.connect(str(ended.home / PEOPLE)) as people:
        people.execute(more.format("-"))
    with duckdb.connect(str(ended.home / "warehouse.duckdb")) as warehouse:
        warehouse.execute(sold.format("-"))
        warehouse.execute(f"delete from intermediate.int_issue_links_resolved where rowid = {link.format('max')}")
    served = current(ended.home)
    assert served is not None
    of_revenue = manifest.marts_of([dg.AssetKey(["marts", "mart_revenue"])])
    of_links = manifest.marts_of([dg.AssetKey(["intermediate", "int_issue_links_resolved"])])
    assert of_links
    assert set(served.held) == {*manifest.marts_behind("jira", ["worklogs"]), *with_cost, *of_revenue, *of_links}
    causes = {one.check for one in served.failures}
    assert {"landed_is_staged", "pay_is_not_disclosed", "equals_its_control"} < causes
    assert all(one.owner.endswith("@example.com>") and one.next_step for one in served.failures), served.failures
    assert all(f"to mend: {one.check} on {one.asset}, since " in published.stderr for one in served.failures)
    assert "mart_usage" in served.moved
    assert status(ended.home).is_stale
    # A red proof is asked again by each build, and stays red: nothing new can bring a lost row back. The same run then
    # publishes what it is not about.
    again = due_is_run(ended.home)
    assert again.exit_code == 1
    assert [text for text in again.checks_failed if not text.startswith(proof.removeprefix("red: "))] == []
    moved = current(ended.home)
    assert moved is not None
    assert set(moved.held) == {*manifest.marts_behind("jira", ["worklogs"])}
    with steps.instance() as instance:
        assert [run.job_name for run in instance.get_runs(limit=1)] == ["main"]


def test_what_other_engines_built_is_not_checked_but_built_anew(ended: Ended) -> None:
    record = ended.home / "dbt" / "built.json"
    kept = record.read_text()
    record.write_text(json.dumps({**json.loads(kept), "engine": "another"}))
    refused = prodops(ended.home, "check")
    record.write_text(kept)
    drill("BuildError", refused.exit_code, refused.stderr)


ONE_AFTER_THE_OTHER = """
import sys
from cli.main import main
for command in sys.argv[1:]:
    try:
        main([command])
    except SystemExit as ended:
        if ended.code:
            raise
"""
"""Commands in one process, which imports what they need once (7 CPU-s)."""


def test_after_an_edit_the_edited_and_their_descendants_run_and_no_others(ended: Ended, tmp_path: Path) -> None:
    """In a copy of the code, as a person edits it: dbt compares it with what built the warehouse. A model that keeps
    what earlier builds made is built from nothing, which brings back the row that the red proof misses."""
    enter(ended.home)
    code = tmp_path / "code"
    for room in (
        "cli",
        "dbt_project",
        "ingestion",
        "orchestration",
        "planning",
        "quality",
        "registry",
        "sandbox",
        "serving",
    ):
        shutil.copytree(versions.ROOT / room, code / room, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copyfile(versions.ROOT / "pyproject.toml", code / "pyproject.toml")
    for name in ("mart_adoption", "base_jira__worklogs"):
        (edited,) = (code / "dbt_project" / "models").rglob(f"{name}.sql")
        edited.write_text(f"-- edited\n{edited.read_text()}")
    (described,) = (code / "dbt_project" / "models" / "marts").rglob("mart_delivery.yml")
    described.write_text(described.read_text().replace("One row per", "One  row per", 1))
    with duckdb.connect(str(ended.home / "warehouse.duckdb")) as warehouse:
        # As a mart whose model was deleted since.
        warehouse.execute("create table marts.mart_gone as select 1 as one")
    settings = {"PRODOPS_HOME": str(ended.home), "PRODOPS_SCALE": "tiny", "PRODOPS_NOW": LATER}

    assert status(ended.home).is_stale, "a proof is red"
    done = subprocess.run(
        [sys.executable, "-c", ONE_AFTER_THE_OTHER, "build", "publish"],
        cwd=code,
        env={**without_settings(), **settings, "PYTHONPATH": str(code)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert set(ran(ended.home)) == behind({"model.prodops.mart_adoption", "model.prodops.base_jira__worklogs"})
    with duckdb.connect(str(ended.home / "warehouse.duckdb"), read_only=True) as warehouse:
        assert warehouse.execute("select 1 from duckdb_tables() where table_name = 'mart_gone'").fetchall() == []
    assert not status(ended.home).is_stale


def test_a_damaged_warehouse_is_put_aside(tmp_path: Path) -> None:
    warehouse = tmp_path / "warehouse.duckdb"
    warehouse.write_bytes(b"a damaged file")
    assert "the warehouse was damaged and is built again" in str(steps.wait_for_warehouse(warehouse))
    assert not warehouse.exists()
    assert steps.wait_for_warehouse(warehouse) is None


def test_another_company_does_not_enter_this_home(ended: Ended) -> None:
    other = prodops(ended.home, "load", "--seed", "2")
    assert other.exit_code == 2
    assert "holds the data of sandbox-1-tiny, but this run is for sandbox-2-tiny" in other.stderr
    real = prodops(
        ended.home,
        "load",
        SOURCES__JIRA__BASE_URL="https://example.atlassian.net",
        SOURCES__JIRA__EMAIL="a@example.com",
        SOURCES__JIRA__API_TOKEN="t",
    )
    assert real.exit_code == 2
    assert "but this run is for company" in real.stderr


@pytest.mark.parametrize("sources", [["jira"], None])
def test_load_config_names_ops_that_exist(ended: Ended, sources: list[str] | None) -> None:
    os.environ.update({"PRODOPS_HOME": str(ended.home), "DAGSTER_HOME": str(ended.home / "dagster")})
    job = of_home(ended.home).resolve_job_def("load_jira" if sources else "full_resync")
    config = load_config(census=False, resync=True, sources=sources)
    asked = {"census": False, "resync": True, "retries": 0}
    assert dg.validate_run_config(job, config)["ops"]["land_jira"]["config"] == asked


def test_what_lands_is_the_same_job_with_and_without_what_is_built(ended: Ended) -> None:
    os.environ.update({"PRODOPS_HOME": str(ended.home), "DAGSTER_HOME": str(ended.home / "dagster")})
    whole, alone = (one.resolve_job_def("load") for one in (of_home(ended.home), loading.alone(ended.home)))
    assert {node.name for node in alone.nodes} == {node.name for node in whole.nodes}
    keys = whole.asset_layer.selected_asset_keys
    assert alone.asset_layer.selected_asset_keys == keys
    assert keys == {dg.AssetKey([name, stream.name]) for name, source in SOURCES.items() for stream in source.streams}


def test_the_clock_of_a_made_up_company_never_goes_back(tmp_path: Path) -> None:
    from ingestion import clock

    os.environ["PRODOPS_HOME"] = str(tmp_path)
    settled = deployment.settle()
    assert clock.now() == datetime(2026, 10, 15, 6, tzinfo=UTC)
    deployment.start_clock(settled)
    del os.environ["PRODOPS_NOW"]
    for name in [name for name in os.environ if name.startswith("SOURCES__")]:
        del os.environ[name]
    deployment.settle()
    assert "@" in os.environ["PRODOPS_NOW"]
    assert clock.now() > datetime(2026, 10, 15, 6, tzinfo=UTC)
