"""What may be shown of people's pay: which groups are safe, how unsafe ones merge, standard rates, covered remainders.

Belongs here: the rules, each a pure function over whole numbers. Does not: what all published figures tell when taken
together (disclosure_audit), the SQL that publishes by these rules and is compared with them.

The figures of the rules stand in this file and in no published one: who knows them can undo a rule more closely.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from itertools import pairwise

FEWEST_PEOPLE = 5
PROTECTED_PERCENT = 15
"""Nobody may learn a pay more closely than this, the second largest person of the group included (p %-rule)."""
LARGEST_PERCENT = 50
TWO_LARGEST_PERCENT = 75
COVER = 2
"""Other cost in a remainder, in largest single pays. Who knows the other cost to within a tenth misses a pay by a tenth
of twice itself, a fifth: more than PROTECTED_PERCENT."""
R20 = (100, 112, 125, 140, 160, 180, 200, 224, 250, 280, 315, 355, 400, 450, 500, 560, 630, 710, 800, 900, 1000)
"""The Renard series R20 of ISO 3, one decade in hundredths, with the first step of the next."""


class Unsafe(StrEnum):
    FEW_PEOPLE = "few_people"
    P_PERCENT = "p_percent"
    DOMINANCE = "dominance"


@dataclass(frozen=True, slots=True)
class Paid:
    """What one person earned in one function, in reporting minor units, and the paid days, in thousandths."""

    person_id: str
    function: str
    pay_minor: int
    thousandths: int


def pay_by_person(contributions: Iterable[tuple[str, int]]) -> dict[str, int]:
    """One person's contributions are one. Credits and reversals do not count, or a large one would make any group look
    safe or unsafe; who is paid nothing hides nobody and does not count either."""
    pay: dict[str, int] = {}
    for person_id, minor in contributions:
        if minor > 0:
            pay[person_id] = pay.get(person_id, 0) + minor
    return pay


def why_unsafe(pay: Mapping[str, int]) -> Unsafe | None:
    """The first rule that a group breaks, by its pay by person; None where its total may be known."""
    first, second, *_ = [*sorted(pay.values(), reverse=True), 0, 0]
    total = sum(pay.values())
    if len(pay) < FEWEST_PEOPLE:
        return Unsafe.FEW_PEOPLE
    if 100 * (total - first - second) < PROTECTED_PERCENT * first:
        return Unsafe.P_PERCENT
    if 100 * first > LARGEST_PERCENT * total or 100 * (first + second) > TWO_LARGEST_PERCENT * total:
        return Unsafe.DOMINANCE
    return None


def safe_groups(cells: Mapping[str, Mapping[str, int]]) -> list[frozenset[str]]:
    """Which cells (functions, teams) are shown together. Unsafe ones become one; while that is not safe it takes the
    safe one with the fewest people, then by name, so that no difference to a total is a cell by itself. None at all
    where everybody together is not safe."""
    safe = sorted((len(pay), name) for name, pay in cells.items() if why_unsafe(pay) is None)
    alone = [name for _, name in safe]
    merged = set(cells) - set(alone)

    def together() -> dict[str, int]:
        return pay_by_person(one for name in merged for one in cells[name].items())

    while merged and why_unsafe(together()):
        if not alone:
            return []
        merged.add(alone.pop(0))
    return [frozenset({name}) for name in alone] + ([frozenset(merged)] if merged else [])


def standard_rate(pay_minor: int, thousandths: int) -> Decimal:
    """The mean pay of a paid day, in reporting minor units, on the step of R20 that is nearest by ratio (there is no
    tie: no two steps beside each other multiply to a square). The steps are so wide that the rates of two years, or of
    eight people and of seven, cannot be subtracted."""
    if pay_minor <= 0 or thousandths <= 0:
        raise ValueError("A standard rate needs pay and paid days above 0; a safe group has both.")
    top, bottom, exponent = 1000 * pay_minor, thousandths, 0
    while top >= 1000 * bottom:
        bottom, exponent = 10 * bottom, exponent + 1
    while top < 100 * bottom:
        top, exponent = 10 * top, exponent - 1
    reached = [high for low, high in pairwise(R20) if top * top >= low * high * bottom * bottom]
    step = max(reached, default=R20[0])
    return Decimal(step).scaleb(exponent)


def steps_beside(rate: Decimal) -> tuple[Decimal, Decimal]:
    """The steps below and above a rate; the mean behind it lies between its geometric means with the two."""
    exponent = rate.adjusted() - 2
    at = R20.index(int(rate.scaleb(-exponent)))
    below = Decimal(R20[at - 1]) if at else Decimal(R20[-2]) / 10
    return below.scaleb(exponent), Decimal(R20[at + 1]).scaleb(exponent)


def standard_rates(paid: Sequence[Paid]) -> dict[frozenset[str], Decimal]:
    """The rate of each safe group of functions, by the pay of one span of time. Other functions have none."""
    pay: dict[str, dict[str, int]] = {}
    sums: dict[str, list[int]] = {}
    for one in paid:
        of_function = pay.setdefault(one.function, {})
        if one.pay_minor > 0:
            of_function[one.person_id] = of_function.get(one.person_id, 0) + one.pay_minor
            known = sums.setdefault(one.function, [0, 0])
            known[0] += one.pay_minor
            known[1] += one.thousandths
    rates = {}
    for group in safe_groups(pay):
        minor, thousandths = (sum(one) for one in zip(*(sums[name] for name in group if name in sums), strict=True))
        rates[group] = standard_rate(minor, thousandths)
    return rates


def rates_of_year(
    before: Sequence[Paid], own: Sequence[Sequence[Paid]]
) -> dict[frozenset[str], tuple[Decimal, int | None]]:
    """The rates of a fiscal year, each with how many of the year's own periods it is made of; None for the year before.

    Functions that were in no safe group then have a rate of the year's first periods, up to the first by whose end any
    of them is in one. Who begins later waits for the next year: a rate that is made again tells by the day on which it
    moves."""
    found: dict[frozenset[str], tuple[Decimal, int | None]]
    found = {group: (rate, None) for group, rate in standard_rates(before).items()}
    known = {name for group in found for name in group}
    others = [[one for one in period if one.function not in known] for period in own]
    for number in range(1, len(own) + 1):
        new = standard_rates([one for period in others[:number] for one in period])
        if new:
            return found | {group: (rate, number) for group, rate in new.items()}
    return found


def shared_remainders(periods: Mapping[str, Mapping[str, tuple[int, int]]]) -> dict[str, list[frozenset[str]]]:
    """For each period of a fiscal year the statement groups that have a remainder together; none where it is withheld.
    Given: for each period and group other cost in it, and the largest single pay in it.

    A total of the ledger less what is published line by line is pay and other cost; only other cost hides somebody who
    joins or leaves. A period in which all groups together do not cover their largest pay is withheld, and no other:
    who knows fewer figures knows no pay more closely. If in one of the rest a group does not cover its own, all groups
    share one in all of them, so that a group's series is of one kind."""
    names = frozenset(name for cells in periods.values() for name in cells)

    def is_covered(cells: Mapping[str, tuple[int, int]], group: frozenset[str]) -> bool:
        known = [cells.get(name, (0, 0)) for name in group]
        return sum(other for other, _ in known) >= COVER * max((pay for _, pay in known), default=0)

    shown = {period for period, cells in periods.items() if is_covered(cells, names)}
    alone = [frozenset({name}) for name in sorted(names)]
    is_own = all(is_covered(periods[period], group) for period in shown for group in alone)
    return {period: (alone if is_own else [names]) if period in shown else [] for period in periods}
