"""What nobody mapped: every key with what lies under it, the largest first, and what it could be by its name.

Belongs here: gaps, suggestions, rows for the company's files. Does not: what is under a key (dbt's models), printing.

A suggestion is a hint for a person: names are compared, nothing else, and always with the same outcome.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

import duckdb

from ingestion.sources.files.rows import SHEETS, WorkType

MAPS: Mapping[str, str] = {
    "product_map": "product_id",
    "customer_map": "customer_id",
    "account_map": "statement_group",
    "vendor_map": "worker_id",
    "worker_map": "worker_id",
    "teams": "team_id",
    "work_types": "kind",
}
"""Files that map keys, with the column that a suggestion fills."""

STATEMENT_GROUPS: Mapping[str, str] = {
    "Income": "revenue",
    "Cost of Goods Sold": "cost_of_revenue",
    "Expense": "operating_expense",
    "Other Income": "other",
    "Other Expense": "other",
}
"""Where accounts of a type mostly stand; on the balance sheet their classification says."""

CREDITED = ("liability", "equity", "revenue")
ALIKE = 0.7
FORMULAS = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class Suggestion:
    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Gap:
    """A key, or what has none (``key`` is None: the source itself must name it), that is not mapped, or not always."""

    map_file: str
    source: str
    object_type: str
    key: str | None
    name: str | None
    use_kind: str
    uses: int
    unmapped: int
    amount: float | None
    """About, in ``currency``: that of the company's reports."""
    currency: str
    since: str
    until: str
    """Of a row that would not overlap with those that are there; empty where it may be open."""
    suggestion: Suggestion | None


def gaps(warehouse: duckdb.DuckDBPyConnection) -> list[Gap]:
    """All gaps by file and source, in each the largest first: by money, where it is known, else by number."""
    rows: list[Any] = warehouse.execute(
        """
        select
            map_file, mapped_source, object_type, map_key, key_name, use_kind, uses, unmapped_uses, unmapped_amount,
            currency, coalesce(strftime(since, '%Y-%m-%d'), ''), coalesce(strftime(until, '%Y-%m-%d'), '')
        from intermediate.int_unmapped_keys_collected
        order by map_file, mapped_source, unmapped_amount desc nulls last, unmapped_uses desc, object_type, map_key
        """
    ).fetchall()
    known = _names(warehouse)

    def suggested(file: str, object_type: str, key: str | None, name: str | None) -> Suggestion | None:
        if key is None:
            return None
        if file == "work_types":
            return nearest(name, {kind: kind for kind in WorkType.kinds[object_type]})
        if file == "account_map":
            kind, _, classification = known[file][key].partition("/")
            return Suggestion(STATEMENT_GROUPS.get(kind, classification.lower()), kind)
        return nearest(name, known.get(file, {}))

    return [Gap(*[*row, suggested(row[0], row[2], row[3], row[4])]) for row in rows]


def _names(warehouse: duckdb.DuckDBPyConnection) -> Mapping[str, Mapping[str, str]]:
    """By file, what a key can be mapped to: the latest name of each id."""
    listed = "select map_file, target_id, target_name from intermediate.int_mapping_names_listed"
    known: dict[str, dict[str, str]] = {}
    for file, key, name in warehouse.execute(f"{listed} order by valid_from, target_id").fetchall():
        known.setdefault(file, {})[str(key)] = str(name)
    return known


def nearest(name: str | None, known: Mapping[str, str]) -> Suggestion | None:
    """What is called most alike, if anything is alike at all; of several the first by id."""
    scores = [(-_alike(name or "", other), key, other) for key, other in known.items()]
    score, key, other = min(scores, default=(0.0, "", ""))
    return Suggestion(key, other) if -score >= ALIKE else None


def _alike(name: str, other: str) -> float:
    """1 for the same words in any order; nearly so where one name is a part of the other."""
    left, right = _words(name), _words(other)
    if not left or not right:
        return 0.0
    if left <= right or right <= left:
        return 1.0 if left == right else 0.9
    return SequenceMatcher(None, " ".join(sorted(left)), " ".join(sorted(right)), autojunk=False).ratio()


def _words(name: str) -> set[str]:
    return set(re.findall(r"[^\W_]+", name.casefold()))


def rows(map_file: str, found: Sequence[Gap]) -> Iterator[dict[str, str]]:
    """The gaps of a file as rows of it, for a person to complete and to paste. A key that a spreadsheet would take for
    a formula is left out: nothing may run where it is pasted."""
    columns = SHEETS[map_file].row.columns()
    for gap in found:
        if gap.map_file != map_file or gap.key is None or gap.key.startswith(FORMULAS):
            continue
        row = dict.fromkeys(columns, "")
        given = {"source": gap.source, "object_type": gap.object_type, "match": "exact", "weight": "1"}
        given |= {"key": gap.key, "account": gap.key, "name": gap.key, "valid_from": gap.since, "valid_to": gap.until}
        given["reason"] = (gap.name or "").lstrip("".join(FORMULAS))
        if gap.suggestion:
            given[MAPS[map_file]] = gap.suggestion.id
        if map_file == "vendor_map":
            given["cost_type"] = "contractor"
        if map_file == "account_map":
            given["sign"] = "-1" if given.get("statement_group") in CREDITED else "1"
        yield row | {name: value for name, value in given.items() if name in row}
