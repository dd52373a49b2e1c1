"""What the command line prints.

Belongs here: words, tables, progress; plain where the output is no terminal. Does not: deciding anything.
"""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from cli import agreement
from orchestration.deployment import Deployment
from orchestration.steps import Outcome
from quality.proof import page
from serving.published import Snapshot, current, status

WORDS = {"land": "landing", "build": "building", "published": "publishing"}


def out() -> Console:
    """Bound to the stream of this moment: while dbt runs, what it says goes elsewhere."""
    return Console(file=sys.stdout, highlight=False, soft_wrap=True)


def err() -> Console:
    return Console(file=sys.stderr, highlight=False, soft_wrap=True)


@contextmanager
def progress(company: Deployment) -> Iterator[Callable[[str, str], None]]:
    """A line that follows what steps say; one line per step where there is no terminal."""
    screen = out()
    screen.print(f"{company.described} in {company.home}")
    reported: set[str] = set()
    with screen.status("starting") as line:

        def report(step: str, text: str) -> None:
            words = f"{WORDS.get(step.split('_')[0], 'checking')} ({step})"
            line.update(f"{words}: {text}")
            if not screen.is_terminal and step not in reported:
                reported.add(step)
                screen.print(words)

        yield report


def note(text: str) -> None:
    """Something that a person should know and need not mend."""
    err().print(f"note: {text}", markup=False)


def whose(company: Deployment) -> None:
    """Says so where what follows is of a made-up company, beside output that may go to a file."""
    if company.seed is not None:
        note(f"figures of {company.described}")


def outcome(company: Deployment, done: Outcome) -> None:
    """What a run did and where to look."""
    if done.landed:
        out().print(_landed(done))
    for text in done.notes:
        note(text)
    if done.built:
        out().print(f"models built: {done.built}")
    if done.checks_passed or done.checks_failed:
        out().print(f"tests and proofs: {done.checks_passed} passed, {len(done.checks_failed)} red")
    for name in done.checks_failed:
        err().print(f"red: {name}", markup=False)
    for text in done.errors:
        err().print(f"error: {text}", markup=False)
    served = current(company.home)
    if done.snapshot and served:
        headline(served)
        for text in agreement.lines(served):
            out().print(text, markup=False)
        where = served.folder.parent.parent / "current"
        out().print(f"published of {company.described}: {where} ({served.snapshot_id})")
        for mart, held in served.held.items():
            rows = f"shows the rows of {held['rows_of']}" if held["rows_of"] else "is not there yet"
            err().print(f"held back: {mart} {rows}", markup=False)
        out().print(f"the Dagster UI: make ui{'' if company.seed in (None, 1) else f' SEED={company.seed}'}")
    elif served and not done.exit_code and status(company.home).is_stale:
        out().print(f"served: {served.snapshot_id}, stale: {status(company.home).reason}", markup=False)
    if done.exit_code:
        served_now = f"still served: {served.snapshot_id}, marked stale" if served else "nothing is published yet"
        state = "all that does not need what failed is published" if done.snapshot else served_now
        err().print(
            f"{done.job} failed after {done.seconds:.0f} s; {state}; more in {company.home / 'logs'} and `make ui`"
        )
        return
    if done.nothing_new:
        steps = "built, checked and published" if done.job == "main" else "built and checked"
        out().print(f"nothing new: {steps} as of {done.nothing_new}")
    out().print(f"{done.job} done in {done.seconds:.0f} s")


def proven(warehouse: Path) -> None:
    """What each mart is proven by, over all periods, and why periods are held back."""
    if not warehouse.exists():
        return
    groups, held = page(warehouse)
    columns = ("mart", "of", "control", "periods", "agree", "held back", "with named items")
    table = Table(*columns, title="marts and their controls", title_justify="left")
    for one in groups:
        counts = (one.periods, one.agreeing, one.held_back, one.explained)
        table.add_row(one.mart, one.account_group, one.control_of, *(f"{count:,}" for count in counts))
    out().print(table)
    for text in held:
        out().print(text, markup=False)


