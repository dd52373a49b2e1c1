"""The figures that must agree, of a published file written by hand.

Red means: somebody reads after a run that figures agree which don't, or the other way round, or a run fails at its end.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb

from cli import agreement
from serving.published import Snapshot

# Two quarters: one that is over, and one of which a week has passed.
PERIODS = """
    create table dim_fiscal_period as from (values
        ('FY26-P03', 'FY26-Q1', date '2026-03-01', date '2026-03-31'),
        ('FY26-P04', 'FY26-Q2', date '2026-04-01', date '2026-04-30')
    ) as t (fiscal_period, fiscal_quarter, first_date, last_date)
"""
# Weeks of 2, 9, 16 and 30 March: the last one ends in April; of 23 March there is no row. In the four weeks of the
# first quarter 2 + 1 + 0 + 0 issues are done after 336 hours of cycles, 1 + 0 + 1 + 0 are in progress at their ends:
# 0.5 in progress, 0.75 done a week, after 336 h / 3 = 0.67 weeks; 2 x 168 / 336 = 1. Then 3 x 168 / 252 = 2.
DELIVERED = """
    create table mart_delivery as from (values
        (date '2026-03-02', true, 1.4, 1.0, 168.0), (date '2026-03-02', true, 0.6, 0.0, 68.0),
        (date '2026-03-09', true, 1.0, 0.0, 100.0), (date '2026-03-16', true, 0.0, 1.0, 0.0),
        (date '2026-03-30', true, 2.0, 3.0, 252.0), (date '2026-04-06', false, 9.0, 9.0, 9.0)
    ) as t (week_start_date, is_complete, throughput_split, wip_split, cycle_hours_split)
"""
PAID = """
    create table mart_arpa as from (values
        ('FY26-P03', date '2026-03-31', true, 'company', 'all', 'ALL', 'All', 300.0, 800.0, 'EUR'),
        ('FY26-P03', date '2026-03-31', true, 'company', 'segment', 'S', 'Small', 100.4, 500.0, 'EUR'),
        ('FY26-P03', date '2026-03-31', true, 'company', 'segment', 'L', 'Large', 1234.5, 300.0, 'EUR'),
        ('FY26-P03', date '2026-03-31', true, 'company', 'segment', 'UNMAPPED', 'Unmapped', 7.0, 7.0, 'EUR'),
        ('FY26-P03', date '2026-03-31', true, 'product', 'segment', 'L', 'Large', 9.0, 9.0, 'EUR'),
        ('FY26-P04', date '2026-04-30', false, 'company', 'segment', 'L', 'Large', 8.0, 8.0, 'EUR')
    ) as t (
        fiscal_period, period_end_date, is_complete, product_level, slice_type, slice_value, slice_name, arpa,
        paying_mrr, currency
    )
"""
# On the last day of March 10 people, 2 of them nobody's, of 4 customers; on 6 April nobody's customer is there.
USED = """
    create table mart_usage as from (values
        (date '2026-03-30', true, 'company', 'all', 'ALL', 90, 4),
        (date '2026-03-31', true, 'company', 'all', 'ALL', 10, 4),
        (date '2026-03-31', true, 'company', 'segment', 'UNMAPPED', 2, 0),
        (date '2026-03-31', true, 'company', 'segment', 'L', 5, 1),
        (date '2026-03-31', true, 'product', 'all', 'ALL', 4, 4),
        (date '2026-04-06', true, 'company', 'all', 'ALL', 3, 0),
        (date '2026-04-07', false, 'company', 'all', 'ALL', 9, 3)
    ) as t (activity_date, is_complete, product_level, slice_type, slice_value, mau_28d, customers_28d)
"""
MAPPED = """
    create table mart_data_health as from (values
        ('stripe', 'mapping_coverage', 0.5), ('jira', 'mapping_coverage', 0.9251), ('jira', 'team_coverage', 1.0),
        ('stripe', 'tax_coverage', 0.1), ('amplitude', 'account_coverage', null), ('jira', 'quarantine_issues', 0.3)
    ) as t (source, metric_id, ratio)
"""
TABLES = {
    "dim_fiscal_period": PERIODS,
    "mart_delivery": DELIVERED,
    "mart_arpa": PAID,
    "mart_usage": USED,
    "mart_data_health": MAPPED,
}


def lines(folder: Path, *without: str, then: str = "", held: Mapping[str, Any] | None = None) -> list[str]:
    names = [name for name in TABLES if name not in without]
    with duckdb.connect(str(folder / "marts.duckdb")) as file:
        for name in names:
            file.execute(TABLES[name])
        if then:
            file.execute(then)
    manifest = {"marts": {name: {} for name in names}, "held": held or {}, "published_at": "2026-04-07T06:00:00+00:00"}
    found = agreement.lines(Snapshot(folder, manifest))
    assert all(len(line) <= 100 for line in found)
    return [" ".join(line.split()) for line in found]


def test_each_figure_is_as_worked_by_hand(tmp_path: Path) -> None:
    assert lines(tmp_path) == [
        "figures that must agree (* so far) FY26-Q1 FY26-Q2*",
        "work in progress, issues 0.5 3.0",
        "done a week, issues 0.8 2.0",
        "cycle time, mean in weeks 0.7 0.8",
        "in progress / (done x cycle time), 1 agrees 1.00 2.00",
        "ARPA in EUR a month, Large 1,234 -",
        "ARPA in EUR a month, Small 100 -",
        "active users per customer, 28 days 2.0 -",
        "mapped of jira, to products 92.5%, teams 100.0%",
        "mapped of stripe, to products 50.0%",
    ]


def test_a_company_without_segments_has_one_line(tmp_path: Path) -> None:
    nobodys = "delete from mart_arpa where slice_type = 'segment' and slice_value <> 'UNMAPPED'"
    shown = [line for line in lines(tmp_path, then=nobodys) if line.startswith("ARPA")]
    assert shown == ["ARPA in EUR a month, All 300 -"]


def test_of_many_segments_those_that_pay_most_are_shown(tmp_path: Path) -> None:
    """A long name of one is cut, so that the line still fits."""
    more = """
        insert into mart_arpa
        select 'FY26-P03', date '2026-03-31', true, 'company', 'segment', n, n || ' of a long name of many words',
            n, 90 * n, 'EUR'
        from range(1, 10) as t (n)
    """
    shown = [line for line in lines(tmp_path, then=more) if line.startswith("ARPA")]
    assert shown == [f"ARPA in EUR a month, {n} of a long name of many {n} -" for n in (9, 8, 7, 6)]


def test_what_is_missing_is_said_and_nothing_fails(tmp_path: Path) -> None:
    """A mart that is held back shows the rows of an older snapshot, which may not even have these columns."""
    found = lines(tmp_path, "mart_usage", held={"mart_delivery": {"rows_of": "20260101T000000Z-0001"}})
    assert found[:2] == ["figures that must agree (* so far) FY26-Q1", "ARPA in EUR a month, Large 1,234"]
    assert found[-2:] == [
        "no work in progress, throughput and cycle time: mart_delivery is held back",
        "no users per customer: mart_usage is not published",
    ]
    (tmp_path / "empty").mkdir()
    nothing = lines(tmp_path / "empty", *TABLES)
    assert len(nothing) == 4
    assert all(line.startswith("no ") for line in nothing)
