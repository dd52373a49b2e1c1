"""People's rows through landing and staging: from when to when each holds, what was known of it when, where pay lies.

A failure here means that somebody counts in the wrong team or on the wrong day, or that pay is where it must not be.
"""

import os
import stat
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb
import msgspec
import pytest

from ingestion.landing import Record
from tests.dbt.conftest import Warehouse

BUILT = (
    *("--select", "path:models/staging/bamboohr", "+path:models/intermediate/people", "path:seeds"),
    *("--indirect-selection", "cautious"),
)
MARCH, APRIL, MAY = (datetime(2026, month, 2, 6, tzinfo=UTC) for month in (3, 4, 5))
CANARY = 918_273_645
"""A rate of pay like nothing else in the world."""
EVER = date(1, 1, 1), date(9999, 12, 31)
ALWAYS = {"valid_from": "2025-01-01", "valid_to": ""}


def landed(at: datetime, key: str, /, **payload: Any) -> Record:
    return Record(key, msgspec.json.encode(payload), at, parent_id=key.partition("/")[0] if "/" in key else None)


def gone(at: datetime, key: str) -> Record:
    return Record(key, None, at, is_deleted=True)


def job(at: datetime, key: str, day: str, team: str, share: str = "1.0") -> Record:
    reported = {"department": team, "division": "engineering", "jobTitle": "Engineer", "location": "Berlin"}
    return landed(at, key, id=key.partition("/")[2], date=day, reportsTo="Boss, The", customFTE=share, **reported)


def employed(at: datetime, key: str, day: str, status: str) -> Record:
    return landed(at, key, id=key.partition("/")[2], date=day, employmentStatus=status)


def paid(at: datetime, key: str, day: str, rate: object, currency: str = "EUR") -> Record:
    reported = {"rate": {"currency": currency, "value": rate}, "type": "Salary", "reason": "Hire", "paidPer": "Year"}
    return landed(at, key, id=key.partition("/")[2], startDate=day, **reported)


def files() -> dict[str, list[Record]]:
    team = {"type": "stream", "function": "engineering", "parent_id": "", **ALWAYS}
    names = {"T-1": "Falcon", "T-2": "Heron"}
    return {
        "teams": [landed(MARCH, key, team_id=key, name=name, **team) for key, name in names.items()],
        "worker_map": [landed(MARCH, "m", source="bamboohr", key="7", worker_id="W-7", **ALWAYS)],
    }


# In March: Ada (7) moves to Heron in June; of two rows of one day the second counts, her first one has no day. One of
# Ben's (8) rows can't be read, and one of pay.
FIRST = {
    "employees": [landed(MARCH, key, employeeId=key, status="Active", hireDate="0000-00-00") for key in ("7", "8")],
    "job_info": [
        job(MARCH, "7/11", "0000-00-00", "Falcon"),
        job(MARCH, "7/30", "2026-06-01", "Heron", "0.8"),
        job(MARCH, "7/12", "2026-06-01", "Falcon"),
        job(MARCH, "8/13", "2026-01-01", "Falcon", "full"),
        job(MARCH, "8/14", "2026-02-01", "Falcon"),
    ],
    "employment_statuses": [
        employed(MARCH, "7/21", "2026-01-01", "Full-Time"),
        employed(MARCH, "8/22", "2026-02-01", "Contractor"),
    ],
    "compensation": [
        paid(MARCH, "7/1", "2026-01-01", f"{CANARY}.50"),
        paid(MARCH, "8/2", "2026-02-01", f"{CANARY} a year"),
        paid(MARCH, "8/3", "0000-00-00", f"{CANARY}", "JPY"),
    ],
    "time_off_requests": [
        landed(MARCH, "5", id=5, employeeId=7, status={"status": "superceded"}, start="2026-03-01", end="2026-03-02")
    ],
    "holidays": [landed(MARCH, "9", id=9, name="New Year", start="2026-01-01", end="2026-01-01")],
    "locations": [landed(MARCH, "1", id="1", label="Berlin", archived=False, address={"countryId": "DE"})],
    "lists": [landed(MARCH, "2", fieldId="2", name="Team", options=[])],
    "fields": [landed(MARCH, "3", id=3, name="Team", type="list")],
}
# In April the move is put off to July, in May it is taken back, and Ada leaves at the end of the month.
SECOND = {"job_info": [job(APRIL, "7/30", "2026-07-01", "Heron", "0.8")], "compensation": [gone(APRIL, "8/3")]}
THIRD = {
    "job_info": [gone(MAY, "7/30")],
    "employment_statuses": [employed(MAY, "7/23", "2026-05-31", "Terminated")],
}


