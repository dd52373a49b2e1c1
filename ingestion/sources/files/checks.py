"""All of the company's own files, read and checked against each other.

Belongs here: which files there are and what must fit together between rows and between files. Does not: columns and
single rows (company_rows.py), reading (company_tables.py), landing (files.py), what a product or a goal means (dbt).
"""

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

from ingestion.clock import now
from ingestion.errors import FileError
from ingestion.sources.files import fiscal_calendar
from ingestion.sources.files.rows import GOALS, SHEETS, CellError, PolicySwitches
from ingestion.sources.files.tables import (
    Lines,
    Table,
    kept_tables,
    read_settings,
    refuse_other_sums,
    refuse_others,
    refuse_overlaps,
    refuse_twice,
    validated,
    yaml_tables,
)

OBJECT_TYPES: dict[str, tuple[str, ...] | None] = {
    "jira": ("epic", "project"),
    "amplitude": ("event", "project", "exposure"),
    "stripe": ("product",),
    "quickbooks": ("class",),
    "bamboohr": None,
}
"""What a mapping may name of each source; a company may map keys of a source before its loader is there (None)."""

PEOPLE = ("jira", "bamboohr", "amplitude", "vendor")
"""Where a worker may have a key."""

TRACKERS = ("jira",)
"""Where work has types."""

PLANNED_AHEAD = timedelta(days=731)
"""So far from now fiscal periods are there to be planned in."""

NAMED = (
    ("product_map", "product_id", "products", "product_id"),
    ("customers", "segment", "segments", "code"),
    ("customers", "market", "markets", "code"),
    ("customer_map", "customer_id", "customers", "customer_id"),
    ("team_products", "team_id", "teams", "team_id"),
    ("team_products", "product_id", "products", "product_id"),
    ("price_book", "product_id", "products", "product_id"),
    ("price_book", "segment", "segments", "code"),
    ("price_book", "market", "markets", "code"),
    ("market_size", "market", "markets", "code"),
    ("market_size", "segment", "segments", "code"),
    ("market_size", "product_id", "products", "product_id"),
    ("budget", "product_id", "products", "product_id"),
    ("decisions", "product_id", "products", "product_id"),
    ("objectives", "cycle", "okr_cycles", "id"),
    ("objectives", "product_id", "products", "product_id"),
    ("key_results", "objective", "objectives", "id"),
    ("key_result_targets", "key_result", "key_results", "id"),
    ("checkins", "kr_id", "key_results", "id"),
)
"""Table, column: whatever it names stands in that column of that other table. Which may be empty, its row says."""

SINGLE = (
    ("segments", ("code",)),
    ("markets", ("code",)),
    ("fx_plan", ("currency", "fiscal_year")),
    ("holidays", ("date", "country")),
    ("market_size", ("market", "segment", "product_id", "year")),
    ("budget", ("account_group", "product_id", "period")),
    ("work_types", ("key", "source", "object_type")),
    ("okr_cycles", ("id",)),
    ("objectives", ("id",)),
    ("key_results", ("id",)),
    ("key_result_targets", ("date", "key_result")),
    ("checkins", ("date", "kr_id")),
)
"""Table, columns that no two rows have in common; errors name the first of them."""

APART = (
    ("products", "product_id", ("product_id",)),
    ("teams", "team_id", ("team_id",)),
    ("teams", "name", ("name",)),
    ("customers", "customer_id", ("customer_id",)),
    ("product_map", "valid_from", ("source", "object_type", "key", "match", "product_id")),
    ("customer_map", "key", ("source", "key")),
    ("worker_map", "key", ("source", "key")),
    ("account_map", "account", ("account",)),
    ("vendor_map", "key", ("key",)),
    ("team_products", "product_id", ("team_id", "product_id")),
    ("price_book", "valid_from", ("product_id", "market", "segment", "currency", "tier")),
)
"""Table, column that errors name, columns of which no two rows with the same values are valid on one day."""


