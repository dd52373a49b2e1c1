"""The rules of disclosure on examples worked by hand.

Belongs here: one group, one merge, one rate, one year's remainders. Does not: attacks on all that is published.
"""

import json
import math
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest

from quality import disclosure
from quality.disclosure import (
    Paid,
    Unsafe,
    pay_by_person,
    safe_groups,
    shared_remainders,
    standard_rate,
    standard_rates,
    steps_beside,
    why_unsafe,
)

CASES = Path(__file__).parents[1] / "cases" / "cost"


def case(name: str) -> dict[str, dict[str, dict[str, object]]]:
    read: dict[str, dict[str, dict[str, object]]] = json.loads((CASES / f"{name}.json").read_text())
    assert read["input"]["policy"] == {"k": disclosure.FEWEST_PEOPLE, "p": disclosure.PROTECTED_PERCENT}
    return read


def people(*pay: int, of: str = "v") -> dict[str, int]:
    return {f"{of}{number}": one for number, one in enumerate(pay)}


def test_sdc20_a_team_of_one_goes_together_with_the_smallest_safe_team_and_all_adds_up() -> None:
    """Else the product's total less the other teams is one person's pay."""
    given = case("sdc20-team-of-one")["input"]["pay by person"]
    pay = {
        team: people(*(int(Decimal(str(one)) * 100) for one in each), of=team)  # type: ignore[attr-defined]
        for team, each in given.items()
    }
    groups = safe_groups(pay)
    shown = {group: sum(sum(pay[team].values()) for team in group) for group in groups}
    assert shown == {frozenset({"T-ALPHA"}): 90_000_00, frozenset({"T-BETA", "T-GAMMA"}): 74_000_00}
    assert sum(shown.values()) == 164_000_00


def test_sdc21_a_dominant_person_few_people_and_contributions_of_one_person() -> None:
    cells = case("sdc21-dominance")["input"]["cells"]
    found = {}
    for name, cell in cells.items():
        contributions = cell.items() if isinstance(cell, dict) else cell
        found[name[0]] = why_unsafe(pay_by_person((str(who), int(str(pay))) for who, pay in contributions))
    assert found == {"A": Unsafe.P_PERCENT, "B": None, "C": Unsafe.FEW_PEOPLE, "D": Unsafe.FEW_PEOPLE}


@pytest.mark.parametrize(
    ("pay", "found"),
    [
        (people(100, 100, 5, 5, 5), Unsafe.DOMINANCE),  # 15 beside the two largest are 15 % of 100
        (people(100, 100, 5, 5, 4), Unsafe.P_PERCENT),
        (people(50, 20, 10, 10, 10), None),  # half, and no more
        (people(51, 20, 10, 10, 9), Unsafe.DOMINANCE),
        (people(45, 30, 10, 10, 5), None),  # two have 75 of 100
        (people(45, 31, 10, 9, 5), Unsafe.DOMINANCE),
        ({}, Unsafe.FEW_PEOPLE),
    ],
)
def test_each_rule_holds_up_to_its_figure(pay: dict[str, int], found: Unsafe | None) -> None:
    assert why_unsafe(pay) == found


def test_credits_and_people_without_pay_neither_hide_nor_reveal() -> None:
    """A company's credit on a cell would make every cell unsafe, five people of whom one is paid look like five."""
    assert pay_by_person([("a", 100), ("a", -90), ("b", 0), ("c", 50), ("a", 20)]) == {"a": 120, "c": 50}


def test_merging_stops_at_the_first_safe_group_and_people_in_two_functions_count_once() -> None:
    five = people(10, 10, 10, 10, 10, of="e")
    six = people(10, 10, 10, 10, 10, 10, of="s")
    assert safe_groups({"engineering": five, "sales": six}) == [frozenset({"engineering"}), frozenset({"sales"})]
    three_and_two = {"legal": people(10, 10, 10, of="l"), "people": people(10, 10, of="p"), "sales": six}
    assert safe_groups(three_and_two) == [frozenset({"sales"}), frozenset({"legal", "people"})]
    same_three = {"legal": people(10, 10, 10, of="l"), "people": people(10, 10, of="l"), "sales": six}
    assert safe_groups(same_three) == [frozenset({"legal", "people", "sales"})]
    assert safe_groups({"legal": people(10, 10), "people": people(10, of="p")}) == []
    # the chief has 400 of 450 with engineering, and 400 of 510 with sales too
    with_chief = {"executive": {"chief": 400}, "engineering": five, "sales": six}
    assert safe_groups(with_chief) == []


