"""What metrics.yml says of a metric of the board: one figure by metric, slice and period, made of a mart's measures.

Belongs here: the parts of such an entry. Does not: metrics of single marts (entries.py), the SQL that reads the parts
(dbt_project/models/intermediate/board).
"""

from collections.abc import Mapping
from typing import Literal

import msgspec

from registry.parts import UNITS, Text, Unit, Version


class BoardMetric(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """An entry of ``board:``, by its id (``arr``, written ``arr@1.0.0``).

    All that is computed is an expression of portable SQL over the columns of a row of ``mart``; rows of a slice and a
    period are added up. ``value``, or ``numerator`` and ``denominator``, whose sums are divided. ``where``: the rows
    that count. ``reason``: why the mart does not show a row's figure. ``n``: how many people, customers or prices a
    row is of; fewer than ``ratio_min_n`` are shown in no quotient. ``covered`` of ``whole``: how much of a row is known
    to be somebody's; of marts in cells without them, what is of a product. ``is_of_known``: rows without a figure are
    left out and show in the coverage; of other metrics one such row hides the sum. ``plan`` and ``plan_denominator``:
    groups of accounts of budget.csv with their sign. ``over_products: none``: a product in several parts has no figure,
    because the parts' customers or heads may be the same.
    """

    version: Version
    name: Text
    formula: Text
    mart: str
    unit: Unit
    of: Text | None = None
    value: Text | None = None
    numerator: Text | None = None
    denominator: Text | None = None
    where: Text | None = None
    reason: Text | None = None
    n: Text | None = None
    covered: Text | None = None
    whole: Text | None = None
    is_of_known: bool = False
    plan: Mapping[str, Literal[1, -1]] = {}
    plan_denominator: Mapping[str, Literal[1, -1]] = {}
    over_products: Literal["sum", "none"] = "sum"
    over_periods: Literal["first", "last", "sum", "anew"]
    """What a quarter is of its periods: the first or last one of a balance, the sum of a flow, or counted anew of
    single things."""
    slices: tuple[Literal["all", "portfolio", "product", "segment", "market"], ...]

    def __post_init__(self) -> None:
        if (self.numerator is None) != (self.denominator is None) or (self.value is None) == (self.numerator is None):
            raise ValueError("a metric of the board has a `value`, or a `numerator` and a `denominator`")
        if (self.unit in UNITS) != (self.of is None):
            raise ValueError("`of` is for a count (what is counted), and there it must be")
        if (self.covered is None) != (self.whole is None):
            raise ValueError("`covered` and `whole` go together")
        if self.plan_denominator and not (self.plan and self.denominator):
            raise ValueError("`plan_denominator` is for the plan of a quotient")
