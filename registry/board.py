"""What metrics.yml says of a metric of the board: one figure by metric, slice and period, made of a mart's measures.

Belongs here: the parts of such an entry. Does not: metrics of single marts (entries.py), the SQL that computes them.
"""

from typing import Literal

import msgspec

from registry.parts import Text, Unit, Version


class BoardMetric(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """An entry of ``board:``, by its id (``arr``, written ``arr@1.0.0``)."""

    version: Version
    name: Text
    formula: Text
    mart: str
    unit: Unit
    slices: tuple[Literal["all", "portfolio", "product", "segment", "market"], ...]
    over_periods: Literal["last", "sum"]
    """What a quarter is of its periods: the last one of a balance, the sum of a flow."""
    proof: Text
