"""A company whose calendar is of weeks, loaded twice in small pages and built after each load, is what truly happened;
and what is wrong in staging is found.

The other companies are played in `make torture PART=truth`.
"""

import shutil
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from tests.end_to_end.claims import CLAIMS, played
from tests.end_to_end.play import Play


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Play]:
    with played(tmp_path_factory.mktemp("company") / "home", seed=2, runs=2, builds=2, page_cap=7) as play:
        yield play


@pytest.mark.parametrize("claim", CLAIMS)
def test_what_is_claimed_of_a_company_is_true(company: Play, claim: str) -> None:
    assert CLAIMS[claim](company) == []


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
