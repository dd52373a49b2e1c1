"""Profit: what each product earns and costs, and what was planned.

Belongs here: the profit and loss by product, the comparison with the budget. Does not: people (staffing.py).
"""

from collections.abc import Iterator

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


def by_product(book: Book) -> Iterator[Page]:
    revenue = products(book, "recognised_revenue")
    whole = book.metric("recognised_revenue")
    if whole is None and not revenue:
        raise Absent("the books have nothing of this period")
    known = {row["slice_value"] for row in revenue}
    rows = revenue + [row for row in products(book, "operating_profit") if row["slice_value"] not in known]
    for ending, number, some in cut(rows):
        listed = [row for row in some if row["value"] is not None]
        lines = [[name(row["slice_name"])] for row in listed]
        has_whole = not book.audience.is_product and whole is not None
        if has_whole and whole:
            lines.append([name(book.audience.name)])
        found = grid(book, [*listed, *([whole] if has_whole and whole else [])], [metric for metric, _ in LINES])
        table = Table(
            f"{book.period}, {scale_of(found, book.currency)}, people at standard rates",
            ("Product", *(head for _, head in LINES)),
            tuple((*words, *map(cell, line)) for words, line in zip(lines, found, strict=True)),
            "Profit and loss by product, one row a product and one for all.",
            strong=(len(lines) - 1,) if len(lines) > len(listed) else (),
        )
        yield page(book, f"profit{ending}", f"Profit and loss by product{number}", _headline(book), [table])


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
