"""Usage drawn day by day is the usage that is kept whole: what is served of large companies is no other company's."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.company import DEFAULT_NOW, Company
from sandbox.company.usage.cohorts import cohorts, members
from sandbox.company.usage.days import KEPT, Days
from sandbox.company.usage.events import DAY, END, HOUR, NOTHING, START, Usage
from sandbox.company.usage.everyday import DAYS, EVENTS, RESENT_AFTER
from sandbox.timestamps import ms
from sandbox.vendors.amplitude.api import week_totals

NOW = ms(DEFAULT_NOW)


@pytest.fixture(scope="module")
def whole() -> Usage:
    return Company(3, "tiny").usage


@pytest.fixture(scope="module")
def daily() -> Company:
    """The same company, which keeps nothing."""
    company = Company(3, "tiny")
    company.served_usage = Days(company._ledger, company._everyday)
    return company


def shown(usage: Usage, event: int) -> tuple[Any, ...]:
    reported = (usage.uuid(event), usage.insert_id(event), usage.uploaded[event], usage.happened[event])
    return (*reported, usage.user_id(event), usage.device_id(event), usage.event_type(event), usage.amplitude_id(event))


def test_every_day_on_its_own_is_that_day_of_the_whole(whole: Usage, daily: Company) -> None:
    days = [shown(usage, event) for usage, events in daily.served_usage.parts(START, END) for event in events]
    assert days == [shown(whole, event) for event in whole.between(START, END)]
    assert len(days) > EVENTS["tiny"]


def test_hours_across_midnight_come_from_two_days(whole: Usage, daily: Company) -> None:
    for day in range(1, DAYS, 50):
        since, until = START + day * DAY - 9 * HOUR, START + day * DAY + 15 * HOUR
        parts = list(daily.served_usage.parts(since, until))
        assert len(parts) == 2
        events = [shown(usage, event) for usage, found in parts for event in found]
        assert events == [shown(whole, event) for event in whole.between(since, until)]


def test_the_order_in_which_days_are_asked_for_changes_nothing(whole: Usage, daily: Company) -> None:
    for day in (400, 7, 222, 7):
        ((usage, events),) = daily.served_usage.parts(START + day * DAY, START + (day + 1) * DAY)
        expected = whole.between(START + day * DAY, START + (day + 1) * DAY)
        assert [usage.number[event] for event in events] == [whole.number[event] for event in expected]
    assert isinstance(daily.served_usage, Days)
    assert len(daily.served_usage._known) <= KEPT


@pytest.mark.parametrize("project", range(3))
def test_what_spans_many_days_is_the_same(whole: Usage, daily: Company, project: int) -> None:
    """The list of event types has this week's totals; a small company may not have had every type by its first day."""
    company = Company(3, "tiny")
    known, found = week_totals(company, project, NOW), week_totals(daily, project, NOW)
    assert {name: total for name, total in known.items() if total} == {n: t for n, t in found.items() if t}
    assert found.keys() <= known.keys()
    for cohort in (one for one in cohorts(3) if one.project == project):
        at = cohort.computed(NOW)
        assert members(daily.served_usage, cohort, at) == members(whole, cohort, at)


def test_what_is_sent_again_comes_late_enough_to_be_kept(whole: Usage) -> None:
    usage = Company(1, "small").usage
    first: dict[int, int] = {}
    again = []
    for event in range(len(usage)):
        earlier = first.setdefault(usage.insert[event], event)
        if earlier != event and usage.uploaded[event] - usage.uploaded[earlier] == RESENT_AFTER * DAY:
            again.append((earlier, event))
    assert len(again) > 100
    assert all(usage.happened[a] == usage.happened[b] and usage.device[a] != NOTHING for a, b in again)
    assert 0.97 * EVENTS["small"] < len(usage.exported(NOW)) < 1.07 * EVENTS["small"]


def test_a_large_company_is_never_held_whole() -> None:
    company = Company(1, "tiny")
    company.scale = "large"
    with pytest.raises(ValueError, match="day by day"):
        _ = company.usage
