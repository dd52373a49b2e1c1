"""Who worked where, and what was known of it when, equals what happened in the made-up company.

A failure here means that somebody counts in the wrong team, on the wrong day or twice, though each row is staged well.
"""

import os
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from sandbox.company.staff import Worker
from sandbox.moments import ms
from sandbox.truth.staff import bamboohr_records
from tests.end_to_end.play import NOW, Play

BUILT = ("+dim_worker", "+stg_bamboohr__job_info_versions")
CUTS = {1: ["2025-09-10T07:13:00Z", NOW], 2: [NOW]}
"""Days at which each company's data team ran the loads."""


@pytest.fixture(autouse=True)
def _environment() -> Iterator[None]:
    before = dict(os.environ)
    yield
    os.environ.clear()
    os.environ.update(before)


def built(home: Path, seed: int) -> Play:
    play = Play(home, seed, sources=("files", "bamboohr"))
    with play.served():
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
def test_people_work_where_they_truly_do_and_were_known_to(tmp_path: Path, seed: int) -> None:
    play = built(tmp_path / "home", seed)
    assert len(jobs(play)) > 20
    assert jobs(play) == true_jobs(play.company.staff.workers)
    for day in CUTS[seed]:
        assert known(play, day) == truly_known(play, day)


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
