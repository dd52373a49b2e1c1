"""A small pack with everything that a pack may hold, of a snapshot that the real publish makes: names that break files,
figures of every kind, each kind of block.

Belongs here: the rows, the pages. Does not: claims about files.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import product
from pathlib import Path

import duckdb
import msgspec

from serving.board import packs
from serving.board.book import Book, Row, audience_of
from serving.board.figures import Form
from serving.board.page import Chart, Notes, Pack, Page, Series, Table, Tile, Tiles, figures
from serving.clocks import Clock
from serving.comments import MartInfo
from serving.failures import Check
from serving.publish import Edition, publish
from serving.published import Snapshot

NOW = datetime(2026, 10, 15, 6, tzinfo=UTC)
PERIODS = {f"FY26-Q{number}": date(2026, 3 * number, 28) for number in (1, 2, 3)}
NAMES = (
    *("=1+1", "@SUM(A1:A9)", "+4", "-5+6", "\tcmd|'/c calc'!A0", '=HYPERLINK("http://127.0.0.1","7")'),
    *(
        "<script>document.title='8'</script>",
        "</script></style><b>9</b>",
        "&lt;10&gt; &amp; {{ 11 }}",
        'O\'Brien & "Co"',
    ),
    *("🚀 Rakete 12", "שלום 13 עולם", "مرحبا ١٤", "\u202eevil 15", "_x0041_16", "N" * 190 + " name no 17"),
)
"""Of products: formulas, markup, emoji, right to left, 200 characters; most with digits that are no figures."""
MONEY, RATIO, COUNT, DAYS = (
    Form(6, 1, "$", "M"),
    Form(-2, 1, suffix="%", is_signed=True),
    Form(),
    Form(decimals=1, suffix=" days"),
)
BOARD = {
    **dict.fromkeys(("metric_id", "metric_version", "metric_name", "unit", "slice_type", "slice_value"), "varchar"),
    **dict.fromkeys(("slice_name", "product_level", "portfolio_id", "period_type", "period_id"), "varchar"),
    **dict.fromkeys(("value_reason", "status", "currency"), "varchar"),
    **dict.fromkeys(
        ("value", "numerator", "denominator", "prior_value", "change_value", "year_ago_value"), "decimal(38, 9)"
    ),
    **dict.fromkeys(("yoy_change_value", "plan_value", "plan_variance_value"), "decimal(38, 9)"),
    **dict.fromkeys(("yoy_ratio", "change_ratio", "plan_variance_ratio", "coverage_ratio"), "double"),
    **{"period_end_date": "date", "is_complete": "boolean"},
}
METRICS = {"arr": ("money", 1), "nrr": ("ratio", 0), "paying_customers": ("count", 2), "cycle_time": ("days", 3)}
"""Unit and what makes the values of one differ from those of the others."""


def snapshot(folder: Path) -> Snapshot:
    """Published in a home."""
    warehouse = folder / "warehouse.duckdb"
    with duckdb.connect(str(warehouse)) as built:
        built.execute("create schema marts")
        built.execute(
            "create table marts.dim_product (product_id varchar, product_name varchar, portfolio_id varchar, "
            "product_level varchar)"
        )
        listed = [(f"p{place}", name, "all", "product") for place, name in enumerate(NAMES)]
        built.executemany("insert into marts.dim_product values (?, ?, ?, ?)", listed)
        built.execute(
            "create table marts.dim_fiscal_period as select * from (values ('FY26-P09', 'FY26-Q3', date '2026-09-01', "
            "date '2026-09-28')) as t(fiscal_period, fiscal_quarter, first_date, last_date)"
        )
        columns = ", ".join(f"{name} {kind}" for name, kind in BOARD.items())
        built.execute(f"create table marts.mart_board_metric ({columns})")
        names = ", ".join(next(iter(rows := list(_rows()))))
        built.executemany(
            f"insert into marts.mart_board_metric ({names}) values ({', '.join('?' * len(rows[0]))})",
            [list(row.values()) for row in rows],
        )
    keys = {
        "mart_board_metric": ("metric_id", "slice_type", "slice_value", "period_type", "period_id"),
        "dim_product": ("product_id",),
        "dim_fiscal_period": ("fiscal_period",),
    }
    clock = Clock(datetime(2026, 10, 14), datetime(2026, 10, 15), None, date(2026, 9, 28), "FY26-P09")
    marts = {mart: MartInfo(key, sources=("stripe",)) for mart, key in keys.items()}
    checked = [Check("unique", "marts/mart_board_metric", True)]
    loads = {"base_stripe__invoices": {"loads": 3, "newest": "1796044213.6"}}
    return publish(
        folder, warehouse, Edition(NOW, "0.1.0+abc", checked, loads, marts, "sandbox-9", True, {"stripe": clock})
    )


def _rows() -> Iterator[dict[str, object]]:
    """Of each metric, slice and quarter; of the last product no count is shown."""
    slices = [("all", "ALL", "All"), *(("product", f"p{place}", name) for place, name in enumerate(NAMES))]
    for (metric, (unit, kind)), (number, (slice_type, slice_value, name)), (quarter, (period, end)) in product(
        METRICS.items(), enumerate(slices), enumerate(PERIODS.items())
    ):
        seed = Decimal(1_234_567 + 987_654 * number + 45_678 * quarter)
        value = (seed / 1_700_000, seed * Decimal("8.7654"), seed // 1000, seed / 10_000)[kind]
        is_shown = not (kind == 2 and slice_value == f"p{len(NAMES) - 1}")
        yield {
            "metric_id": metric,
            "metric_version": "1.0.0",
            "metric_name": metric.replace("_", " "),
            "unit": unit,
            "slice_type": slice_type,
            "slice_value": slice_value,
            "slice_name": name,
            "product_level": "product" if slice_type == "product" else None,
            "portfolio_id": "all",
            "period_type": "fiscal_quarter",
            "period_id": period,
            "period_end_date": end,
            "is_complete": True,
            "value": value if is_shown else None,
            "value_reason": None if is_shown else "too_few",
            "yoy_ratio": 0.1 + number / 7,
            "status": "final" if is_shown else "suppressed",
            "currency": "USD" if unit == "money" else None,
        }


def pack(made: Snapshot) -> Pack:
    """Of the company, for FY26-Q3."""
    with Book(made, audience_of(made, "company"), "FY26-Q3") as book:
        made_of = (_summary(book), _products(book), _bridge(book), *_history(book))
        pages = tuple(_dated(book, page) for page in made_of)
        shown = [figure for page in pages for _, figure in figures(page)]
        return msgspec.structs.replace(packs.make(made, "company", "FY26-Q3"), pages=pages, as_of=book.as_of(shown))


def _dated(book: Book, page: Page) -> Page:
    shown = [figure for _, figure in figures(page)]
    return Page(page.id, page.topic, page.headline, page.blocks, book.as_of(shown), book.marks(shown))


def _row(book: Book, metric: str, *of: str) -> Row:
    row = book.metric(metric, *of)
    assert row is not None
    return row


def _summary(book: Book) -> Page:
    arr, nrr, cycle = (_row(book, metric) for metric in ("arr", "nrr", "cycle_time"))
    figure = arr.figure("value", MONEY, "ARR")
    tiles = (
        Tile("ARR", figure, (("growth", arr.figure("yoy_ratio", RATIO, "growth", unit="ratio")),)),
        Tile("NRR", nrr.figure("value", RATIO, "NRR")),
        Tile("Cycle time", cycle.figure("value", DAYS, "cycle time")),
    )
    headline = ("ARR of FY26-Q3: ", figure, "; growth ", arr.figure("yoy_ratio", RATIO, "growth", unit="ratio"))
    return Page("summary", "Summary", headline, (Tiles(tiles),))


def _products(book: Book) -> Page:
    ids = [f"p{place}" for place in range(len(NAMES))]
    arr = [_row(book, "arr", "product", one) for one in ids]
    customers = [_row(book, "paying_customers", "product", one) for one in ids]
    bars = Series("ARR", "actual", (*(row.figure("value", MONEY, "ARR") for row in arr[:-1]), None))
    table = tuple(
        (row["slice_name"], row.figure("value", MONEY, "ARR"), other.figure("value", COUNT, "customers"))
        for row, other in zip(arr, customers, strict=True)
    )
    headline = (NAMES[0], " has ", arr[0].figure("value", MONEY, "ARR"), " of ARR, and ", NAMES[11], " the rest")
    blocks = (
        Chart("bars", "ARR by product", NAMES, (bars,), "ARR by product as bars"),
        Table("Products", ("Product", "ARR", "Customers"), table, "ARR and customers by product", strong=(2,)),
    )
    return Page("products", NAMES[7], headline, blocks)


def _bridge(book: Book) -> Page:
    rows = [_row(book, "arr", "product", f"p{place}") for place in range(4)]
    shown = tuple(row.figure("value", MONEY, "ARR") for row in rows)
    colours = ("movement:start", "movement:new", "movement:churned", "movement:end")
    series = Series("ARR", "actual", shown, colours)
    chart = Chart("waterfall", "How it moved", ("Before", "New", NAMES[4], "After"), (series,), "ARR, step by step")
    return Page("bridge", NAMES[7], ("From ", shown[0], " to ", shown[-1]), (chart,))


def _history(book: Book) -> Iterator[Page]:
    def of(metric: str, form: Form, slice_value: str) -> tuple[object, ...]:
        kind = "all" if slice_value == "ALL" else "product"
        return tuple(row.figure("value", form, metric) for row in book.history(metric, kind, slice_value, 3))

    lines = tuple(Series(NAMES[place], f"product:{place}", of("nrr", RATIO, f"p{place}")) for place in (6, 10, 11))
    stacks = tuple(Series(NAMES[place], f"product:{place}", of("arr", MONEY, f"p{place}")) for place in (2, 15))
    counts = Series("Customers", "actual", of("paying_customers", COUNT, "ALL"))
    notes = Notes(
        (("Customers of ", NAMES[15], " are ", of("paying_customers", COUNT, "p15")[-1]), ("No number here",))
    )
    headline = ("Customers: ", counts.figures[-1])
    for chart, beside in (
        (Chart("line", "NRR", tuple(PERIODS), lines, "NRR by quarter"), (notes,)),
        (Chart("stacked", "ARR", tuple(PERIODS), stacks, "ARR by quarter"), ()),
        (Chart("columns", "Customers", tuple(PERIODS), (counts,), "Customers by quarter"), ()),
    ):
        yield Page(f"history-{chart.kind}", "Over time", headline, (chart, *beside))
