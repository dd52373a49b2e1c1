"""The figures that one wants to see first, one table a subject, printed after a run.

Belongs here: these tables, of the marts that there are. Does not: figures that must agree with each other
(agreement.py), all else on the screen (show.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.table import Table

from ingestion.clock import now
from serving.published import Snapshot

Rows = list[tuple[Any, ...]]
NOBODYS = "('UNALLOCATED', 'UNMAPPED')"  # listed last
SHARED = " *"

WEEKS = """
    select week_start_date, sum(throughput_split), sum(wip_split), sum(issues_reopened)
    from mart_delivery group by 1 order by 1 desc limit 4
"""
USERS = """
    select activity_date, product_name, dau, wau, mau_28d, mau_month, stickiness_ratio from mart_usage
    where is_complete and slice_type = 'all' and product_level in ('company', 'portfolio', 'product')
    qualify activity_date = max(activity_date) over ()
    order by product_level = 'company' desc, mau_28d desc, product_name
"""
REVENUE = """
    select
        arr.fiscal_period, arr.period_end_date, arr.currency, products.product_name, closing, gained,
        nrr_ratio, grr_ratio
    from (
        select
            fiscal_period, max(period_end_date) as period_end_date, any_value(currency) as currency,
            coalesce(product_id, 'COMPANY') as product_id,
            sum(closing_arr) as closing, sum(closing_arr) - 12 * sum(opening_mrr) as gained
        from mart_arr where is_complete group by grouping sets ((fiscal_period, product_id), (fiscal_period))
        qualify max(period_end_date) = max(max(period_end_date)) over ()
    ) as arr
    left join dim_product as products on arr.product_id = products.product_id
    left join mart_revenue_retention as retained
        on (arr.fiscal_period, arr.product_id) = (retained.fiscal_period, retained.product_id)
        and retained.slice_type = 'all'
    order by arr.product_id = 'COMPANY' desc, closing desc
"""
PROFIT = f"""
    with shared as (
        select fiscal_period, product_id from mart_product_cost
        where stage = 'shared' and not is_rollup group by all having sum(cost) < 0
    )
    select
        fiscal_period, max(period_end_date), any_value(currency), bool_and(is_closed), any_value(remainder),
        case
            when grouping(product_id) = 1 then 'Company'
            when (fiscal_period, product_id) in (from shared) then product_name || '{SHARED}'
            else product_name
        end, sum(recognised_revenue), sum(gross_profit),
        case when coalesce(product_id, '') not in {NOBODYS} and sum(recognised_revenue) > 0
            then sum(gross_profit) / sum(recognised_revenue) end, sum(contribution),
        sum(research_and_development_direct + research_and_development_shared), sum(sales_and_marketing),
        sum(general_and_administrative), sum(operating_profit)
    from mart_product_pnl where is_complete and not is_rollup
    group by grouping sets ((fiscal_period, product_id, product_name), (fiscal_period))
    qualify max(period_end_date) = max(max(period_end_date)) over ()
    order by grouping(product_id) desc, product_id in {NOBODYS}, 7 desc, product_name
"""
RANGE = f"""
    select
        fiscal_period, period_end_date, currency, product_name, cost, cost_low, cost_high, low_rule, high_rule
    from mart_product_cost_range where is_complete and not is_rollup
    qualify period_end_date = max(period_end_date) over ()
    order by product_id in {NOBODYS}, cost desc, product_name
"""
STAFFING = f"""
    select
        fiscal_period, period_end_date, currency, product_name,
        fte, product_management_fte, engineering_fte, design_fte,
        engineering_per_product_manager_ratio, design_per_product_manager_ratio, revenue_per_fte,
        revenue_growth_ratio, cost_growth_ratio, cost_growth_ratio_suppressed_reason
    from mart_product_staffing where is_complete and (is_rollup or fte > 0)
    qualify period_end_date = max(period_end_date) over ()
    order by is_rollup desc, product_id in {NOBODYS}, fte desc, product_name
