"""What landed, what is staged and what the marts say equal what happened in the made-up company.

A failure here means that a figure on somebody's slide is wrong, whatever every other test says.
"""

import os
import random
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from sandbox.company import Company
from tests.end_to_end import intervals, ledger, recurring, workers
from tests.end_to_end.play import NOW, Play, newest

RUNS = {1: 1, 2: 2, 3: 3, 4: 2, 5: 1}
"""By seed: in how many runs the company is played."""
FIRST = datetime(2025, 4, 1, 7, 13, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _environment() -> Iterator[None]:
    before = dict(os.environ)
    yield
    os.environ.clear()
    os.environ.update(before)


def cuts(seed: int, runs: int) -> list[str]:
    """Days at which a company's data team ran the loads: any, in order, and the last one now."""
    days = random.Random(seed).sample(range(1, 560), runs - 1)
    return [text(FIRST + timedelta(days=day)) for day in sorted(days)] + [NOW]


def text(timestamp: datetime) -> str:
    return timestamp.isoformat().replace("+00:00", "Z")


def before_a_deletion(company: Company) -> str:
    """A day on which an issue with a history is there that is gone by now."""
    left = company.world(NOW).issues.keys()
    for day in range(1, 560):
        timestamp = text(FIRST + timedelta(days=day))
        if any(issue.histories for key, issue in company.world(timestamp).issues.items() if key not in left):
            return timestamp
    raise AssertionError("no issue is ever deleted in this company")


@pytest.mark.parametrize(("seed", "page_cap"), [(1, 1), (2, 7), (3, 1), (4, 7), (5, 1)])
def test_landed_equals_the_truth_at_any_page_size(tmp_path: Path, seed: int, page_cap: int) -> None:
    # rates and events have no pages, those of the others have tests of their own; 100 is what is played below
    play = Play(tmp_path / "home", seed, page_cap=page_cap, sources=("files", "jira"))
    with play.served():
        assert play.load() > 700
        assert play.landed_differences() == []
        assert play.load() == 0, "a second run with nothing new lands nothing"


@pytest.fixture(scope="module")
def played(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Play]:
    """Each company is played in a number of runs of its own; one of them is built on the way too."""
    before, seed = dict(os.environ), request.param
    play = Play(tmp_path_factory.mktemp("played") / "home", seed)
    days = cuts(seed, RUNS[seed])
    with play.served():
        for day in days:
            play.load(day, census=day == days[-1] or seed % 2 == 0)
            if day == days[-2:][0] and seed == 2:
                play.build()
        play.build()
        yield play
    os.environ.clear()
    os.environ.update(before)


@pytest.mark.parametrize("played", RUNS, indirect=True)
def test_all_that_landed_however_the_period_is_cut(played: Play) -> None:
    assert played.landed_differences() == []


@pytest.mark.parametrize("played", RUNS, indirect=True)
def test_all_that_is_staged_however_the_period_is_cut(played: Play) -> None:
    assert played.staged_differences() == []


@pytest.mark.parametrize("played", RUNS, indirect=True)
def test_marts_equal_the_truth_however_the_period_is_cut(played: Play) -> None:
    report = played.compared()
    assert report.equal, [mart.examples for mart in report.marts]
    assert min(mart.rows for mart in report.marts) > 5


@pytest.mark.parametrize("played", RUNS, indirect=True)
def test_the_derived_ledger_is_the_true_one_and_so_are_the_reported_balances(played: Play) -> None:
    """Posting by posting. The warehouse's own test holds the two against one another."""
    derived = ledger.derived_postings(played)
    assert len(derived) > 2_500
    assert derived == ledger.true_postings(played)
    assert ledger.reported_balances(played) == ledger.true_balances(played)


@pytest.mark.parametrize("played", [3, 4], indirect=True)
def test_recurring_revenue_is_what_anybody_finds_who_looks_every_evening(played: Play) -> None:
    """The walk shares no code with the truth, which could be wrong in the same way."""
    assert recurring.built_evenings(played) == recurring.walked_evenings(played)


@pytest.mark.parametrize("played", RUNS, indirect=True)
def test_recurring_revenue_and_its_movements_are_the_true_ones(played: Play) -> None:
    """Customer by customer, in the contract's currency and at both rates."""
    assert recurring.recurring_differences(played) == []
    assert sum(recurring.built_rows(played).values()) > 2_000


@pytest.mark.parametrize("played", RUNS, indirect=True)
def test_people_work_where_they_truly_do_and_were_known_to(played: Play) -> None:
    """A failure means that somebody counts in the wrong team, on the wrong day or twice."""
    derived = workers.derived_jobs(played)
    assert len(derived) > 20
    assert derived == workers.true_jobs(played)
    for day in cuts(played.company.seed, RUNS[played.company.seed]):
        assert workers.known(played, day) == workers.truly_known(played, day)


@pytest.mark.parametrize("played", RUNS, indirect=True)
def test_each_item_of_a_contract_brings_what_it_truly_does_to_the_second(played: Play) -> None:
    """Exact fractions by the month. A failure means that recurring revenue is wrong, or moves on another day."""
    assert len(intervals.derived_items(played)) > 80
    assert len(intervals.derived_failures(played)) > 1
    assert intervals.differences(played) == []


# One table of each source, with whom it is staged as, the id there, and a fact with how it is made wrong.
SPOILED = [
    ("files__checkins", "kr_id || '/' || checkin_date", "value", "checkin_value = checkin_value + 1"),
    ("jira__worklogs", "record_id", "seconds", "time_spent_seconds = time_spent_seconds + 1"),
    ("amplitude__events", "project_id || '/' || uuid", "event_time", "event_at = event_at + interval 1 microsecond"),
    ("fx__rates", "rate_date || '/' || currency", "rate", "rate = rate + 0.0001"),
    ("stripe__charges", "record_id", "amount", "amount = amount + 1"),
    ("bamboohr__employees", "record_id", "title", "job_title = null"),
    ("bamboohr__compensation", "record_id", "hundredths", "rate_amount = rate_amount + 0.01"),
    ("quickbooks__bills", "record_id", "date", "posting_date = posting_date + 1"),
]
STAGED_AS = {"quickbooks__bills": "quickbooks__documents"}


@pytest.mark.parametrize("played", [1], indirect=True)
def test_whatever_is_wrong_in_staging_is_reported_by_its_name(played: Play, tmp_path: Path) -> None:
    (tmp_path / "restricted").mkdir()
    for file in ("warehouse.duckdb", "restricted/people.duckdb"):
        shutil.copy(played.home / file, tmp_path / file)
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
    assert sorted(played.staged_differences(tmp_path)) == sorted(reported)


def test_a_deleted_issue_leaves_with_all_that_hung_on_it(tmp_path: Path) -> None:
    play = Play(tmp_path / "home", seed=1, sources=("files", "jira"))
    with play.served():
        play.load(before_a_deletion(play.company), census=False)
        there = {stream: set(newest("jira", stream)) for stream in ("issues", "changelogs")}
        play.load()
        assert play.landed_differences() == []
        gone = {stream: before - newest("jira", stream).keys() for stream, before in there.items()}
    assert gone["issues"]
    assert gone["changelogs"]
