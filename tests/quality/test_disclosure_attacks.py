"""Attacks on pay through all that is published together: none succeeds on standard rates, each does on naive figures.

Belongs here: what the audit must and must not find. Does not: rules of one group (test_disclosure), the organisations
of the long run (tests/torture/disclosure).
"""

from collections.abc import Callable, Sequence

import pytest

from quality.disclosure import safe_groups, standard_rate
from quality.disclosure_audit import (
    YEAR_THOUSANDTHS,
    Bounds,
    ContradictionError,
    Told,
    Work,
    audit,
    findings,
    found,
    pay_told,
    people_told,
    rate_told,
    total_told,
)
from tests.quality.organisations import (
    KINDS,
    MONTH,
    before_and_after,
    bounds_of,
    corrected,
    found_in,
    organisation,
    publish,
    rates_of,
    told_by,
    what_ifs,
)

PAY = {(f"eng-{number}", 0): 60_000_00 + 3_000_17 * number for number in range(8)}
LEAVER = "eng-3"
PERIODS = [f"FY{year}-P{month:02}" for year in (26, 27) for month in range(1, 13)]
WORK = [
    Work(person, 0, period[:4], period, "operating_expense", "engineering", "T-ENG", MONTH)
    for period in PERIODS
    for person, _ in PAY
    if person != LEAVER or period[:4] == "FY26"
]


def pay_of(work: Sequence[Work]) -> float:
    return sum(PAY[one.person_id, one.regime] * one.thousandths / YEAR_THOUSANDTHS for one in work)


def of_period(period: str) -> list[Work]:
    return [one for one in WORK if one.fiscal_period == period]


@pytest.mark.parametrize("seed", range(len(KINDS)), ids=KINDS)
def test_nobodys_pay_is_told_by_what_is_published_at_standard_rates(seed: int) -> None:
    """Margins, joiners, leavers, raises, reorganisations, the rates of two years: a finding here is somebody's pay."""
    one = organisation(seed, years=2)
    assert one.kind == KINDS[seed]
    published = publish(one)
    told = told_by(one, published)
    assert any("standard rate" in figure.cell for figure in told) or not published.rates
    bounds = bounds_of(one, told, published)
    assert {bound.person_id for bound in bounds} == {row.person_id for row in one.work}
    assert findings(bounds) == []


@pytest.mark.parametrize(("seed", "known_within"), [(1, 0.1), (3, 0.1), (77, None)])
def test_a_remainder_that_other_cost_does_not_cover_tells_a_pay(seed: int, known_within: float | None) -> None:
    """Teams of one and two, and a company without other cost, with a remainder for each statement group as it comes.
    Who knows of other cost only that it is not below 0 has two years' rates besides: where these are at the lower ends
    of their steps, and the totals hold no more than pay, the difference of a leaver is left."""
    one = organisation(seed)
    bare = publish(one, is_covered=False)
    found = [bound for bound in bounds_of(one, told_by(one, bare), bare, known_within) if bound.is_found]
    assert found
    assert all(any(cell.startswith("total FY") for cell in bound.cells) for bound in found)


def test_what_if_answers_and_a_later_snapshot_tell_nothing_more() -> None:
    one = organisation(0, years=2)
    published = publish(one)
    assert published.people, "an organisation without published people proves nothing"
    assert what_ifs(one, published) == []
    person = max(one.pay)[0]
    news = corrected(one, person)
    _, made_of = rates_of(news)
    assert any(row.person_id == person for work in made_of.values() for row in work)
    assert publish(news).remainders != published.remainders, "late news that no total shows proves nothing"
    assert before_and_after(one, person) == []


def team_payroll() -> list[Told]:
    return [pay_told(f"payroll T-ENG {one}", of_period(one), round(pay_of(of_period(one))), 4) for one in PERIODS]


def average_pay() -> list[Told]:
    """In whole currency, beside the number of heads."""
    told = []
    for period in PERIODS:
        work = of_period(period)
        average = round(pay_of(work) / len(work), -2)
        told.append(pay_told(f"average pay T-ENG {period}", work, average * len(work), 50 * len(work)))
    return told


