"""Who worked where, and what was known of it when, as the warehouse has it and as it truly was.

Belongs here: both sides in the same words. Does not: the claim (claims.py).
"""

from datetime import date
from typing import Any

import duckdb

from sandbox.timestamps import ms
from sandbox.truth.headcount import worker_days
from sandbox.truth.staff import bamboohr_records
from tests.end_to_end.play import Play

LEAST = 20
"""Jobs of any company; with fewer, nothing would be proven."""


def differences(play: Play) -> list[str]:
    """Jobs of either side that the other one lacks, and what was known of jobs when each load ended and was not so."""
    derived, true = derived_jobs(play), true_jobs(play)
    found = [] if len(derived) > LEAST else [f"only {len(derived)} jobs"]
    found += [f"{job}: derived or true, not both" for job in sorted(set(derived) ^ set(true), key=str)]
    found += [] if len(derived) == len(true) else ["a job that counts twice"]
    found += wrong_days(play)
    for day in play.days:
        wrong = known(play, day) ^ truly_known(play, day)
        found += [f"{row}: known on {day}, or truly so, not both" for row in sorted(wrong, key=str)]
    return found


def _merged(ranges: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Ranges of equal jobs that follow one another as one; the last two values are the first day and the day after."""
    found: list[tuple[Any, ...]] = []
    for *job, since, until in sorted(ranges, key=lambda one: (one[0], one[-2])):
        if found and (*found[-1][:-2], found[-1][-1]) == (*job, since):
            found[-1] = (*job, found[-1][-2], until)
        else:
            found.append((*job, since, until))
    return found


def derived_jobs(play: Play) -> list[tuple[Any, ...]]:
    reported = "worker_id, worker_type, team_id, function_name, job_title, location, fte, valid_from, valid_to"
    return _merged(rows(play, f"select {reported} from restricted.intermediate.dim_worker where is_employed"))


def true_jobs(play: Play) -> list[tuple[Any, ...]]:
    found = []
    for worker in play.company.staff.workers:
        for job in worker.as_known(ms(play.now)).jobs:
            reported = (worker.worker_id, worker.kind, job.team_id, job.division, job.title, job.location, job.fte)
            found.append((*reported, job.since, job.until))
    return _merged(found)


def wrong_days(play: Play) -> list[str]:
    """Days of work on either side alone, and what differs of the others, by its name: values may be pay."""
    columns = (
        *("fiscal_period", "worker_type", "team_id", "function_name", "country", "fte", "is_head", "is_working_day"),
        *("leave_share", "unpaid_share", "yearly_pay_minor", "paid_thousandths"),
    )
    sql = f"select worker_id, work_date, {', '.join(columns)} from restricted.intermediate.fct_worker_day"
    derived = {(worker, day): values for worker, day, *values in rows(play, sql)}
    true = {
        (one.worker_id, one.day): [
            *(one.period, one.kind, one.team_id, one.function, one.country, one.share, one.is_head),
            *(one.is_working_day, one.leave, one.unpaid, one.yearly_pay_minor, one.paid_thousandths),
        ]
        for one in worker_days(play.company, play.now)
    }
    found = [f"{worker} {day}: derived or true, not both" for worker, day in sorted(derived.keys() ^ true.keys())]
    for (worker, day), values in sorted(true.items()):
        pairs = zip(columns, values, derived.get((worker, day), values), strict=True)
        found += [f"{worker} {day} {column}: differs" for column, one, other in pairs if one != other]
    return found if len(true) > 1_000 else [*found, f"only {len(true)} days of work"]


def known(play: Play, day: str) -> set[tuple[str, date | None, str]]:
    """Rows of jobs as they were known when a load ended."""
    timestamp = f"timestamp '{day[:-1]}'"
    sql = (
        "select record_id, effective_date, department from warehouse.staging.stg_bamboohr__job_info_versions "
        f"where known_from <= {timestamp} and ({timestamp} < known_to or known_to is null)"
    )
    return set(rows(play, sql))


def truly_known(play: Play, day: str) -> set[tuple[str, date | None, str]]:
    return {
        (key, None if row["day"] == "0000-00-00" else date.fromisoformat(row["day"]), row["department"])
        for key, row in bamboohr_records(play.company, ms(day))["job_info"].items()
    }


def rows(play: Play, sql: str) -> list[tuple[Any, ...]]:
    """Over the warehouse and what is restricted."""
    with duckdb.connect() as connection:
        connection.execute(f"attach '{play.home}/warehouse.duckdb' as warehouse (read_only)")
        connection.execute(f"attach '{play.home}/restricted/people.duckdb' as restricted (read_only)")
        return connection.execute(sql).fetchall()
