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

from ingestion.sources.files.rows import SHEETS

MEASURED = ("usage", "work", "billing", "ledger", "staff")
MAPS: Mapping[str, str] = {
    "product_map": "product_id",
    "customer_map": "customer_id",
    "account_map": "statement_group",
    "vendor_map": "worker_id",
    "worker_map": "worker_id",
    "teams": "team_id",
}
"""Files that map keys, with the column that a suggestion fills."""

WORKERS = """
    select workers.worker_id, people.first_name || ' ' || people.last_name, workers.valid_from
    from staging.stg_files__worker_maps as workers
    inner join staging.stg_bamboohr__employees as people
        on workers.mapped_source = 'bamboohr' and workers.person_key = people.employee_id
"""
NAMES: Mapping[str, str] = {
    "product_map": "select product_id, product_name, valid_from from staging.stg_files__products",
    "customer_map": "select customer_id, customer_name, valid_from from staging.stg_files__customers",
    "vendor_map": WORKERS,
    "worker_map": WORKERS,
    "teams": "select team_id, team_name, valid_from from staging.stg_files__teams",
}
"""What keys can be, by name; the latest name of each counts."""

STATEMENT_GROUPS: Mapping[str, str] = {
    "Income": "revenue",
    "Cost of Goods Sold": "cost_of_revenue",
    "Expense": "operating_expense",
    "Other Income": "other",
    "Other Expense": "other",
}
"""Where accounts of a type mostly stand; on the balance sheet their classification says."""

RANGES = """
    with ranges as (
        select 'product_map' as map_file, mapped_source, object_type, match_key as map_key, valid_from, valid_to
        from staging.stg_files__product_maps where match_type = 'exact'
        union all by name
        select 'customer_map' as map_file, mapped_source, account_key as map_key, valid_from, valid_to
        from staging.stg_files__customer_maps
        union all by name
        select 'account_map' as map_file, 'quickbooks' as mapped_source, account_id as map_key, valid_from, valid_to
        from staging.stg_files__account_maps
        union all by name
        select 'vendor_map' as map_file, 'quickbooks' as mapped_source, vendor_key as map_key, valid_from, valid_to
        from staging.stg_files__vendor_maps
        union all by name
        select 'worker_map' as map_file, mapped_source, person_key as map_key, valid_from, valid_to
        from staging.stg_files__worker_maps
    )
    select
        map_file, mapped_source, object_type, map_key,
        nullif(min(valid_from), date '0001-01-01') as until,
        case when min(valid_from) = date '0001-01-01' then nullif(max(valid_to), date '9999-12-31') end as since
    from ranges group by all
"""
"""The time before or after all that rows say of a key, which another row may be for."""

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
    measured = " union all by name ".join(f"select * from intermediate.int_{name}_keys_measured" for name in MEASURED)
    rows: list[Any] = warehouse.execute(
        f"""
        select
            keys.map_file, keys.mapped_source, keys.object_type, keys.map_key, keys.key_name, keys.use_kind, keys.uses,
            keys.unmapped_uses, keys.unmapped_amount,
            (select reporting_currency from intermediate.int_policies_read),
            coalesce(strftime(ranges.since, '%Y-%m-%d'), ''), coalesce(strftime(ranges.until, '%Y-%m-%d'), '')
        from ({measured}) as keys
        left join ({RANGES}) as ranges
            on keys.map_file = ranges.map_file and keys.mapped_source = ranges.mapped_source
            and keys.map_key = ranges.map_key and keys.object_type = coalesce(ranges.object_type, keys.object_type)
        where keys.unmapped_uses > 0 and (keys.map_key is not null or keys.map_file = 'product_map')
        order by
            keys.map_file, keys.mapped_source, keys.unmapped_amount desc nulls last, keys.unmapped_uses desc,
            keys.object_type, keys.map_key
        """
    ).fetchall()
    known = {file: _newest(warehouse, sql) for file, sql in NAMES.items()}
    types = _newest(
        warehouse, "select account_id, account_type || '/' || classification, 0 from staging.stg_quickbooks__accounts"
    )

    def suggested(file: str, key: str | None, name: str | None) -> Suggestion | None:
        if key is None:
            return None
        if file == "account_map":
            kind, _, classification = types[key].partition("/")
            return Suggestion(STATEMENT_GROUPS.get(kind, classification.lower()), kind)
        return nearest(name, known.get(file, {}))

    return [Gap(*[*row, suggested(row[0], row[3], row[4])]) for row in rows]


def _newest(warehouse: duckdb.DuckDBPyConnection, sql: str) -> dict[str, str]:
    """The newest name of each id."""
    return {str(key): str(name) for key, name, _ in warehouse.execute(f"{sql} order by 3, 1").fetchall()}


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
    columns = SHEETS[map_file].row.model_fields
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
