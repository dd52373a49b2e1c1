"""Files of assumed headcount, splits, drivers and rules: which are refused, and which inputs each row of them edits."""

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from ingestion.errors import FileError, Mistakes
from planning.cost_scenarios import assume, check, read

ADDED = "team_id: T-1, function: engineering, fiscal_period: FY27-P01"
SPLIT = "team_id: T-1, fiscal_period: FY27-P01"
DRIVER = "product_id: apps, fiscal_period: FY27-P01"
TABLES = {
    "marts.dim_team": "from (values ('T-1'), ('T-2')) v(team_id)",
    "marts.dim_product": "from (values ('apps', 'product'), ('web', 'product'), ('all', 'company')) "
    "v(product_id, product_level)",
    "intermediate.int_fiscal_periods_begun": """
        from (values
            ('FY26-P12', 'FY26', date '2025-12-01', date '2025-12-31'),
            ('FY27-P01', 'FY27', date '2026-01-01', date '2026-01-31'),
            ('FY27-P02', 'FY27', date '2026-02-01', date '2026-02-03')
        ) v(fiscal_period, fiscal_year, first_date, as_of_date)
    """,
    "restricted.intermediate.int_people_groups_resolved": """
        from (values
            ('FY26-P12', 'engineering'), ('FY27-P01', 'engineering'), ('FY27-P02', 'engineering'), ('FY27-P02', 'legal')
        ) v(fiscal_period, function_name)
    """,
    "restricted.intermediate.int_standard_rates_resolved": """
        from (values ('FY26', 'engineering'), ('FY27', 'engineering'), ('FY26', 'legal')) v(fiscal_year, function_name)
    """,
    "marts.mart_staffing": """
        from (values
            ('FY27-P01', 'T-1', 'Engineering', 2::double), ('FY27-P02', 'T-1', 'Engineering', 1.5),
            ('FY27-P01', 'T-1', 'Legal', 9), ('FY27-P01', 'T-2', 'Engineering', 9)
        ) v(fiscal_period, team_id, function_name, fte)
    """,
    "staging.base": """
        from (values
            ('T-1', 'apps', 1::decimal(18, 6), date '0001-01-01', date '2026-01-15'),
            ('T-1', 'web', 1, date '2026-01-15', date '9999-12-31'),
            ('T-2', 'web', 1, date '0001-01-01', date '9999-12-31')
        ) v(team_id, product_id, share, valid_from, valid_to)
    """,
    "intermediate.int_product_drivers_measured": """
        from (values
            ('FY27-P01', 'events', 'apps', 1000::bigint), ('FY27-P02', 'events', 'apps', 1000),
            ('FY27-P02', 'revenue', 'apps', 1000), ('FY27-P02', 'events', 'web', 1000)
        ) v(fiscal_period, driver_id, product_id, weight)
    """,
    "intermediate.int_allocation_rules_resolved": """
        select
            fiscal_period, as_of_date, 'step_down' as shared_method, 'events' as shared_driver,
            'cost' as overhead_driver
        from intermediate.int_fiscal_periods_begun
    """,
}


@pytest.fixture
def warehouse() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as known:
        known.execute("attach ':memory:' as restricted; create schema restricted.intermediate")
        for schema in ("marts", "intermediate", "staging"):
            known.execute(f"create schema {schema}")
        for name, rows in TABLES.items():
            known.execute(f"create table {name} as {rows}")
        known.execute("create view staging.stg_files__team_products as from staging.base")
        yield known


def written(folder: Path, text: str) -> Path:
    path = folder / "scenario.yml"
    path.write_text(text)
    return path


@pytest.mark.parametrize(
    ("section", "row", "error"),
    [
        ("headcount", f"{ADDED}, fte: 0.0005", "fte value '0.0005': must be a number of full-time people between"),
        ("headcount", f"{ADDED}, fte: 1, team_id: T-9".replace("team_id: T-1, ", ""), "must be one of T-1, T-2"),
        ("headcount", f"{ADDED}, fte: 1".replace("FY27", "FY28"), "'FY28-P01': must be one of FY26-P12, FY27-P01,"),
        ("splits", f"{SPLIT}, product_id: shop, share: 1", "product_id value 'shop': must be one of apps, web"),
        ("splits", f"{SPLIT}, product_id: apps, share: 0.5", "the shares of a team must add up to 1; here 0.5"),
        ("drivers", f"{DRIVER}, driver: fte, change_percent: 5", "must be 'events', 'active_users', 'revenue' or"),
        ("drivers", f"{DRIVER}, driver: events, change_percent: -101", "'-101': must be between -100 and 1000"),
        ("rules", "fiscal_period: FY27-P01, shared_method: direct", "shared_method value 'direct': must be"),
        ("people", "name: ada", "people: must be one of headcount, splits, drivers, rules"),
    ],
)
def test_what_cannot_be_meant_is_refused_by_section_row_column_and_value(
    tmp_path: Path, warehouse: duckdb.DuckDBPyConnection, section: str, row: str, error: str
) -> None:
    with pytest.raises((FileError, Mistakes)) as refused:
        check(read(written(tmp_path, f"{section}: [{{{row}}}]")), warehouse)
    assert error in str(refused.value)


