"""Figures of any company that must agree with each other, by quarter, printed after a run.

Work in progress is throughput times cycle time (Little's law); large segments pay more than small ones; more people use
the products than there are customers; nearly every key is mapped. Who sees one of these fail doubts all the rest.
Belongs here: these questions and their lines. Does not: other tables on the screen (show.py).
"""

from __future__ import annotations

from collections.abc import Iterator

import duckdb

from serving.published import Snapshot

QUARTERS, SEGMENTS = 5, 4
LABEL, COLUMN = 46, 10  # of a line that is read at 100 columns
PERIODS = "dim_fiscal_period"

# Weeks without any row are weeks in which nothing was done.
WORK = """
    with known as (
        select
            week_start_date, sum(throughput_split) as done, sum(wip_split) as wip, sum(cycle_hours_split) as hours
        from mart_delivery where is_complete group by week_start_date
    ),
    weeks as (
        select unnest(generate_series(min(week_start_date), max(week_start_date), interval 7 days)) as week from known
    )
    select
        fiscal_quarter, coalesce(sum(wip), 0) / count(*), coalesce(sum(done), 0) / count(*),
        sum(hours) / nullif(sum(done), 0) / 168, sum(wip) * 168 / nullif(sum(hours), 0)
    from weeks
    inner join dim_fiscal_period on week + interval 6 days between first_date and last_date
    left join known on week = week_start_date
    group by fiscal_quarter
"""
# At the end of a quarter, or of its newest period that is over.
ARPA = """
    select
        fiscal_quarter, slice_type = 'segment', slice_name, any_value(currency), arg_max(arpa, period_end_date),
        arg_max(paying_mrr, period_end_date)
    from mart_arpa inner join dim_fiscal_period using (fiscal_period)
    where product_level = 'company' and slice_type in ('all', 'segment') and slice_value <> 'UNMAPPED' and is_complete
    group by fiscal_quarter, slice_type, slice_name having arg_max(arpa, period_end_date) is not null
    order by fiscal_quarter
"""
USERS = """
    with days as (
        select
            activity_date,
            sum(case when slice_type = 'all' then mau_28d when slice_value = 'UNMAPPED' then -mau_28d end) as users,
            sum(case when slice_type = 'all' then customers_28d end) as customers
        from mart_usage
        where product_level = 'company' and slice_type in ('all', 'segment') and is_complete
        group by activity_date
    )
    select fiscal_quarter, arg_max(users, activity_date) / nullif(arg_max(customers, activity_date), 0)
    from days inner join dim_fiscal_period on activity_date between first_date and last_date
    group by fiscal_quarter
"""
RUNNING = "select fiscal_quarter from dim_fiscal_period where cast(? as date) between first_date and last_date"
COVERED = """
    select source, metric_id, ratio from mart_data_health
    where ratio is not null and metric_id = any(?) order by source, list_position(?, metric_id)
"""
MAPPED_TO = {
    "mapping_coverage": "products",
    "account_coverage": "customers",
    "team_coverage": "teams",
    "worker_coverage": "workers",
    "ledger_coverage": "statements",
    "issue_type_coverage": "kinds of work",
    "resolution_coverage": "outcomes",
}
OF_MARTS = {
    "mart_delivery": "work in progress, throughput and cycle time",
    "mart_arpa": "ARPA by segment",
    "mart_usage": "users per customer",
    "mart_data_health": "coverage of mappings",
}
Figures = dict[str, dict[str, str]]  # of a line its figures by quarter


def lines(served: Snapshot) -> list[str]:
    """A table by quarter and the coverage of each mapping; what is not there, or older than the rest, is named."""
    there = {*served.moved}
    found: Figures = {}
    mapped: list[str] = []
    with served.connect() as marts:
        if there >= {"mart_delivery", PERIODS}:
            found |= _work(marts)
        if there >= {"mart_arpa", PERIODS}:
            found |= _arpa(marts)
        if there >= {"mart_usage", PERIODS}:
            found["active users per customer, 28 days"] = {
                quarter: f"{users:.1f}" for quarter, users in marts.execute(USERS).fetchall() if users is not None
            }
        if "mart_data_health" in there:
            mapped = list(_mapped(marts))
        running = marts.execute(RUNNING, [served.manifest["published_at"]]).fetchall() if PERIODS in there else []
    quarters = sorted({quarter for figures in found.values() for quarter in figures})[-QUARTERS:]
    shown = []
    if quarters:
        titles = {quarter: f"{quarter}*" if (quarter,) in running else quarter for quarter in quarters}
        shown = [_line("figures that must agree (* so far)", titles, quarters)]
        shown += [_line(name, found[name], quarters) for name in found]
    return [*shown, *mapped, *_missing(served)]


def _line(name: str, figures: dict[str, str], quarters: list[str]) -> str:
    return f"{name[:LABEL]:{LABEL}}" + "".join(f"{figures.get(quarter, '-'):>{COLUMN}}" for quarter in quarters)


def _work(marts: duckdb.DuckDBPyConnection) -> Figures:
    names = ("work in progress, issues", "done a week, issues", "cycle time, mean in weeks")
    found: Figures = {name: {} for name in (*names, "in progress / (done x cycle time), 1 agrees")}
    for quarter, *values in marts.execute(WORK).fetchall():
        for figures, value, decimals in zip(found.values(), values, (1, 1, 1, 2), strict=True):
            if value is not None:
                figures[quarter] = f"{value:.{decimals}f}"
    return found


def _arpa(marts: duckdb.DuckDBPyConnection) -> Figures:
    """Of the segments that pay most together, those with the highest ARPA first; of all where there are none."""
    found: Figures = {}
    newest: dict[str, tuple[bool, float, float]] = {}
    for quarter, is_segment, name, currency, arpa, mrr in marts.execute(ARPA).fetchall():
        line = f"ARPA in {currency} a month, {name}"
        found.setdefault(line, {})[quarter] = f"{arpa:,.0f}"
        newest[line] = (is_segment, float(mrr), arpa)
    chosen = sorted(newest, key=lambda line: newest[line][:2], reverse=True)[:SEGMENTS]
    chosen = [line for line in chosen if newest[line][0]] or chosen
    return {line: found[line] for line in sorted(chosen, key=lambda line: -newest[line][2])}


def _mapped(marts: duckdb.DuckDBPyConnection) -> Iterator[str]:
    found: dict[str, list[str]] = {}
    for source, metric, ratio in marts.execute(COVERED, [list(MAPPED_TO)] * 2).fetchall():
        found.setdefault(source, []).append(f"{MAPPED_TO[metric]} {ratio:.1%}")
    for source, shares in found.items():
        yield f"mapped of {source}, to {', '.join(shares)}"


def _missing(served: Snapshot) -> Iterator[str]:
    for mart, figures in OF_MARTS.items():
        if mart in served.held:
            yield f"no {figures}: {mart} is held back"
        elif mart not in served.manifest["marts"]:
            yield f"no {figures}: {mart} is not published"