def headline(served: Snapshot) -> None:
    """The figures one wants to see first, of the marts that there are."""
    there = served.manifest["marts"].keys()
    with served.connect() as marts:

        def asked(query: str, *needed: str) -> list[tuple[Any, ...]]:
            return marts.execute(query).fetchall() if there >= {*needed} else []

        weeks = asked(
            """
            select week_start_date, sum(throughput_split), sum(wip_split), sum(issues_reopened)
            from mart_delivery group by 1 order by 1 desc limit 4
            """,
            "mart_delivery",
        )
        health = asked(
            """
            select source, metric_id, numerator, denominator, ratio from mart_data_health
            where denominator > 0 and (not starts_with(metric_id, 'quarantine_') or numerator > 0) order by all
            """,
            "mart_data_health",
        )
        usage = asked(
            """
            select product_name, activity_date, dau, wau, mau_28d, mau_month, stickiness_ratio from mart_usage
            where is_complete and slice_type = 'all' and product_level in ('company', 'portfolio', 'product')
            qualify activity_date = max(activity_date) over ()
            order by product_level = 'company' desc, mau_28d desc, product_name
            """,
            "mart_usage",
        )
        revenue = asked(
            """
            select arr.fiscal_period, arr.currency, products.product_name, closing, gained, nrr_ratio, grr_ratio
            from (
                select
                    fiscal_period, any_value(currency) as currency, coalesce(product_id, 'COMPANY') as product_id,
                    sum(closing_arr) as closing, sum(closing_arr) - 12 * sum(opening_mrr) as gained
                from mart_arr where is_complete group by grouping sets ((fiscal_period, product_id), (fiscal_period))
                qualify max(period_end_date) = max(max(period_end_date)) over ()
            ) as arr
            left join dim_product as products on arr.product_id = products.product_id
            left join mart_revenue_retention as retained
                on (arr.fiscal_period, arr.product_id) = (retained.fiscal_period, retained.product_id)
                and retained.slice_type = 'all'
            order by arr.product_id = 'COMPANY' desc, closing desc
            """,
            *("mart_arr", "dim_product", "mart_revenue_retention"),
        )
        profit = asked(
            """
            select
                fiscal_period, any_value(currency), product_name, sum(recognised_revenue), sum(gross_profit),
                sum(contribution), sum(operating_profit), bool_and(is_closed)
            from mart_product_pnl where is_complete and not is_rollup
            group by grouping sets ((fiscal_period, product_id, product_name), (fiscal_period))
            qualify max(period_end_date) = max(max(period_end_date)) over ()
            order by grouping(product_id) desc, 4 desc, product_name
            """,
            "mart_product_pnl",
        )
    if weeks:
        table = Table("week of", "done", "in progress", "reopened", title="delivery, last weeks", title_justify="left")
        for week, done, wip, reopened in weeks:
            table.add_row(str(week), f"{done:.1f}", f"{wip:.1f}", f"{reopened:.0f}")
        out().print(table)
    if usage:
        columns = ("users of", "day", "7 days", "28 days", "month", "stickiness")
        table = Table(*columns, title=f"usage up to {usage[0][1]}", title_justify="left")
        for name, _, *counts, stickiness in usage:
            table.add_row(name, *(f"{count:,}" for count in counts), "-" if stickiness is None else f"{stickiness:.1%}")
        out().print(table)
    if revenue:
        period, currency, *_ = revenue[0]
        title = f"recurring revenue at the end of {period}"
        table = Table("revenue of", f"ARR in {currency}", "change", "NRR", "GRR", title=title, title_justify="left")
        for _, _, name, closing, gained, *ratios in revenue:
            change = "-" if gained is None else f"{gained:+,.0f}"
            shares = ("-" if ratio is None else f"{ratio:.1%}" for ratio in ratios)
            table.add_row(name, f"{closing:,.0f}", change, *shares)
        out().print(table)
    if profit:
        period, currency, *_, is_closed = profit[0]
        title = f"profit and loss of {period}{'' if is_closed else ', an estimate until the books are closed'}"
        columns = (f"in {currency}, of", "revenue", "gross profit", "margin", "contribution", "operating profit")
        table = Table(*columns, title=title, title_justify="left")
        for _, _, name, sold, gross, *results, _ in profit:
            margin = f"{gross / sold:.1%}" if sold > 0 else "-"
            amounts = ("-" if amount is None else f"{amount:,.0f}" for amount in results)
            table.add_row(name or "all products", f"{sold:,.0f}", f"{gross:,.0f}", margin, *amounts)
        out().print(table)
    table = Table("source", "figure", "share", "of", title="health of the data", title_justify="left")
    for source, metric, numerator, denominator, ratio in health:
        share = "-" if ratio is None else f"{ratio:.1%}"
        table.add_row(source, metric, f"{numerator} = {share}", str(denominator))
    out().print(table)


def _landed(done: Outcome) -> Table:
    table = Table("stream", "seen", "new or changed", "deleted", title="landed", title_justify="left")
    # of a source that is off or has nothing no stream is listed
    sources = {stream.partition("/")[0] for stream, counts in done.landed.items() if any(counts.values())}
    for stream, counts in sorted(done.landed.items()):
        if stream.partition("/")[0] not in sources:
            continue
        table.add_row(stream, *(f"{counts[name]:,}" for name in ("seen", "landed", "deleted")))
    return table
