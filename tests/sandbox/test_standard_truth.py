"""Standard rates and remainders of the made-up company's truth, on examples worked by hand.

Belongs here: one group, one rate, one year. Does not: the same of many made-up people by SQL (tests/dbt).
"""

from collections import Counter
from fractions import Fraction

import pytest

from sandbox.company import DEFAULT_NOW
from sandbox.timestamps import ms
from sandbox.truth.standard import Paid, StandardCosts, groups, is_safe, rates, standard
from tests.sandbox.conftest import made


def people(*pay: int, of: str = "p") -> dict[str, int]:
    return {f"{of}{number}": one for number, one in enumerate(pay)}


def days(function: str, *daily: int) -> Paid:
    """A full-time day of each, at pay of a year that comes to so much a day."""
    return {function: {f"{function}{number}": (one * 365 * 1000, 1000) for number, one in enumerate(daily)}}


@pytest.mark.parametrize(
    ("pay", "safe"),
    [
        (people(1, 1, 1, 1, 1), True),
        (people(1, 1, 1, 1), False),  # four
        (people(50, 25, 9, 8, 8), True),  # half, and three quarters, are not more than that
        (people(51, 20, 10, 10, 9), False),
        (people(50, 26, 8, 8, 8), False),
    ],
)
def test_a_group_is_safe_with_five_people_of_whom_none_is_most_of_it(pay: dict[str, int], safe: bool) -> None:
    assert is_safe(pay) is safe


def test_functions_that_are_not_safe_are_one_and_take_safe_ones_until_they_are() -> None:
    """The chief's 1000 is more than half of 1500 with five engineers, and less than half of 2160 with support too."""
    engineers, support = people(*[100] * 5, of="e"), people(*[110] * 6, of="s")
    assert groups({"engineering": engineers, "support": support}) == [["engineering"], ["support"]]
    found = groups({"chief": {"c": 1000}, "engineering": engineers, "support": support})
    assert found == [["chief", "engineering", "support"]]
    assert groups({"chief": {"c": 1000}, "engineering": engineers}) == []


@pytest.mark.parametrize(
    ("mean", "step"),
    [
        (Fraction(105_83), 100_00),  # the geometric mean of 100 and 112 is 105.83005...
        (Fraction(105_831, 10), 112_00),
        (Fraction(94_868, 10), 90_00),  # of 90 and 100 it is 94.86832...
        (Fraction(94_869, 10), 100_00),
        (Fraction(900_00), 900_00),
    ],
)
def test_a_rate_is_the_nearest_step_by_ratio(mean: Fraction, step: int) -> None:
    assert standard(mean) == step


def test_a_rate_is_of_the_year_before_else_of_the_first_periods_that_are_safe_and_stays() -> None:
    before, four, five = days("sales", *[200_00] * 5), days("legal", *[100_00] * 4), days("legal", *[100_00] * 5)
    raised = days("legal", *[900_00] * 5) | days("design", *[300_00] * 6)
    assert rates([before], []) == {"sales": 200_00}
    assert rates([before], [four]) == {"sales": 200_00}
    assert rates([before], [four, five]) == {"sales": 200_00, "legal": 100_00}
    assert rates([before], [four, five, raised, days("sales", *[500_00] * 9)]) == {"sales": 200_00, "legal": 100_00}


def test_nearly_all_cost_is_visible_and_each_kind_of_remainder_is_played() -> None:
    """Of the company with the least other cost: withheld are a month of bonuses and those for which its rules name no
    overhead, 4 of 24. What a withheld period lacks or has too much counts as not seen."""
    costs = StandardCosts(made(2), ms(DEFAULT_NOW))
    known, unseen, kinds = 0, 0, Counter[str | None]()
    for period in costs.postings.periods:
        if period.last < costs.today:
            ledger = sum(one.amount for one in costs.postings.of(period) if costs.kind(one)[0])
            known += ledger
            unseen += abs(ledger - sum(share.amount for share in costs.shares(period)))
            kinds[costs.remainder(period)] += 1
        else:
            assert costs.remainder(period) == "withheld"
    assert kinds == {"own": 13, "joint": 7, "withheld": 4}
    assert 0 < unseen < known // 20
