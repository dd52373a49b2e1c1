"""What days of work went into, by hand, where a model of effort is easily wrong.

Belongs here: the made-up company's labelled cases of effort, each with its right figures. Does not: whether the
warehouse agrees (tests/end_to_end).
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import date, timedelta
from functools import cache

import pytest

from sandbox.company import DEFAULT_NOW, Company
from sandbox.truth.effort import MILLION, MODELS, UNATTRIBUTED, Effort, Efforts, largest_remainders


@cache
def efforts() -> Efforts:
    return Efforts(Company(1, "tiny"), DEFAULT_NOW)


def issues_of(case: str) -> list[str]:
    """The ids of a labelled case's issues, in the order in which it gives them."""
    found = efforts()
    (keys,) = [one.keys for one in found.company.cases if one.name == case]
    ids = {key: issue.id for issue in found.issues.values() for key in issue.keys}
    return [str(ids[key]) for key in keys]


def shared(model: str, worker: str, day: date) -> dict[str | None, int]:
    return {
        row.item if row.item is not None else row.product: row.share
        for row in efforts().rows
        if (row.model, row.worker.worker_id, row.worker.day) == (model, worker, day)
    }


def days_on(item: str, model: str = "equal_active_day") -> dict[str, list[date]]:
    found: dict[str, list[date]] = defaultdict(list)
    for row in efforts().rows:
        if row.item == item and row.model == model:
            found[row.worker.worker_id].append(row.worker.day)
    return found


def weekdays(first: date, last: date) -> list[date]:
    days = (first + timedelta(days=number) for number in range((last - first).days + 1))
    return [day for day in days if day.weekday() < 5]


def test_every_working_day_is_one_under_every_model_and_no_other_day_is_any() -> None:
    """D13: weekends make no month of 30 days; what is not known is shown and not spread."""
    sums: Counter[tuple[str, str, date]] = Counter()
    for row in efforts().rows:
        sums[row.model, row.worker.worker_id, row.worker.day] += row.share
    assert set(sums.values()) == {MILLION}
    assert {model for model, *_ in sums} == set(MODELS)
    assert {day.weekday() for *_, day in sums} == {0, 1, 2, 3, 4}
    days = {(worker, day) for _, worker, day in sums}
    assert len(sums) == len(MODELS) * len(days)


def capacity(worker: str, period: str) -> float:
    rows: Sequence[Effort] = [
        row for row in efforts().rows if row.model == "worklogs" and row.worker.worker_id == worker
    ]
    by_day = {row.worker.day: row.capacity for row in rows if row.worker.period == period}
    return sum(by_day.values()) / MILLION


def test_nobody_is_a_month_who_did_not_work_a_month() -> None:
    """D14: hired on Wednesday 14 May 2025, thirteen working days of May; three days of five are 0.6 of each."""
    (may,) = [one.name for one in efforts().company.periods if one.first <= date(2025, 5, 20) <= one.last]
    first, last = next((one.first, one.last) for one in efforts().company.periods if one.name == may)
    middle = [
        day
        for day in weekdays(max(first, date(2025, 5, 14)), last)
        if ("DE", str(day))
        not in {(row["country"], row["date"]) for row in efforts().company.rows("holidays", DEFAULT_NOW)}
    ]
    assert 0 < len(middle) < len(weekdays(first, last))
    assert capacity("W-0024", may) == len(middle)
    assert capacity("W-0011", may) == pytest.approx(0.6 * len(days_of("W-0011", may)))


def days_of(worker: str, period: str) -> set[date]:
    return {row.worker.day for row in efforts().rows if row.worker.worker_id == worker and row.worker.period == period}


def test_days_before_an_issue_changed_its_epic_stay_with_the_epic_that_it_had() -> None:
    """D9."""
    story, one, two = issues_of("epic_changed_while_worked_on")
    (days,) = days_on(story).values()
    issue = efforts().issues[int(story)]
    of_epics = {day: str(efforts().epic(issue, day)) for day in days}
    assert set(of_epics.values()) == {one, two}
    assert {day for day, epic in of_epics.items() if epic == one} == set(
        weekdays(date(2026, 5, 11), date(2026, 5, 19))
    ) & set(days)
    assert max(of_epics) == date(2026, 6, 3)
    placed = {name for row in efforts().rows if row.item == story for name in efforts().placed(row)}
    assert placed == {"payments-wallet", "payments-fraud"}


def test_a_day_of_leave_is_no_work_on_what_is_assigned() -> None:
    (story,) = issues_of("assigned_while_on_leave")
    assert days_on(story) == {
        "W-0009": [
            day
            for day in weekdays(date(2025, 7, 28), date(2025, 8, 20))
            if not date(2025, 8, 4) <= day <= date(2025, 8, 15)
        ]
    }


@pytest.mark.parametrize("case", ["in_progress_and_nobodys", "assigned_to_an_account_in_no_map"])
def test_what_nobody_known_is_assigned_to_is_nobodys_day(case: str) -> None:
    (story,) = issues_of(case)
    assert days_on(story) == {}


def test_work_on_a_sub_task_is_work_on_its_story() -> None:
    story, task = issues_of("sub_task_of_somebody_elses_story")
    assert days_on(task) == {}
    worked = days_on(story)
    assert worked.keys() == {"W-0002", "W-0010"}
    assert (min(worked["W-0010"]), max(worked["W-0010"])) == (date(2026, 6, 10), date(2026, 6, 17))


def test_a_bulk_edit_is_one_minute() -> None:
    worked, *edited = issues_of("bulk_edit_by_one_person")
    shares = shared("activity_weighted", "W-0002", date(2026, 7, 8))
    signed = shares.keys() - {worked}
    assert signed <= set(edited)
    assert 80 < len(signed) < 100, "some changes show no account"
    assert shares[worked] == pytest.approx(500_000, abs=100)
    assert {abs(shares[item] - 500_000 / len(signed)) < 2 for item in signed} == {True}
    assert worked in shared("equal_active_day", "W-0002", date(2026, 7, 8))


def test_hours_are_of_the_day_and_more_than_a_day_are_one() -> None:
    one, two = issues_of("hours_logged_by_a_team")
    # Two of eight hours; twelve, which are the whole day.
    assert shared("worklogs", "W-0007", date(2026, 9, 8)) == {one: 250_000, UNATTRIBUTED: 750_000}
    assert shared("worklogs", "W-0007", date(2026, 9, 10)) == {one: 1_000_000}
    # Saturday is no day of work.
    assert shared("worklogs", "W-0007", date(2026, 9, 12)) == {}
    assert shared("worklogs", "W-0007", date(2026, 9, 15)).keys() == {one, two, UNATTRIBUTED}


def test_a_model_that_gives_what_was_logged_has_no_error() -> None:
    found = efforts().errors()
    assert {0 <= one.ratio <= 1 and 0 < one.fte_days <= one.days for one in found.values()} == {True}
    (period,) = [one.name for one in efforts().company.periods if one.first <= date(2026, 9, 14) <= one.last]
    equal = found["equal_active_day", period, "T-OSPREY"]
    assert equal.days >= 15
    assert 0 < equal.ratio < 1
    assert len({found[model, period, "T-OSPREY"].ratio for model in MODELS if model != "worklogs"}) >= 3


def test_what_is_left_goes_to_the_largest_remainders_and_of_equal_ones_to_the_first_id() -> None:
    assert largest_remainders({"b": 1, "a": 1, "c": 1}) == {"b": 333_333, "a": 333_334, "c": 333_333}
    assert largest_remainders({"a": 1, "b": 2_999_999}) == {"b": MILLION}