def unrounded_rates() -> list[Told]:
    told = []
    for year in ("FY26", "FY27"):
        work = [one for one in WORK if one.fiscal_year == year]
        days = sum(one.thousandths for one in work) / 1000
        told.append(pay_told(f"day rate engineering {year}", work, round(pay_of(work) / days) * days, days / 2))
    return told


def department_totals() -> list[Told]:
    """Tied to the ledger, with nothing in them but pay and what the employer adds to it."""
    return [
        total_told(f"department Engineering {one}", of_period(one), round(1.2 * pay_of(of_period(one))), "none", 1.2)
        for one in PERIODS
    ]


def what_if_at_actual_pay() -> list[Told]:
    """The cost of a product with and without one person, at their pay."""
    told = []
    for name, work in (
        ("product cost", of_period("FY26-P01")),
        (f"product cost without {LEAVER}", [one for one in of_period("FY26-P01") if one.person_id != LEAVER]),
    ):
        found = people_told(name, [(one, 400_000) for one in work], round(pay_of(work) * 0.4), {})
        assert found is not None
        told.append(found)
    return told


@pytest.mark.parametrize(
    ("publication", "cell"),
    [
        (team_payroll, "payroll T-ENG FY2"),
        (average_pay, "average pay T-ENG FY2"),
        (unrounded_rates, "day rate engineering FY27"),
        (department_totals, "department Engineering FY2"),
        (what_if_at_actual_pay, f"product cost without {LEAVER}"),
    ],
)
def test_naive_figures_are_found_with_the_person_and_the_cells_and_without_the_pay(
    publication: Callable[[], list[Told]], cell: str
) -> None:
    """An audit that can't fail lets a leaver's pay out."""
    bounds = audit(publication(), WORK, PAY, {"none": 0})
    found = findings(bounds)
    assert [bound.person_id for bound in bounds if bound.is_found] == [LEAVER]
    assert LEAVER in found[0]
    assert cell in found[0]
    shown = " ".join([*found, *map(repr, bounds), *map(repr, publication())])
    assert not [minor for minor in PAY.values() if str(minor) in shown or str(minor // 100) in shown]


@pytest.mark.parametrize("seed", [1, 2, 3, 5])
def test_who_is_found_without_solving_for_everybody_is_who_is_found(seed: int) -> None:
    """The audit of the warehouse leaves out who is plainly hidden: nobody whose pay is told may be among them."""
    one = organisation(seed, years=2)
    bare = publish(one, is_covered=False)
    told = told_by(one, bare)
    by_all = [(bound.person_id, bound.scope) for bound in bounds_of(one, told, bare) if bound.is_found]
    assert [(bound.person_id, bound.scope) for bound in found_in(one, told, bare)] == by_all
    assert by_all or seed not in (1, 3)


def test_a_running_period_would_tell_its_payroll_on_the_day_on_which_it_is_posted() -> None:
    """The total of a day before has other cost alone, that of the day after payroll too: the difference is pay, to the
    minor unit, however large other cost is. That is why the remainder of a running period is withheld."""
    other = {f"other {period}": 90_000_00 for period in PERIODS}
    after = []
    for one in PERIODS:
        total = other[f"other {one}"] + round(1.2 * pay_of(of_period(one)))
        after.append(total_told(f"total {one}", of_period(one), total, f"other {one}", 1.2))
    assert found(after, WORK, PAY, other) == []
    before = [total_told(f"yesterday's total {one}", [], other[f"other {one}"], f"other {one}", 1.2) for one in PERIODS]
    told = found([*after, *before], WORK, PAY, other)
    assert {one.person_id for one in told} == {LEAVER}
    assert "yesterday's total" in told[0].message


def test_a_rate_that_runs_with_the_year_tells_by_the_days_on_which_it_moves() -> None:
    """Eight people, of whom one earns half of all and leaves after 90 days: a rate that is made once tells nothing, one
    that is made again every day falls by a step on days that only this pay explains."""
    pay = {("chief", 0): 420_000_00, **{(f"eng-{number}", 0): 60_000_00 for number in range(7)}}

    def up_to(day: int) -> Told:
        work = [
            Work(who, 0, "FY26", f"D{day}", "operating_expense", "engineering", "T", 1000 * min(day, last))
            for who, _ in pay
            for last in (90 if who == "chief" else 365,)
        ]
        earned = sum(pay[one.person_id, 0] * one.thousandths for one in work) // YEAR_THOUSANDTHS
        days = sum(one.thousandths for one in work)
        return rate_told(f"day rate engineering after day {day}", work, standard_rate(earned, days))

    work = [Work(who, 0, "FY26", "FY26", "operating_expense", "engineering", "T", YEAR_THOUSANDTHS) for who, _ in pay]
    assert findings(audit([up_to(90)], work, pay, {})) == []
    found = [one for one in audit([up_to(day) for day in range(1, 366)], work, pay, {}) if one.is_found]
    assert "chief" in {one.person_id for one in found}
    assert all("day rate engineering after day" in one.message for one in found)


def test_bounds_by_hand_and_what_a_colleague_knows() -> None:
    """Five people earn 10, 20, 30, 40 and 50: of 150 in all the largest knows the own 50, so 0 to 100 are left of each
    other, and of the largest 0 to 110. Of two people each knows the other."""
    pay = {(f"p{number}", 0): 10_000_00 * number for number in range(1, 6)}
    work = [Work(who, 0, "FY26", "FY26", "operating_expense", "legal", "T", YEAR_THOUSANDTHS) for who, _ in pay]
    bounds = audit([pay_told("legal FY26", work, sum(pay.values()), 0)], work, pay, {})
    assert [(round(one.low), round(one.high)) for one in bounds] == [(0, 100_000_00)] * 4 + [(0, 110_000_00)]
    rate = standard_rate(30_000_00, 2 * YEAR_THOUSANDTHS)
    two = audit([rate_told("rate of two", work[:2], rate)], work[:2], pay, {})
    assert [one.person_id for one in two if one.is_found] == ["p2"]
    assert safe_groups({"legal": {"p1": 10, "p2": 20}}) == [], "no such rate is published"


def test_a_year_of_two_pays_is_bounded_as_a_whole() -> None:
    """Neither of the two pays is known, but what the year came to is."""
    pay = {("a", 0): 50_000_00, ("a", 1): 80_000_00, ("b", 0): 50_000_00}
    half = YEAR_THOUSANDTHS // 2
    work = [
        Work(who, regime, "FY26", f"FY26-P0{at}", "operating_expense", "legal", "T", half)
        for who, regime, at in (("a", 0, 1), ("a", 1, 2), ("b", 0, 1), ("b", 0, 2))
    ]
    bounds = audit([pay_told("legal FY26", work, 115_000_00, 1)], work, pay, {})
    assert [(one.person_id, one.scope) for one in bounds if one.is_found] == [("b", "pay 0"), ("a", "in FY26")]


def test_a_figure_that_the_record_does_not_make_is_refused_by_its_cell() -> None:
    told = [pay_told("payroll T-ENG FY26-P01", of_period("FY26-P01"), 2 * pay_of(of_period("FY26-P01")), 4)]
    with pytest.raises(ContradictionError, match=r"^payroll T-ENG FY26-P01: the pay and other cost on record"):
        audit(told, WORK, PAY, {})


def test_who_is_paid_nothing_is_not_bounded() -> None:
    work = [Work("intern", 0, "FY26", "FY26-P01", "operating_expense", "legal", "T", MONTH)]
    assert audit([], work, {("intern", 0): 0}, {}) == []
    assert Bounds("a", "pay 0", 0.85, 1.15, 1.0, ()).is_found
    assert not Bounds("a", "pay 0", 0.84, 1.15, 1.0, ()).is_found
    assert not Bounds("a", "pay 0", 0.85, 1.16, 1.0, ()).is_found
