"""All of the company's own files, read and checked against each other.

Belongs here: which files there are and what must fit together between rows and between files. Does not: columns and
single rows (company_rows.py), reading (company_tables.py), landing (files.py), what a product or a goal means (dbt).
"""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path

from ingestion.clock import now
from ingestion.errors import FileError, meant, refuse
from ingestion.settings import named_file
from ingestion.sources.files import allocation_rules, fiscal_calendar
from ingestion.sources.files.circles import Link, circles
from ingestion.sources.files.fiscal_calendar import FiscalPeriod
from ingestion.sources.files.goals import Goals
from ingestion.sources.files.rows import GOALS, SHEETS, PolicySwitches
from ingestion.sources.files.tables import (
    Lines,
    Table,
    kept,
    kept_tables,
    other_sums,
    others,
    overlapping,
    read_settings,
    repeated,
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
    ("ai_spend", "team_id", "teams", "team_id"),
    ("decisions", "product_id", "products", "product_id"),
    ("promises", "slice", "products", "product_id"),
    ("promises", "feature", "products", "product_id"),
    ("objectives", "cycle", "okr_cycles", "id"),
    ("objectives", "product_id", "products", "product_id"),
    ("key_results", "objective", "objectives", "id"),
    ("key_result_targets", "key_result", "key_results", "id"),
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
    ("ai_spend", ("vendor", "from", "to", "team_id", "user", "amount", "currency")),
    ("capex_criteria", ("criterion", "epic", "regime")),
    ("promises", ("promise_id",)),
    ("okr_cycles", ("id",)),
    ("key_result_targets", ("date", "key_result")),
    ("link_types", ("link_type",)),
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
    ("objectives", "id", ("id",)),
    ("key_results", "id", ("id",)),
    ("goal_parents", "parent", ("child", "parent")),
    ("goal_links", "key_result_id", ("work_item", "key_result_id")),
)
"""Table, column that errors name, columns of which no two rows with the same values are valid on one day."""


OTHER_FILES = ("policy.yml", fiscal_calendar.FILE, allocation_rules.FILE, "okrs.yml", "fx_rates.csv")
"""Files that are no tables of this page; rates of the company's own land with those of the bank (fx)."""

SHOWN = 8
"""So many names that would do a message lists; the rest is a number."""

TABULAR = (".csv", ".tsv", ".xlsx", ".xlsm", ".xls", ".ods", ".numbers", ".yml", ".yaml")
"""Endings of files that somebody means to be read; others may lie beside them."""

ALONE = {
    "goals": (*GOALS, "checkins", "goal_links"),
    "decisions": ("decisions",),
    "promises": ("promises",),
    "link types": ("link_types",),
}
"""Tables that nothing else needs: a mistake in one holds up these alone, and all others land."""

PARENTS = (
    ("products", "product_id", "parent_id"),
    ("teams", "team_id", "parent_id"),
    ("customers", "customer_id", "parent_id"),
    ("key_results", "id", "continues"),
)
"""Table, key, column that names the key of another row above it."""


class CompanyFiles:
    """All files, read and checked against each other. Raises ``FileError``, or ``Mistakes`` with all that is wrong in
    any of them; where it may ``hold``, not for what is wrong in tables that stand ``ALONE``: ``held`` has the group,
    the stream and the mistake."""

    def __init__(self, folder: Path, tabs: Mapping[str, Lines], *, hold: bool = False) -> None:
        """``tabs`` are what the company's spreadsheet holds, by the tables' names."""
        mistakes: list[FileError] = list(_unknown_files(folder))
        self.tables = kept_tables(folder, tabs, SHEETS) | _goals(folder, tabs)
        for table in self.tables.values():
            mistakes += table.mistakes
        self.policy: dict[str, str] = {}
        self.periods: list[FiscalPeriod] = []
        with kept(mistakes):
            self.policy = read_settings(folder / "policy.yml", "reporting_currency: EUR")
            validated("policy.yml", None, self.policy, PolicySwitches)
        with kept(mistakes):
            calendar = fiscal_calendar.read_calendar(folder)
            self.periods = list(fiscal_calendar.periods(calendar, now().date() + PLANNED_AHEAD))
        self.rules = allocation_rules.read_rules(folder)
        mistakes += [*self.rules.mistakes, *self._mistakes()]
        files = list(dict.fromkeys(one.file for one in mistakes))
        mistakes.sort(key=lambda one: (files.index(one.file), one.row or 0))
        alone = {self.tables[stream].file: (group, stream) for group, streams in ALONE.items() for stream in streams}
        alone["okrs.yml"] = ("goals", next(iter(GOALS)))
        may_hold = hold and all(one.file in alone for one in mistakes)
        self.held = [(*alone[one.file], one) for one in mistakes] if may_hold else []
        refuse([] if may_hold else mistakes)

    def _mistakes(self) -> Iterator[FileError]:
        """What does not fit together."""
        for name, column, apart in APART:
            yield from overlapping(self.tables[name], apart, column)
        for name, columns in SINGLE:
            yield from repeated(self.tables[name], columns)
        for name, key, column in PARENTS:
            yield from _unknown_parents(self.tables[name], key, column)
            yield from circles(_above(self.tables[name], key, column))
        yield from self._in_maps()
        for name, column, other, key in NAMED:
            yield from _unknown_keys(self.tables[name], column, self.tables[other], key)
        if self.periods:
            yield from self._in_plans()
        yield from Goals(self.tables).mistakes()
        maps = [self.tables["account_map"], self.tables["vendor_map"]]
        types = {row.cost_type for table in maps for row in table.rows if row.cost_type}
        known = types if all(table.is_read for table in maps) else None
        catalogue = self.tables["products"]
        products = {row.product_id for row in catalogue.rows} if catalogue.is_read else None
        yield from allocation_rules.unfit(self.rules, known, products)
        yield from _reopenings(self.tables["decisions"])

    def _in_maps(self) -> Iterator[FileError]:
        for name, sources in (
            *(("product_map", OBJECT_TYPES), ("customer_map", OBJECT_TYPES)),
            *(("worker_map", PEOPLE), ("work_types", TRACKERS)),
        ):
            yield from others(self.tables[name], "source", sources, f"one of {', '.join(sources)}")
        mapping = self.tables["product_map"]
        for index, row in enumerate(mapping.rows):
            types = OBJECT_TYPES.get(row.source)
            if types is not None and row.object_type not in types:
                yield mapping.error(index, "object_type", f"must be one of {', '.join(types)}")
        key, shares = ("source", "object_type", "key", "match"), self.tables["team_products"]
        yield from other_sums(mapping, key, "product_id", "weight", "the weights of a key")
        yield from other_sums(shares, ("team_id",), "product_id", "share", "the shares of a team")

    def _in_plans(self) -> Iterator[FileError]:
        first, last, of = self.periods[0], self.periods[-1], "of the fiscal calendar"
        budget, rates = self.tables["budget"], self.tables["fx_plan"]
        periods = {period.period for period in self.periods}
        yield from others(budget, "period", periods, f"a period {of}, {first.period} to {last.period}")
        years = {period.fiscal_year for period in self.periods}
        yield from others(rates, "fiscal_year", years, f"a fiscal year {of}, {first.fiscal_year} to {last.fiscal_year}")
        reporting_currency = self.policy.get("reporting_currency", "EUR")
        known = {(row.currency, row.fiscal_year) for row in rates.rows}
        for index, row in enumerate(rates.rows):
            if reporting_currency != "EUR" and (reporting_currency, row.fiscal_year) not in known:
                allowed = f"must have a rate of the reporting currency {reporting_currency} as well"
                yield rates.error(index, "fiscal_year", allowed)


