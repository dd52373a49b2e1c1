"""How much of a change is whose, whatever order causes are counted in.

Belongs here: Shapley values of a change of one figure. Does not: what causes are (causes.py), the figure under some of
them (replays.py).

A cause's share is what it changes, averaged over all orders in which causes can be counted in one after the other: so
no order is preferred, one that changes nothing in any of them has nothing, and the shares add up to the change.
"""

from collections.abc import Callable, Hashable, Sequence
from decimal import Decimal
from fractions import Fraction
from itertools import combinations
from math import factorial
from typing import TypeVar

Cause = TypeVar("Cause", bound=Hashable)


def shares(causes: Sequence[Cause], figure: Callable[[frozenset[Cause]], Decimal]) -> dict[Cause, Decimal]:
    """The share of each cause in the change from ``figure`` of none to that of all, exact: they add up to it.

    ``figure`` is asked for each set of causes, the smaller ones first, 2 to the power of their number. Shares have the
    decimal places of the finest figure; what rounding leaves goes to those that it takes most from.
    """
    sets = [frozenset(one) for size in range(len(causes) + 1) for one in combinations(causes, size)]
    figures = {one: figure(one) for one in sets}
    exact = {
        cause: _share(cause, len(causes), {one: Fraction(known) for one, known in figures.items()}) for cause in causes
    }
    places = max(-min(int(known.as_tuple().exponent), 0) for known in figures.values())
    scaled = {cause: share * 10**places for cause, share in exact.items()}
    units = {cause: share.numerator // share.denominator for cause, share in scaled.items()}
    left = sum(scaled.values()) - sum(units.values())
    for cause in sorted(causes, key=lambda one: (units[one] - scaled[one], str(one)))[: int(left)]:
        units[cause] += 1
    return {cause: Decimal(number).scaleb(-places) for cause, number in units.items()}


def _share(cause: Cause, number: int, figures: dict[frozenset[Cause], Fraction]) -> Fraction:
    return sum(
        (
            Fraction(factorial(len(before)) * factorial(number - len(before) - 1), factorial(number))
            * (figures[before | {cause}] - known)
            for before, known in figures.items()
            if cause not in before
        ),
        Fraction(0),
    )