class People:
    """A home in which what is known of people changes from month to month."""

    def __init__(self, home: Path) -> None:
        mask = os.umask(0o077)  # as a run of the command line does
        self.warehouse = Warehouse(home)
        self.warehouse.land("files", files())
        self.warehouse.land("bamboohr", FIRST)
        self.warehouse.build(*BUILT)
        self.in_march = self.query("select record_id, valid_from, valid_to from staged.stg_bamboohr__job_info")
        self.pay_in_march = self.query("select record_id, rate_amount > 900000000 from pay.stg_bamboohr__compensation")
        self.warehouse.land("bamboohr", SECOND)
        self.warehouse.land("bamboohr", THIRD)
        self.warehouse.run(*BUILT)
        os.umask(mask)

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        """Over both databases; `staged` and `pay` are what is staged in each."""
        places = {"staged.": "warehouse.staging.", "pay.": "restricted.staging."}
        for short, place in places.items():
            sql = sql.replace(f"from {short}", f"from {place}")
        with duckdb.connect() as connection:
            connection.execute(f"attach '{self.warehouse.home}/warehouse.duckdb' as warehouse (read_only)")
            connection.execute(f"attach '{self.warehouse.home}/restricted/people.duckdb' as restricted (read_only)")
            return connection.execute(f"{sql} order by all").fetchall()


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> People:
    return People(tmp_path_factory.mktemp("people") / "home")


def test_a_row_holds_until_the_next_one_and_gives_way_to_a_later_one_of_its_day(people: People) -> None:
    june, february = date(2026, 6, 1), date(2026, 2, 1)
    assert people.in_march == [
        ("7/11", EVER[0], june),
        ("7/12", june, june),
        ("7/30", june, EVER[1]),
        ("8/14", february, EVER[1]),
    ]
    now = people.query(
        "select record_id, valid_from, valid_to from staged.stg_bamboohr__job_info where employee_id = '7'"
    )
    assert now == [("7/11", EVER[0], june), ("7/12", june, EVER[1])]


def test_what_was_corrected_or_taken_back_stays_as_it_was_known(people: People) -> None:
    """Where Ada is on the 15th of June and of July, by what was known in March, in April and since May."""
    teams = {}
    for month, known_at in {"March": MARCH, "April": APRIL, "May": MAY}.items():
        for day in ("2026-06-15", "2026-07-15"):
            timestamp = f"timestamp '{known_at:%Y-%m-%d %H:%M:%S}'"
            teams[month, day] = people.query(
                "select department, fte::double from staged.stg_bamboohr__job_info_versions "
                f"where employee_id = '7' and date '{day}' >= valid_from and date '{day}' < valid_to "
                f"and known_from <= {timestamp} and ({timestamp} < known_to or known_to is null)"
            )
    falcon, heron = [("Falcon", 1.0)], [("Heron", 0.8)]
    assert teams == {
        ("March", "2026-06-15"): heron,
        ("March", "2026-07-15"): heron,
        ("April", "2026-06-15"): falcon,
        ("April", "2026-07-15"): heron,
        ("May", "2026-06-15"): falcon,
        ("May", "2026-07-15"): falcon,
    }
    pay = "select record_id, known_to::varchar from pay.stg_bamboohr__compensation_versions"
    assert people.query(pay) == [("7/1", None), ("8/3", "2026-04-02 06:00:00")]


def test_a_worker_is_employed_through_the_last_day(people: People) -> None:
    found = people.query(
        "select worker_id, is_employed, worker_type, team_id, fte::double, valid_from, valid_to "
        "from restricted.intermediate.dim_worker"
    )
    last, after = date(2026, 6, 1), EVER[1]
    assert found == [
        ("W-7", False, "employee", "T-1", 1.0, last, after),
        ("W-7", True, "employee", "T-1", 1.0, date(2026, 1, 1), last),
        ("bamboohr/8", True, "contractor", "T-1", 1.0, date(2026, 2, 1), after),
    ]


def test_every_row_is_staged_or_waits_with_its_reason(people: People) -> None:
    outside = "select stream, record_id, quarantine_reason from staged.stg_bamboohr__quarantine"
    assert people.query(outside) == [("job_info", "8/13", "fte: not a share: full")]
    # what the reason of pay says is nobody's business
    reason = "quarantine_reason like 'rate_amount: not a fine_decimal: %'"
    assert people.query(f"select record_id, {reason} from pay.stg_bamboohr__pay_quarantine") == [("8/2", True)]
    assert people.pay_in_march == [("7/1", True), ("8/3", True)]
    leave = "select employee_id, request_status, last_date from staged.stg_bamboohr__time_off_requests"
    assert people.query(leave) == [("7", "superceded", date(2026, 3, 2))]


def test_pay_lies_in_the_restricted_database_and_nowhere_else(people: People) -> None:
    """No table of the warehouse holds it and no file that dbt writes; who may not read the home can't read it."""
    home = people.warehouse.home
    assert any(str(CANARY) in str(row) for row in people.query("select * from pay.base_bamboohr__compensation"))
    held = [name for name, rows in people.warehouse.tables().items() if any(str(CANARY) in str(row) for row in rows)]
    assert held == []
    written = [path for path in home.rglob("*") if path.is_file() and not path.is_relative_to(home / "restricted")]
    assert [path.name for path in written if str(CANARY).encode() in path.read_bytes()] == []
    assert len([path for path in written if path.is_relative_to(home / "dbt")]) > 50
    assert stat.S_IMODE((home / "restricted" / "people.duckdb").stat().st_mode) == 0o600
    assert stat.S_IMODE((home / "restricted").stat().st_mode) == 0o700
