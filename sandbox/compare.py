"""The truth against what the warehouse published: every key of either side, every measure.

Belongs here: how two figures are called equal. Does not: where published figures come from (the caller reads them).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from math import isclose
from typing import Any

from sandbox.truth import KEYS

TOLERANCE = 1e-9
Rows = Sequence[Mapping[str, Any]]


@dataclass
class MartReport:
    """`compared` counts values, `differing` those that differ; a row that one side lacks differs in all measures.
    `suppressed` counts values that neither side shows, in rows that say why."""

    mart: str
    rows: int = 0
    compared: int = 0
    suppressed: int = 0
    differing: int = 0
    largest: float = 0.0  # relative difference; a missing value or row counts as 1
    examples: list[str] = field(default_factory=list)

    def differ(self, where: str, ours: Any, theirs: Any, by: float) -> None:
        self.differing += 1
        self.largest = max(self.largest, by)
        if len(self.examples) < 20:
            self.examples.append(f"{where}: truth {ours}, published {theirs}")


@dataclass
class Comparison:
    marts: list[MartReport]

    @property
    def differing(self) -> int:
        return sum(mart.differing for mart in self.marts)

    @property
    def equal(self) -> bool:
        """No difference, and something was compared at all."""
        return self.differing == 0 and all(mart.compared for mart in self.marts)


def compare(truth: Mapping[str, Rows], marts: Mapping[str, Rows]) -> Comparison:
    """Joins on the key, both sides full. Columns that the truth, or a row of it, lacks are not compared."""
    return Comparison([_compare_mart(mart, rows, marts.get(mart, ())) for mart, rows in truth.items()])


def _compare_mart(mart: str, truth: Rows, published: Rows) -> MartReport:
    report = MartReport(mart)
    columns = KEYS[mart]
    measures = [name for name in (truth[0] if truth else {}) if name not in columns]
    ours, theirs = _by_key(truth, columns, "truth", report), _by_key(published, columns, "published", report)
    for key in sorted({*ours, *theirs}):
        report.rows += 1
        where = f"{mart} {' · '.join(key)}"
        if key not in ours or key not in theirs:
            present = "a row" if key in ours else "no row", "a row" if key in theirs else "no row"
            report.compared += max(1, len(measures))
            report.differing += max(1, len(measures)) - 1
            report.differ(where, *present, 1.0)
            continue
        for name in measures:
            if name not in ours[key]:
                continue
            report.compared += 1
            report.suppressed += ours[key][name] is None is theirs[key].get(name) and _says_why(ours[key], name)
            by = _difference(ours[key][name], theirs[key].get(name))
            if by:
                report.differ(f"{where} {name}", ours[key][name], theirs[key].get(name), by)
    return report


def _says_why(row: Mapping[str, Any], name: str) -> bool:
    """Whether a row says why it lacks a figure."""
    reasons = [value for column, value in row.items() if column.endswith("_suppressed_reason") and column != name]
    return any(reasons) or row.get("remainder") == "withheld"


def _by_key(
    rows: Rows, columns: Sequence[str], side: str, report: MartReport
) -> dict[tuple[str, ...], Mapping[str, Any]]:
    found: dict[tuple[str, ...], Mapping[str, Any]] = {}
    for row in rows:
        key = tuple(_text(row[name]) for name in columns)
        if key in found:
            report.differ(f"{report.mart} {' · '.join(key)}", "one row per key", f"a second row in {side}", 1.0)
        found[key] = row
    return found


def _text(value: Any) -> str:
    return value.isoformat()[:10] if isinstance(value, date) else str(value)


def _difference(ours: Any, theirs: Any) -> float:
    """0 when equal: floats to 1e-9 of their size, everything else exactly."""
    if ours is None or theirs is None:
        return 0.0 if ours is theirs else 1.0
    if isinstance(ours, float):
        theirs = float(theirs)
        return 0.0 if isclose(ours, theirs, rel_tol=TOLERANCE) else abs(ours - theirs) / max(abs(ours), abs(theirs))
    try:
        left, right = Decimal(str(ours)), Decimal(str(theirs))
    except InvalidOperation:
        return 0.0 if str(ours) == str(theirs) else 1.0
    return 0.0 if left == right else float(abs(left - right) / max(abs(left), abs(right)))