def test_a_scenario_without_rows_or_in_another_kind_of_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="has no rows"):
        read(written(tmp_path, "headcount: []"))
    with pytest.raises(FileError, match="there is no such file"):
        read(tmp_path / "none.yml")
    (tmp_path / "scenario.csv").touch()
    with pytest.raises(FileError, match=r"must be a \.yml or \.yaml file"):
        read(tmp_path / "scenario.csv")


@pytest.mark.parametrize(
    ("section", "row", "error"),
    [
        ("headcount", "worker_id: ada, fiscal_period: FY27-P01, fte: -1", "worker_id"),
        ("headcount", "team_id: T-1, function: legal, fiscal_period: FY26-P12, fte: 1", "it lacks in FY26-P12"),
        ("headcount", "team_id: T-1, function: legal, fiscal_period: FY27-P02, fte: 1", "it lacks in FY27-P02"),
        (
            "headcount",
            f"{ADDED}, fte: -1.6",
            "must not take away more people than the team has: 1.5 full-time in FY27-P02",
        ),
        ("rules", "fiscal_period: FY27-P01, overhead_types: none", "overhead_types"),
        ("rules", "fiscal_period: FY27-P01, payroll: none", "payroll"),
    ],
)
def test_nobody_is_named_and_what_is_hidden_stays_so(
    tmp_path: Path, warehouse: duckdb.DuckDBPyConnection, section: str, row: str, error: str
) -> None:
    """One person by name, people without a rate that a safe group shares, people who are not there, and rules that
    would show parts of the remainder."""
    with pytest.raises((FileError, Mistakes)) as refused:
        check(read(written(tmp_path, f"{section}: [{{{row}}}]")), warehouse)
    assert error in str(refused.value)


def test_each_section_edits_its_input_from_its_period_on(tmp_path: Path, warehouse: duckdb.DuckDBPyConnection) -> None:
    text = """
headcount:
  - {team_id: T-1, function: Engineering, fiscal_period: FY27-P02, fte: -1.5}
splits:
  - {team_id: T-1, product_id: apps, fiscal_period: FY27-P01, share: 0.25}
  - {team_id: T-1, product_id: web, fiscal_period: FY27-P01, share: 0.75}
  - {team_id: T-1, product_id: apps, fiscal_period: FY27-P02, share: 1}
drivers:
  - {driver: events, product_id: apps, fiscal_period: FY27-P02, change_percent: -12.5}
rules:
  - {fiscal_period: FY27-P01, shared_method: reciprocal}
  - {fiscal_period: FY27-P02, overhead_driver: fte, shared_driver: equal}
"""
    tables = read(written(tmp_path, text))
    check(tables, warehouse)
    assume(warehouse, tables)

    def rows(query: str) -> list[tuple[object, ...]]:
        return [tuple(map(str, row)) for row in warehouse.execute(query).fetchall()]

    assert rows("from intermediate.int_headcount_days_assumed order by work_date") == [
        ("FY27-P02", "T-1", "Engineering", f"2026-02-0{day}", "-1500") for day in (1, 2, 3)
    ]
    assert rows("from staging.stg_files__team_products order by all") == [
        ("T-1", "apps", "0.250000", "2026-01-01", "2026-02-01"),
        ("T-1", "apps", "1.000000", "0001-01-01", "2026-01-01"),
        ("T-1", "apps", "1.000000", "2026-02-01", "9999-12-31"),
        ("T-1", "web", "0.750000", "2026-01-01", "2026-02-01"),
        ("T-2", "web", "1.000000", "0001-01-01", "9999-12-31"),
    ]
    assert rows("select weight from intermediate.int_product_drivers_measured order by all") == [
        ("875",), ("1000",), ("1000",), ("1000",)
    ]  # fmt: skip
    assert rows("select * exclude (as_of_date) from intermediate.int_allocation_rules_resolved order by 1") == [
        ("FY26-P12", "step_down", "events", "cost"),
        ("FY27-P01", "reciprocal", "events", "cost"),
        ("FY27-P02", "reciprocal", "equal", "fte"),
    ]