def _unknown_files(folder: Path) -> Iterator[FileError]:
    """Files that look like tables or settings under a name that nobody reads: a typing error, or an old copy."""
    tables = [*SHEETS, *GOALS]
    known = {*OTHER_FILES, *(f"{name}{ending}" for name in tables for ending in (".csv", ".xlsx"))}
    # a file of rates may lie beside the company's own
    if (rates := named_file("fx", "path")) and rates.parent == folder:
        known.add(rates.name)
    for file in sorted(path.name for path in folder.iterdir()):
        if file in known or file.startswith((".", "~")) or not file.lower().endswith(TABULAR):
            continue
        hint = meant(file.lower(), known) or f"; docs/files.md lists them; keep others elsewhere than in {folder}"
        yield FileError(file, None, None, None, f"is none of the company's files{hint}")


def _goals(folder: Path, tabs: Mapping[str, Lines]) -> dict[str, Table]:
    """Goals are lists in one file, or tables of their own like all others."""
    tables = kept_tables(folder, tabs, {stream: sheet for stream, (_, sheet) in GOALS.items()})
    for stream, listed in yaml_tables(folder / "okrs.yml", GOALS).items():
        if tables[stream].rows and listed.rows:
            allowed = f"stands beside {listed.file}; keep the table in one place"
            tables[stream].mistakes.append(FileError(tables[stream].file, None, None, None, allowed))
            tables[stream].is_read = False
        elif not tables[stream].rows and not tables[stream].mistakes:
            tables[stream] = listed
    return tables


def _unknown_keys(table: Table, column: str, named: Table, key: str) -> Iterator[FileError]:
    """What a column names stands in that column of another table; an empty cell, where it may be, names nothing."""
    words = f"{'an' if key == 'id' else 'a'} {key} of {named.file}{', or empty' if table.may_be_empty(column) else ''}"
    if named.is_read:
        names = sorted(named.named(key))
        more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
        there = f"there are {', '.join(names[:SHOWN])}{more}" if names else "it has none"
        yield from others(table, column, [*names, None], f"{words}; {there}")


def _unknown_parents(table: Table, key: str, column: str) -> Iterator[FileError]:
    for index, row in enumerate(table.rows):
        parent = getattr(row, column)
        if parent is not None and parent not in table.named(key) - {getattr(row, key)}:
            yield table.error(index, column, f"must be another {key} of this file")


def _above(table: Table, key: str, column: str) -> list[Link]:
    return [
        Link(table, index, column, (row[key],), (row[column],))
        for index, row in enumerate(table.rows)
        if row[column] not in (None, row[key])
    ]


def _reopenings(table: Table) -> Iterator[FileError]:
    """A decision is opened again only once it was decided."""
    rounds: dict[str, list[int]] = {}
    for index, row in sorted(enumerate(table.rows), key=lambda numbered: numbered[1].raised_at):
        for before in rounds.setdefault(row.decision_id, [])[-1:]:
            closed = table.rows[before].decided_at or table.rows[before].withdrawn_at
            if closed is None or closed > row.raised_at:
                allowed = f"must not be before the decision of row {table.number(before)}, which it opens again"
                yield table.error(index, "raised_at", allowed)
        rounds[row.decision_id].append(index)