"""
GOALS = """
    select
        max(as_of_date) over (), goal_type, goal_name, owner, score, expected_progress, p_hit, p10, p90, label,
        case when label_reason in ('pace', 'forecast', 'reached') then '' else label_reason end
    from mart_okr
    where is_latest and not is_complete and (goal_type = 'objective' or label = 'off_track')
    order by cycle_id, objective_id, goal_type desc, goal_id
"""
HEALTH = """
    select source, metric_id, numerator, denominator, ratio from mart_data_health
    where denominator > 0 and (not starts_with(metric_id, 'quarantine_') or numerator > 0) order by all
"""
AS_OF = """
    select as_of, as_of_source, min(expected_by), arg_min(expected_source, expected_by), max(closed_fiscal_period),
        count(*), string_agg(replace(table_name, 'mart_', ''), ', ' order by table_name)
    from snapshot where starts_with(table_name, 'mart_') and as_of is not null group by 1, 2 order by 1, 2
"""


def tables(served: Snapshot) -> Iterator[Table]:
    there = served.manifest["marts"].keys()
    with served.connect() as marts:
        for make, query, *needed in (
            (delivery, WEEKS, "mart_delivery"),
            (users, USERS, "mart_usage"),
            (revenue, REVENUE, "mart_arr", "dim_product", "mart_revenue_retention"),
            (profit, PROFIT, "mart_product_pnl", "mart_product_cost"),
            (cost_range, RANGE, "mart_product_cost_range"),
            (staffing, STAFFING, "mart_product_staffing"),
            (goals, GOALS, "mart_okr"),
            (health, HEALTH, "mart_data_health"),
        ):
            if there >= {*needed} and (rows := marts.execute(query).fetchall()):
                yield make(rows)
        if served.oldest("as_of"):  # a snapshot of an older version says nothing of it
            yield as_of(marts.execute(AS_OF).fetchall())


def as_of(rows: Rows) -> Table:
    """Marts by the source whose newest data is the oldest of all that they are made from."""
    columns = ("as of", "oldest source", "newer data by", "marts")
    table = _table("as of when figures are, UTC: the newest data of the oldest source behind each", *columns, words=4)
    today = now().replace(tzinfo=None)
    for at, source, due, first, _, number, names in rows:
        late = f", {first} is late" if due and due < today else ""
        table.add_row(f"{at:%Y-%m-%d %H:%M}", source, f"{due:%Y-%m-%d}{late}" if due else "-", f"{number}: {names}")
    if closed := next((row[4] for row in rows if row[4]), None):
        table.caption = f"books are closed through {closed}"
    return table


def delivery(rows: Rows) -> Table:
    table = _table("delivery, last weeks", "week of", "done", "in progress", "reopened")
    for week, done, wip, reopened in rows:
        table.add_row(str(week), f"{done:.1f}", f"{wip:.1f}", f"{reopened:.0f}")
    return table


def users(rows: Rows) -> Table:
    table = _table(f"usage up to {rows[0][0]}", "users of", "day", "7 days", "28 days", "month", "stickiness")
    for _, name, *counts, stickiness in rows:
        table.add_row(name, *map(_whole, counts), _share(stickiness))
    return table


def revenue(rows: Rows) -> Table:
    period, end, currency, *_ = rows[0]
    columns = ("revenue of", f"ARR in {currency}", "change", "NRR", "GRR")
    table = _table(f"recurring revenue at the end of {period} ({end})", *columns)
    for _, _, _, name, closing, gained, *ratios in rows:
        change = "-" if gained is None else f"{gained:+,.0f}"
        table.add_row(name, _whole(closing), change, *map(_share, ratios))
    return table


def profit(rows: Rows) -> Table:
    period, end, currency, is_closed, remainder, *_ = rows[0]
    state = "" if is_closed else ", an estimate until the books are closed"
    columns = ("revenue", "gross\nprofit", "margin", "contribution", "R&D", "S&M", "G&A", "operating\nprofit")
    table = _table(f"profit and loss of {period} (to {end}){state}", f"{currency}, of", *columns)
    for *_, name, sold, gross, margin, contribution, spent, marketed, general, result in rows:
        results = map(_whole, (contribution, spent, marketed, general, result))
        table.add_row(name, _whole(sold), _whole(gross), _share(margin), *results)
    notes = ["people at standard rates"]
    if any(row[5].endswith(SHARED) for row in rows):
        notes.append(f"{SHARED.strip()} its cost is passed on to the products that use it")
    if remainder == "withheld":
        notes.append("no G&A and operating profit: they would reveal somebody's pay")
    table.caption = "\n".join(notes)
    return table


def cost_range(rows: Rows) -> Table:
    period, end, currency, *_ = rows[0]
    title = f"cost range of {period} (to {end}): other models of effort, other drivers"
    table = _table(title, f"{currency}, of", "cost", "least", "most", "lowered by", "raised by")
    for _, _, _, name, *amounts, down, up in rows:
        table.add_row(name, *map(_whole, amounts), *((rule or "-").replace("_", " ") for rule in (down, up)))
    return table


def staffing(rows: Rows) -> Table:
    period, end, currency, *_ = rows[0]
    title = f"staffing at the end of {period} ({end}); revenue per FTE and growth are of twelve months"
    growth = ("revenue\ngrowth", "cost\ngrowth")
    columns = ("FTE", "PMs", "engineers", "designers", "ratio", f"{currency}\nper FTE", *growth)
    table = _table(title, "people of", *columns)
    for *_, name, fte, managers, engineers, designers, to_engineers, to_designers, each, sold, spent, _ in rows:
        ratio = "-" if None in (to_engineers, to_designers) else f"1:{to_engineers:.1f}:{to_designers:.1f}"
        people = (f"{number:.1f}" for number in (fte, managers, engineers, designers))
        table.add_row(name, *people, ratio, _whole(each), _growth(sold), _growth(spent))
    if why := rows[0][-1]:
        table.caption = f"no growth of the company's cost: {why.replace('_', ' ')} (docs/metrics/people.md)"
    return table


def goals(rows: Rows) -> Table:
    """Objectives whose cycle runs, each with its key results that are off track."""
    columns = ("objective", "owner", "score", "expected", "probability", "10 % to 90 %", "label")
    table = _table(f"goals as of {rows[0][0]}, and key results that are off track", *columns, words=2)
    table.caption = "of an objective: that all key results succeed; the score that it will come to; the label of that"
    for _, kind, name, owner, score, expected, chance, low, high, label, why in rows:
        shown = name if kind == "objective" else f"- {name}"
        span = "-" if low is None else f"{low:.2f} to {high:.2f}"
        word = label.replace("_", " ") + (f" ({why})" if why else "")
        table.add_row(shown, owner, _two(score), _two(expected), _share(chance), span, word)
    return table


def health(rows: Rows) -> Table:
    table = _table("health of the data", "source", "figure", "share", "of", words=2)
    for source, metric, numerator, denominator, ratio in rows:
        table.add_row(source, metric, f"{numerator} = {_share(ratio)}", str(denominator))
    return table


def _table(title: str, *columns: str, words: int = 1) -> Table:
    """Of which the first columns are words and the others figures, which are never cut."""
    table = Table(title=title, title_justify="left", caption_justify="left", box=SIMPLE_HEAD, pad_edge=False)
    for place, column in enumerate(columns):
        is_figure = place >= words
        table.add_column(column, justify="right" if is_figure else "left", no_wrap=is_figure)
    return table


def _whole(number: Any) -> str:
    return "-" if number is None else f"{number:,.0f}"


def _two(number: float | None) -> str:
    return "-" if number is None else f"{number:.2f}"


def _share(ratio: float | None) -> str:
    return "-" if ratio is None else f"{ratio:.1%}"


def _growth(ratio: float | None) -> str:
    return "-" if ratio is None else f"{ratio:+.0%}"
