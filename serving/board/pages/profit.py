"""Profit: what each product earns and costs, and what was planned.

Belongs here: the profit and loss by product, the comparison with the budget. Does not: people (staffing.py).
"""

from collections.abc import Iterator, Sequence

import msgspec

from serving.board.book import Absent, Book, Row
from serving.board.figures import Form, form_for
from serving.board.page import Cell, Chart, Page, Part, Table
from serving.board.pages.parts import SIGNED, cell, cut, grid, name, page, products, scale_of, series

LINES = (
    ("recognised_revenue", "Revenue"),
    ("gross_profit", "Gross profit"),
    ("gross_margin", "Gross margin"),
    ("research_and_development_net", "R&D, net"),
    ("sales_and_marketing", "S&M"),
    ("general_and_administrative", "G&A"),
    ("contribution", "Contribution"),
    ("operating_profit", "Operating profit"),
)
PLANNED = (
    ("recognised_revenue", "Revenue"),
    ("cost_of_revenue", "Cost of revenue"),
    ("research_and_development", "R&D"),
    ("sales_and_marketing", "S&M"),
    ("general_and_administrative", "G&A"),
    ("operating_profit", "Operating profit"),
)


METRICS = [metric for metric, _ in LINES]
PERIODS = 8


def by_product(book: Book) -> Iterator[Page]:
    """Of a product its course, of all others their products."""
    whole = book.metric("recognised_revenue")
    if whole is None:
        raise Absent("the books have nothing of this period")
    if book.audience.is_product:
        rows = book.history("recognised_revenue", whole["slice_type"], whole["slice_value"], PERIODS)
        lines = [row["period_id"] for row in rows]
        yield page(book, "profit", "Profit and loss", _headline(book), [_lines(book, rows, lines, book.word.title())])
        return
    revenue = products(book, "recognised_revenue")
    known = {row["slice_value"] for row in revenue}
    rows = revenue + [row for row in products(book, "operating_profit") if row["slice_value"] not in known]
    for ending, number, some in cut(rows):
        lines = [*(name(row["slice_name"]) for row in some), name(book.audience.name)]
        table = _lines(book, [*some, whole], lines, "Product", strong=(len(some),))
        yield page(book, f"profit{ending}", f"Profit and loss by product{number}", _headline(book), [table])


def _lines(book: Book, rows: Sequence[Row], lines: Sequence[str], of: str, strong: tuple[int, ...] = ()) -> Table:
    found = grid(book, rows, METRICS)
    return Table(
        f"{book.period}, {scale_of(found, book.currency)}, people at standard rates",
        (of, *(head for _, head in LINES)),
        tuple((line, *map(cell, row)) for line, row in zip(lines, found, strict=True)),
        f"Profit and loss, one row a {of.lower()}.",
        strong=strong,
    )


def _headline(book: Book) -> list[Part]:
    text: list[Part] = [book.period]
    for metric, words in (
        ("recognised_revenue", "revenue"),
        ("contribution", "contribution"),
        ("operating_profit", "operating profit"),
    ):
        row = book.metric(metric)
        if row is not None:
            form = form_for("money", [row.value("value")], book.currency)
            text += [": " if len(text) == 1 else ", ", f"{words} ", row.figure("value", form, words)]
    return text


def budget(book: Book) -> Iterator[Page]:
    rows = [(words, book.metric(metric)) for metric, words in PLANNED]
    planned = [(words, row) for words, row in rows if row is not None and row["plan_value"] is not None]
    if not planned:
        raise Absent("nothing was planned for this period")
    form = form_for("money", [row.value("value") for _, row in planned], is_fine=True)
    words = tuple(words for words, _ in planned)
    chart = Chart(
        "columns",
        f"Actual and plan of {book.period}, {book.currency}",
        words,
        (
            series("Actual", "actual", [row for _, row in planned], "value", form),
            series("Plan", "plan", [row for _, row in planned], "plan_value", form),
        ),
        "Columns of actual and planned amounts by line of the profit and loss.",
    )
    first = planned[0][1]
    money = form_for("money", [first.value("value")], book.currency)
    headline: list[Part] = [
        f"{words[0]} of {book.period}: ",
        first.figure("value", money, "actual"),
        " against a plan of ",
        first.figure("plan_value", money, "plan"),
    ]
    table = Table(
        f"{book.period}, {scale_of([[first.figure('value', form, '')]], book.currency)}",
        ("", "Actual", "Plan", "Variance", "of plan"),
        tuple((words, *_against(row, form)) for words, row in planned),
        "Actual, plan and variance by line of the profit and loss.",
    )
    yield page(book, "budget", "Budget", headline, [chart, table])


def _against(row: Row, form: Form) -> Iterator[Cell]:
    signed = msgspec.structs.replace(form, is_signed=True)
    yield row.figure("value", form, row["metric_name"])
    yield row.figure("plan_value", form, f"{row['metric_name']}, plan")
    yield row.figure("plan_variance_value", signed, f"{row['metric_name']}, variance")
    yield row.figure("plan_variance_ratio", SIGNED, f"{row['metric_name']}, variance of plan", unit="ratio")