class CompanyFiles:
    """All files, read and checked against each other. Raises ``FileError``."""

    def __init__(self, folder: Path, tabs: Mapping[str, Lines]) -> None:
        """``tabs`` are what the company's spreadsheet holds, by the tables' names."""
        self.tables = kept_tables(folder, tabs, SHEETS) | _goals(folder, tabs)
        self.policy = read_settings(folder / "policy.yml", "reporting_currency: EUR")
        policy = validated("policy.yml", None, self.policy, PolicySwitches)
        calendar = fiscal_calendar.read_calendar(folder)
        self.periods = list(fiscal_calendar.periods(calendar, now().date() + PLANNED_AHEAD))
        for name, column, apart in APART:
            refuse_overlaps(self.tables[name], apart, column)
        for name, columns in SINGLE:
            refuse_twice(self.tables[name], columns)
        for name, key in (("products", "product_id"), ("teams", "team_id"), ("customers", "customer_id")):
            _refuse_unknown_parents(self.tables[name], key, "parent_id")
        self._check_maps()
        for name, column, other, key in NAMED:
            _refuse_unknown_keys(self.tables[name], column, self.tables[other], key)
        self._check_plans(policy.reporting_currency)
        self._check_goals()
        _check_reopenings(self.tables["decisions"])

    def _check_maps(self) -> None:
        for name, sources in (
            *(("product_map", OBJECT_TYPES), ("customer_map", OBJECT_TYPES)),
            *(("worker_map", PEOPLE), ("work_types", TRACKERS)),
        ):
            refuse_others(self.tables[name], "source", sources, f"one of {', '.join(sources)}")
        mapping = self.tables["product_map"]
        for index, row in enumerate(mapping.rows):
            types = OBJECT_TYPES[row.source]
            if types is not None and row.object_type not in types:
                raise mapping.error(index, "object_type", f"must be one of {', '.join(types)}")
        refuse_other_sums(mapping, ("source", "object_type", "key", "match"), "weight", "the weights of a key")
        refuse_other_sums(self.tables["team_products"], ("team_id",), "share", "the shares of a team")

    def _check_plans(self, reporting_currency: str) -> None:
        first, last, of = self.periods[0], self.periods[-1], "of the fiscal calendar"
        budget, rates = self.tables["budget"], self.tables["fx_plan"]
        periods = {period.period for period in self.periods}
        refuse_others(budget, "period", periods, f"a period {of}, {first.period} to {last.period}")
        years = {period.fiscal_year for period in self.periods}
        refuse_others(rates, "fiscal_year", years, f"a fiscal year {of}, {first.fiscal_year} to {last.fiscal_year}")
        known = {(row.currency, row.fiscal_year) for row in rates.rows}
        for index, row in enumerate(rates.rows):
            if reporting_currency != "EUR" and (reporting_currency, row.fiscal_year) not in known:
                allowed = f"must have a rate of the reporting currency {reporting_currency} as well"
                raise rates.error(index, "fiscal_year", allowed)

    def _check_goals(self) -> None:
        objectives, results = self.tables["objectives"], self.tables["key_results"]
        _refuse_unknown_parents(objectives, "id", "parent")
        parents = {row.id: row.parent for row in objectives.rows}
        for index, row in enumerate(objectives.rows):
            above, known = row.parent, {row.id}
            while above is not None and above not in known:
                known.add(above)
                above = parents[above]
            if above is not None:
                raise objectives.error(index, "parent", "must not lead back to an objective that is below it")
        cycles = {row.id: row for row in self.tables["okr_cycles"].rows}
        cycle = {row.id: cycles[row.cycle] for row in objectives.rows}
        result = {row.id: row for row in results.rows}
        revisions = self.tables["key_result_targets"]
        for index, row in enumerate(revisions.rows):
            revised = result[row.key_result]
            if revised.type == "binary":
                raise revisions.error(index, "key_result", "must not be binary: its target is always 1")
            if not (start := cycle[revised.objective].start) <= row.date < (end := cycle[revised.objective].end):
                raise revisions.error(index, "date", f"must be in its cycle, from {start} to before {end}")
            try:
                revised.check_target("target", row.target)
            except CellError as unfit:
                raise revisions.error(index, unfit.column, unfit.allowed) from None
        for index, row in enumerate(self.tables["checkins"].rows):
            if result[row.kr_id].type == "binary" and row.value not in (0, 1):
                raise self.tables["checkins"].error(index, "value", "must be 0 or 1 for a binary key result")


def _goals(folder: Path, tabs: Mapping[str, Lines]) -> dict[str, Table]:
    """Goals are lists in one file, or tables of their own like all others."""
    tables = kept_tables(folder, tabs, {stream: sheet for stream, (_, sheet) in GOALS.items()})
    for stream, listed in yaml_tables(folder / "okrs.yml", GOALS).items():
        if tables[stream].rows and listed.rows:
            allowed = f"stands beside {listed.file}; keep the table in one place"
            raise FileError(tables[stream].file, None, None, None, allowed)
        if not tables[stream].rows:
            tables[stream] = listed
    return tables


def _refuse_unknown_keys(table: Table, column: str, others: Table, key: str) -> None:
    """What a column names stands in that column of another table; an empty cell, where it may be, names nothing."""
    words = f"{'an' if key == 'id' else 'a'} {key} of {others.file}{', or empty' if table.may_be_empty(column) else ''}"
    refuse_others(table, column, [*(getattr(row, key) for row in others.rows), None], words)


def _refuse_unknown_parents(table: Table, key: str, column: str) -> None:
    known = {getattr(row, key) for row in table.rows}
    for index, row in enumerate(table.rows):
        parent = getattr(row, column)
        if parent is not None and parent not in known - {getattr(row, key)}:
            raise table.error(index, column, f"must be another {key} of this file")


def _check_reopenings(table: Table) -> None:
    """A decision is opened again only once it was decided."""
    rounds: dict[str, list[int]] = {}
    for index, row in sorted(enumerate(table.rows), key=lambda numbered: numbered[1].raised_at):
        for before in rounds.setdefault(row.decision_id, [])[-1:]:
            decided = table.rows[before].decided_at
            if decided is None or decided > row.raised_at:
                allowed = f"must not be before the decision of row {before + 1}, which it opens again"
                raise table.error(index, "raised_at", allowed)
        rounds[row.decision_id].append(index)
