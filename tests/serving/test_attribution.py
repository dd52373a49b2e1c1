"""Shares of causes in a change: they add up, whatever the order, and what changes nothing has nothing.

A failure here means that a board is given a reason for a change that is not the reason, or one that differs from one
time to the next.
"""

from decimal import Decimal
from itertools import permutations
from random import Random

import pytest

from serving.attribution import shares

CAUSES = ("late data", "mapping", "fx", "code")


@pytest.mark.parametrize("seed", range(5))
def test_shares_of_any_figures_add_up_to_the_change_and_follow_no_order(seed: int) -> None:
    random = Random(seed)
    known: dict[frozenset[str], Decimal] = {}

    def figure(counted: frozenset[str]) -> Decimal:
        return known.setdefault(counted, Decimal(random.randint(-(10**9), 10**9)).scaleb(-random.randint(0, 4)))

    found = shares(CAUSES, figure)
    assert sum(found.values()) == known[frozenset(CAUSES)] - known[frozenset()]
    assert all(shares(order, known.__getitem__) == found for order in permutations(CAUSES))


def test_shares_worked_by_hand() -> None:
    """10 customers at 100 become 12 at 110: 2 more at the average price of 105, 10 each for the average of 11."""
    customers, price = {False: 10, True: 12}, {False: 100, True: 110}
    found = shares(("late data", "fx"), lambda of: Decimal(customers["late data" in of] * price["fx" in of]))
    assert found == {"late data": 210, "fx": 110}


def test_what_changes_nothing_in_any_order_has_nothing_and_alike_causes_have_alike() -> None:
    found = shares(CAUSES, lambda of: Decimal(len(of - {"code"})) * Decimal("0.01"))
    assert found == {"late data": Decimal("0.01"), "mapping": Decimal("0.01"), "fx": Decimal("0.01"), "code": 0}


def test_what_can_not_be_divided_goes_to_those_that_rounding_takes_most_from() -> None:
    """A cent by three causes that only together make it: two have nothing and one has it all, and it stays a cent."""
    found = shares(CAUSES[:3], lambda of: Decimal("0.01") if len(of) == 3 else Decimal("0.00"))
    assert sorted(found.values()) == [0, 0, Decimal("0.01")]


def test_a_change_with_no_cause_is_no_change() -> None:
    assert shares((), lambda of: Decimal("7.50")) == {}
