"""What each working day went into under each model of effort, as the warehouse has it and as it truly was.

Belongs here: both sides in the same words. Does not: the claim (claims.py).
"""

from fractions import Fraction
from typing import Any

from sandbox.truth.effort import Efforts
from tests.end_to_end.play import Play
from tests.end_to_end.workers import rows

DAYS = """
    select
        effort.effort_model, effort.worker_id, days.work_date, effort.work_item_id, effort.product_id,
        effort.share_millionths, effort.fiscal_period, effort.team_id
    from restricted.intermediate.fct_effort as effort
    inner join restricted.intermediate.int_worker_days_placed as days
        on effort.worker_id = days.worker_id and days.is_working_day and days.leave_share < 1
        and effort.valid_from <= days.work_date and days.work_date < effort.valid_to
"""
EPICS = """
    select effort_model, fiscal_period, team_id, epic_id, work_kind, sum(fte_days)
    from restricted.intermediate.int_epic_efforts_summed
    group by all
"""
ERRORS = """
    select effort_model, fiscal_period, team_id, logged_days, error_ratio
    from restricted.intermediate.int_effort_errors_measured
"""
COVERAGES = "select metric_id, numerator, denominator from restricted.intermediate.int_effort_coverages_counted"
LEAST = {"days": 20_000, "epics": 300, "errors": 20, "coverages": 3}
"""Values that any company has; with fewer, nothing would be proven."""


def differences(play: Play) -> list[str]:
    """Where either side lacks a share of a day, a sum of an epic, an error or a coverage, or has another one."""
    true, derived = true_figures(play), derived_figures(play)
    found = []
    for name, figures in true.items():
        found += [] if len(figures) > LEAST[name] else [f"only {len(figures)} {name} of effort"]
        for key in sorted(figures.keys() | derived[name].keys(), key=str):
            one, other = figures.get(key), derived[name].get(key)
            found += [] if one == other else [f"{name} {key}: truly {one}, derived {other}"]
    return found


def true_figures(play: Play) -> dict[str, dict[Any, Any]]:
    truth = Efforts(play.company, play.now)
    return {
        "days": {
            (row.model, row.worker.worker_id, row.worker.day, row.item, row.product): (
                *(row.share, row.worker.period, row.worker.team_id),
            )
            for row in truth.rows
        },
        "epics": truth.epics(),
        "errors": {key: (one.days, round(one.ratio * 1_000_000)) for key, one in truth.errors().items()},
        "coverages": dict(truth.coverages()),
    }


def derived_figures(play: Play) -> dict[str, dict[Any, Any]]:
    days = rows(play, DAYS)
    found: dict[str, dict[Any, Any]] = {
        "days": {tuple(key): tuple(values) for *key, one, two, three in days for values in [(one, two, three)]},
        "epics": {tuple(key): Fraction(value) for *key, value in rows(play, EPICS)},
        "errors": {tuple(key): (count, int(ratio * 1_000_000)) for *key, count, ratio in rows(play, ERRORS)},
        "coverages": {name: (part, whole) for name, part, whole in rows(play, COVERAGES)},
    }
    assert len(found["days"]) == len(days), "a share of a day that is there twice"
    return found
