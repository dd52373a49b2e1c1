"""What is staged of money and people equals what happened in the made-up company.

A failure here means that a posting, a balance, a job or a rate of pay is not what it was, though landing held it.
"""

import os
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from ingestion.landing import Landing
from ingestion.sources import SOURCES
from sandbox.company.staff import Worker
from sandbox.moments import ms
from sandbox.truth.books import Ledger, control_totals
from sandbox.truth.staff import bamboohr_records
from tests.end_to_end.play import NOW, Play
from tests.in_process_dbt import dbt

LANDED = ("files", "quickbooks", "bamboohr")
BUILT = (
    *("path:models/staging/quickbooks", "path:models/staging/bamboohr", "path:seeds"),
    *("path:models/intermediate/finance", "path:models/intermediate/people"),
    *("+stg_files__fiscal_periods", "+stg_files__worker_maps", "+stg_files__teams"),
)
CUTS = {1: ["2025-09-10T07:13:00Z", NOW], 2: [NOW]}
"""Days at which each company's data team ran the loads."""


@pytest.fixture(autouse=True)
def _environment() -> Iterator[None]:
    before = dict(os.environ)
    yield
    os.environ.clear()
    os.environ.update(before)


def built(home: Path, seed: int) -> Play:
    play = Play(home, seed, sources=LANDED)
    with play.served():
        for name in SOURCES.keys() - set(LANDED):
            Landing(name, SOURCES[name].streams).close()
        for day in CUTS[seed]:
            play.load(day)
        play.build("--select", *BUILT)
    return play


def rows(home: Path, sql: str) -> list[tuple[Any, ...]]:
    """Over the warehouse and what is restricted."""
    with duckdb.connect() as connection:
        connection.execute(f"attach '{home}/warehouse.duckdb' as warehouse (read_only)")
        connection.execute(f"attach '{home}/restricted/people.duckdb' as restricted (read_only)")
        return connection.execute(sql).fetchall()


@pytest.mark.parametrize("seed", CUTS)
def test_the_staged_books_and_people_are_the_true_ones(tmp_path: Path, seed: int) -> None:
    play = built(tmp_path / "home", seed)
    assert play.landed_differences() == []
    proofs = dbt(
        play.home, "test", "--select", "fct_gl_line", "int_postings_derived", "fct_trial_balance,test_type:data"
    )
    red = [one.node.name for one in proofs.result if str(one.status) not in ("pass", "success")]
    assert (len(proofs.result) > 5, red) == (True, [])
    assert posted(play) == truly_posted(play)
    assert balances(play) == control_totals(play.company, NOW)
    assert jobs(play) == true_jobs(play.company.staff.workers)
    for day in CUTS[seed]:
        assert known(play, day) == truly_known(play, day)
    assert pay_differs(play) == 0


def posted(play: Play) -> Counter[tuple[Any, ...]]:
    told = "posting_date, document_type, document_id, account_id, coalesce(class_id, ''), coalesce(department_id, '')"
    sql = (
        f"select {told}, sum(amount_home_minor) from warehouse.intermediate.fct_gl_line "
        "group by all having sum(amount_home_minor) <> 0"
    )
    return Counter({row[:-1]: int(row[-1]) for row in rows(play.home, sql)})


def truly_posted(play: Play) -> Counter[tuple[Any, ...]]:
    found: Counter[tuple[Any, ...]] = Counter()
    for one in Ledger(play.company.bookkeeping.books(NOW)).postings:
        found[(one.day, one.kind, one.document, one.account, one.product, one.department)] += one.amount
    return Counter({key: amount for key, amount in found.items() if amount})


def balances(play: Play) -> dict[tuple[str, str], int]:
    sql = (
        "select fiscal_period, account_id, debit_minor - credit_minor from warehouse.intermediate.fct_trial_balance "
        "inner join warehouse.staging.stg_files__fiscal_periods on balance_date = last_date"
    )
    return {(period, account): amount for period, account, amount in rows(play.home, sql)}


def merged(ranges: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Ranges of equal jobs that follow one another as one; the last two values are the first day and the day after."""
    found: list[tuple[Any, ...]] = []
    for *job, since, until in sorted(ranges, key=lambda one: (one[0], one[-2])):
        if found and (*found[-1][:-2], found[-1][-1]) == (*job, since):
            found[-1] = (*job, found[-1][-2], until)
        else:
            found.append((*job, since, until))
    return found


def jobs(play: Play) -> list[tuple[Any, ...]]:
    """The made-up company calls nobody's team by a name that teams.csv has not."""
    told = "worker_id, worker_type, team_id, function_name, job_title, location, fte, valid_from, valid_to"
    return merged(rows(play.home, f"select {told} from restricted.intermediate.dim_worker where is_employed"))


def true_jobs(workers: list[Worker]) -> list[tuple[Any, ...]]:
    found = []
    for worker in workers:
        for job in worker.as_known(ms(NOW)).jobs:
            told = (worker.worker_id, worker.kind, job.team_id, job.division, job.title, job.location, job.fte)
            found.append((*told, job.since, job.until))
    return merged(found)


def known(play: Play, day: str) -> set[tuple[str, date | None, str]]:
    """Rows of jobs as they were known when a load ended."""
    moment = f"timestamp '{day[:-1]}'"
    sql = (
        "select record_id, effective_date, department from warehouse.staging.stg_bamboohr__job_info_versions "
        f"where known_from <= {moment} and ({moment} < known_to or known_to is null)"
    )
    return set(rows(play.home, sql))


def truly_known(play: Play, day: str) -> set[tuple[str, date | None, str]]:
    return {
        (key, None if row["day"] == "0000-00-00" else date.fromisoformat(row["day"]), row["department"])
        for key, row in bamboohr_records(play.company, ms(day))["job_info"].items()
    }


def pay_differs(play: Play) -> int:
    """How many rows of pay are not the true ones; what they say is nobody's business."""
    told = "record_id, cast(rate_amount * 100 as bigint), currency, paid_per"
    staged = set(rows(play.home, f"select {told} from restricted.staging.stg_bamboohr__compensation"))
    true = {
        (key, row["hundredths"], row["currency"], row["paid_per"])
        for key, row in bamboohr_records(play.company, ms(NOW))["compensation"].items()
    }
    assert true
    return len(staged ^ true)
