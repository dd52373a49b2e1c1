"""What metrics.yml says of each published measure, and reading it.

Belongs here: the parts of an entry, what they must be by themselves. Does not: whether an entry is what dbt, the
lineage and the cadence say (tests/test_registry.py), files made from entries (generated.py).
"""

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Literal

import msgspec

from registry.board import BoardMetric
from registry.parts import UNITS, Text, Unit, Version, in_words

FILE = Path(__file__).with_name("metrics.yml")


class Metric(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A measure of a mart: a column of figures.

    ``of``: what a count counts, or the column that names the unit of a row (``by_row``). ``not_over``: columns of the
    mart's key over which a semi-additive measure does not add up. ``numerator`` and ``denominator``: the measures of
    the same mart whose quotient it is, row by row and of their sums. ``is_bindable``: whether a key result may be
    bound to it.
    """

    version: Version
    name: Text
    formula: Text
    unit: Unit
    additivity: Literal["additive", "semi-additive", "non-additive"]
    of: Text | None = None
    not_over: tuple[str, ...] = ()
    numerator: str | None = None
    denominator: str | None = None
    is_bindable: bool = False

    def __post_init__(self) -> None:
        if (self.unit in UNITS) != (self.of is None):
            raise ValueError(
                "`of` is for a count (what is counted) and for by_row (the column with the unit), and there it must be"
            )
        if (self.additivity == "semi-additive") != bool(self.not_over):
            raise ValueError("`not_over` names columns where, and only where, the measure is semi-additive")
        if (self.numerator is None) != (self.denominator is None):
            raise ValueError("`numerator` and `denominator` go together")
        if self.numerator and self.additivity != "non-additive":
            raise ValueError("a quotient does not add up: it is non-additive")

    @property
    def unit_text(self) -> str:
        """The unit in words."""
        return in_words(self.unit, self.of)


class Mart(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What all metrics of a published mart have in common.

    ``owner``: who answers for them. ``grain``: the columns of its key. ``date``: the column of the day that a row is
    of, or begins or ends with. ``sources``: those whose records are in it. ``proof``: the test of dbt, the control of
    the vendor's or the check of the mart that holds it to something else than itself. ``freshness_hours``: after how
    many hours without a load of one of its sources the figures are late. ``estimates``: columns of forecasts, which are
    drawn; nothing is there that they could be compared with or summed up to, so they are no measures of the mart.
    """

    owner: Text
    grain: tuple[str, ...]
    date: str
    sources: tuple[str, ...]
    sensitivity: Literal["public", "internal", "confidential", "restricted"]
    proof: Text
    freshness_hours: int
    metrics: Mapping[str, Metric]
    estimates: Mapping[str, Metric] = {}

    def __post_init__(self) -> None:
        for name, metric in self.metrics.items():
            wrong = [one for one in metric.not_over if one not in self.grain]
            wrong += [one for one in (metric.numerator, metric.denominator) if one and one not in self.metrics]
            if wrong:
                raise ValueError(f"{name} names {', '.join(wrong)}, which the mart does not have")

    @property
    def about(self) -> str:
        """Who answers for it, what proves it and when it is late: what its comment says beside the grain."""
        *others, last = self.sources
        sources = f"{', '.join(others)} or {last}" if others else last
        late = f"Late after {self.freshness_hours} hours without a load of {sources}."
        return f"Owner: {self.owner}. Proof: {self.proof}. {late}"

    @property
    def columns(self) -> Mapping[str, Metric]:
        """Measures and estimates, by column."""
        return {**self.metrics, **self.estimates}

    @property
    def bindable(self) -> Mapping[str, Metric]:
        """The metrics that a key result may be bound to, by measure."""
        return {name: metric for name, metric in self.metrics.items() if metric.is_bindable}


class Registry(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """metrics.yml. ``marts``: by mart and measure, whose id is ``mart_arr.closing_arr``; ``board``: by id."""

    marts: Mapping[str, Mart]
    board: Mapping[str, BoardMetric]

    def published(self) -> Iterator[tuple[str, str, Metric]]:
        """Of each published measure its mart, its column and what it is."""
        for name, mart in self.marts.items():
            for column, metric in mart.metrics.items():
                yield name, column, metric


@cache
def metrics() -> Registry:
    """The registry, read once. Raises ValueError: what is wrong with which entry."""
    return of_text(FILE.read_bytes())


def of_text(text: bytes) -> Registry:
    """A registry by its text. Raises ValueError: what is wrong with which entry, and what to do."""
    try:
        return msgspec.yaml.decode(text, type=Registry)
    except msgspec.MsgspecError as wrong:
        raise ValueError(f"registry/metrics.yml: {wrong}; mend the entry, then run `python -m registry`") from wrong