@pytest.mark.parametrize(
    ("pay_minor", "thousandths", "rate"),
    [
        (29_698_00, 100_000, "28000"),  # 296.98 a day lies below sqrt(280 x 315) = 296.985
        (29_699_00, 100_000, "31500"),
        (6, 1_000, "6.3"),
        (94_000, 1_000, "90000"),
        (95_000, 1_000, "100000"),  # sqrt(9 x 10) is 9.487
        (1, 20_000, "0.05"),
        (1_000, 1_000, "1000"),
        (12, 400_000, "0.0315"),  # 0.03: sqrt(2.8 x 3.15) is 2.97
    ],
)
def test_a_rate_is_the_nearest_step_by_ratio(pay_minor: int, thousandths: int, rate: str) -> None:
    assert standard_rate(pay_minor, thousandths) == Decimal(rate)


def test_there_is_no_tie_between_two_steps() -> None:
    assert not [one for one in pairwise(disclosure.R20) if math.isqrt(one[0] * one[1]) ** 2 == one[0] * one[1]]


def test_a_rate_without_pay_or_days_is_refused() -> None:
    with pytest.raises(ValueError, match="needs pay and paid days"):
        standard_rate(0, 1_000)


@pytest.mark.parametrize(
    ("rate", "below", "above"),
    [("100", "90", "112"), ("900", "800", "1000"), ("31500", "28000", "35500"), ("0.05", "0.045", "0.056")],
)
def test_the_steps_beside_a_rate(rate: str, below: str, above: str) -> None:
    assert steps_beside(Decimal(rate)) == (Decimal(below), Decimal(above))


def test_functions_of_one_group_have_one_rate_and_others_none() -> None:
    """Five engineers earn 365,000.00 in 1,825 paid days, 200.00 a day; one lawyer alone has no rate."""
    engineers = [Paid(f"e{n}", "engineering", 73_000_00, 365_000) for n in range(5)]
    lawyer = Paid("l", "legal", 73_000_00, 182_500)
    alone = frozenset({"engineering"})
    assert standard_rates(engineers) == {alone: Decimal(20000)}
    # 438,000.00 in 2,007.5 days are 218.18 a day: above sqrt(200 x 224) = 211.66
    assert standard_rates([*engineers, lawyer]) == {frozenset({"engineering", "legal"}): Decimal(22400)}
    assert standard_rates(engineers[:4]) == {}
    unpaid = Paid("u", "engineering", 0, 365_000)
    assert standard_rates([*engineers, unpaid]) == {alone: Decimal(20000)}


def test_a_group_that_other_cost_does_not_cover_shares_the_remainder_of_all() -> None:
    """A support team whose pay is all that its statement group's remainder holds tells the pay of one who joins it."""
    covered = {"cost_of_revenue": (20, 10), "operating_expense": (100, 30)}
    bare = {"cost_of_revenue": (19, 10), "operating_expense": (100, 30)}
    both = frozenset({"cost_of_revenue", "operating_expense"})
    each = [frozenset({"cost_of_revenue"}), frozenset({"operating_expense"})]
    assert shared_remainders({"P1": covered}) == {"P1": each}
    assert shared_remainders({"P1": covered, "P2": bare}) == {"P1": [both], "P2": [both]}


def test_a_period_that_other_cost_does_not_cover_is_withheld_and_no_other() -> None:
    """A month of bonuses, whose largest is half of the other cost, is not the year's."""
    covered, bonus = {"operating_expense": (60, 30)}, {"operating_expense": (60, 31)}
    own = [frozenset({"operating_expense"})]
    assert shared_remainders({"P1": covered, "P2": bonus, "P3": covered}) == {"P1": own, "P2": [], "P3": own}
    # what is withheld does not make the rest share one
    bare = {"cost_of_revenue": (0, 10), "operating_expense": (59, 30)}
    rest = {"cost_of_revenue": (20, 10), "operating_expense": (60, 30)}
    each = [frozenset({"cost_of_revenue"}), frozenset({"operating_expense"})]
    assert shared_remainders({"P1": bare, "P2": rest}) == {"P1": [], "P2": each}
